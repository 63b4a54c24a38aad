/// Reads a model of ONNX: graphs, subgraphs, functions, and no numbers.
///
/// Fields of a message may come in any order, so that a message is judged when its end is reached.
public struct ONNXReader {
    var wire: ProtobufReader
    let limits: ONNXLimits
    var file = ONNXFile()
    private var seenOperators: Set<OperatorKey> = []
    private var seenFunctions: Set<OperatorKey> = []
    private var seenLocations: Set<[UInt8]> = []
    var initializersLeft: Int
    private var textBytesLeft: Int

    private struct OperatorKey: Hashable {
        let domain: [UInt8]
        let name: [UInt8]
    }

    private init(_ source: any ByteSource, _ limits: ONNXLimits) {
        wire = ProtobufReader(source, as: ONNXSchema.model, limits: limits.wire)
        self.limits = limits
        initializersLeft = limits.initializersMax
        textBytesLeft = limits.textsBytesMax
    }

    /// - Throws: only where the structure cannot be known.
    public static func read(
        _ source: any ByteSource, limits: ONNXLimits = .standard
    ) throws(FormatFault) -> ONNXFile {
        var reader = ONNXReader(source, limits)
        try reader.model()
        for issue in reader.wire.issues { reader.file.add(.wire(issue.kind), issue.subject, at: issue.offset) }
        reader.file.issuesDropped += reader.wire.issuesDropped
        return reader.file
    }

    private mutating func model() throws(FormatFault) {
        while let field = try wire.next() {
            switch field.number {
            case 1: file.irVersion = field.uint64
            case 2: file.producer = try text(field)
            case 3: file.producerVersion = try text(field)
            case 6: try keep(field, "doc_string")
            case 7:
                file.hasGraph = true
                try graph(isMain: true)
            case 8: try operatorSet()
            case 14: try metadata(at: field.offset)
            case 20: try training()
            case 25: try function(at: field.offset)
            default: break
            }
        }
    }

    private mutating func operatorSet() throws(FormatFault) {
        try wire.enter(ONNXSchema.operatorSet)
        var domain = ""
        var version: UInt64?
        while let field = try wire.next() {
            if field.number == 1 { domain = try text(field) } else { version = field.uint64 }
        }
        if domain.isEmpty || domain == "ai.onnx" { file.operatorSet = version }
    }

    private mutating func training() throws(FormatFault) {
        try wire.enter(ONNXSchema.training)
        while let field = try wire.next() {
            if field.number <= 2 { try graph(isMain: false) }
        }
    }

    private mutating func function(at offset: UInt64) throws(FormatFault) {
        try wire.enter(ONNXSchema.function)
        var name: [UInt8] = []
        var domain: [UInt8] = []
        while let field = try wire.next() {
            switch field.number {
            case 1: name = try bytes(field)
            case 7: try node(at: field.offset)
            case 8: try keep(field, "doc_string")
            case 10: domain = try bytes(field)
            case 11: try attribute()
            case 14: try metadata(at: field.offset)
            default: break
            }
        }
        guard seenFunctions.insert(OperatorKey(domain: domain, name: name)).inserted else { return }
        guard file.functions.count < limits.operatorsMax else { throw .limitExceeded(.onnxOperators, offset: offset) }
        file.functions.append(
            ONNXFile.Function(
                domain: String(decoding: domain, as: UTF8.self), name: String(decoding: name, as: UTF8.self),
                offset: offset))
    }

    mutating func note(operator name: [UInt8], domain: [UInt8], at offset: UInt64) throws(FormatFault) {
        guard seenOperators.insert(OperatorKey(domain: domain, name: name)).inserted else { return }
        guard file.operators.count < limits.operatorsMax else { throw .limitExceeded(.onnxOperators, offset: offset) }
        file.operators.append(
            ONNXFile.Operator(
                domain: String(decoding: domain, as: UTF8.self), type: String(decoding: name, as: UTF8.self),
                offset: offset))
    }

    mutating func note(externalFile location: [UInt8], of tensor: [UInt8], at offset: UInt64) throws(FormatFault) {
        guard seenLocations.insert(location).inserted else { return }
        guard file.externalFiles.count < limits.externalFilesMax else {
            throw .limitExceeded(.onnxExternalFiles, offset: offset)
        }
        file.externalFiles.append(
            ONNXFile.ExternalFile(
                location: String(decoding: location, as: UTF8.self), defect: ExternalPath.defect(location),
                tensor: String(decoding: tensor, as: UTF8.self), offset: offset))
    }

    /// An entry of the metadata.
    mutating func metadata(at offset: UInt64) throws(FormatFault) {
        try wire.enter(ProtobufSchema.entry)
        var key = "metadata"
        while let field = try wire.next() {
            if field.number == 1 { key = try text(field) } else { try keep(field, key) }
        }
    }

    mutating func keep(_ field: ProtobufField, _ name: String) throws(FormatFault) {
        guard field.lengthBytes > 0 else { return }
        let countMax = min(limits.textBytesMax, textBytesLeft)
        guard let bytes = try wire.bytes(field, countMax: countMax) else {
            file.textsDropped += 1
            return
        }
        textBytesLeft -= bytes.count
        file.texts.append(ONNXFile.Text(name: name, bytes: bytes, offset: field.offset))
    }

    /// A name. What is longer than a name may be is a limit that was reached.
    mutating func bytes(_ field: ProtobufField) throws(FormatFault) -> [UInt8] {
        guard let bytes = try wire.bytes(field, countMax: limits.nameBytesMax) else {
            throw .limitExceeded(.onnxNameBytes, offset: field.offset)
        }
        return bytes
    }

    mutating func text(_ field: ProtobufField) throws(FormatFault) -> String {
        String(decoding: try bytes(field), as: UTF8.self)
    }
}
