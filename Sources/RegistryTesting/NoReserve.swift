public import RegistryPorts

/// A disk on which nobody kept room.
public struct NoReserve: SpaceReserve {
    public init() {}

    public func release() async -> Bool { false }

    public func restore() async {}
}
