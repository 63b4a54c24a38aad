import ModelFormats
import Testing

@Suite("Protocol Buffers")
struct ProtobufReaderTests {
    private func read(_ bytes: [UInt8], _ limits: ProtobufLimits = .standard) throws(FormatFault) -> ONNXFile {
        var onnx = ONNXLimits.standard
        onnx.wire = limits
        return try ONNXReader.read(MemoryByteSource(bytes), limits: onnx)
    }

    @Test(
        "What is no message is refused, and where that shows is said",
        arguments: [
            ([0x00], FormatFault.invalid(.protobufTag, offset: 0)),
            ([0x08, 1, 0x0B], .invalid(.protobufGroup, offset: 2)),
            ([0x0E], .invalid(.protobufTag, offset: 0)), ([0x0F], .invalid(.protobufTag, offset: 0)),
            ([0x08], .truncated(offset: 1)), ([0x08, 0x80], .truncated(offset: 2)),
            ([0x12, 3, 0x61], .truncated(offset: 3)),
            ([0x08] + [UInt8](repeating: 0xFF, count: 9) + [2], .invalid(.protobufVarint, offset: 10)),
            // The graph of two bytes holds a node of five.
            ([0x3A, 2, 0x0A, 5, 1, 1, 1, 1, 1], .invalid(.protobufLength, offset: 4)),
            ([0xFA, 0xFF, 0xFF, 0xFF, 0xFF, 1, 0], .invalid(.protobufTag, offset: 0)),
        ] as [([UInt8], FormatFault)])
    func broken(bytes: [UInt8], fault: FormatFault) {
        #expect(throws: fault) { try read(bytes) }
    }

    @Test("The largest number has ten bytes")
    func largest() throws {
        let bytes = [0x08] + [UInt8](repeating: 0xFF, count: 9) + [1]
        #expect(try read(bytes).irVersion == .max)
    }

