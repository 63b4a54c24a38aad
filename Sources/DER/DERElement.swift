/// One value: its tag, its content, and the whole of its encoding.
///
/// The slices share the buffer that was read; nothing is copied.
public struct DERElement: Sendable, Hashable {
    public let tag: DERTag
    public let content: ArraySlice<UInt8>

    /// Tag, length and content, as they were signed.
    public let encoded: ArraySlice<UInt8>

    init(tag: DERTag, content: ArraySlice<UInt8>, encoded: ArraySlice<UInt8>) {
        self.tag = tag
        self.content = content
        self.encoded = encoded
    }

    /// A reader of the values inside.
    public var reader: DERReader { DERReader(content) }

    func fault(_ reason: DERFault.Reason) -> DERFault {
        DERFault(reason, offset: encoded.startIndex)
    }
}
