internal import Attestation
internal import DER
internal import SignatureKeys
internal import Sigstore
internal import StrictJSON

/// What came of the bundles of one artifact, for people and for programs.
struct SignatureReport {
    private(set) var rows: [(bundle: String, verdict: SignatureCheck.Verdict)] = []
    let subject: String
    let threshold: Int

    mutating func add(_ bundle: String, _ verdict: SignatureCheck.Verdict) {
        rows.append((bundle, verdict))
    }

    /// Different signers whose bundles verify: the same one twice counts once.
    var signers: Set<String> {
        Set(
            rows.compactMap { row in
                guard case .verified(let bundle, let signer) = row.verdict else { return nil }
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
        case .identity: bundle.identity.map { "\($0.issuer) \($0.name)" } ?? ""
        case .key(let key): "key \(Hexadecimal.encode(key.keyID))"
        }
    }

    /// What a verified bundle leaves open.
    private static func unchecked(_ bundle: VerifiedBundle) -> [String] {
        var open: [String] = []
        if bundle.identity == nil { open.append("who holds the key") }
        if bundle.times.isEmpty { open.append("when it was signed") }
        if bundle.logEntries.isEmpty { open.append("whether a log has it") }
        if bundle.logEntries.contains(where: { !$0.isIncluded }) { open.append("whether the log kept its promise") }
        if bundle.statement != nil { open.append("whether what the statement says is true") }
        return open
    }

    var text: String {
        var parts = rows.map { Self.fields($0.bundle, $0.verdict).text }
        let signers = Quantities.count(UInt64(signers.count), "signer")
        parts.append("\(statusName): \(signers) of \(threshold) for \(TerminalText.visible(subject))\n")
        return parts.joined(separator: "\n")
    }

    private static func fields(_ path: String, _ verdict: SignatureCheck.Verdict) -> FieldList {
        var fields = FieldList([("Bundle", path)])
        switch verdict {
        case .refused(let failure):
            fields.add("Verified", failure.reason.isUndecided ? "could not be checked" : "no")
            fields.add("Because", failure.detail)
            fields.add("Reason", failure.reason.rawValue)
        case .verified(let bundle, let signer):
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
            let open = unchecked(bundle)
            fields.add("Not checked", open.isEmpty ? nil : open.joined(separator: "; "))
        }
        return fields
    }

    var json: JSONValue {
        [
            "status": .string(statusName), "artifact": .string(subject), "signers": .integer(signers.count),
            "threshold": .integer(threshold), "bundles": .array(rows.map { Self.json($0.bundle, $0.verdict) }),
        ]
    }

    private static func json(_ path: String, _ verdict: SignatureCheck.Verdict) -> JSONValue {
        switch verdict {
        case .refused(let failure):
            return [
                "bundle": .string(path), "status": failure.reason.isUndecided ? "undecided" : "failed",
                "reason": .string(failure.reason.rawValue), "detail": .string(failure.detail),
            ]
        case .verified(let bundle, let signer):
            var keyID: JSONValue?
            if case .key(let key) = signer { keyID = .string(Hexadecimal.encode(key.keyID)) }
            return .object(
                JSONObject(present: [
                    ("bundle", .string(path)), ("status", "verified"),
                    ("identity", bundle.identity.map { .string($0.name) }),
                    ("identity_kind", bundle.identity.map { .string($0.kind.rawValue) }),
                    ("issuer", bundle.identity.map { .string($0.issuer) }), ("key_sha256", keyID),
                    ("times", .array(bundle.times.map(\.json))), ("log_entries", .array(bundle.logEntries.map(\.json))),
                    ("certificate_logs", .array(bundle.certificateLogs.map(JSONValue.string))),
                    ("predicate_type", bundle.statement.map { .string($0.predicateType) }),
                    ("not_checked", .array(unchecked(bundle).map(JSONValue.string))),
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
