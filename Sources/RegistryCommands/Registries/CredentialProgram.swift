internal import DistributionClient
internal import StrictJSON
internal import Subprocess

/// A program that keeps credentials, `docker-credential-NAME` (docker-credential-helpers, "Development").
///
/// It gets the registry's name on standard input and answers with a JSON object.
struct CredentialProgram: Sendable {
    private let program: String

    private static let answerBytesMax = 1 << 20
    /// Says that a helper works and knows nothing.
    private static let notFound = "credentials not found"
    /// As a user name: the secret is a refresh token.
    private static let tokenName = "<token>"

    /// - Throws: `.configuration` when the name could name another kind of program.
    init(_ name: String) throws(CommandFailure) {
        let isPlain = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                true
            default: false
            }
        }
        guard isPlain, !name.isEmpty else {
            throw CommandFailure(.configuration, "\(name) is not the name of a credential helper.")
        }
        program = "docker-credential-" + name
    }

    /// - Returns: `nil` when the helper has nothing for `key`.
    func credential(for key: String) async throws -> RegistryCredential? {
        let result: (status: TerminationStatus, text: String)
        do {
            let run = try await Subprocess.run(
                .name(program), arguments: ["get"], input: .string(key + "\n"),
                output: .string(limit: Self.answerBytesMax), error: .discarded)
            result = (run.terminationStatus, run.standardOutput)
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            throw CommandFailure(
                .configuration, "The credential helper \(program) cannot be run: \(error).",
                hint: "It is named in docker's configuration: install it, or log in without it.")
        }
        guard result.status.isSuccess else {
            if result.text.contains(Self.notFound) { return nil }
            throw CommandFailure(
                .configuration, "The credential helper \(program) failed.",
                details: result.text.isEmpty ? [] : [String(result.text.prefix(200))])
        }
        let limits = JSONLimits(bytesMax: Self.answerBytesMax, nodesMax: 100, stringBytesMax: Self.answerBytesMax)
        guard let object = (try? StrictJSON.parse(Array(result.text.utf8), limits: limits))?.asObject,
            let user = object["Username"]?.asString, let secret = object["Secret"]?.asString
        else {
            throw CommandFailure(.configuration, "The credential helper \(program) answers what cannot be read.")
        }
        guard !secret.isEmpty else { return nil }
        return user == Self.tokenName ? .refreshToken(secret) : .basic(user: user, password: secret)
    }
}
