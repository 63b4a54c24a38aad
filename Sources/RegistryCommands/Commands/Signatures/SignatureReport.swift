internal import Attestation
internal import DER
internal import SignatureKeys
internal import Sigstore
internal import StrictJSON

/// What came of the bundles of one artifact, for people and for programs.
struct SignatureReport {
    /// One signature.
    struct Row {
        /// The file of the bundle, or where in a registry the signature was found.
        let name: String
        /// Digest of the manifest that it is about, where there may be several.
        let about: String?
        let verdict: SignatureCheck.Verdict

        /// Of what `name` is one.
        var kind: String { about == nil ? "bundle" : "signature" }
    }

    private(set) var rows: [Row] = []
    let subject: String
    let threshold: Int

    /// What the subject is resolved to, where it names a manifest; first what is used.
    var manifests: [String] = []

    /// Lines of lists of referrers that could not be read.
    var unreadable = 0

    init(subject: String, threshold: Int) {
        self.subject = subject
        self.threshold = threshold
    }

    mutating func add(_ name: String, about: String? = nil, _ verdict: SignatureCheck.Verdict) {
        rows.append(Row(name: name, about: about, verdict: verdict))
    }

    /// Different signers whose bundles verify: the same one twice counts once.
    var signers: Set<String> {
        Set(
            rows.compactMap { row in
                guard case .verified(let bundle, let signer, _) = row.verdict else { return nil }
                return Self.name(of: bundle, signer)
            })
    }

    /// Fewer signers than asked for are bad, unless what could not be checked might have made them enough.
    var status: ExitStatus {
        if signers.count >= threshold { return .done }
        let undecided = rows.count { row in
            if case .refused(let failure) = row.verdict { failure.reason.isUndecided } else { false }
        }
        return signers.count + undecided >= threshold ? .unchecked : .bad
    }

    private var statusName: String {
        switch status {
        case .done: "verified"
        case .unchecked: "undecided"
        default: "failed"
        }
    }

    private static func name(of bundle: VerifiedBundle, _ signer: VerificationPolicy.Signer) -> String {
        switch signer {
        case .identity, .certificate: bundle.identity.map { "\($0.issuer) \($0.name)" } ?? ""
        case .key(let key): "key \(Hexadecimal.encode(key.keyID))"
        }
    }

    /// What a verified bundle leaves open.
    private static func unchecked(_ bundle: VerifiedBundle) -> [String] {
        var open: [String] = []
        if bundle.identity == nil { open.append("who holds the key") }
        if bundle.identity != nil, bundle.certificateLogs.isEmpty {
            open.append("whether the certificate was shown to anybody or withdrawn")
        }
        if bundle.times.isEmpty { open.append("when it was signed") }
        if bundle.logEntries.isEmpty { open.append("whether a log has it") }
        if bundle.logEntries.contains(where: { !$0.isIncluded }) { open.append("whether the log kept its promise") }
        if bundle.statement != nil { open.append("whether what the statement says is true") }
        return open
    }

    var text: String {
        var parts = rows.map { Self.fields($0).text }
        if unreadable > 0 {
            parts.append("\(Quantities.count(unreadable, "referrer")) could not be read and does not count.\n")
        }
        if rows.isEmpty { parts.append("Nothing that signs it was found.\n") }
        let signers = Quantities.count(UInt64(signers.count), "signer")
        parts.append("\(statusName): \(signers) of \(threshold) for \(TerminalText.visible(subject))\n")
        return parts.joined(separator: "\n")
    }

    private static func fields(_ row: Row) -> FieldList {
        var fields = FieldList([(row.kind == "bundle" ? "Bundle" : "Signature", row.name), ("About", row.about)])
        switch row.verdict {
        case .refused(let failure):
            fields.add("Verified", failure.reason.isUndecided ? "could not be checked" : "no")
            fields.add("Because", failure.detail)
            fields.add("Reason", failure.reason.rawValue)
        case .verified(let bundle, let signer, let open):
            fields.add("Verified", "yes")
            fields.add("Signed by", bundle.identity?.name ?? name(of: bundle, signer))
            fields.add("Vouched for by", bundle.identity?.issuer)
            for time in bundle.times { fields.add("Signed at", "\(time.time), says \(time.source.name)") }
            for entry in bundle.logEntries {
                fields.add(
                    "In log", "\(entry.log.host), entry \(entry.logIndex)\(entry.isIncluded ? "" : ", promised")")
            }
            for log in bundle.certificateLogs { fields.add("Certificate in log", log) }
            fields.add("Statement", bundle.statement?.predicateType)
            let open = unchecked(bundle) + open
            fields.add("Not checked", open.isEmpty ? nil : open.joined(separator: "; "))
        }
        return fields
    }

    var json: JSONValue {
        .object(
            JSONObject(present: [
                ("status", .string(statusName)), ("artifact", .string(subject)),
                ("manifests", manifests.isEmpty ? nil : .array(manifests.map(JSONValue.string))),
                ("signers", .integer(signers.count)), ("threshold", .integer(threshold)),
                ("unreadable", manifests.isEmpty ? nil : .integer(unreadable)),
                (manifests.isEmpty ? "bundles" : "signatures", .array(rows.map(Self.json))),
            ]))
    }

    private static func json(_ row: Row) -> JSONValue {
        switch row.verdict {
        case .refused(let failure):
            return .object(
                JSONObject(present: [
                    (row.kind, .string(row.name)), ("about", row.about.map(JSONValue.string)),
                    ("status", failure.reason.isUndecided ? "undecided" : "failed"),
                    ("reason", .string(failure.reason.rawValue)), ("detail", .string(failure.detail)),
                ]))
        case .verified(let bundle, let signer, let open):
            var keyID: JSONValue?
            if case .key(let key) = signer { keyID = .string(Hexadecimal.encode(key.keyID)) }
            return .object(
                JSONObject(present: [
                    (row.kind, .string(row.name)), ("about", row.about.map(JSONValue.string)),
                    ("status", "verified"),
                    ("identity", bundle.identity.map { .string($0.name) }),
                    ("identity_kind", bundle.identity.map { .string($0.kind.rawValue) }),
                    ("issuer", bundle.identity.map { .string($0.issuer) }), ("key_sha256", keyID),
                    ("times", .array(bundle.times.map(\.json))), ("log_entries", .array(bundle.logEntries.map(\.json))),
                    ("certificate_logs", .array(bundle.certificateLogs.map(JSONValue.string))),
                    ("predicate_type", bundle.statement.map { .string($0.predicateType) }),
                    ("not_checked", .array((unchecked(bundle) + open).map(JSONValue.string))),
                ]))
        }
    }
}

extension VerifiedTime.Source {
    fileprivate var name: String {
        switch self {
        case .log(let host): "the log \(host)"
        case .timestampAuthority: "a timestamp authority"
        }
    }
}

extension VerifiedTime {
    fileprivate var json: JSONValue {
        ["time": .string(time.description), "source": .string(source.name)]
    }
}

extension VerifiedLogEntry {
    fileprivate var json: JSONValue {
        ["log": .string(log.host), "index": .integer(logIndex), "included": .bool(isIncluded)]
    }
}
