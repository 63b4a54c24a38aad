/// The name of one part of a model that is spread over files: `PREFIX-00002-of-00005.EXTENSION`.
///
/// Transformers and llama.cpp (`llama_split_path`) give such names; parts count from 1.
struct ShardName {
    /// Extensions of files whose parts belong together by their names.
    static let extensions: Set<String> = ["safetensors", "bin", "gguf"]
    private static let digits = 5

    /// Folder, prefix and extension: what all parts of one model have in common.
    let family: Family
    let number: Int
    let count: Int

    struct Family: Hashable {
        /// With its last slash; empty at the top.
        let folder: [UInt8]
        let prefix: [UInt8]
        let suffix: String
    }

    /// `nil` for any other name.
    init?(_ path: String) {
        let bytes = Array(path.utf8)
        let start = bytes.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0
        guard let dot = bytes.lastIndex(of: UInt8(ascii: ".")), dot >= start else { return nil }
        let suffix = String(decoding: bytes[(dot + 1)...], as: UTF8.self)
        guard Self.extensions.contains(suffix) else { return nil }
        // "-00002-of-00005"
        let tail = bytes[start..<dot].suffix(2 * Self.digits + 5)
        guard tail.count == 2 * Self.digits + 5, tail.first == UInt8(ascii: "-") else { return nil }
        let text = Array(tail)
        guard text[(1 + Self.digits)..<(5 + Self.digits)].elementsEqual("-of-".utf8),
            let number = Self.number(text[1...Self.digits]), let count = Self.number(text[(5 + Self.digits)...]),
            number >= 1, number <= count
        else { return nil }
        family = Family(
            folder: Array(bytes[..<start]), prefix: Array(bytes[start..<tail.startIndex]), suffix: suffix)
        self.number = number
        self.count = count
    }

    private static func number(_ text: ArraySlice<UInt8>) -> Int? {
        guard text.count == digits, text.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) else { return nil }
        return Int(String(decoding: text, as: UTF8.self))
    }

    /// What part `number` is called.
    func name(of number: Int) -> String {
        func padded(_ value: Int) -> String {
            String(repeating: "0", count: max(0, Self.digits - "\(value)".utf8.count)) + "\(value)"
        }
        let prefix = String(decoding: family.prefix, as: UTF8.self)
        return "\(prefix)-\(padded(number))-of-\(padded(count)).\(family.suffix)"
    }
}
