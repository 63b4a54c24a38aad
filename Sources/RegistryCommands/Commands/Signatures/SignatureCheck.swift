internal import Attestation
internal import LinuxFiles
internal import OCI
internal import SignatureKeys
internal import Sigstore

/// The verification of bundles about one artifact, as a command asks for it.
struct SignatureCheck {
    enum Verdict: Sendable {
        /// - Parameter open: what was not checked, besides what no bundle can say.
        case verified(VerifiedBundle, by: VerificationPolicy.Signer, open: [String] = [])
        case refused(VerificationFailure)
    }

    private let subject: SignedSubject
    private let policies: [VerificationPolicy]
    private let root: TrustedRoot?
    private let followsLinks: Bool
    private var artifacts: [ArtifactNeeds: Artifact] = [:]

    /// - Parameters:
    ///   - policies: any of them will do for a bundle.
    ///   - followsLinks: whether links in a directory may count, where the signature says so too.
    init(
        _ subject: SignedSubject, by policies: [VerificationPolicy], root: TrustedRoot?, followsLinks: Bool = false
    ) {
        self.followsLinks = followsLinks
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
            if case .directory(let path) = subject {
                verdict = try await check(
                    SignedModel(path: path, followsLinks: followsLinks), bundle, policy, root, context)
            } else {
                verdict = try await check(bundle, policy, root, context)
            }
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
        let artifact: Artifact
        if let model = try await oneFileModel(bundle, context) {
            artifact = model
        } else {
            artifact = try await self.artifact(needs, context)
        }
        do throws(VerificationFailure) {
            let verified = try BundleVerifier(root: root).verify(bundle, of: artifact, by: policy)
            return .verified(verified, by: policy.signer)
        } catch {
            return .refused(error)
        }
    }

    /// A directory: the signature is over the list of its files, and the files are those of the list.
    private func check(
        _ model: SignedModel, _ bundle: UnverifiedBundle, _ policy: VerificationPolicy, _ root: TrustedRoot,
        _ context: CommandContext
    ) async throws -> Verdict {
        let manifest: ModelManifest
        let verified: VerifiedBundle
        do throws(VerificationFailure) {
            // What the list says is believed once the statement that names its digest is verified.
            manifest = try SignedModel.manifest(of: bundle)
            if manifest.followsLinks, !model.followsLinks {
                throw VerificationFailure(
                    .statementUnsupported, "it counts what links lead to, which --allow-symlinks has to allow")
            }
            let artifact = Artifact(digests: [.sha256: manifest.rootDigest])
            verified = try BundleVerifier(root: root).verify(bundle, of: artifact, by: policy)
        } catch {
            return .refused(error)
        }
        let comparison = try await model.comparison(with: manifest, in: context)
        if let difference = comparison.difference {
            return .refused(VerificationFailure(.filesDiffer, difference))
        }
        let unlisted = comparison.unlisted.prefix(8).map { "whether \($0) belongs to it, which has no bytes" }
        return .verified(verified, by: policy.signer, open: Array(unlisted))
    }

    /// A file that is signed as a whole model: the list has nothing but it.
    private func oneFileModel(_ bundle: UnverifiedBundle, _ context: CommandContext) async throws -> Artifact? {
        guard case .file(let file) = subject, let manifest = try? SignedModel.manifest(of: bundle),
            let resource = manifest.resources.first, resource.name == ".",
            try await SignedModel.hasSameContent(file, as: resource)
        else { return nil }
        return Artifact(digests: [.sha256: manifest.rootDigest])
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
        let needsNone = policies.allSatisfy { policy in
            if case .identity = policy.signer { false } else { true }
        }
        guard needsNone, bundle.logEntries.isEmpty, bundle.timestamps.isEmpty else {
            throw CommandFailure(
                .unchecked, "Logs, authorities and their times cannot be checked without a trusted root.",
                hint: "Say which with --trusted-root.")
        }
        return .none
    }
}
