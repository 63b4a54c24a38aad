extension TensorFlowReader {
    /// Arguments that decide what an operator gets at.
    private static let keys: [String: String] = [
        "PrintV2": "output_stream", "ImmutableConst": "memory_region_name", "DebugIdentity": "debug_urls",
        "DebugIdentityV2": "debug_urls", "DebugIdentityV3": "debug_urls", "DebugNanCount": "debug_urls",
        "DebugNumericSummary": "debug_urls", "FixedUnigramCandidateSampler": "vocab_file",
        "DecodeProtoV2": "descriptor_source", "EncodeProtoV2": "descriptor_source",
    ]
    private static let argumentBytesMax = 1_024
    /// Texts, and functions, that one node may be given.
    private static let argumentsMax = 4_096
    private static let dimensionsMax = 254

    /// The fields of a `GraphDef` that was entered.
    mutating func graph() throws(FormatFault) {
        while let field = try wire.next() {
            switch field.number {
            case 1: try node(at: field.offset)
            case 2: try library()
            default: break
            }
        }
    }

    private mutating func library() throws(FormatFault) {
        try wire.enter(TensorFlowSchema.library)
        while let field = try wire.next() {
            if field.number == 1 { try functionDefinition() }
        }
    }

    private mutating func functionDefinition() throws(FormatFault) {
        // Its name may stand behind its nodes, which are about it all the same.
        try wire.enter(TensorFlowSchema.function)
        var name: [UInt8] = []
        let firstUse = file.checkpointUses.count
        function = []
        while let field = try wire.next() {
            switch field.number {
            case 1:
                name = try definitionName()
                function = name
                try keep(name, at: field.offset)
                file.functions.insert(Self.string(name))
            case 3: try node(at: field.offset)
            default: break
            }
        }
        calls.rename(uses: firstUse..<file.checkpointUses.count, to: name)
        function = nil
    }

    private mutating func definitionName() throws(FormatFault) -> [UInt8] {
        try wire.enter(TensorFlowSchema.operatorDefinition)
        var name: [UInt8] = []
        while let field = try wire.next() {
            if field.number == 1 { name = try bytes(field) }
        }
        return name
    }

    /// What a node was found to hold.
    private struct Node {
        var name: [UInt8] = []
        var operatorName: [UInt8] = []
        /// Functions that it calls.
        var callees: [[UInt8]] = []
        /// Arguments that are texts.
        var texts: [(key: [UInt8], value: [UInt8])] = []
    }

    private mutating func node(at offset: UInt64) throws(FormatFault) {
        try wire.enter(TensorFlowSchema.node)
        var node = Node()
        while let field = try wire.next() {
            switch field.number {
            case 1: node.name = try bytes(field)
            case 2: node.operatorName = try bytes(field)
            case 5: try attribute(of: &node)
            default: break
            }
        }
        try note(operator: node.operatorName, node: node.name, at: offset)
        for callee in node.callees { try note(call: callee, by: node.name, at: offset) }
        try note(checkpointUse: node.operatorName, node.name, at: offset)
        if !node.texts.isEmpty { try note(arguments: node, at: offset) }
    }

    private mutating func note(call callee: [UInt8], by node: [UInt8], at offset: UInt64) throws(FormatFault) {
        guard !calls.isKnown(callee, by: function == nil ? node : nil) else { return }
        try keep(callee, at: offset)
        if function == nil { try keep(node, at: offset) }
        calls.add(callee, by: function == nil ? node : nil)
    }

    private mutating func note(checkpointUse name: [UInt8], _ node: [UInt8], at offset: UInt64) throws(FormatFault) {
        guard CheckpointCalls.operators.contains(name), calls.addUse(of: name, node: node, function: function) else {
            return
        }
        guard file.checkpointUses.count < limits.listMax else { throw .limitExceeded(.tensorFlowNames, offset: offset) }
        file.checkpointUses.append(
            TensorFlowFile.CheckpointUse(
                operatorName: Self.string(name), node: place(node), offset: offset, place: .elsewhere))
    }

    private mutating func note(arguments node: Node, at offset: UInt64) throws(FormatFault) {
        let name = Self.string(node.operatorName)
        guard let key = Self.keys[name] else { return }
        for text in node.texts where text.key.elementsEqual(key.utf8) {
            try note(argument: key, text.value, of: name, at: offset)
        }
    }

    /// An entry of the attributes: of a node, or of a call.
    private mutating func attribute(of node: inout Node) throws(FormatFault) {
        try wire.enter(ProtobufSchema.entry)
        var key: [UInt8] = []
        let first = node.texts.count
        while let field = try wire.next() {
            if field.number == 1 {
                key = try bytes(field)
            } else {
                try attributeValue(of: &node)
            }
        }
        for index in first..<node.texts.count where node.texts[index].key.isEmpty { node.texts[index].key = key }
    }

    private mutating func attributeValue(of node: inout Node) throws(FormatFault) {
        try wire.enter(TensorFlowSchema.attribute)
        while let field = try wire.next() {
            switch field.number {
            case 1: try attributeList(of: &node)
            case 2: try attributeText(field, of: &node)
            case 8: try tensor(of: node, at: field.offset)
            case 10: try functionName(of: &node)
            default: break
            }
        }
    }

    private mutating func attributeList(of node: inout Node) throws(FormatFault) {
        try wire.enter(TensorFlowSchema.list)
        while let field = try wire.next() {
            switch field.number {
            case 2 where node.texts.count < 64: try attributeText(field, of: &node)
            case 8: try tensor(of: node, at: field.offset)
            case 9: try functionName(of: &node)
            default: break
            }
        }
    }

    private mutating func attributeText(_ field: ProtobufField, of node: inout Node) throws(FormatFault) {
        guard field.lengthBytes > 0 else { return }
        guard node.texts.count < Self.argumentsMax else {
            throw .limitExceeded(.tensorFlowNames, offset: field.offset)
        }
        let text = try wire.bytes(field, countMax: Self.argumentBytesMax) ?? Array("…".utf8)
        node.texts.append((key: [], value: text))
    }

    private mutating func functionName(of node: inout Node) throws(FormatFault) {
        try wire.enter(TensorFlowSchema.functionName)
        while let field = try wire.next() {
            if field.number == 1 {
                guard node.callees.count < Self.argumentsMax else {
                    throw .limitExceeded(.tensorFlowNames, offset: field.offset)
                }
                node.callees.append(try bytes(field))
            } else {
                try attribute(of: &node)
            }
        }
    }

    private mutating func tensor(of node: Node, at offset: UInt64) throws(FormatFault) {
        try wire.enter(TensorFlowSchema.tensor)
        var type: UInt64 = 0
        var shape: [UInt64] = []
        var contentBytes: UInt64 = 0
        var valueBytes: UInt64 = 0
        while let field = try wire.next() {
            switch field.number {
            case 1: type = field.uint64 ?? 0
            case 2: shape = try self.shape()
            case 4: contentBytes = field.lengthBytes
            default: valueBytes = valueBytes &+ field.lengthBytes &+ 8
            }
        }
        file.tensorCount += 1
        guard let elements = TensorShape.elementCount(shape), shape.allSatisfy({ $0 <= UInt64(Int64.max) }) else {
            return file.add(.tensorShape, place(node.name), at: offset)
        }
        let (sum, overflow) = file.parameterCount.addingReportingOverflow(elements)
        file.parameterCount = overflow ? .max : sum
        guard let itemBytes = TensorFlowDataType.itemBytes(type) else { return }
        let (total, excess) = elements.multipliedReportingOverflow(by: itemBytes)
        guard !excess else { return file.add(.tensorShape, place(node.name), at: offset) }
        if contentBytes > 0 {
            if contentBytes != total { file.add(.tensorLength, place(node.name), at: offset) }
        } else if total > limits.expansionBytesMax, total / 16 > valueBytes {
            file.add(.expansion(total), place(node.name), at: offset)
        }
    }

    private mutating func shape() throws(FormatFault) -> [UInt64] {
        try wire.enter(TensorFlowSchema.shape)
        var shape: [UInt64] = []
        while let field = try wire.next() {
            guard field.number == 2 else { continue }
            guard shape.count < Self.dimensionsMax else {
                throw .limitExceeded(.protobufNumbers, offset: field.offset)
            }
            try wire.enter(TensorFlowSchema.dimension)
            var size: UInt64 = 0
            while let part = try wire.next() {
                if part.number == 1 { size = part.uint64 ?? 0 }
            }
            shape.append(size)
        }
        return shape
    }
}
