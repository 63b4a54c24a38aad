internal import ArgumentParser
internal import DistributionClient
internal import OCI

/// A manifest in a registry or a layout, whose signatures lie beside it. What names it is resolved once; everything
/// after that is about the digest.
struct CarriedSubject: Sendable {
    let source: any SignatureSource

    /// What may be signed, the manifest that is used first: with a platform also the index that lists it.
    let manifests: [StoredManifest]

    /// Resolves what an argument names.
    ///
    /// - Parameter client: for what is in a registry.
    init(
        _ reference: CarriedReference, platform: PlatformChoice?, _ client: DistributionClient
    ) async throws {
        let manifest: StoredManifest
        switch reference {
        case .registry(let reference):
            source = client.repository(of: reference)
            manifest = try await client.manifest(of: reference)
        case .layout(let layout, let name):
            source = layout
            manifest = try layout.manifest(named: name)
        }
        guard let platform else {
            manifests = [manifest]
            return
        }
        guard let child = platform.digest(in: manifest) else {
            throw CommandFailure(.noInput, "\(manifest.digest) is no index with a manifest for this platform.")
        }
        manifests = [try await source.fetch(child), manifest]
    }
}

/// What an argument names that lies in a registry or a layout.
enum CarriedReference: Sendable {
    case registry(ImageReference)
    case layout(ImageLayout, name: String?)

    /// `oci://HOST/REPOSITORY` with tag or digest; or the path of a layout, with `:NAME` behind it for one of several.
    ///
    /// - Returns: `nil` for what is neither.
    /// - Throws: `CommandFailure` for a reference without tag and digest, and for a layout that cannot be read.
    init?(_ text: String) throws {
        if text.hasPrefix(FetchedArtifacts.scheme) {
            let reference = String(text.dropFirst(FetchedArtifacts.scheme.count))
            do {
                self = .registry(try ImageReference.exactArgument(reference))
            } catch let error as ValidationError {
                // Not the parser's to show: this runs after it.
                throw CommandFailure(.usage, error.message)
            }
            return
        }
        guard let (directory, name) = LayoutFiles.split(text) else { return nil }
        self = .layout(try ImageLayout(opening: directory), name: name)
    }
}
