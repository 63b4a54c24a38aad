/// The names by which pickles are judged.
enum PickleNames {
    /// Of each module what model files are made of: building it calls nothing that a file can choose.
    static let allowed: [String: Set<String>] = [
        "collections": [
            "OrderedDict", "defaultdict", "Counter", "deque", "ChainMap", "UserDict", "UserList", "UserString",
        ],
        // An array whose bytes stand in the file: who reads them as objects finds them judged.
        "joblib.numpy_pickle": ["NumpyArrayWrapper"],
        "array": ["array", "_array_reconstructor"],
        "builtins": [
            "set", "frozenset", "bytearray", "bytes", "complex", "slice", "range", "int", "float", "str", "dict",
            "list", "tuple", "bool", "object", "Ellipsis", "NotImplemented",
        ],
        "copyreg": ["_reconstructor"],
        "_codecs": ["encode"],
        "datetime": ["date", "datetime", "time", "timedelta", "timezone"],
        "decimal": ["Decimal"],
        "fractions": ["Fraction"],
        "uuid": ["UUID", "SafeUUID"],
        "pathlib": ["PosixPath", "WindowsPath", "PurePosixPath", "PureWindowsPath", "Path", "PurePath"],
        "pathlib._local": ["PosixPath", "WindowsPath", "PurePosixPath", "PureWindowsPath", "Path", "PurePath"],
        "argparse": ["Namespace"],
        "types": ["SimpleNamespace"],
        // A pattern that was compiled, and a logger by its name.
        "re": ["_compile", "RegexFlag"],
        "logging": ["getLogger"],
        "numpy": [
            "dtype", "ndarray", "bool_", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
            "float16", "float32", "float64", "complex64", "complex128", "str_", "bytes_", "void", "datetime64",
            "timedelta64", "longlong", "ulonglong", "intc", "uintc",
        ],
        "numpy.core.multiarray": ["_reconstruct", "scalar"],
        "numpy._core.multiarray": ["_reconstruct", "scalar"],
        "numpy.core.numeric": ["_frombuffer"],
        "numpy._core.numeric": ["_frombuffer"],
        "numpy.ma.core": ["_mareconstruct", "MaskedArray"],
        "numpy.dtypes": [
            "Float16DType", "Float32DType", "Float64DType", "Int8DType", "Int16DType", "Int32DType", "Int64DType",
            "UInt8DType", "UInt16DType", "UInt32DType", "UInt64DType", "BoolDType", "StrDType", "BytesDType",
            "ObjectDType", "Complex64DType", "Complex128DType",
        ],
        "numpy.random._pickle": [
            "__randomstate_ctor", "__generator_ctor", "__bit_generator_ctor",
        ],
        "numpy.random._mt19937": ["MT19937"], "numpy.random._pcg64": ["PCG64", "PCG64DXSM"],
        "numpy.random._philox": ["Philox"], "numpy.random._sfc64": ["SFC64"],
        "numpy.random": ["RandomState"], "numpy.ma": ["MaskedArray"],
        "numpy.random.bit_generator": ["SeedSequence", "__pyx_unpickle_SeedSequence"],
        "torch": [
            "Size", "device", "dtype", "Tensor", "BoolTensor", "ByteTensor", "CharTensor", "ShortTensor", "IntTensor",
            "LongTensor", "HalfTensor", "BFloat16Tensor", "FloatTensor", "DoubleTensor", "strided", "sparse_coo",
            "sparse_csr", "float16", "float32", "float64", "bfloat16", "half", "float", "double", "int8", "int16",
            "int32", "int64", "uint8", "uint16", "uint32", "uint64", "short", "int", "long", "bool", "complex32",
            "complex64", "complex128", "qint8", "quint8", "qint32", "quint4x2", "quint2x4", "float8_e4m3fn",
            "float8_e5m2", "float8_e4m3fnuz", "float8_e5m2fnuz", "per_tensor_affine", "per_channel_affine",
            "per_tensor_symmetric", "per_channel_symmetric", "contiguous_format", "channels_last", "preserve_format",
            "Generator",
        ],
        "torch.storage": ["TypedStorage", "UntypedStorage", "_TypedStorage", "_UntypedStorage"],
        "torch._utils": [
            "_rebuild_tensor", "_rebuild_tensor_v2", "_rebuild_tensor_v3", "_rebuild_parameter",
            "_rebuild_parameter_with_state", "_rebuild_qtensor", "_rebuild_sparse_tensor",
            "_rebuild_sparse_csr_tensor", "_rebuild_device_tensor_from_numpy", "_rebuild_meta_tensor_no_storage",
            "_rebuild_wrapper_subclass", "_rebuild_nested_tensor", "_rebuild_device_tensor_from_cpu_tensor",
        ],
        "torch._tensor": ["_rebuild_from_type_v2", "Tensor"],
        "torch.nn.parameter": ["Parameter", "Buffer", "UninitializedParameter"],
        "torch.serialization": ["_get_layout"],
        "torch.distributed._shard.sharding_spec.api": ["EnumerableShardingSpec"],
        "scipy.sparse._csr": ["csr_matrix", "csr_array"], "scipy.sparse.csr": ["csr_matrix"],
        "scipy.sparse._csc": ["csc_matrix", "csc_array"], "scipy.sparse.csc": ["csc_matrix"],
    ]

