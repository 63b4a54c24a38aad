import RepositorySimulator
import StrictJSON
import TUF

/// A repository whose files do not say each other's hashes, so that any of them can be replaced.
private let repository: RepositorySimulator? = {
    guard var repository = try? RepositorySimulator() else { return nil }
    repository.hasHashes = false
    repository.delegate(from: "targets", SimulatedDelegation("a", keys: [SimulatedKey(40)], paths: ["a/*"]))
    repository.roles["a"]?.targets = [("a/b", [1])]
    do {
        try repository.publish("a", "targets", "snapshot", "timestamp")
    } catch {
        return nil
    }
    return repository
}()

/// The first byte chooses a role; the rest is what it signs. The signature is good, so that all that comes after it is
/// reached.
func fuzzTUF(_ bytes: [UInt8]) {
    guard var repository, let first = bytes.first else { return }
    let content = Array(bytes.dropFirst())
    _ = try? RootUpdate(trusting: content)
    let names = ["root", "timestamp", "snapshot", "targets", "a"]
    let files = ["2.root.json", "timestamp.json", "1.snapshot.json", "1.targets.json", "1.a.json"]
    let place = Int(first) % names.count
    guard let value = try? StrictJSON.parse(content, limits: .requestBody),
        let signers = repository.roles[names[place]]?.signers,
        let file = try? repository.signed(value, by: signers)
    else { return }
    repository.files[files[place]] = file
    var client = SimulatedClient(anchor: repository.anchor)
    let now = RepositorySimulator.start
    guard let metadata = try? client.update(from: repository, at: now) else { return }
    precondition(metadata.headers.allSatisfy { $0.header.version > 0 && $0.header.expires > now })
    guard let target = try? client.find("a/b", in: metadata, from: repository) else { return }
    precondition(target.path == "a/b")
    _ = try? metadata.address(of: target)
    _ = try? target.check([1])
}
