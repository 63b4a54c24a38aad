import OCI
public import RegistryCore
import Synchronization

/// The credentials that are in force, to be found by what somebody shows. Another list takes effect with the next
/// request.
public final class CredentialBook: Sendable {
    private struct Pages {
        var list = CredentialList.empty
        var byToken: [TokenHash: Proof] = [:]
        var byKey: [Ed25519PublicKey: Proof] = [:]
        var byName: [PrincipalName: Proof] = [:]

        init(_ list: CredentialList) {
            self.list = list
            for credential in list.credentials {
                let proof = Proof(credential)
                byName[credential.name] = proof
                switch credential.secret {
                case .token(let hash): byToken[hash] = proof
                case .ed25519(let key): byKey[key] = proof
                }
            }
        }
    }

    private let pages: Mutex<Pages>

    public init(_ list: CredentialList = .empty) {
        pages = Mutex(Pages(list))
    }

    public func replace(with list: CredentialList) {
        let new = Pages(list)
        pages.withLock { $0 = new }
    }

    public var list: CredentialList { pages.withLock { $0.list } }

    var isEmpty: Bool { pages.withLock { $0.byName.isEmpty } }

    func isOpen(_ repository: RepositoryName) -> Bool {
        pages.withLock { $0.list.openRepositories }.contains { $0.matches(repository) }
    }

    func proof(by token: TokenHash) -> Proof? { pages.withLock { $0.byToken[token] } }

    func proof(by key: Ed25519PublicKey) -> Proof? { pages.withLock { $0.byKey[key] } }

    func proof(of name: PrincipalName) -> Proof? { pages.withLock { $0.byName[name] } }
}

/// Somebody who showed who they are, and by which secret.
struct Proof: Sendable {
    var principal: Principal
    /// Tells the secret from any other that the principal had or will have; nothing follows from it.
    var secret: UInt64
    /// When the secret stops to count.
    var expires: Timestamp?

    init(_ principal: Principal, secret: UInt64) {
        self.principal = principal
        self.secret = secret
    }

    init(_ credential: Credential) {
        principal = credential.principal
        expires = credential.expires
        switch credential.secret {
        case .token(let hash): secret = hash.prefix
        case .ed25519(let key): secret = TokenHash(of: key.rawBytes).prefix
        }
    }
}
