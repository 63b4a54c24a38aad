internal import Glibc

/// Asks for a password at the terminal of the process, and shows nothing of it.
enum PasswordPrompt {
    private static let bytesMax = 1_024
    private static let interrupt: UInt8 = 0x03
    private static let endOfInput: UInt8 = 0x04

    /// - Returns: `nil` where there is no terminal.
    /// - Throws: `.interrupted` for Ctrl-C.
    static func ask(_ question: String) throws(CommandFailure) -> [UInt8]? {
        let terminal = open("/dev/tty", O_RDWR | O_CLOEXEC)
        guard terminal >= 0 else { return nil }
        defer { close(terminal) }
        var settings = termios()
        guard tcgetattr(terminal, &settings) == 0 else { return nil }
        let before = settings
        // Ctrl-C comes as a character, so that whoever presses it finds the terminal as it was.
        settings.c_lflag &= ~tcflag_t(ECHO | ICANON | ISIG)
        withUnsafeMutableBytes(of: &settings.c_cc) { characters in
            characters[Int(VMIN)] = 1
            characters[Int(VTIME)] = 0
        }
        guard tcsetattr(terminal, TCSAFLUSH, &settings) == 0 else { return nil }
        defer {
            var restored = before
            _ = tcsetattr(terminal, TCSAFLUSH, &restored)
            show("\n", at: terminal)
        }
        show(TerminalText.visible(question), at: terminal)
        return try line(from: terminal)
    }

    private static func line(from terminal: Int32) throws(CommandFailure) -> [UInt8]? {
        var line: [UInt8] = []
        while line.count < bytesMax {
            var byte: UInt8 = 0
            let count = read(terminal, &byte, 1)
            if count < 0, errno == EINTR { continue }
            guard count == 1 else { return nil }
            switch byte {
            case interrupt: throw CommandFailure(.interrupted, "Interrupted.")
            case 0x0A, 0x0D: return line
            case endOfInput where line.isEmpty: return nil
            // One character, which may have several bytes.
            case 0x08, 0x7F:
                while let last = line.popLast(), last & 0xC0 == 0x80 {}
            default: line.append(byte)
            }
        }
        throw CommandFailure(.usage, "A password has fewer than \(bytesMax) bytes.")
    }

    private static func show(_ text: String, at terminal: Int32) {
        let bytes = Array(text.utf8)
        _ = bytes.withUnsafeBytes { write(terminal, $0.baseAddress, $0.count) }
    }
}
