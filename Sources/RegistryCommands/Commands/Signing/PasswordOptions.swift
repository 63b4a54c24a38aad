internal import ArgumentParser

/// Where the password of a private key comes from. Never from an argument, which every process of the machine can read.
struct PasswordOptions: ParsableArguments {
    @Option(
        name: .customLong("password-file"),
        help: ArgumentHelp(
            "File with the password of the key, one line; else \(PasswordOptions.variable), else you are asked.",
            valueName: "file"),
        completion: .file())
    var file: String?

    static let variable = "SECURECTL_KEY_PASSWORD"
    private static let bytesMax = 1_024

    /// The password of a key that exists.
    func password(for name: String, in context: CommandContext) throws(CommandFailure) -> [UInt8] {
        if let known = try known(context) { return known }
        return try ask("Password of \(name): ", context)
    }

    /// The password of a key that is being made: who types it types it twice.
    func newPassword(for name: String, in context: CommandContext) throws(CommandFailure) -> [UInt8] {
        if let known = try known(context) { return known }
        let password = try ask("New password for \(name): ", context)
        guard try ask("The same again: ", context) == password else {
            throw CommandFailure(.usage, "The two passwords differ. Nothing was made.")
        }
        return password
    }

    private func known(_ context: CommandContext) throws(CommandFailure) -> [UInt8]? {
        let password: [UInt8]
        let place: String
        if let file {
            var text = try LocalFile(file).readAll(bytesMax: Self.bytesMax)
            if text.last == 0x0A { text.removeLast() }
            if text.last == 0x0D { text.removeLast() }
            (password, place) = (text, file)
        } else if let value = context.environment[Self.variable] {
            (password, place) = (Array(value.utf8), Self.variable)
        } else {
            return nil
        }
        guard !password.isEmpty else { throw CommandFailure(.configuration, "\(place) holds no password.") }
        return password
    }

    private func ask(_ question: String, _ context: CommandContext) throws(CommandFailure) -> [UInt8] {
        guard let password = try context.askPassword(question), !password.isEmpty else {
            throw CommandFailure(
                .noPermission, "The key needs a password, and there is none.",
                hint: "Name a file with --password-file, or set \(Self.variable).")
        }
        return password
    }
}
