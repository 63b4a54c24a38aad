import ModelFormats
import Testing

@Suite("TensorFlow")
struct TensorFlowReaderTests {
    private typealias Builder = TensorFlowBuilder

    private func read(_ bytes: [UInt8], _ limits: TensorFlowLimits = .standard) throws -> TensorFlowFile {
        try #require(try TensorFlowReader.read(MemoryByteSource(bytes), limits: limits))
    }

    @Test("An ordinary SavedModel is read without an issue")
    func ordinary() throws {
        let file = try read(Builder.ordinary)
        #expect(file.kind == .savedModel)
        #expect(file.issues == [])
        #expect(file.version == "2.15.0" && file.tags == ["serve"])
        #expect(file.operators.map(\.name) == ["Placeholder", "Const", "MatMul"])
        #expect(file.tensorCount == 1 && file.parameterCount == 2)
    }

    @Test("A graph by itself, and a meta graph, are read as what they are")
    func kinds() throws {
        let graph = Builder.graph(Builder.ordinaryGraph)
        #expect(try read(graph).kind == .graph)
        #expect(try read(ProtobufBuilder.message { $0.data(2, graph) }).kind == .metaGraph)
        #expect(try TensorFlowReader.read(MemoryByteSource(ONNXBuilder.ordinary)) == nil)
    }

    @Test("Nodes in functions are found, and where they are is said")
    func functions() throws {
        let file = try read(
            Builder.savedModel(graph: { graph in
                Builder.ordinaryGraph(&graph)
                graph.message(2) { library in
                    Builder.function(&library, "f") { Builder.node(&$0, "n", "Mine", field: 3) }
                }
            }))
        #expect(file.functions == ["f"])
        #expect(file.operators.last?.name == "Mine")
        #expect(file.operators.last?.place == "f: n")
    }

    private func places(_ bytes: [UInt8]) throws -> [TensorFlowFile.CheckpointUse.Place] {
        try read(bytes).checkpointUses.map(\.place)
    }

    @Test("What the saver of a SavedModel brings with it belongs to it")
    func saver() throws {
        #expect(try places(Builder.checkpointed()) == [.saver, .saver, .saver])
    }

    @Test("A saver that a result depends on is none")
    func savers() throws {
        // The function is called by another node, by a function, as an operator, or its result is given away.
        #expect(try places(Builder.checkpointed(save: "elsewhere:0")) == [.elsewhere, .elsewhere, .saver])
        let byFunction = Builder.checkpointed { library in
            Builder.function(&library, "evil") { Builder.call(&$0, "n", "traced_save", field: 3) }
        }
        #expect(try places(byFunction) == [.elsewhere, .elsewhere, .saver])
        let asOperator = Builder.checkpointed { library in
            Builder.function(&library, "evil") { Builder.node(&$0, "n", "traced_save", field: 3) }
        }
        #expect(try places(asOperator) == [.elsewhere, .elsewhere, .saver])
        let given = Builder.checkpointed(result: "StatefulPartitionedCall_1:0")
        #expect(try places(given) == [.elsewhere, .elsewhere, .elsewhere])
    }

    private func scoped(_ input: String, filename: String = "save/Const:0") -> [UInt8] {
        Builder.savedModel(
            graph: { graph in
                Builder.ordinaryGraph(&graph)
                Builder.node(&graph, "save/Const", "Const")
                Builder.node(&graph, "save/SaveV2", "SaveV2", inputs: ["save/Const", "w"])
                Builder.node(&graph, "save/RestoreV2", "RestoreV2", inputs: ["save/Const"])
                Builder.node(&graph, "z", "Identity", inputs: ["y", input])
            },
            more: { meta in
                meta.message(3) { saver in
                    saver.text(1, filename)
                    saver.text(2, "save/control_dependency:0")
                    saver.text(3, "save/restore_all")
                }
            })
    }

    @Test("A saver of TensorFlow 1 is a scope of names that nothing depends on")
    func scopes() throws {
        #expect(try places(scoped("x")) == [.saver, .saver])
        #expect(try places(scoped("^save/SaveV2")) == [.elsewhere, .elsewhere])
        #expect(try places(scoped("save/RestoreV2:1")) == [.elsewhere, .elsewhere])
    }

