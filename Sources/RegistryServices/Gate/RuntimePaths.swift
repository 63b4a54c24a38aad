import OCI
public import RegistryCore
public import RegistryPorts

/// Where runtimes on the same machine find what is trusted.
public struct RuntimePaths: Sendable {
    private let admission: Admission
    private let viewKeeper: ViewKeeper
    private let views: any TrustedViews

    public init(admission: Admission, viewKeeper: ViewKeeper, views: any TrustedViews) {
        self.admission = admission
        self.viewKeeper = viewKeeper
        self.views = views
    }

    /// The absolute path of an artifact's file, or of its directory. The view is there when this returns.
    ///
    /// - Parameter repository: the one that it is asked for in, if one was named.
    /// - Throws: as `Admission.admit`; a storage fault when the view cannot be made.
    public func path(
        of name: ArtifactName, in repository: RepositoryKey? = nil
    ) async throws(RegistryError) -> (artifact: ServableArtifact, path: String) {
        let artifact = try await admission.admit(name, in: repository)
        try await viewKeeper.show(artifact)
        return (artifact, path(of: artifact))
    }

    private func path(of artifact: ServableArtifact) -> String {
        let isFile = artifact.record.acquisition.content.layout == .file
        return views.path(of: artifact.record.name, file: isFile ? artifact.files.first?.path : nil)
    }

    /// For a listing: a trusted single file's path follows from its name.
    public func listedPath(of record: ArtifactRecord) -> String? {
        guard (try? admission.admittance(of: record)) != nil else { return nil }
        switch record.acquisition.content.layout {
        case .directory, .manifest: return views.path(of: record.name, file: nil)
        case .file:
            guard let file = try? RelativePath(parsing: record.acquisition.content.filename) else { return nil }
            return views.path(of: record.name, file: file)
        }
    }
}
