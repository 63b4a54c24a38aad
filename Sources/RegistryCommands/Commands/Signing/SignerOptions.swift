internal import ArgumentParser

/// Who signs.
struct SignerOptions: ParsableArguments {
    @Option(help: "File with the private key, PEM; FILE.pub verifies what it signs.", completion: .file())
    var key: String?

    @OptionGroup var password: PasswordOptions

    func validate() throws {
        guard key != nil else { throw ValidationError("Say who signs: --key.") }
    }

    /// Opens what is needed, before anything is hashed.
    func signer(in context: CommandContext) throws -> ContentSigner {
        .key(try KeyFile.open(key ?? "", password, in: context))
    }
}
