internal import Attestation
internal import LinuxFiles
internal import OCI
internal import SignatureKeys
internal import Sigstore

/// A directory or file as one model, whose files a signature lists (OpenSSF model signing).
struct SignedModel: Sendable {
    let path: String

    /// What a bundle lists, before it is known who signed it: enough to compute what it has to be about.
    static func manifest(of bundle: UnverifiedBundle) throws(VerificationFailure) -> ModelManifest {
        guard case .envelope(let envelope) = bundle.content else {
            throw VerificationFailure(.subjectMismatch, "the bundle does not list the files of a model")
        }
        do throws(AttestationFault) {
            return try ModelManifest(try Statement(parsing: envelope.payload))
        } catch {
            throw VerificationFailure(error.isUnsupported ? .statementUnsupported : .statementMalformed, "\(error)")
        }
    }

    /// How the files differ from what is listed: the first difference, or `nil`.
    ///
    /// Everything beneath the directory has to be listed or left out by name; links are no files.
    func difference(from manifest: ModelManifest, in context: CommandContext) async throws -> String? {
        let tree = try FileTree(path)
        let listed = Set(manifest.resources.map { Array($0.name.utf8) })
        for other in tree.others where !manifest.isIgnored(other) {
            return "\(other) is neither file nor directory"
        }
        for file in tree.files where !manifest.isIgnored(file) && !listed.contains(Array(file.utf8)) {
            return "\(file) was not signed"
        }
        let present = Set(tree.files.map { Array($0.utf8) })
        for resource in manifest.resources where !present.contains(Array(resource.name.utf8)) {
            return "\(resource.name) is missing"
        }
        return try await changedFile(manifest, context).map { "\($0) was changed" }
    }

    private func changedFile(_ manifest: ModelManifest, _ context: CommandContext) async throws -> String? {
        let directory: Directory
        do {
            directory = try Directory(path: path)
        } catch {
            throw CommandFailure(error, path: path)
        }
        let meter = context.meter("hashing", .items("files"), total: UInt64(manifest.resources.count))
        defer { meter.finish() }
        let path = path
        let changed = try await SideBySide.map(manifest.resources, width: Processors.count) { resource in
            let file = try LocalFile(resource.name, in: directory, at: "\(path)/\(resource.name)")
            let digest = try await file.hash { _ in }.file
            meter.advance()
            return digest.bytes == resource.digest ? nil : resource.name
        }
        return changed.compactMap { $0 }.first
    }
}
