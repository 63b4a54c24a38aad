import ModelFormats

extension FileInspection {
    /// Operators that are not built in are judged: those of TensorFlow (`Flex…`) as in its graphs. The rest of the file
    /// is not read, so that it is never clean.
    mutating func inspectTensorFlowLite() {
        findings.add(.fileUnsupportedFormat, detail: format.rawValue)
        guard let operators = try? TensorFlowLiteReader.customOperators(source) else { return }
        var seen: Set<String> = []
        for used in operators where seen.insert(used.name).inserted {
            let isFlex = used.name.hasPrefix("Flex")
            let standing = isFlex ? TensorFlowVocabulary.standing(String(used.name.dropFirst(4))) : .unknown
            let rule: RuleID? =
                switch standing {
                case .standard: nil
                case .dangerous: .tensorFlowDangerousOperator
                case .checkpoint, .system: .tensorFlowSystemOperator
                case .unknown: Self.liteOperators.contains(used.name) ? nil : .tensorFlowUnknownOperator
                }
            guard let rule else { continue }
            findings.add(rule, .init(member: used.name, offset: used.offset))
        }
    }

    /// Custom operators that the runtime itself brings.
    private static let liteOperators: Set<String> = [
        "TFLite_Detection_PostProcess", "AudioSpectrogram", "Mfcc", "NumericVerify", "RandomStandardNormal",
        "RandomUniform", "Multinomial", "ReadVariable", "AssignVariable", "VarHandle", "HashTable", "HashTableFind",
        "HashTableImport", "HashTableSize", "Convolution2DTransposeBias", "MaxPoolingWithArgmax2D", "MaxUnpooling2D",
    ]
}
