import Inspection

extension RuleSample {
    private static func text(_ title: String, _ text: String) -> Sample {
        Sample(title, name: "notes.txt", text: text)
    }

    private static func made(_ make: (inout SecretBuilder) -> String) -> String {
        var builder = SecretBuilder(seed: 4)
        return make(&builder)
    }

    static let secrets: [RuleSample] = [
        .init(
            .secretPrivateKey, text("a key", made { $0.privateKey() }),
            butNot: text("a public key", made { $0.privateKey("PUBLIC KEY") })),
        .init(
            .secretEncryptedKey, text("a key under a password", made { $0.privateKey("ENCRYPTED PRIVATE KEY") }),
            butNot: text("a key", made { $0.privateKey() })),
        .init(
            .secretToken, text("a token", made { $0.checked("ghp_") }),
            butNot: text("another checksum", made { "ghp_" + $0.word(36) })),
        .init(
            .secretInAddress, text("a password", "https://bob:tr0ub4dor3@hub.corp.net/"),
            butNot: text("a port", "https://bob:8443/tr0ub4dor3@hub.corp.net/")),
        .init(
            .secretValue, text("a value", made { "api_key = \"\($0.word(32))\"" }),
            butNot: text("a name", made { "api_tree = \"\($0.word(32))\"" })),
    ]
}
