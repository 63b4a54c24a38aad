import OCI
import StrictJSON
import Testing

private let zeros = "sha256:" + String(repeating: "0", count: 64)
private let descriptor = #"{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"\#(zeros)","size":5}"#

private func parse(_ text: String) throws(ManifestFault) -> ImageIndex {
    try ImageIndex(parsing: Array(text.utf8))
}

@Suite("Image indexes")
struct ImageIndexTests {
    @Test("An index reads back as it was written", arguments: [MediaType.imageIndex, .dockerManifestList])
    func roundTrip(mediaType: MediaType) throws {
        let digest = try Digest(sha512: [UInt8](repeating: 3, count: 64))
        let index = ImageIndex(
            mediaType: mediaType, artifactType: .octetStream,
            manifests: [
                Descriptor(mediaType: .imageManifest, digest: digest, size: 7, annotations: ["b": "2", "a": "1"]),
                Descriptor(mediaType: .imageIndex, digest: digest, size: 0, artifactType: .octetStream),
            ], subject: Descriptor(mediaType: .imageManifest, digest: digest, size: 1), annotations: ["é": ""])
        #expect(try ImageIndex(parsing: index.encoded()) == index)
    }

    @Test("Members that the specification does not name are passed over, and a media type may be absent")
    func readsForeign() throws {
        let platform = #"{"mediaType":"a/b","digest":"\#(zeros)","size":5,"platform":{"os":"linux","variant":null}}"#
        let index = try parse(#"{"schemaVersion":2,"manifests":[\#(platform),\#(descriptor)],"x":{"layers":[]}}"#)
        #expect(index.mediaType == .imageIndex)
        #expect(index.manifests.map(\.size) == [5, 5])
        #expect(try parse(#"{"schemaVersion":2,"manifests":[]}"#).manifests.isEmpty)
    }

    @Test("A list of descriptors that are JSON already is the same document as one of descriptors")
    func listing() throws {
        let descriptors = try [1, 2].map { (number: UInt8) throws -> Descriptor in
            let digest = try Digest(sha256: Array(repeating: number, count: 32))
            return Descriptor(mediaType: .octetStream, digest: digest, size: 4)
        }
        for count in 0...2 {
            let some = Array(descriptors.prefix(count))
            #expect(
                ImageIndex.encoded(listing: some.map { $0.json.encoded() }) == ImageIndex(manifests: some).encoded())
        }
    }

    @Test(
        "What is wrong is refused and named by its path",
        arguments: [
            ("[]", .wrongType("manifest", expected: "an object")),
            (#"{"schemaVersion":1,"manifests":[]}"#, .unsupportedSchemaVersion),
            (#"{"schemaVersion":2}"#, .missing("manifests")),
            (#"{"schemaVersion":2,"manifests":{}}"#, .wrongType("manifests", expected: "an array")),
            (#"{"schemaVersion":2,"manifests":[{}]}"#, .missing("manifests[0].mediaType")),
            (
                #"{"schemaVersion":2,"manifests":[\#(descriptor),[]]}"#,
                .wrongType("manifests[1]", expected: "an object")
            ),
            (#"{"schemaVersion":2,"manifests":[],"subject":{}}"#, .missing("subject.mediaType")),
            (#"{"schemaVersion":2,"manifests":[],"artifactType":1}"#, .wrongType("artifactType", expected: "a string")),
            (
                #"{"schemaVersion":2,"mediaType":"\#(MediaType.imageManifest)","manifests":[]}"#,
                .unsupportedMediaType("mediaType")
            ),
            (
                #"{"schemaVersion":2,"manifests":[],"manifests":[]}"#,
                .notJSON(JSONFault(.duplicateName("manifests"), offset: 34))
            ),
        ] as [(String, ManifestFault)])
    func refuses(_ text: String, _ fault: ManifestFault) {
        #expect(throws: fault) { try parse(text) }
    }

    @Test(
        "What two readers would see two things in is neither a manifest nor an index",
        arguments: [
            #""manifests":[],"layers":[]"#, #""manifests":[],"config":\#(descriptor)"#,
            #""manifests":[],"config":\#(descriptor),"layers":[]"#, #""manifests":null,"layers":null"#,
            #""Manifests":[],"config":\#(descriptor),"layers":[]"#, #""manifests":[],"LAYERS":[]"#,
            #""manifeſts":[],"config":\#(descriptor),"layers":[]"#, #""manifests":[],"layerſ":[]"#,
        ])
    func ambiguous(members: String) {
        let types = [
            "", #""mediaType":"\#(MediaType.imageManifest)","#, #""mediaType":"\#(MediaType.imageIndex)","#,
        ]
        for type in types {
            let bytes = Array(#"{"schemaVersion":2,\#(type)\#(members)}"#.utf8)
            #expect(throws: ManifestFault.ambiguous) { try Manifest(parsing: bytes) }
            #expect(throws: ManifestFault.self) { try ImageIndex(parsing: bytes) }
        }
    }

    @Test("An index has no more manifests than its limit")
    func limits() {
        let limits = ManifestLimits(
            json: JSONLimits(bytesMax: 4096, nodesMax: 100, stringBytesMax: 100), layersMax: 9, manifestsMax: 2,
            annotationsMax: 1)
        let three = [descriptor, descriptor, descriptor].joined(separator: ",")
        #expect(throws: ManifestFault.tooManyManifests(max: 2)) {
            try ImageIndex(parsing: Array(#"{"schemaVersion":2,"manifests":[\#(three)]}"#.utf8), limits: limits)
        }
    }
}
