internal import RegistryClient
internal import RegistryCore
internal import RegistryWire
internal import StrictJSON

extension CommandFailure {
    /// What a fault of the client means to the person at the terminal.
    init(_ fault: ClientFault) {
        switch fault {
        case .refused(let refusal): self.init(refusal)
        case .foreignAnswer(let status):
            self.init(
                ExitStatus(httpStatus: status), "The answer (HTTP status \(status)) does not come from a registry.",
                hint: "Check the address: --server, REGISTRY_URL or `securectl login`.")
        case .malformedAnswer(let problem):
            self.init(.protocolError, "The registry's answer cannot be read: \(problem).")
        case .answerTooLarge:
            self.init(.protocolError, "The registry's answer is larger than any answer should be.")
        case .unreachable(let server, let reason):
            self.init(
                .unavailable, "The registry at \(server) cannot be reached: \(reason).",
                hint: "Is it running there? --server, REGISTRY_URL or `securectl login` name another address.")
        case .lost(let server, let reason):
            self.init(.unavailable, "The registry at \(server) cannot be reached any more: \(reason).")
        case .untrusted(let server, let reason):
            self.init(
                .unavailable, "The registry at \(server) is not trusted: \(reason).",
                hint: "--ca-file, REGISTRY_CA_FILE or `securectl login` name the authority of a private registry.")
        case .interrupted:
            self.init(.unavailable, "The connection broke before the answer was complete. What happened is not known.")
        case .timedOut:
            self.init(.unavailable, "The registry did not answer in time. What happened is not known.")
        case .contentUnreadable:
            self.init(.ioError, "The file could not be read to its end, or changed while it was sent.")
        case .cancelled:
            self.init(.interrupted, "Interrupted.")
        }
    }

    private init(_ refusal: ClientFault.Refusal) {
        let status = refusal.code.map { ExitStatus($0) } ?? ExitStatus(httpStatus: refusal.status)
        self.init(status, "\(refusal.document.error) [\(refusal.document.code)]")
        details = refusal.document.detail.members.flatMap { Self.lines($0.name, $0.value) }
        document = refusal.document.json
        hint = Self.hint(refusal)
    }

    private static func hint(_ refusal: ClientFault.Refusal) -> String? {
        if let seconds = refusal.retryAfter { return "Try again in \(Quantities.count(seconds, "second"))." }
        switch refusal.code {
        case .unauthorized: return "Name a token file: --token-file, SERVICE_TOKEN_PATH or `securectl login`."
        case .policyRefused, .inspectionUndecided: return "The findings are in the evidence: `securectl evidence NAME`."
        case .internalError, .recordTampered:
            return refusal.requestID.map { "The registry's log has more under request \($0)." }
        default: return nil
        }
    }

    /// A member of the detail: scalars on one line, each element of a list on its own. Deeper values are for programs.
    private static func lines(_ name: String, _ value: JSONValue) -> [String] {
        switch value {
        case .string(let text): ["\(name): \(text)"]
        case .number(let number): ["\(name): \(number.text)"]
        case .bool(let truth): ["\(name): \(truth)"]
        case .array(let elements): elements.compactMap(\.asString).map { "\(name): \($0)" }
        case .null, .object: []
        }
    }
}
