internal import StrictJSON

/// A value in a document and where it stands.
struct BillNode {
    let value: JSONValue
    let path: String

    init(_ value: JSONValue, _ path: String) {
        self.value = value
        self.path = path
    }

    private func path(of name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

    func has(_ name: String) -> Bool { value.asObject?[name] != nil }

    func object() throws(BillFault) -> JSONObject {
        guard let object = value.asObject else { throw .malformed(path: path.isEmpty ? "the document" : path) }
        return object
    }

    func optional(_ name: String) throws(BillFault) -> BillNode? {
        try object()[name].map { BillNode($0, path(of: name)) }
    }

    func required(_ name: String) throws(BillFault) -> BillNode {
        guard let node = try optional(name) else { throw .missing(path: path(of: name)) }
        return node
    }

    func string() throws(BillFault) -> String {
        guard let text = value.asString else { throw .malformed(path: path) }
        return text
    }

    /// Not empty.
    func requiredString(_ name: String) throws(BillFault) -> String {
        let node = try required(name)
        let text = try node.string()
        guard !text.isEmpty else { throw .malformed(path: node.path) }
        return text
    }

    func optionalString(_ name: String) throws(BillFault) -> String? { try optional(name)?.string() }

    /// Empty without the member.
    func elements(_ name: String) throws(BillFault) -> [BillNode] { try optional(name)?.elements() ?? [] }

    func elements() throws(BillFault) -> [BillNode] {
        guard let values = value.asArray else { throw .malformed(path: path) }
        return values.enumerated().map { BillNode($1, "\(path)[\($0)]") }
    }

    /// What is not in the specification is not ignored: it may be what somebody else reads.
    func checkMembers(_ known: Set<String>) throws(BillFault) {
        for member in try object().members where !known.contains(member.name) {
            throw .unknownMember(path: path(of: String(member.name.prefix(80))))
        }
    }
}

/// Hash functions that bills name, and how many hexadecimal digits each has.
enum BillHash {
    private static let digits: [String: Int] = [
        "MD5": 32, "SHA-1": 40, "SHA-256": 64, "SHA-384": 96, "SHA-512": 128, "SHA3-256": 64, "SHA3-384": 96,
        "SHA3-512": 128, "BLAKE2b-256": 64, "BLAKE2b-384": 96, "BLAKE2b-512": 128, "BLAKE3": 64, "Streebog-256": 64,
        "Streebog-512": 128,
    ]

    /// Names of SPDX 2.3 and, in lower case and without signs, of SPDX 3.
    private static let spdx: [String: String] = [
        "SHA1": "SHA-1", "SHA256": "SHA-256", "SHA384": "SHA-384", "SHA512": "SHA-512",
    ]

    /// - Parameter known: other functions of the format, of which only the digits are looked at.
    static func checked(
        _ algorithm: BillNode, _ content: BillNode, others known: Set<String> = []
    ) throws(BillFault) -> (name: String, value: String) {
        let stated = try algorithm.string()
        let name = spdx[stated.uppercased()] ?? digits.keys.first { $0.uppercased() == stated.uppercased() } ?? stated
        let text = try content.string()
        guard !text.isEmpty, text.utf8.count <= 512, text.utf8.allSatisfy(isHexadecimal) else {
            throw .malformed(path: content.path)
        }
        if let count = digits[name] {
            guard text.utf8.count == count else { throw .malformed(path: content.path) }
        } else if !known.contains(stated) {
            throw .malformed(path: algorithm.path)
        }
        return (name, text.lowercased())
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default: false
        }
    }

    /// Adds a hash; two different ones by one function are none.
    static func add(
        _ hash: (name: String, value: String), to hashes: inout [String: String], at path: String
    ) throws(BillFault) {
        guard hashes.updateValue(hash.value, forKey: hash.name) ?? hash.value == hash.value else {
            throw .malformed(path: path)
        }
    }
}
