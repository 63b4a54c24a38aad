import Configuration
import FoundationEssentials
import SafeYAML
import StrictJSON

/// Why the configuration cannot be used. The message names the setting, flag or file and what would be right.
public struct ConfigurationFault: Error, Sendable, Hashable, CustomStringConvertible {
    public var description: String

    public init(_ subject: String, _ sentence: String) {
        description = "\(subject): \(sentence)"
    }
}

/// The settings from flags, environment, file and defaults, in this order.
///
/// This is the one place of the server that reads the environment.
public struct SettingsReader: Sendable {
    private let reader: ConfigReader

    /// - Parameters:
    ///   - flags: what was given on the command line.
    ///   - file: what `pratique.yaml` holds and the path by which messages name it, or `nil` when there is none.
    public init(
        flags: [Setting: String], environment: [String: String], file: (path: String, bytes: [UInt8])?
    ) throws(ConfigurationFault) {
        var providers: [any ConfigProvider] = [Self.provider("flags", flags)]
        providers.append(EnvironmentVariablesProvider(environmentVariables: environment))
        if let file { providers.append(Self.provider("file", try Self.parse(file.bytes, file.path))) }
        let defaults = Dictionary(uniqueKeysWithValues: Setting.allCases.map { ($0, $0.defaultValue) })
        providers.append(Self.provider("defaults", defaults))
        reader = ConfigReader(providers: providers)
    }

    /// The environment of this process: what runs the registry hands it settings there. Nothing else reads it, so that
    /// a test can hand in another one.
    public static var processEnvironment: [String: String] { ProcessInfo.processInfo.environment }

    public func text(_ setting: Setting) -> String {
        reader.string(forKey: ConfigKey([setting.rawValue]), default: setting.defaultValue)
    }

    /// - Throws: unless it is exactly `true` or `false`.
    public func flag(_ setting: Setting) throws(ConfigurationFault) -> Bool {
        switch text(setting) {
        case "true": return true
        case "false", "": return false
        default: throw ConfigurationFault(setting.rawValue, "has to be true or false")
        }
    }

    public func number(_ setting: Setting, in range: ClosedRange<Int64>) throws(ConfigurationFault) -> Int64 {
        guard let number = Int64(text(setting)), range.contains(number) else {
            throw ConfigurationFault(
                setting.rawValue, "has to be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    private static func provider(_ name: String, _ values: [Setting: String]) -> InMemoryProvider {
        InMemoryProvider(
            name: name,
            values: Dictionary(
                uniqueKeysWithValues: values.map { setting, text in
                    (AbsoluteConfigKey([setting.rawValue]), ConfigValue(.string(text), isSecret: false))
                }))
    }

    private static func parse(_ file: [UInt8], _ path: String) throws(ConfigurationFault) -> [Setting: String] {
        let value: JSONValue
        do { value = try SafeYAML.parse(file, limits: .configuration) } catch {
            throw ConfigurationFault(path, "is not YAML of the safe subset: \(error)")
        }
        guard let object = value.asObject else {
            throw ConfigurationFault(path, "has to be a mapping of settings")
        }
        var settings: [Setting: String] = [:]
        for member in object.members {
            guard let setting = Setting(rawValue: member.name) else {
                throw ConfigurationFault(path, "there is no setting \(member.name.prefix(64))")
            }
            settings[setting] = try text(member.value, setting)
        }
        return settings
    }

    private static func text(_ value: JSONValue, _ setting: Setting) throws(ConfigurationFault) -> String {
        switch value {
        case .string(let text): return text
        case .bool(let flag): return flag ? "true" : "false"
        case .number(let number): return number.text
        case .array(let elements):
            let texts = elements.compactMap(\.asString)
            guard texts.count == elements.count else { break }
            return texts.joined(separator: ",")
        case .null: return ""
        case .object: break
        }
        throw ConfigurationFault(setting.rawValue, "has to be a text, a number, true or false, or a list of texts")
    }
}
