/// Where a page of a list starts: the `after` of the `Link` that the registry gave with `rel="next"`.
public struct PageToken: Sendable, Hashable {
    let after: String

    /// Takes the `Link` field of an answer (RFC 8288). Only its `after` parameter is believed; never its host or path.
    init?(link: String?) {
        guard let link, link.utf8.count <= Self.linkBytesMax else { return nil }
        for target in link.split(separator: ",") {
            guard target.contains("rel=\"next\"") || target.contains("rel=next"),
                let open = target.firstIndex(of: "<"), let close = target.firstIndex(of: ">"), open < close,
                let after = Self.after(in: target[target.index(after: open)..<close])
            else { continue }
            self.after = after
            return
        }
        return nil
    }

    private static func after(in reference: Substring) -> String? {
        guard let mark = reference.firstIndex(of: "?") else { return nil }
        let parameters = reference[reference.index(after: mark)...].split(separator: "&")
        let values = parameters.filter { $0.hasPrefix("after=") }.map { $0.dropFirst("after=".count) }
        return values.count == 1 ? unescaped(values[0]) : nil
    }

    /// Resolves percent-encoding (RFC 3986 section 2.1) and `+` of forms.
    private static func unescaped(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "%"):
                let digits = String(decoding: rest.prefix(2), as: UTF8.self)
                guard digits.utf8.count == 2, let value = UInt8(digits, radix: 16) else { return nil }
                bytes.append(value)
                rest = rest.dropFirst(2)
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static let linkBytesMax = 8_192
}
