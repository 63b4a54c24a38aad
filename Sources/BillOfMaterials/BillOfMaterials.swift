public import StrictJSON

/// What an artifact consists of, as somebody says: CycloneDX 1.6 and 1.7, SPDX 2.3 and 3.0.1, in JSON.
///
/// Being read means that it has the required structure, that identifiers are unique, that references lead somewhere and
/// that hashes can be hashes. Whether it is true, and who says it, is another question.
public struct BillOfMaterials: Sendable, Hashable {
    public enum Format: String, Sendable, Hashable {
        case cycloneDX = "CycloneDX"
        case spdx = "SPDX"
    }

    public let format: Format
    public let version: String

    /// Serial number, namespace or identifier of the document; CycloneDX need not have one.
    public let identifier: String?

    /// What the document is called, or what it is about.
    public let name: String?

    /// In the order of the document; nested ones behind what they are part of.
    public let components: [Component]

    /// Dependencies and relationships, all of which lead somewhere.
    public let relationshipsCount: Int

    public static let limits = JSONLimits(
        bytesMax: 32 << 20, depthMax: 48, nodesMax: 1 << 20, stringBytesMax: 4 << 20, openNamesMax: 1 << 16)

    /// Most components that are read.
    public static let componentsMax = 100_000

    /// - Throws: the first thing that is wrong.
    public init(parsing bytes: [UInt8]) throws(BillFault) {
        let value: JSONValue
        do {
            value = try StrictJSON.parse(bytes, limits: Self.limits)
        } catch {
            throw .invalidJSON(error)
        }
        let document = BillNode(value, "")
        if document.has("bomFormat") {
            self = try CycloneDXReader().read(document)
        } else if document.has("spdxVersion") {
            self = try SPDX2Reader().read(document)
        } else if document.has("@context") {
            self = try SPDX3Reader().read(document)
        } else {
            throw .unknownFormat
        }
    }

    init(
        format: Format, version: String, identifier: String?, name: String?, components: [Component],
        relationshipsCount: Int
    ) {
        self.format = format
        self.version = version
        self.identifier = identifier
        self.name = name
        self.components = components
        self.relationshipsCount = relationshipsCount
    }

    /// Components that are said to have this SHA-256 in lower case; several may.
    public func components(sha256: String) -> [Component] {
        components.filter { $0.hashes["SHA-256"] == sha256 }
    }
}

/// A part of what a bill describes: a package, a file, a model, data.
public struct Component: Sendable, Hashable {
    /// By which the document refers to it; `nil` if it does not.
    public let identifier: String?
    /// The format's own word, such as `machine-learning-model` or `software_File`.
    public let kind: String
    public let name: String
    public let version: String?
    /// Hexadecimal in lower case, by names as CycloneDX has them: `SHA-256`.
    public let hashes: [String: String]
    /// Expressions and identifiers as they stand there.
    public let licenses: [String]
}
