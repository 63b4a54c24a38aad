import OCI
import Testing

@Suite("Media types")
struct MediaTypeTests {
    @Test(
        "Names of RFC 6838 are media types",
        arguments: [
            "application/json", "application/vnd.oci.image.manifest.v1+json", "a/b",
            "x-1/!#$&-^_.+".replacing("/", with: "/a"),
        ])
    func accepts(_ name: String) {
        #expect(MediaType(name)?.name == name)
    }

    @Test(
        "Other text is not",
        arguments: [
            "", "/", "a", "a/", "/b", "a/b/c", "a/b; c=d", "a /b", "a/b\n", "a/é", "a/*", ".a/b", "a/+b",
            "a/" + String(repeating: "b", count: 128), String(repeating: "a", count: 128) + "/b",
        ])
    func refuses(_ name: String) {
        #expect(MediaType(name) == nil)
    }

    @Test("The names that are spelt out here are media types")
    func known() {
        let layers = ModelPack.Role.allCases.flatMap { role in
            ModelPack.Packaging.allCases.map { ModelPack.layer(role, $0) }
        }
        let others: [MediaType] = [
            .octetStream, .imageManifest, .imageIndex, .imageConfig, .empty, .dockerManifest, .dockerManifestList,
            ModelPack.artifactType, ModelPack.config,
        ]
        #expect(Set(layers + others).count == 20 + 9)
        for mediaType in layers + others {
            #expect(MediaType(mediaType.name) == mediaType)
        }
    }

    @Test("A model's layer says what it is for and how it is packed")
    func modelPackLayers() throws {
        #expect(ModelPack.layer(.weight).name == "application/vnd.cncf.model.weight.v1.raw")
        #expect(ModelPack.layer(.weightConfig, .tarZstd).name == "application/vnd.cncf.model.weight.config.v1.tar+zstd")
        let layer = try #require(ModelPack.roleAndPackaging(of: ModelPack.layer(.dataset, .tarGzip)))
        #expect(layer == (.dataset, .tarGzip))
        #expect(ModelPack.roleAndPackaging(of: ModelPack.config) == nil)
        #expect(ModelPack.roleAndPackaging(of: .imageConfig) == nil)
    }
}
