internal import ArgumentParser
internal import SignatureKeys
internal import Signing
internal import StrictJSON

struct KeyGenerateCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate", abstract: "Make a key pair: FILE, encrypted under a password, and FILE.pub.",
        discussion: """
            The private key is PKCS #8 under AES-256-CBC and PBKDF2, which openssl reads; only you may read the file. \
            The password comes from --password-file, \(PasswordOptions.variable) or the terminal. It cannot be had \
            back when it is lost.
            """)

    enum Kind: String, CaseIterable, ExpressibleByArgument {
        case p256, ed25519
    }

    @Argument(help: "File for the private key.", completion: .file())
    var path: String

    @Option(help: "p256, which every verifier knows, or ed25519.")
    var type = Kind.p256

    @OptionGroup var password: PasswordOptions
    @OptionGroup var output: OutputOptions

    func execute(in context: CommandContext) async throws -> ExitStatus {
        let privateFile = try NewFile(path, replacing: false)
        let publicFile = try NewFile(path + ".pub", replacing: false)
        let password = try password.newPassword(for: path, in: context)
        let key: SigningKey
        let text: [UInt8]
        do throws(SigningFault) {
            key = try SigningKey(generating: type == .p256 ? .p256 : .ed25519)
            text = try PrivateKeyFile.text(of: key, password: password)
        } catch {
            throw CommandFailure(.software, "No key could be made: \(error).")
        }
        // The private one first: a public key alone would look as if somebody held its other half.
        try privateFile.write(text, permissions: 0o600)
        try publicFile.write(key.verificationKey.pem, permissions: 0o644)
        let keyID = Hexadecimal.encode(key.verificationKey.keyID)
        switch output.format {
        case .json:
            context.console.write(json: [
                "type": .string(type.rawValue), "private_key": .string(path), "public_key": .string(path + ".pub"),
                "key_sha256": .string(keyID),
            ])
        case .table:
            context.console.write(
                FieldList([("Private key", path), ("Public key", path + ".pub"), ("SHA-256", keyID)]).text)
        }
        return .done
    }
}
