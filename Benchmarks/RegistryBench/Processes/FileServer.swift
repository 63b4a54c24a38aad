import Glibc

/// The peer of everything that sends files: nginx, as one process without a log.
final class FileServer {
    let port: UInt16
    private let process: ChildProcess

    private static let programs = ["/usr/sbin/nginx", "/usr/bin/nginx"]
    static let isInstalled = programs.contains { path in access(path, X_OK) == 0 }

    /// Serves a folder, under TLS if there is a certificate.
    init(_ folder: String, _ certificate: ServerCertificate? = nil, in workspace: Workspace) throws(BenchFault) {
        port = try LocalPort.free()
        let configuration = workspace.path + "/nginx.conf"
        let tls = certificate.map {
            "ssl_certificate \($0.path); ssl_certificate_key \($0.keyPath);"
        }
        let text = """
            daemon off; master_process off; pid \(workspace.path)/nginx.pid; error_log \(workspace.path)/nginx.log;
            events { worker_connections 256; }
            http {
                access_log off; sendfile on; client_body_temp_path \(workspace.path)/nginx-body;
                proxy_temp_path \(workspace.path)/nginx-proxy; fastcgi_temp_path \(workspace.path)/nginx-fastcgi;
                uwsgi_temp_path \(workspace.path)/nginx-uwsgi; scgi_temp_path \(workspace.path)/nginx-scgi;
                server { listen 127.0.0.1:\(port)\(tls == nil ? "" : " ssl http2"); \(tls ?? "") root \(folder); }
            }
            """
        try SmallFile.write(Array(text.utf8), to: configuration)
        process = try ChildProcess(
            ["nginx", "-c", configuration], output: .discarded, errors: workspace.path + "/nginx.log")
        for _ in 0..<5_000 {
            if (try? HTTPConnection(port: port)) != nil { return }
            usleep(1_000)
        }
        process.send(SIGKILL)
        process.wait()
        throw BenchFault("nginx does not listen: see \(workspace.path)/nginx.log")
    }

    /// It holds nothing that has to be put in order, and inherits a mask of signals under which it hears no other.
    deinit {
        process.send(SIGKILL)
        process.wait()
    }

    var processorSeconds: Double { ProcessStatus.processorSeconds(process.identifier) }
}
