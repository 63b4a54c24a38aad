/// The messages of ONNX (`onnx/onnx.proto`, IR version 14) as far as their fields are told apart.
enum ONNXSchema {
    static let model = ProtobufSchema(
        "ModelProto",
        [
            1: .varint, 2: .bytes, 3: .bytes, 4: .bytes, 5: .varint, 6: .bytes, 7: .bytes, 8: .repeatedBytes,
            14: .repeatedBytes, 20: .repeatedBytes, 25: .repeatedBytes, 26: .repeatedBytes,
        ])
    static let graph = ProtobufSchema(
        "GraphProto",
        [
            1: .repeatedBytes, 2: .bytes, 5: .repeatedBytes, 10: .bytes, 11: .repeatedBytes, 12: .repeatedBytes,
            13: .repeatedBytes, 14: .repeatedBytes, 15: .repeatedBytes, 16: .repeatedBytes,
        ])
    static let node = ProtobufSchema(
        "NodeProto",
        [
            1: .repeatedBytes, 2: .repeatedBytes, 3: .bytes, 4: .bytes, 5: .repeatedBytes, 6: .bytes, 7: .bytes,
            8: .bytes, 9: .repeatedBytes, 10: .repeatedBytes,
        ])
    static let attribute = ProtobufSchema(
        "AttributeProto",
        [
            1: .bytes, 2: .fixed32, 3: .varint, 4: .bytes, 5: .bytes, 6: .bytes, 7: .fixed32s, 8: .varints,
            9: .repeatedBytes, 10: .repeatedBytes, 11: .repeatedBytes, 13: .bytes, 14: .bytes, 15: .repeatedBytes,
            20: .varint, 21: .bytes, 22: .bytes, 23: .repeatedBytes,
        ])
    static let tensor = ProtobufSchema(
        "TensorProto",
        [
            1: .varints, 2: .varint, 3: .bytes, 4: .fixed32s, 5: .varints, 6: .repeatedBytes, 7: .varints, 8: .bytes,
            9: .bytes, 10: .fixed64s, 11: .varints, 12: .bytes, 13: .repeatedBytes, 14: .varint, 16: .repeatedBytes,
        ])
    static let sparseTensor = ProtobufSchema("SparseTensorProto", [1: .bytes, 2: .bytes, 3: .varints])
    static let function = ProtobufSchema(
        "FunctionProto",
        [
            1: .bytes, 4: .repeatedBytes, 5: .repeatedBytes, 6: .repeatedBytes, 7: .repeatedBytes, 8: .bytes,
            9: .repeatedBytes, 10: .bytes, 11: .repeatedBytes, 12: .repeatedBytes, 13: .bytes, 14: .repeatedBytes,
            // Drafts of the format had the version and the status of a function here.
            2: .varint, 3: .varint,
        ])
    static let operatorSet = ProtobufSchema("OperatorSetIdProto", [1: .bytes, 2: .varint])
    static let training = ProtobufSchema(
        "TrainingInfoProto", [1: .bytes, 2: .bytes, 3: .repeatedBytes, 4: .repeatedBytes])
}
