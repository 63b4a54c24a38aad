public import StrictJSON

extension ModelBill {
    /// As SPDX 3.0.1: an AI package that contains its files.
    public var spdx: JSONValue {
        let names = files.indices.map { identifier("file-\($0)") }
        let agent: JSONValue = [
            "type": "SoftwareAgent", "spdxId": .string(identifier("tool")), "creationInfo": Self.creation,
            "name": .string("\(tool.name) \(tool.version)"),
        ]
        let creation: JSONValue = [
            "type": "CreationInfo", "@id": Self.creation, "specVersion": "3.0.1", "created": .string(created),
            "createdBy": [.string(identifier("tool"))],
        ]
        let elements = [identifier("model"), identifier("contains")] + names
        let document: JSONValue = [
            "type": "SpdxDocument", "spdxId": .string(identifier("document")), "creationInfo": Self.creation,
            "name": .string(name), "profileConformance": ["core", "software"],
            "rootElement": [.string(identifier("model"))], "element": .array(elements.map(JSONValue.string)),
        ]
        let contains: JSONValue = [
            "type": "Relationship", "spdxId": .string(identifier("contains")), "creationInfo": Self.creation,
            "relationshipType": "contains", "from": .string(identifier("model")),
            "to": .array(names.map(JSONValue.string)),
        ]
        return [
            "@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld",
            "@graph": .array([creation, agent, document, package] + files.enumerated().map(file) + [contains]),
        ]
    }

    private static let creation: JSONValue = "_:creation"

    private func identifier(_ name: String) -> String { "urn:uuid:\(uuid)#\(name)" }

    private var package: JSONValue {
        let comment = (properties + licenses.map { Property("license", $0) })
            .map { "\($0.name): \($0.value)" }.joined(separator: "\n")
        return .object(
            JSONObject(present: [
                ("type", "ai_AIPackage"), ("spdxId", .string(identifier("model"))), ("creationInfo", Self.creation),
                ("name", .string(name)), ("software_packageVersion", version.map(JSONValue.string)),
                ("software_primaryPurpose", "model"),
                ("ai_typeOfModel", architecture.map { [.string($0)] }),
                ("comment", comment.isEmpty ? nil : .string(comment)),
            ]))
    }

    private func file(_ index: Int, _ file: File) -> JSONValue {
        [
            "type": "software_File", "spdxId": .string(identifier("file-\(index)")), "creationInfo": Self.creation,
            "name": .string(file.path),
            "verifiedUsing": [["type": "Hash", "algorithm": "sha256", "hashValue": .string(file.sha256)]],
        ]
    }
}
