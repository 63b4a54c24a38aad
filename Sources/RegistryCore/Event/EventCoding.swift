import OCI
public import StrictJSON

/// Bytes in the log that are not an event of ours.
public enum EventFault: Error, Sendable, Hashable {
    case json(JSONFault)
    case field(FieldFault)
    /// A field holds a value that this version does not know.
    case unknownValue(field: String)
    /// Longer than a log entry can be (C2SP tlog-tiles: 65,535 bytes).
    case tooLong
}

extension RegistryEvent {
    /// The format of encoded events, written into each.
    static let formatVersion: UInt64 = 1
    /// C2SP tlog-tiles, *Log Entries*: an entry's length is a 16-bit number.
    public static let encodedBytesMax = 65_535

    /// The leaf's bytes: compact JSON, members in a fixed order.
    public func encoded() throws(EventFault) -> [UInt8] {
        var members: [(String, JSONValue)] = [
            ("v", .number(JSONNumber(Self.formatVersion))),
            ("time", .string(time.description)),
            ("actor", .string(actor.description)),
        ]
        if let requestID { members.append(("request", .string(requestID))) }
        if case .artifact(let key, let name) = subject {
            members.append(("tenant", .string(key.tenant.description)))
            members.append(("name", .string(name.description)))
            members.append(("version", .string(key.version.description)))
        }
        if case .repository(let repository) = subject {
            members.append(("tenant", .string(repository.tenant.description)))
            members.append(("repository", .string(repository.name.description)))
        }
        members.append(("event", .string(body.kind.rawValue)))
        members.append(contentsOf: body.members)
        let bytes = JSONValue.object(JSONObject(members)).encoded()
        guard bytes.count <= Self.encodedBytesMax else { throw .tooLong }
        return bytes
    }

    /// - Parameter index: the entry's position in the log.
    public init(decoding bytes: [UInt8], index: UInt64) throws(EventFault) {
        let value: JSONValue
        do { value = try StrictJSON.parse(bytes, limits: .event) } catch { throw .json(error) }
        do {
            var fields = try FieldReader(value)
            guard try fields.requiredUInt64("v") == Self.formatVersion else {
                throw EventFault.unknownValue(field: "v")
            }
            self.index = index
            time = try Self.known(Timestamp(parsing: fields.requiredString("time")), "time")
            actor = try Self.known(Actor(parsing: fields.requiredString("actor")), "actor")
            requestID = try fields.optionalString("request")
            subject = try Self.subject(from: &fields)
            let kind = try Self.known(Body.Kind(rawValue: fields.requiredString("event")), "event")
            body = try Body(kind, from: &fields)
            try fields.finish()
        } catch let fault as FieldFault {
            throw .field(fault)
        } catch let fault as EventFault {
            throw fault
        } catch {
            throw .unknownValue(field: "event")
        }
    }

    private static func subject(from fields: inout FieldReader) throws -> Subject {
        guard let tenant = try fields.optionalString("tenant") else { return .registry }
        let known = try known(try? Tenant(parsing: tenant), "tenant")
        if let repository = try fields.optionalString("repository") {
            return .repository(
                RepositoryKey(
                    tenant: known, name: try Self.known(try? RepositoryName(parsing: repository), "repository")))
        }
        return .artifact(
            ArtifactKey(tenant: known, version: try digest(fields.requiredString("version"), "version")),
            name: try Self.known(try? ArtifactName(parsing: fields.requiredString("name")), "name"))
    }

    static func known<T>(_ value: T?, _ field: String) throws(EventFault) -> T {
        guard let value else { throw .unknownValue(field: field) }
        return value
    }

    static func tag(from fields: inout FieldReader) throws -> Tag {
        try known(Tag(parsing: fields.requiredString("tag")), "tag")
    }

    static func manifest(from fields: inout FieldReader) throws -> Digest {
        try digest(fields.requiredString("manifest"), "manifest")
    }

    static func digest(_ text: String, _ field: String) throws(EventFault) -> Digest {
        try known(try? Digest(parsing: text), field)
    }
}

extension JSONLimits {
    public static let event = JSONLimits(
        bytesMax: RegistryEvent.encodedBytesMax, depthMax: 4, nodesMax: 1_024, stringBytesMax: 65_535)
}

extension RegistryEvent.Body {
    /// The name of an event in the log and in every listing.
    public enum Kind: String, Sendable, CaseIterable {
        case acquired, quarantined, inspected, promoted, refused, revoked, deleted
        case policyActivated = "policy-activated"
        case bootLockRead = "boot-lock-read"
        case tagged, untagged, placed, removed, reviewed, pushed
        case waived, attested
        case waiverEnded = "waiver-ended"
        case recheckFailed = "recheck-failed"
    }

