import ModelFormats
import StrictJSON

extension FileInspection {
    mutating func inspectSafetensors() {
        let file: SafetensorsFile
        do throws(FormatFault) {
            file = try SafetensorsReader.read(source, limits: limits.safetensors)
        } catch {
            if case .invalidJSON(.duplicateName(let name), let offset) = error {
                findings.add(.safetensorsDuplicateName, .init(member: name, offset: offset))
            } else {
                add(error, truncated: .safetensorsTruncated, malformed: .safetensorsMalformed)
            }
            return
        }
        tensors = file.table
        for issue in file.issues {
            findings.add(issue.kind.rule, .init(member: issue.subject), detail: issue.kind.detail)
        }
        findings.addDropped(file.issuesDropped)
        for entry in file.metadata {
            inspect(entry)
        }
        addFacts(file)
    }

    private mutating func inspect(_ entry: SafetensorsFile.Metadata) {
        searchForSecrets(in: Array(entry.value.utf8), member: "__metadata__.\(entry.key)")
        guard let reason = CodeInText.reason(entry.value) else { return }
        findings.add(.safetensorsMetadataCode, .init(member: "__metadata__.\(entry.key)"), detail: reason)
    }

    private mutating func addFacts(_ file: SafetensorsFile) {
        let texts = Dictionary(file.metadata.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
        facts.add(.architecture, texts["modelspec.architecture"])
        facts.add(.name, texts["modelspec.title"])
        facts.add(.license, texts["modelspec.license"])
        facts.add(.baseModel, texts["ss_base_model_version"])
        facts.add(.generator, texts["format"])
        facts.add(.quantization, file.tensors.isEmpty ? nil : QuantType.dominant(file.tensors))
        facts.add(.tensorCount, "\(file.tensors.count)")
        facts.add(.parameterCount, file.table.map { "\($0.parameterCount)" })
    }
}

extension SafetensorsIssue.Kind {
    var rule: RuleID {
        switch self {
        case .noTensors: .safetensorsNoTensors
        case .unknownMember: .safetensorsUnknownMember
        case .paddingNotSpaces: .safetensorsPadding
        case .rangeOutside, .overlap, .hole, .trailingBytes: .safetensorsLayout
        case .lengthMismatch: .safetensorsLength
        }
    }

    var detail: String {
        switch self {
        case .rangeOutside: "the range lies outside the file"
        case .overlap: "the range overlaps the one before it"
        case .hole: "there is a hole before the range"
        case .trailingBytes: "the tensors do not end where the file ends"
        case .noTensors, .unknownMember, .paddingNotSpaces, .lengthMismatch: ""
        }
    }
}
