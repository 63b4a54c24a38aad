import OCI
import RegistryCore
import RegistryPorts
import Testing

extension MetadataStoreContract {
    static let referrers: [Clause] = [
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

    static let receipts: [Clause] = [
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
        Clause("The blobs of a repository come in pages, each once, whether received or named") { store in
            let (repository, other) = (try MetadataSamples.repository("r"), try MetadataSamples.repository("s"))
            let place = try MetadataSamples.place("m", blobs: ["a", "b", "c"])
            let long = try Digest(sha512: [UInt8](repeating: 7, count: 64))
            let received = [place.blobs[0], try MetadataSamples.digest("d"), long]
            try await store.write { transaction in
                try transaction.place(place, in: repository)
                for blob in received {
                    try transaction.putReceived(blob, in: repository, at: MetadataSamples.time(1_000))
                }
            }
            let all = Set(place.blobs + received).sorted()
            #expect(try await store.blobs(in: repository, after: nil, limit: 10).sorted() == all)
            var paged: [Digest] = []
            while let next = try await store.blobs(in: repository, after: paged.last, limit: 1).first {
                paged.append(next)
            }
            #expect(paged.sorted() == all)
            #expect(try await store.blobs(in: repository, after: paged[2], limit: 10) == Array(paged[3...]))
            #expect(try await store.blobs(in: repository, after: nil, limit: -1).isEmpty)
            #expect(try await store.blobs(in: other, after: nil, limit: 10).isEmpty)
            try await store.write { try $0.remove(place.version, from: repository) }
            #expect(try await store.blobs(in: repository, after: nil, limit: 10).sorted() == received.sorted())
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
}
