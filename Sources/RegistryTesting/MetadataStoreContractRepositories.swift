import OCI
import RegistryCore
import RegistryPorts
import Testing

extension MetadataStoreContract {
    static let repositories: [Clause] = tags + places + referrers + receipts + placedEntries

    private static let tags: [Clause] = [
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

    private static let places: [Clause] = [
        Clause("What a manifest names can be read in its repository, and in no other") { store in
            let repository = try MetadataSamples.repository("team/llama")
            let other = try MetadataSamples.repository("team/other")
            let place = try MetadataSamples.place("m", blobs: ["config", "weights"])
            #expect(try await !store.hasManifests(in: repository))
            try await store.write { transaction in
                try transaction.place(place, in: repository)
                try transaction.place(place, in: repository)
                #expect(try transaction.hasManifest(place.version, in: repository))
                #expect(try transaction.hasManifests(in: repository))
                #expect(try transaction.hasBlob(place.blobs[0], in: repository, receivedSince: .latest))
            }
            #expect(try await store.hasManifest(place.version, in: repository))
            #expect(try await store.hasManifests(in: repository))
            for blob in place.blobs {
                #expect(try await store.hasBlob(blob, in: repository, receivedSince: .latest))
                #expect(try await !store.hasBlob(blob, in: other, receivedSince: .earliest))
                #expect(try await !store.wasReceived(blob, since: .earliest))
            }
            #expect(try await !store.hasManifest(place.version, in: other))
            #expect(try await !store.hasManifests(in: other))
            #expect(try await !store.hasManifest(place.blobs[0], in: repository))
        },
        Clause("Taking a manifest out takes away what it brought, and nothing that others brought") { store in
            let repository = try MetadataSamples.repository("r")
            let other = try MetadataSamples.repository("s")
            let subject = try MetadataSamples.digest("subject")
            let child = try MetadataSamples.digest("child")
            let first = try MetadataSamples.place(
                "1", blobs: ["shared", "own"], children: [child], subject: subject, artifactType: "a/b")
            let second = try MetadataSamples.place("2", blobs: ["shared"])
            let (shared, own) = (first.blobs[0], first.blobs[1])
            let state = {
                (
                    try await store.hasBlob(shared, in: repository, receivedSince: .earliest),
                    try await store.hasBlob(own, in: repository, receivedSince: .earliest),
                    try await store.referrers(of: subject, in: repository, artifactType: nil, after: nil, limit: 9)
                        .count,
                    try await store.write { try $0.indexes(naming: child, in: .default, limit: 9) }.count
                )
            }
            try await store.write { transaction in
                try transaction.place(first, in: repository)
                try transaction.place(first, in: repository)
                try transaction.place(second, in: repository)
            }
            #expect(try await state() == (true, true, 1, 1))
            try await store.write { transaction in
                try transaction.remove(first.version, from: other)
                try transaction.remove(first.version, from: repository)
                try transaction.remove(first.version, from: repository)
            }
            #expect(try await state() == (true, false, 0, 0))
            #expect(try await !store.hasManifest(first.version, in: repository))
            try await store.write { try $0.place(first, in: repository) }
            #expect(try await state() == (true, true, 1, 1))
            try await store.write { transaction in
                try transaction.remove(second.version, from: repository)
                try transaction.remove(first.version, from: repository)
            }
            #expect(try await state() == (false, false, 0, 0))
            #expect(try await !store.hasManifests(in: repository))
            #expect(try await store.repositories(in: .default, after: nil, limit: 9).isEmpty)
        },
        Clause("A manifest that a tag points at stays") { store in
            let repository = try MetadataSamples.repository("r")
            let other = try MetadataSamples.repository("s")
            let place = try MetadataSamples.place("m", blobs: ["b"])
            let tag = try MetadataSamples.tag("v1", at: place.version)
            try await store.write { transaction in
                try transaction.place(place, in: repository)
                try transaction.place(place, in: other)
                try transaction.put(tag, in: repository)
            }
            await #expect(throws: StorageFault.changed) {
                try await store.write { try $0.remove(place.version, from: repository) }
            }
            #expect(try await store.hasManifest(place.version, in: repository))
            // The tag is of one repository: the manifest may leave the other.
            try await store.write { try $0.remove(place.version, from: other) }
            #expect(try await !store.hasManifest(place.version, in: other))
            try await store.write { transaction in
                try transaction.removeTag(tag.tag, from: repository)
                try transaction.remove(place.version, from: repository)
            }
            #expect(try await !store.hasManifest(place.version, in: repository))
        },
        Clause("Repositories that hold a manifest come in pages in the order of their bytes") { store in
            let texts = ["a", "a-b", "a/b", "a0", "ab", "b", "team/llama", "team/llama2", "z"]
            let place = try MetadataSamples.place("m", blobs: ["b"])
            let empty = try MetadataSamples.repository("empty")
            let another = RepositoryKey(tenant: try Tenant(parsing: "another"), name: empty.name)
            try await store.write { transaction in
                for text in texts.reversed() { try transaction.place(place, in: try MetadataSamples.repository(text)) }
                try transaction.putReceived(place.blobs[0], in: empty, at: MetadataSamples.time(0))
                try transaction.put(try MetadataSamples.tag("v1", at: "elsewhere"), in: empty)
                try transaction.place(place, in: another)
            }
            for limit in [1, 4, 1_000] {
                var found: [String] = []
                while true {
                    let page = try await store.repositories(in: .default, after: found.last, limit: limit)
                    if page.isEmpty { break }
                    found += page.map(\.description)
                }
                #expect(found == texts)
            }
            let page = try await store.repositories(in: .default, after: "a/a", limit: 2)
            #expect(page.map(\.description) == ["a/b", "a0"])
            #expect(try await store.repositories(in: .default, after: nil, limit: 0).isEmpty)
            let holding = try await store.write { transaction in
                (
                    try transaction.repositories(holding: place.version, in: .default, limit: 100),
                    try transaction.repositories(holding: place.version, in: .default, limit: 2),
                    try transaction.repositories(holding: place.version, in: another.tenant, limit: 100),
                    try transaction.repositories(holding: place.blobs[0], in: .default, limit: 100)
                )
            }
            #expect(Set(holding.0.map(\.description)) == Set(texts))
            #expect(holding.1.count == 2)
            #expect(holding.2 == [empty.name])
            #expect(holding.3.isEmpty)
        },
        Clause("Indexes that name a manifest are found once, within one tenant") { store in
            let child = try MetadataSamples.digest("child")
            let indexes = try ["i", "j"].map { try MetadataSamples.place($0, blobs: [], children: [child]) }
            let foreign = RepositoryKey(tenant: try Tenant(parsing: "another"), name: try RepositoryName(parsing: "r"))
            let found = try await store.write { transaction in
                for name in ["r", "s"] {
                    for index in indexes { try transaction.place(index, in: try MetadataSamples.repository(name)) }
                }
                try transaction.place(
                    try MetadataSamples.place("foreign", blobs: [], children: [child]), in: foreign)
                return (
                    try transaction.indexes(naming: child, in: .default, limit: 10),
                    try transaction.indexes(naming: child, in: .default, limit: 1),
                    try transaction.indexes(naming: indexes[0].version, in: .default, limit: 10)
                )
            }
            #expect(found.0.sorted() == indexes.map(\.version).sorted())
            #expect(found.1.count == 1)
            #expect(found.2.isEmpty)
        },
        Clause("Trusted manifests that name a blob are found within one repository") { store in
            let (repository, other) = (try MetadataSamples.repository("r"), try MetadataSamples.repository("s"))
            let blob = try MetadataSamples.digest("blob")
            var trusted: [Digest] = []
            for (number, state) in (ArtifactState.allCases + [.trusted]).enumerated() {
                let record = try MetadataSamples.record("n\(number)", state: state)
                if state == .trusted { trusted.append(record.record.key.version) }
                try await store.write { transaction in
                    try transaction.put(record)
                    try transaction.place(
                        ManifestPlace(version: record.record.key.version, blobs: [blob]), in: repository)
                }
            }
            try await store.write { try $0.place(try MetadataSamples.place("no record", blobs: ["blob"]), in: other) }
            let found = try await store.trustedManifests(naming: blob, in: repository, limit: 10)
            #expect(found.sorted() == trusted.sorted())
            #expect(try await store.trustedManifests(naming: blob, in: repository, limit: 1).count == 1)
            #expect(try await store.trustedManifests(naming: blob, in: other, limit: 10).isEmpty)
            #expect(try await store.trustedManifests(naming: trusted[0], in: repository, limit: 10).isEmpty)
        },
    ]

