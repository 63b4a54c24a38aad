internal import StrictJSON

/// What was signed, by whom, and where it is.
struct SigningReport {
    var artifact: String
    var signer: ContentSigner
    /// Path of the bundle, or the reference of what carries it.
    var bundle: String
    var predicateType: String?

    func write(_ format: OutputOptions.Format, to console: Console) {
        switch format {
        case .table:
            var fields = [("Artifact", artifact)] + signer.fields
            if let predicateType { fields.append(("Statement", predicateType)) }
            console.write(FieldList(fields + [("Bundle", bundle)]).text)
        case .json:
            console.write(json: json)
        }
    }

    var json: JSONValue {
        .object(
            JSONObject(
                present: [("status", "signed"), ("artifact", .string(artifact))] + signer.members + [
                    ("predicate_type", predicateType.map(JSONValue.string)), ("bundle", .string(bundle)),
                ]))
    }
}
