internal import DistributionClient
internal import OCI
internal import Signing

/// An artifact in a registry or a layout that is to be signed, or stated something about.
struct SignableArtifact: Sendable {
    enum Place: Sendable {
        case registry(ImageReference)
        case layout(ImageLayout, name: String?)
    }

    let place: Place

    /// Manifests beneath an index, and the index itself.
    private static let manifestsMax = 1_024
    /// Levels of indexes; what lies deeper is an error, and not left out.
    private static let levelsMax = 8

    /// Reads `oci://` references; the path of a layout, with `:NAME` behind it for one of several.
    ///
    /// - Returns: `nil` for any other path.
    init?(argument: String) throws {
        if argument.hasPrefix(FetchedArtifacts.scheme) {
            place = .registry(try Self.reference(argument))
            return
        }
        guard let (directory, name) = LayoutFiles.split(argument) else { return nil }
        place = .layout(try ImageLayout(opening: directory), name: name)
    }

    private static func reference(_ argument: String) throws(CommandFailure) -> ImageReference {
        let reference: ImageReference
        do throws(ImageReference.Fault) {
            reference = try ImageReference(parsing: String(argument.dropFirst(FetchedArtifacts.scheme.count)))
        } catch {
            throw CommandFailure(.usage, "\(argument) is no reference: \(error.rawValue).")
        }
        guard reference.tag != nil || reference.digest != nil else {
            throw CommandFailure(.usage, "\(argument) names a repository: say which tag or digest.")
        }
        return reference
    }

    /// What is named, and with `isRecursive` what its indexes list. Parts stand before the indexes that list them: an
    /// index that is signed is one whose parts are.
    ///
    /// - Parameter named: the manifest that a tag was looked up for once. From then on everything is named by its
    ///   digest.
    func manifests(
        _ named: StoredManifest, isRecursive: Bool, from source: some ContentSource
    ) async throws -> [StoredManifest] {
        var found: [StoredManifest] = []
        try await collect(named, levels: isRecursive ? Self.levelsMax : nil, from: source, &found)
        return found
    }

    /// - Parameter levels: of indexes that may be gone into; `nil` for the manifest alone.
    private func collect(
        _ manifest: StoredManifest, levels: Int?, from source: some ContentSource, _ found: inout [StoredManifest]
    ) async throws {
        guard manifest.digest.algorithm == .sha256 else {
            throw CommandFailure(.dataError, "\(manifest.digest) is not signed: statements name SHA-256.")
        }
        if let levels, case .index(let index) = try manifest.document(called: manifest.digest.description) {
            guard levels > 0 else { throw tooMuch }
            for part in index.manifests where !found.contains(where: { $0.digest == part.digest }) {
                let content = try await source.fetch(part.digest)
                try await collect(content, levels: levels - 1, from: source, &found)
            }
        }
        guard found.count < Self.manifestsMax else { throw tooMuch }
        found.append(manifest)
    }

    private var tooMuch: CommandFailure {
        CommandFailure(.dataError, "\(title) lists more than is signed at one time. Nothing was signed.")
    }

    private var title: String {
        switch place {
        case .registry(let reference): reference.description
        case .layout(let layout, _): layout.path
        }
    }

    /// By which one of the manifests can be found again.
    func name(of manifest: StoredManifest) -> String {
        switch place {
        case .registry(let reference): "\(reference.registry)/\(reference.repository)@\(manifest.digest)"
        case .layout(let layout, _): "\(layout.path):\(manifest.digest)"
        }
    }

    /// What a statement calls one of the manifests: where a layout lies is nobody's business.
    func subjectName(of manifest: StoredManifest) -> String {
        switch place {
        case .registry: name(of: manifest)
        case .layout: manifest.digest.description
        }
    }
}
