import Attestation
import BillOfMaterials
import SignatureKeys
import Sigstore

/// A manifest that carries signatures; the same bytes as what a simple signature is over, with annotations of a valid
/// shape. Nothing that a fuzzer makes is signed by anybody.
func fuzzCarrier(_ bytes: [UInt8]) {
    guard let manifest = try? SignatureManifest(parsing: bytes) else { return }
    precondition(manifest.layers.count <= CarrierLimits.signaturesMax)
    let policy = VerificationPolicy(signer: .identity(.exactly("a"), issuer: .exactly("b")))
    for layer in manifest.layers where layer.form == .simpleSigning {
        guard let signature = try? UnverifiedSimpleSignature(payload: bytes, annotations: layer.annotations) else {
            continue
        }
        let verified = try? BundleVerifier(root: .none).verify(signature, ofManifest: "sha256:", by: policy)
        precondition(verified == nil)
    }
}

/// The files of a model stay beneath it, and the parts of one are all of it.
func fuzzModelManifest(_ bytes: [UInt8]) {
    guard let statement = try? Statement(parsing: bytes), let manifest = try? ModelManifest(statement) else { return }
    for resource in manifest.resources {
        precondition(!resource.name.hasPrefix("/") && !resource.name.split(separator: "/").contains(".."))
        guard case .shards(let shards) = resource.content else { continue }
        precondition(shards.first?.range.lowerBound == 0)
        precondition(zip(shards, shards.dropFirst()).allSatisfy { $0.range.upperBound == $1.range.lowerBound })
    }
}

/// Hashes that are read could be ones, and identifiers are there once.
func fuzzBill(_ bytes: [UInt8]) {
    guard let bill = try? BillOfMaterials(parsing: bytes) else { return }
    let identifiers = bill.components.compactMap(\.identifier)
    precondition(Set(identifiers).count == identifiers.count)
    for hash in bill.components.compactMap({ $0.hashes["SHA-256"] }) {
        precondition(hash.utf8.count == 64 && hash == hash.lowercased())
        precondition(!bill.components(sha256: hash).isEmpty)
    }
}
