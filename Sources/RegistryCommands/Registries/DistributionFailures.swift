internal import DistributionClient
internal import LinuxFiles
internal import OCI
internal import RegistryClient

extension CommandFailure {
    /// What a fault of a registry's client means to the person at the terminal.
    init(_ fault: DistributionFault) {
        switch fault {
        case .refused(let refusal): self.init(refusal)
        case .transport(let fault):
            self.init(fault)
            switch fault {
            case .interrupted, .lost: hint = "Give the same command again: it goes on where it stopped."
            case .unreachable: hint = "The registry is the first part of the reference."
            default: break
            }
        case .loginRefused(let registry, _, let message):
            self.init(
                .noPermission, "\(registry) does not let us in\(message.map { ": \($0)" } ?? ".")",
                hint: "Log in with docker or podman, or name a token file: --token-file.")
        case .credentials(let registry, let reason):
            self.init(.configuration, "The credential for \(registry) cannot be had: \(reason).")
        case .wrongBytes(let digest):
            self.init(.bad, "What came is not what \(digest) names. Nothing of it was kept.")
        case .wrongSize(let digest, let expected):
            self.init(.bad, "\(digest) has another size than the \(expected) bytes that the manifest says.")
        case .manifest(let name, let fault):
            self.init(.dataError, "\(name) is no manifest that is understood: \(fault).")
        case .absent(let sentence): self.init(.noInput, sentence)
        case .unsafe(let sentence): self.init(.protocolError, sentence)
        case .excessive(let sentence): self.init(.dataError, sentence)
        case .file(let fault, let path):
            self.init(fault, path: path)
            if fault.kind == .exists { message = "\(path) is there already." }
            if fault.kind == .busy { message = "\(path) is being fetched by another process." }
        }
    }

    private init(_ refusal: DistributionFault.Refusal) {
        let code = refusal.code.map { " [\($0.rawValue)]" } ?? ""
        let words = refusal.message ?? "The registry answers with HTTP status \(refusal.status)."
        let status: ExitStatus
        switch refusal.code {
        case .blobUnknown, .manifestUnknown, .nameUnknown, .manifestBlobUnknown: status = .noInput
        case .denied: status = .noPermission
        case .digestInvalid, .manifestInvalid, .nameInvalid, .sizeInvalid, .unsupported: status = .dataError
        default: status = ExitStatus(httpStatus: refusal.status)
        }
        self.init(status, words + code)
        if let seconds = refusal.retryAfter { hint = "Try again in \(Quantities.count(seconds, "second"))." }
    }
}