    /// Packages whose classes people save with their models. Building one runs what the package chose, so that somebody
    /// has to know the package and its version.
    static let libraries: Set<String> = [
        "sklearn", "xgboost", "lightgbm", "catboost", "spacy", "thinc", "transformers", "tokenizers", "ultralytics",
        "pandas", "scipy", "numpy", "torch", "torchvision", "torchaudio", "keras", "tensorflow", "joblib", "fastai",
        "fastcore", "sentence_transformers", "pytorch_lightning", "lightning", "lightning_fabric", "omegaconf",
        "antlr4", "fairseq", "diffusers", "peft", "timm", "gensim", "statsmodels", "imblearn", "hdbscan", "umap",
        "pyarrow", "networkx", "nltk", "mlflow", "flair", "speechbrain", "nemo", "detectron2", "mmengine", "mmcv",
        "stable_baselines3", "gymnasium", "gym", "accelerate", "deepspeed", "datasets", "huggingface_hub", "jax",
        "jaxlib", "flax", "optax", "paddle", "mxnet", "onnx", "quantile_forest", "prophet", "pmdarima", "skops",
        "ngboost", "interpret", "ray", "category_encoders", "collections", "datetime", "enum", "re", "typing",
        "dataclasses",
        "argparse", "random", "string", "numbers", "ipaddress", "zoneinfo", "array", "_collections_abc", "__torch__",
    ]

