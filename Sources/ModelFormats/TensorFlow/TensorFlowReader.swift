/// Reads SavedModels, meta graphs, graphs and what lies beside them: operators, functions, assets, and no numbers.
public struct TensorFlowReader {
    var wire: ProtobufReader
    let limits: TensorFlowLimits
    var file: TensorFlowFile
    var calls = CheckpointCalls()
    private var seenOperators: Set<[UInt8]> = []
    private var seenArguments: Set<String> = []
    private var seenPayloads: Set<String> = []
    private var nameBytesLeft: Int
    private var metadataBytesLeft: Int
    /// The function whose nodes are read.
    var function: [UInt8]?

    private init(_ source: any ByteSource, _ kind: ProtobufKind, _ schema: ProtobufSchema, _ limits: TensorFlowLimits) {
        wire = ProtobufReader(source, as: schema, limits: limits.wire)
        self.limits = limits
        file = TensorFlowFile(kind: kind)
        nameBytesLeft = limits.namesBytesMax
        metadataBytesLeft = limits.metadataBytesTotal
    }

    /// - Returns: `nil` if the source is none of these.
    /// - Throws: only where the structure cannot be known.
    public static func read(
        _ source: any ByteSource, limits: TensorFlowLimits = .standard
    ) throws(FormatFault) -> TensorFlowFile? {
        guard let kind = try ProtobufProbe.kind(of: source), let schema = schema(kind) else { return nil }
        var reader = TensorFlowReader(source, kind, schema, limits)
        switch kind {
        case .savedModel: try reader.savedModel()
        case .metaGraph: try reader.metaGraph()
        case .graph: try reader.graph()
        case .kerasMetadata: try reader.kerasMetadata()
        default: while try reader.wire.next() != nil {}
        }
        if !reader.file.checkpointUses.isEmpty {
            let isLeaking = try CheckpointReaders.areThere(in: source, schema, kind, reader.calls, limits)
            for index in reader.file.checkpointUses.indices {
                reader.file.checkpointUses[index].place = reader.calls.place(
                    index, isLeaking: isLeaking, operators: reader.seenOperators, isBare: kind == .graph)
            }
        }
        for issue in reader.wire.issues { reader.file.add(.wire(issue.kind), issue.subject, at: issue.offset) }
        reader.file.issuesDropped += reader.wire.issuesDropped
        return reader.file
    }

    private static func schema(_ kind: ProtobufKind) -> ProtobufSchema? {
        switch kind {
        case .savedModel: TensorFlowSchema.savedModel
        case .metaGraph: TensorFlowSchema.metaGraph
        case .graph: TensorFlowSchema.graph
        case .kerasMetadata: TensorFlowSchema.kerasMetadata
        case .fingerprint: TensorFlowSchema.fingerprint
        case .onnx, .sentencePiece: nil
        }
    }

    private mutating func savedModel() throws(FormatFault) {
        while let field = try wire.next() {
            guard field.number == 2 else { continue }
            try wire.enter(TensorFlowSchema.metaGraph)
            try metaGraph()
        }
    }

    private mutating func kerasMetadata() throws(FormatFault) {
        while let object = try wire.next() {
            try wire.enter(TensorFlowSchema.kerasObject)
            try describedObject(identifier: 4, metadata: 5, at: object.offset)
        }
    }

    /// An object with an identifier and a description, in fields of these numbers.
    mutating func describedObject(
        identifier: UInt32, metadata: UInt32, at offset: UInt64
    ) throws(FormatFault) {
        var name = ""
        var description: [UInt8]?
        while let field = try wire.next() {
            if field.number == identifier { name = try text(field) }
            guard field.number == metadata, field.lengthBytes > 0 else { continue }
            description = try wire.bytes(field, countMax: min(limits.metadataBytesMax, metadataBytesLeft))
            if description == nil { file.metadataDropped += 1 }
        }
        guard let description else { return }
        metadataBytesLeft -= description.count
        file.metadata.append(TensorFlowFile.Metadata(identifier: name, bytes: description, offset: offset))
    }

    mutating func note(operator name: [UInt8], node: [UInt8], at offset: UInt64) throws(FormatFault) {
        guard seenOperators.insert(name).inserted else { return }
        guard file.operators.count < limits.operatorsMax else {
            throw .limitExceeded(.tensorFlowOperators, offset: offset)
        }
        file.operators.append(
            TensorFlowFile.Operator(name: Self.string(name), place: place(node), offset: offset))
    }

    /// Each value once, so that many that are harmless leave room for one that is not.
    mutating func note(argument key: String, _ value: [UInt8], of name: String, at offset: UInt64) throws(FormatFault) {
        let value = Self.string(value)
        guard seenArguments.insert("\(name)\0\(value)").inserted else { return }
        guard file.arguments.count < limits.listMax else { throw .limitExceeded(.tensorFlowNames, offset: offset) }
        file.arguments.append(
            TensorFlowFile.Argument(operatorName: name, key: key, value: value, offset: offset))
    }

    mutating func note(payload type: String, at offset: UInt64) throws(FormatFault) {
        guard seenPayloads.insert(type).inserted else { return }
        guard file.payloads.count < limits.listMax else { throw .limitExceeded(.tensorFlowNames, offset: offset) }
        file.payloads.append(TensorFlowFile.Payload(type: type, offset: offset))
    }

    /// Pays for a name that is kept until the end.
    mutating func keep(_ name: [UInt8], at offset: UInt64) throws(FormatFault) {
        // What a set or a dictionary takes beside the bytes.
        let cost = name.count + 64
        guard cost <= nameBytesLeft else { throw .limitExceeded(.tensorFlowNames, offset: offset) }
        nameBytesLeft -= cost
    }

    func place(_ node: [UInt8]) -> String {
        guard let function else { return Self.string(node) }
        return "\(Self.string(function)): \(Self.string(node))"
    }

    mutating func bytes(_ field: ProtobufField) throws(FormatFault) -> [UInt8] {
        guard let bytes = try wire.bytes(field, countMax: limits.nameBytesMax) else {
            throw .limitExceeded(.tensorFlowNameBytes, offset: field.offset)
        }
        return bytes
    }

    mutating func text(_ field: ProtobufField) throws(FormatFault) -> String { Self.string(try bytes(field)) }

    static func string(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
