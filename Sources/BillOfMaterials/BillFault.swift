public import StrictJSON

/// Why bytes are no bill of materials that is believed. `path` is where, such as `components[3].hashes[0]`.
public enum BillFault: Error, Sendable, Hashable {
    case invalidJSON(JSONFault)
    /// Neither CycloneDX nor SPDX in JSON.
    case unknownFormat
    /// A version that is not read.
    case unsupportedVersion(String)
    case missing(path: String)
    /// Something else than the specification allows there.
    case malformed(path: String)
    /// A member that the specification does not have.
    case unknownMember(path: String)
    /// The same identifier for two things.
    case duplicateIdentifier(path: String)
    /// A reference that leads to nothing in the document, and to no other document that it names.
    case unresolvedReference(path: String)
    /// More of something than is read.
    case limitExceeded(String)
}

extension BillFault {
    /// A name that stays, for programs.
    public var code: String {
        switch self {
        case .invalidJSON: "sbom_invalid_json"
        case .unknownFormat: "sbom_unknown_format"
        case .unsupportedVersion: "sbom_unsupported_version"
        case .missing: "sbom_missing"
        case .malformed: "sbom_malformed"
        case .unknownMember: "sbom_unknown_member"
        case .duplicateIdentifier: "sbom_duplicate_identifier"
        case .unresolvedReference: "sbom_unresolved_reference"
        case .limitExceeded: "sbom_limit_exceeded"
        }
    }

    /// Whether it may be right and cannot be said to be.
    public var isUndecided: Bool {
        switch self {
        case .unknownFormat, .unsupportedVersion: true
        default: false
        }
    }
}

extension BillFault: CustomStringConvertible {
    public var description: String {
        switch self {
        case .invalidJSON(let fault): "it cannot be read: \(fault)"
        case .unknownFormat: "it is neither CycloneDX nor SPDX in JSON"
        case .unsupportedVersion(let version): "version \(version) is not read"
        case .missing(let path): "\(path) is missing"
        case .malformed(let path): "\(path) is not what the specification says"
        case .unknownMember(let path): "\(path) is not in the specification"
        case .duplicateIdentifier(let path): "\(path) is the identifier of something else too"
        case .unresolvedReference(let path): "\(path) leads nowhere"
        case .limitExceeded(let limit): "there are more \(limit) than are read"
        }
    }
}
