import ModelFormats

extension FileInspection {
    private static let secretsMax = 20
    private static let binaryBytesMax: UInt64 = 4 << 20

    /// Looks for credentials in this file, which is a text.
    mutating func searchForSecrets() { searchForSecrets(certainOnly: false, sizeMax: .max) }

    /// Looks for credentials in the beginning of this file, which is none: texts stand in it as they are.
    mutating func searchForSecretsInBinary() { searchForSecrets(certainOnly: true, sizeMax: Self.binaryBytesMax) }

    private mutating func searchForSecrets(certainOnly: Bool, sizeMax: UInt64) {
        // Whatever was refused has said so.
        guard !budget.isWorkRefused else { return }
        do throws(FormatFault) {
            let included = includedWork(in: min(source.sizeBytes, sizeMax))
            let (most, overflow) = budget.workLeft.addingReportingOverflow(included)
            let meter = SecretMeter(workMax: overflow ? .max : most)
            let result = try SecretScanner.scan(
                source, sizeMax: sizeMax, certainOnly: certainOnly, countMax: Self.secretsMax, meter: meter)
            pay(for: meter, included: included, at: result.unreadOffset)
            for found in result.found {
                findings.add(
                    found.match.kind.rule, .init(offset: found.offset),
                    detail: found.match.description + (certainOnly ? "" : ", line \(found.line)"))
            }
            findings.addDropped(result.dropped)
        } catch {
            add(error, truncated: .fileUnreadable, malformed: .fileUnreadable)
        }
    }

    /// Looks for credentials in a text that is a part of the file.
    mutating func searchForSecrets(in text: [UInt8], member: String, offset: UInt64? = nil) {
        guard !budget.isWorkRefused else { return }
        let meter = SecretMeter(workMax: budget.workLeft)
        let matches = SecretScanner.matches(in: text, meter: meter)
        pay(for: meter, at: meter.isExhausted ? offset ?? 0 : nil)
        for match in matches.prefix(Self.secretsMax) {
            findings.add(match.kind.rule, .init(member: member, offset: offset), detail: match.description)
        }
    }

    /// What the size of a file that was not packed pays for by itself: a list of addresses has a keyword in each line,
    /// and may be of any length.
    private func includedWork(in bytes: UInt64) -> UInt64 {
        depth == 0 ? min(bytes, 1 << 48) * Self.includedWorkPerByte : 0
    }

    private static let includedWorkPerByte: UInt64 = 2

    /// - Parameters:
    ///   - included: work that has been paid for.
    ///   - unreadOffset: where the search ended, if it did.
    private mutating func pay(for meter: SecretMeter, included: UInt64 = 0, at unreadOffset: UInt64?) {
        do throws(FormatFault) {
            try budget.spend(work: meter.work - min(meter.work, included))
            guard let unreadOffset else { return }
            throw .limitExceeded(.work, offset: unreadOffset)
        } catch {
            add(error, truncated: .fileUnreadable, malformed: .fileUnreadable)
        }
    }
}

extension SecretMatch {
    /// What it is and how such things begin. Nothing of the secret itself.
    fileprivate var description: String {
        let count = "\(range.count) characters"
        switch kind {
        case .privateKey, .encryptedKey: return "\(name): \(prefix)"
        default: return prefix.isEmpty ? "\(name) (\(count))" : "\(name): \(prefix)… (\(count))"
        }
    }
}

extension SecretMatch.Kind {
    fileprivate var rule: RuleID {
        switch self {
        case .privateKey: .secretPrivateKey
        case .encryptedKey: .secretEncryptedKey
        case .token: .secretToken
        case .urlPassword: .secretInAddress
        case .assignment: .secretValue
        }
    }
}
