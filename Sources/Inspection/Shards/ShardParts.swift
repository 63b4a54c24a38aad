import ModelFormats

/// Files that belong together by their names, or by what GGUF files say of themselves.
private struct PartGroup: Hashable {
    /// `nil` for GGUF files whose names say nothing.
    var family: ShardName.Family?
    var folder: [UInt8]
    var count: UInt64
}

extension ShardSet {
    /// Finds parts that are missing, and parts that do not belong together.
    mutating func judgeParts() {
        var groups: [PartGroup: [Int]] = [:]
        for place in files.indices {
            guard let group = group(of: place) else { continue }
            groups[group, default: []].append(place)
        }
        for (group, places) in groups { judge(group, places) }
    }

    private func group(of place: Int) -> PartGroup? {
        if let name = names[place] {
            guard !isIndexed(name.family) else { return nil }
            return PartGroup(family: name.family, folder: name.family.folder, count: UInt64(name.count))
        }
        guard let part = files[place].part else { return nil }
        let path = Array(files[place].path.utf8)
        let folder = path.lastIndex(of: UInt8(ascii: "/")).map { Array(path[...$0]) } ?? []
        return PartGroup(family: nil, folder: folder, count: part.count)
    }

    /// - Parameter places: at least one, in order.
    private mutating func judge(_ group: PartGroup, _ places: [Int]) {
        guard let first = places.first else { return }
        for place in places { compareWithName(place) }
        let numbers = Set(places.compactMap(number))
        guard UInt64(numbers.count) == group.count else {
            let missing = group.count - min(group.count, UInt64(numbers.count))
            let names = missingNames(group, numbers, like: names[first])
            add(.repositoryMissingShard, to: first, "\(missing) of \(group.count) parts: \(names)")
            return
        }
        compareTensors(places)
    }

    /// Counted from 1, by its name, else by what it says.
    private func number(_ place: Int) -> UInt64? {
        names[place].map { UInt64($0.number) } ?? files[place].part.map { $0.number + 1 }
    }

    private func missingNames(_ group: PartGroup, _ present: Set<UInt64>, like name: ShardName?) -> String {
        let shownMax = 5
        var shown: [String] = []
        var number: UInt64 = 1
        // At most as many are looked at as there are, and a few more.
        while number <= group.count, shown.count <= shownMax {
            if !present.contains(number) {
                shown.append(name.flatMap { name in Int(exactly: number).map(name.name) } ?? "number \(number)")
            }
            number += 1
        }
        return shown.prefix(shownMax).joined(separator: ", ") + (shown.count > shownMax ? " and more" : "")
    }

    private mutating func compareWithName(_ place: Int) {
        guard let name = names[place], let part = files[place].part else { return }
        guard part.number + 1 != UInt64(name.number) || part.count != UInt64(name.count) else { return }
        add(
            .repositoryShardMismatch, to: place,
            "the file says that it is part \(part.number + 1) of \(part.count)")
    }

    /// All parts are there: they have to have the tensors that they say they have together.
    private mutating func compareTensors(_ places: [Int]) {
        let parts = places.compactMap { files[$0].part }
        guard let first = places.first, !parts.isEmpty else { return }
        guard Set(parts.map(\.tensorCount)).count == 1, parts.count == places.count else {
            add(.repositoryShardMismatch, to: first, "the parts do not say the same about the whole")
            return
        }
        let counts = places.compactMap { files[$0].tensors?.count }
        guard let told = parts[0].tensorCount, counts.count == places.count else { return }
        let total = counts.reduce(0, &+)
        guard total != told else { return }
        add(.repositoryShardMismatch, to: first, "the parts have \(total) tensors, and say that there are \(told)")
    }
}
