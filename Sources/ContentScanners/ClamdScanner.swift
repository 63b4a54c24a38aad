public import LinuxFiles
public import RegistryPorts
import Synchronization

/// Scans with ClamAV's daemon, by `INSTREAM` over its socket (clamd(8), "COMMANDS").
///
/// The daemon reads nothing from the disk: it is sent the bytes. What is longer than it takes is sent without its
/// tensors, where it has any, and not at all otherwise.
public final class ClamdScanner: ContentScanner {
    public enum Address: Sendable, Hashable {
        case socket(path: String)
        case tcp(host: String, port: UInt16)
    }

    public struct Configuration: Sendable, Hashable {
        public var name: String
        public var address: Address
        /// The daemon's `StreamMaxLength`.
        public var streamBytesMax: UInt64
        public var timeoutSeconds: UInt64
        /// The database that it works by, where we can read it; else it is known by what the daemon says of it.
        public var rulesPaths: [String]

        public init(
            name: String, address: Address, streamBytesMax: UInt64, timeoutSeconds: UInt64, rulesPaths: [String]
        ) {
            self.name = name
            self.address = address
            self.streamBytesMax = streamBytesMax
            self.timeoutSeconds = timeoutSeconds
            self.rulesPaths = rulesPaths
        }
    }

    private static let identitySeconds: UInt64 = 60
    private static let identityTimeoutMilliseconds: UInt64 = 10_000

    public var name: String { configuration.name }
    private let configuration: Configuration
    private let pool: BlockingPool
    private let rules: RulesDigest
    private let known = Mutex<(identity: ScannerIdentity?, until: Deadline)>((nil, Deadline(milliseconds: 0)))

    /// - Parameter pool: threads that may block.
    public init(_ configuration: Configuration, pool: BlockingPool) {
        self.configuration = configuration
        self.pool = pool
        rules = RulesDigest(paths: configuration.rulesPaths)
    }

    public func identity() async -> ScannerIdentity? {
        if let identity = known.withLock({ $0.until.millisecondsLeft > 0 ? $0.identity : nil }) { return identity }
        let identity = try? await pool.run { [configuration, rules] () throws(ScannerFault) in
            let connection = try ClamdConnection(
                configuration.address, Deadline(milliseconds: Self.identityTimeoutMilliseconds))
            guard let digest = rules.value() else { throw .unreadableFile(code: 0) }
            return try Self.identity(configuration.name, try connection.ask("VERSION"), digest)
        }
        known.withLock { $0 = (identity, Deadline(milliseconds: Self.identitySeconds * 1_000)) }
        return identity
    }

    /// `ClamAV 1.4.3/27500/Mon Jun  9 …`: program, number of the database, its time. Without a database of ClamAV's
    /// own there is the program alone.
    static func identity(
        _ name: String, _ answer: String, _ digest: String
    ) throws(ScannerFault) -> ScannerIdentity {
        guard answer.hasPrefix("ClamAV ") else { throw .unintelligible("VERSION") }
        let parts = answer.split(separator: "/", maxSplits: 1)
        let rules = [digest, parts.count > 1 ? String(parts[1]) : ""].filter { !$0.isEmpty }.joined(separator: " ")
        return ScannerIdentity(name: name, version: String(parts[0]), rules: rules)
    }

    public func scan(_ file: any LocalFile, name: String, parts: [Range<UInt64>]?) async -> ScanOutcome {
        do {
            return try await pool.runCancellable { [configuration] flag throws(ScannerFault) in
                try Self.scan(configuration, file, parts, flag)
            }
        } catch {
            return .failed("\(error)")
        }
    }

    private static func scan(
        _ configuration: Configuration, _ file: any LocalFile, _ parts: [Range<UInt64>]?, _ flag: CancellationFlag
    ) throws(ScannerFault) -> ScanOutcome {
        let choice = try ScannerInput.choose(file, parts: parts, bytesMax: configuration.streamBytesMax)
        guard case .input(let input) = choice else {
            return .notScanned("the file has \(file.sizeBytes) bytes, more than \(configuration.streamBytesMax)")
        }
        let connection = try ClamdConnection(
            configuration.address, Deadline(milliseconds: configuration.timeoutSeconds * 1_000))
        switch ClamdAnswer(try connection.stream(input.descriptor, sizeBytes: input.sizeBytes, flag)) {
        case .clean: return .completed([], withTensors: input.isWhole)
        case .found(let title):
            return .completed([ScanFinding(isThreat: true, title: title)], withTensors: input.isWhole)
        case .tooLarge: return .notScanned("the daemon takes no stream of \(input.sizeBytes) bytes")
        case .other(let text): throw .unintelligible(text)
        }
    }
}

/// What the daemon says to a stream.
enum ClamdAnswer: Sendable, Hashable {
    case clean
    case found(String)
    case tooLarge
    case other(String)

    init(_ text: String) {
        let prefix = "stream: "
        if text == "stream: OK" {
            self = .clean
        } else if text.hasPrefix(prefix), text.hasSuffix(" FOUND") {
            self = .found(String(text.dropFirst(prefix.count).dropLast(" FOUND".count)))
        } else if text.hasPrefix("INSTREAM size limit exceeded") {
            self = .tooLarge
        } else {
            self = .other(text)
        }
    }
}