    @Test("In a graph without a saver the usual scope is told from others")
    func bare() throws {
        func graph(_ scope: String, _ input: String = "x") -> [UInt8] {
            Builder.graph { graph in
                Builder.node(&graph, "\(scope)SaveV2", "SaveV2")
                Builder.node(&graph, "z", "Identity", inputs: [input])
            }
        }
        #expect(try places(graph("save/")) == [.likeSaver])
        #expect(try places(graph("save_12/")) == [.likeSaver])
        #expect(try places(graph("save/", "^save/SaveV2")) == [.elsewhere])
        #expect(try places(graph("saves/")) == [.elsewhere])
        #expect(try places(graph("")) == [.elsewhere])
        // A SavedModel says what its savers are.
        let model = Builder.savedModel(graph: { Builder.node(&$0, "save/SaveV2", "SaveV2") })
        #expect(try places(model) == [.elsewhere])
    }

    @Test("A constant's data is compared with its shape")
    func constants() throws {
        func issues(_ shape: [UInt64], _ count: Int) throws -> [TensorFlowIssue.Kind] {
            try read(
                Builder.graph {
                    Builder.constant(&$0, "c", shape: shape, content: [UInt8](repeating: 0, count: count))
                }
            ).issues.map(\.kind)
        }
        #expect(try issues([2, 2], 16) == [])
        #expect(try issues([2, 2], 15) == [.tensorLength])
        #expect(try issues([.max], 4) == [.tensorShape])
        #expect(try issues([1 << 40, 1 << 40], 4) == [.tensorShape])
        #expect(try issues([1 << 28], 0) == [])
        #expect(try issues([1 << 29], 0) == [.expansion(1 << 31)])
    }

    @Test("Assets, collections and descriptions of objects are listed")
    func contents() throws {
        let file = try read(
            Builder.savedModel(more: { meta in
                meta.message(6) { $0.text(2, "vocab.txt") }
                meta.message(6) { $0.text(2, "../vocab.txt") }
                meta.entry(4, "saved_model_assets") { collection in
                    collection.message(5) { list in
                        list.message(1) { any in
                            any.text(1, "type.googleapis.com/tensorflow.AssetFileDef")
                            any.message(2) { $0.text(2, "/x") }
                        }
                    }
                }
                meta.message(7) { objects in
                    objects.message(1) { object in
                        object.message(4) { user in
                            user.text(1, "_tf_keras_layer")
                            user.text(3, "{}")
                        }
                    }
                }
            }))
        #expect(file.assets.map(\.name) == ["vocab.txt", "../vocab.txt", "/x"])
        #expect(file.assets.map { $0.defect == nil } == [true, false, false])
        #expect(file.payloads.map(\.type) == ["type.googleapis.com/tensorflow.AssetFileDef"])
        #expect(file.metadata.map(\.identifier) == ["_tf_keras_layer"])
        #expect(file.issues == [])
    }

    @Test("Arguments that say where an operator reads or writes are kept")
    func arguments() throws {
        let file = try read(
            Builder.graph { graph in
                Builder.node(&graph, "p", "PrintV2") { node in
                    // The value may stand before its key.
                    node.message(5) { entry in
                        entry.message(2) { $0.text(2, "file:///x") }
                        entry.text(1, "output_stream")
                    }
                }
                Builder.node(&graph, "d", "DebugIdentity") { node in
                    node.entry(5, "debug_urls") { value in value.message(1) { $0.text(2, "grpc://h") } }
                }
                Builder.node(&graph, "i", "Identity") { node in node.entry(5, "x") { $0.text(2, "y") } }
            })
        #expect(file.arguments.map(\.value) == ["file:///x", "grpc://h"])
    }

    @Test("Different operators, names of functions and names as such are limited")
    func limits() throws {
        var limits = TensorFlowLimits.standard
        limits.operatorsMax = 2
        #expect(throws: FormatFault.self) { try read(Builder.ordinary, limits) }
        limits = .standard
        limits.namesBytesMax = 100
        #expect(throws: FormatFault.self) { try read(Builder.checkpointed(), limits) }
        limits = .standard
        limits.nameBytesMax = 5
        #expect(throws: FormatFault.self) { try read(Builder.ordinary, limits) }
    }
}
