internal import LinuxFiles
internal import RegistryClient
internal import StrictJSON

/// The registry that is meant when none is named, where its token is, and who vouches for it. The token itself is never
/// stored.
struct LoginRecord: Sendable, Hashable {
    var server: ServerAddress
    /// Absolute.
    var tokenPath: String
    /// Absolute; `nil` for those whom this machine trusts.
    var authorityPath: String?

    private static let fileName = "login.json"
    private static let bytesMax = 64 << 10

    /// What was stored; `nil` if nothing was, or there is no home to store it in.
    static func load(_ environment: [String: String]) throws(CommandFailure) -> LoginRecord? {
        guard let directories = try? UserDirectories(environment) else { return nil }
        let path = directories.configuration + "/" + fileName
        let bytes: [UInt8]
        do throws(CommandFailure) {
            bytes = try LocalFile(path).readAll(bytesMax: bytesMax)
        } catch {
            guard error.status == .noInput else { throw error }
            return nil
        }
        guard let record = try? parse(bytes) else {
            throw CommandFailure(
                .configuration, "\(path) is damaged.", hint: "Run `securectl login` again, or remove the file.")
        }
        return record
    }

    func save(_ environment: [String: String]) throws(CommandFailure) {
        let path = try UserDirectories(environment).configuration
        let directory = try UserDirectories.open(making: path)
        do {
            try DurableFile.replace(Self.fileName, in: directory, with: json.encoded(.pretty))
        } catch {
            throw CommandFailure(error, path: path)
        }
    }

    /// What is stored, and what `login` says.
    var json: JSONValue {
        var members: [(String, JSONValue)] = [
            ("server", .string(server.description)), ("token_file", .string(tokenPath)),
        ]
        if let authorityPath { members.append(("ca_file", .string(authorityPath))) }
        return .object(JSONObject(members))
    }

    private static func parse(_ bytes: [UInt8]) throws -> LoginRecord {
        let limits = JSONLimits(bytesMax: bytesMax, nodesMax: 100, stringBytesMax: bytesMax)
        var fields = try FieldReader(try StrictJSON.parse(bytes, limits: limits))
        let record = LoginRecord(
            server: try ServerAddress(parsing: try fields.requiredString("server")),
            tokenPath: try fields.requiredString("token_file"),
            authorityPath: try fields.optionalString("ca_file"))
        try fields.finish()
        return record
    }
}
