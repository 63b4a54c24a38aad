import Crypto
import LinuxFiles
import RegistryCore
import Sigstore
import TUF
import TUFUpdater

/// The trusted root as it is now, and how it is known to be the right one.
struct TrustedRootFile: Sendable {
    enum Origin: Sendable {
        case pinned(path: String)
        case repository(TrustRepository, TrustedMetadata, TargetFile)
    }

    let bytes: [UInt8]
    let origin: Origin
    let root: TrustedRoot

    static let bytesMax = 1 << 20

    /// - Parameter isOnline: whether to ask the repository for news, or to make do with what is kept.
    /// - Throws: `ConfigurationFault` for files that the operator names, `UpdateFault` for the repository and the
    ///   cache.
    static func load(_ source: TrustSource, isOnline: Bool, at now: Timestamp) async throws -> TrustedRootFile {
        switch source {
        case .pinned(let path):
            return try await onThread { () throws(ConfigurationFault) in try pinned(path) }
        case .repository(let repository):
            let (anchor, folder) = try await onThread { () throws(ConfigurationFault) -> ([UInt8], Directory) in
                (try read(repository.anchorPath, .trustAnchorPath), try directory(repository.cachePath))
            }
            let cache = try await MetadataCache(opening: folder)
            defer { cache.close() }
            guard isOnline else { return try await load(repository, anchor, cache, nil, now) }
            let http = RepositoryHTTP(metadata: repository.metadata, targets: repository.targets)
            let result: Result<TrustedRootFile, any Error>
            do { result = .success(try await load(repository, anchor, cache, http, now)) } catch {
                result = .failure(error)
            }
            await http.shutdown()
            return try result.get()
        }
    }

    private static let pool = BlockingPool(threadsMax: 1, waitingMax: 1_024)

    /// Lets no thread of Swift's own wait for a disk.
    private static func onThread<Value: Sendable>(
        _ work: @escaping @Sendable () throws(ConfigurationFault) -> Value
    ) async throws -> Value {
        try await pool.run { () throws(FileFault) in Result(catching: work) }.get()
    }

    /// Looks at the file that the operator names, and neither at the cache nor at the repository.
    static func check(_ source: TrustSource) throws(ConfigurationFault) {
        switch source {
        case .pinned(let path): _ = try pinned(path)
        case .repository(let repository):
            let bytes = try read(repository.anchorPath, .trustAnchorPath)
            do throws(TUFRefusal) { _ = try RootUpdate(trusting: bytes) } catch {
                throw ConfigurationFault(Setting.trustAnchorPath.rawValue, "\(repository.anchorPath): \(error)")
            }
        }
    }

    private static func pinned(_ path: String) throws(ConfigurationFault) -> TrustedRootFile {
        let bytes = try read(path, .trustedRootPath)
        guard let file = TrustedRootFile(bytes, .pinned(path: path)) else {
            throw ConfigurationFault(Setting.trustedRootPath.rawValue, "\(path) is no trusted root")
        }
        return file
    }

    private static func load(
        _ repository: TrustRepository, _ anchor: [UInt8], _ cache: MetadataCache, _ http: RepositoryHTTP?,
        _ now: Timestamp
    ) async throws -> TrustedRootFile {
        let updater = MetadataUpdater(source: http, cache: cache, anchor: anchor)
        let metadata = try await updater.update(at: MetadataTime(clamping: now.milliseconds / 1_000))
        let target = try await updater.target(TrustRepository.targetPath, in: metadata)
        let bytes = try await updater.keptContent(of: target, in: metadata)
        // Verified bytes may still be of another kind.
        guard let file = TrustedRootFile(bytes, .repository(repository, metadata, target)) else {
            throw UpdateFault.refused(TUFRefusal(target.role, .malformed("\(target.path) is no trusted root")))
        }
        return file
    }

    /// - Returns: `nil` for what is no trusted root.
    private init?(_ bytes: [UInt8], _ origin: Origin) {
        guard let root = try? TrustedRoot(parsing: bytes) else { return nil }
        self.bytes = bytes
        self.origin = origin
        self.root = root
    }

    private static func read(_ path: String, _ setting: Setting) throws(ConfigurationFault) -> [UInt8] {
        do throws(FileFault) { return try OperatorFile.read(path, bytesMax: bytesMax) } catch {
            throw ConfigurationFault(setting.rawValue, "\(path) \(error.sentence)")
        }
    }

    /// Makes the last folder of the path if it is not there.
    private static func directory(_ path: String) throws(ConfigurationFault) -> Directory {
        do throws(FileFault) {
            do throws(FileFault) {
                return try Directory(path: path)
            } catch  where error.kind == .notFound {
                let name = String(path.split(separator: "/").last ?? "")
                return try Directory(path: OperatorFile.folder(of: path))
                    .subdirectory(making: name, permissions: 0o700)
            }
        } catch {
            throw ConfigurationFault(Setting.trustCachePath.rawValue, "\(path) \(error.sentence)")
        }
    }
}

extension TrustedRootFile {
    /// When the first of the roles expires; `nil` for a pinned file.
    var expires: (role: RoleName, time: MetadataTime)? {
        guard case .repository(_, let metadata, _) = origin else { return nil }
        return metadata.headers.map { ($0.role, $0.header.expires) }.min { $0.1 < $1.1 }
    }

    var digest: String {
        "sha256:" + SHA256.hash(data: bytes).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// Lines for the operator, each a name and what it is.
    var lines: [(String, String)] {
        var lines: [(String, String)] = []
        switch origin {
        case .pinned(let path):
            lines.append(("pinned", "\(path): nothing is fetched, and nothing expires"))
        case .repository(let repository, let metadata, let target):
            lines.append(("repository", repository.metadata.description))
            for (role, header) in metadata.headers {
                lines.append((role.description, "version \(header.version), expires \(header.expires)"))
            }
            lines.append(("target", "\(target.path), named by \(target.role)"))
        }
        lines.append(("content", "\(bytes.count) bytes, \(digest)"))
        lines += [
            ("certificate authorities", String(root.certificateAuthorities.count)),
            ("transparency logs", String(root.transparencyLogs.count)),
            ("certificate logs", String(root.certificateLogs.count)),
            ("timestamp authorities", String(root.timestampAuthorities.count)),
        ]
        return lines
    }
}