    /// With everything beneath them.
    static let dangerousModules: Set<String> = [
        // Programs and processes.
        "os", "posix", "nt", "posixpath", "ntpath", "genericpath", "subprocess", "_posixsubprocess", "pty", "commands",
        "multiprocessing", "_multiprocessing", "concurrent", "threading", "_thread", "signal", "_winapi", "winreg",
        "_winreg", "msvcrt", "_osx_support", "_aix_support", "_pyrepl", "pexpect", "sh", "plumbum", "fabric", "invoke",
        "paramiko", "asyncssh", "popen2", "popen", "platform", "resource", "sched", "pwd", "crypt", "spwd", "grp",
        "antigravity", "this", "turtle", "tkinter", "_tkinter", "curses", "_curses", "readline", "pipes", "nis",
        "_interpreters", "_xxsubinterpreters", "interpreters", "_testcapi", "_testinternalcapi", "_wmi", "win32api",
        "win32com", "docker", "kubernetes", "celery", "git",
        // Code and what runs it.
        "sys", "builtins", "code", "codeop", "runpy", "marshal", "importlib", "_frozen_importlib",
        "_frozen_importlib_external", "pkgutil", "zipimport", "_imp", "imp", "ctypes", "_ctypes", "cffi",
        "_cffi_backend",
        "operator", "_operator", "functools", "_functools", "types", "inspect", "ast", "dis", "symtable", "tokenize",
        "lib2to3", "idlelib", "cProfile", "profile", "_lsprof", "pdb", "bdb", "timeit", "trace", "doctest", "unittest",
        "test", "pydoc", "pydoc_data", "site", "sitecustomize", "usercustomize", "venv", "ensurepip", "pip",
        "setuptools",
        "distutils", "_distutils_hack", "pkg_resources", "py_compile", "compileall", "rlcompleter", "atexit", "gc",
        "weakref", "warnings", "linecache", "traceback", "faulthandler", "contextlib", "string.Formatter", "jinja2",
        "mako", "IPython", "ipykernel", "nbconvert", "pytest", "_pytest", "nose", "execnet", "RestrictedPython",
        "modulefinder", "pyclbr", "tabnanny", "zipapp", "annotationlib", "contextvars", "cmd", "fire", "hydra",
        "numexpr",
        "sympy.parsing",
        "pyximport", "Cython", "numba", "llvmlite", "cloudpickle", "dill", "pickle", "_pickle", "cPickle",
        "pickletools",
        "shelve", "dbm", "_dbm", "_gdbm", "sqlite3", "_sqlite3", "jsonpickle", "yaml", "ruamel", "hickle", "klepto",
        // Files and the network.
        "io", "_io", "_pyio", "codecs", "shutil", "tempfile", "fileinput", "glob", "linecache", "zipfile", "tarfile",
        "gzip", "bz2", "lzma", "mmap", "fcntl", "fsspec", "socket", "_socket", "socketserver", "ssl", "_ssl", "http",
        "httplib", "urllib", "urllib2", "urlparse", "urllib3", "requests", "httpx", "aiohttp", "asyncio", "ftplib",
        "smtplib", "smtpd", "telnetlib", "nntplib", "poplib", "imaplib", "xmlrpc", "xmlrpclib", "SimpleXMLRPCServer",
        "SimpleHTTPServer", "BaseHTTPServer", "SocketServer", "webbrowser", "cgi", "cgitb", "wsgiref", "select",
        "selectors", "boto3", "botocore", "google.cloud", "azure", "gdown", "wget", "logging", "configparser",
        "asyncore", "asynchat", "mailbox", "netrc", "gettext", "mimetypes", "filecmp", "aifc", "sunau", "wave",
        "sndhdr",
        "imghdr", "uu", "binhex", "quopri", "xml.sax", "xml.dom", "pymysql", "psycopg", "psycopg2", "redis", "pymongo",
        "sqlalchemy",
        // Parts of libraries that load, compile or run.
        "ray._private", "ray._common", "ray._raylet", "ray.util", "ray.cloudpickle", "ray.job_submission",
        "ray.dashboard", "ray.autoscaler", "ray.scripts", "ray.serve", "ray.actor", "ray.remote_function",
        "ray.worker", "ray.runtime_env", "ray.workflow", "ray.dag", "ray.experimental", "ray.client_builder",
        "ray.internal", "ray.core", "ray.data", "ray.cluster_utils", "ray.job_config", "ray.tune.registry",
        "ray.rllib.utils.from_config", "ray.rllib.utils.serialization", "ray.rllib.train", "ray.rllib.evaluate",
        "torch.hub", "torch.jit", "torch.package", "torch.utils.cpp_extension", "torch.utils.model_zoo",
        "torch.utils.bottleneck", "torch.utils.collect_env", "torch.utils._config_module", "torch.utils.checkpoint",
        "torch.utils.data.datapipes", "torch.utils.hipify", "torch.utils.benchmark", "torch.utils.mobile_optimizer",
        "torch.utils.backend_registration", "torch.utils.serialization", "torch.utils.jit", "torch.utils._pytree",
        "torch._inductor", "torch._dynamo", "torch.compiler",
        "torch._C", "torch.ops", "torch.classes", "torch.multiprocessing", "torch.distributed.elastic",
        "torch.distributed.run", "torch.distributed.launch", "torch.distributed.rpc", "torch.testing", "torch.onnx",
        "torch.fx", "torch.export", "torch.backends", "torch._export", "torch._subclasses", "torch.autograd.profiler",
        "numpy.f2py", "numpy.testing", "numpy.distutils", "numpy.ctypeslib", "numpy.compat",
        "numpy.lib.npyio", "numpy.lib._npyio_impl", "numpy.lib.format", "numpy.lib._format_impl",
        "numpy.lib._datasource", "numpy.lib.utils", "numpy.lib._utils_impl", "numpy.lib.user_array",
        "torch.distributed._shard.checkpoint", "torch.distributed.checkpoint", "torchvision.io",
        "tensorflow.raw_ops", "tensorflow.saved_model", "scipy.weave", "scipy.io", "pandas.io", "pandas.eval",
        "pandas.core.computation", "keras.utils",
        "keras.src.utils", "tensorflow.io", "tensorflow.python.lib.io", "sklearn.datasets", "joblib.externals",
        "joblib.memory", "joblib.parallel", "transformers.dynamic_module_utils", "transformers.utils.import_utils",
        "huggingface_hub", "datasets", "nltk.data", "nltk.downloader", "spacy.cli", "mlflow.pyfunc", "mlflow.projects",
        "setuptools", "wheel", "conda", "poetry", "pipenv", "virtualenv",
    ]

