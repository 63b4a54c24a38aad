internal import ArgumentParser
internal import DistributionClient
internal import RegistryClient

/// Credentials in the order in which they count: a token file that was named, what docker and podman keep, and the
/// token of the registry that `securectl` itself is logged in to.
struct KnownCredentials: RegistryCredentials {
    let environment: [String: String]
    let tokenFile: String?
    let plainHTTP: Bool

    func credential(for registry: RegistryHost) async throws -> RegistryCredential? {
        if let tokenFile { return .bearer(try TokenFile.read(tokenFile)) }
        for file in try DockerConfiguration.all(environment) {
            switch try file.entry(for: registry) {
            case .stored(let credential): return credential
            case .helper(let name, let key):
                if let credential = try await CredentialProgram(name).credential(for: key) { return credential }
            case nil: continue
            }
        }
        let options = try ServerOptions.parse(plainHTTP ? ["--plain-http"] : [])
        // What is wrong with the settings of another registry is of no interest here.
        let server = try ServerTarget.server(options, environment, try LoginRecord.load(environment))
        guard server.authority == registry.description else { return nil }
        return try ServerTarget(options, environment).token.map { .bearer($0) }
    }
}
