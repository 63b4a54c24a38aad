internal import Glibc
internal import StrictJSON

/// Where a file is, as SARIF says it (SARIF 2.1.0, 3.4).
struct SARIFLocation: Sendable, Hashable {
    /// Relative to where the command ran, or absolute where it cannot be.
    let uri: String
    private let isRelative: Bool

    /// What relative addresses start from: the root of the sources, as tools that show results call it.
    static let base = "%SRCROOT%"

    init(path: String) {
        let parts = path.utf8.split(separator: UInt8(ascii: "/")).filter { !$0.elementsEqual(".".utf8) }
        let leadsUp = parts.contains { $0.elementsEqual("..".utf8) }
        if !leadsUp, !path.utf8.starts(with: "/".utf8) {
            uri = Self.encoded(parts.map(Array.init))
            isRelative = true
        } else {
            let absolute = Self.resolved(path) ?? Array(path.utf8)
            uri = "file:///" + Self.encoded(absolute.split(separator: UInt8(ascii: "/")).map(Array.init))
            isRelative = false
        }
    }

    var json: JSONValue {
        .object(
            JSONObject(present: [
                ("uri", .string(uri)), ("uriBaseId", isRelative ? .string(Self.base) : nil),
            ]))
    }

    private static func resolved(_ path: String) -> [UInt8]? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return Array(String(cString: resolved).utf8)
    }

    /// RFC 3986: everything but unreserved characters is written as `%XX`.
    private static func encoded(_ parts: [[UInt8]]) -> String {
        parts.map { part in part.map(encoded).joined() }.joined(separator: "/")
    }

    private static func encoded(_ byte: UInt8) -> String {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            return String(UnicodeScalar(byte))
        default:
            let digits = String(byte, radix: 16, uppercase: true)
            return "%" + (digits.utf8.count == 1 ? "0" : "") + digits
        }
    }
}