    private static let referrers: [Clause] = [
        Clause("Referrers come in pages in the order of their digests, all of them and those of one type") { store in
            let repository = try MetadataSamples.repository("r")
            let subject = try MetadataSamples.digest("subject")
            var places = try (0..<20).map { number in
                try MetadataSamples.place(
                    "\(number)", blobs: [], subject: subject, artifactType: number % 3 == 0 ? "a/sbom" : "a/signature")
            }
            // A longer digest follows the shorter ones, whatever its bytes.
            let long = try Digest(sha512: [UInt8](repeating: 0, count: 64))
            places[3].version = long
            places[3].referrer?.version = long
            let sent = places
            try await store.write { transaction in
                for place in sent { try transaction.place(place, in: repository) }
                let foreign = try MetadataSamples.place("0", blobs: [], subject: subject, artifactType: "a/sbom")
                try transaction.place(foreign, in: try MetadataSamples.repository("s"))
                let unrelated = try MetadataSamples.place("u", blobs: [], subject: long, artifactType: "a/sbom")
                try transaction.place(unrelated, in: repository)
            }
            let sorted = places.compactMap(\.referrer).sorted { $0.version < $1.version }
            for type in [nil, "a/sbom", "a/signature", "a/none"] {
                let expected = sorted.filter { type == nil || $0.artifactType == type }
                for limit in [1, 6, 1_000] {
                    var found: [StoredReferrer] = []
                    while true {
                        let page = try await store.referrers(
                            of: subject, in: repository, artifactType: type, after: found.last?.version, limit: limit)
                        if page.isEmpty { break }
                        found += page
                    }
                    #expect(found == expected)
                }
            }
            #expect(sorted.last?.version == long)
            try await store.write { try $0.remove(long, from: repository) }
            let rest = try await store.referrers(
                of: subject, in: repository, artifactType: nil, after: nil, limit: 100)
            #expect(rest == sorted.dropLast())
            let none = try await store.referrers(
                of: subject, in: repository, artifactType: nil, after: nil, limit: -1)
            #expect(none.isEmpty)
        }
    ]