    /// Single things in those modules that do no more than they say, and that people do save: for a person to look at.
    static let harmlessInDangerous: Set<String> = [
        "builtins.type", "builtins.enumerate", "builtins.zip", "builtins.reversed", "builtins.sorted", "builtins.len",
        "builtins.abs", "builtins.min", "builtins.max", "builtins.sum", "builtins.round", "builtins.Exception",
        "builtins.ValueError", "builtins.TypeError", "builtins.KeyError", "builtins.IndexError",
        "builtins.RuntimeError", "builtins.StopIteration", "builtins.NotImplementedError", "builtins.ArithmeticError",
        "builtins.AssertionError", "builtins.AttributeError", "builtins.OSError", "types.MappingProxyType",
        "types.NoneType", "types.EllipsisType", "torch._C._nn.gelu", "torch._C._nn.silu", "torch._C._nn.softplus",
        "torch._C._nn.log_sigmoid", "torch._C._nn.hardsigmoid", "torch._C._nn.linear",
    ]

    /// Single things in modules that are not dangerous as a whole.
    static let dangerousNames: Set<String> = [
        "torch.load", "torch.save", "torch.serialization.load", "torch.serialization._load",
        "torch.storage._load_from_bytes", "torch.from_file", "torch.compile", "torch.import_ir_module",
        "torch.set_default_tensor_type",
        "joblib.load", "joblib.numpy_pickle.load", "joblib.numpy_pickle.load_compatibility",
        "joblib.numpy_pickle_utils._read_fileobject", "numpy.load", "numpy.loadtxt", "numpy.genfromtxt",
        "numpy.fromfile", "numpy.fromregex", "numpy.memmap", "numpy.save", "numpy.savetxt", "numpy.frompyfunc",
        "numpy.vectorize", "numpy.apply_along_axis", "numpy.piecewise", "numpy.fromiter", "numpy.fromfunction",
        "numpy.core._internal", "pandas.read_pickle", "pandas.read_csv", "pandas.read_json", "pandas.eval",
        "pandas.read_hdf", "pandas.read_sql", "uuid._get_command_stdout", "uuid._popen", "copyreg.add_extension",
        "copyreg.pickle", "copyreg.constructor", "collections.namedtuple", "dataclasses.make_dataclass",
        "typing.get_type_hints", "typing.ForwardRef", "enum.Enum", "random._os", "string.Template",
        "keras.models.load_model", "tensorflow.keras.models.load_model", "transformers.pipeline",
        "transformers.pipelines.pipeline", "itertools.starmap", "itertools.accumulate", "itertools.takewhile",
        "itertools.dropwhile",
        "itertools.filterfalse", "copy._reconstruct", "typing._eval_type", "string.Formatter", "sympy.sympify",
        "xml.etree.ElementTree.parse", "xml.etree.ElementTree.iterparse", "numpy.lib.DataSource", "numpy.DataSource",
        "numpy.ma.mrecords.fromtextfile", "pandas.HDFStore", "cupy.RawKernel", "cupy.RawModule",
        "tensorflow.py_function", "tensorflow.numpy_function", "keras.saving.deserialize_keras_object",
        "onnxruntime.InferenceSession", "ultralytics.YOLO", "nltk.download", "distributed.Client",
        "ray.init", "ray.remote", "ray.get", "ray.put", "ray.wait", "ray.client", "ray.method", "ray.tune.run",
        "ray.tune.run_experiments", "ray.tune.tune.run", "ray.tune.tune.run_experiments",
        "_codecs.decode", "_codecs.lookup",
        "_codecs.register", "_codecs.charmap_build",
    ]

