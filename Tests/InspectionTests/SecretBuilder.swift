/// Makes credentials for tests: right in form and checksum, and issued by nobody.
struct SecretBuilder {
    private static let base62 = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
    private static let hexadecimal = Array("0123456789abcdef")
    private static let base32 = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
    private static let url = base62 + ["-", "_"]
    private static let base64 = base62 + ["+", "/"]
    private var random: SeededRandom

    init(seed: UInt64 = 1) { random = SeededRandom(seed: seed) }

    private mutating func text(_ count: Int, of alphabet: [Character] = base62) -> String {
        String((0..<count).map { _ in alphabet.randomElement(using: &random) ?? "x" })
    }

    mutating func word(_ count: Int) -> String { text(count) }

    mutating func base64(_ count: Int) -> String { text(count, of: Self.base64) }

    mutating func hexadecimal(_ count: Int) -> String { text(count, of: Self.hexadecimal) }

    /// Thirty characters and their checksum.
    mutating func checked(_ prefix: String) -> String {
        let body = text(30)
        return prefix + body + Self.checksum(body)
    }

    /// CRC-32 (IEEE 802.3) in base 62, bit by bit from its polynomial.
    static func checksum(_ text: String) -> String {
        var sum: UInt32 = .max
        for byte in text.utf8 {
            for bit in 0..<8 {
                let low = (sum ^ UInt32(byte) >> UInt32(bit)) & 1
                sum >>= 1
                if low == 1 { sum ^= 0xEDB8_8320 }
            }
        }
        var rest = sum ^ .max
        var digits: [Character] = []
        while digits.count < 6 {
            digits.insert(base62[Int(rest % 62)], at: 0)
            rest /= 62
        }
        return String(digits)
    }

    /// Credentials of all services that are told by their form.
    mutating func tokens() -> [String] {
        [
            checked("ghp_"), checked("gho_"), checked("npm_"), "github_pat_\(text(22))_\(text(59))",
            "glpat-\(text(20))", "pypi-AgEIcHlwaS5vcmc\(text(120, of: Self.url))", "dckr_pat_\(text(27))",
            "AKIA\(text(16, of: Self.base32))", "AIza\(text(35, of: Self.url))", "GOCSPX-\(text(28))",
            "ya29.\(text(150, of: Self.url))", "dop_v1_\(hexadecimal(64))", "hf_\(text(34))", "api_org_\(text(34))",
            "sk-ant-api03-\(text(93, of: Self.url))AA",
            "sk-proj-\(text(58, of: Self.url))T3BlbkFJ\(text(58, of: Self.url))", "sk-\(text(20))T3BlbkFJ\(text(20))",
            "sk-or-v1-\(hexadecimal(64))", "gsk_\(text(52))", "xai-\(text(80))", "r8_\(text(37))",
            "nvapi-\(text(64))", "xoxb-\(text(12))-\(text(12))-\(text(24))", "sk_live_\(text(24))",
            "SG.\(text(22)).\(text(43))", "dapi\(hexadecimal(32))",
            "https://hooks.slack.com/services/T\(text(8))/B\(text(8))/\(text(24))",
            "eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJodWIiLCJzdWIiOiJ1NDIifQ.\(text(43, of: Self.url))",
            "918273645:AA\(text(33))", "Zu38Q~\(text(33))",
        ]
    }

    /// A private key in PEM, of random bytes.
    mutating func privateKey(_ label: String = "PRIVATE KEY", header: String = "") -> String {
        let lines = (0..<8).map { _ in base64(64) }.joined(separator: "\n")
        return "-----BEGIN \(label)-----\n\(header)\(lines)\n-----END \(label)-----\n"
    }
}
