import Glibc
import LinuxFiles
import Logging
import RegistryCore
import RegistryPorts
import StorageFilesystem
import StorageSQLite

/// Opens what is stored. The same steps for the server and for every command that works on the store.
enum RegistryOpening {
    private static let policyBytesMax = 1 << 20

    /// Whether what follows from the log has to be readable.
    enum Index {
        case believed
        /// It is what is being checked or made anew; nothing is appended to the log.
        case suspect
    }

    /// - Parameter mustExist: throw `StoreFault.noStore` rather than begin a registry.
    static func open(
        _ configuration: ServerConfiguration, _ index: Index = .believed, mustExist: Bool = false, logger: Logger
    ) async throws -> RegistryAssembly {
        let policy = try policy(configuration.policyPath)
        let scanners =
            try configuration.scannersPath.map { path throws(ConfigurationFault) in
                try ScannerFile(path: path)
            }?.scanners() ?? []
        FailedSync.onFailure { fault in stop("\(fault)", logger) }
        let store = try FilesystemStore(path: configuration.registryDirectory, mustExist: mustExist)
        let metadata = try await SQLiteMetadataStore.open(at: store.metadataPath + "/registry.db")
        // By the entries and not by the head, which somebody may have removed.
        let isNew = (try? await metadata.entries(from: 0, limit: 1))?.isEmpty == true
        if mustExist, isNew, try !RegistryKeys.areThere(in: store.keys), try store.log.entries(entriesMax: 1).isEmpty {
            // A first start that was stopped before it had keys: it has signed and sealed nothing.
            await metadata.close()
            store.close()
            throw StoreFault.noStore(store.path)
        }
        let keys = try RegistryKeys.open(
            in: store.keys, isNew: isNew && !mustExist, origin: configuration.logOrigin, entropy: SystemEntropy())
        let latest = index == .believed ? try await latestTime(in: metadata) : .earliest
        return try RegistryAssembly(
            RegistryAssembly.Foundations(
                store: store, metadata: metadata, keys: keys, policy: policy, latest: latest,
                scanners: scanners),
            configuration, cores: Int(max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))), logger: logger,
            stop: { fault in stop("\(fault)", logger) })
    }

    private static func stop(_ cause: String, _ logger: Logger) {
        logger.critical("the disk did not confirm a write: stopping", metadata: ["cause": "\(cause)"])
        // EX_IOERR. Nothing may run after this: not even a graceful stop could be acknowledged.
        _exit(74)
    }

    /// When the newest event happened.
    private static func latestTime(in metadata: SQLiteMetadataStore) async throws -> Timestamp {
        let head = try await metadata.logHead()
        guard head.size > 0, let last = try await metadata.entries(from: head.size - 1, limit: 1).first else {
            return .earliest
        }
        return try RegistryEvent(decoding: last.bytes, index: last.index).time
    }

    /// The configured policy, or the built-in one.
    ///
    /// - Throws: `ConfigurationFault` naming the file, and the line of the mistake in it.
    static func policy(_ path: String?) throws -> Policy {
        guard let path else { return try Policy(parsing: Array(Policy.defaultDocument.utf8)) }
        let setting = Setting.policyPath.rawValue
        let bytes: [UInt8]
        do throws(FileFault) { bytes = try OperatorFile.read(path, bytesMax: policyBytesMax) } catch {
            throw ConfigurationFault(setting, "\(path) \(error.sentence)")
        }
        do throws(PolicyFault) { return try Policy(parsing: bytes) } catch {
            // A fault of the YAML names its line itself.
            if case .yaml = error { throw ConfigurationFault(setting, "\(path): \(error)") }
            throw ConfigurationFault(setting, "\(path):\(error.line(in: bytes)): \(error)")
        }
    }
}
