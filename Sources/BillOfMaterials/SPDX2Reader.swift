internal import StrictJSON

/// Reads SPDX 2.3 in JSON.
struct SPDX2Reader {
    private var identifiers: Set<String> = ["SPDXRef-DOCUMENT"]
    private var documents: Set<String> = []
    private var components: [Component] = []

    private static let members: Set<String> = [
        "SPDXID", "annotations", "comment", "creationInfo", "dataLicense", "documentDescribes", "documentNamespace",
        "externalDocumentRefs", "files", "hasExtractedLicensingInfos", "name", "packages", "relationships",
        "revieweds", "snippets", "spdxVersion",
    ]
    /// Functions that CycloneDX does not have.
    private static let otherHashes: Set<String> = ["SHA224", "MD2", "MD4", "MD6", "ADLER32"]

    init() {}

    consuming func read(_ document: BillNode) throws(BillFault) -> BillOfMaterials {
        var reader = self
        return try reader.document(document)
    }

    private mutating func document(_ document: BillNode) throws(BillFault) -> BillOfMaterials {
        let version = try document.requiredString("spdxVersion")
        guard version == "SPDX-2.3" else { throw .unsupportedVersion(String(version.prefix(20))) }
        try document.checkMembers(Self.members)
        guard try document.requiredString("SPDXID") == "SPDXRef-DOCUMENT" else { throw .malformed(path: "SPDXID") }
        guard try document.requiredString("dataLicense") == "CC0-1.0" else { throw .malformed(path: "dataLicense") }
        let name = try document.requiredString("name")
        let namespace = try document.requiredString("documentNamespace")
        guard BillText.isAbsoluteIRI(namespace), !namespace.contains("#") else {
            throw .malformed(path: "documentNamespace")
        }
        try creation(try document.required("creationInfo"))
        for other in try document.elements("externalDocumentRefs") {
            let identifier = try other.requiredString("externalDocumentId")
            guard BillText.isIdentifier(identifier, prefix: "DocumentRef-"), documents.insert(identifier).inserted
            else {
                throw .malformed(path: "\(other.path).externalDocumentId")
            }
        }
        for package in try document.elements("packages") {
            _ = try package.requiredString("downloadLocation")
            try add(package, kind: "package", name: "name", checksumsAreRequired: false)
        }
        for file in try document.elements("files") {
            try add(file, kind: "file", name: "fileName", checksumsAreRequired: true)
        }
        for snippet in try document.elements("snippets") { try identify(snippet) }
        let count = try relationships(document)
        return BillOfMaterials(
            format: .spdx, version: "2.3", identifier: namespace, name: name, components: components,
            relationshipsCount: count)
    }

    private func creation(_ info: BillNode) throws(BillFault) {
        guard BillText.isTime(try info.requiredString("created")) else {
            throw .malformed(path: "creationInfo.created")
        }
        let creators = try info.required("creators").elements()
        guard !creators.isEmpty else { throw .missing(path: "creationInfo.creators") }
        for creator in creators {
            let text = try creator.string()
            guard ["Person: ", "Organization: ", "Tool: "].contains(where: { text.hasPrefix($0) }) else {
                throw .malformed(path: creator.path)
            }
        }
    }

    private mutating func identify(_ node: BillNode) throws(BillFault) {
        let identifier = try node.requiredString("SPDXID")
        guard BillText.isIdentifier(identifier, prefix: "SPDXRef-") else {
            throw .malformed(path: "\(node.path).SPDXID")
        }
        guard identifiers.insert(identifier).inserted else { throw .duplicateIdentifier(path: "\(node.path).SPDXID") }
    }

    private mutating func add(
        _ node: BillNode, kind: String, name: String, checksumsAreRequired: Bool
    ) throws(BillFault) {
        guard components.count < BillOfMaterials.componentsMax else { throw .limitExceeded("components") }
        try identify(node)
        let checksums = try node.elements("checksums")
        guard !checksumsAreRequired || !checksums.isEmpty else { throw .missing(path: "\(node.path).checksums") }
        var hashes: [String: String] = [:]
        for checksum in checksums {
            let found = try BillHash.checked(
                try checksum.required("algorithm"), try checksum.required("checksumValue"), others: Self.otherHashes)
            try BillHash.add(found, to: &hashes, at: checksum.path)
        }
        let licenses = [try node.optionalString("licenseConcluded"), try node.optionalString("licenseDeclared")]
        components.append(
            Component(
                identifier: try node.requiredString("SPDXID"), kind: kind, name: try node.requiredString(name),
                version: try node.optionalString("versionInfo"), hashes: hashes,
                licenses: licenses.compactMap { $0 }.filter { $0 != "NOASSERTION" && $0 != "NONE" }))
    }

    private func relationships(_ document: BillNode) throws(BillFault) -> Int {
        var describes = try document.elements("documentDescribes").count > 0
        for described in try document.elements("documentDescribes") { try resolve(described) }
        for package in try document.elements("packages") {
            for file in try package.elements("hasFiles") { try resolve(file) }
        }
        let relationships = try document.elements("relationships")
        for relationship in relationships {
            try resolve(try relationship.required("spdxElementId"))
            try resolve(try relationship.required("relatedSpdxElement"))
            let type = try relationship.requiredString("relationshipType")
            guard
                type.utf8.allSatisfy({ ($0 >= UInt8(ascii: "A") && $0 <= UInt8(ascii: "Z")) || $0 == UInt8(ascii: "_") }
                )
            else { throw .malformed(path: "\(relationship.path).relationshipType") }
            if type == "DESCRIBES" || type == "DESCRIBED_BY" { describes = true }
        }
        // Section 11.1 of the specification: it may be left out where there is one package alone.
        let packages = try document.elements("packages")
        guard describes || packages.count == 1 else { throw .missing(path: "relationships") }
        return relationships.count
    }

    private func resolve(_ node: BillNode) throws(BillFault) {
        let text = try node.string()
        if identifiers.contains(text) || text == "NONE" || text == "NOASSERTION" { return }
        let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
        guard parts.count == 2, documents.contains(parts[0]), BillText.isIdentifier(parts[1], prefix: "SPDXRef-") else {
            throw .unresolvedReference(path: node.path)
        }
    }
}
