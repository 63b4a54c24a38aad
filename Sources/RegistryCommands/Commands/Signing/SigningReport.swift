internal import StrictJSON

/// What was signed, by whom, and where it is.
struct SigningReport {
    var artifact: String
    var signed: SignedBundle
    /// Path of the bundle, or the reference of what carries it.
    var bundle: String

    func write(_ format: OutputOptions.Format, to console: Console) {
        switch format {
        case .json: console.write(json: json)
        case .table:
            var fields = FieldList([("Artifact", artifact)])
            for (name, value) in signed.fields { fields.add(name, value) }
            fields.add("Statement", signed.predicateType)
            fields.add("Bundle", bundle)
            console.write(fields.text)
        }
    }

    var json: JSONValue {
        .object(
            JSONObject(
                present: [("status", "signed"), ("artifact", .string(artifact))] + signed.members + [
                    ("predicate_type", signed.predicateType.map(JSONValue.string)), ("bundle", .string(bundle)),
                ]))
    }
}
