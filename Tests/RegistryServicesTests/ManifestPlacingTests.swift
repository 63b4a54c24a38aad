import OCI
import RegistryPorts
import RegistryServices
import RegistryTesting
import StrictJSON
import Testing

@Suite("What a manifest brings into a repository")
struct ManifestPlacingTests {
    private static func descriptor(_ text: String, _ type: MediaType = .octetStream) throws -> Descriptor {
        Descriptor(mediaType: type, digest: try MetadataSamples.digest(text), size: UInt64(text.utf8.count))
    }

    private static func place(_ bytes: [UInt8]) throws -> ManifestPlace {
        try ManifestPlace(version: try Digest(hashing: bytes), manifest: bytes)
    }

    @Test(
        "A manifest brings its config and its layers, each once",
        arguments: [MediaType.imageManifest, .dockerManifest])
    func manifest(type: MediaType) throws {
        let (config, layer) = (try Self.descriptor("config"), try Self.descriptor("layer"))
        let other = Descriptor(
            mediaType: .octetStream, digest: try Digest(sha512: [UInt8](repeating: 1, count: 64)), size: 1)
        let bytes = Manifest(mediaType: type, config: config, layers: [layer, other, layer]).encoded()
        let place = try Self.place(bytes)
        #expect(place.version == (try Digest(hashing: bytes)))
        #expect(place.blobs == [config.digest, layer.digest, other.digest])
        #expect(place.children.isEmpty)
        #expect(place.referrer == nil)
    }

    @Test("An index brings manifests, each once", arguments: [MediaType.imageIndex, .dockerManifestList])
    func index(type: MediaType) throws {
        let (first, second) = (try Self.descriptor("a", .imageManifest), try Self.descriptor("b", .imageIndex))
        let place = try Self.place(ImageIndex(mediaType: type, manifests: [first, second, first]).encoded())
        #expect(place.blobs.isEmpty)
        #expect(place.children == [first.digest, second.digest])
        #expect(place.referrer == nil)
    }

    @Test("What has a subject is listed with its type, its size and its annotations")
    func referrer() throws {
        let subject = try Self.descriptor("subject", .imageManifest)
        let type = try #require(MediaType("application/vnd.example.sbom+json"))
        let bytes = Manifest(
            artifactType: type, config: .empty, layers: [], subject: subject, annotations: ["b": "2", "a": "\"1\""]
        ).encoded()
        let referrer = try #require(try Self.place(bytes).referrer)
        #expect(referrer.subject == subject.digest)
        #expect(referrer.version == (try Digest(hashing: bytes)))
        #expect(referrer.artifactType == type.name)
        #expect(
            String(decoding: referrer.descriptor, as: UTF8.self)
                == #"{"mediaType":"\#(MediaType.imageManifest)","digest":"\#(referrer.version)","#
                + #""size":\#(bytes.count),"annotations":{"a":"\"1\"","b":"2"},"artifactType":"\#(type)"}"#)
    }

    @Test("A referrer without a type of its own has that of its config; an index has none")
    func effectiveType() throws {
        let subject = try Self.descriptor("subject", .imageManifest)
        let config = try #require(MediaType("application/vnd.example.config+json"))
        let manifest = Manifest(config: try Self.descriptor("config", config), layers: [], subject: subject)
        #expect(try Self.place(manifest.encoded()).referrer?.artifactType == config.name)
        let index = try #require(try Self.place(ImageIndex(manifests: [], subject: subject).encoded()).referrer)
        #expect(index.artifactType.isEmpty)
        let object = try StrictJSON.parse(index.descriptor, limits: ManifestLimits.standard.json).asObject
        #expect(object?.members.map(\.name) == ["mediaType", "digest", "size"])
        let typed = ImageIndex(artifactType: config, manifests: [], subject: subject)
        #expect(try Self.place(typed.encoded()).referrer?.artifactType == config.name)
    }

    @Test(
        "What is no manifest brings nothing, and says why",
        arguments: [
            ("", nil), ("{}", .missing("schemaVersion")),
            (#"{"schemaVersion":2,"manifests":[],"layers":[]}"#, .ambiguous),
            (#"{"schemaVersion":2,"manifests":[{}]}"#, .missing("manifests[0].mediaType")),
            (#"{"schemaVersion":2,"layers":[]}"#, .missing("config")),
        ] as [(String, ManifestFault?)])
    func refuses(text: String, fault: ManifestFault?) {
        if let fault {
            #expect(throws: fault) { try Self.place(Array(text.utf8)) }
        } else {
            #expect(throws: ManifestFault.self) { try Self.place(Array(text.utf8)) }
        }
    }
}
