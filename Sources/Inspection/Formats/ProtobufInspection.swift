import ModelFormats

extension FileInspection {
    mutating func inspectSentencePiece() {
        do throws(FormatFault) {
            let file = try SentencePieceReader.read(source, limits: limits.onnx.wire)
            for issue in file.issues { add(wire: issue.kind, subject: issue.subject, at: issue.offset) }
            findings.addDropped(file.issuesDropped)
            facts.add(.vocabularySize, "\(file.pieceCount)")
            facts.add(.documentKind, "tokenizer")
        } catch {
            add(error, truncated: .protobufTruncated, malformed: .protobufMalformed)
        }
    }

    mutating func add(wire kind: ProtobufIssue.Kind, subject: String, at offset: UInt64) {
        let rule: RuleID =
            switch kind {
            case .duplicateField: .protobufDuplicateField
            case .unknownField: .protobufUnknownField
            case .wireType: .protobufWireType
            }
        findings.add(rule, .init(offset: offset), detail: subject)
    }
}
