internal import DER
internal import SignatureKeys
internal import StrictJSON
internal import TransparencyLog

extension UnverifiedLogEntry {
    /// Whether a log of Rekor v1 promised to include the entry, signed with its time.
    ///
    /// What is signed is the canonical JSON of body, time, log and global position; there is no other protection of
    /// the time, so that it is worth nothing without this.
    func promiseIsValid(_ promise: [UInt8], body: [UInt8], by log: TrustedLog) -> Bool {
        let document: JSONValue = [
            "body": .string(Base64.encode(body)), "integratedTime": .integer(integratedTime),
            "logID": .string(Hexadecimal.encode(logID)), "logIndex": .integer(logIndex),
        ]
        return log.key.isValid(promise, over: document.encoded(), by: log.scheme)
    }

    /// Checks that the entry is in the tree that `log` signed (RFC 6962 section 2.1.1).
    ///
    /// - Parameter checkpointIsRequired: without a checkpoint a proof only says that it fits itself, which bundles of
    ///   version 0.1 may leave at that.
    func checkInclusion(
        _ proof: UnverifiedInclusionProof, body: [UInt8], in log: TrustedLog, checkpointIsRequired: Bool
    ) throws(VerificationFailure) {
        guard let root = LogHash(proof.rootHash) else {
            throw VerificationFailure(.inclusionProofInvalid, "the root of a proof is no hash")
        }
        let path = proof.hashes.compactMap { LogHash($0) }
        guard path.count == proof.hashes.count else {
            throw VerificationFailure(.inclusionProofInvalid, "a proof has something that is no hash")
        }
        let head = TreeHead(size: proof.treeSize, root: root)
        do throws(ProofVerificationFault) {
            try InclusionProof(leafIndex: proof.logIndex, treeSize: proof.treeSize, path: path)
                .verify(leaf: MerkleHashing.leaf(body), head: head)
        } catch {
            throw VerificationFailure(.inclusionProofInvalid, "a proof does not lead from the entry to its root")
        }
        if let checkpoint = proof.checkpoint {
            try checkpoint.checkHead(head, of: log)
        } else if checkpointIsRequired {
            throw VerificationFailure(.checkpointMissing, "a proof has no checkpoint")
        }
    }
}

extension Array<UInt8> {
    /// Checks that this is a checkpoint of `log` and says `head`.
    fileprivate func checkHead(_ head: TreeHead, of log: TrustedLog) throws(VerificationFailure) {
        let note: SignedNote
        let checkpoint: Checkpoint
        guard let name = NoteKeyName(log.host) else {
            throw VerificationFailure(.trustedRootMalformed, "the address of a log has no name that notes can have")
        }
        do throws(NoteFault) {
            note = try SignedNote(parsing: self)
        } catch {
            throw VerificationFailure(.checkpointMalformed, "a checkpoint cannot be read: \(error)")
        }
        do throws(CheckpointFault) {
            checkpoint = try Checkpoint(parsing: note.text)
        } catch {
            throw VerificationFailure(.checkpointMalformed, "a checkpoint cannot be read: \(error)")
        }
        do throws(NoteFault) {
            // Lines of witnesses and of keys that the root does not have are left out.
            _ = try note.verify(by: [NoteVerifier(name: name, key: log.key, keyID: log.checkpointKeyID)])
        } catch {
            throw VerificationFailure(.checkpointSignatureInvalid, "the checkpoint is not signed by its log: \(error)")
        }
        // Rekor v1 says behind its name which of its trees it is.
        let origin = checkpoint.origin.description
        guard origin.utf8.elementsEqual(log.host.utf8) || origin.utf8.starts(with: "\(log.host) - ".utf8) else {
            throw VerificationFailure(.checkpointMismatch, "the checkpoint is that of another log")
        }
        guard checkpoint.head == head else {
            throw VerificationFailure(.checkpointMismatch, "the checkpoint is of another tree than the proof")
        }
    }
}
