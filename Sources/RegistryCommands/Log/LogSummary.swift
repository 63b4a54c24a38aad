internal import StrictJSON
internal import TransparencyLog

/// What a verification of a log came to.
struct LogSummary: Sendable {
    var session: LogSession
    var report: DecisionReport
    var entriesChecked: UInt64

    var text: String {
        var fields = FieldList([
            ("Log", session.checkpoint.checkpoint.origin.description), ("History", report.sentence),
            ("Entries", String(session.head.size)), ("Root", session.head.root.base64),
            ("Key", session.key.vkey), ("Key is", session.keyOrigin.rawValue),
            ("Entries checked", String(entriesChecked)),
        ])
        if let (remembered, offered) = report.contradiction {
            fields.add("Root remembered", remembered.base64)
            fields.add("Root offered", offered.base64)
        }
        return fields.text
    }

    var json: JSONValue {
        .object(
            JSONObject(present: [
                ("origin", .string(session.checkpoint.checkpoint.origin.description)),
                ("history", .string(report.word)), ("size", .integer(session.head.size)),
                ("root", .string(session.head.root.base64)), ("key", .string(session.key.vkey)),
                ("key_origin", .string("\(session.keyOrigin)")), ("entries_checked", .integer(entriesChecked)),
                ("remembered_size", session.remembered.map { .integer($0.checkpoint.size) }),
                ("remembered_root", report.contradiction.map { .string($0.remembered.base64) }),
                ("offered_root", report.contradiction.map { .string($0.offered.base64) }),
                ("exit_status", .integer(report.status.rawValue)),
            ]))
    }
}
