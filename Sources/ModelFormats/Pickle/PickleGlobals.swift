/// The globals of one file, each once.
struct PickleGlobals {
    private struct Key: Hashable {
        let module: String
        let name: String
    }

    private struct Texts: Hashable {
        let module: PickleValue
        let name: PickleValue
    }

    private let countMax: Int
    private var indexes: [Key: Int] = [:]
    /// The same for texts of the file: a stream may name what it means a million times by two texts of the memo.
    private var byTexts: [Texts: Int] = [:]
    /// The same for the lines of GLOBAL and INST.
    private var byLines: [[UInt8]: Int] = [:]
    private(set) var all: [PickleFile.Global] = []

    init(countMax: Int) {
        self.countMax = countMax
    }

    mutating func index(module: String, name: String, at offset: UInt64) throws(FormatFault) -> Int {
        let key = Key(module: module, name: name)
        if let index = indexes[key] { return index }
        guard all.count < countMax else { throw .limitExceeded(.pickleGlobals, offset: offset) }
        all.append(PickleFile.Global(module: module, name: name, offset: offset))
        indexes[key] = all.count - 1
        return all.count - 1
    }

    func index(module: PickleValue, name: PickleValue) -> Int? {
        byTexts[Texts(module: module, name: name)]
    }

    mutating func remember(_ index: Int, module: PickleValue, name: PickleValue) {
        guard byTexts.count < 8 * countMax else { return }
        byTexts[Texts(module: module, name: name)] = index
    }

    func index(lines: [UInt8]) -> Int? { byLines[lines] }

    mutating func remember(_ index: Int, lines: [UInt8]) {
        byLines[lines] = index
    }

    mutating func called(_ index: Int) {
        guard all.indices.contains(index) else { return }
        all[index].isCalled = true
    }
}