    @Test("Fields that are there twice, that nobody knows, or that are of another type are told, in any message")
    func issues() throws {
        let bytes = ProtobufBuilder.message { model in
            model.varint(1, 8)
            model.varint(1, 9)
            model.fixed32(9, 1)
            model.message(7) { graph in
                graph.message(1) { node in
                    node.text(4, "Add")
                    node.varint(4, 1)
                    node.text(63, "x")
                    node.text(64, "x")
                }
            }
        }
        let file = try read(bytes)
        #expect(file.irVersion == 9)
        #expect(file.operators.map(\.type) == ["Add"])
        let kinds = file.issues.map(\.kind)
        #expect(
            kinds == [
                .wire(.duplicateField), .wire(.unknownField), .wire(.wireType), .wire(.unknownField),
                .wire(.unknownField),
            ])
        #expect(file.issues.map(\.subject).last == "NodeProto, field 64")
    }

    @Test("Messages may be nested as deep as Google's libraries allow, and no deeper")
    func depth() throws {
        func nested(_ count: Int) -> [UInt8] {
            var graph: [UInt8] = []
            for _ in 0..<count {
                let inner = graph
                graph = ProtobufBuilder.message { graph in
                    graph.message(1) { node in
                        node.text(4, "If")
                        node.message(5) { $0.data(6, inner) }
                    }
                }
            }
            return ProtobufBuilder.message { $0.data(7, graph) }
        }
        // The model, its graph, and three messages for each level.
        #expect(try read(nested(33)).operators.count == 1)
        #expect(throws: FormatFault.self) { try read(nested(34)) }
        do {
            _ = try read(nested(2_000))
            Issue.record("too deep")
        } catch {
            guard case FormatFault.limitExceeded(.protobufDepth, _) = error else {
                Issue.record("\(error)")
                return
            }
        }
    }

    @Test("Fields are counted, whatever they are")
    func fields() throws {
        var limits = ProtobufLimits.standard
        limits.fieldsMax = 1_000
        let few = [UInt8]((0..<1_000).flatMap { _ in [0x08, 1] as [UInt8] })
        #expect(try read(few, limits).issuesDropped > 800)
        #expect(throws: FormatFault.limitExceeded(.protobufFields, offset: 2_000)) {
            try read(few + [0x08, 1], limits)
        }
    }

    @Test(
        "Formats without a mark are recognised by what is in them",
        arguments: [
            (ONNXBuilder.ordinary, FileFormat.onnx),
            // In another order, and behind a field that nobody knows.
            (
                ProtobufBuilder.message { model in
                    model.text(30, "x")
                    model.message(8) { $0.varint(2, 17) }
                    model.message(7) { ONNXBuilder.node(&$0, "Relu") }
                }, .onnx
            ),
            (TensorFlowBuilder.ordinary, .tensorFlow),
            (TensorFlowBuilder.graph(TensorFlowBuilder.ordinaryGraph), .tensorFlow),
            // Nothing but characters, and no version.
            (
                ProtobufBuilder.message { model in
                    model.message(2) { meta in meta.message(2) { TensorFlowBuilder.node(&$0, "a", "Const") } }
                }, .tensorFlow
            ),
            // All nodes are in a function.
            (
                TensorFlowBuilder.savedModel(graph: { graph in
                    graph.message(2) { library in
                        TensorFlowBuilder.function(&library, "f") { TensorFlowBuilder.node(&$0, "a", "Add", field: 3) }
                    }
                }), .tensorFlow
            ),
            (
                ProtobufBuilder.message { model in
                    model.message(1) { piece in
                        piece.text(1, "<unk>")
                        piece.fixed32(2, 0)
                        piece.varint(3, 2)
                    }
                }, .sentencePiece
            ),
            (
                ProtobufBuilder.message { metadata in
                    metadata.message(1) { object in
                        object.varint(2, 0)
                        object.text(3, "root")
                        object.text(4, "_tf_keras_model")
                    }
                }, .tensorFlow
            ),
            (
                ProtobufBuilder.message { hash in
                    for number in 1...5 { hash.varint(UInt64(number), .max - 7) }
                }, .tensorFlow
            ),
        ])
    func detection(bytes: [UInt8], format: FileFormat) throws {
        #expect(try FormatDetector.detect(MemoryByteSource(bytes)).format == format)
    }

    @Test(
        "Texts are no messages",
        arguments: [
            "\n\u{5}hello", "\n\n\n\n", "\u{12}\u{1}a", "2 4 6\n", "B\u{1}x", "        ", "(1(1(1(1", ":\u{3}\n\u{1}y",
        ])
    func texts(text: String) throws {
        #expect(try FormatDetector.detect(MemoryByteSource(Array(text.utf8))).format == .text)
    }

    @Test("Texts that can be read as millions of fields are texts, and a model behind as many is one")
    func many() throws {
        func detect(_ bytes: [UInt8]) throws -> FileFormat { try FormatDetector.detect(MemoryByteSource(bytes)).format }
        #expect(try detect(Array(String(repeating: "0 ", count: 1_500_000).utf8)) == .text)
        #expect(try detect(Array(String(repeating: "        ", count: 400_000).utf8)) == .text)
        let fields = [UInt8](String(repeating: "0 ", count: 1_200_000).utf8)
        #expect(try detect(fields + TensorFlowBuilder.ordinary) == .tensorFlow)
        // Deeper inside nobody looks that far, and says so.
        let hidden = ProtobufBuilder.message { model in
            model.data(
                2,
                fields
                    + ProtobufBuilder.message { $0.data(2, TensorFlowBuilder.graph(TensorFlowBuilder.ordinaryGraph)) })
        }
        #expect(try detect(hidden) == .protobuf)
    }

    @Test("What is large is skipped: no more is read than the places between")
    func skipping() throws {
        /// A model with one tensor of so many zeros, none of which is in memory.
        struct Sparse: ByteSource {
            static let zeros: UInt64 = 40 << 30
            let head: [UInt8]
            let tail: [UInt8]
            let counter: Counter

            final class Counter {
                var bytes = 0
            }

            var sizeBytes: UInt64 { UInt64(head.count + tail.count) + Self.zeros }

            func read(at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) -> Int {
                let count = Int(min(UInt64(buffer.count), sizeBytes - min(offset, sizeBytes)))
                counter.bytes += count
                for index in 0..<count {
                    let place = offset + UInt64(index)
                    if place < UInt64(head.count) {
                        buffer[index] = head[Int(place)]
                    } else if place < UInt64(head.count) + Self.zeros {
                        buffer[index] = 0
                    } else {
                        buffer[index] = tail[Int(place - UInt64(head.count) - Self.zeros)]
                    }
                }
                return count
            }
        }
        let start = ProtobufBuilder.message { tensor in
            tensor.varint(1, Sparse.zeros)
            tensor.varint(2, 2)
            tensor.text(8, "w")
            tensor.tag(9, 2)
            tensor.raw(ProtobufBuilder.varint(Sparse.zeros))
        }
        let tensorBytes = UInt64(start.count) + Sparse.zeros
        let graph = ProtobufBuilder.message { graph in
            graph.tag(5, 2)
            graph.raw(ProtobufBuilder.varint(tensorBytes) + start)
        }
        let node = ProtobufBuilder.message { ONNXBuilder.node(&$0, "Add") }
        let head = ProtobufBuilder.message { model in
            model.varint(1, 8)
            model.tag(7, 2)
            model.raw(
                ProtobufBuilder.varint(UInt64(graph.count) + Sparse.zeros + UInt64(node.count)) + graph)
        }
        let source = Sparse(head: head, tail: node, counter: .init())
        #expect(try FormatDetector.detect(source).format == .onnx)
        let file = try ONNXReader.read(source)
        #expect(file.issues == [])
        #expect(file.parameterCount == Sparse.zeros)
        #expect(file.operators.map(\.type) == ["Add"])
        #expect(source.counter.bytes < 8 << 20)
    }
}
