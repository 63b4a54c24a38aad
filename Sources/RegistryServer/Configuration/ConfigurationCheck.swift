import LinuxFiles
import RegistryCore
import RouteSupport
import StorageFilesystem

/// What settings name, looked at before a registry is opened: by `serve`, and by `serve --check-config`. Nothing is
/// changed.
///
/// What stands at its default may be absent, and then there is a warning. What somebody chose has to be there.
struct ConfigurationCheck {
    let token: [UInt8]?
    let policy: Policy
    let scanners: ScannerFile
    /// Empty when no file of them is configured.
    let credentials: CredentialList
    /// `nil` for plain HTTP.
    let identity: ServerIdentity?
    /// Sentences for the operator.
    private(set) var warnings: [String] = []

    /// - Throws: `ConfigurationFault`, `TokenFault`, `StoreFault`.
    init(_ configuration: ServerConfiguration) throws {
        let (tokenPath, isDefault) = (configuration.tokenPath, configuration.tokenPath == Self.defaultTokenPath)
        token = try tokenPath.flatMap { try ServiceToken.read(path: $0, mayBeAbsent: isDefault) }
        policy = try RegistryOpening.policy(configuration.policyPath)
        scanners =
            try configuration.scannersPath.map { path throws(ConfigurationFault) in try ScannerFile(path: path) }
            ?? .none
        credentials = try configuration.credentialsPath.map { try CredentialFile.read($0) } ?? .empty
        if let files = configuration.identityFiles {
            identity = try files.identity(try files.contents())
        } else {
            identity = nil
        }
        if let source = configuration.trustSource { try TrustedRootFile.check(source) }
        try FilesystemStore.check(path: configuration.registryDirectory)
        if token == nil, !configuration.isDevelopment {
            let place = tokenPath.map { ": \($0) does not exist" } ?? ""
            warnings.append("no service token is configured, so nothing can be changed\(place)")
        }
        try checkResultFolder(configuration)
    }

    /// How many credentials there are.
    var credentialsSentence: String {
        credentials.credentials.isEmpty ? "" : ", credentials: \(credentials.credentials.count)"
    }

    /// The scheduled sweeps write there.
    private mutating func checkResultFolder(_ configuration: ServerConfiguration) throws(ConfigurationFault) {
        guard configuration.sweepIntervalSeconds > 0 else { return }
        let folder = OperatorFile.folder(of: configuration.integrityResultPath)
        let sentence: String
        do throws(FileFault) {
            guard try !Directory(path: folder).isWritable else { return }
            sentence = "\(folder) \(FileFault(.create, .permission).sentence)"
        } catch {
            sentence = "\(folder) \(error.sentence)"
        }
        let setting = Setting.integrityResultPath
        guard configuration.integrityResultPath == setting.defaultValue else {
            throw ConfigurationFault(setting.rawValue, sentence)
        }
        warnings.append("the results of sweeps will not be written (\(setting.rawValue)): \(sentence)")
    }

    private static let defaultTokenPath = Setting.serviceTokenPath.defaultValue
}
