internal import OCI

/// An upload that a registry knows, and how much of it is there.
struct UploadSession: Sendable {
    var address: WebAddress
    /// Bytes that are there from the first one on.
    var offset: UInt64 = 0
    /// Where the registry takes parts of it in any order.
    var parts: Parts?

    struct Parts: Sendable {
        /// How long a part had best be.
        var length: UInt64
        var present: UploadRanges
    }

    init(address: WebAddress) {
        self.address = address
    }

    /// Smaller blobs are sent in one piece: another connection would be worth less than it costs.
    static let partedBytesMin: UInt64 = 64 << 20
    /// What a registry may want for the length of a part; others are not believed.
    private static let lengths: ClosedRange<UInt64> = 1 << 20...1 << 30
    /// Most ranges of one answer that are read; what is in no range is sent once more.
    private static let rangesMax = 1_000

    var bytesThere: UInt64 { parts?.present.byteCount ?? offset }

    /// Learns from an answer whether the registry takes parts of a blob. Other registries than ours say nothing of it,
    /// and neither does ours of an upload whose bytes came in order so far.
    mutating func takesParts(_ answer: DistributionAnswer, _ blob: Descriptor) {
        parts = nil
        let length = answer.field("pratique-upload-part-length").flatMap { UInt64($0) }
        let ranges = answer.field("pratique-upload-ranges")
        guard let length, Self.lengths.contains(length), ranges != nil || blob.size >= Self.partedBytesMin else {
            return
        }
        let present = ranges.flatMap { UploadRanges(parsing: $0, countMax: Self.rangesMax) } ?? UploadRanges()
        guard present.ranges.last?.upperBound ?? 0 <= blob.size else { return }
        parts = Parts(length: length, present: present)
    }
}
