internal import Crypto
internal import LinuxFiles
internal import OCI
internal import SignatureKeys
internal import Sigstore

/// What a signature is to be about: a file that is here, or anything by its digest.
enum SignedSubject: Sendable {
    case file(LocalFile)
    /// A model, whose files a signature lists.
    case directory(String)
    case digest(OCI.Digest)

    /// A digest is one wherever it stands; a file of such a name is meant with a path before it.
    init(_ text: String) throws(CommandFailure) {
        if let digest = try? OCI.Digest(parsing: text) {
            self = .digest(digest)
        } else if (try? Directory(path: text)) != nil {
            self = .directory(text)
        } else {
            self = .file(try LocalFile(text))
        }
    }

    /// Largest file whose bytes are kept, for signatures that are over the bytes themselves.
    static let keptBytesMax = 256 << 20

    /// What verifying takes, in one reading of the file.
    func artifact(_ needs: ArtifactNeeds, in context: CommandContext) async throws -> Artifact {
        switch self {
        // Has no bytes of its own: its files are compared one by one.
        case .directory: return Artifact(digests: [:])
        case .digest(let digest):
            let algorithm: SignatureKeys.HashAlgorithm = digest.algorithm == .sha512 ? .sha512 : .sha256
            return Artifact(digests: [algorithm: digest.bytes])
        case .file(let file) where needs.bytes:
            return Artifact(bytes: try file.readAll(bytesMax: Self.keptBytesMax))
        case .file(let file):
            let meter = context.meter("hashing \(file.name)", .bytes, total: file.sizeBytes)
            defer { meter.finish() }
            let cancellation = CancellationFlag()
            do {
                return try await withTaskCancellationHandler {
                    try await FilePool.shared.run { () throws(FileFault) in
                        Artifact(digests: try file.digests(needs.digests, cancellation) { meter.update($0) })
                    }
                } onCancel: {
                    cancellation.cancel()
                }
            } catch let fault as FileFault {
                throw CommandFailure(fault, path: file.path)
            }
        }
    }
}

extension LocalFile {
    private static let chunkBytes = 1 << 20

    /// Digests by several functions at once. Blocks its thread.
    ///
    /// - Throws: `.changed` when the file has another size or time of writing at the end than at the start.
    fileprivate func digests(
        _ algorithms: Set<SignatureKeys.HashAlgorithm>, _ cancellation: CancellationFlag,
        progress: (UInt64) -> Void
    ) throws(FileFault) -> [SignatureKeys.HashAlgorithm: [UInt8]] {
        let before = try descriptor.identity()
        var sha256 = algorithms.contains(.sha256) ? SHA256() : nil
        var sha384 = algorithms.contains(.sha384) ? SHA384() : nil
        var sha512 = algorithms.contains(.sha512) ? SHA512() : nil
        var offset: Int64 = 0
        while offset < before.size {
            if cancellation.isCancelled { throw FileFault(.hash, .cancelled) }
            let end = min(before.size, offset + Int64(Self.chunkBytes))
            let chunk = try descriptor.read(offset..<end)
            sha256?.update(data: chunk)
            sha384?.update(data: chunk)
            sha512?.update(data: chunk)
            offset = end
            progress(UInt64(clamping: offset))
        }
        guard try descriptor.identity().hasSameContentStamp(as: before) else { throw FileFault(.hash, .changed) }
        var digests: [SignatureKeys.HashAlgorithm: [UInt8]] = [:]
        digests[.sha256] = sha256.map { Array($0.finalize()) }
        digests[.sha384] = sha384.map { Array($0.finalize()) }
        digests[.sha512] = sha512.map { Array($0.finalize()) }
        return digests
    }
}
