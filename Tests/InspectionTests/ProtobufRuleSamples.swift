import Inspection
import ModelFormats

extension Sample {
    static func onnx(_ title: String, _ bytes: [UInt8] = ONNXBuilder.ordinary) -> Sample {
        Sample(title, name: "model.onnx", bytes)
    }

    static func tensorFlow(_ title: String, _ bytes: [UInt8] = TensorFlowBuilder.ordinary) -> Sample {
        Sample(title, name: "saved_model.pb", bytes)
    }
}

extension RuleSample {
    static let messages = wire + onnxOperators + onnxContents + tensorFlowOperators + tensorFlowContents

    private static let wire: [RuleSample] = [
        .init(
            .protobufMalformed, .onnx("zeros behind", ONNXBuilder.ordinary + [0, 0, 0]),
            butNot: .onnx("nothing behind")),
        .init(.protobufMalformed, .onnx("no graph", [8, 8, 0x12, 2, 0x61, 0x62])),
        .init(.protobufTruncated, .onnx("cut", Array(ONNXBuilder.ordinary.dropLast())), butNot: .onnx("whole")),
        .init(
            .protobufDuplicateField, .onnx("two models", ONNXBuilder.ordinary + ONNXBuilder.ordinary),
            butNot: .onnx("two nodes", ONNXBuilder.withGraph { ONNXBuilder.node(&$0, "Relu") })),
        .init(
            .protobufUnknownField, .onnx("more", ONNXBuilder.model(more: { $0.text(99, "x") })),
            butNot: .onnx("a domain", ONNXBuilder.model(more: { $0.text(4, "org.example") }))),
        .init(
            .protobufWireType, .onnx("a text as a number", ONNXBuilder.model(more: { $0.varint(4, 1) })),
            butNot: .onnx("a text", ONNXBuilder.model(more: { $0.text(4, "x") }))),
    ]

    private static func operators(_ title: String, _ type: String, domain: String = "") -> Sample {
        .onnx(title, ONNXBuilder.withGraph { ONNXBuilder.node(&$0, type, domain: domain) })
    }

    private static func function(_ domain: String, _ name: String) -> Sample {
        .onnx(
            "\(domain).\(name)",
            ONNXBuilder.model(
                graph: { graph in
                    ONNXBuilder.ordinaryGraph(&graph)
                    ONNXBuilder.node(&graph, name, domain: domain)
                },
                more: { model in
                    model.message(25) { function in
                        function.text(1, name)
                        function.text(10, domain)
                        ONNXBuilder.node(&function, "Relu", field: 7)
                    }
                }))
    }

    private static let onnxOperators: [RuleSample] = [
        .init(
            .onnxDangerousOperator, operators("Python", "PyOp", domain: "ai.onnx.contrib"),
            butNot: operators("a library", "BertTokenizer", domain: "ai.onnx.contrib")),
        .init(.onnxDangerousOperator, operators("Python", "PythonOp", domain: "com.microsoft")),
        .init(.onnxDangerousOperator, operators("a service", "AzureTextToText", domain: "com.microsoft.extensions")),
        .init(
            .onnxCustomOperator, operators("a library", "Thing", domain: "org.example"),
            butNot: operators("built in", "MatMulNBits", domain: "com.microsoft")),
        .init(
            .onnxCustomOperator, operators("no standard", "Thing"), butNot: operators("standard", "Gelu")),
        .init(
            .onnxCustomOperator, operators("other standard", "Relu", domain: "ai.onnx.ml"),
            butNot: function("local", "Thing")),
        .init(.onnxShadowedOperator, function("", "MatMul"), butNot: function("pkg.torch", "MatMul")),
        .init(
            .onnxCompiledProgram, operators("compiled", "EPContext", domain: "com.microsoft"),
            butNot: operators("not compiled", "QGemm", domain: "com.microsoft")),
    ]

