import ContentScanners
import LinuxFiles
import RegistryPorts
import SafeYAML
import StrictJSON

/// The file that `scanners_path` names: programs that look into files besides the registry's own inspection.
///
/// ```yaml
/// version: 1
/// scanners:
///   - name: clamav
///     clamd: { socket: /run/clamav/clamd.ctl }
///   - name: yara
///     yara: /etc/pratique/rules.yar
///     verdict: review
///   - name: own
///     command: [/usr/local/bin/scan, "{file}"]
/// ```
struct ScannerFile: Sendable, Hashable {
    enum Entry: Sendable, Hashable {
        case clamd(ClamdScanner.Configuration)
        case command(CommandScanner.Configuration)

        var name: String {
            switch self {
            case .clamd(let clamd): clamd.name
            case .command(let command): command.name
            }
        }
    }

    static let countMax = 16
    private static let bytesMax = 1 << 20
    /// ClamAV's own default of `StreamMaxLength` up to version 1.0.
    private static let streamBytes: UInt64 = 25 << 20
    private static let fileBytes: UInt64 = 1 << 30
    private static let memoryBytes: UInt64 = 1 << 30
    private static let timeoutSeconds: UInt64 = 120

    var entries: [Entry]

    static let none = ScannerFile(entries: [])

    init(entries: [Entry]) {
        self.entries = entries
    }

    /// - Throws: `ConfigurationFault` naming the file and the scanner.
    init(path: String) throws(ConfigurationFault) {
        let setting = Setting.scannersPath.rawValue
        let bytes: [UInt8]
        do throws(FileFault) { bytes = try OperatorFile.read(path, bytesMax: Self.bytesMax) } catch {
            throw ConfigurationFault(setting, "\(path) \(error.sentence)")
        }
        try self.init(parsing: bytes, path: path)
    }

    init(parsing bytes: [UInt8], path: String) throws(ConfigurationFault) {
        let setting = Setting.scannersPath.rawValue
        do {
            let limits = YAMLLimits(bytesMax: Self.bytesMax, depthMax: 8, nodesMax: 4_096, scalarBytesMax: 1 << 12)
            var fields = try FieldReader(try SafeYAML.parse(bytes, limits: limits))
            guard try fields.requiredUInt64("version") == 1 else { throw ScannerEntryFault("version is not 1") }
            let rows = try fields.requiredArray("scanners")
            try fields.finish()
            guard rows.count <= Self.countMax else {
                throw ScannerEntryFault("there are more than \(Self.countMax) scanners")
            }
            entries = try rows.map { try Self.entry($0) }
        } catch {
            throw ConfigurationFault(setting, "\(path): \(error)")
        }
        let names = entries.map(\.name)
        if let name = names.first(where: { name in names.filter { $0 == name }.count > 1 }) {
            throw ConfigurationFault(setting, "\(path): there are two scanners \(name)")
        }
    }

    private static func entry(_ row: JSONValue) throws -> Entry {
        var fields = try FieldReader(row, field: "scanners")
        let name = try fields.requiredString("name")
        guard isName(name) else { throw ScannerEntryFault("a scanner's name has 1 to 32 of a-z, 0-9, - and _") }
        let timeout = try fields.optionalUInt64("timeout_seconds") ?? timeoutSeconds
        guard (1...3_600).contains(timeout) else {
            throw ScannerEntryFault("\(name): timeout_seconds is not 1 to 3600")
        }
        if let clamd = try fields.optionalObject("clamd") {
            let entry = Entry.clamd(
                ClamdScanner.Configuration(
                    name: name, address: try address(clamd, name),
                    streamBytesMax: try bound(&fields, "stream_bytes_max", streamBytes, name), timeoutSeconds: timeout,
                    rulesPaths: try paths([try fields.optionalString("database")].compactMap(\.self), name)))
            try fields.finish()
            return entry
        }
        var command = CommandScanner.Configuration(
            name: name, program: "", arguments: [], versionArguments: [], answer: .json, rulesPaths: [],
            timeoutSeconds: timeout, memoryBytes: try bound(&fields, "memory_bytes", memoryBytes, name),
            fileBytesMax: try bound(&fields, "file_bytes_max", fileBytes, name))
        if let rules = try fields.optionalString("yara") {
            try yara(&command, rules, &fields)
        } else if let words = try fields.optionalStrings("command"), let program = words.first {
            command.program = program
            command.arguments = Array(words.dropFirst())
            command.versionArguments = try fields.optionalStrings("version_arguments") ?? []
            command.rulesPaths = try fields.optionalStrings("rules") ?? []
        } else {
            throw ScannerEntryFault("\(name) has none of clamd, yara and command")
        }
        try fields.finish()
        command.rulesPaths = try paths(command.rulesPaths, name)
        _ = try paths([command.program], name)
        return .command(command)
    }

    private static func yara(
        _ command: inout CommandScanner.Configuration, _ rules: String, _ fields: inout FieldReader
    ) throws {
        command.program = try fields.optionalString("program") ?? "/usr/bin/yara"
        command.arguments = ["--no-warnings", "--timeout=\(command.timeoutSeconds)", rules, CommandScanner.placeholder]
        command.versionArguments = ["--version"]
        command.rulesPaths = [rules]
        switch try fields.optionalString("verdict") ?? "block" {
        case "block": command.answer = .yara(isThreat: true)
        case "review": command.answer = .yara(isThreat: false)
        default: throw ScannerEntryFault("\(command.name): verdict is neither block nor review")
        }
    }

    private static func address(_ object: JSONObject, _ name: String) throws -> ClamdScanner.Address {
        var fields = FieldReader(object)
        let path = try fields.optionalString("socket")
        let tcp = try fields.optionalString("tcp")
        try fields.finish()
        switch (path, tcp) {
        case (let path?, nil):
            return .socket(path: try paths([path], name)[0])
        case (nil, let tcp?):
            guard let colon = tcp.lastIndex(of: ":"), let port = UInt16(tcp[tcp.index(after: colon)...]),
                colon > tcp.startIndex
            else { throw ScannerEntryFault("\(name): tcp is not host:port") }
            return .tcp(host: String(tcp[..<colon]), port: port)
        case (nil, nil), (_?, _?): throw ScannerEntryFault("\(name): clamd takes either socket or tcp")
        }
    }

    private static func bound(
        _ fields: inout FieldReader, _ field: String, _ standard: UInt64, _ name: String
    ) throws -> UInt64 {
        let number = try fields.optionalUInt64(field) ?? standard
        guard (1 << 10...1 << 46).contains(number) else {
            throw ScannerEntryFault("\(name): \(field) is not 1 KiB to 64 TiB")
        }
        return number
    }

    private static func paths(_ paths: [String], _ name: String) throws -> [String] {
        for path in paths where !path.hasPrefix("/") {
            throw ScannerEntryFault("\(name): \(path.prefix(64)) is no absolute path")
        }
        return paths
    }

    private static func isName(_ text: String) -> Bool {
        (1...32).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                    UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }

    /// The scanners, with threads of their own: they wait for programs.
    func scanners() -> [any ContentScanner] {
        guard !entries.isEmpty else { return [] }
        let pool = BlockingPool(threadsMax: 4, waitingMax: 1_024)
        return entries.map { entry -> any ContentScanner in
            switch entry {
            case .clamd(let configuration): ClamdScanner(configuration, pool: pool)
            case .command(let configuration): CommandScanner(configuration, pool: pool)
            }
        }
    }
}

/// What is wrong with one of them.
private struct ScannerEntryFault: Error, CustomStringConvertible {
    var description: String

    init(_ sentence: String) {
        description = sentence
    }
}
