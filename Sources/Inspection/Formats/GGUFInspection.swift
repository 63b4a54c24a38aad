import ModelFormats

extension FileInspection {
    mutating func inspectGGUF() {
        let file: GGUFFile
        do throws(FormatFault) {
            file = try GGUFReader.read(source, limits: limits.gguf)
        } catch {
            add(error, truncated: .ggufTruncated, malformed: .ggufMalformed)
            return
        }
        tensors = file.table
        gguf = file.summary
        for issue in file.issues {
            findings.add(
                issue.kind.rule, .init(member: issue.subject, offset: issue.offset), detail: issue.detail)
        }
        findings.addDropped(file.issuesDropped)
        inspectTemplates(file.templates)
        for entry in file.metadata {
            guard let text = entry.value.text else { continue }
            searchForSecrets(in: Array(text.utf8), member: entry.key)
            guard let reason = CodeInText.reason(text) else { continue }
            findings.add(.ggufMetadataCode, .init(member: entry.key, offset: entry.offset), detail: reason)
        }
        search(file.texts)
        addFacts(file)
    }

    private mutating func search(_ texts: GGUFTexts) {
        for text in texts.kept {
            searchForSecrets(in: text.bytes, member: text.key)
            guard let reason = CodeInText.reason(String(decoding: text.bytes, as: UTF8.self)) else { continue }
            findings.add(.ggufMetadataCode, .init(member: text.key, offset: text.offset), detail: reason)
        }
        guard texts.dropped > 0 else { return }
        findings.add(.fileLimit, detail: "limit gguf.textBytesMax: \(texts.dropped) texts were not searched")
    }

    private mutating func addFacts(_ file: GGUFFile) {
        facts.add(.architecture, file["general.architecture"]?.text)
        facts.add(.type, file["general.type"]?.text)
        facts.add(.name, file["general.name"]?.text)
        facts.add(.version, file["general.version"]?.text)
        facts.add(.organization, file["general.organization"]?.text)
        facts.add(.baseModel, file["general.base_model.0.repo_url"]?.text ?? file["general.base_model.0.name"]?.text)
        facts.add(.license, file["general.license"]?.text)
        facts.add(.quantization, file.tensors.isEmpty ? nil : QuantType.dominant(file.tensors))
        facts.add(.fileType, file["general.file_type"]?.unsigned.map(GGUFFileType.name))
        facts.add(.tensorCount, "\(file.tensors.count)")
        facts.add(.parameterCount, file.table.map { "\($0.parameterCount)" })
        facts.add(.layerCount, "\(GGUFFingerprint.layerCount(file.tensors))")
        facts.add(.contextLength, file["\(file.architecture).context_length"]?.unsigned.map(String.init))
        facts.add(.embeddingLength, file["\(file.architecture).embedding_length"]?.unsigned.map(String.init))
        if case .array(_, let count)? = file["tokenizer.ggml.tokens"] { facts.add(.vocabularySize, "\(count)") }
        facts.add(.tokenizer, file["tokenizer.ggml.model"]?.text)
        if !file.templates.isEmpty { facts.add(.chatTemplate, file.templates.map(\.key).joined(separator: ", ")) }
        if let split = GGUFSplit(file.metadata), let number = split.number, let count = split.count, number < count {
            facts.add(.part, "\(number + 1) of \(count)")
        }
    }
}

extension GGUFIssue.Kind {
    var rule: RuleID {
        switch self {
        case .emptyKey: .ggufEmptyKey
        case .duplicateKey: .ggufDuplicateKey
        case .keyDiffersInCase: .ggufKeyCase
        case .keyNotUTF8, .stringNotUTF8, .tensorNameNotUTF8: .ggufNotUTF8
        case .boolNeitherZeroNorOne: .ggufBool
        case .nestedArray: .ggufNestedArray
        case .noArchitecture: .ggufNoArchitecture
        case .noTensors: .ggufNoTensors
        case .tensorNameEmpty, .tensorNameTooLong, .tensorNameHoldsNUL: .ggufTensorName
        case .duplicateTensorName: .ggufDuplicateTensor
        case .tooManyDimensions: .ggufDimensions
        case .zeroElements: .ggufZeroElements
        case .elementCountOverflow, .sizeOverflow: .ggufSizeOverflow
        case .unknownTensorType: .ggufUnknownType
        case .partialBlock: .ggufPartialBlock
        case .offsetNotAligned: .ggufMisaligned
        case .tensorOutsideFile: .ggufTensorOutside
        case .tensorOverlap: .ggufTensorOverlap
        case .gap: .ggufGap
        case .tensorsOutOfOrder: .ggufOrder
        case .paddingNotZero: .ggufPadding
        case .trailingBytes: .ggufTrailingBytes
        case .splitInconsistent: .ggufSplit
        case .vocabularyContradicts: .ggufVocabulary
        }
    }
}

extension GGUFIssue {
    var detail: String {
        switch (kind, amount) {
        case (.unknownTensorType, let number?):
            if let name = UInt32(exactly: number).flatMap({ GGMLType.removed[$0] }) {
                "type \(number), \(name), which ggml has removed"
            } else {
                "type \(number)"
            }
        case (.gap, let size?), (.trailingBytes, let size?): "\(size) bytes"
        case (.keyNotUTF8, _): "metadata key"
        case (.stringNotUTF8, _): "metadata text"
        case (.tensorNameNotUTF8, _): "tensor name"
        default: ""
        }
    }
}