    private static func external(_ title: String, _ entries: [(String, String)]) -> Sample {
        .onnx(
            title,
            ONNXBuilder.model(graph: { graph in
                ONNXBuilder.node(&graph, "Add")
                ONNXBuilder.externalTensor(&graph, "w", entries)
            }))
    }

    private static func tensor(_ title: String, type: UInt64 = 1, _ name: String = "t", raw: Int) -> Sample {
        .onnx(
            title,
            ONNXBuilder.withGraph {
                ONNXBuilder.tensor(&$0, name, type: type, raw: [UInt8](repeating: 0, count: raw))
            })
    }

    private static let onnxContents: [RuleSample] = [
        .init(
            .onnxOutsideFile, external("outside", [("location", "../../etc/passwd")]),
            butNot: external("inside", [("location", "model..data")])),
        .init(
            .onnxExternalData, external("negative", [("location", "a"), ("offset", "-4")]),
            butNot: external("offset", [("location", "a"), ("offset", "4")])),
        .init(.onnxTensorData, tensor("short", raw: 7), butNot: tensor("right", raw: 8)),
        .init(.onnxUnknownType, tensor("type 99", type: 99, raw: 8), butNot: tensor("halves", type: 10, raw: 4)),
        .init(.onnxDuplicateInitializer, tensor("twice", "w", raw: 8), butNot: tensor("apart", "w2", raw: 8)),
        .init(
            .onnxTextCode, .onnx("code", ONNXBuilder.model(more: { $0.text(6, "__import__('os')") })),
            butNot: .onnx("prose", ONNXBuilder.model(more: { $0.text(6, "imports nothing, evaluates well") }))),
    ]

    private static func graph(_ title: String, _ operatorName: String, inFunction: Bool = false) -> Sample {
        .tensorFlow(
            title,
            TensorFlowBuilder.savedModel(graph: { graph in
                TensorFlowBuilder.ordinaryGraph(&graph)
                guard inFunction else { return TensorFlowBuilder.node(&graph, "n", operatorName) }
                graph.message(2) { library in
                    TensorFlowBuilder.function(&library, "f") {
                        TensorFlowBuilder.node(&$0, "n", operatorName, field: 3)
                    }
                }
            }))
    }

    private static func printing(to stream: String) -> Sample {
        .tensorFlow(
            stream,
            TensorFlowBuilder.savedModel(graph: { graph in
                TensorFlowBuilder.node(&graph, "p", "PrintV2") { node in
                    node.entry(5, "output_stream") { $0.text(2, stream) }
                }
            }))
    }

    private static func functionNamed(_ name: String) -> Sample {
        .tensorFlow(
            name,
            TensorFlowBuilder.savedModel(graph: { graph in
                TensorFlowBuilder.ordinaryGraph(&graph)
                graph.message(2) { library in
                    TensorFlowBuilder.function(&library, name) { TensorFlowBuilder.node(&$0, "n", "Add", field: 3) }
                }
            }))
    }

    private static let tensorFlowOperators: [RuleSample] = [
        .init(.tensorFlowDangerousOperator, graph("reads", "ReadFile"), butNot: graph("decodes", "DecodeJpeg")),
        .init(
            .tensorFlowDangerousOperator, graph("Python in a function", "EagerPyFunc", inFunction: true),
            butNot: graph("a call", "PartitionedCall", inFunction: true)),
        .init(.tensorFlowDangerousOperator, printing(to: "file:///x"), butNot: printing(to: "log(info)")),
        .init(
            .tensorFlowDangerousOperator, graph("saves", "SaveV2"),
            butNot: .tensorFlow("a saver", TensorFlowBuilder.checkpointed())),
        .init(
            .tensorFlowCheckpointOperator, graph("restores", "RestoreV2"),
            butNot: .tensorFlow("a saver", TensorFlowBuilder.checkpointed())),
        .init(
            .tensorFlowCheckpointOperator,
            Sample(
                "a graph with a saver", name: "graph.pb",
                TensorFlowBuilder.graph { TensorFlowBuilder.node(&$0, "save/SaveV2", "SaveV2") })),
        .init(.tensorFlowSystemOperator, graph("elsewhere", "RemoteCall"), butNot: graph("here", "PartitionedCall")),
        .init(.tensorFlowUnknownOperator, graph("a library", "IO>Thing"), butNot: graph("built in", "Einsum")),
        .init(.tensorFlowShadowedOperator, functionNamed("MatMul"), butNot: functionNamed("__inference_call_12")),
    ]

