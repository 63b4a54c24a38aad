internal import Inspection
internal import ModelFormats
internal import RegistryCore

/// What one path of a command line comes to: the file, or everything beneath the directory, as one artifact.
struct InspectedArtifact: Sendable {
    let path: String
    private(set) var verdict = Verdict.clean
    private(set) var filesCount = 0
    private(set) var sizeBytes: UInt64 = 0
    private var found: Set<RuleID> = []
    private var formats: Set<FileFormat> = []
    private var groups: [FormatGroup: FormatGroupFacts] = [:]
    private var licenses: Set<String> = []
    /// Whether it is known of every file what it is.
    private var isKnown = true

    init(path: String) {
        self.path = path
    }

    mutating func add(_ file: InspectedFile) {
        filesCount += 1
        verdict = max(verdict, file.inspectionVerdict)
        sizeBytes = sizeBytes.addingReportingOverflow(file.sizeBytes ?? 0).partialValue
        found.formUnion(file.found)
        if let license = file.license { licenses.insert(license) }
        if let format = file.format { formats.insert(format) }
        groups.add(
            file.formatGroups, verdict: file.inspectionVerdict.rawValue, sizeBytes: file.sizeBytes ?? .max,
            scanners: [])
        if file.inspectionVerdict == .undecided, (file.formatClass ?? .unknown) == .unknown { isKnown = false }
    }

    /// What a registry would establish about it, were it acquired now.
    ///
    /// - Parameter stated: what only whoever acquires it could say.
    func facts(stated: [PolicyFact: String]) -> PolicyFacts {
        var facts = PolicyFacts([
            .verdict: .text(verdict.rawValue),
            .findings: .members(found.map(\.rawValue)),
            .sizeBytes: .number(sizeBytes),
            .files: .number(UInt64(filesCount)),
            .state: .text(ArtifactState.acquired.rawValue),
        ])
        // What an inspection that came to no result did not recognise may be anything.
        if filesCount > 0, isKnown {
            facts[.format] = .members(formats.map(\.rawValue))
            facts[.formatClass] = .members(formats.map(\.formatClass.rawValue))
            facts[.formatGroup] = .members(groups.keys.map(\.rawValue))
            facts.groups = groups
        }
        if licenses.count == 1, let license = licenses.first { facts[.license] = .text(license) }
        for (fact, value) in stated { facts[fact] = .text(value) }
        return facts
    }
}
