package import RegistryCore
import StrictJSON

/// The fields of a query or of a form (WHATWG URL, `application/x-www-form-urlencoded`), in their order.
package struct FormFields: Sendable {
    private static let countMax = 256

    private let fields: [(name: String, value: String)]

    /// - Throws: `.invalidRequest` for broken escapes, text that is not UTF-8, and too many fields.
    package init(parsing text: some StringProtocol) throws(RegistryError) {
        let parts = text.utf8.split(separator: UInt8(ascii: "&"))
        guard parts.count <= Self.countMax else {
            throw RegistryError(.invalidRequest, "There are more than \(Self.countMax) fields.")
        }
        var fields: [(name: String, value: String)] = []
        for part in parts {
            let pair = part.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            let value = pair.count == 2 ? Self.decoded(pair[1]) : ""
            guard let name = Self.decoded(pair[0]), let value else {
                throw RegistryError(.invalidRequest, "A field is not percent-encoded UTF-8.")
            }
            fields.append((name, value))
        }
        self.fields = fields
    }

    package func all(_ name: String) -> [String] {
        fields.filter { $0.name == name }.map(\.value)
    }

    /// - Throws: `.invalidField` when it is given twice.
    package func text(_ name: String) throws(RegistryError) -> String? {
        let values = all(name)
        guard values.count <= 1 else {
            throw RegistryError(.invalidField, "\(name) is given twice.", detail: ["field": .string(name)])
        }
        return values.first
    }

    private static func decoded(_ part: some Sequence<UInt8>) -> String? {
        let spaced = part.map { $0 == UInt8(ascii: "+") ? UInt8(ascii: " ") : $0 }
        return String(percentDecoding: String(decoding: spaced, as: UTF8.self)[...])
    }
}
