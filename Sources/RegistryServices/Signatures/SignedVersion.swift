import Attestation
import OCI
import RegistryCore
import SignatureKeys
import Sigstore

/// What a signature about a version has to be over: its manifest, the one file that it consists of, or all of its
/// files.
struct SignedVersion: Sendable {
    let manifest: [UInt8]
    let files: [ArtifactFile]

    /// What a bundle is to be verified with, by what it says that it is about. Nothing is believed of it by that.
    ///
    /// - Throws: `.subjectMismatch`, `.digestMismatch` when it is about something else.
    func artifact(of bundle: UnverifiedBundle) throws(VerificationFailure) -> Artifact {
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
    /// those that the signer left out by name: nobody signed them.
    func compare(with verified: VerifiedBundle) throws(VerificationFailure) {
        guard let statement = verified.statement, statement.predicateType == ModelManifest.predicateType else { return }
        let list = try Self.list(statement)
        var signed: [[UInt8]: [UInt8]] = [:]
        for resource in list.resources {
            // The registry knows files by their digests, and not parts of them.
            guard case .whole(let digest) = resource.content else {
                throw VerificationFailure(.statementUnsupported, "the list is of parts of files")
            }
            signed[Array(resource.name.utf8)] = digest
        }
        if list.resources.map(\.name) == ["."] {
            guard files.count == 1, files[0].digest.bytes == signed.values.first else {
                throw VerificationFailure(.filesDiffer, "the file is another one than the signed one")
            }
            return
        }
        for file in files {
            let name = file.path.description
            guard let digest = signed.removeValue(forKey: Array(name.utf8)) else {
                throw VerificationFailure(.filesDiffer, "\(name) was not signed")
            }
            guard digest == file.digest.bytes else {
                throw VerificationFailure(.filesDiffer, "\(name) is another one than the signed one")
            }
        }
        guard signed.isEmpty else { throw VerificationFailure(.filesDiffer, "a signed file is missing") }
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
