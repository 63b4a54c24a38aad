import ModelFormats

/// Compares the files of one directory or artifact with each other, where a model is spread over several of them:
/// indexes of weights, and parts by their names or by what GGUF files say.
///
/// What is compared is small whatever the size of the files: names, numbers of tensors, one digest over the names in
/// each. Archives are one file; what lies inside of them is not compared.
public struct ShardSet {
    /// A finding about one of the files, by its place in their list.
    public struct Located: Sendable, Hashable {
        public let file: Int
        public let finding: Finding
    }

    /// What is missing, too much or contradictory, in the order of the files.
    public static func findings(in files: [ShardFile]) -> [Located] {
        var set = ShardSet(files)
        set.followIndexes()
        set.judgeUnlisted()
        set.judgeParts()
        return set.found.sorted { left, right in
            (left.file, left.finding.rule.rawValue, left.finding.detail)
                < (right.file, right.finding.rule.rawValue, right.finding.detail)
        }
    }

    let files: [ShardFile]
    /// `nil` for files with other names.
    let names: [ShardName?]
    private let places: [[UInt8]: Int]
    /// Files that an index names, by their paths.
    private var listed: Set<[UInt8]> = []
    /// Families that an index names a part of.
    private var indexed: Set<ShardName.Family> = []
    /// What a loader would take in place of the files that an index names.
    private var replacements: Set<[UInt8]> = []
    private var found: [Located] = []

    private init(_ files: [ShardFile]) {
        self.files = files
        names = files.map { ShardName($0.path) }
        places = Dictionary(
            files.enumerated().map { (Array($1.path.utf8), $0) }, uniquingKeysWith: { first, _ in first })
    }

    mutating func add(_ rule: RuleID, to file: Int, _ detail: String) {
        found.append(Located(file: file, finding: Finding(rule, detail: detail)))
    }

    /// Whether an index names files of that family.
    func isIndexed(_ family: ShardName.Family) -> Bool { indexed.contains(family) }
}

// Indexes.
extension ShardSet {
    private static let indexSuffix = ".index.json"

    private mutating func followIndexes() {
        for (place, file) in files.enumerated() {
            guard let index = file.index else { continue }
            follow(index, at: place)
        }
    }

    private mutating func follow(_ index: WeightIndex, at place: Int) {
        let path = files[place].path
        let folder = Self.folder(of: path)
        var missing: [String] = []
        for shard in index.shards {
            // What leads out of the folder is blocked by itself.
            guard let name = Self.resolved(shard.file) else { continue }
            let full = folder + name
            let key = Array(full.utf8)
            listed.insert(key)
            if let family = ShardName(full)?.family { indexed.insert(family) }
            guard let target = places[key] else {
                missing.append(shard.file)
                continue
            }
            compare(shard, with: target, path)
        }
        if path.hasSuffix(Self.indexSuffix) {
            replacements.insert(Array(path.utf8.dropLast(Self.indexSuffix.utf8.count)))
        }
        guard !missing.isEmpty else { return }
        let words = index.shards.count == 1 ? "its only file" : "\(missing.count) of \(index.shards.count) files"
        add(.repositoryMissingShard, to: place, "\(words): \(FactList.names(missing) ?? "")")
    }

    /// Files of pickles do not say which tensors they have.
    private mutating func compare(_ shard: WeightIndex.Shard, with target: Int, _ index: String) {
        guard let tensors = files[target].tensors, tensors != shard.tensors else { return }
        let words =
            tensors.count == shard.tensors.count
            ? "\(tensors.count) tensors, of which some have other names than in \(index)"
            : "\(tensors.count) tensors, and \(shard.tensors.count) in \(index)"
        add(.repositoryShardMismatch, to: target, words)
    }

    private mutating func judgeUnlisted() {
        for (place, file) in files.enumerated() {
            let key = Array(file.path.utf8)
            guard !listed.contains(key) else { continue }
            if replacements.contains(key) {
                add(.repositoryUnlistedShard, to: place, "loaders take it in place of the files of the index beside it")
            } else if let name = names[place], isIndexed(name.family) {
                add(.repositoryUnlistedShard, to: place, "the index names others of these files")
            }
        }
    }

    private static func folder(of path: String) -> String {
        path.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(path[...$0]) } ?? ""
    }

    /// The file's name without steps that lead nowhere; `nil` where it leads out of the folder.
    private static func resolved(_ file: String) -> String? {
        guard !KerasVocabulary.leadsAway(file) else { return nil }
        let steps = file.split(separator: "/").filter { $0 != "." }
        return steps.isEmpty ? nil : steps.joined(separator: "/")
    }
}
