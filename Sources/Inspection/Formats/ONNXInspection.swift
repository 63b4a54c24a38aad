import ModelFormats

extension FileInspection {
    mutating func inspectONNX() {
        let file: ONNXFile
        do throws(FormatFault) {
            file = try ONNXReader.read(source, limits: limits.onnx)
        } catch {
            add(error, truncated: .protobufTruncated, malformed: .protobufMalformed)
            return
        }
        if !file.hasGraph { findings.add(.protobufMalformed, detail: "there is no graph") }
        judgeOperators(of: file)
        for external in file.externalFiles {
            guard let defect = external.defect else { continue }
            findings.add(
                .onnxOutsideFile, .init(member: external.tensor, offset: external.offset),
                detail: "\(external.location): \(defect)")
        }
        for issue in file.issues { report(issue) }
        findings.addDropped(file.issuesDropped)
        for text in file.texts {
            searchForSecrets(in: text.bytes, member: text.name, offset: text.offset)
            guard let reason = CodeInText.reason(String(decoding: text.bytes, as: UTF8.self)) else { continue }
            findings.add(.onnxTextCode, .init(member: text.name, offset: text.offset), detail: reason)
        }
        if file.textsDropped > 0 {
            findings.add(.fileLimit, detail: "limit onnx.textBytesMax: \(file.textsDropped) texts were not read")
        }
        addFacts(file)
    }

    private mutating func judgeOperators(of file: ONNXFile) {
        var own: Set<[String]> = []
        for function in file.functions {
            own.insert([function.domain, function.name])
            if ONNXVocabulary.shadows(domain: function.domain, name: function.name) {
                findings.add(.onnxShadowedOperator, .init(member: function.name, offset: function.offset))
            }
        }
        for used in file.operators {
            let name = used.domain.isEmpty ? used.type : "\(used.domain).\(used.type)"
            let rule: RuleID? =
                switch ONNXVocabulary.standing(domain: used.domain, type: used.type) {
                case .standard: nil
                case .dangerous: .onnxDangerousOperator
                case .compiled: .onnxCompiledProgram
                case .unknown: own.contains([used.domain, used.type]) ? nil : .onnxCustomOperator
                }
            guard let rule else { continue }
            findings.add(rule, .init(member: name, offset: used.offset))
        }
    }

    private mutating func report(_ issue: ONNXIssue) {
        let place = Finding.Place(member: issue.subject, offset: issue.offset)
        switch issue.kind {
        case .wire(let kind): add(wire: kind, subject: issue.subject, at: issue.offset)
        case .tensor(let defect): findings.add(.onnxTensorData, place, detail: defect.rawValue)
        case .unknownType(let type): findings.add(.onnxUnknownType, place, detail: "type \(type)")
        case .externalData(let defect): findings.add(.onnxExternalData, place, detail: defect.rawValue)
        case .duplicateInitializer: findings.add(.onnxDuplicateInitializer, place)
        // The operator itself is a finding already.
        case .compiledFile: break
        }
    }

    private mutating func addFacts(_ file: ONNXFile) {
        facts.add(.name, file.name)
        facts.add(.generator, "\(file.producer) \(file.producerVersion)".trimmingSpaces)
        facts.add(.version, file.irVersion.map { "IR \($0)" })
        facts.add(.operatorSet, file.operatorSet.map { "\($0)" })
        facts.add(.tensorCount, "\(file.tensorCount)")
        facts.add(.parameterCount, "\(file.parameterCount)")
        facts.add(.externalFiles, FactList.names(file.externalFiles.filter { $0.defect == nil }.map(\.location)))
    }
}

extension String {
    fileprivate var trimmingSpaces: String {
        split(separator: " ", omittingEmptySubsequences: true).joined(separator: " ")
    }
}
