import RegistryCore

extension Promotion {
    /// Inspects a version that was only received, and writes down what is found.
    ///
    /// A promote of the same name waits for it, and finds what was found.
    ///
    /// - Returns: whether something was written. A version that was promoted or withdrawn meanwhile is left as it is,
    ///   and an inspection without a result is about one attempt.
    @discardableResult
    func inspect(_ name: ArtifactName) async throws(RegistryError) -> Bool {
        try await turns.take(name) { () async throws(RegistryError) in
            let record = try await directory.record(named: name)
            guard record.state == .acquired, record.inspection == nil else { return false }
            let assessment = try await assessor.assess(record)
            let isDecided = assessment.decision.outcome != .undecided
            guard isDecided || !assessment.unwritten.isEmpty else { return false }
            return try await ledger.write(.registry(.sweep)) { entry in
                // What was found in single files stays true.
                try entry.put(assessment.unwritten)
                let now = try entry.record(named: name)
                guard isDecided, now.isJudged(as: record) else { return false }
                _ = try entry.record(assessment, now)
                return true
            }
        }
    }
}
