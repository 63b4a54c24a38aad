internal import ArgumentParser
internal import StrictJSON

/// Where a bundle goes.
struct BundleDestination: ParsableArguments {
    @Option(
        help: ArgumentHelp("File for the bundle; else the artifact's path and .sigstore.json.", valueName: "file"),
        completion: .file())
    var bundle: String?

    @Flag(help: "Replace a bundle that is there already.")
    var overwrite = false

    var isDefault: Bool { bundle == nil && !overwrite }

    /// What `argument` names in a registry or a layout; `nil` for files, and for a layout whose bundle goes to a file:
    /// that is a directory as any other.
    func artifact(_ argument: String) throws -> SignableArtifact? {
        guard let artifact = try SignableArtifact(argument: argument) else { return nil }
        if case .layout = artifact.place, bundle != nil { return nil }
        return artifact
    }

    /// - Parameter artifact: path of what is signed.
    func path(for artifact: String) -> String {
        if let bundle { return bundle }
        var path = artifact
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        return path + ".sigstore.json"
    }

    func file(for artifact: String) throws(CommandFailure) -> NewFile {
        do {
            return try NewFile(path(for: artifact), replacing: overwrite)
        } catch {
            var failure = error
            if failure.status == .ioError { failure.hint = "--overwrite replaces it, --bundle names another file." }
            throw failure
        }
    }
}
