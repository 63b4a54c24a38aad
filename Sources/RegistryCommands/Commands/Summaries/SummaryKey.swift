internal import RegistryCore
internal import StrictJSON
internal import TransparencyLog

/// The key by which a registry signs its log and its summaries, as somebody who asks knows it.
enum SummaryKey {
    private static let bytesMax = 4_096

    /// The keys of an option: verifier keys as they are, or files that hold one, such as `key` in a saved log.
    static func given(_ texts: [String]) throws(CommandFailure) -> NoteVerifier? {
        guard let text = texts.first else { return nil }
        guard texts.count == 1 else {
            throw CommandFailure(.usage, "A registry has one key: name one --key.")
        }
        if let key = NoteVerifier(vkey: text) { return key }
        let bytes = try LocalFile(text).readAll(bytesMax: bytesMax)
        guard let line = String(validating: bytes, as: UTF8.self)?.prefix(while: { $0 != "\n" }),
            let key = NoteVerifier(vkey: String(line))
        else {
            throw CommandFailure(
                .usage, "--key is no verifier key: name+identifier+key, as the log's operator gives it.")
        }
        return key
    }

    /// The key that was accepted before for the log of the same name, by whatever registry serves it.
    ///
    /// - Throws: when none was: a summary cannot vouch for the key that it is signed by.
    static func remembered(_ envelope: [UInt8], _ memory: LogMemory) throws(CommandFailure) -> NoteVerifier {
        guard let origin = LoggedDecision.claimedOrigin(inEnvelope: envelope),
            let record = try memory.record(for: origin)
        else {
            throw CommandFailure(
                .unchecked, "There is no key to verify the summary by.",
                hint: "Name the registry's key, --key VKEY, or have it remembered by `securectl log verify`.")
        }
        return record.key
    }
}