    private static func keras(_ description: String) -> Sample {
        Sample(
            description, name: "keras_metadata.pb",
            ProtobufBuilder.message { metadata in
                metadata.message(1) { object in
                    object.varint(2, 1)
                    object.text(3, "root.layer-0")
                    object.text(4, "_tf_keras_layer")
                    object.text(5, description)
                }
            })
    }

    private static let lambda =
        #"{"class_name": "La\u006dbda", "config": {"function": ["4wEAAA==", null, null], "function_type": "lambda"}}"#
    private static let dense = #"{"class_name": "Dense", "config": {"name": "Lambda", "units": 4}}"#

    private static func meta(_ title: String, _ more: (inout ProtobufBuilder) -> Void) -> Sample {
        .tensorFlow(title, TensorFlowBuilder.savedModel(more: more))
    }

    private static func payload(_ type: String) -> Sample {
        meta(type) { meta in
            meta.entry(4, "c") { collection in
                collection.message(5) { list in
                    list.message(1) { any in
                        any.text(1, "type.googleapis.com/\(type)")
                        any.message(2) { $0.text(2, "vocab.txt") }
                    }
                }
            }
        }
    }

    private static func constant(_ shape: [UInt64], _ count: Int) -> Sample {
        .tensorFlow(
            "\(shape)",
            TensorFlowBuilder.savedModel(graph: {
                TensorFlowBuilder.constant(&$0, "c", shape: shape, content: [UInt8](repeating: 0, count: count))
            }))
    }

    private static let tableEnd =
        [UInt8](repeating: 0xFF, count: 64) + [0x57, 0xFB, 0x80, 0x8B, 0x24, 0x75, 0x47, 0xDB]

    private static let tensorFlowContents: [RuleSample] = [
        .init(.kerasCode, keras(lambda), butNot: keras(dense)),
        .init(.kerasUnread, keras("{"), butNot: keras(dense)),
        .init(
            .tensorFlowOutsideAsset, meta("outside") { meta in meta.message(6) { $0.text(2, "../../x") } },
            butNot: meta("inside") { meta in meta.message(6) { $0.text(2, "vocab.txt") } }),
        .init(.tensorFlowPayload, payload("org.example.Thing"), butNot: payload("tensorflow.AssetFileDef")),
        .init(.tensorFlowTensorData, constant([2], 7), butNot: constant([2], 8)),
        .init(.tensorFlowExpansion, constant([1 << 30], 0), butNot: constant([1 << 20], 0)),
        .init(
            .tensorFlowTextGraph, Sample("text", name: "saved_model.pbtxt", text: "node { op: 'Add' }\n"),
            butNot: Sample("text", name: "a.txt", text: "node { op: 'Add' }\n")),
        .init(
            .tensorFlowDangerousOperator,
            Sample("text", name: "saved_model.pbtxt", text: "node {\n op :\"ReadFile\" }\n"),
            butNot: Sample("text", name: "saved_model.pbtxt", text: "node { stop: 'ReadFile' }\n")),
        .init(
            .tensorFlowVariables, Sample("values", name: "variables/variables.data-00000-of-00001", [1, 0, 2, 0xFF]),
            butNot: Sample("no values", name: "variables.data-0000-of-00001", [1, 0, 2, 0xFF])),
        .init(
            .tensorFlowVariables, Sample("index", name: "variables.index", tableEnd),
            butNot: Sample("no index", name: "variables.index", tableEnd + [0])),
    ]
}
