public import OCI
public import RegistryCore
public import SafeYAML
public import StrictJSON

/// Artifacts that an empty registry begins with: a boot lock file that an operator wrote, or the manifest that a
/// registry wrote before its metadata was lost.
///
/// ```yaml
/// version: 1
/// models:
///   - name: llama/tiny
///     filename: tiny.gguf
///     sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
/// ```
///
/// A file that is not such a list is refused as a whole; an entry that cannot be used is reported by itself. Other
/// programs write more fields than we know: those are ignored, and reported.
public struct BootList: Sendable {
    /// Most entries of one list.
    public static let entriesMax = 1_000_000
    /// Most warnings that are kept.
    public static let warningsMax = 100

    /// Of the file that it was read from.
    public var digest: Digest
    /// Usable entries and the others, in the order of the file.
    public var entries: [Result<BootEntry, BootEntryFault>]
    public var warnings: [BootWarning] = []

    /// - Parameter yaml: the whole file.
    public init(parsing yaml: [UInt8]) throws(BootListFault) {
        guard yaml.count <= YAMLLimits.artifactList.bytesMax, let digest = try? Digest(hashing: yaml) else {
            throw .tooLarge
        }
        self.digest = digest
        let value: JSONValue
        do { value = try SafeYAML.parse(yaml, limits: .artifactList) } catch { throw .yaml(error) }
        let (version, rows): (UInt64, [JSONValue])
        do throws(FieldFault) {
            var fields = try FieldReader(value)
            (version, rows) = (try fields.requiredUInt64("version"), try fields.requiredArray("models"))
        } catch { throw .field(error) }
        guard version == 1 else { throw .unsupportedVersion(version) }
        guard rows.count <= Self.entriesMax else { throw .tooManyEntries(limit: Self.entriesMax) }
        entries = []
        entries.reserveCapacity(rows.count)
        warn(about: value.asObject, known: ["version", "models"], entry: nil)
        var names: Set<ArtifactName> = []
        for (index, row) in rows.enumerated() {
            warn(about: row.asObject, known: BootEntry.knownFields, entry: index)
            entries.append(Self.entry(row, index, &names))
        }
    }

    private static func entry(
        _ row: JSONValue, _ index: Int, _ names: inout Set<ArtifactName>
    ) -> Result<BootEntry, BootEntryFault> {
        do throws(BootEntryFault) {
            let entry = try BootEntry(row, index)
            guard names.insert(entry.name).inserted else {
                throw BootEntryFault(index: index, name: entry.name, reason: .repeatedName)
            }
            return .success(entry)
        } catch { return .failure(error) }
    }

    private mutating func warn(about object: JSONObject?, known: Set<String>, entry: Int?) {
        for member in object?.members ?? [] where !known.contains(member.name) && warnings.count < Self.warningsMax {
            warnings.append(BootWarning(entry: entry, field: String(member.name.prefix(64))))
        }
    }
}

/// Why a file is no list of artifacts. The registry does not start on one.
public enum BootListFault: Error, Sendable, Hashable, CustomStringConvertible {
    case yaml(YAMLFault)
    case field(FieldFault)
    case unsupportedVersion(UInt64)
    case tooManyEntries(limit: Int)
    /// Longer than `YAMLLimits.artifactList` allows.
    case tooLarge

    public var description: String {
        switch self {
        case .yaml(let fault): "\(fault)"
        case .field(let fault): "\(fault)"
        case .unsupportedVersion(let version): "its version is \(version), and only 1 is known"
        case .tooManyEntries(let limit): "it has more than \(limit) entries"
        case .tooLarge: "it is too large"
        }
    }
}

/// A field that nobody here knows.
public struct BootWarning: Sendable, Hashable {
    /// Index of the entry, counted from 0; `nil` for a field of the file.
    public var entry: Int?
    public var field: String

    public init(entry: Int?, field: String) {
        self.entry = entry
        self.field = field
    }
}

/// Why one entry was not taken as it was meant.
public struct BootEntryFault: Error, Sendable, Hashable {
    public enum Reason: Error, Sendable, Hashable {
        /// The entry is no mapping, or a field of it has the wrong type or is missing.
        case field(FieldFault)
        case badName(NameFault)
        case badPath(PathFault)
        case badDigest
        case unknownState(String)
        case repeatedName
        /// What the registry answered when it was asked to take the artifact in: not found, other bytes, refused by
        /// policy, a name that is taken.
        case refused(ErrorCode, message: String)
    }

    /// Index of the entry, counted from 0.
    public var index: Int
    /// `nil` when the entry has no usable name.
    public var name: ArtifactName?
    public var reason: Reason

    public init(index: Int, name: ArtifactName?, reason: Reason) {
        self.index = index
        self.name = name
        self.reason = reason
    }
}

extension BootEntryFault: CustomStringConvertible {
    public var description: String {
        let subject = name.map { "\($0)" } ?? "entry \(index)"
        return switch reason {
        case .field(let fault): "\(subject): \(fault)"
        case .badName(let fault): "\(subject): \(fault.rawValue)"
        case .badPath(let fault): "\(subject): \(fault.rawValue)"
        case .badDigest: "\(subject): the sha256 is not 64 lower-case hexadecimal digits"
        case .unknownState(let state): "\(subject): no artifact is ever \(state.prefix(64))"
        case .repeatedName: "\(subject): the name came before"
        case .refused(let code, let message): "\(subject): \(code.rawValue): \(message)"
        }
    }
}
