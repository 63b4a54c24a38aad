import ModelFormats

extension InspectionReport {
    /// The report with what other scanners found. The verdict can only become worse.
    ///
    /// Findings that there is no room for still count, and are said to be missing.
    public func adding(_ more: [Finding]) -> InspectionReport {
        guard !more.isEmpty else { return self }
        let worst = Verdict.worst(of: more.map(\.verdict))
        var all = findings + more
        if all.count > Self.findingsMax {
            let dropped = all.count - (Self.findingsMax - 1)
            all =
                all.prefix(Self.findingsMax - 1)
                + [Finding(.reportTruncated, detail: "\(dropped) more findings were not kept")]
        }
        return InspectionReport(
            rulesVersion: rulesVersion, rulesDigest: rulesDigest, format: format, sizeBytes: sizeBytes,
            verdict: max(verdict, worst, Verdict.worst(of: all.map(\.verdict))), findings: all, facts: facts,
            tensors: tensors, gguf: gguf, weightIndex: weightIndex)
    }

    /// Everything of the file that is no tensor, in order; `nil` where no tensors are known.
    public var partsBesideTensors: [Range<UInt64>]? {
        guard let tensors, tensors.overlap == nil else { return nil }
        var parts: [Range<UInt64>] = []
        var end: UInt64 = 0
        for range in tensors.ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            guard range.lowerBound >= end, range.upperBound <= sizeBytes else { return nil }
            if range.lowerBound > end { parts.append(end..<range.lowerBound) }
            end = range.upperBound
        }
        if end < sizeBytes { parts.append(end..<sizeBytes) }
        return parts
    }
}
