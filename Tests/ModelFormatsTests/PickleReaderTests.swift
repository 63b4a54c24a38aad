import ModelFormats
import Testing

@Suite("Pickle streams")
struct PickleReaderTests {
    private func read(_ bytes: [UInt8], _ limits: PickleLimits = .standard) throws -> PickleFile {
        try PickleReader.read(MemoryByteSource(bytes), limits: limits)
    }

    private func issues(_ bytes: [UInt8]) throws -> [PickleFile.Kind] {
        try read(bytes).issues.map(\.kind)
    }

    private func names(_ bytes: [UInt8]) throws -> [String] {
        try read(bytes).globals.map(\.qualifiedName)
    }

    @Test("There are 68 opcodes, each with the argument that Python gives it")
    func opcodes() throws {
        #expect(PickleOpcode.allCases.count == 68)
        #expect(Set(PickleOpcode.allCases.map(\.rawValue)).count == 68)
    }

    @Test("A global is found by whatever opcode names it", arguments: ["global", "inst", "stackGlobal", "memo", "old"])
    func globals(way: String) throws {
        let bytes = PickleBuilder.stream(way == "old" ? nil : 4) { pickle in
            switch way {
            case "global": pickle.global("os", "system")
            case "inst":
                pickle.add(.mark)
                pickle.add(.inst, line: "os\nsystem")
            case "stackGlobal": pickle.stackGlobal("os", "system")
            case "memo":
                // Both names were put aside long before, one by number and one by count.
                pickle.text("os")
                pickle.add(.binPut, [7])
                pickle.add(.pop)
                pickle.text("system")
                // One key is in use, so that this is under the key 1.
                pickle.add(.memoize)
                pickle.add(.pop)
                pickle.add(.binGet, [7])
                pickle.add(.longBinGet, [1, 0, 0, 0])
                pickle.add(.stackGlobal)
            default:
                pickle.add(.string, line: "'os'")
                pickle.add(.put, line: "300")
                pickle.add(.unicode, line: "system")
                pickle.add(.stackGlobal)
            }
        }
        let file = try read(bytes)
        #expect(file.globals.map(\.qualifiedName) == ["os.system"])
        #expect(file.globals.first?.isCalled == (way == "inst"))
        #expect(file.issues == [])
        #expect(file.streamCount == 1)
    }

    @Test("What is called is told from what is only named")
    func calls() throws {
        let bytes = PickleBuilder.stream { pickle in
            pickle.call("a", "reduced")
            pickle.global("b", "new")
            pickle.add(.emptyTuple)
            pickle.add(.newObject)
            pickle.global("c", "newEx")
            pickle.add(.emptyTuple)
            pickle.add(.emptyDict)
            pickle.add(.newObjectEx)
            pickle.add(.mark)
            pickle.global("d", "object")
            pickle.add(.none)
            pickle.add(.obj)
            pickle.global("e", "named")
            pickle.add(.tuple2)
        }
        let file = try read(bytes)
        #expect(file.globals.map(\.isCalled) == [true, true, true, true, false])
        #expect(file.issues == [])
    }

