internal import SignatureKeys
package import StrictJSON

/// An entry as a log of Rekor v1 answers with it, with promise, proof and checkpoint. Nothing about it was verified.
package struct PromisedEntry: Sendable {
    /// A `TransparencyLogEntry`, as bundles have it.
    package let encoded: JSONValue

    let kind: String
    let version: String
    let spec: JSONObject

    /// Longest path of a proof: a tree of 2^64 leaves has no longer one.
    private static let hashesMax = 64

    fileprivate init?(_ entry: JSONObject) {
        guard let body = entry["body"]?.asString.flatMap({ Base64.decode($0.utf8) }),
            let document = ServiceAnswer.object(body), let spec = document["spec"]?.asObject,
            let kind = document["kind"]?.asString, let version = document["apiVersion"]?.asString,
            let logID = entry["logID"]?.asString.flatMap(Hexadecimal.decode),
            let index = Self.count(entry["logIndex"]), let time = Self.count(entry["integratedTime"]),
            let verification = entry["verification"]?.asObject,
            let promise = verification["signedEntryTimestamp"]?.asString.flatMap({ Base64.decode($0.utf8) }),
            let proof = verification["inclusionProof"]?.asObject.flatMap(Self.proof)
        else { return nil }
        (self.kind, self.version, self.spec) = (kind, version, spec)
        encoded = [
            "logIndex": .string(index), "logId": ["keyId": .string(Base64.encode(logID))],
            "kindVersion": ["kind": .string(kind), "version": .string(version)], "integratedTime": .string(time),
            "inclusionPromise": ["signedEntryTimestamp": .string(Base64.encode(promise))], "inclusionProof": proof,
            "canonicalizedBody": .string(Base64.encode(body)),
        ]
    }

    private static func proof(_ proof: JSONObject) -> JSONValue? {
        guard let index = count(proof["logIndex"]), let size = count(proof["treeSize"]),
            let root = proof["rootHash"]?.asString.flatMap(Hexadecimal.decode),
            let texts = proof["hashes"]?.asArray, texts.count <= hashesMax,
            let checkpoint = proof["checkpoint"]?.asString
        else { return nil }
        var hashes: [JSONValue] = []
        for text in texts {
            guard let hash = text.asString.flatMap(Hexadecimal.decode) else { return nil }
            hashes.append(.string(Base64.encode(hash)))
        }
        return [
            "logIndex": .string(index), "rootHash": .string(Base64.encode(root)), "treeSize": .string(size),
            "hashes": .array(hashes), "checkpoint": ["envelope": .string(checkpoint)],
        ]
    }

    /// Bundles write numbers of 64 bits as text.
    private static func count(_ value: JSONValue?) -> String? {
        guard let number = value?.asNumber?.int64, number >= 0 else { return nil }
        return String(number)
    }
}

extension ServiceAnswer {
    /// What a log answers (Rekor, version 1): one entry, under its name.
    ///
    /// - Returns: `nil` for an answer without promise, proof or checkpoint, or with more than one entry.
    package static func promisedEntry(_ bytes: [UInt8]) -> PromisedEntry? {
        guard let answer = object(bytes), answer.count == 1 else { return nil }
        return answer.members.first?.value.asObject.flatMap(PromisedEntry.init)
    }
}
