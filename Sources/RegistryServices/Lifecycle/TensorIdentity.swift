import Inspection
import ModelFormats
import OCI
import RegistryCore

/// What a single tensor file is, tensor by tensor: digests in the sense of the `gguf-guard` tool.
public struct TensorIdentity: Sendable {
    /// Of the names, shapes and types.
    var structure: Digest
    /// Of the manifest document.
    var manifest: Digest
    /// The manifest document itself.
    var document: [UInt8]

    /// - Returns: `nil` unless exactly one file has tensors.
    init?(_ files: [ExaminedFile]) {
        let withTensors = files.filter { $0.report.tensors != nil }
        guard withTensors.count == 1, let file = withTensors.first else { return nil }
        self.init(file)
    }

    init?(_ file: ExaminedFile) {
        guard let table = file.report.tensors,
            let manifest = TensorManifest(
                table: table, architecture: file.report.gguf?.architecture ?? "unknown", fileDigest: file.file.digest,
                tensorDigests: file.tensorDigests),
            let structure = try? Digest(.sha256, hex: manifest.structureHash)
        else { return nil }
        let document = manifest.encoded()
        guard let digest = try? Digest(hashing: document) else { return nil }
        self.structure = structure
        self.manifest = digest
        self.document = document
    }
}
