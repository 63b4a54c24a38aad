import ModelFormats

extension FileInspection {
    /// A picture is shown, and never run: what matters is that it is one from end to end.
    mutating func inspectPicture() {
        do throws(FormatFault) {
            var end = try PictureReader.end(in: source)
            while try PictureReader.isJPEG(source, at: end) { end = try PictureReader.end(in: source, from: end) }
            guard end < source.sizeBytes, try !isPadding(from: end) else { return }
            findings.add(.pictureTrailingBytes, .init(offset: end))
        } catch {
            add(error, truncated: .pictureMalformed, malformed: .pictureMalformed)
        }
    }

    private static let paddingBytesMax: UInt64 = 64 << 10

    /// Whether a few zeros fill up the file.
    private func isPadding(from start: UInt64) throws(FormatFault) -> Bool {
        let count = source.sizeBytes - start
        guard count <= Self.paddingBytesMax else { return false }
        return try source.bytes(at: start, count: Int(count)).allSatisfy { $0 == 0 }
    }
}
