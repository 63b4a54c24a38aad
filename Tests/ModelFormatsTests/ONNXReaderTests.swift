import ModelFormats
import Testing

@Suite("ONNX")
struct ONNXReaderTests {
    private func read(_ bytes: [UInt8]) throws -> ONNXFile { try ONNXReader.read(MemoryByteSource(bytes)) }

    @Test("An ordinary model is read without an issue")
    func ordinary() throws {
        let file = try read(ONNXBuilder.ordinary)
        #expect(file.issues == [])
        #expect(file.irVersion == 8)
        #expect(file.operatorSet == 17)
        #expect(file.producer == "pytorch" && file.producerVersion == "2.1" && file.name == "main")
        #expect(file.operators.map(\.type) == ["Add"])
        #expect(file.tensorCount == 1 && file.parameterCount == 2)
    }

    @Test("Nodes are found wherever they can be: in subgraphs, functions, their defaults, and training")
    func everywhere() throws {
        let file = try read(
            ONNXBuilder.model(
                graph: { graph in
                    ONNXBuilder.node(&graph, "Loop") { node in
                        node.message(5) { attribute in
                            attribute.text(1, "body")
                            attribute.message(6) { ONNXBuilder.node(&$0, "A") }
                            attribute.message(11) { ONNXBuilder.node(&$0, "B") }
                        }
                    }
                },
                more: { model in
                    model.message(25) { function in
                        ONNXBuilder.node(&function, "C", field: 7)
                        function.message(11) { attribute in
                            attribute.message(6) { ONNXBuilder.node(&$0, "D") }
                        }
                        // The name may come last.
                        function.text(1, "f")
                        function.text(10, "local")
                    }
                    model.message(20) { training in
                        training.message(1) { ONNXBuilder.node(&$0, "E") }
                        training.message(2) { ONNXBuilder.node(&$0, "F", domain: "x") }
                    }
                }))
        #expect(file.operators.map(\.type) == ["A", "B", "Loop", "C", "D", "E", "F"])
        #expect(file.operators.last?.domain == "x")
        #expect(file.functions.map(\.name) == ["f"] && file.functions.map(\.domain) == ["local"])
    }

    private static func fields(_ build: @escaping (inout ProtobufBuilder) -> Void) -> [UInt8] {
        ProtobufBuilder.message(build)
    }

    /// The issues of a tensor with these dimensions, this type and these fields.
    private func issues(_ dims: [UInt64], _ type: UInt64, _ fields: [UInt8]) throws -> [ONNXIssue.Kind] {
        let model = ONNXBuilder.withGraph { graph in
            ONNXBuilder.tensor(&graph, "t", dims: dims, type: type) { $0.raw(fields) }
        }
        return try read(model).issues.map(\.kind)
    }

    private static func raw(_ count: Int) -> [UInt8] { fields { $0.data(9, [UInt8](repeating: 0, count: count)) } }

    @Test(
        "Data is as long as shape and type require, wherever it is",
        arguments: [
            ([2, 3], 1, raw(24)), ([], 11, raw(8)), ([0], 1, raw(0)), ([0], 1, []), ([3], 21, raw(2)),
            ([5], 25, raw(2)),
            ([2], 10, fields { $0.packed(5, [1, 2]) }),
            ([2], 14, fields { $0.data(4, [UInt8](repeating: 0, count: 16)) }),
            ([3], 22, fields { $0.packed(5, [0x21, 3]) }), ([2], 7, fields { $0.packed(7, [1, .max]) }),
            ([2], 8, fields { $0.text(6, "a") } + fields { $0.text(6, "") }),
            ([2], 11, fields { $0.data(10, [UInt8](repeating: 0, count: 16)) }),
            ([2], 13, fields { $0.packed(11, [1, 300]) }),
            ([2], 1, fields { $0.fixed32(4, 0) } + fields { $0.fixed32(4, 1) }),
        ] as [([UInt64], UInt64, [UInt8])])
    func data(dims: [UInt64], type: UInt64, fields: [UInt8]) throws {
        #expect(try issues(dims, type, fields) == [])
    }

    @Test(
        "Data that does not fit is an issue",
        arguments: [
            ([2, 3], 1, raw(23), .length), ([2, 3], 1, raw(25), .length), ([2], 1, [], .length),
            ([1 << 32, 1 << 32], 1, raw(4), .shape), ([.max], 1, raw(4), .shape), ([1 << 62], 1, raw(4), .length),
            ([2], 1, fields { $0.packed(5, [1, 2]) }, .field),
            ([1], 1, raw(4) + fields { $0.fixed32(4, 0) }, .twoPlaces),
            ([1], 1, raw(4) + fields { $0.entry(13, "location", "x") }, .twoPlaces),
            ([1], 8, raw(4), .length),
        ] as [([UInt64], UInt64, [UInt8], ONNXIssue.TensorDefect)])
    func wrongData(dims: [UInt64], type: UInt64, fields: [UInt8], defect: ONNXIssue.TensorDefect) throws {
        #expect(try issues(dims, type, fields) == [.tensor(defect)])
    }

    @Test("A type that does not exist is told")
    func type() throws {
        #expect(try issues([1], 27, Self.raw(4)) == [.unknownType(27)])
        #expect(try issues([1], 0, Self.raw(4)) == [.unknownType(0)])
    }

