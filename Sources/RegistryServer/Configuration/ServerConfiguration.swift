public import Logging
import NIOCore
import RegistryCore
public import RegistryServices

/// What the server is to be, checked once, before anything is opened.
public struct ServerConfiguration: Sendable {
    public var host: String
    public var port: Int
    public var registryDirectory: String
    public var bootLockPath: String
    /// `nil` for a registry that nobody changes.
    public var tokenPath: String?
    /// `nil` for none.
    public var credentialsPath: String?
    public var tokenSeconds: Int64
    /// `nil` for plain HTTP.
    public var identityFiles: IdentityFiles?
    /// Without a slash at the end; `nil` for the address that a client used.
    public var externalURL: String?
    public var integrityResultPath: String
    public var isDevelopment: Bool
    /// `nil` for what follows from the addresses.
    public var anonymousRead: Bool?
    public var tokenFailuresMax: Int
    public var allowedHosts: [String]
    public var policyPath: String?
    public var scannersPath: String?
    /// `nil` for none: then nothing is believed by signatures.
    public var trustSource: TrustSource?
    public var sweepIntervalSeconds: Int64
    public var sweepBytesPerSecond: UInt64
    public var collectionIntervalSeconds: Int64
    public var hashAgeSeconds: Int64
    public var uploadIdleSeconds: Int64
    public var tagRules: TagRules
    public var quotaRules: QuotaRules
    public var retentionRules: RetentionRules
    public var stalledClientSeconds: Int64
    public var requestHeadSeconds: Int64
    public var idleConnectionSeconds: Int64
    /// 0 for what the limit of open files allows.
    public var connectionsMax: Int
    /// 0 for half of all.
    public var addressConnectionsMax: Int
    public var longOperationsMax: Int
    public var logOrigin: String?
    /// `nil` for what follows from the log's origin.
    public var verifierID: String?
    public var logLevel: Logger.Level

    private static let secondsMax: Int64 = 10 * 366 * 86_400

    /// - Throws: `ConfigurationFault` naming the first setting that is wrong.
    public init(_ settings: SettingsReader) throws(ConfigurationFault) {
        (host, port) = try Self.address(settings.text(.bindAddr))
        registryDirectory = try Self.path(settings, .registryDir)
        bootLockPath = try Self.path(settings, .registryLockPath)
        tokenPath = settings.text(.serviceTokenPath).isEmpty ? nil : try Self.path(settings, .serviceTokenPath)
        credentialsPath = settings.text(.credentialsPath).isEmpty ? nil : try Self.path(settings, .credentialsPath)
        tokenSeconds = try settings.number(.tokenSeconds, in: 60...86_400)
        identityFiles = try Self.identityFiles(settings)
        externalURL = try Self.externalURL(settings.text(.externalURL))
        integrityResultPath = try Self.path(settings, .integrityResultPath)
        // Anything but exactly `true` is the safe value, so that a typing mistake does not open the door.
        isDevelopment = settings.text(.insecureDevMode) == "true"
        anonymousRead = settings.text(.anonymousRead).isEmpty ? nil : try settings.flag(.anonymousRead)
        tokenFailuresMax = Int(try settings.number(.tokenFailuresMax, in: 0...1_000_000))
        allowedHosts = try Self.hosts(settings.text(.allowedHosts))
        scannersPath = settings.text(.scannersPath).isEmpty ? nil : try Self.path(settings, .scannersPath)
        trustSource = try TrustSource(settings)
        policyPath = settings.text(.policyPath).isEmpty ? nil : try Self.path(settings, .policyPath)
        sweepIntervalSeconds = try settings.number(.integrityIntervalSeconds, in: 0...Self.secondsMax)
        sweepBytesPerSecond = UInt64(try settings.number(.integrityBytesPerSecond, in: 0...Int64.max))
        collectionIntervalSeconds = try settings.number(.collectionIntervalSeconds, in: 0...Self.secondsMax)
        hashAgeSeconds = try settings.number(.hashAgeSeconds, in: 0...Self.secondsMax)
        uploadIdleSeconds = try settings.number(.uploadIdleSeconds, in: 60...Self.secondsMax)
        tagRules = try Self.tagRules(settings.text(.immutableTags))
        quotaRules = try Self.quotaRules(settings.text(.repositoryQuotas))
        retentionRules = try Self.retentionRules(settings.text(.repositoryRetention))
        stalledClientSeconds = try settings.number(.stalledClientSeconds, in: 1...86_400)
        requestHeadSeconds = try settings.number(.requestHeadSeconds, in: 1...3_600)
        connectionsMax = Int(try settings.number(.connectionsMax, in: 0...1_000_000))
        addressConnectionsMax = Int(try settings.number(.addressConnectionsMax, in: 0...1_000_000))
        idleConnectionSeconds = try settings.number(.idleConnectionSeconds, in: 1...86_400)
        longOperationsMax = Int(try settings.number(.longOperationsMax, in: 1...1_024))
        logOrigin = settings.text(.logOrigin).isEmpty ? nil : settings.text(.logOrigin)
        verifierID = try Self.verifierID(settings.text(.verifierID))
        guard let level = Logger.Level(rawValue: settings.text(.logLevel)) else {
            throw ConfigurationFault(Setting.logLevel.rawValue, "is not a level")
        }
        logLevel = level
        guard !isDevelopment || isLoopback else {
            throw ConfigurationFault(
                Setting.insecureDevMode.rawValue, "is for loopback addresses alone, and \(host) is none")
        }
    }

