/// A certificate that no client should trust, for servers that are measured under TLS.
struct ServerCertificate {
    let path: String
    let keyPath: String

    init(in workspace: Workspace) throws(BenchFault) {
        path = workspace.path + "/certificate.pem"
        keyPath = workspace.path + "/certificate-key.pem"
        let made = try ChildProcess.run(
            [
                "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc",
                "-subj", "/CN=localhost", "-days", "2", "-keyout", keyPath, "-out", path,
            ], output: .discarded, errors: workspace.path + "/openssl.log")
        guard made.status == 0 else { throw BenchFault("openssl made no certificate") }
    }
}
