/// Writes safetensors files for tests from a header as it is.
struct SafetensorsBuilder {
    var header: String
    var dataBytes: Int
    /// What the first eight bytes say; `nil`: the truth.
    var headerLength: UInt64?

    init(_ header: String, dataBytes: Int = 0) {
        self.header = header
        self.dataBytes = dataBytes
    }

    /// One tensor of eight bytes.
    static let ordinary = SafetensorsBuilder(
        #"{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, dataBytes: 8)

    func build() -> [UInt8] {
        Bytes.little(headerLength ?? UInt64(header.utf8.count)) + Array(header.utf8)
            + (0..<dataBytes).map { UInt8(truncatingIfNeeded: $0) }
    }
}
