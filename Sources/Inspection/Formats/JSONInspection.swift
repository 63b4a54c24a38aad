import ModelFormats
import StrictJSON

extension FileInspection {
    /// - Returns: whether the file is JSON. If not, it is a text that happens to begin with a bracket, whatever its
    ///   name.
    mutating func inspectJSON() -> Bool {
        guard mayReadJSON() else { return true }
        let limits = JSONLimits(
            bytesMax: limits.jsonBytesMax, depthMax: 64, nodesMax: limits.jsonValuesMax, stringBytesMax: 16 << 20,
            openNamesMax: 500_000)
        let chunks = JSONChunks(ByteReader(source))
        var scanner = chunks.scanner(limits)
        // What is packed small may be long to search.
        let searchesCode = mayHoldCode && (depth == 0 || pay(work: source.sizeBytes * Self.workPerSearchedByte))
        var walker = JSONDocumentWalker(searchesCode: searchesCode)
        var keras = KerasConfigWalker(isModel: isModelDescription)
        var repository = RepositoryWalker(isPipeline: RepositoryText.last(name) == "model_index.json")
        var index = WeightIndexWalker()
        var work = JSONWork(budget)
        do throws(JSONFault) {
            while !work.isExhausted, let event = try scanner.next() {
                work.count(event)
                walker.consume(event)
                keras.consume(event)
                repository.consume(event)
                index.consume(event)
                // Numbers and what is empty mean something to none of these in an array, texts to few.
                scanner.skipPlainElements(
                    withStrings: !walker.wantsTextsOfArray && !repository.wantsTextsOfArray)
                if work.isDue { work.pay(walker.judged + keras.judged + repository.judged) }
            }
            work.pay(walker.judged + keras.judged + repository.judged)
            take(walker)
            take(keras)
            take(repository)
            if let fault = work.fault {
                add(fault, truncated: .jsonMalformed, malformed: .jsonMalformed)
            } else {
                take(index)
            }
            return true
        } catch {
            take(walker)
            take(keras)
            take(repository)
            if isModelDescription { findings.add(.kerasUnread, detail: "\(error)") }
            return refuse(chunks.formatFault(error))
        }
    }

    /// What is packed small may be long to read: a document in an archive is paid for by the archive's budget.
    private mutating func mayReadJSON() -> Bool {
        guard depth > 0 else { return true }
        do throws(FormatFault) {
            try budget.spend(source.sizeBytes.multipliedReportingOverflow(by: Self.jsonCost).partialValue)
            return true
        } catch {
            add(error, truncated: .jsonMalformed, malformed: .jsonMalformed)
            return false
        }
    }

    /// Larger documents are vocabularies and collections of texts, in which code may stand.
    private static let searchedBytesMax: UInt64 = 1 << 20

    private static let workPerSearchedByte: UInt64 = 40

    private var mayHoldCode: Bool {
        source.sizeBytes <= Self.searchedBytesMax && FileName.suffix(name).map { $0 == "json" } ?? true
    }

    /// What a byte of JSON costs in bytes that are decoded.
    private static let jsonCost: UInt64 = 3

    /// Whether the file that this is a part of says that this is the description of a Keras model.
    private var isModelDescription: Bool {
        container == .keras && (name.isEmpty || name == "config.json")
    }

    private mutating func take(_ keras: KerasConfigWalker) {
        for finding in keras.relevantFindings { findings.add(finding) }
        findings.addDropped(keras.findingsDropped)
        if keras.namesUnread > 0 { findings.add(.kerasUnread, detail: "\(keras.namesUnread) names beyond the limit") }
        if keras.isModel { facts.add(.modelType, keras.modelClass) }
        if keras.isModel || container == .keras { facts.add(.generator, keras.version.map { "keras \($0)" }) }
    }

    private mutating func take(_ repository: RepositoryWalker) {
        for finding in repository.findings { findings.add(finding) }
        findings.addDropped(repository.findingsDropped)
        if repository.pathsUnread > 0 {
            findings.add(.repositoryUnread, detail: "\(repository.pathsUnread) paths beyond the limit")
        }
        facts.add(.externalFiles, FactList.names(repository.shards.sorted()))
    }

    private mutating func take(_ index: WeightIndexWalker) {
        weightIndex = index.index
        if let defect = index.defect { findings.add(.repositoryShardIndex, detail: defect) }
    }

    private mutating func take(_ walker: JSONDocumentWalker) {
        for finding in walker.findings { findings.add(finding) }
        findings.addDropped(walker.findingsDropped)
        for template in walker.templates {
            inspectTemplate(template.text, member: template.path, start: nil)
        }
        if walker.templatesDropped > 0 {
            findings.add(.templateUnread, detail: "\(walker.templatesDropped) templates beyond the limit")
        }
        for text in walker.encoded { inspectEncodedPickle(text.text, member: text.path) }
        if walker.encodedDropped > 0 {
            findings.add(.pickleUnread, detail: "\(walker.encodedDropped) pickles in base64 beyond the limit")
        }
        for (key, value) in walker.facts { facts.add(key, value) }
        facts.add(.documentKind, walker.kind)
        if !walker.templates.isEmpty { facts.add(.chatTemplate, walker.templates[0].path) }
    }

    private mutating func refuse(_ fault: FormatFault) -> Bool {
        switch fault {
        case .invalidJSON(.duplicateName(let name), let offset):
            findings.add(.jsonDuplicateKey, .init(member: name, offset: offset))
            return true
        case .invalidJSON(let reason, let offset):
            if FileName.isJSON(name) { findings.add(.jsonMalformed, .init(offset: offset), detail: "\(reason)") }
            return false
        default:
            add(fault, truncated: .jsonMalformed, malformed: .jsonMalformed)
            return true
        }
    }
}
