import Crypto

/// Tags and referrers: one more where there are many, and pages out of their middle.
struct TagSubject {
    /// What two measurements of the same thing may differ by on a machine that does other work, too.
    private static let asFast = 0.9
    private static let asSlow = 1.3
    private static let tagsAtOnce = 100
    private static let pageSize = 100
    private static let connections = 4
    private static let indexType = "application/vnd.oci.image.index.v1+json"

    let bench: Bench

    func rows() throws -> [Row] {
        let server = try RegistryServerProcess(
            bench.programs, over: try bench.workspace.directory("tags"), in: bench.workspace)
        let client = try PushClient(port: server.port)
        let few = Self.pageSize * 2
        try fill(few, client)
        var rows: [Row] = []
        for many in [bench.scale.tags.many, bench.scale.tags.most] {
            try fill(many, client)
            rows.append(try oneMore(few, many, client))
            rows.append(
                try pages("tags page of \(Self.pageSize), ", few, many, server) { count, middle in
                    "/v2/\(Self.repository(count))/tags/list?n=\(Self.pageSize)&last=\(Self.tag(middle))"
                })
        }
        rows.append(try referrers(server, client))
        try server.stop()
        return rows
    }

    private static func tag(_ number: Int) -> String { "t\(10_000_000 + number)" }

    private static func repository(_ tags: Int) -> String { "team/tags-\(tags)" }

    /// An index of nothing, of which there are as many as numbers.
    private static func index(_ number: Int, subject: String? = nil) -> [UInt8] {
        let about = subject.map { subject in
            """
            ,"subject":{"mediaType":"\(indexType)","digest":"\(subject)","size":1}
            """
        }
        return Array(
            """
            {"schemaVersion":2,"mediaType":"\(indexType)","manifests":[],"annotations":{"number":"\(number)"}\
            \(about ?? "")}
            """.utf8)
    }

    private func fill(_ count: Int, _ client: PushClient) throws {
        for start in stride(from: 0, to: count, by: Self.tagsAtOnce) {
            let tags = (start..<min(count, start + Self.tagsAtOnce)).map(Self.tag)
            let further = tags.dropFirst().map { "tag=\($0)" }.joined(separator: "&")
            let target = "\(Self.repository(count))/manifests/\(tags[0])?\(further)"
            try client.put(Self.index(0), Self.indexType, at: target)
        }
    }

    /// In turn with a repository that has few, each tag on a manifest that is there.
    private func oneMore(_ few: Int, _ many: Int, _ client: PushClient) throws -> Row {
        let clock = ContinuousClock()
        var times = (few: [Double](), many: [Double]())
        for number in 0..<bench.scale.promotesInTurn {
            let tag = Self.tag(2 * many + number)
            func set(_ count: Int) throws -> Double {
                let start = clock.now
                try client.put(Self.index(0), Self.indexType, at: "\(Self.repository(count))/manifests/\(tag)")
                return start.duration(to: clock.now) / .milliseconds(1)
            }
            times.few.append(try set(few))
            times.many.append(try set(many))
        }
        let (theirs, ours) = (median(times.few), median(times.many))
        return .atMost(
            Self.asSlow, "one more tag with \(Quantity.grouped(many)) against few, median",
            peer: (theirs, Quantity.milliseconds(theirs)), ours: (ours, Quantity.milliseconds(ours)))
    }

    private func referrers(_ server: RegistryServerProcess, _ client: PushClient) throws -> Row {
        let counts = (few: Self.pageSize, many: bench.scale.referrers)
        let subjects = [counts.few: PushClient.digest(Self.index(1)), counts.many: PushClient.digest(Self.index(2))]
        for (count, subject) in subjects {
            for number in 0..<count {
                let bytes = Self.index(number, subject: subject)
                try client.put(bytes, Self.indexType, at: "team/about/manifests/\(PushClient.digest(bytes))")
            }
        }
        return try pages("referrers page of \(Self.pageSize), ", counts.few, counts.many, server) { count, _ in
            "/v2/team/about/referrers/\(subjects[count] ?? "")?n=\(Self.pageSize)"
        }
    }

    /// A page of as many, out of few and out of many.
    private func pages(
        _ what: String, _ few: Int, _ many: Int, _ server: RegistryServerProcess,
        _ path: (_ count: Int, _ middle: Int) -> String
    ) throws -> Row {
        let load = LoadGenerator(port: server.port, connections: Self.connections)
        func speed(_ count: Int) throws -> (Double, String) {
            let request = HTTPRequest.get(path(count, count / 2 - 1), port: server.port)
            _ = try load.run(seconds: bench.scale.loadSeconds / 4) { request }
            let before = server.processorSeconds
            let result = try load.run(seconds: bench.scale.loadSeconds) { request }
            let used = (server.processorSeconds - before) / Double(max(1, result.latencies.count)) * 1e6
            return (result.rate, "\(Quantity.rate(result.rate)), \(Quantity.fixed(used, 0)) µs CPU")
        }
        return .atLeast(
            Self.asFast, what + "\(Quantity.grouped(many)) stored against \(Quantity.grouped(few))",
            peer: try speed(few), ours: try speed(many))
    }
}
