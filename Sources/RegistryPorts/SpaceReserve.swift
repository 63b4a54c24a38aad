/// Room on the disk that is kept for the day when there is none: taking trust away has to work then, too.
public protocol SpaceReserve: Sendable {
    /// Gives the room back to the file system.
    ///
    /// - Returns: whether there was any.
    func release() async -> Bool

    /// Takes the room again, if there is enough.
    func restore() async
}
