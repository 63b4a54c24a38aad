public import StrictJSON

/// YAML reduced to what JSON can say, so that a file means one thing to every reader.
///
/// Refused: anchors, aliases, merge keys, tags, directives, repeated keys, keys that are not strings, several
/// documents. Plain scalars are null, booleans and numbers by the core schema of YAML 1.2 (section 10.3.2) as far as
/// it is decimal; everything else is a string: `yes`, `0x1F`, `010`, `12:30:00`, `2026-01-01`, `.inf`.
public enum SafeYAML {
    /// Reads one document; an empty one is null.
    ///
    /// Memory stays proportional to `limits`, whatever the document claims; nesting is counted, not recursed into.
    public static func parse(_ bytes: [UInt8], limits: YAMLLimits) throws(YAMLFault) -> JSONValue {
        guard bytes.count <= limits.bytesMax else { throw YAMLFault(.documentTooLarge) }
        guard (try? UTF8Span(validating: bytes.span)) != nil else {
            throw YAMLFault(.invalidUTF8)
        }
        return try bytes.withUnsafeBufferPointer { (buffer) throws(YAMLFault) in
            var composer = YAMLComposer(limits: limits)
            let reader = try YAMLEventReader(buffer, scalarBytesMax: limits.scalarBytesMax)
            while try composer.add(try reader.next()) {}
            return composer.root
        }
    }
}
