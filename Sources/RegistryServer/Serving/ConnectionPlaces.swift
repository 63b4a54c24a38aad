import Logging

/// How many connections may be open at a time, so that work always finds descriptors.
///
/// What the reserve of disk space is for a full disk, the descriptors that no connection may take are for a full table:
/// with them a revocation is made, however many connections somebody opens.
struct ConnectionPlaces {
    /// For the 256 folders of blobs, which stay open, the metadata, the inspector, and views that move.
    static let descriptorsKept = 256 + 128
    /// For one long operation: a source, its copy, and the pipes of its inspection.
    static let descriptorsPerOperation = 8
    /// A connection that sends a file has that open too.
    static let descriptorsPerConnection = 2
    /// More than this takes a setting: each costs memory.
    static let defaultMax = 10_000
    static let least = 8

    let total: Int
    /// How many of them one address may have, loopback addresses aside.
    let perAddress: Int

    /// - Parameter descriptors: how many the process may have open.
    init(_ configuration: ServerConfiguration, descriptors: Int, _ logger: Logger) {
        let kept = Self.descriptorsKept + Self.descriptorsPerOperation * configuration.longOperationsMax
        let possible = max(Self.least, (descriptors - kept) / Self.descriptorsPerConnection)
        let wanted = configuration.connectionsMax
        if wanted > possible {
            logger.warning(
                "connections_max is more than the limit of open files allows",
                metadata: ["connections_max": "\(wanted)", "used": "\(possible)", "open_files": "\(descriptors)"])
        }
        total = min(possible, wanted == 0 ? Self.defaultMax : wanted)
        let share = configuration.addressConnectionsMax
        perAddress = share == 0 ? max(1, total / 2) : min(total, share)
    }
}
