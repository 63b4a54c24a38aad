internal import ArgumentParser
internal import Glibc
internal import RegistryClient
internal import SigningServices
internal import Sigstore

/// Signing by a certificate that lives for minutes: who vouches for the signer, and which services take part.
struct KeylessOptions: ParsableArguments {
    @Option(
        name: .customLong("identity-token"),
        help: ArgumentHelp(
            "Instead of a key: file with a token of OpenID Connect; else \(KeylessOptions.variable).",
            valueName: "file"),
        completion: .file())
    var token: String?

    @Option(
        name: .customLong("signing-config"),
        help: ArgumentHelp("File with the addresses of the services, signing_config.json.", valueName: "file"),
        completion: .file())
    var list: String?

    @Option(
        name: .customLong("fulcio-url"), help: "Address of the authority that certifies.",
        transform: KeylessOptions.address)
    var certificates: ServerAddress?

    @Option(
        name: .customLong("rekor-url"), help: "Address of the log, Rekor.", transform: KeylessOptions.address)
    var log: ServerAddress?

    @Option(
        name: .customLong("rekor-version"),
        help: ArgumentHelp("Which interface that log has: 1 or 2; 2 without this option.", valueName: "version"),
        transform: KeylessOptions.version)
    var logVersion: RekorVersion?

    @Option(
        name: .customLong("tsa-url"),
        help: "Address of the timestamp authority; not needed with Rekor version 1, which dates signatures itself.",
        transform: KeylessOptions.address)
    var timestamps: ServerAddress?

    @Option(
        name: .customLong("trusted-root"),
        help: "File with the logs and authorities that are trusted, trusted_root.json.", completion: .file())
    var trustedRoot: String?

    static let variable = "SIGSTORE_ID_TOKEN"

    var isEmpty: Bool {
        token == nil && list == nil && trustedRoot == nil && namesNoService
    }

    private var namesNoService: Bool {
        certificates == nil && log == nil && logVersion == nil && timestamps == nil
    }

    /// Whether the addresses that are given are enough.
    private var namesServices: Bool {
        certificates != nil && log != nil && (timestamps != nil || logVersion?.isDated == true)
    }

    func validate() throws {
        guard !isEmpty else { return }
        guard trustedRoot != nil else {
            throw ValidationError("What the services answer is verified: say by which --trusted-root.")
        }
        guard list == nil ? namesServices : namesNoService else {
            throw ValidationError(
                "Name --signing-config, or --fulcio-url, --rekor-url and, unless with --rekor-version 1, --tsa-url.")
        }
    }

    private static func version(_ text: String) throws -> RekorVersion {
        guard let version = Int64(text).flatMap(RekorVersion.init(rawValue:)) else {
            throw ValidationError("\(text): Rekor has the versions 1 and 2.")
        }
        return version
    }

    private static func address(_ text: String) throws -> ServerAddress {
        let address: ServerAddress
        do throws(AddressFault) {
            address = try ServerAddress(parsing: text)
        } catch {
            throw ValidationError("\(text): \(error.rawValue).")
        }
        guard isSafe(address) else { throw ValidationError("\(text): a token and a signature travel by https only.") }
        return address
    }

    private static func isSafe(_ address: ServerAddress) -> Bool { address.scheme == .https || address.isLoopback }

    /// Reads what is needed; asks nobody yet.
    func signer(over http: ServiceHTTP, in context: CommandContext) throws -> KeylessSigner {
        guard let root = try SignatureOptions.root(at: trustedRoot) else {
            throw CommandFailure(.usage, "There is no trusted root.")
        }
        let now = Int64(time(nil))
        let services = try services(now)
        let text: [UInt8]
        if let token {
            text = try LocalFile(token).readAll(bytesMax: IdentityToken.bytesMax)
        } else if let value = context.environment[Self.variable] {
            text = Array(value.utf8)
        } else {
            throw CommandFailure(
                .noPermission, "Nobody vouches for you: there is no token.",
                hint: "Name a file with --identity-token, or set \(Self.variable).")
        }
        do throws(IdentityToken.Fault) {
            return KeylessSigner(
                token: try IdentityToken(text, now: now),
                certificates: CertificateService(services.certificates, over: http),
                logs: services.logs.map { SignatureLog($0.address, $0.version, over: http) },
                timestamps: services.timestamps.map { TimestampService($0, over: http) }, root: root)
        } catch {
            throw CommandFailure(
                error == .malformed ? .dataError : .noPermission, "\(token ?? Self.variable) cannot be used: \(error).")
        }
    }

    private func services(_ now: Int64) throws(CommandFailure) -> ServiceList {
        if let certificates, let log {
            return ServiceList(
                certificates: certificates, log: log, logVersion ?? .v2, timestamps: timestamps)
        }
        let path = list ?? ""
        let bytes = try LocalFile(path).readAll(bytesMax: ServiceList.bytesMax)
        let services: ServiceList
        do throws(ServiceList.Fault) {
            services = try ServiceList(parsing: bytes, now: now)
        } catch {
            throw CommandFailure(.configuration, "\(path): \(error).")
        }
        let all = [services.certificates] + services.logs.map(\.address) + services.timestamps
        guard all.allSatisfy(Self.isSafe) else {
            throw CommandFailure(.configuration, "\(path): a token and a signature travel by https only.")
        }
        return services
    }
}
