/// The files of a work tree, read once.
public struct SourceTree: Sendable {
    /// Text by path, for the files whose text has rules.
    public let texts: [String: String]
    /// Every file and directory, relative to the root.
    public let paths: Set<String>
    public let layers: LayerTable
    let swiftFiles: [SwiftFile]

    /// - Parameters:
    ///   - texts: by path relative to the root.
    ///   - otherPaths: files and directories that links may point at.
    public init(texts: [String: String], otherPaths: Set<String> = [], layers: LayerTable) {
        self.texts = texts
        self.layers = layers
        paths = otherPaths.union(texts.keys)
        swiftFiles = texts.filter { $0.key.hasSuffix(".swift") }
            .map { SwiftFile(path: $0.key, text: $0.value) }
            .sorted { $0.path < $1.path }
    }

    /// Everything that breaks a rule, in order of place.
    public func findings() -> [Finding] {
        let swift = swiftFiles.flatMap { file in
            LayerRule.findings(in: file, layers) + ForbiddenCode.findings(in: file, layers)
                + UnexplainedEscape.findings(in: file) + SizeRules.findings(in: file)
                + UnfinishedWork.findings(in: file)
        }
        return
            (swift + FileNameRule.findings(in: self) + LinkRule.findings(in: self)
            + DecisionRecordRule.findings(in: self)).sorted()
    }
}
