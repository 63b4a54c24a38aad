/// The names by which descriptions of Keras models are judged.
enum KerasNames {
    /// Packages of the Keras project: what they export, a description may name.
    static let packages: Set<String> = [
        "keras", "tf_keras", "keras_core", "keras_hub", "keras_nlp", "keras_cv", "keras_rs",
    ]

    /// Other places at which the same package is found.
    static let prefixes = ["tensorflow.keras.", "tensorflow.python.keras.", "tf.keras."]

    /// Parts of the packages whose functions work on files, on the network or on Keras itself.
    static let dangerousAreas: Set<String> = [
        "utils", "saving", "config", "datasets", "export", "testing", "legacy_h5_format", "file_utils", "io_utils",
        "python_utils", "distribution", "remote", "tools", "scripts", "trainers_utils", "preset_utils",
        "upload_utils", "tuner",
    ]

    /// Classes and functions in those parts that models are made of.
    static let harmlessInAreas: Set<String> = [
        "to_categorical", "normalize", "pad_sequences", "gelu_approximate", "clone_initializer",
        "FeatureSpace", "Feature", "Cross", "CustomObjectScope", "SeedGenerator", "Sequence", "PyDataset",
    ]

    /// Functions that are not for a description to call, wherever in the packages they stand.
    static let dangerousFunctions: Set<String> = [
        "get_file", "enable_unsafe_deserialization", "disable_traceback_filtering", "extract_archive",
        "model_from_json",
        "model_from_config", "model_from_yaml", "clone_model", "from_config", "get_custom_objects",
        "get_registered_object", "func_load", "func_dump", "eval", "exec", "system", "popen", "import_module",
        "get_symbol_from_name", "plot_model", "array_to_img", "img_to_array", "snapshot", "run", "map_fn_in_process",
    ]

    /// How the names of further such functions begin.
    static let dangerousBeginnings = ["load_", "save_", "deserialize", "serialize", "download", "from_preset", "open_"]

    /// Classes that run or load what is not in the description.
    static let outsideModels: Set<String> = ["TFSMLayer"]
    static let pickles: Set<String> = ["TorchModuleWrapper"]

    /// What Python itself calls by these names, and no model needs.
    static let dangerousBuiltins: Set<String> = [
        "eval", "exec", "compile", "open", "__import__", "getattr", "setattr", "delattr", "globals", "locals", "vars",
        "dir", "input", "breakpoint", "help", "exit", "quit", "memoryview", "map", "filter", "type", "super", "print",
        "__build_class__", "__loader__", "copyright", "credits", "license", "classmethod", "staticmethod", "property",
        "iter", "next", "execfile", "file", "reload", "apply",
    ]

    /// Parts of the names of TensorFlow's functions that reach files, code or devices.
    static let dangerousOperations = [
        "io.", "raw_ops.", "py_function", "numpy_function", "load_op_library", "load_library", "saved_model.", "data.",
        "train.", "print", "debugging.", "summary.", "audio.", "image.decode", "strings.format", "distribute.",
        "experimental.",
    ]

    /// Operations of a graph that do so.
    static let dangerousNodes = [
        "ReadFile", "WriteFile", "PyFunc", "LoadLibrary", "Restore", "Save", "MatchingFiles", "PrintV2", "Rpc",
        "Reader", "TextLineDataset", "TFRecord", "ImmutableConst", "MergeV2Checkpoints",
    ]

    /// Members that tell a layer which file to read, when they are a text.
    static let pathMembers: Set<String> = [
        "vocabulary", "vocabulary_file", "vocab_file", "vocabulary_path", "vocab_path", "filepath", "file_path",
        "filename", "weights_path", "merges", "merges_file", "spm_path", "checkpoint_path", "saved_model_path",
        "model_path", "idf_weights_path",
    ]
}
