public import StrictJSON

/// What an artifact is, as its manifest and its files say. Nobody has vouched for it.
public struct ModelFactsDocument: WireDocument, Hashable {
    /// `model`, `adapter`, `image`, `index`, `chart`, `signature`, `attestation` or `artifact`.
    public var kind: String
    /// Of the weights.
    public var format: String?
    public var architecture: String?
    public var quantization: String?
    public var parameters: UInt64?
    /// In tokens.
    public var contextLength: UInt64?
    public var license: String?

    public init(
        kind: String, format: String? = nil, architecture: String? = nil, quantization: String? = nil,
        parameters: UInt64? = nil, contextLength: UInt64? = nil, license: String? = nil
    ) {
        self.kind = kind
        self.format = format
        self.architecture = architecture
        self.quantization = quantization
        self.parameters = parameters
        self.contextLength = contextLength
        self.license = license
    }

    public var json: JSONValue {
        .object(
            JSONObject(present: [
                ("kind", .string(kind)), ("format", format.map { .string($0) }),
                ("architecture", architecture.map { .string($0) }),
                ("quantization", quantization.map { .string($0) }), ("parameters", parameters.map { .integer($0) }),
                ("context_length", contextLength.map { .integer($0) }), ("license", license.map { .string($0) }),
            ]))
    }

    public init(json: JSONValue) throws(FieldFault) {
        var fields = try FieldReader(json)
        kind = try fields.requiredString("kind")
        format = try fields.optionalString("format")
        architecture = try fields.optionalString("architecture")
        quantization = try fields.optionalString("quantization")
        parameters = try fields.optionalUInt64("parameters")
        contextLength = try fields.optionalUInt64("context_length")
        license = try fields.optionalString("license")
    }
}
