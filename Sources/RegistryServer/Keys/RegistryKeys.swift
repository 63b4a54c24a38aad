import Crypto
public import LinuxFiles
public import RegistryPorts
public import TransparencyLog

/// What only this registry knows: the key that seals rows, and the key that signs the log.
///
/// Both are made at the first start and kept in `store/keys/`, readable by the registry's user alone. Losing them means
/// that nothing stored is believed any more; copying them means that somebody else can speak for the registry.
public struct RegistryKeys: Sendable {
    public var rowSeal: [UInt8]
    public var logSigner: NoteSigner

    /// Seals the tokens that `/token` issues. It follows from the row seal (HKDF, RFC 5869), so that there is no third
    /// file to lose, and tells nothing about it.
    var tokenKey: [UInt8] {
        let key = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: rowSeal), info: Array("pratique issued-token v1".utf8),
            outputByteCount: Self.keyBytes)
        return key.withUnsafeBytes { Array($0) }
    }

    private static let sealName = "row-seal"
    private static let signerName = "log-signer"

    /// Reads the keys, and makes them if there are none.
    ///
    /// - Parameters:
    ///   - directory: `store/keys`.
    ///   - isNew: whether the store is empty. Missing keys beside a store that is not are never replaced.
    /// - Throws: `KeyFault`, `FileFault`.
    public static func open(
        in directory: Directory, isNew: Bool, origin: String?, entropy: some Entropy
    ) throws -> RegistryKeys {
        let names = Set(try directory.entries(entriesMax: 16).compactMap(\.name))
        if isNew {
            if !names.contains(sealName) {
                try DurableFile.replace(sealName, in: directory, with: entropy.bytes(keyBytes), permissions: 0o600)
            }
            if !names.contains(signerName) {
                let signer = try makeSigner(origin, entropy)
                try DurableFile.replace(
                    signerName, in: directory, with: Array(signer.skey.utf8), permissions: 0o600)
            }
        }
        return try read(in: directory, origin: origin)
    }

    /// Whether both keys were made.
    static func areThere(in directory: Directory) throws -> Bool {
        Set(try directory.entries(entriesMax: 16).compactMap(\.name)).isSuperset(of: [sealName, signerName])
    }

    private static func read(in directory: Directory, origin: String?) throws -> RegistryKeys {
        let seal = try read(sealName, in: directory)
        guard seal.count == keyBytes else { throw KeyFault.unusable(sealName) }
        let text = String(decoding: try read(signerName, in: directory), as: UTF8.self)
        guard let signer = NoteSigner(skey: text) else { throw KeyFault.unusable(signerName) }
        if let origin, origin != signer.name.description {
            throw KeyFault.otherOrigin(kept: signer.name.description)
        }
        return RegistryKeys(rowSeal: seal, logSigner: signer)
    }

    private static func read(_ name: String, in directory: Directory) throws -> [UInt8] {
        let file: LinuxFiles.FileDescriptor
        do { file = try directory.openFile(name) } catch {
            guard error.kind == .notFound else { throw error }
            throw KeyFault.missing(name)
        }
        guard try file.identity().permissions & 0o077 == 0 else { throw KeyFault.readableByOthers(name) }
        return try file.readAll(bytesMax: 4_096)
    }

    private static let keyBytes = 32

    private static func makeSigner(_ origin: String?, _ entropy: some Entropy) throws -> NoteSigner {
        let seed = entropy.bytes(keyBytes)
        let suffix = entropy.bytes(8).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        guard let name = NoteKeyName(origin ?? "pratique.local/\(suffix)"),
            let signer = NoteSigner(name: name, seed: seed)
        else { throw KeyFault.badOrigin }
        return signer
    }
}

/// Why the keys cannot be used. The registry does not start.
public enum KeyFault: Error, Sendable, Hashable, CustomStringConvertible {
    case missing(String)
    case unusable(String)
    case readableByOthers(String)
    case otherOrigin(kept: String)
    case badOrigin

    public var description: String {
        switch self {
        case .missing(let name):
            "store/keys/\(name) is missing beside a store that is not empty: restore it from the backup"
        case .unusable(let name): "store/keys/\(name) is not a key"
        case .readableByOthers(let name): "store/keys/\(name) is readable by others than its owner"
        case .otherOrigin(let kept): "log_origin is not the origin that this log has had from the start: \(kept)"
        case .badOrigin: "log_origin must not be empty or hold spaces or a plus sign"
        }
    }
}
