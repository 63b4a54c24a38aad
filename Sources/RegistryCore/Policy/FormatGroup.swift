/// What kind of file something is, as far as a policy cares: what it can do to whoever loads it.
///
/// A file may be of several groups: an archive with pickles in it is an archive and a pickle.
public enum FormatGroup: String, Sendable, Hashable, CaseIterable, Comparable {
    case gguf, safetensors, numpy, onnx, tflite, ggml, hdf5, keras, savedmodel
    /// Pickles, whatever they are wrapped in: those of PyTorch, of joblib, and the objects in NumPy arrays.
    case pickle
    /// ZIP, tar and what was compressed. What is in them counts besides.
    case archive
    /// JSON, Markdown and other text.
    case text
    /// Chat templates and others of Jinja.
    case template
    case script
    /// Parquet, Arrow, SQLite, tokenizers of SentencePiece.
    case data
    /// Images, audio, PDF.
    case media
    case executable
    case unknown

    public static func < (left: FormatGroup, right: FormatGroup) -> Bool { left.rawValue < right.rawValue }
}

/// What is known of all files of one group.
public struct FormatGroupFacts: Sendable, Hashable {
    public var files: UInt64
    /// The worst of them, after waivers.
    public var verdict: String
    /// The largest of them, in bytes.
    public var largestBytes: UInt64
    /// Scanners that looked at every one of them, sorted.
    public var scanners: [String]

    public init(files: UInt64, verdict: String, largestBytes: UInt64, scanners: [String]) {
        self.files = files
        self.verdict = verdict
        self.largestBytes = largestBytes
        self.scanners = scanners
    }
}

/// What a policy asks of the files of one group.
public struct FormatRequirement: Sendable, Hashable {
    /// `false`: such files are not admitted.
    public var isAllowed: Bool
    /// Scanners that have to have looked at every such file.
    public var scanners: [String]
    /// Where the artifact has to come from, one of these; empty for anywhere.
    public var sources: [String]
    /// How large such a file may be.
    public var sizeBytesMax: UInt64?

    public init(isAllowed: Bool, scanners: [String] = [], sources: [String] = [], sizeBytesMax: UInt64? = nil) {
        self.isAllowed = isAllowed
        self.scanners = scanners
        self.sources = sources
        self.sizeBytesMax = sizeBytesMax
    }

    /// What such files lack, a sentence each; empty when they are admitted.
    ///
    /// - Parameter facts: those of the whole artifact.
    func objections(
        to group: FormatGroup, _ found: FormatGroupFacts, _ facts: PolicyFacts
    ) -> [String] {
        guard isAllowed else { return ["Files of the format \(group.rawValue) are not admitted."] }
        var objections: [String] = []
        if found.verdict != "clean" {
            objections.append("A file of the format \(group.rawValue) is not clean but \(found.verdict).")
        }
        let missing = scanners.filter { !found.scanners.contains($0) }
        if !missing.isEmpty {
            objections.append(
                "Files of the format \(group.rawValue) have to be scanned by \(missing.joined(separator: ", ")).")
        }
        if let sizeBytesMax, found.largestBytes > sizeBytesMax {
            objections.append(
                "A file of the format \(group.rawValue) has \(found.largestBytes) bytes, more than \(sizeBytesMax).")
        }
        if !sources.isEmpty, facts[.source].map({ source in sources.contains { source == .text($0) } }) != true {
            objections.append("Files of the format \(group.rawValue) are admitted from named sources alone.")
        }
        return objections
    }
}

extension [FormatGroup: FormatGroupFacts] {
    /// From best to worst. A word that is none of them is the worst.
    private static var verdicts: [String] { ["clean", "review", "undecided", "block"] }

    /// Takes a file in.
    ///
    /// - Parameters:
    ///   - names: the groups of the file; one that policies do not know is `unknown`.
    ///   - verdict: after waivers.
    ///   - scanners: those that looked at it.
    public mutating func add(_ names: Set<String>, verdict: String, sizeBytes: UInt64, scanners: [String]) {
        for group in Set(names.map { FormatGroup(rawValue: $0) ?? .unknown }) {
            var facts =
                self[group]
                ?? FormatGroupFacts(files: 0, verdict: "clean", largestBytes: 0, scanners: scanners.sorted())
            facts.files += 1
            facts.largestBytes = Swift.max(facts.largestBytes, sizeBytes)
            facts.scanners = facts.scanners.filter(scanners.contains)
            if Self.rank(verdict) > Self.rank(facts.verdict) { facts.verdict = verdict }
            self[group] = facts
        }
    }

    private static func rank(_ verdict: String) -> Int { verdicts.firstIndex(of: verdict) ?? verdicts.count }
}
