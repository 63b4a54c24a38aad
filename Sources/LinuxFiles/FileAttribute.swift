import CLinux

/// Extended attributes of the user's own (xattr(7)), a few bytes each: what belongs to a file and is no part of its
/// content. A sync of the file makes them durable with it.
extension FileDescriptor {
    /// Puts an attribute on this file, or replaces it. That counts as a change of the file.
    ///
    /// - Parameter name: without the name space, `user.`.
    /// - Returns: `false` where the file system keeps none, or has no room left for one in this file.
    public func setAttribute(_ name: String, to value: [UInt8]) throws(FileFault) -> Bool {
        let result = withNumber { number in
            value.withUnsafeBytes { bytes in
                clinux_set_attribute(number, "user." + name, bytes.baseAddress, bytes.count)
            }
        }
        do throws(FileFault) {
            try SystemCall.check(.write, result)
            return true
        } catch {
            switch error.kind {
            // A file has so much room for attributes, however much the disk has: whether that is full, the next write
            // finds out.
            case .unsupported, .permission, .noSpace, .limitExceeded: return false
            default: throw error
            }
        }
    }

    /// The value of an attribute; `nil` where there is none, or one that is longer than `bytesMax`.
    public func attribute(_ name: String, bytesMax: Int) -> [UInt8]? {
        var failed = false
        let value = [UInt8](unsafeUninitializedCapacity: max(bytesMax, 1)) { buffer, count in
            let result = withNumber { number in
                clinux_get_attribute(number, "user." + name, buffer.baseAddress, buffer.count)
            }
            failed = result < 0
            count = max(result, 0)
        }
        // What cannot be read is as good as absent: whoever asks goes on without it.
        return failed || value.count > bytesMax ? nil : value
    }
}
