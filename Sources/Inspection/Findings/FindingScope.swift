/// What findings are about that are made inside an archive: which member, and where its bytes are in the file.
struct FindingScope {
    /// What an offset inside the member means in the file.
    enum Offsets {
        /// The member is stored as it is, from there on.
        case from(UInt64)
        /// The member is compressed: all that can be said is where it is stored.
        case at(UInt64)
        case unknown
    }

    /// Stands between an archive's own path and that of its member.
    static let separator = "!/"

    /// The path of the member, through all archives around it; `nil` in a compressed file that is all there is.
    let member: String?
    let offsets: Offsets

    /// The scope of a member of an archive that is in this scope itself.
    static func member(_ name: String?, _ offsets: Offsets, in outer: FindingScope?) -> FindingScope {
        let path: String? =
            switch (outer?.member, name) {
            case (let outer?, let name?): outer + separator + name
            case (let outer, let name): name ?? outer
            }
        guard let outer else { return FindingScope(member: path, offsets: offsets) }
        let offsets: Offsets =
            switch (outer.offsets, offsets) {
            case (.from(let base), .from(let offset)): .from(base + offset)
            case (.from(let base), .at(let offset)): .at(base + offset)
            case (.at(let base), _): .at(base)
            default: .unknown
            }
        return FindingScope(member: path, offsets: offsets)
    }

    func place(_ finding: Finding) -> Finding {
        let place = finding.place
        let path: String? =
            switch (member, place.member) {
            case (let member?, let part?): "\(member): \(part)"
            case (let member, let part): member ?? part
            }
        let offset: UInt64? =
            switch offsets {
            case .from(let base): place.offset.map { base.addingReportingOverflow($0).partialValue } ?? base
            case .at(let base): base
            case .unknown: nil
            }
        return Finding(finding.rule, Finding.Place(member: path, offset: offset), detail: finding.detail)
    }
}
