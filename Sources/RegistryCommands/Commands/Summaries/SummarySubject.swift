internal import Attestation
internal import DistributionClient
internal import LinuxFiles
internal import OCI
internal import RegistryCore
internal import SignatureKeys

/// What a summary is to be about.
enum SummarySubject {
    case digest(OCI.Digest)
    case manifest(CarriedReference)
    /// A model whose files the summary names.
    case directory(String)
    case file(LocalFile)

    /// A digest is one wherever it stands; a file of such a name is meant with a path before it.
    init(_ text: String) throws {
        if let digest = try? OCI.Digest(parsing: text) {
            self = .digest(digest)
        } else if let reference = try CarriedReference(text) {
            self = .manifest(reference)
        } else if (try? Directory(path: text)) != nil {
            self = .directory(text)
        } else {
            self = .file(try LocalFile(text))
        }
    }

    /// What of the summary it is, for people.
    ///
    /// - Throws: `SummaryRefusal` when it is something else.
    func place(
        in verified: VerifiedSummary, _ access: RegistryAccess, _ context: CommandContext
    ) async throws -> String {
        switch self {
        case .digest(let digest): return try Self.place(digest, verified)
        case .manifest(.layout(let layout, let name)):
            return try Self.place(try layout.manifest(named: name).digest, verified)
        case .manifest(let reference):
            let digest = try await access.withClient(context) { client in
                try await CarriedSubject(reference, platform: nil, client).manifests.first?.digest
            }
            guard let digest else { throw SummaryRefusal(.subjectMismatch, "nothing has this name") }
            return try Self.place(digest, verified)
        case .file(let file): return try Self.place(try await file.hash(in: context).file, verified)
        case .directory(let path): return try await Self.place(directory: path, verified, context)
        }
    }

    private static func place(_ digest: OCI.Digest, _ verified: VerifiedSummary) throws -> String {
        let subject = try verified.subject(digest)
        return subject == verified.subjects.first ? "the manifest" : "the file \(subject.name ?? "\(digest)")"
    }

    /// All files of the artifact have to be there under their names, and nothing else.
    private static func place(
        directory path: String, _ verified: VerifiedSummary, _ context: CommandContext
    ) async throws -> String {
        let named = verified.files.filter { $0.name?.hasPrefix(hiddenPrefix) != true }
        guard !named.isEmpty else {
            throw SummaryRefusal(.subjectMismatch, "the summary names no files that a directory could have")
        }
        let tree = try FileTree(path)
        if let other = tree.others.first {
            throw SummaryRefusal(.subjectMismatch, "\(other) is neither file nor directory")
        }
        let names = Set(named.compactMap { $0.name.map { Array($0.utf8) } })
        if let other = tree.files.first(where: { !names.contains(Array($0.utf8)) }) {
            throw SummaryRefusal(.subjectMismatch, "\(other) is not of the artifact")
        }
        let present = Set(tree.files.map { Array($0.utf8) })
        if let missing = named.first(where: { !present.contains(Array(($0.name ?? "").utf8)) }) {
            throw SummaryRefusal(.subjectMismatch, "\(missing.name ?? "a file") is missing")
        }
        let root: Directory
        do { root = try Directory(path: path) } catch { throw CommandFailure(error, path: path) }
        let meter = context.meter("hashing", .items("files"), total: UInt64(named.count))
        defer { meter.finish() }
        let changed = try await SideBySide.map(named, width: Processors.count) { subject in
            let name = subject.name ?? ""
            let digest = try await LocalFile(name, in: root, at: "\(path)/\(name)").hash { _ in }.file
            meter.advance()
            return subject.names([.sha256: digest.bytes]) ? nil : name
        }
        if let name = changed.compactMap({ $0 }).first {
            throw SummaryRefusal(.subjectMismatch, "\(name) was changed")
        }
        return "all \(Quantities.count(named.count, "file"))"
    }

    /// Beneath it lies the config of a pushed manifest, which is no file of a model.
    private static let hiddenPrefix = ".oci/"
}
