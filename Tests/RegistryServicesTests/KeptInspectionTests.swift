import OCI
import RegistryCore
import RegistryPorts
import RegistryServices
import RegistryTesting
import Testing

@Suite("Inspections that are kept")
struct KeptInspectionTests {
    private static let program = Array("import os\nos.system('id')\n".utf8)

    private func acquireDirectory(_ name: String, in registry: TestRegistry) async throws {
        let order = IntakeOrder(
            name: try ArtifactName(parsing: name), bytes: .source(try RelativePath(parsing: name)), sha256: nil)
        _ = try await registry.intake.acquire(order, TestRegistry.caller)
    }

    @Test(
        "The same bytes under a harmless name say nothing about a program, in either order",
        arguments: [["modeling_x.py", "zz.txt"], ["aa.txt", "modeling_x.py"]])
    func sameDirectory(files: [String]) async throws {
        try await TestRegistry.scenario { registry in
            for file in files { try registry.world.sources.put(Self.program, at: "dir/\(file)") }
            try await acquireDirectory("dir", in: registry)
            await expectError(.policyRefused) { try await registry.promote("dir") }
        }
    }

    @Test("Nor does another artifact that has them as a text")
    func otherArtifact() async throws {
        try await TestRegistry.scenario { registry in
            try registry.world.sources.put(Self.program, at: "dir/modeling_x.py")
            try await acquireDirectory("dir", in: registry)
            await expectError(.policyRefused) { try await registry.promote("dir") }
            try registry.world.sources.put(Self.program, at: "text/notes.txt")
            try await acquireDirectory("text", in: registry)
            try await registry.promote("text")
            await expectError(.policyRefused) { try await registry.promote("dir") }
        }
    }

    @Test("Bytes that were inspected under a name are not inspected under it again")
    func once() async throws {
        try await TestRegistry.scenario { registry in
            try registry.world.sources.put(Self.program, at: "dir/notes.txt")
            try await acquireDirectory("dir", in: registry)
            try await registry.promote("dir")
            try await registry.promote("dir")
            #expect(registry.world.inspector.inspected == ["notes.txt"])
        }
    }
}
