import ModelFormats

extension FileInspection {
    /// Looks into a file that is compressed as a whole.
    mutating func inspectCompressed(_ compression: Compression) {
        guard mayGoDeeper() else { return }
        let content: Decompression.Content
        do throws(FormatFault) {
            content = try Decompression.open(source, compression, budget: budget)
        } catch {
            // Two bytes are no proof that it should have been a zlib stream.
            let isGuess = compression == .zlib
            add(
                error, truncated: isGuess ? .fileUnknownFormat : .compressedTruncated,
                malformed: isGuess ? .fileUnknownFormat : .compressedMalformed)
            return
        }
        if let offset = content.trailingOffset {
            findings.add(compression == .zlib ? .fileUnknownFormat : .archiveTrailingBytes, .init(offset: offset))
        }
        inspectPart(
            content.source, name: FileName.decoded(name), in: .compressed,
            scope: .member(nil, .unknown, in: findings.scope), depth: depth + 1)
    }
}
