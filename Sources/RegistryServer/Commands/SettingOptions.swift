import ArgumentParser
import LinuxFiles

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

    func configuration() throws(ConfigurationFault) -> ServerConfiguration {
        try ServerConfiguration(
            try SettingsReader(
                flags: try flags(), environment: SettingsReader.processEnvironment, file: try configurationFile()))
    }

    private func configurationFile() throws(ConfigurationFault) -> (path: String, bytes: [UInt8])? {
        guard let config else { return nil }
        do throws(FileFault) { return (config, try OperatorFile.read(config, bytesMax: 1 << 20)) } catch {
            throw ConfigurationFault("--config", "\(config) \(error.sentence)")
        }
    }

    private func flags() throws(ConfigurationFault) -> [Setting: String] {
        var flags: [Setting: String] = [:]
        for text in set {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { throw ConfigurationFault("--set", "\(text.prefix(64)) is not name=value") }
            guard let setting = Setting(rawValue: String(parts[0])) else {
                throw ConfigurationFault("--set", "there is no setting \(parts[0].prefix(64))")
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
