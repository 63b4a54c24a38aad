import Inspection
import ModelFormats

extension RuleSample {
    private static func pickle(
        _ title: String, _ version: UInt8? = 4, _ build: (inout PickleBuilder) -> Void
    ) -> Sample {
        Sample(title, name: "model.pkl", PickleBuilder.stream(version, build))
    }

    /// A tuple of twice a tuple of twice a tuple.
    private static func pickle(_ title: String, nested count: Int) -> Sample {
        pickle(title) { pickle in
            pickle.add(.emptyTuple)
            for _ in 0..<count {
                pickle.add(.dup)
                pickle.add(.tuple2)
            }
        }
    }

    private static func named(_ module: String, _ name: String) -> Sample {
        pickle("\(module).\(name)") { $0.call(module, name) }
    }

    /// A stream that is a text, under a name that promises no pickle.
    private static func text(_ title: String, _ text: String) -> Sample {
        Sample(title, name: "notes", text: text)
    }

    private static let plain = pickle("an ordered dictionary") { $0.call("collections", "OrderedDict") }

    static let pickles: [RuleSample] = [
        .init(.pickleDangerousGlobal, named("posix", "system"), butNot: named("collections", "OrderedDict")),
        .init(.pickleDangerousGlobal, named("__builtin__", "eval"), butNot: named("__builtin__", "set")),
        .init(.pickleDangerousGlobal, named("__builtin__", "execfile"), butNot: named("__builtin__", "unicode")),
        .init(.pickleDangerousGlobal, named("torch.hub", "load"), butNot: named("torch", "FloatStorage")),
        .init(.pickleDangerousGlobal, named("collections.abc", "sys"), butNot: named("collections", "Counter")),
        .init(.pickleDangerousGlobal, named("torch", "os.system"), butNot: named("torch", "Size")),
        .init(.pickleDangerousGlobal, named("mine", "Thing.__init__.__globals__"), butNot: named("mine", "Thing")),
        .init(.pickleDangerousGlobal, named("mine", "eval"), butNot: named("mine", "evaluate")),
        .init(.pickleDangerousGlobal, named("numpy.random._pickle", "os")),
        .init(.pickleDangerousGlobal, named("_interpreters", "run_string"), butNot: named("interpretation", "run")),
        .init(
            .pickleDangerousGlobal, named("contextvars", "Context.run"), butNot: named("contexts", "Context.running")),
        .init(.pickleDangerousGlobal, named("itertools", "accumulate"), butNot: named("itertools", "count")),
        .init(.pickleDangerousGlobal, named("sklearn.externals.joblib", "load"), butNot: named("sklearn", "loaded")),
        .init(.pickleDangerousGlobal, named("pathlib", "Path.write_text"), butNot: named("pathlib", "PosixPath")),
        .init(.pickleDangerousGlobal, named("wave", "open"), butNot: named("waves", "Wave")),
        .init(.pickleDangerousGlobal, named("cupy", "RawKernel"), butNot: named("cupy", "ndarray")),
        .init(.pickleDangerousGlobal, named("xml.sax", "parse"), butNot: named("xml.etree.ElementTree", "Element")),
        .init(
            .pickleDangerousGlobal, text("without a mark of its own", "Vos\nVsystem\nq\u{D3}(Vid\ntR."),
            butNot: text("nothing is called", "Vos\nVsystem\nq\u{D3}(Vid\nt0.")),
        .init(
            .pickleDangerousGlobal, text("an empty tuple on the side", "I0x1\n0(0cos\nsystem\n(Vid\ntR."),
            butNot: text("a list of words", "cos\ncosh\ncot\n")),
        .init(
            .pickleDangerousGlobal, text("INST", "I0x1\n0(Vid\nios\nsystem\n."),
            butNot: text("a list of systems", "ios\nandroid\nlinux\n")),
        .init(.pickleUnknownGlobal, named("mine", "Model"), butNot: named("numpy", "dtype")),
        .init(
            .pickleUnknownGlobal, Sample("a text", name: "model.bin", text: "I+1\n0cmine\nrun\n(Vid\ntR."),
            butNot: Sample("nothing is called", name: "model.bin", text: "I+1\n0cmine\nrun\n(Vid\nt0.")),
        .init(
            .fileLimit,
            Sample(
                "a text with many marks", name: "notes",
                text: "I+1\n0" + String(repeating: "(", count: 1 << 20 + 1) + "cos\nsystem\n(Vid\ntR."),
            butNot: text("a text with some marks", "I+1\n0" + String(repeating: "(", count: 5_000) + "x")),
        .init(
            .pickleExpensive, pickle("a size") { $0.called("builtins", "bytearray", .long1, [6, 0, 0, 0, 0, 0, 1]) },
            butNot: pickle("a small size") { $0.called("builtins", "bytearray", .long1, [3, 0, 0, 1]) }),
        .init(
            .pickleExpensive, pickle("digits") { $0.called("numpy", "ndarray", .long, Array("99999999999L\n".utf8)) },
            butNot: pickle("a number") { $0.called("fractions", "Fraction", .long, Array("99999999999L\n".utf8)) }),
        .init(
            .pickleExpensive,
            pickle("a tuple of the same", nested: 40), butNot: pickle("a tuple of the same", nested: 4)),
        .init(
            .pickleChangedGlobal,
            pickle("a logger") { pickle in
                pickle.call("logging", "getLogger")
                pickle.add(.emptyDict)
                pickle.add(.build)
            },
            butNot: pickle("names") { pickle in
                pickle.call("types", "SimpleNamespace")
                pickle.add(.emptyDict)
                pickle.add(.build)
            }),
        .init(.pickleUnknownGlobal, named("time", "struct_time"), butNot: named("collections", "ChainMap")),
        .init(.pickleLibraryGlobal, named("sklearn.svm._classes", "SVC"), butNot: named("mine", "SVC")),
        .init(
            .pickleHiddenName,
            pickle("escapes") { pickle in
                pickle.add(.unicode, line: #"o\u0073"#)
                pickle.add(.unicode, line: "system")
                pickle.add(.stackGlobal)
            },
            butNot: pickle("no escapes") { pickle in
                pickle.add(.unicode, line: "os")
                pickle.add(.unicode, line: "system")
                pickle.add(.stackGlobal)
            }),
        .init(.pickleHiddenName, named("оs", "system"), butNot: named("os", "system")),
        .init(
            .pickleComputedCall,
            pickle("two calls") { pickle in
                pickle.call("collections", "OrderedDict")
                pickle.add(.emptyTuple)
                pickle.add(.reduce)
            }, butNot: plain),
        .init(
            .pickleChangedGlobal,
            pickle("a class with new attributes") { pickle in
                pickle.global("collections", "OrderedDict")
                pickle.add(.emptyDict)
                pickle.add(.build)
            },
            butNot: pickle("an object with attributes") { pickle in
                pickle.call("collections", "OrderedDict")
                pickle.add(.emptyDict)
                pickle.add(.build)
            }),
        .init(.pickleExtensionCode, pickle("an extension") { $0.add(.extension1, [1]) }, butNot: plain),
        .init(.pickleOutsideObject, pickle("an identifier") { $0.add(.persistentID, line: "7") }, butNot: plain),
        .init(
            .pickleLateProtocol,
            pickle("a second protocol") { pickle in
                pickle.add(.proto, [4])
                pickle.add(.none)
            }, butNot: plain),
        .init(
            .pickleFrame,
            pickle("a frame that is too long") { pickle in
                pickle.add(.frame, [99, 0, 0, 0, 0, 0, 0, 0])
                pickle.add(.none)
            },
            butNot: pickle("a frame that is right") { pickle in
                pickle.add(.frame, [2, 0, 0, 0, 0, 0, 0, 0])
                pickle.add(.none)
            }),
        .init(
            .pickleMalformed, Sample("no STOP", name: "m.pkl", [0x80, 4, UInt8(ascii: "N")]),
            butNot: Sample("STOP", name: "m.pkl", [0x80, 4, UInt8(ascii: "N"), UInt8(ascii: ".")])),
        .init(
            .pickleTrailingBytes,
            Sample("more", name: "m.pkl", PickleBuilder.stream { $0.add(.none) } + Array("more".utf8)),
            butNot: Sample(
                "another stream", name: "m.pkl",
                PickleBuilder.stream { $0.add(.none) } + PickleBuilder.stream { $0.add(.none) })),
        .init(
            .pickleNested,
            carrying(PickleBuilder.stream { $0.call("somewhere", "Thing") }),
            butNot: carrying(PickleBuilder.stream { $0.call("collections", "OrderedDict") })),
        .init(
            .pickleNestedDangerous,
            carrying(PickleBuilder.stream { $0.call("os", "system") }),
            butNot: carrying(PickleBuilder.stream { $0.global("os", "system") })),
        .init(.pickleUnread, joblib(type: "Z8"), butNot: joblib(type: "f8")),
    ]

    private static func carrying(_ inner: [UInt8]) -> Sample {
        pickle("a pickle in a pickle") { $0.add(.shortBinBytes, [UInt8(inner.count)] + inner) }
    }

    private static func joblib(type: String) -> Sample {
        pickle("an array of \(type)") { pickle in
            pickle.stackGlobal("joblib.numpy_pickle", "NumpyArrayWrapper")
            pickle.add(.emptyTuple)
            pickle.add(.newObject)
            pickle.add(.emptyDict)
            pickle.add(.mark)
            pickle.text("shape")
            pickle.add(.binInt1, [1])
            pickle.add(.tuple1)
            pickle.text("dtype")
            pickle.global("numpy", "dtype")
            pickle.text(type)
            pickle.add(.tuple1)
            pickle.add(.reduce)
            pickle.add(.setItems)
            pickle.add(.build)
            pickle.raw([UInt8](repeating: 0, count: 8))
        }
    }
}
