public import OCI
public import RegistryCore

/// The read-only tree of what is trusted now: `trusted/<name>/<file>`.
///
/// A view shows blobs and owns nothing. Whoever is left over after a crash is found by `names`.
public protocol TrustedViews: Sendable {
    /// Makes the artifact's files appear, all at once. Doing it again is not an error.
    ///
    /// - Parameter files: paths in the artifact and their blobs, at least one.
    /// - Throws: `.notFound` when a blob is missing; `.changed` when something else stands in the way; `.tooManyNames`.
    func publish(_ name: ArtifactName, files: [ViewedFile]) async throws(StorageFault)

    /// Finds out whether each blob can have the names that `publish` would give it.
    ///
    /// - Throws: `.tooManyNames` when one cannot. Others may take the names that are left before `publish` does.
    func requireNames(for files: [ViewedFile]) async throws(StorageFault)

    /// Makes them disappear. Withdrawing what is not there is not an error.
    func withdraw(_ name: ArtifactName) async throws(StorageFault)

    /// Whether every file is there and is the blob itself, not a copy or another file.
    func shows(_ name: ArtifactName, files: [ViewedFile]) async throws(StorageFault) -> Bool

    /// Where a runtime finds it: an absolute path.
    func path(of name: ArtifactName, file: RelativePath?) -> String

    /// Every name that has a view, for reconciliation.
    func names(limit: Int) async throws(StorageFault) -> [ArtifactName]
}

public struct ViewedFile: Sendable, Hashable {
    public var path: RelativePath
    public var digest: Digest

    public init(path: RelativePath, digest: Digest) {
        self.path = path
        self.digest = digest
    }
}
