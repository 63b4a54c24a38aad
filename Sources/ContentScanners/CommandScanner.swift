import Glibc
public import LinuxFiles
public import RegistryPorts
import Synchronization

/// Scans with a program: by our JSON contract, or with YARA.
///
/// The program has the file as its standard input, and `{file}` among its arguments stands for a path of the same. It
/// runs without environment, network (where the kernel allows that to be taken away) and rights, within limits of
/// time and memory, and writes nothing. Its answer is bounded.
public final class CommandScanner: ContentScanner {
    /// How its answer is read.
    public enum Answer: Sendable, Hashable {
        case json
        /// A line for each rule that matches; they are threats, or to be looked at.
        case yara(isThreat: Bool)
    }

    public struct Configuration: Sendable, Hashable {
        public var name: String
        /// Absolute path.
        public var program: String
        public var arguments: [String]
        /// What makes the program say its version; empty when nothing does.
        public var versionArguments: [String]
        public var answer: Answer
        /// Files and directories that it works by.
        public var rulesPaths: [String]
        public var timeoutSeconds: UInt64
        public var memoryBytes: UInt64
        /// Larger files are given without their tensors, or not at all.
        public var fileBytesMax: UInt64

        public init(
            name: String, program: String, arguments: [String], versionArguments: [String], answer: Answer,
            rulesPaths: [String], timeoutSeconds: UInt64, memoryBytes: UInt64, fileBytesMax: UInt64
        ) {
            self.name = name
            self.program = program
            self.arguments = arguments
            self.versionArguments = versionArguments
            self.answer = answer
            self.rulesPaths = rulesPaths
            self.timeoutSeconds = timeoutSeconds
            self.memoryBytes = memoryBytes
            self.fileBytesMax = fileBytesMax
        }
    }

    /// Stands for the file among the arguments.
    public static let placeholder = "{file}"
    private static let path = "/proc/self/fd/0"
    private static let versionTimeoutMilliseconds: UInt64 = 10_000
    private static let identitySeconds: UInt64 = 60

    public var name: String { configuration.name }
    private let configuration: Configuration
    private let pool: BlockingPool
    private let rules: RulesDigest
    private let known = Mutex<(identity: ScannerIdentity?, until: Deadline)>((nil, Deadline(milliseconds: 0)))

    /// - Parameter pool: threads that may block.
    public init(_ configuration: Configuration, pool: BlockingPool) {
        self.configuration = configuration
        self.pool = pool
        rules = RulesDigest(paths: [configuration.program] + configuration.rulesPaths)
    }

    public func identity() async -> ScannerIdentity? {
        if let identity = known.withLock({ $0.until.millisecondsLeft > 0 ? $0.identity : nil }) { return identity }
        let identity = try? await pool.run { [configuration, rules] () throws(ScannerFault) in
            try Self.identity(configuration, rules)
        }
        known.withLock { $0 = (identity, Deadline(milliseconds: Self.identitySeconds * 1_000)) }
        return identity
    }

    private static func identity(
        _ configuration: Configuration, _ rules: RulesDigest
    ) throws(ScannerFault) -> ScannerIdentity {
        guard let digest = rules.value() else { throw .unreadableFile(code: 0) }
        var version = ""
        if !configuration.versionArguments.isEmpty {
            let process = ScannerProcess(
                program: configuration.program, arguments: configuration.versionArguments,
                timeoutMilliseconds: versionTimeoutMilliseconds, memoryBytes: configuration.memoryBytes)
            let number = open("/dev/null", O_RDONLY | O_CLOEXEC)
            guard number >= 0 else { throw .cannotStart(code: errno) }
            let null = FileDescriptor(owning: number)
            let (output, status) = try null.withNumber { number throws(ScannerFault) in
                try process.run(input: number, inputBytes: 0)
            }
            guard status == 0 else { throw .failed(status: status) }
            version = ScannerText.line(output.split(separator: UInt8(ascii: "\n")).first.map { Array($0) } ?? [])
        }
        return ScannerIdentity(name: configuration.name, version: version, rules: digest)
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
        let choice = try ScannerInput.choose(file, parts: parts, bytesMax: configuration.fileBytesMax)
        guard case .input(let input) = choice else {
            return .notScanned("the file has \(file.sizeBytes) bytes, more than \(configuration.fileBytesMax)")
        }
        let process = ScannerProcess(
            program: configuration.program,
            arguments: configuration.arguments.map { $0 == placeholder ? path : $0 },
            timeoutMilliseconds: configuration.timeoutSeconds * 1_000, memoryBytes: configuration.memoryBytes)
        let (output, status) = try input.descriptor.withNumber { number throws(ScannerFault) in
            try process.run(input: number, inputBytes: input.sizeBytes, until: flag)
        }
        guard status == 0 else { throw .failed(status: status) }
        let findings: [ScanFinding] =
            switch configuration.answer {
            case .json: try ScannerReport.findings(output)
            case .yara(let isThreat): try YaraOutput.findings(output, isThreat: isThreat)
            }
        return .completed(findings, withTensors: input.isWhole)
    }
}
