import Inspection
import ModelFormats
import Testing

@Suite("Model repositories")
struct RepositoryInspectionTests {
    @Test(
        "The files of ordinary repositories are clean",
        arguments: [
            Sample.json(
                "adapter",
                #"{"peft_type":"LORA","auto_mapping":null,"base_model_name_or_path":"org/base","r":8}"#,
                name: "adapter_config.json"),
            .json(
                "preprocessor", #"{"image_processor_type":"CLIPImageProcessor","size":{"shortest_edge":224}}"#,
                name: "preprocessor_config.json"),
            .json(
                "sentence-transformers",
                #"{"__version__":{"sentence_transformers":"2.2.2","pytorch":"2.1"},"prompts":{}}"#,
                name: "config_sentence_transformers.json"),
            .json(
                "attention", #"{"model_type":"llama","_attn_implementation":"sdpa","attn_implementation":"eager"}"#),
            .modules("modules", "sentence_transformers.models.Normalize", path: "2_Normalize"),
            .pipeline("pipeline", #""safety_checker":["stable_diffusion","StableDiffusionSafetyChecker"]"#),
            Sample("git", name: ".gitattributes", text: "*.bin filter=lfs diff=lfs merge=lfs -text\n"),
            Sample("requirements", name: "requirements.txt", text: "transformers>=4.40\nnumpy\n"),
            .mlflow("MLflow", "    loader_module: mlflow.pytorch\n    python_version: 3.10.4\n"),
            .skops("skops", "sklearn.ensemble._forest", "RandomForestClassifier"),
        ])
    func clean(sample: Sample) {
        let report = sample.inspect()
        #expect(report.findings.map(\.rule) == [])
        #expect(report.verdict == .clean)
    }

    @Test("An index names the files that it needs, each once")
    func shards() {
        let index = Sample.json(
            "index", #"{"weight_map":{"a":"m-2.safetensors","b":"m-1.safetensors","c":"m-2.safetensors"}}"#,
            name: "model.safetensors.index.json")
        #expect(index.inspect()[.externalFiles] == "m-1.safetensors, m-2.safetensors")
    }

    @Test("A pointer in place of a file is undecided: the file is not here")
    func pointer() {
        let text = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"
        #expect(Sample("pointer", name: "model.safetensors", text: text).inspect().verdict >= .undecided)
    }

    @Test("What a file is for is told")
    func kinds() {
        #expect(Sample.mlflow("a", "    loader_module: mlflow.sklearn\n").inspect()[.generator] == "mlflow 2.9.2")
        let requirements = Sample("a", name: "requirements.txt", text: "torch\n")
        #expect(requirements.inspect()[.documentKind] == "requirements")
    }

    @Test("A key is found where it stands")
    func places() {
        let report = Sample.yaml("target", "a: 1\nb:\n  _target_: os.system\n").inspect()
        #expect(report.findings.map(\.place.offset) == [10])
        #expect(report.verdict == .block)
    }
}