    private func external(_ entries: [(String, String)]) throws -> ONNXFile {
        try read(ONNXBuilder.model(graph: { ONNXBuilder.externalTensor(&$0, "w", entries) }))
    }

    @Test("Files with data are listed once, and ordinary entries are no issue")
    func externalFiles() throws {
        let file = try read(
            ONNXBuilder.model(graph: { graph in
                ONNXBuilder.externalTensor(
                    &graph, "a", [("location", "m.onnx.data"), ("offset", "4096"), ("length", "8")])
                ONNXBuilder.externalTensor(&graph, "b", [("location", "m.onnx.data"), ("checksum", "x")])
                ONNXBuilder.externalTensor(&graph, "c", [("location", "./d/part..2.bin")])
            }))
        #expect(file.issues == [])
        #expect(file.externalFiles.map(\.location) == ["m.onnx.data", "./d/part..2.bin"])
        #expect(file.externalFiles.allSatisfy { $0.defect == nil })
    }

    @Test(
        "Paths that leave the folder, on whichever system, are told",
        arguments: [
            "", "/etc/passwd", "../x", "a/../../x", "a/..", "C:x", "c:\\x", "\\\\host\\x", "a\\b", "..\\x", "~/x",
            "http://host/x", "file:///x", "a:stream", "a\u{0}b", "%2e%2e%2fx", "a/", "\u{7F}",
        ])
    func paths(location: String) throws {
        let file = try external([("location", location)])
        #expect(file.externalFiles.map { $0.defect != nil } == [true])
    }

    @Test(
        "Entries that readers understand differently are told",
        arguments: [
            ([("offset", "1")], .noLocation), ([("location", "a"), ("location", "b")], .repeatedKey),
            ([("location", "a"), ("offset", "-1")], .number), ([("location", "a"), ("offset", "0x10")], .number),
            ([("location", "a"), ("length", " 8")], .number), ([("location", "a"), ("length", "")], .number),
            ([("location", "a"), ("offset", "99999999999999999999")], .number),
            ([("location", "a"), ("__class__", "x")], .unknownKey),
            ([("location", String(repeating: "a", count: 2_000))], .tooLong),
        ] as [([(String, String)], ONNXIssue.ExternalDefect)])
    func entries(entries: [(String, String)], defect: ONNXIssue.ExternalDefect) throws {
        #expect(try external(entries).issues.map(\.kind).contains(.externalData(defect)))
    }

    @Test("Where data in a file would lie is compared with shape and type")
    func externalLength() throws {
        #expect(try external([("location", "a"), ("length", "9")]).issues.map(\.kind) == [.tensor(.length)])
        let end = "\(Int64.max)"
        #expect(try external([("location", "a"), ("offset", end)]).issues == [])
        let wide = try read(
            ONNXBuilder.model(graph: { graph in
                ONNXBuilder.tensor(&graph, "w", dims: [1 << 62], type: 2) { tensor in
                    tensor.entry(13, "location", "a")
                    tensor.entry(13, "offset", end)
                    tensor.varint(14, 1)
                }
            }))
        #expect(wide.issues == [])
    }

    @Test("A name counts in its own graph")
    func duplicates() throws {
        func initializer(_ graph: inout ProtobufBuilder) { ONNXBuilder.tensor(&graph, "w") }
        let twice = ONNXBuilder.withGraph { initializer(&$0) }
        #expect(try read(twice).issues.map(\.kind) == [.duplicateInitializer])
        let sparse = ONNXBuilder.withGraph { graph in
            graph.message(15) { ONNXBuilder.tensor(&$0, "w", field: 1) }
        }
        #expect(try read(sparse).issues.map(\.kind) == [.duplicateInitializer])
        let inner = ONNXBuilder.withGraph { graph in
            ONNXBuilder.node(&graph, "If") { node in
                node.message(5) { attribute in attribute.message(6) { initializer(&$0) } }
            }
        }
        #expect(try read(inner).issues == [])
    }

    @Test("Texts of the model, its graphs and functions are kept, within a limit")
    func texts() throws {
        let long = String(repeating: "x", count: 300 << 10)
        let file = try read(
            ONNXBuilder.model(
                graph: { graph in
                    graph.text(10, "about the graph")
                    graph.entry(16, "k", "v")
                    ONNXBuilder.node(&graph, "Add") { $0.text(6, "where it comes from") }
                },
                more: { model in
                    model.text(6, long)
                    model.entry(14, "names", "{}")
                }))
        #expect(file.texts.map(\.name) == ["doc_string", "k", "names"])
        #expect(file.texts.map { String(decoding: $0.bytes, as: UTF8.self) } == ["about the graph", "v", "{}"])
        #expect(file.textsDropped == 1)
    }

    @Test("A program in a file is listed with the files")
    func compiled() throws {
        func file(_ embedMode: UInt64) throws -> ONNXFile {
            try read(
                ONNXBuilder.model(graph: { graph in
                    ONNXBuilder.node(&graph, "EPContext", domain: "com.microsoft") { node in
                        node.message(5) { attribute in
                            attribute.text(1, "embed_mode")
                            attribute.varint(3, embedMode)
                        }
                        node.message(5) { attribute in
                            attribute.text(1, "ep_cache_context")
                            attribute.text(4, "../ctx.bin")
                        }
                    }
                }))
        }
        #expect(try file(0).externalFiles.map(\.location) == ["../ctx.bin"])
        #expect(try file(1).externalFiles.isEmpty)
    }
}
