import DistributionClient
import FileTestSupport
import LinuxFiles
import OCI
import StrictJSON
import Testing

@Suite("OCI image layouts")
struct ImageLayoutTests {
    private func manifest(_ text: String) throws -> StoredManifest {
        let bytes = Manifest(
            artifactType: ModelPack.artifactType, config: .empty, layers: [], annotations: ["note": text]
        ).encoded()
        return StoredManifest(bytes: bytes, mediaType: .imageManifest, digest: try Digest(of: bytes))
    }

    @Test("A new layout is found again, with what was put into it under its names")
    func round() async throws {
        let scratch = try ScratchDirectory()
        let layout = try ImageLayout(making: scratch.path + "/layout")
        let (one, two) = (try manifest("1"), try manifest("2"))
        try await layout.keep(one, named: "v1")
        let again = try ImageLayout(opening: scratch.path + "/layout")
        #expect(try again.manifest(named: nil) == one)
        try await layout.keep(two, named: "v2")
        #expect(try again.manifest(named: "v2") == two)
        #expect(try again.manifest(named: two.digest.description) == two)
        #expect(throws: DistributionFault.self) { try again.manifest(named: nil) }
        #expect(throws: DistributionFault.self) { try again.manifest(named: "v3") }
        try await layout.keep(two, named: "v1")
        #expect(try again.manifest(named: "v1") == two)
        #expect(try again.names().count == 2)
    }

    @Test("A directory with other things in it does not become a layout, and nothing in it changes")
    func foreign() throws {
        let scratch = try ScratchDirectory()
        try scratch.write(Array("data".utf8), as: "file")
        #expect(throws: DistributionFault.self) { try ImageLayout(making: scratch.path) }
        #expect(throws: DistributionFault.self) { try ImageLayout(opening: scratch.path) }
        #expect(try Directory(path: scratch.path).entries(entriesMax: 10).count == 1)
    }

    @Test("What others wrote into the index stays, also what has no meaning here")
    func others() async throws {
        let scratch = try ScratchDirectory()
        let layout = try ImageLayout(making: scratch.path + "/layout")
        let digest = "sha256:" + String(repeating: "a", count: 64)
        let row = #"{"mediaType":"m/x","digest":"\#(digest)","size":1,"platform":{"os":"x"}}"#
        let index = Array(#"{"schemaVersion":2,"manifests":[\#(row)]}"#.utf8)
        let folder = try Directory(path: scratch.path + "/layout")
        try DurableFile.replace("index.json", in: folder, with: index)
        try await layout.keep(try manifest("1"), named: "v1")
        let written = try folder.openFile("index.json").readAll(bytesMax: 10_000)
        #expect(String(decoding: written, as: UTF8.self).contains(row))
        #expect(try layout.names().count == 2)
    }

    @Test("An altered manifest is not given out")
    func altered() async throws {
        let scratch = try ScratchDirectory()
        let layout = try ImageLayout(making: scratch.path + "/layout")
        let (one, two) = (try manifest("1"), try manifest("2"))
        try await layout.keep(one, named: "v1")
        let blobs = try Directory(path: scratch.path + "/layout/blobs/sha256")
        try DurableFile.replace(one.digest.hex, in: blobs, with: two.bytes)
        #expect(throws: DistributionFault.self) { try layout.manifest(named: "v1") }
    }
}
