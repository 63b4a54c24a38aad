internal import LinuxFiles
internal import SignatureKeys
internal import Sigstore

/// The verification of bundles about one artifact, as a command asks for it.
struct SignatureCheck {
    enum Verdict: Sendable {
        case verified(VerifiedBundle, by: VerificationPolicy.Signer)
        case refused(VerificationFailure)
    }

    private let subject: SignedSubject
    private let policies: [VerificationPolicy]
    private let root: TrustedRoot?
    private var artifacts: [ArtifactNeeds: Artifact] = [:]

    /// - Parameter policies: any of them will do for a bundle.
    init(_ subject: SignedSubject, by policies: [VerificationPolicy], root: TrustedRoot?) {
        self.subject = subject
        self.policies = policies
        self.root = root
    }

    /// - Throws: what kept the check from being made; a bundle that does not verify is a verdict.
    mutating func check(_ path: String, in context: CommandContext) async throws -> Verdict {
        let file = try LocalFile(path)
        guard file.sizeBytes <= UInt64(BundleLimits.bundleBytesMax) else {
            return .refused(
                VerificationFailure(.bundleTooLarge, "it has more than \(BundleLimits.bundleBytesMax) bytes"))
        }
        let bytes = try file.readAll(bytesMax: BundleLimits.bundleBytesMax)
        let bundle: UnverifiedBundle
        do throws(VerificationFailure) {
            bundle = try UnverifiedBundle(parsing: bytes)
        } catch {
            return .refused(error)
        }
        let root = try root(for: bundle)
        var verdict = Verdict.refused(VerificationFailure(.keyExpected, "no key is given"))
        for policy in policies {
            verdict = try await check(bundle, policy, root, context)
            if case .verified = verdict { break }
        }
        return verdict
    }

    private mutating func check(
        _ bundle: UnverifiedBundle, _ policy: VerificationPolicy, _ root: TrustedRoot, _ context: CommandContext
    ) async throws -> Verdict {
        let needs: ArtifactNeeds
        do throws(VerificationFailure) {
            needs = try BundleVerifier.needs(of: bundle, by: policy)
        } catch {
            return .refused(error)
        }
        let artifact = try await artifact(needs, context)
        do throws(VerificationFailure) {
            let verified = try BundleVerifier(root: root).verify(bundle, of: artifact, by: policy)
            return .verified(verified, by: policy.signer)
        } catch {
            return .refused(error)
        }
    }

    private mutating func artifact(_ needs: ArtifactNeeds, _ context: CommandContext) async throws -> Artifact {
        if let known = artifacts[needs] { return known }
        let artifact = try await subject.artifact(needs, in: context)
        artifacts[needs] = artifact
        return artifact
    }

    /// Without a root only a signature by a key that nobody else says anything about can be verified.
    private func root(for bundle: UnverifiedBundle) throws(CommandFailure) -> TrustedRoot {
        if let root { return root }
        let isByKey = policies.allSatisfy { policy in
            if case .key = policy.signer { true } else { false }
        }
        guard isByKey, bundle.logEntries.isEmpty, bundle.timestamps.isEmpty else {
            throw CommandFailure(
                .unchecked, "Logs, authorities and their times cannot be checked without a trusted root.",
                hint: "Say which with --trusted-root.")
        }
        return .none
    }
}
