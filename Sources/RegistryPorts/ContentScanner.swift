/// Looks into files with a program that is not ours. What it says can make a verdict worse, never better.
public protocol ContentScanner: Sendable {
    /// As policies, findings and evidence name it.
    var name: String { get }

    /// What it scans by now; `nil` while it does not answer.
    func identity() async -> ScannerIdentity?

    /// Never throws: whatever goes wrong is an answer, too.
    ///
    /// - Parameters:
    ///   - name: the file's name, for messages. It is not handed to the program.
    ///   - parts: of a file of tensors, everything that is no tensor. A scanner that cannot take the whole file looks
    ///     at these parts, one after the other as if they were a file.
    func scan(_ file: any LocalFile, name: String, parts: [Range<UInt64>]?) async -> ScanOutcome
}

/// What a scanner scanned by.
public struct ScannerIdentity: Sendable, Hashable {
    public var name: String
    /// As the program states it.
    public var version: String
    /// Its rules: a digest where they are files that we can read, else what the program says of them.
    public var rules: String

    public init(name: String, version: String, rules: String) {
        self.name = name
        self.version = version
        self.rules = rules
    }
}

/// Something that a scanner found.
public struct ScanFinding: Sendable, Hashable {
    /// `true` for what must not be loaded, `false` for what a person should look at.
    public var isThreat: Bool
    /// What the scanner calls it.
    public var title: String
    public var detail: String

    public init(isThreat: Bool, title: String, detail: String = "") {
        self.isThreat = isThreat
        self.title = title
        self.detail = detail
    }
}

/// What came of one file.
public enum ScanOutcome: Sendable, Hashable {
    /// It looked at all of the file, or at everything that is no tensor.
    case completed([ScanFinding], withTensors: Bool)
    /// It cannot take such a file; the reason.
    case notScanned(String)
    /// It came to no result this time; the reason.
    case failed(String)
}
