internal import Inspection

/// The inspection of everything that a command line names, on all processors.
///
/// Memory does not grow with the files' sizes, and with their number only by a line for each: findings beyond
/// `detailBytesMax` are counted and not kept, except the worst of each file.
struct InspectionRun: Sendable {
    /// In the order of the paths, and beneath each in the order of the names.
    private(set) var files: [InspectedFile] = []
    /// One for each path.
    private(set) var artifacts: [InspectedArtifact]
    private var detailBytes = 0
    /// The artifact of each file.
    private var owners: [Int] = []

    /// Bytes of findings and facts that are kept, all files together.
    private static let detailBytesMax = 64 << 20
    /// Results that wait for an earlier one.
    private static let waitingMax = 256

    /// - Parameter weights: whether the numbers in tensors are looked at, too; then one file is read after the other.
    init(_ paths: [String], weights: Bool, in context: CommandContext) async throws {
        let paths = Self.unique(paths)
        artifacts = paths.map { InspectedArtifact(path: $0) }
        let subjects = paths.enumerated().flatMap { index, path in
            InspectionSubject.all(at: path).map { Item(artifact: index, subject: $0) }
        }
        let meter = weights ? nil : context.meter("inspecting", .items("files"), total: UInt64(subjects.count))
        defer { meter?.finish() }
        let inspector = context.inspector
        let width = weights ? 1 : Processors.count
        try await SideBySide.inOrder(subjects, width: width, ahead: Self.waitingMax) { item in
            try Task.checkCancellation()
            let reading = context.meter("reading", .bytes, total: nil)
            defer { reading.finish() }
            let progress: WeightProgress = { reading.update($1, of: $2, "reading \($0)") }
            let file = await item.subject.inspected(by: inspector, weights: weights ? progress : nil)
            meter?.advance()
            return Done(artifact: item.artifact, file: file)
        } use: { done in
            keep(done)
        }
        compare()
        for (owner, file) in zip(owners, files) { artifacts[owner].add(file) }
    }

    private struct Item: Sendable {
        var artifact: Int
        var subject: InspectionSubject
    }

    private struct Done: Sendable {
        var artifact: Int
        var file: InspectedFile
    }

    private mutating func keep(_ done: Done) {
        var file = done.file
        owners.append(done.artifact)
        detailBytes += file.detailBytes
        if detailBytes > Self.detailBytesMax { file.omitDetails() }
        files.append(file)
    }

    /// Compares the files beneath each directory with each other.
    private mutating func compare() {
        let places = Dictionary(grouping: files.indices.filter { files[$0].shard != nil }) { owners[$0] }
        for places in places.values {
            for located in ShardSet.findings(in: places.compactMap { files[$0].shard }) {
                files[places[located.file]].add(located.finding)
            }
        }
    }

    private static func unique(_ paths: [String]) -> [String] {
        var seen: Set<[UInt8]> = []
        return paths.filter { seen.insert(Array($0.utf8)).inserted }
    }

    var verdict: Verdict { Verdict.worst(of: files.map(\.verdict)) }

    /// What is bad is bad whatever else could not be read; what could not be opened is worse than what could not be
    /// decided, because nothing was tried.
    var status: ExitStatus {
        if verdict == .block { return .bad }
        if let fault = files.lazy.compactMap(\.fault).first { return fault }
        switch verdict {
        case .clean: return .done
        case .review: return .refusedByPolicy
        case .undecided: return .unchecked
        case .block: return .bad
        }
    }
}