    /// Parts of a path that lead out of whatever it begins in.
    static let dangerousSteps: Set<String> = [
        "os", "posix", "nt", "sys", "subprocess", "builtins", "importlib", "ctypes", "socket", "shutil", "pickle",
        "marshal", "runpy", "pty", "commands", "codeop", "imp", "_os", "_sys", "__builtin__", "nturl2path", "pydoc",
    ]

    /// Names that run something wherever they stand.
    static let dangerousCalls: Set<String> = [
        "eval", "exec", "execfile", "compile", "system", "popen", "Popen", "spawn", "fork", "execve", "execv", "execl",
        "check_output", "check_call", "getoutput", "getstatusoutput", "getattr", "setattr", "delattr", "globals",
        "locals", "breakpoint", "import_module", "run_module", "run_path", "load_library", "load_module",
        "from_file", "exec_command", "run_command", "create_connection", "urlopen", "urlretrieve", "loads",
        "read_pickle",
        "unpickle", "runcode", "runsource", "literal_eval", "memmap", "load_extension", "resolve_name", "methodcaller",
        "attrgetter", "apply", "reduce", "starmap",
        "load", "open", "unlink", "write_text", "write_bytes", "read_text", "read_bytes",
        "load_learner", "load_model", "from_checkpoint", "restore_from_path", "clone_from", "download_url",
    ]

    /// Modules that Python 2 named otherwise.
    static let renamed: [String: String] = [
        "__builtin__": "builtins", "copy_reg": "copyreg", "exceptions": "builtins", "cPickle": "pickle",
        "commands": "subprocess", "Queue": "queue", "UserDict": "collections", "UserList": "collections",
        "UserString": "collections", "StringIO": "io", "cStringIO": "io", "thread": "_thread",
        "dummy_thread": "_dummy_thread", "repr": "reprlib", "anydbm": "dbm", "dbhash": "dbm.bsd", "gdbm": "dbm.gnu",
        "dumbdbm": "dbm.dumb", "whichdb": "dbm", "httplib": "http.client", "urllib2": "urllib.request",
        "urlparse": "urllib.parse", "robotparser": "urllib.robotparser", "SocketServer": "socketserver",
        "Tkinter": "tkinter", "xmlrpclib": "xmlrpc.client", "_multiprocessing": "multiprocessing.context",
    ]

    /// Things that Python 2 had elsewhere.
    static let moved: [String: String] = [
        "__builtin__.xrange": "builtins.range", "__builtin__.unicode": "builtins.str",
        "__builtin__.long": "builtins.int",
        "__builtin__.basestring": "builtins.str", "__builtin__.reduce": "functools.reduce",
        "__builtin__.intern": "sys.intern", "__builtin__.unichr": "builtins.chr", "itertools.imap": "builtins.map",
        "itertools.ifilter": "builtins.filter", "itertools.izip": "builtins.zip",
        "itertools.ifilterfalse": "itertools.filterfalse",
    ]
}
