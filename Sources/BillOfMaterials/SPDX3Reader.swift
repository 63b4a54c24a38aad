internal import StrictJSON

/// Reads SPDX 3.0.1 in the one form of JSON-LD that the specification serialises to: a context and a flat graph.
///
/// Nothing is fetched: the context is known by its address.
struct SPDX3Reader {
    private static let context = "https://spdx.org/rdf/3.0.1/spdx-context.jsonld"
    /// Elements that are something to have, rather than to say.
    private static let kinds: Set<String> = [
        "software_Package", "software_File", "software_Snippet", "ai_AIPackage", "dataset_DatasetPackage",
    ]
    private static let otherHashes: Set<String> = [
        "adler32", "crystalsDilithium", "crystalsKyber", "falcon", "md2", "md4", "md6", "other", "sha224", "sha3_224",
        "sha3_256", "sha3_384", "sha3_512", "blake2b256", "blake2b384", "blake2b512",
    ]

    private var identifiers: Set<String> = []
    private var imported: Set<String> = []
    private var components: [Component] = []

    init() {}

    consuming func read(_ document: BillNode) throws(BillFault) -> BillOfMaterials {
        var reader = self
        return try reader.document(document)
    }

    private mutating func document(_ document: BillNode) throws(BillFault) -> BillOfMaterials {
        let context = try document.requiredString("@context")
        guard context == Self.context else { throw .unsupportedVersion(String(context.prefix(120))) }
        try document.checkMembers(["@context", "@graph"])
        let graph = try document.required("@graph").elements()
        var heads: [BillNode] = []
        for node in graph {
            let type = try node.requiredString("type")
            try identify(node, type)
            if type == "SpdxDocument" { heads.append(node) }
        }
        guard heads.count == 1, let head = heads.first else { throw .malformed(path: "@graph") }
        for map in try head.elements("import") { imported.insert(try map.requiredString("externalSpdxId")) }
        var relationships = 0
        for node in graph {
            let type = try node.requiredString("type")
            if type == "CreationInfo" {
                try creation(node)
                continue
            }
            guard node.has("spdxId") else { continue }
            try created(node)
            if Self.kinds.contains(type) { try component(node, type) }
            if type == "Relationship" || type == "LifecycleScopedRelationship" {
                relationships += 1
                try relationship(node)
            }
            for name in ["element", "rootElement"] {
                for other in try node.elements(name) { try resolve(other) }
            }
        }
        return BillOfMaterials(
            format: .spdx, version: "3.0.1", identifier: try head.requiredString("spdxId"),
            name: try head.optionalString("name"), components: components, relationshipsCount: relationships)
    }

    private mutating func identify(_ node: BillNode, _ type: String) throws(BillFault) {
        let name = node.has("spdxId") ? "spdxId" : "@id"
        guard let reference = try node.optional(name) else {
            guard type != "SpdxDocument" else { throw .missing(path: "\(node.path).spdxId") }
            return
        }
        let text = try reference.string()
        guard BillText.isAbsoluteIRI(text) || (name == "@id" && text.hasPrefix("_:")) else {
            throw .malformed(path: reference.path)
        }
        guard identifiers.insert(text).inserted else { throw .duplicateIdentifier(path: reference.path) }
    }

    private func creation(_ node: BillNode) throws(BillFault) {
        guard try node.requiredString("specVersion") == "3.0.1" else {
            throw .malformed(path: "\(node.path).specVersion")
        }
        guard BillText.isTime(try node.requiredString("created")) else {
            throw .malformed(path: "\(node.path).created")
        }
        let creators = try node.required("createdBy").elements()
        guard !creators.isEmpty else { throw .missing(path: "\(node.path).createdBy") }
        for creator in creators { try resolve(creator) }
    }

    /// Every element says by whom and when, in place or by reference.
    private func created(_ node: BillNode) throws(BillFault) {
        let info = try node.required("creationInfo")
        if info.value.asObject != nil { try creation(info) } else { try resolve(info) }
    }

    private mutating func component(_ node: BillNode, _ type: String) throws(BillFault) {
        guard components.count < BillOfMaterials.componentsMax else { throw .limitExceeded("components") }
        var hashes: [String: String] = [:]
        for method in try node.elements("verifiedUsing") where method.value.asObject != nil {
            guard try method.requiredString("type") == "Hash" else { continue }
            let found = try BillHash.checked(
                try method.required("algorithm"), try method.required("hashValue"), others: Self.otherHashes)
            try BillHash.add(found, to: &hashes, at: method.path)
        }
        let identifier = try node.requiredString("spdxId")
        let name = try node.optionalString("name")
        components.append(
            Component(
                identifier: identifier, kind: type, name: name ?? identifier,
                version: try node.optionalString("software_packageVersion"), hashes: hashes, licenses: []))
    }

    private func relationship(_ node: BillNode) throws(BillFault) {
        _ = try node.requiredString("relationshipType")
        try resolve(try node.required("from"))
        let ends = try node.required("to").elements()
        guard !ends.isEmpty else { throw .missing(path: "\(node.path).to") }
        for end in ends { try resolve(end) }
    }

    /// To something in the graph, or to what the document says that it takes from another one; elements of the
    /// specification itself are known.
    private func resolve(_ node: BillNode) throws(BillFault) {
        if node.value.asObject != nil { return }
        let text = try node.string()
        let isKnown =
            text == "NoneElement" || text == "NoAssertionElement" || text == "SpdxOrganization"
            || text.utf8.starts(with: "https://spdx.org/rdf/3.0.1/terms/".utf8)
        guard isKnown || identifiers.contains(text) || imported.contains(text) else {
            throw .unresolvedReference(path: node.path)
        }
    }
}
