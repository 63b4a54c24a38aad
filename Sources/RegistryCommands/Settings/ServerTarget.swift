internal import RegistryClient

/// A registry, who vouches for it, and the token for it, as options, environment and login come to them.
struct ServerTarget: Sendable {
    let server: ServerAddress
    let token: BearerToken?
    /// `nil` for those whom this machine trusts.
    let roots: TrustRoots?
    static let addressDefault = "http://127.0.0.1:8470"
    static let tokenPathDefault = "/run/secure-ai/service-token"

    init(_ options: ServerOptions, _ environment: [String: String]) throws(CommandFailure) {
        let login = try LoginRecord.load(environment)
        server = try Self.server(options, environment, login)
        roots = try Self.roots(options, environment, login, server)
        token = try Self.token(options, environment, login, server)
        guard token == nil || server.scheme == .https || server.isLoopback || options.plainHTTP else {
            throw CommandFailure(
                .configuration, "The token would go to \(server) without TLS, where others can read it.",
                hint: "Use https, or say --plain-http if the network between is yours alone.")
        }
    }

    static func server(
        _ options: ServerOptions, _ environment: [String: String], _ login: LoginRecord?
    ) throws(CommandFailure) -> ServerAddress {
        // Who sets it to nothing, names none.
        let named = environment["REGISTRY_URL"].flatMap { $0.isEmpty ? nil : $0 }
        if let login, options.server == nil, named == nil { return login.server }
        let text = options.server ?? named ?? addressDefault
        return try address(text, from: options.server != nil ? "--server" : "REGISTRY_URL")
    }

    static func address(_ text: String, from origin: String) throws(CommandFailure) -> ServerAddress {
        do {
            return try ServerAddress(parsing: text)
        } catch {
            throw CommandFailure(.configuration, "\(origin) is not an address of a registry: \(error.rawValue).")
        }
    }

    /// A token that was meant for one registry is not sent to another: what `login` stored goes to that registry only,
    /// and the token of this machine's own service stays on this machine.
    private static func token(
        _ options: ServerOptions, _ environment: [String: String], _ login: LoginRecord?, _ server: ServerAddress
    ) throws(CommandFailure) -> BearerToken? {
        if let path = options.tokenFile ?? environment["SERVICE_TOKEN_PATH"], !path.isEmpty {
            return try TokenFile.read(path)
        }
        if let login, login.server == server { return try TokenFile.read(login.tokenPath) }
        return server.isLoopback ? try TokenFile.readIfReadable(tokenPathDefault) : nil
    }

    /// What `login` stored is for that registry only.
    private static func roots(
        _ options: ServerOptions, _ environment: [String: String], _ login: LoginRecord?, _ server: ServerAddress
    ) throws(CommandFailure) -> TrustRoots? {
        let given = options.authorityFile ?? environment["REGISTRY_CA_FILE"]
        let stored = login.flatMap { $0.server == server ? $0.authorityPath : nil }
        guard let path = given ?? stored, !path.isEmpty else { return nil }
        guard server.scheme == .https else {
            // The environment names it for whichever registry is meant.
            guard options.authorityFile == nil else {
                throw CommandFailure(.configuration, "--ca-file is of no use without https: \(server).")
            }
            return nil
        }
        return try TrustRoots(file: path)
    }
}

extension TrustRoots {
    private static let fileBytesMax = 4 << 20

    init(file path: String) throws(CommandFailure) {
        let bytes = try LocalFile(path).readAll(bytesMax: Self.fileBytesMax)
        do throws(Fault) { self = try TrustRoots(pem: bytes) } catch {
            throw CommandFailure(.configuration, "\(path) \(error.rawValue).")
        }
    }
}