    @Test("Names that are hidden are named as that")
    func hiddenNames() throws {
        let escaped = PickleBuilder.stream(nil) { pickle in
            pickle.add(.string, line: #"'\x6fs'"#)
            pickle.add(.unicode, line: #"syst\u0065m"#)
            pickle.add(.stackGlobal)
        }
        #expect(try issues(escaped) == [.hiddenName])
        let computed = PickleBuilder.stream(4) { pickle in
            pickle.call("builtins", "str")
            pickle.text("system")
            pickle.add(.stackGlobal)
        }
        #expect(try issues(computed) == [.hiddenName])
        let long = PickleBuilder.stream { $0.global("os", String(repeating: "a", count: 300)) }
        #expect(try issues(long) == [.hiddenName])
        let number = PickleBuilder.stream(4) { pickle in
            pickle.text("os")
            pickle.add(.binInt1, [1])
            pickle.add(.stackGlobal)
        }
        #expect(try issues(number) == [.hiddenName])
    }

    @Test("What came before a broken place counts", arguments: [[0xFF], [UInt8(ascii: "0"), UInt8(ascii: "0")], []])
    func brokenTail(tail: [UInt8]) throws {
        var pickle = PickleBuilder(2)
        pickle.call("os", "system")
        let file = try read(pickle.bytes + tail)
        #expect(file.globals.map(\.qualifiedName) == ["os.system"])
        #expect(file.issues.count == 1)
        #expect([.unknownOpcode, .underflow, .truncated].contains(file.issues.first?.kind))
    }

    @Test("All streams of a file are followed, and what is none behind them is told")
    func streams() throws {
        let first = PickleBuilder.stream { $0.add(.none) }
        let second = PickleBuilder.stream(nil) { $0.call("os", "system") }
        let file = try read(first + second + first)
        #expect(file.streamCount == 3)
        #expect(file.globals.map(\.qualifiedName) == ["os.system"])
        #expect(file.issues == [])
        #expect(try issues(first + Array("rest".utf8)) == [.trailingBytes])
    }

    @Test("A file of the old PyTorch ends with the bytes of its storages")
    func legacyTorch() throws {
        var bytes: [UInt8] = [0x80, 2, 0x8A, 10]
        bytes += [0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, UInt8(ascii: ".")]
        for _ in 0..<4 { bytes += PickleBuilder.stream { $0.add(.none) } }
        let file = try read(bytes + [1, 2, 3, 4])
        #expect(file.isLegacyTorch)
        #expect(file.streamCount == 5)
        #expect(file.issues == [])
    }

    @Test("Marks, containers and the stack are followed as Python does")
    func stack() throws {
        let balanced = PickleBuilder.stream(4) { pickle in
            pickle.add(.emptyList)
            pickle.add(.mark)
            pickle.add(.binInt1, [1])
            pickle.add(.mark)
            pickle.add(.pop)
            pickle.add(.appends)
            pickle.add(.dup)
            pickle.add(.append)
            pickle.add(.mark)
            pickle.add(.none)
            pickle.add(.popMark)
            pickle.add(.emptySet)
            pickle.add(.mark)
            pickle.add(.addItems)
            pickle.add(.emptyDict)
            pickle.add(.none)
            pickle.add(.newTrue)
            pickle.add(.setItem)
            pickle.add(.tuple3)
        }
        // The three are a list, a set and a dictionary.
        #expect(try issues(balanced) == [])
        for opcode in [PickleOpcode.tuple1, .appends, .reduce, .build, .setItem, .memoize, .stackGlobal, .dup, .obj] {
            #expect(try issues([opcode.rawValue, UInt8(ascii: ".")]).first == .underflow, "\(opcode)")
        }
    }

    @Test("What changes a class, and what calls something that is no global, is told")
    func changes() throws {
        let changed = PickleBuilder.stream { pickle in
            pickle.global("torch", "Tensor")
            pickle.add(.emptyDict)
            pickle.add(.build)
        }
        #expect(try issues(changed) == [.changedGlobal])
        let built = PickleBuilder.stream { pickle in
            pickle.call("collections", "OrderedDict")
            pickle.add(.emptyDict)
            pickle.add(.build)
        }
        #expect(try issues(built) == [])
        let twice = PickleBuilder.stream { pickle in
            pickle.call("collections", "OrderedDict")
            pickle.add(.emptyTuple)
            pickle.add(.reduce)
        }
        #expect(try issues(twice) == [.computedCall])
    }

    @Test("Frames have to be true")
    func frames() throws {
        func framed(_ count: UInt8) -> [UInt8] {
            [0x80, 4, PickleOpcode.frame.rawValue, count, 0, 0, 0, 0, 0, 0, 0] + Array("N0N.".utf8)
        }
        #expect(try issues(framed(4)) == [])
        // Frames that end before the stream does are how large texts are written.
        #expect(try issues(framed(2)) == [])
        #expect(try issues(framed(200)) == [.frame])
        let crossing: [UInt8] =
            [0x80, 4, PickleOpcode.frame.rawValue, 1, 0, 0, 0, 0, 0, 0, 0] + Array("K".utf8) + [1] + Array(".".utf8)
        #expect(try issues(crossing) == [.frame])
    }

    @Test("Protocols, extensions, identifiers and buffers from outside are told")
    func outside() throws {
        #expect(try issues(PickleBuilder.stream(6) { $0.add(.none) }) == [.unknownProtocol])
        let late = PickleBuilder.stream { pickle in
            pickle.add(.proto, [2])
            pickle.add(.none)
        }
        #expect(try issues(late) == [.lateProtocol])
        #expect(try issues(PickleBuilder.stream { $0.add(.extension1, [1]) }) == [.extensionCode])
        #expect(try issues(PickleBuilder.stream { $0.add(.persistentID, line: "1") }) == [.persistentID])
        #expect(try issues(PickleBuilder.stream(5) { $0.add(.nextBuffer) }) == [.outOfBandBuffer])
    }

    @Test("Values are put aside under the keys that Python takes")
    func memo() throws {
        // 0 and 1 are in use when the first is counted, and again when 0 is put once more.
        let counted = PickleBuilder.stream(4) { pickle in
            pickle.text("os")
            pickle.add(.binPut, [0])
            pickle.add(.binPut, [1])
            pickle.add(.binPut, [0])
            pickle.text("system")
            pickle.add(.memoize)
            pickle.add(.binGet, [0])
            pickle.add(.binGet, [2])
            pickle.add(.stackGlobal)
            pickle.add(.tuple3)
        }
        #expect(try read(counted).globals.map(\.qualifiedName) == ["os.system"])
        // The key that is counted may be one that was put before.
        let overwritten = PickleBuilder.stream(4) { pickle in
            pickle.text("path")
            pickle.add(.binPut, [1])
            pickle.text("system")
            pickle.add(.memoize)
            pickle.text("os")
            pickle.add(.binGet, [1])
            pickle.add(.stackGlobal)
            pickle.add(.tuple3)
        }
        #expect(try read(overwritten).globals.map(\.qualifiedName) == ["os.system"])
        for key: UInt8 in [0, 1, 200] {
            #expect(try issues([0x80, 4, PickleOpcode.binGet.rawValue, key, UInt8(ascii: ".")]) == [.argument])
        }
        var limits = PickleLimits.standard
        limits.memoMax = 2
        let far = (0..<20_000 as Range<Int>).flatMap { Array("Np\($0)\n0".utf8) }
        #expect(throws: FormatFault.self) { try read(far, limits) }
    }

    @Test("Limits have names")
    func limits() throws {
        var limits = PickleLimits.standard
        limits.stackMax = 3
        #expect(throws: FormatFault.limitExceeded(.pickleStack, offset: 3)) { try read(Array("NNNN.".utf8), limits) }
        limits = .standard
        limits.marksMax = 1
        #expect(throws: FormatFault.limitExceeded(.pickleMarks, offset: 1)) { try read(Array("((.".utf8), limits) }
        limits = .standard
        limits.globalsMax = 1
        #expect(throws: FormatFault.limitExceeded(.pickleGlobals, offset: 5)) {
            try read(Array("ca\nb\nca\nc\n.".utf8), limits)
        }
    }

    @Test("200,000 mutations are followed to an end, and never a trap")
    func mutations() throws {
        let seeds: [[UInt8]] = [
            PickleBuilder.stream(4) { pickle in
                pickle.stackGlobal("os", "system")
                pickle.text("id")
                pickle.add(.tuple1)
                pickle.add(.reduce)
            },
            PickleBuilder.stream(nil) { pickle in
                pickle.add(.mark)
                pickle.add(.inst, line: "os\nsystem")
                pickle.add(.put, line: "1")
                pickle.add(.get, line: "1")
                pickle.add(.long, line: "12L")
            },
        ]
        var random = SeededRandom(seed: 11)
        for round in 0..<200_000 {
            var bytes = seeds[round % seeds.count]
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.insert(PickleOpcode.allCases.randomElement(using: &random)?.rawValue ?? 0, at: index)
                default: bytes.remove(at: index)
                }
                if bytes.isEmpty { bytes = [0] }
            }
            let file = try read(bytes)
            #expect(file.opcodeCount <= UInt64(bytes.count) && file.end <= UInt64(bytes.count))
        }
    }

    @Test("Taking a few values off a high stack costs as little as off a low one")
    func highStack() throws {
        // Each of these once copied what was left: hours for a million values.
        for take: [PickleOpcode] in [
            [.tuple1], [.tuple2, .none], [.mark, .tuple], [.mark, .list], [.mark, .dict, .pop],
        ] {
            let stream = PickleBuilder.stream { pickle in
                for _ in 0..<500_000 { pickle.add(.none) }
                for _ in 0..<500_000 { take.forEach { pickle.add($0) } }
            }
            #expect(try read(stream).opcodeCount == UInt64(500_000 * (take.count + 1)) + 2)
        }
    }

    @Test("Opcodes are followed as long as there may be more")
    func opcodesMax() throws {
        var few = PickleLimits.standard
        few.opcodesMax = 100
        let stream = PickleBuilder.stream { pickle in (0..<98).forEach { _ in pickle.add(.none) } }
        #expect(try PickleReader.read(MemoryByteSource(stream), limits: few).opcodeCount == 100)
        #expect(throws: FormatFault.limitExceeded(.pickleOpcodes, offset: 101)) {
            try PickleReader.read(MemoryByteSource(stream + stream), limits: few)
        }
    }

    @Test("A stream without an end ends with the file, and one that breaks ends behind what broke it")
    func ends() throws {
        #expect(try read(Array("I1\n".utf8)).end == 3)
        #expect(try read(Array("I1\n.".utf8)).end == 4)
        #expect(try read(Array("I1\n\u{1}more".utf8)).end == 4)
    }
}
