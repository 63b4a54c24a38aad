/// The messages of TensorFlow as far as their fields are told apart (`tensorflow/core/protobuf`,
/// `tensorflow/core/framework`).
enum TensorFlowSchema {
    static let savedModel = ProtobufSchema("SavedModel", [1: .varint, 2: .repeatedBytes])
    static let metaGraph = ProtobufSchema(
        "MetaGraphDef",
        [
            1: .bytes, 2: .bytes, 3: .bytes, 4: .repeatedBytes, 5: .repeatedBytes, 6: .repeatedBytes, 7: .bytes,
        ])
    static let metaInfo = ProtobufSchema(
        "MetaInfoDef",
        [
            1: .bytes, 2: .bytes, 3: .bytes, 4: .repeatedBytes, 5: .bytes, 6: .bytes, 7: .varint, 8: .repeatedBytes,
        ])
    static let graph = ProtobufSchema(
        "GraphDef", [1: .repeatedBytes, 2: .bytes, 3: .varint, 4: .bytes, 5: .bytes])
    static let node = ProtobufSchema(
        "NodeDef",
        [1: .bytes, 2: .bytes, 3: .repeatedBytes, 4: .bytes, 5: .repeatedBytes, 6: .bytes, 7: .bytes])
    static let library = ProtobufSchema(
        "FunctionDefLibrary", [1: .repeatedBytes, 2: .repeatedBytes, 3: .repeatedBytes])
    static let function = ProtobufSchema(
        "FunctionDef",
        [
            1: .bytes, 2: .repeatedBytes, 3: .repeatedBytes, 4: .repeatedBytes, 5: .repeatedBytes, 6: .repeatedBytes,
            7: .repeatedBytes, 8: .repeatedBytes,
        ])
    static let operatorDefinition = ProtobufSchema(
        "OpDef",
        [
            1: .bytes, 2: .repeatedBytes, 3: .repeatedBytes, 4: .repeatedBytes, 5: .bytes, 6: .bytes, 8: .bytes,
            16: .varint, 17: .varint, 18: .varint, 19: .varint, 20: .repeatedBytes, 21: .varint,
        ])
    static let attribute = ProtobufSchema(
        "AttrValue",
        [
            1: .bytes, 2: .bytes, 3: .varint, 4: .fixed32, 5: .varint, 6: .varint, 7: .bytes, 8: .bytes, 9: .bytes,
            10: .bytes,
        ])
    static let list = ProtobufSchema(
        "ListValue",
        [
            2: .repeatedBytes, 3: .varints, 4: .fixed32s, 5: .varints, 6: .varints, 7: .repeatedBytes,
            8: .repeatedBytes, 9: .repeatedBytes,
        ])
    static let functionName = ProtobufSchema("NameAttrList", [1: .bytes, 2: .repeatedBytes])
    static let tensor = ProtobufSchema(
        "TensorProto",
        [
            1: .varint, 2: .bytes, 3: .varint, 4: .bytes, 5: .fixed32s, 6: .fixed64s, 7: .varints, 8: .repeatedBytes,
            9: .fixed32s, 10: .varints, 11: .varints, 12: .fixed64s, 13: .varints, 14: .repeatedBytes,
            15: .repeatedBytes, 16: .varints, 17: .varints, 18: .bytes,
        ])
    static let shape = ProtobufSchema("TensorShapeProto", [2: .repeatedBytes, 3: .varint])
    static let dimension = ProtobufSchema("TensorShapeProto.Dim", [1: .varint, 2: .bytes])
    static let saver = ProtobufSchema(
        "SaverDef", [1: .bytes, 2: .bytes, 3: .bytes, 4: .varint, 5: .varint, 6: .fixed32, 7: .varint])
    static let collection = ProtobufSchema(
        "CollectionDef", [1: .bytes, 2: .bytes, 3: .bytes, 4: .bytes, 5: .bytes])
    static let anyList = ProtobufSchema("AnyList", [1: .repeatedBytes])
    static let signature = ProtobufSchema(
        "SignatureDef", [1: .repeatedBytes, 2: .repeatedBytes, 3: .bytes, 4: .repeatedBytes])
    static let tensorInfo = ProtobufSchema(
        "TensorInfo", [1: .bytes, 2: .varint, 3: .bytes, 4: .bytes, 5: .bytes])
    static let asset = ProtobufSchema("AssetFileDef", [1: .bytes, 2: .bytes])
    static let objectGraph = ProtobufSchema("SavedObjectGraph", [1: .repeatedBytes, 2: .repeatedBytes])
    static let object = ProtobufSchema(
        "SavedObject",
        [
            1: .repeatedBytes, 3: .repeatedBytes, 4: .bytes, 5: .bytes, 6: .bytes, 7: .bytes, 8: .bytes, 9: .bytes,
            10: .bytes, 11: .repeatedBytes, 12: .bytes, 13: .bytes, 14: .bytes, 15: .repeatedBytes, 16: .bytes,
        ])
    static let userObject = ProtobufSchema("SavedUserObject", [1: .bytes, 2: .bytes, 3: .bytes])
    static let kerasMetadata = ProtobufSchema("SavedMetadata", [1: .repeatedBytes])
    static let kerasObject = ProtobufSchema(
        "SavedObject", [2: .varint, 3: .bytes, 4: .bytes, 5: .bytes, 6: .bytes])
    static let fingerprint = ProtobufSchema(
        "FingerprintDef", [1: .varint, 2: .varint, 3: .varint, 4: .varint, 5: .varint, 6: .bytes, 7: .bytes])
}
