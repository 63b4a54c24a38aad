/// Goes over the nodes of main graphs once more, to see whether one outside the savers takes something from them.
struct CheckpointReaders {
    private var wire: ProtobufReader
    private let calls: CheckpointCalls
    private let isBare: Bool
    private let nameBytesMax: Int

    static func areThere(
        in source: any ByteSource, _ schema: ProtobufSchema, _ kind: ProtobufKind, _ calls: CheckpointCalls,
        _ limits: TensorFlowLimits
    ) throws(FormatFault) -> Bool {
        var pass = CheckpointReaders(
            wire: ProtobufReader(source, as: schema, limits: limits.wire), calls: calls, isBare: kind == .graph,
            nameBytesMax: limits.nameBytesMax)
        switch kind {
        case .savedModel:
            while let field = try pass.wire.next() {
                guard field.number == 2 else { continue }
                try pass.wire.enter(TensorFlowSchema.metaGraph)
                if try pass.metaGraph() { return true }
            }
            return false
        case .metaGraph: return try pass.metaGraph()
        default: return try pass.graph()
        }
    }

    private mutating func metaGraph() throws(FormatFault) -> Bool {
        while let field = try wire.next() {
            guard field.number == 2 else { continue }
            try wire.enter(TensorFlowSchema.graph)
            if try graph() { return true }
        }
        return false
    }

    private mutating func graph() throws(FormatFault) -> Bool {
        while let field = try wire.next() {
            guard field.number == 1 else { continue }
            if try node() { return true }
        }
        return false
    }

    private mutating func node() throws(FormatFault) -> Bool {
        try wire.enter(TensorFlowSchema.node)
        var name: [UInt8] = []
        var takesFromSaver = false
        while let field = try wire.next() {
            guard field.number == 1 || field.number == 3 else { continue }
            guard let text = try wire.bytes(field, countMax: nameBytesMax) else { continue }
            if field.number == 1 { name = text } else if belongs(CheckpointCalls.node(text)) { takesFromSaver = true }
        }
        return takesFromSaver && !belongs(name)
    }

    private func belongs(_ name: [UInt8]) -> Bool {
        calls.isSaver(name) || (isBare && CheckpointCalls.isUsualScope(name))
    }
}
