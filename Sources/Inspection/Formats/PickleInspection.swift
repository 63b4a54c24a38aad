import ModelFormats

extension FileInspection {
    mutating func inspectPickle() {
        let file: PickleFile
        do throws(FormatFault) {
            file = try PickleReader.read(source, limits: pickleLimits)
        } catch {
            add(error, truncated: .pickleMalformed, malformed: .pickleMalformed)
            return
        }
        pay(for: file)
        report(file)
        searchForSecretsInBinary()
        facts.add(.version, "\(file.protocolVersion)")
        facts.add(.generator, file.isLegacyTorch ? "torch" : nil)
    }

    /// Whoever takes a file for a pickle does what stands before the first thing that is none, whatever the file is
    /// besides. What does nothing dangerous until then is no pickle.
    mutating func inspectAsPickle() {
        let isNamed = FileName.isPickle(name)
        guard isNamed || format == .unknown || format.isText, let file = readAsPickle() else { return }
        let isDangerous = file.globals.contains { global in
            // A word list may name a module by chance, and calls nothing.
            switch Self.standing(global) {
            case .dangerous: isNamed || global.isCalled
            case .library, .unknown, .strange: isNamed && global.isCalled
            case .allowed: false
            }
        }
        let kinds = file.issues.map(\.kind)
        if isDangerous || kinds.contains(.hiddenName) && kinds.contains(.computedCall) { report(file) }
    }

    /// Most files break off within a few bytes, and need not be read again.
    private mutating func readAsPickle() -> PickleFile? {
        let count = Int(min(source.sizeBytes, UInt64(FormatDetector.headBytes)))
        guard let head = try? source.bytes(at: 0, count: count),
            let file = readPossible(MemoryByteSource(head), 0..<UInt64(count), telling: Self.isUnpaid)
        else { return nil }
        let isWhole = source.sizeBytes == UInt64(count) || !file.issues.contains { $0.kind == .truncated }
        if isWhole { return file }
        // So many marks or values are no text by chance, and what follows them is not known.
        return readPossible(source, 0..<source.sizeBytes, telling: Self.isLimit)
    }

    /// Reads what may be a pickle, and need not be.
    ///
    /// - Parameter isTold: which faults say that nobody knows what it is; others say that it is none.
    private mutating func readPossible(
        _ source: any ByteSource, _ range: Range<UInt64>, telling isTold: (FormatFault) -> Bool
    ) -> PickleFile? {
        do throws(FormatFault) {
            let file = try PickleReader.read(source, in: range, limits: pickleLimits)
            pay(for: file)
            return file
        } catch {
            if isTold(error) { add(error, truncated: .pickleMalformed, malformed: .pickleMalformed) }
            return nil
        }
    }

    private static func isUnpaid(_ fault: FormatFault) -> Bool {
        if case .limitExceeded(.pickleOpcodes, _) = fault { true } else { false }
    }

    private static func isLimit(_ fault: FormatFault) -> Bool {
        if case .limitExceeded = fault { true } else { false }
    }

    private static let workPerOpcode: UInt64 = 40

    /// Streams in archives are small for what they have in them: their opcodes are paid for.
    private var pickleLimits: PickleLimits {
        var pickle = limits.pickle
        if depth > 0 { pickle.opcodesMax = min(pickle.opcodesMax, budget.workLeft / Self.workPerOpcode) }
        return pickle
    }

    private func pay(for file: PickleFile) {
        guard depth > 0 else { return }
        // Never more than there is: the limit saw to that.
        try? budget.spend(work: min(file.opcodeCount * Self.workPerOpcode, budget.workLeft))
    }

    private mutating func report(_ file: PickleFile) {
        for global in file.globals { judge(global) }
        for range in file.nested { inspectNested(range, level: 0) }
        for issue in file.issues where issue.kind == .trailingBytes { searchForPickles(from: issue.offset) }
        for issue in file.issues where !isExpected(issue.kind, of: file) {
            findings.add(issue.kind.rule, .init(offset: issue.offset), detail: issue.detail)
        }
        let expected = isExpected(.persistentID, of: file) ? file.issuesDropped(.persistentID) : 0
        findings.addDropped(file.issuesDropped - expected)
    }

    /// Bytes in bytes that are followed.
    private static let nestedLevelsMax = 4
    /// Where a pickle may begin behind another one: places that are tried, and bytes that are followed from each.
    private static let startsMax = 256
    private static let startBytesMax: UInt64 = 64 << 10

    /// Bytes that nothing in the file loads, as far as that is known.
    private mutating func inspectNested(_ range: Range<UInt64>, level: Int) {
        guard let file = readPossible(source, range, telling: Self.isLimit) else { return }
        if let global = file.globals.first(where: Self.isDangerousCall) {
            findings.add(.pickleNestedDangerous, .init(member: global.qualifiedName, offset: range.lowerBound))
        } else if let global = file.globals.first(where: { Self.standing($0) != .allowed }) {
            findings.add(.pickleNested, .init(member: global.qualifiedName, offset: range.lowerBound))
        }
        guard level + 1 < Self.nestedLevelsMax else { return }
        for inner in file.nested { inspectNested(inner, level: level + 1) }
    }

