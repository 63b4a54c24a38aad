import Foundation
import ServerFixture
import StrictJSON
import Testing

/// One change of an artifact, and what must be true however it was interrupted.
enum Operation: String, CaseIterable, Sendable {
    case acquire, promote, revoke, delete

    /// Each change with each kind of artifact for which it is another one.
    static let cases: [(Operation, Artifact.Layout)] =
        allCases.flatMap { operation in [.file, .directory].map { (operation, $0) } } + [(.acquire, .upload)]

    /// The state that the change begins from; `nil` for an artifact that is not there.
    var before: String? {
        switch self {
        case .acquire: nil
        case .promote: "acquired"
        case .revoke, .delete: "trusted"
        }
    }

    /// Whether it takes trust away.
    var withdraws: Bool { self == .revoke || self == .delete }

    var after: String {
        switch self {
        case .acquire: "acquired"
        case .promote: "trusted"
        case .revoke: "revoked"
        case .delete: "deleted"
        }
    }

    /// The kinds of the events that an artifact in a state has.
    static func history(of state: String?) -> [String] {
        switch state {
        case "acquired": ["acquired"]
        case "trusted": ["acquired", "quarantined", "inspected", "promoted"]
        case "revoked", "deleted": ["acquired", "quarantined", "inspected", "promoted", state ?? ""]
        default: []
        }
    }

    func request(_ artifact: Artifact) -> HTTPRequest {
        switch self {
        case .acquire: artifact.acquisition
        case .promote: .post("/v1/model/promote", ["name": .string(artifact.name)])
        case .revoke: .post("/v1/model/revoke?name=\(artifact.name)")
        case .delete: .delete("/v1/model/\(artifact.name)")
        }
    }

    /// Brings an artifact to where the change begins.
    func prepare(_ artifact: Artifact, at registry: RunningRegistry) async throws {
        try artifact.write(in: registry.home)
        let steps: [Operation] =
            switch self {
            case .acquire: []
            case .promote: [.acquire]
            case .revoke, .delete: [.acquire, .promote]
            }
        for step in steps {
            let answer = try await registry.send(step.request(artifact))
            guard answer.status == 201 else { throw FixtureFault("\(step) \(artifact.name): \(answer)") }
        }
    }
}

/// An artifact of a test: one file, which lies in the registry's directory or is uploaded, or a directory of three.
struct Artifact: Sendable {
    enum Layout: String, Sendable { case file, directory, upload }

    let name: String
    let files: [(path: String, bytes: [UInt8])]
    private let layout: Layout

    /// - Parameter number: artifacts of different numbers have different names and bytes.
    init(_ number: Int, _ layout: Layout = .file) {
        name = "m\(number)"
        self.layout = layout
        switch layout {
        case .file, .upload: files = [("m\(number).gguf", ModelFiles.gguf(number))]
        case .directory:
            files = [
                ("config.json", Array("{\"number\": \(number)}".utf8)),
                ("weights/1.safetensors", ModelFiles.safetensors(number * 2)),
                ("weights/2.safetensors", ModelFiles.safetensors(number * 2 + 1)),
            ]
        }
    }

    private var folder: String { "incoming/\(name)" }

    func write(in home: RegistryHome) throws {
        for file in files { try home.write(file.bytes, as: "\(folder)/\(file.path)") }
    }

    var acquisition: HTTPRequest {
        var body: [(String, JSONValue)] = [("name", .string(name))]
        switch layout {
        case .upload:
            let file = files[0]
            return .put("/v1/model/\(name)/content?filename=\(file.path)&sha256=\(sha256(file.bytes))", file.bytes)
        case .file:
            body += [("filename", .string("\(folder)/\(files[0].path)")), ("sha256", .string(sha256(files[0].bytes)))]
        case .directory: body.append(("filename", .string(folder)))
        }
        return .post("/v1/model/acquire", .object(JSONObject(body)))
    }

    /// Checks everything that a client can see of the artifact, and what a runtime would read.
    ///
    /// - Returns: its state, `nil` when it is not there.
    func expectWhole(
        at registry: RunningRegistry, _ comment: String, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> String? {
        let record = try await registry.get("/v1/model/\(name)")
        #expect(record.status == 200 || record.status == 404, "\(comment): \(record)", sourceLocation: sourceLocation)
        let state = record["state"]
        let kinds = record.status == 404 ? [] : try await registry.kinds(of: name)
        #expect(
            kinds == Operation.history(of: state), "\(comment): \(state ?? "absent")", sourceLocation: sourceLocation)
        let path = try await registry.path(of: name)
        let expected = state == nil ? 404 : state == "trusted" ? 200 : 403
        #expect(path.status == expected, "\(comment): \(path)", sourceLocation: sourceLocation)
        let view = "\(registry.home.directory)/trusted/\(name)"
        for file in files {
            let shown = FileManager.default.contents(atPath: "\(view)/\(file.path)").map(Array.init)
            #expect(
                shown == (state == "trusted" ? file.bytes : nil), "\(comment): \(file.path) of \(state ?? "absent")",
                sourceLocation: sourceLocation)
        }
        return state
    }
}
