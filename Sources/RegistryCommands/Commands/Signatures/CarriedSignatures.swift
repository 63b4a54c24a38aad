internal import DistributionClient
internal import OCI
internal import Sigstore

/// What is found beside a manifest and says that it signs it.
enum CarriedSignature: Sendable {
    case bundle(UnverifiedBundle)
    case simple(UnverifiedSimpleSignature)
}

/// Verdicts on all signatures of a manifest that a registry or layout carries, in each way in which they are: Sigstore
/// bundles and simple signatures as referrers, and simple signatures under cosign's tag.
///
/// All of them count: the first one that is found may be anybody's. One at a time is in memory.
struct CarriedSignatures {
    struct Row: Sendable {
        /// Where it was found.
        let place: String
        let manifest: Digest
        let verdict: SignatureCheck.Verdict
    }

    private(set) var rows: [Row] = []
    /// Lines of lists of referrers that lead nowhere.
    private(set) var unreadable = 0
    /// What was looked into, for each manifest by itself: what is listed where it does not belong must not be missing
    /// where it does.
    private var seen: Set<Pair> = []
    private var bytesLeft = CarrierLimits.allBytesMax
    private let source: any SignatureSource
    private let check: CarriedCheck

    /// - Throws: `CommandFailure` with `.unchecked` when there are more than are looked at; whatever keeps the lists
    ///   from being read.
    init(of subject: CarriedSubject, _ check: CarriedCheck) async throws {
        source = subject.source
        self.check = check
        for manifest in subject.manifests { try await search(manifest) }
    }

    private mutating func search(_ subject: StoredManifest) async throws {
        // Some lists do not say what they lead to.
        let choice = ReferrerChoice(countMax: CarrierLimits.signaturesMax - rows.count) { type in
            type.map(SignatureManifest.mayCarry(artifactType:)) ?? true
        }
        let list = try await source.referrerRows(of: subject.digest, choice)
        unreadable += list.unreadable
        guard !list.isExcessive else { throw Self.tooMany }
        for row in list.rows {
            try await add(place: "referrer \(row.digest)", to: subject, isTyped: row.artifactType != nil) { source in
                try await source.fetch(row.digest)
            }
        }
        guard let tag = Tag.simpleSignatures(of: subject.digest) else { return }
        try await add(place: "tag \(tag)", to: subject, isTyped: nil) { try await $0.manifest(taggedIfAny: tag) }
    }

    private struct Pair: Hashable {
        let subject: Digest
        let carrier: Digest
    }

    private static var tooMany: CommandFailure {
        CommandFailure(
            .unchecked, "There are more signatures than the \(CarrierLimits.signaturesMax) that are looked at.",
            details: ["limit: signaturesMax"],
            hint: "Pull the one that counts, and name it: securectl verify sha256:… --bundle FILE.")
    }

    /// Looks into a manifest that may carry signatures.
    ///
    /// - Parameter isTyped: whether a list said that it carries some, so that it is broken if it does not; `nil` for
    ///   what a tag names, which need not say what it is about.
    private mutating func add(
        place: String, to subject: StoredManifest, isTyped: Bool?,
        _ fetch: (any SignatureSource) async throws -> StoredManifest?
    ) async throws {
        let carrier: SignatureManifest
        do {
            guard let stored = try await fetch(source) else { return }
            carrier = try SignatureManifest(parsing: stored.bytes)
            if isTyped != nil, carrier.subject != subject.digest.description {
                throw VerificationFailure(.subjectMismatch, "its manifest is about something else")
            }
            guard seen.insert(Pair(subject: subject.digest, carrier: stored.digest)).inserted else { return }
            if isTyped == true, carrier.layers.isEmpty {
                throw VerificationFailure(.contentMissing, "its manifest has no signature")
            }
        } catch {
            return try append(place, subject, .refused(try Self.failure(of: error)))
        }
        for (number, layer) in carrier.layers.enumerated() {
            let place = carrier.layers.count == 1 ? place : "\(place), layer \(number)"
            let verdict: SignatureCheck.Verdict
            do {
                verdict = check.verdict(on: try await signature(layer), of: subject)
            } catch {
                verdict = .refused(try Self.failure(of: error))
            }
            try append(place, subject, verdict)
        }
    }

    private mutating func signature(_ layer: SignatureManifest.Layer) async throws -> CarriedSignature {
        guard let digest = try? Digest(parsing: layer.digest) else {
            throw VerificationFailure(.bundleMalformed, "its manifest names a blob by no digest")
        }
        guard let size = Int(exactly: layer.sizeBytes), size <= layer.form.bytesMax else {
            throw VerificationFailure(.bundleTooLarge, "it has more than \(layer.form.bytesMax) bytes")
        }
        guard size <= bytesLeft else {
            throw CommandFailure(
                .unchecked, "The signatures have more than the \(CarrierLimits.allBytesMax) bytes that are looked at.",
                details: ["limit: allBytesMax"])
        }
        bytesLeft -= size
        let bytes = try await source.bytes(of: digest, sizeBytes: layer.sizeBytes, bytesMax: layer.form.bytesMax)
        switch layer.form {
        case .bundle: return .bundle(try UnverifiedBundle(parsing: bytes))
        case .simpleSigning:
            return .simple(try UnverifiedSimpleSignature(payload: bytes, annotations: layer.annotations))
        }
    }

    private mutating func append(
        _ place: String, _ subject: StoredManifest, _ verdict: SignatureCheck.Verdict
    ) throws {
        guard rows.count < CarrierLimits.signaturesMax else { throw Self.tooMany }
        rows.append(Row(place: place, manifest: subject.digest, verdict: verdict))
    }

    /// What is wrong with one signature. A registry that does not answer is wrong with all of them.
    private static func failure(of error: any Error) throws -> VerificationFailure {
        switch error {
        case let failure as VerificationFailure: return failure
        case let fault as DistributionFault where fault.isAboutContent:
            return VerificationFailure(.signatureUnavailable, CommandFailure(fault).message)
        default: throw error
        }
    }
}
