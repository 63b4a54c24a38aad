internal import DER
internal import SignatureKeys
internal import StrictJSON

extension TrustedRoot {
    /// Reads `trusted_root.json`, version 0.1 or 0.2.
    ///
    /// Instances with keys of kinds that are not verified with are left out: what they signed is not trusted. Instances
    /// whose time has not come are kept.
    public init(parsing bytes: [UInt8]) throws(VerificationFailure) {
        let value: JSONValue
        do {
            value = try StrictJSON.parse(bytes, limits: BundleLimits.trustedRoot)
        } catch {
            throw VerificationFailure(.trustedRootMalformed, "the trusted root cannot be read: \(error)")
        }
        let root = try MessageReader(value, path: "trusted root", reason: .trustedRootMalformed)
        let mediaType = try root.requiredString("mediaType")
        guard Self.mediaTypes.contains(mediaType) else {
            throw root.failure("mediaType", "is none of a trusted root")
        }
        self.init(
            transparencyLogs: try Self.logs(root, "tlogs"),
            certificateAuthorities: try Self.authorities(root, "certificateAuthorities"),
            certificateLogs: try Self.logs(root, "ctlogs"),
            timestampAuthorities: try Self.authorities(root, "timestampAuthorities"))
    }

    private static let mediaTypes = [
        "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
        "application/vnd.dev.sigstore.trustedroot.v0.1+json",
        "application/vnd.dev.sigstore.trustedroot+json;version=0.2",
        "application/vnd.dev.sigstore.trustedroot.v0.2+json",
    ]

    private static func logs(_ root: MessageReader, _ name: String) throws(VerificationFailure) -> [TrustedLog] {
        var logs: [TrustedLog] = []
        for message in try root.messages(name, max: BundleLimits.instancesMax) {
            if let log = try TrustedLog(message) { logs.append(log) }
        }
        return logs
    }

    private static func authorities(
        _ root: MessageReader, _ name: String
    ) throws(VerificationFailure) -> [TrustedAuthority] {
        var authorities: [TrustedAuthority] = []
        for message in try root.messages(name, max: BundleLimits.instancesMax) {
            if let authority = try TrustedAuthority(message) { authorities.append(authority) }
        }
        return authorities
    }
}

extension TrustedLog {
    /// `nil` if its key is of a kind that is not supported.
    init?(_ message: MessageReader) throws(VerificationFailure) {
        let publicKey = try message.requiredMessage("publicKey")
        let window = try ValidityWindow(publicKey.requiredMessage("validFor"), startIsRequired: true)
        let bytes = try publicKey.requiredBytes("rawBytes", max: VerificationKey.bytesMax)
        let logID = try message.requiredMessage("logId").requiredBytes("keyId", max: 32)
        let checkpointID = try message.message("checkpointKeyId")?.bytes("keyId", max: 32) ?? logID
        guard logID.count >= 4, checkpointID.count >= 4 else { throw message.failure("logId", "is too short") }
        guard let host = Self.host(of: try message.requiredString("baseUrl")) else {
            throw message.failure("baseUrl", "is no address")
        }
        guard let details = KeyDetails(rawValue: try publicKey.requiredString("keyDetails")) else { return nil }
        let key: VerificationKey
        do {
            key = try details.key(bytes)
        } catch {
            throw publicKey.failure("rawBytes", "is no such key: \(error)")
        }
        self.init(
            host: host, logID: logID,
            checkpointKeyID: checkpointID.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }, key: key,
            scheme: details.scheme, window: window)
    }

    /// What stands between scheme and path.
    private static func host(of address: String) -> String? {
        let parts = address.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count >= 3, parts[0] == "https:" || parts[0] == "http:", parts[1].isEmpty, !parts[2].isEmpty else {
            return nil
        }
        return String(parts[2])
    }
}

extension TrustedAuthority {
    /// `nil` if a key of its chain is of a kind that is not supported.
    init?(_ message: MessageReader) throws(VerificationFailure) {
        let chain = try message.requiredMessage("certChain")
        let window = try ValidityWindow(message.requiredMessage("validFor"), startIsRequired: false)
        var certificates: [Certificate] = []
        for element in try chain.messages("certificates", max: BundleLimits.certificatesMax) {
            do throws(CertificateFault) {
                let bytes = (try? element.requiredBytes("rawBytes", max: BundleLimits.certificateBytesMax)) ?? []
                certificates.append(try Certificate(der: bytes))
            } catch {
                if error == .key(.unsupportedAlgorithm) { return nil }
                throw element.failure("rawBytes", "is no certificate: \(error)")
            }
        }
        guard !certificates.isEmpty else { throw chain.failure("certificates", "is empty") }
        self.init(certificates: certificates, window: window)
    }
}

extension ValidityWindow {
    init(_ message: MessageReader, startIsRequired: Bool) throws(VerificationFailure) {
        func time(_ name: String) throws(VerificationFailure) -> UnixTime? {
            guard let text = try message.string(name) else { return nil }
            guard let time = UnixTime(rfc3339: text) else { throw message.failure(name, "is no time") }
            return time
        }
        self.init(start: try time("start"), end: try time("end"))
        guard start != nil || !startIsRequired else { throw message.failure("start", "is missing") }
    }
}
