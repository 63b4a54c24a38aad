import OCI
import RegistryCore
import RegistryPorts
import Testing

extension MetadataStoreContract {
    static let places: [Clause] = [
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
        Clause("What a manifest brought is read back, and the manifests of a repository in pages") { store in
            let (repository, other) = (try MetadataSamples.repository("r"), try MetadataSamples.repository("s"))
            let subject = try Digest(sha512: [UInt8](repeating: 5, count: 64))
            let places = try (0..<20).map { number in
                try MetadataSamples.place(
                    "\(number)", blobs: ["b\(number)", "shared"], children: number % 2 == 0 ? [subject] : [],
                    subject: number % 3 == 0 ? subject : nil, artifactType: "a/b")
            }
            try await store.write { transaction in
                for place in places { try transaction.place(place, in: repository) }
                try transaction.place(places[3], in: other)
                try transaction.remove(places[4].version, from: repository)
            }
            for (number, place) in places.enumerated() {
                let stored = try await store.place(of: place.version, in: repository)
                #expect(stored.map(Contents.init) == (number == 4 ? nil : Contents(place)))
                #expect((try await store.place(of: place.version, in: other) != nil) == (number == 3))
            }
            for limit in [1, 7, 19, 1_000] {
                var found: [Digest] = []
                var after: Int64 = 0
                while let page = try await store.manifests(in: repository, after: after, limit: limit).nonEmpty {
                    #expect(page.count <= limit)
                    #expect(page.allSatisfy { $0.id > after })
                    found += page.map(\.version)
                    after = page.map(\.id).max() ?? .max
                }
                #expect(found.count == 19)
                #expect(Set(found) == Set(places.map(\.version)).subtracting([places[4].version]))
            }
            #expect(try await store.manifests(in: repository, after: 0, limit: -1).isEmpty)
            #expect(try await store.manifests(in: other, after: 0, limit: 9).map(\.version) == [places[3].version])
        },
        Clause("A blob is named by what is in a repository, unless that was deleted") { store in
            let repositories = try ["r", "s"].map { try MetadataSamples.repository($0) }
            let deleted = try MetadataSamples.record("deleted", state: .deleted)
            let revoked = try MetadataSamples.record("revoked", state: .revoked)
            let blobs = try ["of deleted", "of revoked", "of none", "unknown"].map { try MetadataSamples.digest($0) }
            try await store.write { transaction in
                for record in [deleted, revoked] { try transaction.put(record) }
                for (number, version) in [deleted.record.key.version, revoked.record.key.version].enumerated() {
                    for repository in repositories {
                        try transaction.place(
                            ManifestPlace(version: version, blobs: [blobs[number]]), in: repository)
                    }
                }
                try transaction.place(
                    ManifestPlace(version: try MetadataSamples.digest("no record"), blobs: [blobs[2]]),
                    in: repositories[1])
                try transaction.putReceived(blobs[3], in: repositories[0], at: MetadataSamples.time(0))
            }
            var named: [Bool] = []
            for blob in blobs { named.append(try await store.isNamed(blob)) }
            #expect(named == [false, true, true, false])
            try await store.write { try $0.remove(revoked.record.key.version, from: repositories[0]) }
            #expect(try await store.isNamed(blobs[1]))
            try await store.write { try $0.remove(revoked.record.key.version, from: repositories[1]) }
            #expect(try await !store.isNamed(blobs[1]))
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
            #expect(
                try await store.repositories(holding: place.version, in: .default, limit: 100).map(\.description)
                    .sorted()
                    == texts.sorted())
            #expect(try await store.repositories(holding: place.version, in: .default, limit: 2).count == 2)
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
}

/// What a place brought, whatever the order of its lists.
private struct Contents: Equatable {
    var version: Digest
    var blobs: [Digest]
    var children: [Digest]
    var referrer: StoredReferrer?

    init(_ place: ManifestPlace) {
        version = place.version
        blobs = place.blobs.sorted()
        children = place.children.sorted()
        referrer = place.referrer
    }
}

extension Array {
    fileprivate var nonEmpty: Self? { isEmpty ? nil : self }
}
