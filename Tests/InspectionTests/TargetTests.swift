import Inspection
import Testing

@Suite("Targets of configurations")
struct TargetTests {
    private func inspect(_ text: String) -> InspectionReport {
        Sample("targets", name: "config.yaml", text: text).inspect()
    }

    /// As projects of image classification, language modelling and speech write them.
    static let configurations = [
        """
        model:
          _target_: pytorch_lightning.LightningModule
          net: {_target_: torchvision.models.resnet50, weights: null}
          optimizer: {_target_: torch.optim.AdamW, _partial_: true, lr: 1.0e-3, weight_decay: 0.01}
          scheduler:
            _target_: torch.optim.lr_scheduler.CosineAnnealingLR
            _partial_: true
            T_max: 10
        datamodule:
          _target_: src.data.mnist_datamodule.MNISTDataModule
          transforms:
            - _target_: torchvision.transforms.Compose
            - _target_: torchvision.transforms.v2.ToImage
        trainer: {_target_: lightning.pytorch.trainer.Trainer, accelerator: gpu}
        logger: {_target_: lightning.pytorch.loggers.wandb.WandbLogger, project: a}
        callbacks:
          model_checkpoint: {_target_: lightning.pytorch.callbacks.ModelCheckpoint, monitor: val/acc}
          early_stopping: {_target_: lightning.pytorch.callbacks.EarlyStopping, patience: 3}
        """,
        """
        tokenizer:
          _target_: transformers.AutoTokenizer.from_pretrained
          pretrained_model_name_or_path: gpt2
        dataset:
          _target_: datasets.load_dataset
          path: wikitext
        weights: {_target_: huggingface_hub.hf_hub_download, repo_id: a/b, filename: c.bin}
        loader: {_target_: torch.utils.data.DataLoader, batch_size: 8}
        dtype: {_target_: torch.dtype}
        autocast: {_target_: contextlib.nullcontext}
        tune:
          scheduler: {_target_: ray.tune.schedulers.ASHAScheduler}
          table: {_target_: pandas.read_csv, filepath_or_buffer: train.csv}
        """,
        """
        encoder:
          _target_: nemo.collections.asr.modules.ConformerEncoder
          feat_in: 80
        preprocessor: {_target_: nemo.collections.asr.modules.AudioToMelSpectrogramPreprocessor}
        decoding:
          metric: {_target_: torchmetrics.text.WordErrorRate}
          path: {_target_: pathlib.Path}
          counts: {_target_: collections.OrderedDict}
          size: {_target_: builtins.int}
        """,
    ]

    @Test("Ordinary configurations are not blocked", arguments: TargetTests.configurations)
    func ordinary(text: String) {
        let report = inspect(text)
        #expect(report.verdict == .clean || report.verdict == .review, "\(report.findings)")
    }

    @Test(
        "A target that runs code, or leads to more of it, is blocked",
        arguments: [
            "os.system", "subprocess.Popen", "builtins.exec", "builtins.eval", "torch.load", "torch.hub.load",
            "pickle.loads", "datasets.os.system", "huggingface_hub.file_download.os.system", "ray.remote",
            "ray.util.client.connect", "hydra.utils.get_method", "importlib.import_module", "joblib.load",
            "pandas.read_pickle", "numpy.load", "os.path.os.system", "contextlib.sys",
        ])
    func dangerous(target: String) {
        #expect(inspect("a:\n  _target_: \(target)\n").verdict == .block)
        #expect(Sample.json("a", #"{"a":{"_target_":"\#(target)"}}"#).inspect().verdict == .block)
    }

    @Test("What a configuration may name for a person to look at is blocked in a pickle")
    func pickles() {
        let pickle = PickleBuilder.stream { $0.call("huggingface_hub", "hf_hub_download") }
        #expect(Sample("pickle", name: "m.pkl", pickle).inspect().verdict == .block)
        #expect(inspect("a: {_target_: huggingface_hub.hf_hub_download}").verdict == .review)
    }
}
