/// What the files of model repositories ordinarily name.
enum RepositoryNames {
    /// `type` in the `modules.json` of sentence-transformers.
    static let sentenceTransformers = ["sentence_transformers.", "pylate.models.", "model2vec."]
    /// Activation functions that sentence-transformers makes by their names.
    static let activations = ["torch.nn."]
    /// `parent_library` in the `auto_mapping` of an adapter.
    static let parentLibraries = ["transformers.", "peft.", "diffusers."]
    /// `_target_` of Hydra and what copies it.
    static let targets = [
        "torch.nn.", "torch.optim.", "torchvision.transforms.", "torchmetrics.", "transformers.", "diffusers.",
        "pytorch_lightning.", "lightning.", "lightning_fabric.", "nemo.", "timm.", "peft.", "monai.", "omegaconf.",
        "speechbrain.", "torchtune.", "fairseq2.", "torchaudio.transforms.", "accelerate.", "sklearn.", "megatron.",
    ]
    /// What pickles have no reason to call and configurations of training name ordinarily: data and weights that are
    /// fetched by name or read as tables, and small things that run nothing a file can choose. For a person to look at.
    static let targetsToReview: Set<String> = [
        "huggingface_hub.hf_hub_download", "huggingface_hub.snapshot_download", "datasets.load_dataset",
        "datasets.load_from_disk", "pandas.read_csv", "pandas.read_json", "numpy.loadtxt", "numpy.genfromtxt",
        "sklearn.datasets.load_iris", "sklearn.datasets.load_digits", "sklearn.datasets.load_breast_cancer",
        "sklearn.datasets.fetch_openml", "sklearn.datasets.make_classification",
        "sklearn.datasets.make_regression", "keras.utils.image_dataset_from_directory",
        "keras.utils.text_dataset_from_directory", "torchvision.io.read_image", "torch.compile",
        "contextlib.nullcontext", "warnings.filterwarnings", "warnings.simplefilter", "multiprocessing.cpu_count",
        "os.cpu_count", "os.path.join", "torch.utils.checkpoint.checkpoint", "omegaconf.OmegaConf.load",
        "torch.distributed.checkpoint.FileSystemReader", "torch.distributed.checkpoint.FileSystemWriter",
    ]

    /// `megatron_core` of an adapter, which PEFT imports.
    static let megatron = ["megatron."]
    /// What tags of HyperPyYAML make.
    static let tagged = targets + ["torch.", "speechbrain.", "torchaudio.", "sentencepiece.", "hyperpyyaml."]

    /// `loader_module` of MLflow.
    static let loaders = ["mlflow."]
    /// Packages whose classes skops builds without being told to.
    static let skops = ["sklearn.", "numpy.", "scipy."]

    /// What a pipeline of diffusers takes its parts from: libraries, and folders of diffusers itself.
    static let pipelineLibraries: Set<String> = [
        "diffusers", "transformers", "optimum", "flax", "stable_diffusion", "stable_diffusion_xl", "stable_diffusion_3",
        "stable_diffusion_safe", "stable_diffusion_gligen", "stable_diffusion_k_diffusion", "alt_diffusion",
        "latent_diffusion", "latent_consistency_models", "deepfloyd_if", "kandinsky", "kandinsky2_2", "kandinsky3",
        "kandinsky5", "wuerstchen", "stable_cascade", "unidiffuser", "versatile_diffusion", "paint_by_example",
        "audioldm",
        "audioldm2", "musicldm", "spectrogram_diffusion", "shap_e", "unclip", "controlnet", "controlnet_sd3",
        "controlnet_xs", "controlnet_hunyuandit", "animatediff", "text_to_video_synthesis", "blip_diffusion",
        "pixart_alpha",
        "pixart_sigma", "lumina", "lumina2", "hunyuandit", "hunyuan_video", "hunyuan_image", "flux", "aura_flow",
        "amused",
        "marigold", "ledits_pp", "pag", "pia", "i2vgen_xl", "stable_video_diffusion", "stable_audio", "cogvideo",
        "cogview3", "cogview4", "mochi", "ltx", "allegro", "sana", "latte", "easyanimate", "consisid", "wan", "dit",
        "t2i_adapter", "semantic_stable_diffusion", "repaint", "score_sde_ve", "vq_diffusion", "stochastic_karras_ve",
        "onnxruntime", "onnx", "optimum.onnxruntime", "optimum.intel.openvino", "hidream_image", "omnigen", "qwenimage",
        "chroma", "bria", "visualcloze", "skyreels_v2", "cosmos", "ddpm", "ddim", "pndm", "lucy", "prx", "z_image",
    ]
}
