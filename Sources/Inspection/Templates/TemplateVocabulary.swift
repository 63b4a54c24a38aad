/// What chat templates are made of, and what attacks on template engines are made of.
enum TemplateVocabulary {
    /// Double-underscore names that lead from a value to the interpreter.
    static let dunders: Set<String> = [
        "__class__", "__mro__", "__base__", "__bases__", "__subclasses__", "__globals__", "__builtins__", "__import__",
        "__init__", "__new__", "__dict__", "__getattribute__", "__getattr__", "__getitem__", "__call__", "__code__",
        "__func__", "__self__", "__module__", "__reduce__", "__reduce_ex__", "__loader__", "__spec__", "__closure__",
        "__defaults__", "__kwdefaults__", "__wrapped__", "__qualname__", "__doc__", "__set_name__", "__delattr__",
        "__setattr__", "__setitem__", "__del__", "__enter__", "__exit__", "__init_subclass__", "__subclasshook__",
        "__build_class__", "__debug__", "__file__", "__path__", "__package__", "__annotations__", "__format__",
        "__dir__", "__weakref__", "__slots__", "__iter__", "__next__", "__get__", "__set__", "__objclass__",
        "__context__", "__cause__", "__traceback__", "__html__", "__name__",
    ]

    /// Attributes that Jinja's sandbox calls unsafe, and those that end an attack.
    static let unsafeAttributes: Set<String> = [
        "mro", "func_globals", "func_code", "func_closure", "func_defaults", "im_func", "im_self", "im_class",
        "gi_frame",
        "gi_code", "gi_yieldfrom", "cr_frame", "cr_code", "cr_await", "cr_origin", "ag_frame", "ag_code", "ag_await",
        "f_globals", "f_locals", "f_builtins", "f_back", "f_code", "tb_frame", "tb_next", "co_code", "co_consts",
        "popen", "Popen", "system", "check_output", "check_call", "execv", "execve", "spawnl", "spawnv", "environ",
        "getoutput", "getstatusoutput", "subprocess", "importlib", "import_module", "import_string", "builtins",
        "eval", "exec", "execfile", "compile", "open", "globals", "locals", "get_data", "load_module", "catch_warnings",
        "os", "sys", "modules", "urlopen", "b64decode", "breakpoint", "fork", "kill",
    ]

    /// The subset of unsafe attributes that plain data may well be called: they matter only where they are called.
    static let unsafeOnlyIfCalled: Set<String> = [
        "system", "open", "compile", "exec", "eval", "environ", "kill", "modules", "os", "sys", "get_data", "fork",
        "globals", "locals", "breakpoint",
    ]

    /// Names that no template needs and that attacks start from, whether or not something else has that name too.
    static let unsafeNames: Set<String> = [
        "lipsum", "cycler", "joiner", "url_for", "get_flashed_messages", "getattr", "setattr", "delattr", "eval",
        "exec",
        "execfile", "globals", "locals", "vars", "importlib", "subprocess", "builtins", "popen", "breakpoint",
    ]

    /// Names that frameworks put into a template's context; harmless only if the template itself defines them.
    static let unsafeUnlessBound: Set<String> = [
        "self", "request", "config", "session", "g", "application", "app", "current_app", "environ", "os", "sys",
        "open",
        "compile", "get_env", "settings", "handler",
    ]

    static let functions: Set<String> = [
        "range", "dict", "namespace", "raise_exception", "strftime_now", "caller", "super", "loop", "_",
    ]

    /// Functions that templates call, and ask whether they are there; a part of one leads to the interpreter.
    static let onlyCalled: Set<String> = ["raise_exception", "strftime_now", "range", "dict"]

    static let methods: Set<String> = [
        "append", "extend", "insert", "pop", "remove", "index", "count", "copy", "get", "items", "keys", "values",
        "update", "setdefault", "split", "rsplit", "splitlines", "strip", "lstrip", "rstrip", "startswith", "endswith",
        "replace", "lower", "upper", "title", "capitalize", "join", "format", "find", "rfind", "rindex", "isdigit",
        "isalpha", "isalnum", "isspace", "isupper", "islower", "isnumeric", "isdecimal", "partition", "rpartition",
        "removeprefix", "removesuffix", "zfill", "ljust", "rjust", "center", "casefold", "swapcase", "reverse", "sort",
        "clear", "cycle", "changed", "strftime", "isoformat", "date", "expandtabs", "add", "union", "tojson",
    ]

    static let filters: Set<String> = [
        "abs", "batch", "capitalize", "center", "count", "d", "default", "dictsort", "e", "escape", "filesizeformat",
        "first", "float", "forceescape", "format", "from_json", "fromjson", "groupby", "indent", "int", "items", "join",
        "last", "length", "list", "lower", "map", "max", "min", "pprint", "random", "reject", "rejectattr", "replace",
        "reverse", "round", "safe", "select", "selectattr", "slice", "sort", "string", "striptags", "sum", "title",
        "tojson", "trim", "truncate", "unique", "upper", "urlencode", "wordcount", "wordwrap",
    ]

    /// Filters that read an attribute whose name they are given.
    static let attributeFilters: Set<String> = [
        "map", "selectattr", "rejectattr", "groupby", "sort", "unique", "sum", "min", "max", "join",
    ]

    static let tests: Set<String> = [
        "boolean", "callable", "defined", "divisibleby", "eq", "equalto", "escaped", "even", "false", "filter", "float",
        "ge", "greaterthan", "gt", "in", "integer", "iterable", "le", "lessthan", "lower", "lt", "mapping", "ne",
        "none",
        "None", "number", "odd", "sameas", "sequence", "string", "test", "true", "undefined", "upper", "True", "False",
    ]

    static let tags: Set<String> = [
        "if", "elif", "else", "endif", "for", "endfor", "set", "endset", "macro", "endmacro", "call", "endcall",
        "filter",
        "endfilter", "with", "endwith", "block", "endblock", "do", "continue", "break", "raw", "endraw", "autoescape",
        "endautoescape", "generation", "endgeneration",
    ]

    static let importTags: Set<String> = ["include", "import", "from", "extends"]

    static let keywords: Set<String> = [
        "and", "or", "not", "in", "is", "if", "else", "elif", "for", "recursive", "set", "true", "false", "none",
        "True",
        "False", "None", "with", "without", "context", "as", "ignore", "missing", "import", "from", "macro", "call",
        "filter", "block", "do", "scoped", "required",
    ]
}
