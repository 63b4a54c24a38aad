import OCI
import StrictJSON
import Testing

private let zeros = "sha256:" + String(repeating: "0", count: 64)
private let descriptor = #"{"mediaType":"application/octet-stream","digest":"\#(zeros)","size":5}"#

private func model() throws -> Manifest {
    Manifest(
        artifactType: ModelPack.artifactType,
        config: .empty,
        layers: [
            Descriptor(
                mediaType: ModelPack.layer(.weight), digest: try Digest(parsing: zeros), size: Descriptor.sizeMax,
                annotations: [ModelPack.Annotation.filepath: "a \"b\".gguf", "b": "", "A": "é"])
        ],
        subject: Descriptor(
            mediaType: .imageManifest, digest: try Digest(sha512: Array(repeating: 1, count: 64)), size: 0,
            artifactType: .octetStream),
        annotations: ["z": "1", "a": "2", "m": "3"])
}

private func parse(_ text: String) throws(ManifestFault) -> Manifest {
    try Manifest(parsing: Array(text.utf8))
}

@Suite("Manifests")
struct ManifestTests {
    @Test("A manifest reads back as it was written")
    func roundTrip() throws {
        let manifest = try model()
        #expect(try Manifest(parsing: manifest.encoded()) == manifest)
    }

    @Test("The same manifest always has the same bytes, in the order of the specification")
    func deterministic() throws {
        let manifest = Manifest(config: .empty, layers: [], annotations: ["b": "2", "a": "1", "B": "3", "\u{e9}": "4"])
        let expected = #"""
            {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",\#
            "config":{"mediaType":"application/vnd.oci.empty.v1+json",\#
            "digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2},\#
            "layers":[],"annotations":{"B":"3","a":"1","b":"2","é":"4"}}
            """#
        #expect(String(decoding: manifest.encoded(), as: UTF8.self) == expected)
    }

    @Test("Members that the specification does not name are passed over, and a media type may be absent")
    func readsForeign() throws {
        let manifest = try parse(
            #"{"schemaVersion":2,"config":\#(descriptor),"layers":[\#(descriptor)],"x":[{"y":null}]}"#)
        #expect(manifest.mediaType == .imageManifest)
        #expect(manifest.blobs.count == 2)
        #expect(manifest.effectiveArtifactType == .octetStream)
    }

    @Test("A manifest of the older kind has the same members")
    func readsDocker() throws {
        let text =
            #"{"schemaVersion":2,"mediaType":"\#(MediaType.dockerManifest)","config":\#(descriptor),"layers":[]}"#
        #expect(try parse(text).mediaType == .dockerManifest)
    }

    @Test(
        "What is wrong is refused and named by its path",
        arguments: [
            ("[]", .wrongType("manifest", expected: "an object")),
            ("{", .notJSON(JSONFault(.unexpectedEnd, offset: 1))),
            (#"{"config":1}"#, .missing("schemaVersion")),
            (#"{"schemaVersion":1}"#, .unsupportedSchemaVersion),
            (#"{"schemaVersion":"2"}"#, .unsupportedSchemaVersion),
            (
                #"{"schemaVersion":2,"schemaVersion":2}"#,
                .notJSON(JSONFault(.duplicateName("schemaVersion"), offset: 19))
            ),
            (
                #"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json"}"#,
                .unsupportedMediaType("mediaType")
            ),
            (#"{"schemaVersion":2,"mediaType":null}"#, .wrongType("mediaType", expected: "a string")),
            (#"{"schemaVersion":2,"artifactType":"x"}"#, .invalidMediaType("artifactType")),
            (#"{"schemaVersion":2}"#, .missing("config")),
            (#"{"schemaVersion":2,"config":[]}"#, .wrongType("config", expected: "an object")),
            (#"{"schemaVersion":2,"config":{}}"#, .missing("config.mediaType")),
            (#"{"schemaVersion":2,"config":\#(descriptor)}"#, .missing("layers")),
            (#"{"schemaVersion":2,"config":\#(descriptor),"layers":{}}"#, .wrongType("layers", expected: "an array")),
            (
                #"{"schemaVersion":2,"config":\#(descriptor),"layers":[\#(descriptor),{"mediaType":"a/b"}]}"#,
                .missing("layers[1].digest")
            ),
            (
                #"{"schemaVersion":2,"config":{"mediaType":"a/b","digest":"sha1:00","size":1}}"#,
                .invalidDigest("config.digest", .unsupportedAlgorithm)
            ),
            (#"{"schemaVersion":2,"config":{"mediaType":"a/b","digest":"\#(zeros)"}}"#, .missing("config.size")),
            (
                #"{"schemaVersion":2,"config":{"mediaType":"a/b","digest":"\#(zeros)","size":-1}}"#,
                .sizeOutOfRange("config.size")
            ),
            (
                #"{"schemaVersion":2,"config":{"mediaType":"a/b","digest":"\#(zeros)","size":1.5}}"#,
                .sizeOutOfRange("config.size")
            ),
            (
                #"{"schemaVersion":2,"config":{"mediaType":"a/b","digest":"\#(zeros)","size":9223372036854775808}}"#,
                .sizeOutOfRange("config.size")
            ),
            (
                #"{"schemaVersion":2,"config":\#(descriptor),"layers":[],"annotations":{"a":1}}"#,
                .wrongType("annotations", expected: "an object of strings")
            ),
            (#"{"schemaVersion":2,"config":\#(descriptor),"layers":[],"subject":{}}"#, .missing("subject.mediaType")),
            (
                #"{"schemaVersion":2,"layers":[],"config":"#
                    + #"{"mediaType":"\#(MediaType.empty)","digest":"\#(zeros)","size":2}}"#,
                .artifactTypeRequired
            ),
        ] as [(String, ManifestFault)])
    func refuses(_ text: String, _ fault: ManifestFault) {
        #expect(throws: fault) { try parse(text) }
    }

    @Test("A manifest has no more layers, annotations and bytes than its limits")
    func limits() {
        let small = ManifestLimits(
            json: JSONLimits(bytesMax: 4096, nodesMax: 100, stringBytesMax: 100), layersMax: 2, annotationsMax: 1)
        func refused(_ text: String, _ fault: ManifestFault) {
            #expect(throws: fault) { try Manifest(parsing: Array(text.utf8), limits: small) }
        }
        let three = [descriptor, descriptor, descriptor].joined(separator: ",")
        refused(#"{"schemaVersion":2,"config":\#(descriptor),"layers":[\#(three)]}"#, .tooManyLayers(max: 2))
        refused(
            #"{"schemaVersion":2,"config":\#(descriptor),"layers":[],"annotations":{"a":"","b":""}}"#,
            .tooManyAnnotations("annotations", max: 1))
        refused(String(repeating: " ", count: 4097), .notJSON(JSONFault(.documentTooLarge, offset: 4096)))
    }
}
