public import RegistryWire

extension RegistryClient {
    /// Has somebody answer for what a rule found: one waiver for each version that is meant.
    public func grant(_ waiver: WaiverRequest) async throws(ClientFault) -> [WaiverDocument] {
        try await exchange(.work(.post, APIPath.waivers, body: waiver)).documents()
    }

    /// One page of waivers that did not end.
    public func waivers(after token: PageToken? = nil) async throws(ClientFault) -> Page<WaiverDocument> {
        try await page(APIRequest(.get, APIPath.waivers, query: [("after", token?.after)]))
    }

    /// Ends a waiver. What is trusted by it goes to quarantine.
    public func revokeWaiver(_ id: UInt64, reason: String?) async throws(ClientFault) -> WaiverDocument {
        let document: WaiverDocument = try await exchange(
            .work(.delete, APIPath.waiver(id), body: ChangeRequest(reason: reason))
        ).document()
        guard document.id == id else { throw .malformedAnswer(problem: "it is about another waiver") }
        return document
    }
}
