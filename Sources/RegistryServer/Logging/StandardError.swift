import FoundationEssentials

/// What a command says to the person who runs it.
enum StandardError {
    static func write(_ text: String) {
        FileHandle.standardError.write(Data(text.utf8))
    }
}
