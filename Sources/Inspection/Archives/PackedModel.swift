import ModelFormats

/// What an archive says of the model that is packed into it: of the largest file of weights, however deep it lies, and
/// of a configuration beside it.
struct PackedModel {
    /// What `documentKind` calls the configurations that stand beside weights, the one that says more first.
    private static let configurations = ["model configuration", "adapter configuration"]
    /// What is told of the weights as if the archive were the file.
    private static let told: Set<Fact.Key> = [
        .architecture, .name, .type, .quantization, .fileType, .contextLength, .tokenizer, .baseModel,
    ]

    private var main: (format: FileFormat, sizeBytes: UInt64, facts: [Fact])?
    private var configuration: (kind: String, facts: [Fact])?
    private var licenses: Set<String> = []
    /// Of weights in parts, by their format: the parameters of all parts, `nil` where a part does not say.
    private var parameterCounts: [FileFormat: UInt64?] = [:]

    /// Takes a member of the archive, which may be an archive again.
    mutating func add(_ part: FileInspection) {
        let facts = part.facts.kept
        licenses.formUnion(facts.values(of: .license))
        if part.format.formatClass == .tensors, part.format != .numpy {
            add(part.format, part.source.sizeBytes, facts)
        } else if let kind = facts.values(of: .documentKind).first {
            keep(kind, facts)
        }
        merge(part.packedModel)
    }

    private mutating func add(_ format: FileFormat, _ sizeBytes: UInt64, _ facts: [Fact]) {
        if Self.isPart(format, facts) {
            let count = facts.values(of: .parameterCount).first.flatMap { UInt64($0) }
            parameterCounts[format] = .some(Self.sum(parameterCounts[format] ?? 0, count))
        }
        if sizeBytes > main?.sizeBytes ?? 0 { main = (format, sizeBytes, facts) }
    }

    private mutating func keep(_ kind: String, _ facts: [Fact]) {
        guard let rank = Self.configurations.firstIndex(of: kind) else { return }
        let present = configuration.flatMap { Self.configurations.firstIndex(of: $0.kind) }
        if present.map({ rank < $0 }) ?? true { configuration = (kind, facts) }
    }

    private mutating func merge(_ inner: PackedModel) {
        licenses.formUnion(inner.licenses)
        if let (kind, facts) = inner.configuration { keep(kind, facts) }
        for (format, count) in inner.parameterCounts {
            parameterCounts[format] = .some(Self.sum(parameterCounts[format] ?? 0, count))
        }
        if let weights = inner.main, weights.sizeBytes > main?.sizeBytes ?? 0 { main = weights }
    }

    /// Whether there may be more files with weights of the same model.
    private static func isPart(_ format: FileFormat, _ facts: [Fact]) -> Bool {
        format == .safetensors || format == .gguf && !facts.values(of: .part).isEmpty
    }

    private static func sum(_ first: UInt64?, _ second: UInt64?) -> UInt64? {
        guard let first, let second else { return nil }
        let (sum, overflow) = first.addingReportingOverflow(second)
        return overflow ? nil : sum
    }

    /// Nothing without weights.
    var facts: [Fact] {
        guard let main else { return [] }
        var facts = [Fact(.weightsFormat, main.format.rawValue)] + main.facts.filter { Self.told.contains($0.key) }
        if let (kind, stated) = configuration {
            facts.append(Fact(.documentKind, kind))
            for key in [Fact.Key.architecture, .modelType, .contextLength] where facts.values(of: key).isEmpty {
                facts += stated.filter { $0.key == key }
            }
        }
        if licenses.count == 1, let license = licenses.first { facts.append(Fact(.license, license)) }
        let own = main.facts.values(of: .parameterCount).first.flatMap { UInt64($0) }
        let count = Self.isPart(main.format, main.facts) ? parameterCounts[main.format] ?? nil : own
        if let count { facts.append(Fact(.parameterCount, "\(count)")) }
        return facts
    }
}

extension [Fact] {
    fileprivate func values(of key: Fact.Key) -> [String] {
        compactMap { $0.key == key ? $0.value : nil }
    }
}
