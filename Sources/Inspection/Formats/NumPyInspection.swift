import ModelFormats

extension FileInspection {
    /// Looks at all arrays of a file: `numpy.save` may have been called several times.
    mutating func inspectNumPy() {
        var offset: UInt64 = 0
        do throws(FormatFault) {
            for _ in 0..<limits.numpy.arraysMax {
                let array = try NumPyReader.read(source, at: offset, limits: limits.numpy)
                guard let end = inspect(array, at: offset) else { return }
                offset = end
                guard offset < source.sizeBytes else { return }
                guard try NumPyReader.isArray(source, at: offset) else {
                    findings.add(.numpyTrailingBytes, .init(offset: offset))
                    return
                }
            }
            findings.add(.fileLimit, .init(offset: offset), detail: "limit numpy.arraysMax")
        } catch {
            add(error, truncated: .numpyTruncated, malformed: .numpyMalformed)
        }
    }

    /// - Returns: where the array ends, `nil` if nothing can follow it that is known.
    private mutating func inspect(_ array: NumPyArray, at offset: UInt64) -> UInt64? {
        if array.dtype.holdsObjects {
            findings.add(.numpyObjects, .init(offset: array.dataOffset))
            let rest = ByteRange(source, from: array.dataOffset, count: .max)
            inspectPart(
                rest, name: "", in: .numpy, scope: .member(nil, .from(array.dataOffset), in: findings.scope),
                depth: depth, as: .pickle)
            return nil
        }
        guard let count = array.dataBytes else {
            findings.add(.numpyUnknownType, .init(offset: offset), detail: array.dtype.unknown ?? "")
            return nil
        }
        guard count <= source.sizeBytes - array.dataOffset else {
            findings.add(.numpyTruncated, .init(offset: source.sizeBytes))
            return nil
        }
        return array.dataOffset + count
    }
}
