import ModelFormats
import Testing

@Suite("Arrays of joblib")
struct JoblibArrayTests {
    private func read(_ bytes: [UInt8]) throws -> PickleFile {
        try PickleReader.read(MemoryByteSource(bytes))
    }

    /// A wrapper without its state.
    private static func wrapper(_ pickle: inout PickleBuilder) {
        pickle.stackGlobal("joblib.numpy_pickle", "NumpyArrayWrapper")
        pickle.add(.emptyTuple)
        pickle.add(.newObject)
    }

    /// A type with the state that NumPy gives it.
    private static func type(_ pickle: inout PickleBuilder, _ name: String, size: UInt8? = nil, flags: UInt8 = 0) {
        pickle.stackGlobal("numpy", "dtype")
        pickle.text(name)
        pickle.add(.newFalse)
        pickle.add(.newTrue)
        pickle.add(.tuple3)
        pickle.add(.reduce)
        pickle.add(.mark)
        pickle.add(.binInt1, [3])
        pickle.text("<")
        for _ in 0..<3 { pickle.add(.none) }
        for _ in 0..<2 {
            if let size { pickle.add(.binInt1, [size]) } else { pickle.add(.binInt, [0xFF, 0xFF, 0xFF, 0xFF]) }
        }
        pickle.add(.binInt1, [flags])
        pickle.add(.tuple)
        pickle.add(.build)
    }

    /// The items of a state: a shape and a type.
    private static func items(
        _ pickle: inout PickleBuilder, shape: [UInt8], _ name: String = "u1", size: UInt8? = nil, flags: UInt8 = 0
    ) {
        pickle.text("shape")
        pickle.add(.mark)
        for dimension in shape { pickle.add(.binInt1, [dimension]) }
        pickle.add(.tuple)
        pickle.text("dtype")
        type(&pickle, name, size: size, flags: flags)
    }

    /// An array whose state is made by `items`, followed by these bytes.
    private static func array(_ bytes: [UInt8], _ items: (inout PickleBuilder) -> Void) -> [UInt8] {
        PickleBuilder.stream(4) { pickle in
            wrapper(&pickle)
            pickle.add(.emptyDict)
            pickle.add(.mark)
            items(&pickle)
            pickle.add(.setItems)
            pickle.add(.build)
            pickle.raw(bytes)
        }
    }

    private static let system: [UInt8] = {
        var pickle = PickleBuilder()
        pickle.call("os", "system")
        return pickle.bytes
    }()

    @Test(
        "An array is passed over, whatever its type, and what follows it is read",
        arguments: [("u1", UInt8?.none, 6), ("f8", nil, 48), ("U2", 8, 48), ("V3", 3, 18), ("S1", 1, 6)])
    func passedOver(name: String, size: UInt8?, count: Int) throws {
        let bytes = [UInt8](repeating: 0xFF, count: count) + Self.system + [PickleOpcode.tuple2.rawValue]
        let file = try read(Self.array(bytes) { Self.items(&$0, shape: [2, 3], name, size: size) })
        #expect(file.issues == [])
        #expect(file.globals.last?.qualifiedName == "os.system")
    }

    @Test("Padding and an array without dimensions are passed over")
    func aligned() throws {
        let bytes: [UInt8] = [2, 0xFF, 0xFF, 0xFF] + Self.system + [PickleOpcode.tuple2.rawValue]
        let file = try read(
            Self.array(bytes) { pickle in
                Self.items(&pickle, shape: [])
                pickle.text("numpy_array_alignment_bytes")
                pickle.add(.binInt1, [16])
            })
        #expect(file.issues == [])
        #expect(file.globals.last?.qualifiedName == "os.system")
    }

    @Test("A frame ends before an array, and what was said of one is not said again of the next")
    func framesAndMemo() throws {
        var first = PickleBuilder()
        first.text("joblib.numpy_pickle")
        first.text("NumpyArrayWrapper")
        first.add(.stackGlobal)
        first.add(.memoize)
        first.add(.emptyTuple)
        first.add(.newObject)
        first.add(.emptyDict)
        first.add(.mark)
        first.text("shape")
        first.add(.memoize)
        first.add(.binInt1, [3])
        first.add(.tuple1)
        first.text("dtype")
        first.add(.memoize)
        Self.type(&first, "i4")
        first.add(.memoize)
        first.add(.setItems)
        first.add(.build)
        var second = PickleBuilder()
        second.add(.binGet, [0])
        second.add(.emptyTuple)
        second.add(.newObject)
        second.add(.emptyDict)
        second.add(.mark)
        second.add(.binGet, [1])
        second.add(.binInt1, [2])
        second.add(.tuple1)
        second.add(.binGet, [2])
        second.add(.binGet, [3])
        second.add(.setItems)
        second.add(.build)
        let stream = PickleBuilder.stream(4) { pickle in
            for (part, count) in [(first, 12), (second, 8)] {
                pickle.add(.frame, HDF5Builder.little(UInt64(part.bytes.count)))
                pickle.raw(part.bytes + [UInt8](repeating: 0xFF, count: count))
            }
            pickle.add(.tuple2)
        }
        let file = try read(stream)
        #expect(file.issues == [])
        #expect(file.arrays.map(\.count) == [12, 8])
        #expect(file.streamCount == 1)
    }

