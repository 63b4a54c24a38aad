internal import ArgumentParser
internal import Glibc
internal import LinuxFiles
internal import TUF
internal import TUFUpdater

/// The protocol that the conformance suite of TUF speaks with clients: `Tools/conformance/tuf-client`.
///
/// Statuses are 0 and 1, whatever the reason.
struct TUFClientCommand: RegistryCommand {
    enum Action: String, ExpressibleByArgument {
        case `init`, refresh, download
    }

    static let configuration = CommandConfiguration(
        commandName: "tuf-client", abstract: "Be a client under test of tuf-conformance.", shouldDisplay: false)

    @Option(help: "Where trusted metadata is kept.", completion: .directory)
    var metadataDir: String

    @Option(help: "Where the repository's metadata is.", transform: Self.address)
    var metadataURL: RepositoryAddress?

    @Option(help: "A target to download; may be repeated.")
    var targetName: [String] = []

    @Option(help: "Where targets are downloaded to.", completion: .directory)
    var targetDir: String?

    @Option(help: "Where the repository's targets are.", transform: Self.address)
    var targetBaseURL: RepositoryAddress?

    @Argument(help: "init, refresh or download.")
    var action: Action

    @Argument(help: "For init: the root to trust.", completion: .file())
    var trustedRoot: String?

    @OptionGroup var output: OutputOptions

    func validate() throws {
        switch action {
        case .`init`: guard trustedRoot != nil else { throw ValidationError("init needs a root.") }
        case .refresh: guard metadataURL != nil else { throw ValidationError("refresh needs --metadata-url.") }
        case .download:
            guard metadataURL != nil, targetBaseURL != nil, targetDir != nil, !targetName.isEmpty else {
                throw ValidationError(
                    "download needs --metadata-url, --target-base-url, --target-dir and --target-name.")
            }
        }
    }

    func execute(in context: CommandContext) async throws -> ExitStatus {
        do {
            switch action {
            case .`init`: try await initialize()
            case .refresh, .download: try await update()
            }
            return .done
        } catch let fault as UpdateFault {
            context.console.note("tuf-client: \(fault) [\(fault.code)]")
        } catch {
            context.console.note("tuf-client: \(error)")
        }
        return ExitStatus(rawValue: 1)
    }

    /// The root is looked at before it is kept, although the protocol does not ask for it.
    private func initialize() async throws {
        guard let trustedRoot else { return }
        let bytes = try LocalFile(trustedRoot).descriptor.readAll(bytesMax: TUFLimits.standard.rootBytesMax)
        _ = try RootUpdate(trusting: bytes)
        let cache = try await MetadataCache(opening: try Directory(path: metadataDir))
        defer { cache.close() }
        try await cache.keep(bytes, .root)
    }

    private func update() async throws {
        guard let metadataURL else { return }
        let cache = try await MetadataCache(opening: try Directory(path: metadataDir))
        defer { cache.close() }
        guard let anchor = try await cache.metadata(.root) else {
            throw UpdateFault.refused(TUFRefusal(.root, .absent))
        }
        let source = RepositoryHTTP(metadata: metadataURL, targets: targetBaseURL ?? metadataURL)
        let updater = MetadataUpdater(source: source, cache: cache, anchor: anchor)
        do {
            let metadata = try await updater.update(at: Self.now())
            for name in targetName { try await download(name, updater, metadata) }
        } catch {
            await source.shutdown()
            throw error
        }
        await source.shutdown()
    }

    private func download(_ name: String, _ updater: MetadataUpdater, _ metadata: TrustedMetadata) async throws {
        guard let targetDir else { return }
        let directory = try Directory(path: targetDir)
        let target = try await updater.target(name, in: metadata)
        if let kept = try? directory.openFile(target.fileName).readAll(bytesMax: metadata.bytesMax(of: target)),
            (try? target.check(kept)) != nil
        {
            return
        }
        let bytes = try await updater.content(of: target, in: metadata)
        try DurableFile.replace(target.fileName, in: directory, with: bytes, permissions: 0o644)
    }

    /// The clock of the C library: the suite puts another in its place.
    private static func now() -> MetadataTime {
        MetadataTime(clamping: Int64(time(nil)))
    }

    private static func address(_ text: String) throws -> RepositoryAddress {
        guard let address = RepositoryAddress(parsing: text) else {
            throw ValidationError("\(text) is no address of a repository.")
        }
        return address
    }
}
