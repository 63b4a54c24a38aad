import FileTestSupport
import Foundation

/// A registry of its own for one test: its directory, its token and its settings. It outlives the servers that run on
/// it.
public struct RegistryHome: Sendable {
    /// The service token of every registry here.
    public static let token = "0123456789abcdef0123456789abcdef-test"

    /// The folder of everything that belongs to it.
    public let path: String
    /// Settings of `pratique serve --set`, besides those that a temporary directory needs.
    public var settings: [String: String]
    /// Keeps a temporary folder for as long as the home is used.
    private let scratch: ScratchDirectory?

    /// - Parameter token: what the token's file holds; `nil` for no file.
    public init(_ settings: [String: String] = [:], token: String? = RegistryHome.token) throws {
        let scratch = try ScratchDirectory()
        try self.init(in: scratch.path, settings, token: token, scratch)
    }

    /// A home in a folder that somebody else keeps.
    public init(
        in path: String, _ settings: [String: String] = [:], token: String? = RegistryHome.token
    ) throws {
        try self.init(in: path, settings, token: token, nil)
    }

    private init(
        in path: String, _ settings: [String: String], token: String?, _ scratch: ScratchDirectory?
    ) throws {
        self.path = path
        self.settings = settings
        self.scratch = scratch
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        guard let token else { return }
        try write(Array(token.utf8), to: tokenPath, permissions: 0o600)
    }

    /// The registry's directory.
    public var directory: String { path + "/registry" }
    public var tokenPath: String { path + "/token" }
    public var integrityResultPath: String { path + "/integrity.json" }
    public var lockPath: String { path + "/models.lock.yaml" }
    public var addressPath: String { path + "/address" }
    /// What every server on this home wrote to standard error.
    public var logPath: String { path + "/log" }
    public var databasePath: String { directory + "/store/metadata/registry.db" }
    public var checkpointPath: String { directory + "/store/log/checkpoint" }

    public func blobPath(_ sha256: String) -> String {
        "\(directory)/store/blobs/sha256/\(sha256.prefix(2))/\(sha256)"
    }

    public var log: String {
        String(decoding: FileManager.default.contents(atPath: logPath) ?? Data(), as: UTF8.self)
    }

    /// Puts a file where `acquire` finds it.
    ///
    /// - Returns: the SHA-256 of the bytes.
    @discardableResult
    public func write(_ bytes: [UInt8], as name: String) throws -> String {
        let path = "\(directory)/\(name)"
        if let slash = path.lastIndex(of: "/") {
            try FileManager.default.createDirectory(
                atPath: String(path[..<slash]), withIntermediateDirectories: true)
        }
        try write(bytes, to: path, permissions: 0o644)
        return sha256(bytes)
    }

    private func write(_ bytes: [UInt8], to path: String, permissions: Int) throws {
        let isWritten = FileManager.default.createFile(
            atPath: path, contents: Data(bytes), attributes: [.posixPermissions: permissions])
        guard isWritten else { throw FixtureFault("\(path) cannot be written") }
    }

    /// The same registry as it is now, elsewhere. Hard links stay hard links.
    public func copied() async throws -> RegistryHome {
        let scratch = try ScratchDirectory()
        let copy = try await FinishedProgram.run(
            "/bin/cp", ["-a", "--sparse=always", path + "/.", scratch.path], in: scratch.path)
        guard copy.status == .exited(0) else { throw FixtureFault("cp: \(copy)") }
        return try RegistryHome(in: scratch.path, settings, token: nil, scratch)
    }

    /// The arguments that name this registry to a command of `pratique`.
    public var arguments: [String] {
        let own = [
            "bind_addr": "127.0.0.1:0", "registry_dir": directory,
            "service_token_path": FileManager.default.fileExists(atPath: tokenPath) ? tokenPath : "",
            "registry_lock_path": lockPath, "integrity_result_path": integrityResultPath,
        ].merging(settings) { $1 }
        return own.sorted { $0.key < $1.key }.flatMap { ["--set", "\($0.key)=\($0.value)"] }
    }

    /// What programs of a test see: nothing of the person's own settings.
    static let environment = ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "HOME": "/nonexistent"]

    /// Runs a command of `pratique` to its end.
    public func run(_ command: String, _ arguments: String...) async throws -> FinishedProgram {
        try await FinishedProgram.run(
            BuiltPrograms.pratique, [command] + arguments, environment: Self.environment, in: path)
    }

    /// Checks everything that is stored against the promises, every byte included. No server may run.
    public func fsck() async throws -> FsckReport {
        FsckReport(try await run("fsck", "--deep", "--registry-dir", directory))
    }

    /// - Throws: `FixtureFault` with what is wrong.
    public func requireClean() async throws {
        let report = try await fsck()
        guard report.isClean else { throw FixtureFault("fsck: \(report)") }
    }
}

/// What `pratique fsck` says.
public struct FsckReport: Sendable, CustomStringConvertible {
    public let program: FinishedProgram

    init(_ program: FinishedProgram) {
        self.program = program
    }

    public var isClean: Bool { program.status == .exited(0) && program.output.contains("clean") }
    /// Nothing was ever kept here.
    public var isWithoutStore: Bool { program.status == .exited(66) && program.errors.contains("store_not_found") }
    /// Everything was checked, and something is wrong.
    public var isBad: Bool { program.status == .exited(11) }

    /// The code of each problem.
    public var codes: [String] {
        program.output.split(separator: "\n").compactMap { line in
            let code = line.prefix { $0.isLowercase || $0 == "-" }
            return code != "clean" && line[code.endIndex...].hasPrefix(": ") ? String(code) : nil
        }
    }

    public var description: String { program.description }
}
