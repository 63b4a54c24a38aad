import Attestation
import OCI
import RegistryCore
import SignatureKeys
import Sigstore

/// What a signature about a version has to be over: its manifest, the one file that it consists of, or all of its
/// files.
struct SignedVersion: Sendable {
    let version: Digest
    let manifest: [UInt8]
    let files: [ArtifactFile]
    /// Whether a part of it is fetched from elsewhere, and is none of its files.
    let hasForeignParts: Bool

    init(_ version: Digest, _ contents: VersionContents) {
        self.version = version
        manifest = contents.manifest
        files = contents.files
        hasForeignParts = contents.hasForeignParts
    }

    /// What a bundle is to be verified with, by what it says that it is about. Nothing is believed of it by that.
    ///
    /// - Throws: `.subjectMismatch`, `.digestMismatch` when it is about something else.
    func artifact(of bundle: UnverifiedBundle) throws(VerificationFailure) -> Artifact {
        // The files that are here are not all of it.
        let files = hasForeignParts ? [] : files
        switch bundle.content {
        case .message(let message):
            // Without a claim it may be either of them, and the manifest is what signers of artifacts sign.
            guard files.count == 1, let digest = message.digest, digest == files[0].digest.bytes else {
                return Artifact(bytes: manifest)
            }
            return Artifact(digests: files[0].digest.known)
        case .envelope(let envelope):
            guard let statement = try? Statement(parsing: envelope.payload) else { return Artifact(bytes: manifest) }
            if statement.predicateType == ModelManifest.predicateType {
                return Artifact(digests: [.sha256: try Self.list(statement).rootDigest])
            }
            let whole: [HashAlgorithm: [UInt8]] = [.sha256: HashAlgorithm.sha256.hash(manifest)]
            if statement.subjects.contains(where: { $0.names(whole) }) { return Artifact(bytes: manifest) }
            // A statement about some of the files is not one about the version.
            let isAboutFiles =
                !files.isEmpty
                && files.allSatisfy { file in statement.subjects.contains { $0.names(file.digest.known) } }
            return isAboutFiles ? Artifact(digests: files[0].digest.known) : Artifact(bytes: manifest)
        }
    }

    /// Compares the list of a model signature that was verified with the files. Each of them has to be listed, also
    /// those that the signer left out by name: nobody signed them. A list of parts has nothing for files without bytes.
    ///
    /// - Returns: files of which parts are listed, which have to be read before the signature counts.
    func compare(with verified: VerifiedBundle) throws(VerificationFailure) -> [PartedFile] {
        guard let statement = verified.statement, statement.predicateType == ModelManifest.predicateType else {
            return []
        }
        guard !hasForeignParts else { throw VerificationFailure(.filesDiffer, "a part of it is not here") }
        let list = try Self.list(statement)
        let files = listableFiles
        if list.resources.map(\.name) == ["."] {
            guard files.count == 1, let content = list.resources.first?.content else {
                throw VerificationFailure(.filesDiffer, "one file was signed")
            }
            return try Self.compare(files[0], with: content, named: "the file")
        }
        var signed: [[UInt8]: ModelManifest.Content] = [:]
        for resource in list.resources { signed[Array(resource.name.utf8)] = resource.content }
        var parted: [PartedFile] = []
        for file in files {
            let name = file.path.description
            guard let content = signed.removeValue(forKey: Array(name.utf8)) else {
                if list.omitsEmptyFiles, file.sizeBytes == 0 { continue }
                throw VerificationFailure(.filesDiffer, "\(name) was not signed")
            }
            parted += try Self.compare(file, with: content, named: name)
        }
        guard signed.isEmpty else { throw VerificationFailure(.filesDiffer, "a signed file is missing") }
        return parted
    }

    /// Without the config that manifests have which have none: two bytes that are always the same.
    private var listableFiles: [ArtifactFile] {
        files.filter { $0.path.description != LayerNames.config || $0.digest != Descriptor.empty.digest }
    }

    private static func compare(
        _ file: ArtifactFile, with content: ModelManifest.Content, named name: String
    ) throws(VerificationFailure) -> [PartedFile] {
        switch content {
        case .whole(let digest):
            guard digest == file.digest.bytes else {
                throw VerificationFailure(.filesDiffer, "\(name) is another one than the signed one")
            }
            return []
        case .shards(let parts): return [PartedFile(file: file, parts: parts)]
        }
    }

    private static func list(_ statement: Statement) throws(VerificationFailure) -> ModelManifest {
        do throws(AttestationFault) {
            return try ModelManifest(statement)
        } catch {
            throw VerificationFailure(error.isUnsupported ? .statementUnsupported : .statementMalformed, "\(error)")
        }
    }
}

extension Digest {
    fileprivate var known: [HashAlgorithm: [UInt8]] {
        switch algorithm {
        case .sha256: [.sha256: bytes]
        case .sha512: [.sha512: bytes]
        }
    }
}
