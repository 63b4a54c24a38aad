internal import ArgumentParser
internal import LinuxFiles
internal import OCI
internal import Signing
internal import StrictJSON

struct AttestCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "attest", abstract: "Sign a statement about a file, or an artifact in a registry or layout.",
        discussion: """
            The statement is in-toto's, version 1: the digest of the artifact, the type of the predicate and the \
            predicate, which is a JSON file. The bundle is verified before it is written, or put into the registry \
            or layout beside the artifact. Exit statuses are those of `sign`.
            """)

    @Argument(
        help: "File, OCI layout with :name, or oci://registry/repository:tag or @digest.", completion: .file())
    var artifact: String

    @Option(help: "JSON file with what is stated.", completion: .file())
    var predicate: String

    @Option(help: "URI that says what the predicate means, such as https://slsa.dev/provenance/v1.")
    var type: String

    @OptionGroup(title: "Signer") var signer: SignerOptions
    @OptionGroup var destination: BundleDestination
    @OptionGroup(title: "Registry") var registry: RegistryOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        // RFC 3986 section 3: a scheme, and something behind it.
        let parts = type.utf8.split(separator: UInt8(ascii: ":"), maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }), type.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { throw ValidationError("--type is a URI, such as https://slsa.dev/provenance/v1.") }
    }

    func execute(in context: CommandContext) async throws -> ExitStatus {
        guard let artifact = try destination.artifact(artifact) else {
            try await attestFile(in: context)
            return .done
        }
        guard destination.isDefault else {
            throw CommandFailure(.usage, "--bundle and --overwrite are for files.")
        }
        let predicate = try PredicateFile.read(predicate)
        let signing = ArtifactSigning(artifact: artifact, isRecursive: false, registry: registry)
        try await signer.withSigner(roots: try registry.roots(context), in: context) { signer in
            try await signing.run(by: signer, output.format, context) { name, digest in
                statement(predicate, about: name, digest)
            }
        }
        return .done
    }

    private func attestFile(in context: CommandContext) async throws {
        let file = try destination.file(for: artifact)
        if (try? Directory(path: artifact)) != nil {
            throw CommandFailure(.usage, "\(artifact) is a directory: statements are about files.")
        }
        let subject = try LocalFile(artifact)
        let predicate = try PredicateFile.read(predicate)
        try await signer.withSigner(roots: try registry.roots(context), in: context) { signer in
            let digest = try await subject.hash(in: context).file.bytes
            let draft = statement(predicate, about: subject.name, digest)
            let bundle = try await signer.bundle(of: .statement(draft, about: digest), in: context)
            try file.write(bundle.bytes, permissions: 0o644)
            SigningReport(artifact: artifact, signed: bundle, bundle: file.path)
                .write(output.format, to: context.console)
        }
    }

    private func statement(_ predicate: JSONValue, about name: String, _ digest: [UInt8]) -> StatementDraft {
        StatementDraft(
            subjects: [.init(name: name, sha256: digest)], predicateType: type, predicate: predicate)
    }
}

/// A file with what a statement says.
enum PredicateFile {
    private static let limits = JSONLimits(
        bytesMax: 8 << 20, nodesMax: 1 << 17, stringBytesMax: 4 << 20, openNamesMax: 1 << 16)

    /// - Throws: for anything but a JSON object in which every name stands once: readers differ on others.
    static func read(_ path: String) throws(CommandFailure) -> JSONValue {
        let bytes = try LocalFile(path).readAll(bytesMax: limits.bytesMax)
        let value: JSONValue
        do throws(JSONFault) {
            value = try StrictJSON.parse(bytes, limits: limits)
        } catch {
            throw CommandFailure(.dataError, "\(path) is no predicate: \(error).")
        }
        guard value.asObject != nil else {
            throw CommandFailure(.dataError, "\(path) is no predicate: it is not a JSON object.")
        }
        return value
    }
}
