import Foundation

/// A certificate authority of a test, made with `openssl`, and what it signs.
public struct TestAuthority: Sendable {
    /// A certificate and its key, as files.
    public struct Identity: Sendable {
        public let certificatePath: String
        public let keyPath: String
    }

    private let folder: String

    /// What clients trust, PEM.
    public var path: String { folder + "/authority.pem" }

    /// - Parameter folder: where the files are made; it is made too.
    public init(in folder: String) async throws {
        self.folder = folder
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try await run(
            "req", "-x509", "-subj", "/CN=Test Authority", "-days", "30", "-keyout", "\(folder)/authority-key.pem",
            "-out", path, "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc")
    }

    /// Signs a certificate for `localhost` and `127.0.0.1`, or for another name.
    ///
    /// - Parameter days: until it expires; −1 for one that expired yesterday.
    public func identity(_ name: String, days: Int = 30, for host: String? = nil) async throws -> Identity {
        let base = "\(folder)/\(name)"
        let names = host.map { "DNS:\($0)" } ?? "DNS:localhost,IP:127.0.0.1"
        try await run(
            "req", "-new", "-subj", "/CN=\(name)", "-keyout", "\(base)-key.pem", "-out", "\(base).csr", "-newkey", "ec",
            "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc")
        try "subjectAltName=\(names)\n".write(toFile: "\(base).ext", atomically: true, encoding: .utf8)
        try await run(
            "x509", "-req", "-in", "\(base).csr", "-CA", path, "-CAkey", "\(folder)/authority-key.pem",
            "-CAcreateserial", "-days", "\(days)", "-extfile", "\(base).ext", "-out", "\(base).pem")
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: "\(base)-key.pem")
        return Identity(certificatePath: "\(base).pem", keyPath: "\(base)-key.pem")
    }

    private func run(_ arguments: String...) async throws {
        let program = try await FinishedProgram.run(
            "/usr/bin/openssl", arguments, environment: RegistryHome.environment, in: folder)
        guard program.status == .exited(0) else { throw FixtureFault("openssl: \(program)") }
    }
}

extension TestAuthority.Identity {
    /// The settings that show it.
    public var settings: [String: String] {
        ["tls_certificate_path": certificatePath, "tls_key_path": keyPath]
    }

    /// Puts another one in its place, each file as a whole.
    public func replace(with other: TestAuthority.Identity) throws {
        for (from, to) in [(other.keyPath, keyPath), (other.certificatePath, certificatePath)] {
            try FileManager.default.copyItem(atPath: from, toPath: to + ".new")
            guard rename(to + ".new", to) == 0 else { throw FixtureFault("\(to) cannot be replaced") }
        }
    }
}