    @Test("An array of objects is a stream of its own, without padding before it")
    func objects() throws {
        let inner = PickleBuilder.stream(4) { $0.call("mine", "Thing") }
        let file = try read(
            Self.array(inner + Self.system + [PickleOpcode.tuple2.rawValue]) { pickle in
                Self.items(&pickle, shape: [1], "O8", flags: 63)
                pickle.text("numpy_array_alignment_bytes")
                pickle.add(.binInt1, [16])
            })
        #expect(file.issues == [])
        #expect(file.globals.suffix(2).map(\.qualifiedName) == ["mine.Thing", "os.system"])
    }

    /// A byte, and a call behind it.
    private static let one = [0xFF] + system

    /// Descriptions that say of six bytes that they are an array, to whoever reads them carelessly.
    static let lies: [[UInt8]] = [
        // A second shape, which counts.
        array(one) { pickle in
            items(&pickle, shape: [6])
            pickle.text("shape")
            pickle.add(.emptyTuple)
        },
        // The same, under a key that is not to be seen.
        array(one) { pickle in
            items(&pickle, shape: [6])
            pickle.add(.unicode, line: #"sh\u0061pe"#)
            pickle.add(.emptyTuple)
        },
        // A type whose items are shorter than its name says.
        array(one) { items(&$0, shape: [1], "V6", size: 1) },
        // A type whose items are objects.
        array(one) { items(&$0, shape: [6], flags: 63) },
        // A number that is taken away again.
        array(one) { pickle in
            pickle.text("dtype")
            type(&pickle, "u1")
            pickle.text("shape")
            pickle.add(.binInt1, [6])
            pickle.add(.pop)
            pickle.add(.emptyTuple)
        },
        // Another dictionary than the one that was made.
        PickleBuilder.stream(4) { pickle in
            pickle.add(.emptyDict)
            pickle.add(.memoize)
            wrapper(&pickle)
            pickle.add(.emptyDict)
            pickle.add(.mark)
            items(&pickle, shape: [6])
            pickle.add(.setItems)
            pickle.add(.pop)
            pickle.add(.binGet, [0])
            pickle.add(.build)
            pickle.raw(one)
        },
    ]

    @Test("Nothing hides in an array that another reader sees as shorter", arguments: lies)
    func found(bytes: [UInt8]) throws {
        let file = try read(bytes)
        let isFound = file.globals.contains { $0.qualifiedName == "os.system" && $0.isCalled }
        #expect(isFound || file.issues.contains { $0.kind == .joblibArray })
    }

    @Test("What `pickle` would do with the bytes of an array is found, by names from the memo too")
    func opcodes() throws {
        let hidden: [UInt8] = [0x30] + Self.system
        let plain = try read(Self.array(hidden + [0xFF]) { Self.items(&$0, shape: [UInt8(hidden.count) + 1]) })
        #expect(plain.globals.contains { $0.qualifiedName == "os.system" && $0.isCalled })
        let named = PickleBuilder.stream(4) { pickle in
            for text in ["os", "system"] {
                pickle.text(text)
                pickle.add(.memoize)
                pickle.add(.pop)
            }
            Self.wrapper(&pickle)
            pickle.add(.emptyDict)
            pickle.add(.mark)
            Self.items(&pickle, shape: [7])
            pickle.add(.setItems)
            pickle.add(.build)
            pickle.raw([0x68, 0, 0x68, 1, 0x93, 0x29, 0x52])
        }
        #expect(try read(named).globals.contains { $0.qualifiedName == "os.system" && $0.isCalled })
    }

    @Test("Numbers that happen to be opcodes name nothing")
    func numbers() throws {
        var random = SeededRandom(seed: 7)
        for _ in 0..<200 {
            let count = UInt8.random(in: 1...255, using: &random)
            let bytes = (0..<count).map { _ in UInt8.random(in: 0x0A...0x7D, using: &random) }
            let file = try read(Self.array(bytes) { Self.items(&$0, shape: [count]) })
            #expect(file.globals.map(\.module) == ["joblib.numpy_pickle", "numpy"])
            #expect(file.issues == [])
        }
    }
}
