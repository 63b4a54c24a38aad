internal import ArgumentParser
internal import RegistryClient
internal import SigningServices

/// Who signs: the holder of a key, or whom a token names.
struct SignerOptions: ParsableArguments {
    @Option(help: "File with the private key, PEM; FILE.pub verifies what it signs.", completion: .file())
    var key: String?

    @OptionGroup var password: PasswordOptions
    @OptionGroup var keyless: KeylessOptions

    func validate() throws {
        guard (key == nil) != keyless.isEmpty else {
            throw ValidationError("Say who signs: either --key, or --identity-token and which services take part.")
        }
    }

    /// Runs `body` with the signer, whose key or token is read before anything is hashed.
    ///
    /// - Parameter roots: who may vouch for the hosts of services besides those whom this machine trusts.
    func withSigner<Value>(
        roots: TrustRoots?, in context: CommandContext, _ body: (ContentSigner) async throws -> Value
    ) async throws -> Value {
        if let key { return try await body(.key(try KeyFile.open(key, password, in: context))) }
        let http = ServiceHTTP(roots: roots)
        do {
            let value = try await body(.keyless(try keyless.signer(over: http, in: context)))
            await http.shutdown()
            return value
        } catch {
            await http.shutdown()
            throw error
        }
    }
}
