import Crypto
import OCI
public import RegistryCore
public import RegistryPorts
import StrictJSON

/// Puts this registry's seal on the rows that grant trust, and refuses rows without it.
///
/// Whoever can write to the metadata store can hide artifacts; to make one look trusted they would need the key.
public struct RecordSealer: Sendable {
    /// Length of the key in bytes.
    public static let keyBytes = 32

    /// A code in the state after the key, which takes as much hashing as a short message, and memory besides.
    private let keyed: HMAC<SHA256>

    /// - Parameter key: 32 random bytes, kept beside the log's signing key and never in the metadata store.
    public init(key: [UInt8]) {
        keyed = HMAC(key: SymmetricKey(data: key))
    }

    public func seal(_ record: ArtifactRecord) -> SealedRecord {
        SealedRecord(record: record, seal: code(record.sealedMessage))
    }

    /// - Throws: `.recordTampered` when the seal is not ours.
    public func open(_ sealed: SealedRecord) throws(RegistryError) -> ArtifactRecord {
        guard matches(sealed.seal, sealed.record.sealedMessage) else {
            throw RegistryError(
                .recordTampered, "The stored record of \(sealed.record.name) was not written by this registry.")
        }
        return sealed.record
    }

    public func seal(_ identity: BlobIdentity, at time: Timestamp, of blob: String) -> SealedVerification {
        SealedVerification(identity: identity, time: time, seal: code(identity.sealedMessage(at: time, of: blob)))
    }

    /// - Returns: `nil` when the seal is not ours: then nobody ever hashed the blob.
    public func open(_ verification: SealedVerification, of blob: String) -> (BlobIdentity, Timestamp)? {
        let message = verification.identity.sealedMessage(at: verification.time, of: blob)
        return matches(verification.seal, message) ? (verification.identity, verification.time) : nil
    }

    /// The result of an inspection with a seal before it, bound to what it depends on.
    func sealed(_ document: [UInt8], of inspection: InspectionKey) -> [UInt8] {
        code(inspection.sealedMessage(document)) + document
    }

    /// - Returns: the document, `nil` when the seal is not ours.
    func open(_ sealed: [UInt8], of inspection: InspectionKey) -> [UInt8]? {
        guard sealed.count >= SHA256.byteCount else { return nil }
        let document = Array(sealed[SHA256.byteCount...])
        return matches(Array(sealed[..<SHA256.byteCount]), inspection.sealedMessage(document)) ? document : nil
    }

    func code(_ message: SealedMessage) -> [UInt8] {
        Array(authenticated(message))
    }

    /// Takes the same time wherever the two differ.
    func matches(_ seal: [UInt8], _ message: SealedMessage) -> Bool {
        authenticated(message) == seal
    }

    private func authenticated(_ message: SealedMessage) -> HMAC<SHA256>.MAC {
        var code = keyed
        code.update(data: message.bytes)
        return code.finalize()
    }
}

extension ArtifactRecord {
    fileprivate var sealedMessage: SealedMessage {
        var message = SealedMessage("record/v1")
        message.add(key.tenant.description)
        message.add(key.version)
        message.add(name.description)
        message.add(state.rawValue)
        let content = acquisition.content
        message.add(content.layout.rawValue)
        message.add(content.sha256)
        message.add(content.sizeBytes)
        message.add(content.filename)
        message.add(acquisition.format)
        message.add(acquisition.source ?? "")
        message.add(acquisition.sourceRevision ?? "")
        message.add(acquiredAt)
        message.add(promotedAt)
        message.add(stateSince)
        message.add(reason ?? "")
        message.add(headIndex)
        message.add(evidenceCount)
        if let inspection {
            message.add("inspection")
            message.add(inspection.verdict)
            message.add(inspection.rules)
            message.add(inspection.evidence)
            message.add(inspection.structure)
            message.add(inspection.tensorManifest)
        }
        if let admittance {
            message.add("admittance")
            message.add(admittance.policyVersion)
            message.add(admittance.policyDigest)
            message.add(admittance.decision)
            message.add(admittance.claims)
            message.add(admittance.bootLock)
        }
        // Nothing is added where there is nobody, as earlier programs did: their rows keep their seals.
        if !pushedBy.isEmpty {
            message.add("pushed by")
            for publisher in pushedBy { message.add(publisher.description) }
        }
        addWaivers(to: &message)
        return message
    }

    /// The same for what waivers and looks at something trusted leave behind.
    private func addWaivers(to message: inout SealedMessage) {
        if let admittance, !admittance.waivers.isEmpty {
            message.add("rests on")
            for id in admittance.waivers { message.add(id) }
            message.add(admittance.validUntil)
        }
        if !waivers.isEmpty {
            message.add("waived by")
            for waiver in waivers { message.add(String(decoding: waiver.json.encoded(), as: UTF8.self)) }
        }
        if let recheck {
            message.add("looked at again")
            message.add(String(decoding: recheck.json.encoded(), as: UTF8.self))
        }
    }
}

extension InspectionKey {
    fileprivate func sealedMessage(_ document: [UInt8]) -> SealedMessage {
        var message = SealedMessage("inspection/v1")
        message.add(blob)
        message.add(name)
        message.add(rules)
        message.addRest(document)
        return message
    }
}

extension BlobIdentity {
    fileprivate func sealedMessage(at time: Timestamp, of blob: String) -> SealedMessage {
        var message = SealedMessage("verification/v1")
        message.add(blob)
        message.add(time)
        message.add(device)
        message.add(inode)
        message.add(sizeBytes)
        message.add(modifiedNanoseconds)
        message.add(changedNanoseconds)
        return message
    }
}
