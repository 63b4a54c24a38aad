extension ONNXReader {
    /// A graph, and the graphs in the attributes of its nodes.
    mutating func graph(isMain: Bool) throws(FormatFault) {
        try wire.enter(ONNXSchema.graph)
        var names: Set<NameDigest> = []
        while let field = try wire.next() {
            switch field.number {
            case 1: try node(at: field.offset)
            case 2: if isMain { file.name = try text(field) }
            case 5, 15:
                try count(initializer: field)
                let name = try field.number == 5 ? tensor(at: field.offset) : sparseTensor()
                if !name.isEmpty, !names.insert(NameDigest(name)).inserted {
                    file.add(.duplicateInitializer, String(decoding: name, as: UTF8.self), at: field.offset)
                }
            case 10: try keep(field, "doc_string")
            case 16: try metadata(at: field.offset)
            default: break
            }
        }
    }

    private mutating func count(initializer field: ProtobufField) throws(FormatFault) {
        guard initializersLeft > 0 else { throw .limitExceeded(.onnxInitializers, offset: field.offset) }
        initializersLeft -= 1
    }

    mutating func node(at offset: UInt64) throws(FormatFault) {
        try wire.enter(ONNXSchema.node)
        var type: [UInt8] = []
        var domain: [UInt8] = []
        var attributes = CompiledContext()
        while let field = try wire.next() {
            switch field.number {
            case 4: type = try bytes(field)
            case 5: attributes.add(try attribute())
            case 7: domain = try bytes(field)
            default: break
            }
        }
        try note(operator: type, domain: domain, at: offset)
        if type.elementsEqual("EPContext".utf8), let location = attributes.location {
            file.add(.compiledFile, String(decoding: location, as: UTF8.self), at: offset)
            try note(externalFile: location, of: type, at: offset)
        }
    }

    /// What an attribute says that matters here.
    struct Attribute {
        var name: [UInt8] = []
        var number: UInt64?
        var text: [UInt8]?
    }

    /// The attributes of a node whose program for a processor is in a file (`EPContext` of ONNX Runtime).
    private struct CompiledContext {
        private var isEmbedded = true
        private var content: [UInt8]?

        mutating func add(_ attribute: Attribute) {
            if attribute.name.elementsEqual("embed_mode".utf8) { isEmbedded = attribute.number != 0 }
            if attribute.name.elementsEqual("ep_cache_context".utf8) { content = attribute.text }
        }

        var location: [UInt8]? { isEmbedded ? nil : content }
    }

    @discardableResult
    mutating func attribute() throws(FormatFault) -> Attribute {
        try wire.enter(ONNXSchema.attribute)
        var attribute = Attribute()
        while let field = try wire.next() {
            switch field.number {
            case 1: attribute.name = try bytes(field)
            case 3: attribute.number = field.uint64
            case 4: attribute.text = try wire.bytes(field, countMax: limits.nameBytesMax)
            case 5, 10: _ = try tensor(at: field.offset)
            case 6, 11: try graph(isMain: false)
            case 22, 23: _ = try sparseTensor()
            default: break
            }
        }
        return attribute
    }

    /// - Returns: the name of its values, which is that of the tensor.
    private mutating func sparseTensor() throws(FormatFault) -> [UInt8] {
        try wire.enter(ONNXSchema.sparseTensor)
        var name: [UInt8] = []
        while let field = try wire.next() {
            switch field.number {
            case 1: name = try tensor(at: field.offset)
            case 2: _ = try tensor(at: field.offset)
            default: break
            }
        }
        return name
    }

    private mutating func tensor(at offset: UInt64) throws(FormatFault) -> [UInt8] {
        try wire.enter(ONNXSchema.tensor)
        var tensor = ONNXTensor(at: offset)
        while let field = try wire.next() {
            switch field.number {
            case 1: try wire.varints(field, into: &tensor.dims, countMax: ONNXTensor.dimensionsMax)
            case 2: tensor.type = field.uint64 ?? 0
            case 4: count(field, itemBytes: 4, in: .floats, of: &tensor)
            case 5: tensor.counts[ONNXTensor.Field.int32s.rawValue] &+= try wire.countVarints(field)
            case 6: tensor.counts[ONNXTensor.Field.texts.rawValue] &+= 1
            case 7: tensor.counts[ONNXTensor.Field.int64s.rawValue] &+= try wire.countVarints(field)
            case 8: tensor.name = try bytes(field)
            case 9: tensor.rawBytes = field.lengthBytes
            case 10: count(field, itemBytes: 8, in: .doubles, of: &tensor)
            case 11: tensor.counts[ONNXTensor.Field.uint64s.rawValue] &+= try wire.countVarints(field)
            case 13: try externalEntry(of: &tensor)
            case 14: tensor.isExternal = field.uint64 == 1
            default: break
            }
        }
        try judge(tensor)
        return tensor.name
    }

    private func count(
        _ field: ProtobufField, itemBytes: UInt64, in kind: ONNXTensor.Field, of tensor: inout ONNXTensor
    ) {
        // Packed, or one of them.
        let count = if case .length(let length) = field.value { length / itemBytes } else { UInt64(1) }
        tensor.counts[kind.rawValue] &+= count
    }

    private mutating func externalEntry(of tensor: inout ONNXTensor) throws(FormatFault) {
        try wire.enter(ProtobufSchema.entry)
        var key: [UInt8]? = []
        var value: [UInt8]? = []
        while let field = try wire.next() {
            let text = try wire.bytes(field, countMax: ONNXTensor.entryBytesMax)
            if field.number == 1 { key = text } else { value = text }
        }
        guard let key, let value else { return tensor.external.note(.tooLong) }
        tensor.external.add(key: key, value: value)
    }

    private mutating func judge(_ tensor: ONNXTensor) throws(FormatFault) {
        file.tensorCount += 1
        let (sum, overflow) = file.parameterCount.addingReportingOverflow(tensor.elementCount ?? 0)
        file.parameterCount = overflow ? .max : sum
        let name = String(decoding: tensor.name, as: UTF8.self)
        if ONNXDataType(rawValue: tensor.type) == nil { file.add(.unknownType(tensor.type), name, at: tensor.offset) }
        if let defect = tensor.defect() { file.add(.tensor(defect), name, at: tensor.offset) }
        guard tensor.isExternal else { return }
        if let defect = tensor.external.defect { file.add(.externalData(defect), name, at: tensor.offset) }
        guard let location = tensor.external.location else {
            return file.add(.externalData(.noLocation), name, at: tensor.offset)
        }
        try note(externalFile: location, of: tensor.name, at: tensor.offset)
    }
}
