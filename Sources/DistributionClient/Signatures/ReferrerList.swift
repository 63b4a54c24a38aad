internal import RegistryClient
internal import OCI
internal import StrictJSON

extension ReferrerRows {
    /// Adds the lines of an index.
    ///
    /// - Throws: `.transport(.malformedAnswer)` for what is no index at all.
    mutating func add(index bytes: [UInt8], limits: JSONLimits) throws(DistributionFault) {
        let value: JSONValue
        do {
            value = try StrictJSON.parse(bytes, limits: limits)
        } catch {
            throw .transport(.malformedAnswer(problem: "the list of referrers cannot be read: \(error)"))
        }
        guard let elements = value.asObject?["manifests"]?.asArray else {
            throw .transport(.malformedAnswer(problem: "the list of referrers is no index"))
        }
        for element in elements {
            guard !isExcessive else { return }
            guard let digest = (element.asObject?["digest"]?.asString).flatMap({ try? Digest(parsing: $0) }) else {
                unreadable += 1
                continue
            }
            add(ReferrerRow(digest: digest, artifactType: element.asObject?["artifactType"]?.asString))
        }
    }
}
