/// Writes models of ONNX for tests.
enum ONNXBuilder {
    typealias Message = ProtobufBuilder

    /// A model whose graph is as given: one node that adds, and one tensor, if nothing else is said.
    static func model(
        graph: (inout Message) -> Void = ordinaryGraph, more: (inout Message) -> Void = { _ in }
    ) -> [UInt8] {
        Message.message { model in
            model.varint(1, 8)
            model.text(2, "pytorch")
            model.text(3, "2.1")
            model.message(7) { inner in
                graph(&inner)
            }
            model.message(8) { set in
                set.text(1, "")
                set.varint(2, 17)
            }
            more(&model)
        }
    }

    static func ordinaryGraph(_ graph: inout Message) {
        node(&graph, "Add")
        graph.text(2, "main")
        tensor(&graph, "w")
    }

    static func node(
        _ graph: inout Message, _ type: String, domain: String = "", field: UInt64 = 1,
        _ more: (inout Message) -> Void = { _ in }
    ) {
        graph.message(field) { node in
            node.text(1, "x")
            node.text(1, "w")
            node.text(2, "y")
            node.text(4, type)
            if !domain.isEmpty { node.text(7, domain) }
            more(&node)
        }
    }

    /// A tensor of two floats, or what is made of it.
    static func tensor(
        _ graph: inout Message, _ name: String, dims: [UInt64] = [2], type: UInt64 = 1, raw: [UInt8]? = nil,
        field: UInt64 = 5, _ more: ((inout Message) -> Void)? = nil
    ) {
        graph.message(field) { tensor in
            for dimension in dims { tensor.varint(1, dimension) }
            tensor.varint(2, type)
            tensor.text(8, name)
            if let more {
                more(&tensor)
            } else {
                tensor.data(9, raw ?? [UInt8](repeating: 0, count: 8))
            }
        }
    }

    /// A tensor whose data is in a file.
    static func externalTensor(_ graph: inout Message, _ name: String, _ entries: [(String, String)]) {
        tensor(&graph, name) { tensor in
            for entry in entries { tensor.entry(13, entry.0, entry.1) }
            tensor.varint(14, 1)
        }
    }

    /// A model with the ordinary graph and more in it.
    static func withGraph(_ more: (inout Message) -> Void) -> [UInt8] {
        model(graph: { graph in
            ordinaryGraph(&graph)
            more(&graph)
        })
    }

    static let ordinary = model()
}
