/// Reading JSON that is signed, decides trust or comes from outside.
///
/// RFC 8259 and nothing beside it: no comments, no trailing commas, no byte order mark, no `NaN`. Stricter where the
/// RFC leaves a choice: repeated names, bytes that are not UTF-8 and halves of surrogate pairs are refused.
public enum StrictJSON {
    /// Reads one document.
    ///
    /// Memory stays proportional to `limits`, whatever the bytes claim; time is linear in the number of bytes.
    public static func parse(_ bytes: [UInt8], limits: JSONLimits) throws(JSONFault) -> JSONValue {
        guard bytes.count <= limits.bytesMax else {
            throw JSONFault(.documentTooLarge, offset: limits.bytesMax)
        }
        var scanner = JSONScanner(bytes, limits: limits)
        var tree = JSONTreeBuilder()
        while let event = try scanner.next() {
            tree.add(event)
        }
        guard let root = tree.root else {
            throw JSONFault(.unexpectedEnd, offset: bytes.count)
        }
        return root
    }

    /// Checks one document without keeping it.
    ///
    /// Memory: one chunk, the longest string, and the names of the objects that are open at one time.
    ///
    /// - Parameter nextChunk: the next bytes, of any number but none at the end; a failure to read is thrown as
    ///   `.sourceFailed`, so that a file that breaks off is never taken for one that ends.
    public static func validate(
        limits: JSONLimits, nextChunk: @escaping () throws(JSONFault) -> [UInt8]
    ) throws(JSONFault) {
        var scanner = JSONScanner(limits: limits, nextChunk: nextChunk)
        while try scanner.next() != nil {}
    }
}
