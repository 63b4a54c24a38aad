internal import StrictJSON

/// Reads CycloneDX 1.6 and 1.7 (ECMA-424).
struct CycloneDXReader {
    private var identifiers: Set<String> = []
    private var components: [Component] = []

    private static let members: Set<String> = [
        "$schema", "bomFormat", "specVersion", "serialNumber", "version", "metadata", "components", "services",
        "externalReferences", "dependencies", "compositions", "vulnerabilities", "annotations", "formulation",
        "declarations", "definitions", "properties", "signature",
    ]
    private static let componentMembers: Set<String> = [
        "type", "mime-type", "bom-ref", "supplier", "manufacturer", "authors", "author", "publisher", "group", "name",
        "version", "description", "scope", "hashes", "licenses", "copyright", "cpe", "purl", "omniborId", "swhid",
        "swid", "modified", "pedigree", "externalReferences", "components", "evidence", "releaseNotes", "modelCard",
        "data", "cryptoProperties", "properties", "tags", "signature",
    ]
    private static let kinds: Set<String> = [
        "application", "framework", "library", "container", "platform", "operating-system", "device", "device-driver",
        "firmware", "file", "machine-learning-model", "data", "cryptographic-asset",
    ]

    init() {}

    consuming func read(_ document: BillNode) throws(BillFault) -> BillOfMaterials {
        var reader = self
        return try reader.document(document)
    }

    private mutating func document(_ document: BillNode) throws(BillFault) -> BillOfMaterials {
        guard try document.requiredString("bomFormat") == "CycloneDX" else { throw .unknownFormat }
        let version = try document.requiredString("specVersion")
        guard ["1.6", "1.7"].contains(version) else { throw .unsupportedVersion("CycloneDX \(version.prefix(20))") }
        try document.checkMembers(version == "1.7" ? Self.members.union(["citations"]) : Self.members)
        let serialNumber = try document.optionalString("serialNumber")
        if let serialNumber, !Self.isSerialNumber(serialNumber) { throw .malformed(path: "serialNumber") }
        if let number = try document.optional("version"), (number.value.asNumber?.uint64 ?? 0) < 1 {
            throw .malformed(path: number.path)
        }
        var name: String?
        if let main = try document.optional("metadata")?.optional("component") {
            try component(main, version)
            name = components.first?.name
        }
        for element in try document.elements("components") { try component(element, version) }
        for element in try document.elements("services") { try service(element) }
        // What else has an identifier that dependencies may lead to.
        for element in try document.elements("vulnerabilities") { try identify(element) }
        let count = try dependencies(document)
        return BillOfMaterials(
            format: .cycloneDX, version: version, identifier: serialNumber, name: name, components: components,
            relationshipsCount: count)
    }

    private mutating func identify(_ node: BillNode) throws(BillFault) {
        guard let reference = try node.optional("bom-ref") else { return }
        let text = try reference.string()
        guard !text.isEmpty else { throw .malformed(path: reference.path) }
        guard identifiers.insert(text).inserted else { throw .duplicateIdentifier(path: reference.path) }
    }

    /// Services may consist of services; they have no bytes.
    private mutating func service(_ node: BillNode) throws(BillFault) {
        _ = try node.requiredString("name")
        try identify(node)
        for nested in try node.elements("services") { try service(nested) }
    }

    private mutating func component(_ node: BillNode, _ version: String) throws(BillFault) {
        guard components.count < BillOfMaterials.componentsMax else { throw .limitExceeded("components") }
        let newer: Set<String> = version == "1.7" ? ["versionRange", "isExternal", "patentAssertions"] : []
        try node.checkMembers(Self.componentMembers.union(newer))
        let kind = try node.requiredString("type")
        guard Self.kinds.contains(kind) else { throw .malformed(path: "\(node.path).type") }
        if let card = try node.optional("modelCard"), kind != "machine-learning-model" {
            throw .malformed(path: card.path)
        }
        try identify(node)
        var hashes: [String: String] = [:]
        for hash in try node.elements("hashes") {
            let found = try BillHash.checked(try hash.required("alg"), try hash.required("content"))
            try BillHash.add(found, to: &hashes, at: hash.path)
        }
        components.append(
            Component(
                identifier: try node.optionalString("bom-ref"), kind: kind, name: try node.required("name").string(),
                version: try node.optionalString("version"), hashes: hashes, licenses: try licenses(node)))
        for nested in try node.elements("components") { try component(nested, version) }
    }

    /// Licences by identifier or name, or expressions.
    private func licenses(_ node: BillNode) throws(BillFault) -> [String] {
        var licenses: [String] = []
        for choice in try node.elements("licenses") {
            let object = try choice.object()
            switch (object["license"], object["expression"]) {
            case (_?, nil):
                let license = try choice.required("license")
                guard license.has("id") != license.has("name") else { throw .malformed(path: license.path) }
                licenses.append(try license.requiredString(license.has("id") ? "id" : "name"))
            case (nil, _?): licenses.append(try choice.requiredString("expression"))
            default:
                // Version 1.7 also lists the details of an expression.
                guard object["expression-details"] != nil else { throw .malformed(path: choice.path) }
            }
        }
        return licenses
    }

    private func dependencies(_ document: BillNode) throws(BillFault) -> Int {
        var seen: Set<String> = []
        var count = 0
        for dependency in try document.elements("dependencies") {
            try dependency.checkMembers(["ref", "dependsOn", "provides"])
            let reference = try dependency.required("ref")
            try resolve(reference)
            guard seen.insert(try reference.string()).inserted else {
                throw .duplicateIdentifier(path: reference.path)
            }
            for name in ["dependsOn", "provides"] {
                for other in try dependency.elements(name) {
                    try resolve(other)
                    count += 1
                }
            }
        }
        for composition in try document.elements("compositions") {
            for name in ["assemblies", "dependencies"] {
                for other in try composition.elements(name) { try resolve(other) }
            }
        }
        return count
    }

    /// To something in the document, or in another document by its BOM-Link.
    private func resolve(_ node: BillNode) throws(BillFault) {
        let text = try node.string()
        guard identifiers.contains(text) || text.utf8.starts(with: "urn:cdx:".utf8) else {
            throw .unresolvedReference(path: node.path)
        }
    }

    /// `urn:uuid:` and a UUID in lower case.
    private static func isSerialNumber(_ text: String) -> Bool {
        let prefix = "urn:uuid:"
        guard text.utf8.starts(with: prefix.utf8) else { return false }
        let parts = text.utf8.dropFirst(prefix.utf8.count)
            .split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        let digits = Set("0123456789abcdef".utf8)
        return parts.map(\.count) == [8, 4, 4, 4, 12] && parts.allSatisfy { $0.allSatisfy(digits.contains) }
    }
}
