import OCI
import RegistryCore
import RegistryPorts
import Testing

extension MetadataStoreContract {
    static let repositories: [Clause] = tags + places + referrers + receipts + placedEntries

    static let tags: [Clause] = [
        Clause("A tag points where it was last let point, in its repository alone") { store in
            let repository = try MetadataSamples.repository("team/llama")
            let other = try MetadataSamples.repository("team/other")
            let foreign = RepositoryKey(tenant: try Tenant(parsing: "another"), name: repository.name)
            let first = try MetadataSamples.tag("latest", at: "1")
            let second = try MetadataSamples.tag("latest", at: "2", eventIndex: 7)
            let elsewhere = try MetadataSamples.tag("latest", at: "3")
            try await store.write { transaction in
                try transaction.put(first, in: repository)
                #expect(try transaction.tag(.latest, in: repository) == first)
                try transaction.put(second, in: repository)
                try transaction.put(elsewhere, in: other)
            }
            #expect(try await store.tag(.latest, in: repository) == second)
            #expect(try await store.tag(.latest, in: other) == elsewhere)
            #expect(try await store.tag(.latest, in: foreign) == nil)
            #expect(try await store.tags(of: first.version, in: repository, after: nil, limit: 10).isEmpty)
            try await store.write { transaction in
                try transaction.removeTag(.latest, from: repository)
                try transaction.removeTag(.latest, from: repository)
                try transaction.removeTag(.latest, from: foreign)
            }
            #expect(try await store.tag(.latest, in: repository) == nil)
            #expect(try await store.tag(.latest, in: other) == elsewhere)
        },
        Clause("Tags come in pages in the order of their bytes, all of them and those of one manifest") { store in
            let repository = try MetadataSamples.repository("r")
            let other = try MetadataSamples.repository("r/s")
            let texts = ["Z", "_", "a", "a.", "a-", "a0", "aa", "B", "1", "v1.10", "v1.2", "v10"]
            let tags = try texts.enumerated().map { number, text in
                try MetadataSamples.tag(text, at: "\(number % 3)", eventIndex: UInt64(number))
            }
            try await store.write { transaction in
                for tag in tags { try transaction.put(tag, in: repository) }
                try transaction.put(try MetadataSamples.tag("b", at: "0"), in: other)
            }
            let sorted = tags.sorted { $0.tag < $1.tag }
            for limit in [1, 5, texts.count, 1_000] {
                var found: [SealedTag] = []
                while true {
                    let page = try await store.tags(in: repository, after: found.last?.tag.description, limit: limit)
                    #expect(page.count <= limit)
                    if page.isEmpty { break }
                    found += page
                }
                #expect(found == sorted)
            }
            #expect(try await store.tags(in: repository, after: "a/", limit: 2).map(\.tag.description) == ["a0", "aa"])
            #expect(try await store.tags(in: repository, after: "zz", limit: 2).isEmpty)
            for limit in [0, -1] { #expect(try await store.tags(in: repository, after: nil, limit: limit).isEmpty) }
            let version = tags[1].version
            let pointing = sorted.filter { $0.version == version }.map(\.tag)
            #expect(try await store.tags(of: version, in: repository, after: nil, limit: 10) == pointing)
            let rest = try await store.tags(
                of: version, in: repository, after: pointing[0].description, limit: 2)
            #expect(rest == Array(pointing[1...2]))
        },
    ]

    static let placedEntries: [Clause] = [
        Clause("Entries about a repository are found by it and by their tag, newest first") { store in
            let (repository, other) = (try MetadataSamples.repository("r"), try MetadataSamples.repository("s"))
            let tags = ["a", "b"].compactMap { Tag(parsing: $0) }
            let key = try MetadataSamples.key("k")
            try await store.write { transaction in
                for number in UInt8(0)..<60 {
                    let place: EntryPlace? =
                        switch number % 6 {
                        case 0: EntryPlace(repository: repository, tag: nil)
                        case 1: EntryPlace(repository: repository, tag: tags[0])
                        case 2: EntryPlace(repository: repository, tag: tags[1])
                        case 3: EntryPlace(repository: other, tag: tags[0])
                        default: nil
                        }
                    try transaction.appendLeaf([number], of: number % 6 == 4 ? key : nil, at: place)
                }
            }
            let whole = EntryPlace(repository: repository, tag: nil)
            let tagged = EntryPlace(repository: repository, tag: tags[0])
            let all = try await store.entries(of: whole, before: nil, limit: 100)
            #expect(all.map(\.index) == (0..<60 as Range<UInt64>).filter { $0 % 6 < 3 }.reversed())
            #expect(all.allSatisfy { $0.key == nil && $0.bytes == [UInt8($0.index)] })
            let walked = try await store.entries(from: 0, limit: 60).filter { $0.index % 6 < 3 }
            #expect(all == walked.reversed())
            #expect(all.first?.place == EntryPlace(repository: repository, tag: tags[1]))
            #expect(try await store.entries(of: tagged, before: nil, limit: 2).map(\.index) == [55, 49])
            #expect(try await store.entries(of: tagged, before: 49, limit: 2).map(\.index) == [43, 37])
            #expect(try await store.entries(of: tagged, before: 1, limit: 2).isEmpty)
            #expect(try await store.entries(of: tagged, before: .max, limit: 1).map(\.index) == [55])
            #expect(try await store.entries(of: tagged, before: nil, limit: 0).isEmpty)
            let registry = try await store.registryEntries(from: 0, limit: 100)
            #expect(registry.map(\.index) == Array(stride(from: 5, to: 60, by: 6)))
            #expect(try await store.newestEntries(after: 0, limit: 10).map(\.index) == [58])
            #expect(try await store.entries(of: key, from: 0, limit: 100).count == 10)
        }
    ]
}
