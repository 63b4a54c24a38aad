public import StrictJSON

/// A model as a bill of materials describes it: what an inspection saw in its files.
public struct ModelBill: Sendable, Hashable {
    public struct File: Sendable, Hashable {
        /// Beneath the model, with `/` between its parts.
        public var path: String
        /// Hexadecimal in lower case.
        public var sha256: String
        public var sizeBytes: UInt64
        /// What it was found to be.
        public var format: String?
        /// Others, by names such as `quantization`; a name may come more than once.
        public var properties: [Property]
        public var licenses: [String]

        public init(
            path: String, sha256: String, sizeBytes: UInt64, format: String?, properties: [Property],
            licenses: [String]
        ) {
            self.path = path
            self.sha256 = sha256
            self.sizeBytes = sizeBytes
            self.format = format
            self.properties = properties
            self.licenses = licenses
        }
    }

    public struct Property: Sendable, Hashable {
        public var name: String
        public var value: String

        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    public var name: String
    public var version: String?
    /// Such as `llama`; `nil` where the files do not say one.
    public var architecture: String?
    public var files: [File]
    /// Of the model as a whole, such as the verdict and what was found.
    public var properties: [Property]

    /// A UUID in lower case.
    public var uuid: String
    /// `YYYY-MM-DDThh:mm:ssZ`.
    public var created: String
    /// What made it, and its version.
    public var tool: (name: String, version: String) { (toolName, toolVersion) }
    private let toolName: String
    private let toolVersion: String

    public init(
        name: String, version: String?, architecture: String?, files: [File], properties: [Property], uuid: String,
        created: String, tool: (name: String, version: String)
    ) {
        self.name = name
        self.version = version
        self.architecture = architecture
        self.files = files
        self.properties = properties
        self.uuid = uuid
        self.created = created
        toolName = tool.name
        toolVersion = tool.version
    }

    /// Licences of any of its files, each once.
    var licenses: [String] { Set(files.flatMap(\.licenses)).sorted() }
}

extension ModelBill {
    /// As CycloneDX 1.6, with a model card: the model, and its files as what it depends on.
    public var cycloneDX: JSONValue {
        let dependencies: [JSONValue] = [
            ["ref": "model", "dependsOn": .array(files.indices.map { .string("file-\($0)") })]
        ]
        return [
            "bomFormat": "CycloneDX", "specVersion": "1.6", "serialNumber": .string("urn:uuid:\(uuid)"), "version": 1,
            "metadata": [
                "timestamp": .string(created),
                "tools": [
                    "components": [
                        ["type": "application", "name": .string(tool.name), "version": .string(tool.version)]
                    ]
                ],
                "component": modelComponent,
            ],
            "components": .array(files.enumerated().map(Self.component)),
            "dependencies": .array(dependencies),
        ]
    }

    private var modelComponent: JSONValue {
        let card: JSONValue? = architecture.map { ["modelParameters": ["modelArchitecture": .string($0)]] }
        return .object(
            JSONObject(present: [
                ("type", "machine-learning-model"), ("bom-ref", "model"), ("name", .string(name)),
                ("version", version.map(JSONValue.string)), ("licenses", Self.licenses(licenses)),
                ("modelCard", card), ("properties", .array(properties.map(Self.property))),
            ]))
    }

    private static func component(_ index: Int, _ file: File) -> JSONValue {
        let size = Property("size", String(file.sizeBytes))
        let format = file.format.map { Property("format", $0) }
        let properties = [size] + (format.map { [$0] } ?? []) + file.properties
        return .object(
            JSONObject(present: [
                ("type", "file"), ("bom-ref", .string("file-\(index)")), ("name", .string(file.path)),
                ("hashes", [["alg": "SHA-256", "content": .string(file.sha256)]]),
                ("licenses", licenses(file.licenses)), ("properties", .array(properties.map(property))),
            ]))
    }

    private static func licenses(_ names: [String]) -> JSONValue? {
        guard !names.isEmpty else { return nil }
        // As names: what a file says need not be in SPDX's list.
        return .array(names.map { ["license": ["name": .string($0)]] })
    }

    private static func property(_ property: Property) -> JSONValue {
        ["name": .string("pratique:\(property.name)"), "value": .string(property.value)]
    }
}
