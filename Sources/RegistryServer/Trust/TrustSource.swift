public import TUFUpdater

/// Where the trusted root of Sigstore comes from: the authorities and logs that signatures are believed by.
public enum TrustSource: Sendable, Hashable {
    /// A file that somebody keeps up to date by hand. Nothing is fetched, and nothing expires.
    case pinned(path: String)
    case repository(TrustRepository)

    /// - Returns: `nil` where nothing is configured.
    init?(_ settings: SettingsReader) throws(ConfigurationFault) {
        let pinned = settings.text(.trustedRootPath)
        let address = settings.text(.trustRepositoryURL)
        guard pinned.isEmpty || address.isEmpty else {
            throw ConfigurationFault(
                Setting.trustedRootPath.rawValue,
                "pins the trusted root, and \(Setting.trustRepositoryURL.rawValue) has it fetched: set one of them")
        }
        if !pinned.isEmpty {
            self = .pinned(path: try Self.path(settings, .trustedRootPath))
        } else if !address.isEmpty {
            self = .repository(try TrustRepository(address, settings))
        } else {
            return nil
        }
    }

    fileprivate static func path(
        _ settings: SettingsReader, _ setting: Setting
    ) throws(ConfigurationFault) -> String {
        let text = settings.text(setting)
        guard text.hasPrefix("/") else { throw ConfigurationFault(setting.rawValue, "has to be an absolute path") }
        return text
    }
}

/// A repository of The Update Framework that has the trusted root as a target.
public struct TrustRepository: Sendable, Hashable {
    /// Where its metadata is.
    public let metadata: RepositoryAddress
    /// Where its targets are.
    public let targets: RepositoryAddress
    /// The file with the root that the operator vouches for.
    public let anchorPath: String
    public let cachePath: String
    /// Between updates by the server, in seconds; 0 for none.
    public let refreshSeconds: Int64

    /// The target, as every repository for Sigstore calls it.
    static let targetPath = "trusted_root.json"

    package init(
        metadata: RepositoryAddress, targets: RepositoryAddress, anchorPath: String, cachePath: String,
        refreshSeconds: Int64
    ) {
        self.metadata = metadata
        self.targets = targets
        self.anchorPath = anchorPath
        self.cachePath = cachePath
        self.refreshSeconds = refreshSeconds
    }

    fileprivate init(_ text: String, _ settings: SettingsReader) throws(ConfigurationFault) {
        let setting = Setting.trustRepositoryURL.rawValue
        guard let metadata = RepositoryAddress(parsing: text),
            let targets = RepositoryAddress(parsing: metadata.description + "targets")
        else { throw ConfigurationFault(setting, "has to be https://, a host and perhaps a path") }
        // The metadata is signed, but whoever is on the way could keep news from us until it expires.
        guard metadata.isEncrypted || metadata.isLoopback else {
            throw ConfigurationFault(setting, "has to be https:// unless it is on this machine")
        }
        guard !settings.text(.trustAnchorPath).isEmpty else {
            throw ConfigurationFault(
                Setting.trustAnchorPath.rawValue, "is missing: a repository is believed by a root.json that is known")
        }
        self.init(
            metadata: metadata, targets: targets, anchorPath: try TrustSource.path(settings, .trustAnchorPath),
            cachePath: try TrustSource.path(settings, .trustCachePath),
            refreshSeconds: try settings.number(.trustRefreshSeconds, in: 0...2_592_000))
    }
}
