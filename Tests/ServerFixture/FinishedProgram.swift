import Foundation

/// A program that ran to its end, and what it wrote.
public struct FinishedProgram: Sendable, CustomStringConvertible {
    public let status: ExitStatus
    public let output: String
    public let errors: String

    public var description: String { "\(status)\n\(output)\(errors)" }

    /// Runs a program and reads what it writes.
    ///
    /// - Parameter folder: where its output is kept meanwhile.
    public static func run(
        _ program: String, _ arguments: [String], environment: [String: String] = [:], in folder: String,
        atMost limit: Duration = .seconds(120)
    ) async throws -> FinishedProgram {
        let name = "\(folder)/run-\(UUID().uuidString)"
        defer {
            for suffix in ["out", "err"] { try? FileManager.default.removeItem(atPath: "\(name).\(suffix)") }
        }
        let process = try ChildProcess(
            program, arguments, environment: environment, output: "\(name).out", errors: "\(name).err")
        let status = try await process.wait(atMost: limit)
        return FinishedProgram(
            status: status, output: Self.text("\(name).out"), errors: Self.text("\(name).err"))
    }

    private static func text(_ path: String) -> String {
        String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
    }
}
