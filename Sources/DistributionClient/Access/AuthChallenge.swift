/// One challenge of a `WWW-Authenticate` field (RFC 9110 §11.6.1).
package struct AuthChallenge: Sendable, Hashable {
    /// Lower case: `basic`, `bearer`.
    package var scheme: String
    /// Names in lower case.
    package var parameters: [String: String]

    package init(scheme: String, parameters: [String: String]) {
        self.scheme = scheme
        self.parameters = parameters
    }

    /// The challenges of all fields, in their order. What cannot be read ends the list.
    package static func parse(_ fields: [String]) -> [AuthChallenge] {
        fields.flatMap { field in
            var reader = ChallengeReader(field)
            return reader.challenges()
        }
    }
}

/// A field is a list of challenges, and a challenge holds a list: only `name=` tells a parameter from the next scheme.
private struct ChallengeReader {
    private var rest: Substring.UTF8View

    /// Longest field that is read.
    private static let bytesMax = 16 << 10

    init(_ field: String) {
        rest = Substring(field).utf8.prefix(Self.bytesMax)
    }

    mutating func challenges() -> [AuthChallenge] {
        var found: [AuthChallenge] = []
        while true {
            skipBlanks(andCommas: true)
            guard let word = token() else { return found }
            skipBlanks(andCommas: false)
            if rest.first == UInt8(ascii: "="), !found.isEmpty {
                rest.removeFirst()
                skipBlanks(andCommas: false)
                // `Negotiate YII=`: what stands there is no parameter but a secret, which has no use here.
                rest = rest.drop { $0 == UInt8(ascii: "=") }
                if rest.isEmpty || rest.first == UInt8(ascii: ",") { continue }
                guard let value = rest.first == UInt8(ascii: "\"") ? quoted() : token() else { return found }
                found[found.count - 1].parameters[word.lowercased()] = value
            } else {
                found.append(AuthChallenge(scheme: word.lowercased(), parameters: [:]))
            }
        }
    }

    private mutating func skipBlanks(andCommas: Bool) {
        rest = rest.drop { $0 == 0x20 || $0 == 0x09 || (andCommas && $0 == UInt8(ascii: ",")) }
    }

    private mutating func token() -> String? {
        let word = rest.prefix { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
            }
        }
        guard !word.isEmpty else { return nil }
        rest = rest[word.endIndex...]
        return String(Substring(word))
    }

    private mutating func quoted() -> String? {
        rest.removeFirst()
        var text: [UInt8] = []
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"):
                guard let escaped = rest.popFirst() else { return nil }
                text.append(escaped)
            default: text.append(byte)
            }
        }
        return nil
    }
}