    /// Whether nobody on another machine can reach the address.
    public var isLoopback: Bool { Self.isLoopback(host) }

    private static func isLoopback(_ host: String) -> Bool {
        if host == "localhost" { return true }
        guard let address = try? SocketAddress(ipAddress: host, port: 0) else { return false }
        switch address {
        case .v4: return host.hasPrefix("127.")
        case .v6: return host == "::1"
        case .unixDomainSocket: return false
        }
    }

    /// Only who is on this machine reaches loopback, unless something passes requests on; then the registry has another
    /// name.
    public var readsAreOpen: Bool { anonymousRead ?? (isLoopback && !hasOtherNames) }

    private var hasOtherNames: Bool {
        let external = externalURL.map { Self.host(of: Self.authority(of: $0)) } ?? host
        return (allowedHosts + [external]).contains { !Self.isLoopback($0) }
    }

    /// A URI without anything that could be read in two ways (RFC 3986, `unreserved` and delimiters).
    private static func verifierID(_ text: String) throws(ConfigurationFault) -> String? {
        guard !text.isEmpty else { return nil }
        let scheme = text.utf8.prefix { $0 != UInt8(ascii: ":") }
        let isClean = text.utf8.allSatisfy { byte in
            (0x21...0x7E).contains(byte) && !Array("\"<>\\^`{|}".utf8).contains(byte)
        }
        let isScheme = scheme.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "+")...UInt8(ascii: "9")).contains(byte)
        }
        guard isClean, isScheme, (2...32).contains(scheme.count), text.utf8.count <= 1_024,
            text.utf8.count > scheme.count + 1
        else {
            throw ConfigurationFault(Setting.verifierID.rawValue, "has to be a URI, such as https://models.example")
        }
        return text
    }

    private static func identityFiles(_ settings: SettingsReader) throws(ConfigurationFault) -> IdentityFiles? {
        let pair: [Setting] = [.tlsCertificatePath, .tlsKeyPath]
        let missing = pair.filter { settings.text($0).isEmpty }
        if missing.count == pair.count { return nil }
        if let missing = missing.first {
            throw ConfigurationFault(missing.rawValue, "is missing: TLS takes a certificate and its key")
        }
        return IdentityFiles(
            certificatePath: try path(settings, .tlsCertificatePath), keyPath: try path(settings, .tlsKeyPath))
    }

    private static func tagRules(_ text: String) throws(ConfigurationFault) -> TagRules {
        let patterns = text.split(separator: ",").map { $0.trimmed }.filter { !$0.isEmpty }
        do { return try TagRules(immutable: patterns) } catch {
            throw ConfigurationFault(Setting.immutableTags.rawValue, error.message)
        }
    }

    /// What repositories are held to, what they keep, and how long received bytes wait there for a manifest, in
    /// seconds.
    var repositoryRules: (tags: TagRules, quotas: QuotaRules, retention: RetentionRules, receivedSeconds: Int64) {
        (tagRules, quotaRules, retentionRules, uploadIdleSeconds)
    }

    private static func retentionRules(_ text: String) throws(ConfigurationFault) -> RetentionRules {
        let rules = text.split(separator: ",").map { $0.trimmed }.filter { !$0.isEmpty }
        do { return try RetentionRules(rules) } catch {
            throw ConfigurationFault(Setting.repositoryRetention.rawValue, error.message)
        }
    }

    private static func quotaRules(_ text: String) throws(ConfigurationFault) -> QuotaRules {
        let rules = text.split(separator: ",").map { $0.trimmed }.filter { !$0.isEmpty }
        do { return try QuotaRules(rules) } catch {
            throw ConfigurationFault(Setting.repositoryQuotas.rawValue, error.message)
        }
    }

    private static func address(_ text: String) throws(ConfigurationFault) -> (String, Int) {
        let fault = ConfigurationFault(Setting.bindAddr.rawValue, "has to be host:port or [address]:port")
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            throw fault
        }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        guard !host.isEmpty else { return ("0.0.0.0", Int(port)) }
        // Numbers with dots between are an address or nothing; looking such a name up would tell so only at the start.
        let isNumeric = host.allSatisfy { $0 == "." || $0.isASCII && $0.isNumber }
        guard !isNumeric || (try? SocketAddress(ipAddress: host, port: 0)) != nil else { throw fault }
        return (host, Int(port))
    }

    private static func hosts(_ text: String) throws(ConfigurationFault) -> [String] {
        let hosts = text.split(separator: ",").map { $0.trimmed }.filter { !$0.isEmpty }
        for host in hosts where !isHost(host) {
            throw ConfigurationFault(
                Setting.allowedHosts.rawValue, "\(host.prefix(64)) is no host name; leave scheme, port and path away")
        }
        return hosts
    }

    private static func externalURL(_ text: String) throws(ConfigurationFault) -> String? {
        guard !text.isEmpty else { return nil }
        let fault = ConfigurationFault(
            Setting.externalURL.rawValue, "has to be http:// or https://, a host, and a port if it has one")
        guard ["http://", "https://"].contains(where: { text.hasPrefix($0) }) else { throw fault }
        let authority = authority(of: text)
        let host = host(of: authority)
        guard isHost(host), authority.hasPrefix("[") || !host.contains(":") else { throw fault }
        if let colon = portColon(of: authority) {
            guard UInt16(authority[authority.index(after: colon)...]) != nil else { throw fault }
        }
        return text
    }

    /// What follows the scheme.
    private static func authority(of url: String) -> Substring {
        let slash = url.firstIndex(of: "/") ?? url.endIndex
        return url[slash...].dropFirst(2)
    }

    /// Without the brackets of an address.
    private static func host(of authority: Substring) -> String {
        let host = authority[..<(portColon(of: authority) ?? authority.endIndex)]
        return String(host.hasPrefix("[") && host.hasSuffix("]") ? host.dropFirst().dropLast() : host)
    }

    private static func portColon(of authority: Substring) -> Substring.Index? {
        authority.last == "]" ? nil : authority.lastIndex(of: ":")
    }

    /// RFC 1123 §2.1, with the underscore that some local networks use.
    private static func isHost(_ text: String) -> Bool {
        if (try? SocketAddress(ipAddress: text, port: 0)) != nil { return true }
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        return text.utf8.count <= 253
            && labels.allSatisfy { label in
                (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                    && label.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }
            }
    }

    private static func path(_ settings: SettingsReader, _ setting: Setting) throws(ConfigurationFault) -> String {
        let text = settings.text(setting)
        guard text.hasPrefix("/") else { throw ConfigurationFault(setting.rawValue, "has to be an absolute path") }
        return text
    }
}

extension Substring {
    fileprivate var trimmed: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
