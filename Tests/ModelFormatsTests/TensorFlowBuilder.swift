/// Writes SavedModels and graphs of TensorFlow for tests.
enum TensorFlowBuilder {
    typealias Message = ProtobufBuilder

    static func savedModel(
        graph: (inout Message) -> Void = ordinaryGraph, more: (inout Message) -> Void = { _ in }
    ) -> [UInt8] {
        Message.message { model in
            model.varint(1, 1)
            model.message(2) { meta in
                meta.message(1) { info in
                    info.text(4, "serve")
                    info.text(5, "2.15.0")
                }
                meta.message(2) { graph(&$0) }
                more(&meta)
            }
        }
    }

    static func graph(_ build: (inout Message) -> Void) -> [UInt8] { Message.message(build) }

    static func node(
        _ graph: inout Message, _ name: String, _ operatorName: String, inputs: [String] = [], field: UInt64 = 1,
        _ more: (inout Message) -> Void = { _ in }
    ) {
        graph.message(field) { node in
            node.text(1, name)
            node.text(2, operatorName)
            for input in inputs { node.text(3, input) }
            more(&node)
        }
    }

    /// A node that calls a function.
    static func call(_ graph: inout Message, _ name: String, _ function: String, field: UInt64 = 1) {
        node(&graph, name, "StatefulPartitionedCall", field: field) { node in
            node.entry(5, "f") { value in
                value.message(10) { $0.text(1, function) }
            }
        }
    }

    static func function(_ library: inout Message, _ name: String, _ nodes: (inout Message) -> Void) {
        library.message(1) { function in
            function.message(1) { $0.text(1, name) }
            nodes(&function)
        }
    }

    /// A constant of floats.
    static func constant(_ graph: inout Message, _ name: String, shape: [UInt64], content: [UInt8]) {
        node(&graph, name, "Const") { node in
            node.entry(5, "value") { value in
                value.message(8) { tensor in
                    tensor.varint(1, 1)
                    tensor.message(2) { dims in
                        for size in shape { dims.message(2) { $0.varint(1, size) } }
                    }
                    tensor.data(4, content)
                }
            }
        }
    }

    static func ordinaryGraph(_ graph: inout Message) {
        node(&graph, "x", "Placeholder")
        constant(&graph, "w", shape: [2], content: [UInt8](repeating: 0, count: 8))
        node(&graph, "y", "MatMul", inputs: ["x", "w"])
    }

    static let ordinary = savedModel()

    /// A SavedModel as TensorFlow 2 writes it: a function that saves, one that restores, nodes that call them and a
    /// saver that names these.
    static func checkpointed(
        save: String = "StatefulPartitionedCall_1:0", result: String = "StatefulPartitionedCall:0",
        _ more: (inout Message) -> Void = { _ in }
    ) -> [UInt8] {
        savedModel(
            graph: { graph in
                call(&graph, "StatefulPartitionedCall", "wrapper")
                call(&graph, "StatefulPartitionedCall_1", "traced_save")
                call(&graph, "StatefulPartitionedCall_2", "traced_restore")
                graph.message(2) { library in
                    function(&library, "wrapper") { node(&$0, "y", "Identity", field: 3) }
                    function(&library, "traced_save") { body in
                        node(&body, "a", "ShardedFilename", field: 3)
                        node(&body, "b", "SaveV2", field: 3)
                        node(&body, "c", "MergeV2Checkpoints", field: 3)
                    }
                    function(&library, "traced_restore") { node(&$0, "a", "RestoreV2", field: 3) }
                    more(&library)
                }
            },
            more: { meta in
                meta.message(3) { saver in
                    saver.text(1, "saver_filename:0")
                    saver.text(2, save)
                    saver.text(3, "StatefulPartitionedCall_2")
                }
                meta.entry(5, "serving_default") { signature in
                    signature.entry(2, "y") { $0.text(1, result) }
                }
            })
    }
}
