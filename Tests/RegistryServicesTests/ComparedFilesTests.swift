import OCI
import RegistryCore
import RegistryServices
import RegistryTesting
import StrictJSON
import Testing

@Suite("What shows in a version as a whole")
struct ComparedFilesTests {
    /// Pushes layers and promotes them.
    ///
    /// - Returns: the rules that were broken by what the policy refused; `nil` if it was promoted.
    private func promote(_ layers: [TestRegistry.Layer], _ registry: TestRegistry) async throws -> Set<String>? {
        let bytes = try await registry.manifest(layers, in: "team/a")
        let name = "team/a@\(try await registry.publish(bytes, in: "team/a").version)"
        do {
            _ = try await registry.promote(name)
            return nil
        } catch let error as RegistryError {
            let findings = error.detail["findings"]?.asArray ?? []
            return Set(findings.compactMap { $0.asObject?["rule"]?.asString })
        }
    }

    private static let index = Array(#"{"weight_map":{"a":"weights/x.bin"}}"#.utf8)
    private static let part = Array("text".utf8)

    @Test("A file that an index names has to be in the version, under the name that the index gives it")
    func missing() async throws {
        try await TestRegistry.scenario { registry async throws in
            let index = TestRegistry.Layer(Self.index, title: "sub/model.index.json")
            #expect(try await promote([index], registry) == ["repository.missing-shard"])
            let elsewhere = TestRegistry.Layer(Self.part, title: "weights/x.bin")
            #expect(try await promote([index, elsewhere], registry) == ["repository.missing-shard"])
            let there = TestRegistry.Layer(Self.part, title: "sub/weights/x.bin")
            #expect(try await promote([index, there], registry) == nil)
        }
    }

    /// A tar archive of one symbolic link.
    private static func tar(linkTo target: String) -> [UInt8] {
        var header = [UInt8](repeating: 0, count: 512)
        func put(_ text: String, at start: Int) {
            for (place, byte) in text.utf8.enumerated() { header[start + place] = byte }
        }
        put("etc/link", at: 0)
        put("0000777", at: 100)
        put("00000000000", at: 124)
        put("        ", at: 148)
        put("2", at: 156)
        put(target, at: 157)
        put("ustar", at: 257)
        put("00", at: 263)
        let sum = String(header.reduce(0) { $0 + Int($1) }, radix: 8)
        put(String(repeating: "0", count: 6 - sum.utf8.count) + sum, at: 148)
        header[154] = 0
        return header + [UInt8](repeating: 0, count: 1024)
    }

    @Test("An absolute link is ordinary in a layer of an image, and nowhere else, whichever is looked at first")
    func imageLayer() async throws {
        try await TestRegistry.scenario { registry in
            let image = try #require(MediaType("application/vnd.oci.image.layer.v1.tar"))
            let link = Self.tar(linkTo: "/usr/bin/x")
            // The same bytes by the same name. No archive is admitted by default, whatever is found in it.
            #expect(try await promote([.init(link, title: "a.tar", mediaType: image)], registry) == [])
            #expect(try await promote([.init(link, title: "a.tar")], registry) == ["archive.outside-link"])
            let above = Self.tar(linkTo: "../../x")
            #expect(
                try await promote([.init(above, title: "a.tar", mediaType: image)], registry)
                    == ["archive.outside-link"])
        }
    }
}
