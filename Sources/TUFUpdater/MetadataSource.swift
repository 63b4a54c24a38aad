public import TUF

/// Where the files of a repository come from. Nothing that comes from there is trusted.
public protocol MetadataSource: Sendable {
    /// - Returns: `nil` where the repository has no such file.
    /// - Throws: `.unavailable`; `.refused` with `.tooLarge` as soon as there is more than was asked for.
    func metadata(_ request: MetadataRequest) async throws(UpdateFault) -> [UInt8]?

    /// - Parameters:
    ///   - address: percent-encoded, relative to where all targets are.
    ///   - role: whose word it is that there is such a target.
    func target(_ address: String, bytesMax: Int, by role: RoleName) async throws(UpdateFault) -> [UInt8]
}