    public var kind: Kind {
        switch self {
        case .acquired: .acquired
        case .quarantined: .quarantined
        case .inspected: .inspected
        case .promoted: .promoted
        case .refused: .refused
        case .revoked: .revoked
        case .deleted: .deleted
        case .policyActivated: .policyActivated
        case .bootLockRead: .bootLockRead
        case .tagged: .tagged
        case .untagged: .untagged
        case .placed: .placed
        case .removed: .removed
        case .reviewed: .reviewed
        case .pushed: .pushed
        case .waived: .waived
        case .attested: .attested
        case .waiverEnded: .waiverEnded
        case .recheckFailed: .recheckFailed
        }
    }

    /// The members that this kind adds, in the order in which they are written.
    var members: [(String, JSONValue)] {
        switch self {
        case .acquired(let acquisition): acquisition.members
        case .quarantined(let cause): cause.members
        case .inspected(let outcome): outcome.members
        case .promoted(let admittance): admittance.members
        case .refused(let admittance, let codes):
            admittance.members + [("codes", .array(codes.map { .string($0) }))]
        case .revoked(let reason), .deleted(let reason):
            reason.map { [("reason", .string($0))] } ?? []
        case .policyActivated(let version, let digest):
            [("policy_version", .string(version)), ("policy", .string(digest.description))]
        case .bootLockRead(let digest, let admitted, let refused):
            [
                ("boot_lock", .string(digest.description)), ("admitted", .number(JSONNumber(admitted))),
                ("refused", .number(JSONNumber(refused))),
            ]
        case .tagged(let tag, let version, let previous):
            [("tag", .string(tag.description)), ("manifest", .string(version.description))]
                + (previous.map { [("previous", .string($0.description))] } ?? [])
        case .untagged(let tag, let version):
            [("tag", .string(tag.description)), ("manifest", .string(version.description))]
        case .placed(let version), .removed(let version), .reviewed(let version):
            [("manifest", .string(version.description))]
        case .pushed: []
        case .waived(let terms): terms.members
        case .attested(let bundle): [("bundle", .string(bundle.description))]
        case .waiverEnded(let id, let end): [("waiver", .number(JSONNumber(id)))] + end.members
        case .recheckFailed(let recheck): recheck.members
        }
    }

    init(_ kind: Kind, from fields: inout FieldReader) throws {
        switch kind {
        case .acquired: self = .acquired(try Acquisition(from: &fields))
        case .quarantined: self = .quarantined(try QuarantineCause(from: &fields))
        case .inspected: self = .inspected(try InspectionOutcome(from: &fields))
        case .promoted: self = .promoted(try Admittance(from: &fields))
        case .refused:
            let admittance = try Admittance(from: &fields)
            guard let codes = try fields.optionalStrings("codes") else { throw FieldFault.missing("codes") }
            self = .refused(admittance, codes: codes)
        case .revoked: self = .revoked(reason: try fields.optionalString("reason"))
        case .deleted: self = .deleted(reason: try fields.optionalString("reason"))
        case .policyActivated:
            self = .policyActivated(
                version: try fields.requiredString("policy_version"),
                digest: try RegistryEvent.digest(fields.requiredString("policy"), "policy"))
        case .bootLockRead:
            self = .bootLockRead(
                digest: try RegistryEvent.digest(fields.requiredString("boot_lock"), "boot_lock"),
                admitted: try fields.requiredUInt64("admitted"), refused: try fields.requiredUInt64("refused"))
        case .tagged:
            self = .tagged(
                try RegistryEvent.tag(from: &fields), version: try RegistryEvent.manifest(from: &fields),
                previous: try fields.optionalDigest("previous"))
        case .untagged:
            self = .untagged(
                try RegistryEvent.tag(from: &fields), version: try RegistryEvent.manifest(from: &fields))
        case .placed: self = .placed(version: try RegistryEvent.manifest(from: &fields))
        case .removed: self = .removed(version: try RegistryEvent.manifest(from: &fields))
        case .reviewed: self = .reviewed(version: try RegistryEvent.manifest(from: &fields))
        case .pushed: self = .pushed
        case .attested:
            self = .attested(bundle: try RegistryEvent.digest(fields.requiredString("bundle"), "bundle"))
        case .waived: self = .waived(try WaiverTerms(from: &fields))
        case .waiverEnded:
            self = .waiverEnded(try fields.requiredUInt64("waiver"), try WaiverEnd(from: &fields))
        case .recheckFailed: self = .recheckFailed(try Recheck(from: &fields))
        }
    }
}

