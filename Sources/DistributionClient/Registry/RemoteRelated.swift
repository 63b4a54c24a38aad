internal import NIOHTTP1
public import OCI

// What a registry says about a manifest elsewhere.
extension RemoteRepository {
    /// What stands where the answer with a manifest leads for a relation (`Link`, RFC 8288). Nothing of it is verified.
    ///
    /// Only the registry itself is asked for it.
    ///
    /// - Parameter relation: in small letters.
    /// - Returns: `nil` where the answer leads nowhere.
    public func related(
        to reference: Reference, by relation: String, bytesMax: Int
    ) async throws(DistributionFault) -> [UInt8]? {
        let answer = try await manifestAnswer(reference)
        guard let link = Self.target(of: relation, in: answer.headers["link"]) else { return nil }
        var request = try await request(.GET, "", [.pull])
        guard let address = WebAddress(link, relativeTo: answer.address), address.isSameOrigin(as: request.address)
        else {
            throw .unsafe("\(registry) says that something is elsewhere that is its own to say.")
        }
        request.address = address
        request.answerBytesMax = bytesMax
        return try await exchange(request).body
    }
}
