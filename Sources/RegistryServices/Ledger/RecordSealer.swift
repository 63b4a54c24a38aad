import Crypto
import OCI
public import RegistryCore
public import RegistryPorts

/// Puts this registry's seal on the rows that grant trust, and refuses rows without it.
///
/// Whoever can write to the metadata store can hide artifacts; to make one look trusted they would need the key.
public struct RecordSealer: Sendable {
    /// Length of the key in bytes.
    public static let keyBytes = 32

    private let key: SymmetricKey

    /// - Parameter key: 32 random bytes, kept beside the log's signing key and never in the metadata store.
    public init(key: [UInt8]) {
        self.key = SymmetricKey(data: key)
    }

    public func seal(_ record: ArtifactRecord) -> SealedRecord {
        SealedRecord(record: record, seal: code(record.sealedFields))
    }

    /// - Throws: `.recordTampered` when the seal is not ours.
    public func open(_ sealed: SealedRecord) throws(RegistryError) -> ArtifactRecord {
        guard matches(sealed.seal, sealed.record.sealedFields) else {
            throw RegistryError(
                .recordTampered, "The stored record of \(sealed.record.name) was not written by this registry.")
        }
        return sealed.record
    }

    public func seal(_ identity: BlobIdentity, at time: Timestamp, of blob: String) -> SealedVerification {
        SealedVerification(identity: identity, time: time, seal: code(identity.sealedFields(at: time, of: blob)))
    }

    /// - Returns: `nil` when the seal is not ours: then nobody ever hashed the blob.
    public func open(_ verification: SealedVerification, of blob: String) -> (BlobIdentity, Timestamp)? {
        let fields = verification.identity.sealedFields(at: verification.time, of: blob)
        return matches(verification.seal, fields) ? (verification.identity, verification.time) : nil
    }

    /// The document with a seal before it, bound to the blob that it is about.
    func sealed(_ document: [UInt8], of blob: String) -> [UInt8] {
        var message = Self.message(["document/v1", blob])
        message.append(contentsOf: document)
        return Array(HMAC<SHA256>.authenticationCode(for: message, using: key)) + document
    }

    /// - Returns: the document, `nil` when the seal is not ours.
    func open(_ sealed: [UInt8], of blob: String) -> [UInt8]? {
        guard sealed.count >= SHA256.byteCount else { return nil }
        let document = Array(sealed[SHA256.byteCount...])
        var message = Self.message(["document/v1", blob])
        message.append(contentsOf: document)
        let seal = Array(sealed[..<SHA256.byteCount])
        return HMAC<SHA256>.isValidAuthenticationCode(seal, authenticating: message, using: key) ? document : nil
    }

    private func code(_ fields: [String]) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: Self.message(fields), using: key))
    }

    private func matches(_ seal: [UInt8], _ fields: [String]) -> Bool {
        HMAC<SHA256>.isValidAuthenticationCode(seal, authenticating: Self.message(fields), using: key)
    }

    /// Each field with its length before it, so that no two lists of fields give the same message.
    private static func message(_ fields: [String]) -> [UInt8] {
        var message: [UInt8] = []
        message.reserveCapacity(1_024)
        for field in fields {
            withUnsafeBytes(of: UInt32(truncatingIfNeeded: field.utf8.count).littleEndian) {
                message.append(contentsOf: $0)
            }
            message.append(contentsOf: field.utf8)
        }
        return message
    }
}

extension ArtifactRecord {
    fileprivate var sealedFields: [String] {
        let content = acquisition.content
        var fields = [
            "record/v1", key.tenant.description, key.version.description, name.description, state.rawValue,
            content.layout.rawValue, content.sha256.description, String(content.sizeBytes), content.filename,
            acquisition.format, acquisition.source ?? "", acquisition.sourceRevision ?? "", acquiredAt.description,
            promotedAt?.description ?? "", stateSince.description, reason ?? "", String(headIndex),
            String(evidenceCount),
        ]
        if let inspection {
            fields += [
                "inspection", inspection.verdict, inspection.rules, inspection.evidence.description,
                inspection.structure?.description ?? "", inspection.tensorManifest?.description ?? "",
            ]
        }
        if let admittance {
            fields += [
                "admittance", admittance.policyVersion, admittance.policyDigest.description,
                admittance.decision.description, admittance.claims?.description ?? "",
                admittance.bootLock?.description ?? "",
            ]
        }
        return fields
    }
}

extension BlobIdentity {
    fileprivate func sealedFields(at time: Timestamp, of blob: String) -> [String] {
        [
            "verification/v1", blob, time.description, String(device), String(inode), String(sizeBytes),
            String(modifiedNanoseconds), String(changedNanoseconds),
        ]
    }
}