extension Acquisition {
    var members: [(String, JSONValue)] {
        var members: [(String, JSONValue)] = [
            ("layout", .string(content.layout.rawValue)),
            ("sha256", .string(content.sha256.description)),
            ("size", .number(JSONNumber(content.sizeBytes))),
            ("filename", .string(content.filename)),
            ("format", .string(format)),
        ]
        if let source { members.append(("source", .string(source))) }
        if let sourceRevision { members.append(("source_revision", .string(sourceRevision))) }
        return members
    }

    init(from fields: inout FieldReader) throws {
        content = ContentIdentity(
            layout: try RegistryEvent.known(
                ContentIdentity.Layout(rawValue: fields.requiredString("layout")), "layout"),
            sha256: try RegistryEvent.digest(fields.requiredString("sha256"), "sha256"),
            sizeBytes: try fields.requiredUInt64("size"), filename: try fields.requiredString("filename"))
        format = try fields.requiredString("format")
        source = try fields.optionalString("source")
        sourceRevision = try fields.optionalString("source_revision")
    }
}

extension InspectionOutcome {
    var members: [(String, JSONValue)] {
        [
            ("verdict", .string(verdict)), ("rules", .string(rules)), ("evidence", .string(evidence.description)),
        ] + (structure.map { [("structure", .string($0.description))] } ?? [])
            + (tensorManifest.map { [("tensor_manifest", .string($0.description))] } ?? [])
    }

    init(from fields: inout FieldReader) throws {
        verdict = try fields.requiredString("verdict")
        rules = try fields.requiredString("rules")
        evidence = try RegistryEvent.digest(fields.requiredString("evidence"), "evidence")
        structure = try fields.optionalDigest("structure")
        tensorManifest = try fields.optionalDigest("tensor_manifest")
    }
}

extension FieldReader {
    fileprivate mutating func optionalDigest(_ field: String) throws -> Digest? {
        try optionalString(field).map { text in try RegistryEvent.digest(text, field) }
    }
}

extension QuarantineCause {
    var members: [(String, JSONValue)] {
        switch self {
        case .requested(let reason):
            [("cause", .string("requested"))] + (reason.map { [("reason", .string($0))] } ?? [])
        case .promotion: [("cause", .string("promotion"))]
        case .integrity(let file, let expected, let found):
            [
                ("cause", .string("integrity")), ("file", .string(file)),
                ("expected", .string(expected.description)), ("found", .string(found)),
            ]
        case .waiver(let id): [("cause", .string("waiver")), ("waiver", .number(JSONNumber(id)))]
        case .recheck(let codes):
            [("cause", .string("recheck")), ("codes", .array(codes.map { .string($0) }))]
        }
    }

    init(from fields: inout FieldReader) throws {
        switch try fields.requiredString("cause") {
        case "requested": self = .requested(reason: try fields.optionalString("reason"))
        case "promotion": self = .promotion
        case "integrity":
            self = .integrity(
                file: try fields.requiredString("file"),
                expected: try RegistryEvent.digest(fields.requiredString("expected"), "expected"),
                found: try fields.requiredString("found"))
        case "waiver": self = .waiver(try fields.requiredUInt64("waiver"))
        case "recheck":
            guard let codes = try fields.optionalStrings("codes") else { throw FieldFault.missing("codes") }
            self = .recheck(codes: codes)
        default: throw EventFault.unknownValue(field: "cause")
        }
    }
}

extension Admittance {
    var members: [(String, JSONValue)] {
        [
            ("policy_version", .string(policyVersion)), ("policy", .string(policyDigest.description)),
            ("decision", .string(decision.description)),
        ] + (claims.map { [("claims", .string($0.description))] } ?? [])
            + (bootLock.map { [("boot_lock", .string($0.description))] } ?? [])
            + (waivers.isEmpty ? [] : [("waivers", .array(waivers.map { .number(JSONNumber($0)) }))])
            + (validUntil.map { [("valid_until", .string($0.description))] } ?? [])
    }

    init(from fields: inout FieldReader) throws {
        policyVersion = try fields.requiredString("policy_version")
        policyDigest = try RegistryEvent.digest(fields.requiredString("policy"), "policy")
        decision = try RegistryEvent.digest(fields.requiredString("decision"), "decision")
        claims = try fields.optionalDigest("claims")
        bootLock = try fields.optionalDigest("boot_lock")
        waivers = try (fields.optionalArray("waivers") ?? []).map { element in
            try RegistryEvent.known(element.asNumber?.uint64, "waivers")
        }
        validUntil = try fields.optionalString("valid_until").map { text in
            try RegistryEvent.known(Timestamp(parsing: text), "valid_until")
        }
    }
}
