internal import Attestation
internal import Glibc
internal import LinuxFiles
internal import OCI
internal import SignatureKeys
internal import Sigstore

/// A directory or file as one model, whose files a signature lists (OpenSSF model signing).
struct SignedModel: Sendable {
    let path: String

    /// Whether what links lead to counts under their names, where the signature says so too.
    let followsLinks: Bool

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

    /// What the files come to.
    struct Comparison: Sendable {
        /// How they differ from what is listed: the first difference, or `nil`.
        var difference: String?
        /// Files without bytes that are there and that a list of parts cannot have.
        var unlisted: [String] = []
    }

    /// Compares the files with what is listed.
    ///
    /// Everything beneath the directory has to be listed or left out by name. Links are no files, unless the signature
    /// and whoever asks say otherwise; then they lead to files beneath the directory.
    func comparison(with manifest: ModelManifest, in context: CommandContext) async throws -> Comparison {
        let tree = try FileTree(path)
        let listed = Set(manifest.resources.map { Array($0.name.utf8) })
        let mayLink = followsLinks && manifest.followsLinks
        var present = Set(tree.files.map { Array($0.utf8) })
        for other in tree.others where !manifest.isIgnored(other) {
            guard mayLink, listed.contains(Array(other.utf8)) else {
                return Comparison(difference: "\(other) is neither file nor directory")
            }
            present.insert(Array(other.utf8))
        }
        var comparison = Comparison()
        for file in tree.files where !manifest.isIgnored(file) && !listed.contains(Array(file.utf8)) {
            guard manifest.omitsEmptyFiles, try open(file, in: try root()).sizeBytes == 0 else {
                return Comparison(difference: "\(file) was not signed")
            }
            comparison.unlisted.append(file)
        }
        for resource in manifest.resources where !present.contains(Array(resource.name.utf8)) {
            return Comparison(difference: "\(resource.name) is missing")
        }
        comparison.difference = try await changedFile(manifest, Set(tree.others), context).map { "\($0) was changed" }
        return comparison
    }

    private func root() throws(CommandFailure) -> Directory {
        do {
            return try Directory(path: path)
        } catch {
            throw CommandFailure(error, path: path)
        }
    }

    private func open(_ name: String, in directory: Directory) throws(CommandFailure) -> LocalFile {
        try LocalFile(name, in: directory, at: "\(path)/\(name)")
    }

    private func changedFile(
        _ manifest: ModelManifest, _ links: Set<String>, _ context: CommandContext
    ) async throws -> String? {
        let directory = try root()
        let meter = context.meter("hashing", .items("files"), total: UInt64(manifest.resources.count))
        defer { meter.finish() }
        let changed = try await SideBySide.map(manifest.resources, width: Processors.count) { resource in
            let name = links.contains(resource.name) ? try target(of: resource.name) : resource.name
            let file = try open(name, in: directory)
            let isSame = try await Self.hasSameContent(file, as: resource)
            meter.advance()
            return isSame ? nil : resource.name
        }
        return changed.compactMap { $0 }.first
    }

    /// Whether a file is the one that is listed.
    static func hasSameContent(_ file: LocalFile, as resource: ModelManifest.Resource) async throws -> Bool {
        switch resource.content {
        case .whole(let digest): return try await file.hash { _ in }.file.bytes == digest
        case .shards(let shards):
            guard file.sizeBytes == shards.last?.range.upperBound else { return false }
            let digests = try await file.hash(ranges: shards.map(\.range)) { _ in }.ranges
            return digests.map(\.bytes) == shards.map(\.digest)
        }
    }

    /// Where a link leads to: a path beneath the directory, without further links.
    private func target(of name: String) throws(CommandFailure) -> String {
        guard let base = Self.resolved(path), let place = Self.resolved("\(path)/\(name)") else {
            throw CommandFailure(.bad, "\(path)/\(name) leads nowhere.")
        }
        guard place.utf8.starts(with: "\(base)/".utf8) else {
            throw CommandFailure(.bad, "\(path)/\(name) leads out of the directory.")
        }
        return String(decoding: place.utf8.dropFirst(base.utf8.count + 1), as: UTF8.self)
    }

    private static func resolved(_ path: String) -> String? {
        guard let text = realpath(path, nil) else { return nil }
        defer { free(text) }
        return String(validatingCString: text)
    }
}
