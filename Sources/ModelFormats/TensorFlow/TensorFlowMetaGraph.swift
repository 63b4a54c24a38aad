extension TensorFlowReader {
    private static let tagsMax = 16

    /// The fields of a `MetaGraphDef` that was entered.
    mutating func metaGraph() throws(FormatFault) {
        while let field = try wire.next() {
            switch field.number {
            case 1: try metaInfo()
            case 2:
                try wire.enter(TensorFlowSchema.graph)
                try graph()
            case 3: try saver()
            case 4: try collection()
            case 5: try signature()
            case 6: try asset(at: field.offset)
            case 7: try objectGraph()
            default: break
            }
        }
    }

    private mutating func metaInfo() throws(FormatFault) {
        try wire.enter(TensorFlowSchema.metaInfo)
        while let field = try wire.next() {
            switch field.number {
            case 4 where file.tags.count < Self.tagsMax: file.tags.append(try text(field))
            case 5: file.version = try text(field)
            default: break
            }
        }
    }

    private mutating func saver() throws(FormatFault) {
        try wire.enter(TensorFlowSchema.saver)
        while let field = try wire.next() {
            guard field.number <= 3 else { continue }
            calls.addSaver(try bytes(field))
        }
    }

    /// An entry of the collections: a name, and values in one of five forms.
    private mutating func collection() throws(FormatFault) {
        try wire.enter(ProtobufSchema.entry)
        while let field = try wire.next() {
            guard field.number == 2 else { continue }
            try wire.enter(TensorFlowSchema.collection)
            while let list = try wire.next() {
                guard list.number == 5 else { continue }
                try wire.enter(TensorFlowSchema.anyList)
                while let payload = try wire.next() { try self.payload(at: payload.offset) }
            }
        }
    }

    private mutating func payload(at offset: UInt64) throws(FormatFault) {
        // `google.protobuf.Any`: the name of a type, and a message of it.
        try wire.enter(ProtobufSchema.entry)
        var type = ""
        while let field = try wire.next() {
            if field.number == 1 { type = try text(field) }
            // Assets are listed so, too.
            if field.number == 2, type.hasSuffix("/tensorflow.AssetFileDef") { try asset(at: field.offset) }
        }
        try note(payload: type, at: offset)
    }

    /// An entry of the signatures. What they name as results must not come from a saver.
    private mutating func signature() throws(FormatFault) {
        try wire.enter(ProtobufSchema.entry)
        while let field = try wire.next() {
            guard field.number == 2 else { continue }
            try wire.enter(TensorFlowSchema.signature)
            while let tensor = try wire.next() {
                guard tensor.number <= 2 else { continue }
                try signatureTensor()
            }
        }
    }

    private mutating func signatureTensor() throws(FormatFault) {
        try wire.enter(ProtobufSchema.entry)
        while let field = try wire.next() {
            guard field.number == 2 else { continue }
            try wire.enter(TensorFlowSchema.tensorInfo)
            while let info = try wire.next() {
                guard info.number == 1 else { continue }
                let name = try bytes(info)
                try keep(name, at: info.offset)
                calls.addResult(name)
            }
        }
    }

    private mutating func asset(at offset: UInt64) throws(FormatFault) {
        try wire.enter(TensorFlowSchema.asset)
        var name: [UInt8] = []
        while let field = try wire.next() {
            if field.number == 2 { name = try bytes(field) }
        }
        let defect = ExternalPath.defect(name)
        // Those that are wrong are kept in any case.
        guard file.assets.count < (defect == nil ? limits.listMax : 2 * limits.listMax) else { return }
        file.assets.append(TensorFlowFile.Asset(name: Self.string(name), defect: defect, offset: offset))
    }

    private mutating func objectGraph() throws(FormatFault) {
        try wire.enter(TensorFlowSchema.objectGraph)
        while let object = try wire.next() {
            guard object.number == 1 else { continue }
            try wire.enter(TensorFlowSchema.object)
            while let field = try wire.next() {
                guard field.number == 4 else { continue }
                try wire.enter(TensorFlowSchema.userObject)
                try describedObject(identifier: 1, metadata: 3, at: field.offset)
            }
        }
    }
}
