import RegistryCore
import TransparencyLog

/// What a log serves: notes, checkpoints, proofs, tiles, entries and the paths of them.
func fuzzLog(_ bytes: [UInt8]) {
    if let note = try? SignedNote(parsing: bytes) {
        precondition((try? SignedNote(parsing: note.encoded)) == note)
        if let checkpoint = try? Checkpoint(parsing: note.text) {
            precondition(checkpoint.text == note.text)
        }
    }
    if let proof = try? LogProof(parsing: bytes) {
        precondition(proof.path.count <= LogProof.pathMax)
        precondition((try? LogProof(parsing: proof.encoded)) == proof)
    }
    if let tile = try? Tile(decoding: bytes) { precondition(tile.encoded == bytes) }
    for count in [1, 3, 256] {
        guard let entries = try? EntryBundle.decode(bytes, width: count) else { continue }
        precondition((try? EntryBundle.encode(entries.map(Array.init))) == bytes)
    }
    let text = String(decoding: bytes, as: UTF8.self)
    if let path = TilePath(parsing: text) { precondition(path.description == text) }
}

/// What operators write: policies and lists of credentials.
func fuzzPolicy(_ bytes: [UInt8]) {
    if let policy = try? Policy(parsing: bytes) {
        precondition((try? Policy(parsing: bytes)) == policy)
    }
    if let list = try? CredentialList(parsing: bytes) {
        precondition(list.credentials.count <= CredentialList.credentialsMax)
    }
}
