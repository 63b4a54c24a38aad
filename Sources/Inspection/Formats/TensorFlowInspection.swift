import ModelFormats
import StrictJSON

extension FileInspection {
    mutating func inspectTensorFlow() {
        let file: TensorFlowFile
        do throws(FormatFault) {
            guard let read = try TensorFlowReader.read(source, limits: limits.tensorFlow) else {
                findings.add(.fileUnsupportedFormat, detail: format.rawValue)
                return
            }
            file = read
        } catch {
            add(error, truncated: .protobufTruncated, malformed: .protobufMalformed)
            return
        }
        for used in file.operators { judge(used, functions: file.functions) }
        judgeNames(of: file.functions)
        for argument in file.arguments where TensorFlowVocabulary.isDangerous(argument) {
            findings.add(
                .tensorFlowDangerousOperator, .init(member: argument.operatorName, offset: argument.offset),
                detail: "\(argument.key) is \(argument.value)")
        }
        for use in file.checkpointUses { judge(use) }
        inspectContents(of: file)
        for issue in file.issues { report(issue) }
        findings.addDropped(file.issuesDropped)
        addFacts(file)
    }

    /// Whether the file holds values of variables, or is the index that says where each is: a table of LevelDB, which
    /// ends with these bytes.
    var isPartOfCheckpoint: Bool {
        if FileName.isVariables(name) { return true }
        let magic: [UInt8] = [0x57, 0xFB, 0x80, 0x8B, 0x24, 0x75, 0x47, 0xDB]
        guard FileName.suffix(name) == "index", source.sizeBytes >= 48 else { return false }
        return (try? source.bytes(at: source.sizeBytes - UInt64(magic.count), count: magic.count)) == magic
    }

    private mutating func judge(_ used: TensorFlowFile.Operator, functions: Set<String>) {
        let rule: RuleID? =
            switch TensorFlowVocabulary.standing(used.name) {
            case .standard, .checkpoint: nil
            case .dangerous: .tensorFlowDangerousOperator
            case .system: .tensorFlowSystemOperator
            case .unknown: functions.contains(used.name) ? nil : .tensorFlowUnknownOperator
            }
        guard let rule else { return }
        findings.add(rule, .init(member: used.name, offset: used.offset), detail: "node \(used.place)")
    }

    private mutating func judgeNames(of functions: Set<String>) {
        for name in functions.sorted() where TensorFlowVocabulary.standing(name) != .unknown {
            findings.add(.tensorFlowShadowedOperator, .init(member: name))
        }
    }

    private mutating func judge(_ use: TensorFlowFile.CheckpointUse) {
        let rule: RuleID
        switch use.place {
        case .saver: return
        case .likeSaver: rule = .tensorFlowCheckpointOperator
        case .elsewhere:
            rule =
                TensorFlowVocabulary.writes(use.operatorName)
                ? .tensorFlowDangerousOperator : .tensorFlowCheckpointOperator
        }
        findings.add(rule, .init(member: use.operatorName, offset: use.offset), detail: "node \(use.node)")
    }

    private mutating func inspectContents(of file: TensorFlowFile) {
        for asset in file.assets {
            guard let defect = asset.defect else { continue }
            findings.add(
                .tensorFlowOutsideAsset, .init(offset: asset.offset), detail: "\(asset.name): \(defect)")
        }
        for payload in file.payloads where !payload.type.hasSuffix("/tensorflow.AssetFileDef") {
            findings.add(.tensorFlowPayload, .init(offset: payload.offset), detail: payload.type)
        }
        for metadata in file.metadata {
            searchForSecrets(in: metadata.bytes, member: metadata.identifier, offset: metadata.offset)
            inspectKeras(metadata)
        }
        if file.metadataDropped > 0 {
            findings.add(
                .fileLimit,
                detail: "limit tensorflow.metadataBytesMax: \(file.metadataDropped) descriptions were not read")
        }
    }

    /// The description of an object. What it computes is in the graph, so that only code matters that Keras would run
    /// to make the object anew.
    private mutating func inspectKeras(_ metadata: TensorFlowFile.Metadata) {
        guard metadata.identifier.hasPrefix("_tf_keras") else { return }
        var walker = KerasConfigWalker(isModel: false)
        var scanner = JSONScanner(metadata.bytes, limits: Self.descriptionLimits)
        do throws(JSONFault) {
            while let event = try scanner.next() { walker.consume(event) }
        } catch {
            findings.add(
                .kerasUnread, .init(member: metadata.identifier, offset: metadata.offset), detail: "\(error.reason)")
        }
        for finding in walker.relevantFindings {
            let member = [metadata.identifier, finding.place.member].compactMap(\.self).joined(separator: ": ")
            findings.add(finding.rule, .init(member: member, offset: metadata.offset), detail: finding.detail)
        }
        findings.addDropped(walker.findingsDropped)
    }

    private static let descriptionLimits = JSONLimits(
        bytesMax: 4 << 20, depthMax: 200, nodesMax: 1_000_000, stringBytesMax: 4 << 20, openNamesMax: 100_000)

    private mutating func report(_ issue: TensorFlowIssue) {
        let place = Finding.Place(member: issue.subject, offset: issue.offset)
        switch issue.kind {
        case .wire(let kind): add(wire: kind, subject: issue.subject, at: issue.offset)
        case .tensorLength: findings.add(.tensorFlowTensorData, place, detail: "the data has another length")
        case .tensorShape: findings.add(.tensorFlowTensorData, place, detail: "the size cannot be expressed in 63 bits")
        case .expansion(let bytes): findings.add(.tensorFlowExpansion, place, detail: "\(bytes) bytes")
        }
    }

    private mutating func addFacts(_ file: TensorFlowFile) {
        facts.add(.documentKind, file.kind.rawValue)
        facts.add(.generator, file.version.isEmpty ? nil : "tensorflow \(file.version)")
        if file.tensorCount > 0 {
            facts.add(.tensorCount, "\(file.tensorCount)")
            facts.add(.parameterCount, "\(file.parameterCount)")
        }
        facts.add(
            .externalFiles, FactList.names(file.assets.filter { $0.defect == nil }.map { "assets/\($0.name)" }))
    }
}
