/// Everything the inspection looks for.
public enum RuleCatalogue {
    /// All rules, in the order of `RuleID`.
    public static let all: [Rule] = RuleID.allCases.map(rule)

    private static let definitions = Dictionary(
        (FileRules.all + AttemptRules.all + GGUFRules.all + SafetensorsRules.all + WeightRules.all
            + PickleRules.all + JSONRules.all
            + TextRules.all + TemplateRules.all + ArchiveRules.all + ZipRules.all + TarRules.all
            + CompressionRules.all + PictureRules.all + NumPyRules.all + TorchRules.all + HDF5Rules.all + KerasRules.all
            + ProtobufRules.all + ONNXRules.all + TensorFlowRules.all + SecretRules.all
            + RepositoryRules.all + ShardRules.all + ScannerRules.all).map { ($0.id, $0) },
        uniquingKeysWith: { first, _ in first })

    public static func rule(_ id: RuleID) -> Rule {
        // A rule without a definition fails closed, and fails a test.
        definitions[id] ?? Rule(id, .critical, .block, id.rawValue, meaning: "", remedy: "")
    }
}
