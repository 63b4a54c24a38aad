internal import Glibc
internal import Inspection
internal import Synchronization

/// A file, or a member of an archive by its way through the archives: `model.pt!/archive/data.pkl`.
struct MemberFile: Sendable {
    let file: LocalFile
    /// Empty for the file itself.
    let member: String

    init(file: LocalFile) {
        self.file = file
        member = ""
    }

    init(_ path: String) throws(CommandFailure) {
        // A file may have such a name itself.
        if access(path, F_OK) != 0, let range = path.firstRange(of: "!/") {
            file = try LocalFile(String(path[..<range.lowerBound]))
            member = String(path[range.upperBound...])
        } else {
            file = try LocalFile(path)
            member = ""
        }
    }

    /// Shows a view of it line by line, up to its end.
    ///
    /// - Parameter line: takes the fields of a line; returns false for what the view never says.
    /// - Returns: the fields of the last line, behind its first.
    func view(
        _ view: FileView, in context: CommandContext, line: @escaping @Sendable (_ fields: [String]) -> Bool
    ) async throws -> [String] {
        let outcome = ViewOutcome()
        do throws(InspectionRefusal) {
            try await context.inspector.view(view, of: file.descriptor, sizeBytes: file.sizeBytes, member: member) {
                outcome.take($0.fields, line)
            }
        } catch {
            // What the child said before it was given up is no answer.
            guard !outcome.isGarbled else { throw CommandFailure(.unchecked, "The view of \(file.path) is garbled.") }
            throw CommandFailure(.unchecked, "\(file.path) could not be read safely: \(error.reason).")
        }
        return try outcome.end(of: file.path)
    }
}

/// How a view ended.
private final class ViewOutcome: Sendable {
    private struct State {
        var end: [String]?
        var fault: [String]?
        var members: [String] = []
        var isGarbled = false
    }

    private let state = Mutex(State())

    var isGarbled: Bool { state.withLock { $0.isGarbled } }

    func take(_ fields: [String], _ line: ([String]) -> Bool) -> Bool {
        state.withLock { state in
            let rest = Array(fields.dropFirst())
            switch fields.first {
            case "end": state.end = rest
            case "fault": state.fault = rest
            case "member" where rest.count == 1: state.members += rest
            default:
                state.isGarbled = !line(fields)
                return !state.isGarbled
            }
            return true
        }
    }

    func end(of path: String) throws(CommandFailure) -> [String] {
        let state = state.withLock { $0 }
        if let fault = state.fault { throw Self.failure(fault, path, state.members) }
        guard let end = state.end else { throw CommandFailure(.unchecked, "The view of \(path) has no end.") }
        return end
    }

    private static func failure(_ fault: [String], _ path: String, _ members: [String]) -> CommandFailure {
        let format = fault.count > 1 ? fault[1] : "unknown"
        switch fault.first {
        case "no-member":
            return CommandFailure(.noInput, "There is no such member in \(path).", details: members)
        case "not-a-pickle" where members.isEmpty:
            return CommandFailure(.dataError, "\(path) is no pickle but \(format).")
        case "not-a-pickle":
            return CommandFailure(
                .dataError, "\(path) is no pickle but \(format), with pickles in it.",
                details: members.map { "\(path)!/\($0)" })
        case "no-tensor-file":
            return CommandFailure(.dataError, "\(path) is neither GGUF nor safetensors but \(format).")
        default:
            return CommandFailure(.unchecked, "\(path) cannot be read to its end: \(fault.first ?? "")")
        }
    }
}
