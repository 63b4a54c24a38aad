import Crypto
import OCI
import RegistryCore
import RegistryPorts
import TransparencyLog

/// Which entry is the newest of each version, for all versions together: the exclusive or of a keyed code of each pair.
///
/// A set hash (MSet-XOR-Hash; Clarke, Devadas, van Dijk, Gassend, Suh 2003): it changes with each event at a cost that
/// does not depend on how many versions there are, and it can be computed again from a list in any order. Codes are
/// never shown, nor is the sum: without the key nobody finds another set with the same sum.
struct NewestSum: Sendable, Hashable {
    static let bytesCount = SHA256.byteCount

    private(set) var bytes = [UInt8](repeating: 0, count: bytesCount)

    init() {}

    fileprivate init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Takes a pair in, or takes it out again.
    mutating func toggle(_ code: [UInt8]) {
        for index in bytes.indices { bytes[index] ^= code[index] }
    }

    /// Puts the newer entry of a version in the place of the older one.
    mutating func replace(
        _ older: UInt64?, with newer: UInt64, of key: ArtifactKey, _ sealer: RecordSealer
    ) {
        if let older { toggle(sealer.code(ofNewest: older, of: key)) }
        toggle(sealer.code(ofNewest: newer, of: key))
    }
}

// The seal of the log's end: the sum under a mask, and a code over all of it.
extension RecordSealer {
    fileprivate func code(ofNewest index: UInt64, of key: ArtifactKey) -> [UInt8] {
        var message = SealedMessage("newest/v1")
        message.add(key.tenant.description)
        message.add(key.version)
        message.add(index)
        return code(message)
    }

    /// Says that this registry wrote the log up to here, and which entry is the newest of each version then.
    func seal(_ newest: NewestSum, at end: TreeHead) -> [UInt8] {
        var masked = newest
        masked.toggle(mask(at: end))
        return masked.bytes + code(Self.message("log-head/v1", end, masked.bytes))
    }

    /// - Returns: `nil` when this registry did not write the log up to here. An empty log needs no seal.
    func open(_ head: LogHead) -> NewestSum? {
        guard head.size > 0 else { return NewestSum() }
        guard head.seal.count == 2 * NewestSum.bytesCount else { return nil }
        let end = head.frontier.head
        var sum = NewestSum(bytes: Array(head.seal[..<NewestSum.bytesCount]))
        let seal = Array(head.seal[NewestSum.bytesCount...])
        guard matches(seal, Self.message("log-head/v1", end, sum.bytes)) else { return nil }
        sum.toggle(mask(at: end))
        return sum
    }

    /// A log has one end of each size and root: no mask is used for two sums.
    private func mask(at end: TreeHead) -> [UInt8] {
        code(Self.message("newest-mask/v1", end, []))
    }

    private static func message(_ kind: String, _ end: TreeHead, _ masked: [UInt8]) -> SealedMessage {
        var message = SealedMessage(kind)
        message.add(end.size)
        message.addRest(end.root.bytes + masked)
        return message
    }
}
