import Inspection
import ModelFormats

/// Descriptions of Keras models for tests.
enum KerasModel {
    /// A model of one layer.
    static func sequential(_ layer: String) -> String {
        #"{"class_name":"Sequential","config":{"name":"s","layers":[\#(layer)]}}"#
    }

    static func layer(_ name: String, _ config: String = #""units":3"#, module: String? = "keras.layers") -> String {
        let place = module.map { #""module":"\#($0)","registered_name":null,"# } ?? ""
        return #"{\#(place)"class_name":"\#(name)","config":{"name":"l",\#(config)}}"#
    }

    static func function(_ module: String, _ name: String) -> String {
        #"{"module":"\#(module)","class_name":"function","config":"\#(name)","registered_name":"function"}"#
    }

    /// A layer that calls a function, as newer descriptions write it.
    static func calling(_ module: String, _ name: String) -> String {
        layer("Activation", #""activation":\#(function(module, name))"#)
    }
}

extension Sample {
    static func keras(_ title: String, _ layer: String) -> Sample {
        .json(title, KerasModel.sequential(layer), name: "model.json")
    }

    /// The older format: a description among the attributes.
    static func h5(_ title: String, _ layer: String) -> Sample {
        Sample(
            title, name: "model.h5", HDF5Builder.ordinary([.text("model_config", KerasModel.sequential(layer))]))
    }

    /// The newer format: an archive.
    static func kerasArchive(_ title: String, _ layer: String) -> Sample {
        .zip(
            title,
            [
                .init("metadata.json", Array(#"{"keras_version":"3.4.1","date_saved":"2026-01-01"}"#.utf8)),
                .init("config.json", Array(KerasModel.sequential(layer).utf8)),
                .init("model.weights.h5", HDF5Builder.ordinary()),
            ], name: "model.keras")
    }

    static func hdf5(_ title: String, _ bytes: [UInt8]) -> Sample { Sample(title, name: "weights.h5", bytes) }
}

extension RuleSample {
    static let keras = kerasCode + kerasObjects + kerasFiles

    private static let dense = KerasModel.layer("Dense")
    private static let marshalled = #""function":["4wEAAAA=",null,null],"function_type":"lambda""#
    private static let named = #""function":"relu","function_type":"function""#

    private static let kerasCode: [RuleSample] = [
        .init(
            .kerasCode, .h5("marshalled", KerasModel.layer("Lambda", marshalled, module: nil)),
            butNot: .h5("named", KerasModel.layer("Lambda", named, module: nil))),
        .init(
            .kerasCode,
            .kerasArchive(
                "an object",
                KerasModel.layer(
                    "Lambda", #""function":{"class_name":"__lambda__","config":{"code":"4wEAAAA=","defaults":null}}"#)),
            butNot: .kerasArchive("none", dense)),
        .init(
            .kerasCode, .keras("source", KerasModel.layer("Lambda", #""function":"lambda x: x.real""#)),
            butNot: .json("another library", #"{"class_name":"Lambda","handler":"index.main"}"#)),
        .init(
            .kerasCode,
            .keras("an initializer", KerasModel.layer("Dense", #""bias":{"class_name":"__lambda__","config":{}}"#))),
        .init(
            .kerasNamedLambda, .keras("relu", KerasModel.layer("Lambda", named)), butNot: .keras("none", dense)),
        .init(
            .kerasEmbeddedPickle, .kerasArchive("torch", KerasModel.layer("TorchModuleWrapper", #""module":"gAI=""#)),
            butNot: .kerasArchive("none", KerasModel.layer("TimeDistributed", #""layer":\#(dense)"#))),
        .init(
            .kerasUnread, Sample("no JSON", name: "m.h5", HDF5Builder.ordinary([.text("model_config", "{NaN}")])),
            butNot: Sample("JSON", name: "m.h5", HDF5Builder.ordinary([.text("model_config", "{}")]))),
        .init(
            .kerasUnread,
            Sample("text", name: "m.h5", HDF5Builder.ordinary([.text("model_config", "Sequential")])),
            butNot: Sample("another name", name: "m.h5", HDF5Builder.ordinary([.text("title", "Sequential")]))),
    ]

    private static let kerasObjects: [RuleSample] = [
        .init(
            .kerasDangerousObject, .kerasArchive("os", KerasModel.calling("os", "system")),
            butNot: .kerasArchive("relu", KerasModel.calling("keras.activations", "relu"))),
        .init(
            .kerasDangerousObject, .h5("eval", KerasModel.calling("builtins", "eval")),
            butNot: .h5("a loss", KerasModel.calling("builtins", "mse"))),
        .init(
            .kerasDangerousObject, .keras("get_file", KerasModel.calling("keras.utils", "get_file")),
            butNot: .keras("a feature space", KerasModel.layer("FeatureSpace", module: "keras.utils"))),
        .init(
            .kerasDangerousObject,
            .keras("inside", KerasModel.calling("keras.src.utils.file_utils", "extract_archive")),
            butNot: .keras("inside", KerasModel.layer("Functional", module: "keras.src.models.functional"))),
        .init(
            .kerasDangerousObject,
            .keras("safe mode", KerasModel.calling("keras.config", "enable_unsafe_deserialization")),
            butNot: .keras("a policy", KerasModel.layer("DTypePolicy", module: "keras"))),
        .init(
            .kerasDangerousObject, .keras("a model", KerasModel.calling("keras.models", "load_model")),
            butNot: .keras("a model", KerasModel.layer("Sequential", module: "keras.models"))),
        .init(
            .kerasDangerousObject, .keras("a way through", KerasModel.calling("keras.layers", "core.os.system"))),
        .init(
            .kerasDangerousObject,
            .keras(
                "a type",
                KerasModel.layer(
                    "Dense", #""t":{"class_name":"__typespec__","spec_name":"Popen","module":"subprocess"}"#)),
            butNot: .keras(
                "a type",
                KerasModel.layer(
                    "Dense",
                    #""t":{"class_name":"__typespec__","spec_name":"TensorSpec","#
                        + #""module":"tensorflow.python.framework.tensor_spec"}"#))),
        .init(
            .kerasDangerousObject,
            .h5("an operation", KerasModel.layer("TFOpLambda", #""function":"io.read_file""#, module: nil)),
            butNot: .h5("an operation", KerasModel.layer("TFOpLambda", #""function":"math.multiply""#, module: nil))),
        .init(
            .kerasDangerousObject,
            .h5("a node", KerasModel.layer("TensorFlowOpLayer", #""node_def":"{\"op\":\"ReadFile\"}""#, module: nil)),
            butNot: .h5("a node", KerasModel.layer("TensorFlowOpLayer", #""node_def":"{\"op\":\"Mul\"}""#, module: nil))
        ),
        .init(
            .kerasDangerousObject,
            .keras("a helper", KerasModel.calling("keras_hub.src.utils.preset_utils", "load_json")),
            butNot: .keras("a helper", KerasModel.calling("keras_nlp.src.utils.keras_utils", "gelu_approximate"))),
        .init(
            .kerasCustomObject, .keras("a package", KerasModel.layer("other.layers>Thing", module: nil)),
            butNot: .keras("a package", KerasModel.layer("keras_cv.layers>Thing", module: nil))),
        .init(
            .kerasCustomObject, .kerasArchive("of a project", KerasModel.layer("Thing", module: "project.layers")),
            butNot: .kerasArchive("of a library of Keras", KerasModel.layer("Thing", module: "keras_hub.layers"))),
        .init(
            .kerasCustomObject, .h5("without a place", KerasModel.layer("MyLayer", module: nil)),
            butNot: .h5("without a place", KerasModel.layer("LogSoftmax", module: nil))),
        .init(
            .kerasCustomObject, .keras("registered", KerasModel.layer("Custom>Thing", module: nil)),
            butNot: .json("no model", #"{"items":[{"class_name":"Thing","config":{}}]}"#)),
    ]

    private static let kerasFiles: [RuleSample] = [
        .init(
            .kerasOutsideFile,
            .kerasArchive("a path", KerasModel.layer("StringLookup", #""vocabulary":"/etc/passwd""#)),
            butNot: .kerasArchive("a list", KerasModel.layer("StringLookup", #""vocabulary":["/etc/passwd"]"#))),
        .init(
            .kerasOutsideFile, .keras("an address", KerasModel.layer("TextVectorization", #""vocabulary":"gs://b/v""#)),
            butNot: .keras("none", KerasModel.layer("TextVectorization", #""vocabulary":null"#))),
        .init(
            .kerasOutsideFile, .keras("a folder up", KerasModel.layer("IntegerLookup", #""vocabulary":"a/../../v""#))),
        .init(
            .kerasOutsideFile, .keras("a name", #"{"class_name":"Dense","config":{"name":"/tmp/x"}}"#),
            butNot: .keras("a name", #"{"class_name":"Dense","config":{"name":"block/dense_1"}}"#)),
        .init(
            .kerasOutsideFile, .keras("a SavedModel", KerasModel.layer("TFSMLayer", #""filepath":"model""#)),
            butNot: .keras("a layer", KerasModel.layer("Dense"))),
        .init(
            .kerasRelativeFile, .keras("beside", KerasModel.layer("StringLookup", #""vocabulary":"vocab.txt""#)),
            butNot: .keras("empty", KerasModel.layer("StringLookup", #""vocabulary":"""#))),
    ]

    static let hdf5: [RuleSample] = [
        .init(
            .hdf5Malformed, .hdf5("an address outside", HDF5Builder.ordinary([.link("x", 1 << 30)])),
            butNot: .hdf5("no such address", HDF5Builder.ordinary())),
        .init(
            .hdf5Truncated, .hdf5("cut", Array(HDF5Builder.ordinary().dropLast(8))),
            butNot: .hdf5("whole", HDF5Builder.ordinary())),
        .init(
            .hdf5TrailingBytes, .hdf5("more", HDF5Builder.ordinary() + Array("more".utf8)),
            butNot: .hdf5("zeros", HDF5Builder.ordinary() + [0, 0, 0, 0])),
        .init(
            .hdf5UserBlock, .hdf5("a byte", [0xFF] + userBlock.dropFirst()), butNot: .hdf5("zeros", userBlock)),
        .init(
            .hdf5Overlap, .hdf5("shared", HDF5Builder.dataset { $0.chunks([6], [(96, 9), (104, 8)]) }),
            butNot: .hdf5("apart", HDF5Builder.dataset { $0.chunks([6], [(96, 8), (104, 8)]) })),
        .init(
            .hdf5Unread,
            .hdf5("another layout", HDF5Builder.dataset { _ in [.space([6]), .floats, .init(8, [9, 0])] }),
            butNot: .hdf5("one that is known", HDF5Builder.dataset { _ in contiguous })),
        .init(
            .hdf5ExternalLink, .hdf5("away", HDF5Builder.ordinary([.externalLink("x", "/etc/passwd", "/")])),
            butNot: .hdf5("within", HDF5Builder.ordinary([.softLink("x", "/etc/passwd")]))),
        .init(
            .hdf5ExternalStorage, .hdf5("away", HDF5Builder.dataset { $0.external("/etc/passwd") }),
            butNot: .hdf5("here", HDF5Builder.dataset { _ in contiguous })),
        .init(
            .hdf5VirtualDataset, .hdf5("away", HDF5Builder.dataset { $0.virtual("other.h5") }),
            butNot: .hdf5("here", HDF5Builder.dataset { _ in contiguous })),
        .init(
            .hdf5UserDefinedLink, .hdf5("its own", HDF5Builder.ordinary([.userLink("x")])),
            butNot: .hdf5("a soft one", HDF5Builder.ordinary([.softLink("x", "/w")]))),
        .init(
            .hdf5FilterPlugin, .hdf5("blosc", HDF5Builder.ordinary([.filter(32_001)])),
            butNot: .hdf5("deflate", HDF5Builder.ordinary([.filter(1)]))),
        .init(
            .hdf5ShapeBomb, .hdf5("terabytes", HDF5Builder.dataset { $0.chunks([1 << 20, 1 << 20], [(96, 8)]) }),
            butNot: .hdf5("kilobytes", HDF5Builder.dataset { $0.chunks([16, 16], [(96, 8)]) })),
    ]

    /// The messages of a dataset in one piece.
    private static let contiguous: [HDF5Builder.Message] = [.space([6]), .floats, .contiguous(96, 24)]

    private static let userBlock: [UInt8] = {
        var builder = HDF5Builder()
        builder.endShift = 512
        return [UInt8](repeating: 0, count: 512) + builder.build([])
    }()
}