    /// Looks for pickles among bytes that are none. What is no call of something dangerous is there by chance.
    private mutating func searchForPickles(from start: UInt64) {
        guard let places = try? PickleReader.possibleStarts(in: source, from: start, countMax: Self.startsMax) else {
            return
        }
        var end = start
        for place in places where place >= end {
            let range = place..<(place + min(source.sizeBytes - place, Self.startBytesMax))
            guard let file = try? PickleReader.read(source, in: range, limits: pickleLimits),
                let global = file.globals.first(where: Self.isDangerousCall)
            else { continue }
            findings.add(.pickleNestedDangerous, .init(member: global.qualifiedName, offset: place))
            end = file.end
        }
    }

    /// A pickle in base64, which whoever knows the document loads: Stable-Baselines3 keeps functions and spaces so.
    ///
    /// The functions themselves are code that cloudpickle makes again. That is for a person to read; what they call
    /// besides is not.
    mutating func inspectEncodedPickle(_ text: [UInt8], member: String) {
        let bytes = Base64Text.decode(text)
        guard pay(work: UInt64(bytes.count) * Self.workPerOpcode),
            let file = try? PickleReader.read(MemoryByteSource(bytes), limits: pickleLimits)
        else { return findings.add(.pickleUnread, .init(member: member), detail: "a pickle in base64") }
        let called = file.globals.filter { $0.isCalled && !Self.isOfFunctions($0) }
        if let global = called.first(where: Self.isDangerousCall) {
            findings.add(.pickleNestedDangerous, .init(member: member), detail: global.qualifiedName)
        } else if let global = file.globals.first(where: { Self.standing($0) != .allowed }) {
            findings.add(.pickleNested, .init(member: member), detail: global.qualifiedName)
        }
    }

    /// Whether cloudpickle names it wherever it writes a function or a class.
    private static func isOfFunctions(_ global: PickleFile.Global) -> Bool {
        global.module == "cloudpickle.cloudpickle" || global.module == "cloudpickle.cloudpickle_fast"
            || ["types.CodeType", "types.FunctionType", "types.CellType", "builtins.getattr"].contains(
                global.qualifiedName)
    }

    private static func isDangerousCall(_ global: PickleFile.Global) -> Bool {
        global.isCalled && standing(global) == .dangerous
    }

    private static func standing(_ global: PickleFile.Global) -> PickleVocabulary.Standing {
        PickleVocabulary.standing(module: global.module, name: global.name)
    }

    private mutating func judge(_ global: PickleFile.Global) {
        guard let rule = PickleVocabulary.rule(module: global.module, name: global.name) else { return }
        findings.add(
            rule, .init(member: global.qualifiedName, offset: global.offset),
            detail: global.isCalled ? "called" : "named")
    }

    /// PyTorch's loader resolves the identifiers of storages, and only those.
    private func isExpected(_ kind: PickleFile.Kind, of file: PickleFile) -> Bool {
        kind == .persistentID && (file.isLegacyTorch || container == .torch)
    }
}

extension PickleVocabulary {
    /// The rule that naming it breaks, if it breaks one.
    static func rule(module: String, name: String) -> RuleID? {
        switch standing(module: module, name: name) {
        case .allowed: nil
        case .library: .pickleLibraryGlobal
        case .unknown: .pickleUnknownGlobal
        case .dangerous: .pickleDangerousGlobal
        case .strange: .pickleHiddenName
        }
    }
}

extension PickleFile.Kind {
    var rule: RuleID {
        switch self {
        case .hiddenName: .pickleHiddenName
        case .computedCall: .pickleComputedCall
        case .changedGlobal: .pickleChangedGlobal
        case .extensionCode: .pickleExtensionCode
        case .persistentID, .outOfBandBuffer: .pickleOutsideObject
        case .lateProtocol: .pickleLateProtocol
        case .expensive: .pickleExpensive
        case .frame: .pickleFrame
        case .unknownProtocol, .unknownOpcode, .underflow, .argument, .truncated: .pickleMalformed
        case .trailingBytes: .pickleTrailingBytes
        case .joblibArray, .unreadNested: .pickleUnread
        }
    }
}

extension PickleFile.Issue {
    fileprivate var detail: String {
        switch kind {
        case .unknownProtocol: "protocol \(subject) does not exist"
        case .unknownOpcode: "there is no opcode \(subject)"
        case .underflow: "an opcode takes more values than there are"
        case .truncated: "the file ends inside a stream"
        case .joblibArray: "the length of an array cannot be told"
        case .unreadNested: "bytes that begin like a pickle, beyond the limit"
        case .persistentID: "an identifier"
        case .outOfBandBuffer: "a buffer"
        case .hiddenName, .computedCall, .changedGlobal, .extensionCode, .expensive, .lateProtocol, .frame, .argument,
            .trailingBytes:
            subject
        }
    }
}
