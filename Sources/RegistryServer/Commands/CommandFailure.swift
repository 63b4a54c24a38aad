import ArgumentParser
import LinuxFiles
import RegistryCore
import RegistryPorts
import StorageFilesystem
import TUFUpdater

/// Ends a command with the exit status that `sysexits.h` has for what went wrong, and says it on standard error.
enum CommandFailure {
    /// - Parameter directory: the registry's directory, for messages about its disk.
    static func exit(_ error: any Error, directory: String = Setting.registryDir.rawValue) -> ExitCode {
        switch error {
        case let code as ExitCode: return code
        case is ConfigurationFault, is KeyFault, is TokenFault, is PolicyFault: return report(error, 78)
        case let fault as StoreFault: return report(error, fault.exitStatus)
        case let fault as BackupFault: return report(error, fault.exitStatus)
        case let fault as UpdateFault: return report("\(fault) [\(fault.code)]", fault.exitStatus)
        case let error as RegistryError where error.code == .storageFull:
            return report(StoreFault.cannotOpen(directory, FileFault(.create, .noSpace)), error.code.exitStatus)
        case let error as RegistryError: return report(error.message, error.code.exitStatus)
        case StorageFault.full: return exit(FileFault(.create, .noSpace), directory: directory)
        case StorageFault.unavailable(let reason): return report("the store cannot be used: \(reason)", 74)
        case StorageFault.corrupted(let reason): return report("the store is damaged: \(reason)", 74)
        case let fault as FileFault where fault.kind == .noSpace:
            return report(StoreFault.cannotOpen(directory, fault), 74)
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
        case .cannotOpen(_, let fault):
            switch fault.kind {
            case .permission, .notDirectory: 78
            default: 74
            }
        }
    }
}

extension BackupFault {
    /// `sysexits.h`: no input where there is no such folder or no backup in it.
    fileprivate var exitStatus: Int32 {
        switch self {
        case .noFolder, .incomplete: 66
        case .notEmpty, .registryNotEmpty, .damagedBlob, .missingBlob, .tamperedRecord, .noCheckpoint: 74
        }
    }
}
