import RegistryCore
import RegistryPorts
import Testing

extension MetadataStoreContract {
    static let pages: [Clause] = [
        Clause("Pages hold every record once, in the order of the names' bytes") { store in
            let records = try await store.fill(names: 300)
            let sorted = records.sorted { $0.record.name < $1.record.name }
            for limit in [1, 7, 100, 299, 300, 1_000] {
                #expect(try await store.allPages(RecordQuery(limit: limit)) == sorted)
            }
            #expect(try await store.records(RecordQuery(limit: 0)).isEmpty)
            #expect(try await store.records(RecordQuery(limit: -1)).isEmpty)
            #expect(try await store.records(RecordQuery(tenant: try Tenant(parsing: "another"))).isEmpty)
        },
        Clause("A page is never longer than the longest page") { store in
            try await store.write { transaction in
                for number in 0...RecordQuery.limitMax {
                    try transaction.putNamed(try MetadataSamples.record("n\(number)"))
                }
            }
            #expect(try await store.records(RecordQuery(limit: .max)).count == RecordQuery.limitMax)
        },
        Clause("Filters leave what they say, alone and together") { store in
            let records = try await store.fill(names: 300).sorted { $0.record.name < $1.record.name }
            for query in filters {
                let expected = records.filter { query.admits($0.record) }
                #expect(!expected.isEmpty || query.source == "nowhere", "\(query)")
                #expect(try await store.allPages(query) == expected, "\(query)")
            }
        },
        Clause("A filtered page follows a change of state and of version") { store in
            let record = try MetadataSamples.record("n", headIndex: 1)
            try await store.write { transaction in try transaction.putNamed(record) }
            #expect(try await store.records(RecordQuery(state: .acquired)) == [record])
            let trusted = try MetadataSamples.record("n", state: .trusted, headIndex: 2)
            try await store.write { transaction in try transaction.put(trusted) }
            #expect(try await store.records(RecordQuery(state: .acquired)).isEmpty)
            #expect(try await store.records(RecordQuery(state: .trusted)) == [trusted])
            let next = try MetadataSamples.record("n", version: "2", format: "safetensors", source: nil)
            try await store.write { transaction in try transaction.putNamed(next) }
            #expect(try await store.records(RecordQuery(state: .trusted)).isEmpty)
            #expect(try await store.records(RecordQuery(format: "gguf")).isEmpty)
            #expect(try await store.records(RecordQuery(source: "https://example.org/models")).isEmpty)
            #expect(try await store.records(RecordQuery(state: .acquired, format: "safetensors")) == [next])
        },
    ]

    private static let filters: [RecordQuery] = [
        RecordQuery(state: .trusted, limit: 10),
        RecordQuery(format: "onnx", limit: 10),
        RecordQuery(source: "hub-1", limit: 10),
        RecordQuery(nameContains: "/x", limit: 10),
        RecordQuery(nameContains: "A", limit: 10),
        RecordQuery(nameContains: "", limit: 10),
        RecordQuery(state: .revoked, format: "gguf", limit: 3),
        RecordQuery(state: .trusted, source: "hub-2", limit: 3),
        RecordQuery(format: "gguf", source: "hub-1", nameContains: "a", limit: 3),
        RecordQuery(state: .acquired, format: "onnx", source: "nowhere", limit: 3),
    ]
}

extension RecordQuery {
    fileprivate func admits(_ record: ArtifactRecord) -> Bool {
        (state == nil || record.state == state) && (format == nil || record.acquisition.format == format)
            && (source == nil || record.acquisition.source == source)
            && (nameContains.map { $0.isEmpty || record.name.description.contains($0) } ?? true)
    }
}

extension MetadataStore {
    /// Puts named records of every state, several formats and sources, and as many older versions without a name.
    fileprivate func fill(names count: Int) async throws -> [SealedRecord] {
        var generator = SeededGenerator(seed: 1)
        let alphabet = Array("abxyzABZ019._-/")
        var names: Set<ArtifactName> = []
        while names.count < count {
            let text = (0..<Int.random(in: 1...12, using: &generator)).map { _ in
                alphabet[Int.random(in: 0..<alphabet.count, using: &generator)]
            }
            if let name = try? ArtifactName(parsing: String(text)) { names.insert(name) }
        }
        var records: [SealedRecord] = []
        for name in names.sorted() {
            records.append(
                try MetadataSamples.record(
                    name.description, version: "2",
                    state: ArtifactState.allCases.randomElement(using: &generator) ?? .acquired,
                    format: ["gguf", "onnx", "safetensors"].randomElement(using: &generator) ?? "gguf",
                    source: [nil, "hub-1", "hub-2"].randomElement(using: &generator) ?? nil))
        }
        let shuffled = records.shuffled(using: &generator)
        try await write { transaction in
            for record in shuffled {
                try transaction.putNamed(try MetadataSamples.record(record.record.name.description, version: "1"))
                try transaction.putNamed(record)
            }
        }
        return records
    }

    /// Follows the pages of a query to the end.
    fileprivate func allPages(_ query: RecordQuery) async throws -> [SealedRecord] {
        var query = query
        var all: [SealedRecord] = []
        while true {
            let page = try await records(query)
            #expect(page.count <= query.limit)
            guard let last = page.last else { return all }
            all += page
            query.after = last.record.name
        }
    }
}