    private static let receipts: [Clause] = [
        Clause("A blob that was received is there until it is forgotten, and no longer than asked") { store in
            let (repository, other) = (try MetadataSamples.repository("r"), try MetadataSamples.repository("s"))
            let blob = try Digest(sha512: [UInt8](repeating: 7, count: 64))
            let time = MetadataSamples.time(1_000)
            try await store.write { transaction in
                try transaction.putReceived(blob, in: repository, at: time)
                #expect(try transaction.hasBlob(blob, in: repository, receivedSince: time))
            }
            #expect(try await store.hasBlob(blob, in: repository, receivedSince: time))
            #expect(try await !store.hasBlob(blob, in: repository, receivedSince: MetadataSamples.time(1_001)))
            #expect(try await !store.hasBlob(blob, in: other, receivedSince: time))
            #expect(try await store.wasReceived(blob, since: time))
            #expect(try await !store.wasReceived(blob, since: MetadataSamples.time(1_001)))
            #expect(try await !store.hasManifests(in: repository))
            // Received again, and by a clock that went back meanwhile.
            try await store.write { transaction in
                try transaction.putReceived(blob, in: repository, at: MetadataSamples.time(2_000))
                try transaction.putReceived(blob, in: repository, at: MetadataSamples.time(500))
            }
            #expect(try await store.wasReceived(blob, since: MetadataSamples.time(2_000)))
            try await store.write { try $0.removeReceived(blob, from: repository) }
            #expect(try await !store.hasBlob(blob, in: repository, receivedSince: .earliest))
            #expect(try await !store.wasReceived(blob, since: .earliest))
            try await store.write { try $0.removeReceived(blob, from: repository) }
        },
        Clause("Forgetting that a blob was received leaves it to the manifests that name it") { store in
            let repository = try MetadataSamples.repository("r")
            let place = try MetadataSamples.place("m", blobs: ["b"])
            let blob = place.blobs[0]
            try await store.write { transaction in
                try transaction.putReceived(blob, in: repository, at: MetadataSamples.time(0))
                try transaction.place(place, in: repository)
                try transaction.removeReceived(blob, from: repository)
            }
            #expect(try await store.hasBlob(blob, in: repository, receivedSince: .latest))
            try await store.write { transaction in
                try transaction.putReceived(blob, in: repository, at: MetadataSamples.time(0))
                try transaction.remove(place.version, from: repository)
            }
            #expect(try await store.hasBlob(blob, in: repository, receivedSince: MetadataSamples.time(0)))
            #expect(try await !store.hasBlob(blob, in: repository, receivedSince: MetadataSamples.time(1)))
        },
        Clause("What was received long ago is forgotten in pages, the oldest first") { store in
            let repositories = try ["r", "s"].map { try MetadataSamples.repository($0) }
            let blobs = try (0..<10).map { try MetadataSamples.digest("blob \($0)") }
            let place = ManifestPlace(version: try MetadataSamples.digest("m"), blobs: [blobs[0]])
            try await store.write { transaction in
                for (number, blob) in blobs.enumerated() {
                    let time = MetadataSamples.time(UInt64(number))
                    try transaction.putReceived(blob, in: repositories[number % 2], at: time)
                }
                try transaction.place(place, in: repositories[0])
            }
            let limit = MetadataSamples.time(6)
            #expect(try await store.write { try $0.forgetReceived(before: limit, limit: 4) } == 4)
            #expect(try await !store.wasReceived(blobs[3], since: .earliest))
            #expect(try await store.wasReceived(blobs[4], since: .earliest))
            #expect(try await store.write { try $0.forgetReceived(before: limit, limit: 4) } == 2)
            #expect(try await store.write { try $0.forgetReceived(before: limit, limit: 4) } == 0)
            #expect(try await store.write { try $0.forgetReceived(before: .latest, limit: 0) } == 0)
            for (number, blob) in blobs.enumerated() {
                let isThere = try await store.hasBlob(
                    blob, in: repositories[number % 2], receivedSince: .earliest)
                #expect(isThere == (number == 0 || number >= 6))
            }
        },
    ]

    private static let placedEntries: [Clause] = [
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
