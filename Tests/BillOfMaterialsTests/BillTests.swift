import BillOfMaterials
import StrictJSON
import Testing

@Suite("Bills of materials")
struct BillTests {
    private static let digest = String(repeating: "ab", count: 32)

    private func read(_ text: String) throws -> BillOfMaterials {
        try BillOfMaterials(parsing: Array(text.utf8))
    }

    private func code(_ text: String) -> String? {
        #expect(throws: BillFault.self, "\(text.prefix(400))") { try read(text) }?.code
    }

    private func cycloneDX(_ more: String, version: String = "1.6") -> String {
        #"{"bomFormat":"CycloneDX","specVersion":"\#(version)"\#(more.isEmpty ? "" : ",")\#(more)}"#
    }

    @Test("CycloneDX has its components, nested ones too, by their hashes")
    func readsCycloneDX() throws {
        for version in ["1.6", "1.7"] {
            let bill = try read(
                cycloneDX(
                    #"""
                    "serialNumber":"urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79","version":1,
                    "metadata":{"component":{"type":"machine-learning-model","bom-ref":"m","name":"tiny",
                    "modelCard":{}}},
                    "components":[{"type":"file","bom-ref":"f","name":"a","hashes":[{"alg":"SHA-256","content":
                    "\#(Self.digest.uppercased())"}],"licenses":[{"license":{"id":"MIT"}},{"expression":"MIT OR X"}],
                    "components":[{"type":"data","name":""}]}],
                    "services":[{"name":"s","services":[{"name":"t","bom-ref":"t"}]}],
                    "dependencies":[{"ref":"m","dependsOn":["f","urn:cdx:x/1"]},{"ref":"f"},{"ref":"t"}]
                    """#, version: version))
            #expect(bill.format == .cycloneDX && bill.version == version)
            #expect(bill.name == "tiny")
            #expect(bill.components.map(\.name) == ["tiny", "a", ""])
            #expect(bill.components(sha256: Self.digest).map(\.licenses) == [["MIT", "MIT OR X"]])
            #expect(bill.components(sha256: String(repeating: "0", count: 64)).isEmpty)
            #expect(bill.relationshipsCount == 2)
        }
    }

    @Test(
        "CycloneDX that breaks a rule is refused for its reason",
        arguments: [
            (#""components":{}"#, "sbom_malformed"), (#""components":[{"name":"a"}]"#, "sbom_missing"),
            (#""components":[{"type":"file"}]"#, "sbom_missing"),
            (#""components":[{"type":"thing","name":"a"}]"#, "sbom_malformed"),
            (#""components":[{"type":"file","name":"a","size":1}]"#, "sbom_unknown_member"),
            (#""components":[{"type":"file","name":"a","modelCard":{}}]"#, "sbom_malformed"),
            (
                #""components":[{"type":"file","name":"a","hashes":[{"alg":"SHA-256","content":"ab"}]}]"#,
                "sbom_malformed"
            ),
            (#""components":[{"type":"file","name":"a","hashes":[{"alg":"CRC","content":"ab"}]}]"#, "sbom_malformed"),
            (#""components":[{"type":"file","name":"a","hashes":[{"alg":"MD5"}]}]"#, "sbom_missing"),
            (#""components":[{"type":"file","name":"a","licenses":[{}]}]"#, "sbom_malformed"),
            (#""components":[{"type":"file","name":"a","licenses":[{"license":{}}]}]"#, "sbom_malformed"),
            (
                #""components":[{"type":"file","name":"a","bom-ref":"x"},{"type":"file","name":"b","bom-ref":"x"}]"#,
                "sbom_duplicate_identifier"
            ),
            (#""dependencies":[{"ref":"x"}]"#, "sbom_unresolved_reference"), (#""dependencies":[{}]"#, "sbom_missing"),
            (#""serialNumber":"urn:uuid:1""#, "sbom_malformed"), (#""version":0"#, "sbom_malformed"),
            (#""other":1"#, "sbom_unknown_member"), (#""citations":[]"#, "sbom_unknown_member"),
            (#""version":1,"version":1"#, "sbom_invalid_json"),
        ])
    func refusesCycloneDX(_ more: String, _ expected: String) {
        #expect(code(cycloneDX(more)) == expected)
    }

    @Test("What is of another format or version could not be checked")
    func versions() {
        for text in ["{}", "[]", #"{"a":1}"#] { #expect(code(text) == "sbom_unknown_format") }
        #expect(code(cycloneDX("", version: "1.4")) == "sbom_unsupported_version")
        #expect(code(#"{"spdxVersion":"SPDX-2.2"}"#) == "sbom_unsupported_version")
        #expect(code(#"{"@context":"https://example.org","@graph":[]}"#) == "sbom_unsupported_version")
        #expect(BillFault.unknownFormat.isUndecided && BillFault.unsupportedVersion("").isUndecided)
        #expect(!BillFault.missing(path: "").isUndecided)
    }

    private func spdx2(_ change: (inout JSONObject) -> Void = { _ in }) -> String {
        var document: JSONObject = [
            "spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "dataLicense": "CC0-1.0", "name": "tiny",
            "documentNamespace": "https://example.org/tiny",
            "creationInfo": ["created": "2026-01-02T03:04:05Z", "creators": ["Tool: x"]],
            "packages": [
                [
                    "SPDXID": "SPDXRef-p", "name": "p", "downloadLocation": "NOASSERTION", "licenseDeclared": "MIT",
                    "hasFiles": ["SPDXRef-f"],
                ]
            ],
            "files": [
                [
                    "SPDXID": "SPDXRef-f", "fileName": "./f",
                    "checksums": [["algorithm": "SHA256", "checksumValue": .string(Self.digest)]],
                ]
            ],
            "relationships": [
                [
                    "spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES",
                    "relatedSpdxElement": "SPDXRef-p",
                ]
            ],
        ]
        change(&document)
        return String(decoding: JSONValue.object(document).encoded(), as: UTF8.self)
    }

    @Test("SPDX 2.3 has its packages and files by their checksums")
    func readsSPDX2() throws {
        let bill = try read(spdx2())
        #expect(bill.format == .spdx && bill.version == "2.3" && bill.identifier == "https://example.org/tiny")
        #expect(bill.components.map(\.kind) == ["package", "file"])
        #expect(bill.components(sha256: Self.digest).map(\.name) == ["./f"])
        #expect(bill.components.first?.licenses == ["MIT"])
    }

    @Test("SPDX 2.3 that breaks a rule is refused for its reason")
    func refusesSPDX2() {
        let changes: [(String, JSONValue?, String)] = [
            ("SPDXID", "SPDXRef-x", "sbom_malformed"), ("dataLicense", "MIT", "sbom_malformed"),
            ("name", nil, "sbom_missing"), ("documentNamespace", "tiny", "sbom_malformed"),
            ("documentNamespace", "https://a#b", "sbom_malformed"), ("creationInfo", nil, "sbom_missing"),
            ("creationInfo", ["created": "2026-13-02T03:04:05Z", "creators": ["Tool: x"]], "sbom_malformed"),
            ("creationInfo", ["created": "2026-01-02T03:04:05Z", "creators": []], "sbom_missing"),
            ("creationInfo", ["created": "2026-01-02T03:04:05Z", "creators": ["me"]], "sbom_malformed"),
            ("files", [], "sbom_unresolved_reference"), ("extra", 1, "sbom_unknown_member"),
            ("packages", [["SPDXID": "SPDXRef-p", "name": "p"]], "sbom_missing"),
            ("packages", [], "sbom_unresolved_reference"),
            ("files", [["SPDXID": "SPDXRef-f", "fileName": "./f"]], "sbom_missing"),
            ("files", [["SPDXID": "SPDXRef-p", "fileName": "f", "checksums": [[:]]]], "sbom_duplicate_identifier"),
            ("files", [["SPDXID": "f", "fileName": "f", "checksums": [[:]]]], "sbom_malformed"),
            (
                "relationships",
                [["spdxElementId": "SPDXRef-p", "relationshipType": "x", "relatedSpdxElement": "NONE"]],
                "sbom_malformed"
            ),
            (
                "relationships",
                [["spdxElementId": "DocumentRef-a:SPDXRef-b", "relationshipType": "A", "relatedSpdxElement": "NONE"]],
                "sbom_unresolved_reference"
            ),
        ]
        for (name, value, expected) in changes {
            #expect(code(spdx2 { $0[name] = value }) == expected, "\(name)")
        }
    }

    private func bill(files: Int = 2) -> ModelBill {
        ModelBill(
            name: "tiny", version: "1", architecture: "llama",
            files: (0..<files).map { index in
                ModelBill.File(
                    path: "f\(index)", sha256: Self.digest, sizeBytes: 3, format: "gguf",
                    properties: [ModelBill.Property("quantization", "Q4_0")], licenses: ["mit"])
            },
            properties: [ModelBill.Property("verdict", "clean")], uuid: "3e671687-395b-81f5-a30f-a58921a69b79",
            created: "2026-01-02T03:04:05Z", tool: ("securectl", "0.1.0"))
    }

    @Test("What is written for a model is read again in both formats, with every file by its digest")
    func writes() throws {
        let cycloneDX = try BillOfMaterials(parsing: bill().cycloneDX.encoded())
        #expect(cycloneDX.name == "tiny" && cycloneDX.relationshipsCount == 2)
        #expect(cycloneDX.components(sha256: Self.digest).map(\.name) == ["f0", "f1"])
        #expect(cycloneDX.components.first?.kind == "machine-learning-model")
        let spdx = try BillOfMaterials(parsing: bill().spdx.encoded())
        #expect(spdx.version == "3.0.1" && spdx.name == "tiny" && spdx.relationshipsCount == 1)
        #expect(spdx.components(sha256: Self.digest).map(\.name) == ["f0", "f1"])
        #expect(spdx.components.first?.kind == "ai_AIPackage")
    }

    @Test("SPDX 3.0.1 that breaks a rule is refused for its reason")
    func refusesSPDX3() {
        let good = String(decoding: bill().spdx.encoded(), as: UTF8.self)
        let changes = [
            ("#file-1\",\"creation", "#file-0\",\"creation", "sbom_duplicate_identifier"),
            ("#file-1\"]", "#file-7\"]", "sbom_unresolved_reference"),
            ("\"creationInfo\":\"_:creation\"", "\"creationInfo\":\"_:other\"", "sbom_unresolved_reference"),
            ("\"specVersion\":\"3.0.1\"", "\"specVersion\":\"3.0.0\"", "sbom_malformed"),
            ("2026-01-02T03:04:05Z", "2026-01-02", "sbom_malformed"),
            ("\"SpdxDocument\"", "\"Bundle\"", "sbom_malformed"),
            ("\"sha256\"", "\"crc\"", "sbom_malformed"), ("abab\"", "ab\"", "sbom_malformed"),
            ("\"relationshipType\"", "\"kind\"", "sbom_missing"),
        ]
        for (old, new, expected) in changes {
            let changed = good.replacing(old, with: new)
            #expect(changed != good)
            #expect(code(changed) == expected, "\(old)")
        }
    }

    @Test("Bills within the limits are read, and larger ones are refused by name; no cut one is accepted")
    func limits() throws {
        let bytes = bill().cycloneDX.encoded()
        for count in 0..<bytes.count {
            #expect(throws: BillFault.self) { try BillOfMaterials(parsing: Array(bytes.prefix(count))) }
        }
        let deep = cycloneDX(#""components":"# + String(repeating: "[", count: 5_000))
        #expect(code(deep) == "sbom_invalid_json")
        let large = [UInt8](repeating: UInt8(ascii: " "), count: BillOfMaterials.limits.bytesMax + 1)
        #expect(throws: BillFault.self) { try BillOfMaterials(parsing: large) }
        #expect(try BillOfMaterials(parsing: bill(files: 2_000).cycloneDX.encoded()).components.count == 2_001)
    }
}
