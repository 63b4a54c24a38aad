/// Whose artifact it is. One registry without tenants has exactly one, `default`.
public struct Tenant: Sendable, Hashable, CustomStringConvertible {
    public static let `default` = Tenant(unchecked: "default")

    public let description: String

    private init(unchecked text: String) {
        description = text
    }

    /// 1–64 bytes, `[a-z0-9][a-z0-9-]*`.
    public init(parsing text: String) throws(NameFault) {
        guard !text.isEmpty else { throw .empty }
        guard text.utf8.count <= 64 else { throw .tooLong }
        guard text.utf8.first != UInt8(ascii: "-") else { throw .badPartStart }
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
                continue
            default: throw .forbiddenCharacter
            }
        }
        description = text
    }
}
