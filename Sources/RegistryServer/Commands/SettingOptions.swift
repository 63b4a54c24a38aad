import ArgumentParser
import LinuxFiles
import RegistryCore
import StorageFilesystem

/// The settings as flags: those that are used often by name, every one by `--set name=value`.
struct SettingOptions: ParsableArguments {
    @Option(name: .long, help: "Configuration file, YAML.")
    var config: String?

    @Option(name: .long, help: "Address and port to listen on.")
    var bindAddr: String?

    @Option(name: .long, help: "The registry's directory.")
    var registryDir: String?

    @Option(name: .long, help: "File with the service token.")
    var serviceTokenPath: String?

    @Option(name: .long, help: "Policy of admission, YAML.")
    var policyPath: String?

    @Option(name: .long, help: ArgumentHelp("Any other setting.", valueName: "name=value"))
    var set: [String] = []

    /// - Throws: `ConfigurationFault`, `FileFault`.
    func configuration() throws -> ServerConfiguration {
        let file = try config.map { try OperatorFile.read($0, bytesMax: 1 << 20) }
        return try ServerConfiguration(
            try SettingsReader(flags: try flags(), environment: SettingsReader.processEnvironment, file: file))
    }

    private func flags() throws -> [Setting: String] {
        var flags: [Setting: String] = [:]
        for text in set {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, let setting = Setting(rawValue: String(parts[0])) else {
                throw ConfigurationFault(String(text.prefix(64)), "is not name=value of a setting")
            }
            flags[setting] = String(parts[1])
        }
        flags[.bindAddr] = bindAddr ?? flags[.bindAddr]
        flags[.registryDir] = registryDir ?? flags[.registryDir]
        flags[.serviceTokenPath] = serviceTokenPath ?? flags[.serviceTokenPath]
        flags[.policyPath] = policyPath ?? flags[.policyPath]
        return flags
    }
}

/// Ends a command with the exit status that `sysexits.h` has for what went wrong, and says it on standard error.
enum CommandFailure {
    static func exit(_ error: any Error) -> ExitCode {
        switch error {
        case let code as ExitCode: return code
        case is ConfigurationFault, is KeyFault, is TokenFault, is PolicyFault: return report(error, 78)
        case let fault as StoreFault: return report(error, fault.exitStatus)
        case let error as RegistryError: return report(error.message, error.code.exitStatus)
        default: return report(error, 74)
        }
    }

    private static func report(_ error: some Any, _ status: Int32) -> ExitCode {
        StandardError.write("pratique: \(error)\n")
        return ExitCode(status)
    }
}

extension StoreFault {
    /// `sysexits.h`: unavailable while another process has it, else a matter of configuration.
    fileprivate var exitStatus: Int32 {
        switch self {
        case .noStore: ErrorCode.storeNotFound.exitStatus
        case .inUse: 69
        case .noDirectory, .openToOthers, .ownedByAnother: 78
        case .cannotOpen: 74
        }
    }
}
