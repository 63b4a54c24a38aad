import OCI
import RegistryCore
import StrictJSON
import Testing

@Suite("Events as leaves of the log")
struct EventCodingTests {
    @Test("Every kind of event is read back as it was written")
    func roundTrip() throws {
        let events = try Sample.everyKind()
        #expect(Set(events.map(\.body.kind)) == Set(RegistryEvent.Body.Kind.allCases))
        for event in events {
            let bytes = try event.encoded()
            #expect(try RegistryEvent(decoding: bytes, index: event.index) == event)
        }
    }

    @Test("An event is one line of JSON whose bytes never change")
    func golden() throws {
        let digest = try Sample.digest(3).description
        let event = try Sample.event(.promoted(try Sample.admittance()), index: 7)
        #expect(
            String(decoding: try event.encoded(), as: UTF8.self)
                == #"{"v":1,"time":"2023-11-14T22:13:20.007Z","actor":"service-token","request":"r-7","#
                + #""tenant":"default","name":"llama/tiny","version":"\#(try Sample.digest(1))","event":"promoted","#
                + #""policy_version":"1","policy":"\#(try Sample.digest(2))","decision":"\#(digest)"}"#)
    }

    @Test("An event about a repository is filed under it, and names what it is about")
    func goldenTag() throws {
        let event = try Sample.repositoryEvent(
            .tagged(.latest, version: try Sample.digest(3), previous: try Sample.digest(4)))
        #expect(
            String(decoding: try event.encoded(), as: UTF8.self)
                == #"{"v":1,"time":"1970-01-01T00:00:00.000Z","actor":"service-token","tenant":"default","#
                + #""repository":"team/llama","event":"tagged","tag":"latest","manifest":"\#(try Sample.digest(3))","#
                + #""previous":"\#(try Sample.digest(4))"}"#)
    }

    @Test(
        "A value about a repository that this version does not know makes the event unreadable",
        arguments: [
            ("repository", "Team"), ("repository", "../a"), ("tag", "-a"), ("tag", "a/b"), ("tag", ""),
            ("manifest", "sha256:00"), ("previous", "latest"), ("tenant", "A"),
        ])
    func unknownRepositoryValue(field: String, value: String) throws {
        let event = try Sample.repositoryEvent(
            .tagged(.latest, version: try Sample.digest(3), previous: try Sample.digest(4)))
        var object = try #require(try StrictJSON.parse(try event.encoded(), limits: .event).asObject)
        #expect(object[field] != nil)
        object[field] = .string(value)
        let bytes = JSONValue.object(object).encoded()
        #expect(throws: EventFault.self) { try RegistryEvent(decoding: bytes, index: 0) }
    }

    @Test("A field that this version does not know makes the event unreadable")
    func unknownField() throws {
        for event in try Sample.everyKind() {
            var object = try #require(try StrictJSON.parse(try event.encoded(), limits: .event).asObject)
            object["extra"] = .string("x")
            let bytes = JSONValue.object(object).encoded()
            #expect(throws: EventFault.field(.unknown("extra"))) { try RegistryEvent(decoding: bytes, index: 5) }
        }
    }

    @Test("A field that is missing makes the event unreadable, unless it is optional")
    func missingFields() throws {
        let optional: Set<String> = [
            "request", "source", "source_revision", "reason", "structure", "tensor_manifest", "claims", "boot_lock",
            "previous", "waivers", "valid_until", "file", "member", "ticket",
        ]
        let required: [RegistryEvent.Body.Kind: Set<String>] = [
            .bootLockRead: ["boot_lock"], .waived: ["reason"], .quarantined: ["file"],
        ]
        for event in try Sample.everyKind() {
            let object = try #require(try StrictJSON.parse(try event.encoded(), limits: .event).asObject)
            for name in object.members.map(\.name) {
                var less = object
                less[name] = nil
                let decoded = try? RegistryEvent(decoding: JSONValue.object(less).encoded(), index: event.index)
                let isOptional = optional.contains(name) && required[event.body.kind]?.contains(name) != true
                #expect((decoded != nil) == isOptional, "\(event.body.kind) without \(name)")
                #expect(decoded != event)
            }
        }
    }

    @Test(
        "A value that this version does not know makes the event unreadable",
        arguments: [
            ("v", .integer(2)), ("event", "promoted-twice"), ("actor", "root"), ("actor", "registry/other"),
            ("time", "yesterday"), ("tenant", "A"), ("name", "../a"), ("version", "sha256:00"), ("layout", "tarball"),
            ("sha256", "md5:00"), ("size", .integer(-1)), ("size", .string("12")), ("size", 1.5),
        ] as [(String, JSONValue)])
    func unknownValue(field: String, value: JSONValue) throws {
        let event = try Sample.event(.acquired(try Sample.acquisition()))
        var object = try #require(try StrictJSON.parse(try event.encoded(), limits: .event).asObject)
        #expect(object[field] != nil)
        object[field] = value
        let bytes = JSONValue.object(object).encoded()
        #expect(throws: EventFault.self) { try RegistryEvent(decoding: bytes, index: 0) }
    }

    @Test("An unknown cause of a quarantine is refused")
    func unknownCause() throws {
        let bytes = try Sample.event(.quarantined(.promotion)).encoded()
        let text = String(decoding: bytes, as: UTF8.self)
        let changed = text.replacing(#""cause":"promotion""#, with: #""cause":"whim""#)
        #expect(changed != text)
        #expect(throws: EventFault.unknownValue(field: "cause")) {
            try RegistryEvent(decoding: Array(changed.utf8), index: 0)
        }
    }

    @Test("Codes of a refusal are texts, all of them")
    func codes() throws {
        let bytes = try Sample.event(.refused(try Sample.admittance(), codes: ["a", "b"])).encoded()
        let changed = String(decoding: bytes, as: UTF8.self).replacing(#"["a","b"]"#, with: #"["a",7]"#)
        #expect(throws: EventFault.self) { try RegistryEvent(decoding: Array(changed.utf8), index: 0) }
    }

    @Test(
        "Bytes that are not one strict JSON object are refused",
        arguments: ["", "{}", "[]", "null", "{\"v\":1,\"v\":1}", "{\"v\":1} ", "\u{FEFF}{}", "{\"v\":1"])
    func notJSON(text: String) {
        #expect(throws: EventFault.self) { try RegistryEvent(decoding: Array(text.utf8), index: 0) }
    }

    @Test("An event that would not fit a log entry is refused before it is written")
    func tooLong() throws {
        let longest = RegistryEvent.encodedBytesMax
        let short = try Sample.event(.revoked(reason: "")).encoded().count
        let fits = String(repeating: "x", count: longest - short)
        #expect(try Sample.event(.revoked(reason: fits)).encoded().count == longest)
        #expect(throws: EventFault.tooLong) { try Sample.event(.revoked(reason: fits + "x")).encoded() }
    }

    @Test("Every actor is read back as it was written")
    func actors() throws {
        let names = try ["ci", "service-token", "0.a_b-c"].map { try PrincipalName(parsing: $0) }
        let actors: [Actor] =
            [.serviceToken, .developmentMode, .console] + Actor.Task.allCases.map { .registry($0) }
            + names.map { .principal($0) }
        for actor in actors { #expect(Actor(parsing: actor.description) == actor) }
        #expect(Set(actors.map(\.description)).count == actors.count)
        #expect(Actor(parsing: "registry/") == nil)
        #expect(Actor(parsing: "Service-Token") == nil)
        for name in ["", "A", "a/b", "-a", " a"] { #expect(Actor(parsing: "principal/" + name) == nil) }
    }
}
