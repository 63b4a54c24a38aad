import RegistryCore
import RegistryPorts

extension ArtifactFile {
    /// The file as a view shows it.
    var viewed: ViewedFile { ViewedFile(path: path, digest: digest) }
}
