/// Credentials that are recognised by how they begin, of what and how many characters they consist.
struct SecretToken: Sendable {
    let name: String
    let prefix: [UInt8]
    let alphabet: ByteSet
    /// Characters behind the prefix.
    let counts: ClosedRange<Int>
    /// Shannon bits per character that chance does not fall below.
    let entropyMin: Double
    /// Whether the last six characters are a checksum.
    let hasChecksum: Bool
    /// A text that must be among the characters.
    let mark: [UInt8]

    init(
        _ name: String, _ prefix: String, _ alphabet: ByteSet, _ counts: ClosedRange<Int>, entropy: Double = 3.3,
        checksum: Bool = false, mark: String = ""
    ) {
        self.name = name
        self.prefix = Array(prefix.utf8)
        self.alphabet = alphabet
        self.counts = counts
        entropyMin = entropy
        hasChecksum = checksum
        self.mark = Array(mark.utf8)
    }

    /// The token that begins there with its prefix; `nil` if there is none.
    func match(_ window: SecretWindow, at start: Int) -> Range<Int>? {
        guard window.has(prefix, at: start), window.beginsWord(at: start) else { return nil }
        let body = start + prefix.count
        let end = window.end(of: alphabet, from: body, countMax: counts.upperBound + 1)
        guard counts.contains(end - body), !window.isWord(end) else { return nil }
        let text = window.bytes[body..<end]
        window.meter.count(judged: text.count)
        if hasChecksum {
            return SecretQuality.checksum(text.dropLast(6)).elementsEqual(text.suffix(6)) ? start..<end : nil
        }
        guard mark.isEmpty || text.indices.contains(where: { text[$0...].starts(with: mark) }) else { return nil }
        guard SecretQuality.entropy(text) >= entropyMin, !SecretQuality.isPlaceholder(text) else { return nil }
        return start..<end
    }

    private static let alphanumeric = ByteSet.alphanumeric
    private static let wide = ByteSet.base64URL
    private static let hexadecimal = ByteSet.hexadecimal

    static let all: [SecretToken] = code + clouds + models + services

    private static let code: [SecretToken] =
        ["ghp_", "gho_", "ghu_", "ghs_", "ghr_"].map {
            SecretToken("GitHub token", $0, alphanumeric, 36...36, checksum: true)
        } + [
            SecretToken("GitHub token", "github_pat_", ByteSet.identifier, 82...82, entropy: 4),
            SecretToken("GitLab token", "glpat-", ByteSet("A-Za-z0-9_.-"), 20...300),
            SecretToken("npm token", "npm_", alphanumeric, 36...36, checksum: true),
            SecretToken("PyPI token", "pypi-AgEIcHlwaS5vcmc", wide, 50...1000, entropy: 4),
            SecretToken("PyPI token", "pypi-AgENdGVzdC5weXBpLm9yZw", wide, 50...1000, entropy: 4),
            SecretToken("Docker token", "dckr_pat_", wide, 27...27),
            SecretToken("Docker token", "dckr_oat_", wide, 32...32),
        ]

    private static let clouds: [SecretToken] = [
        SecretToken("AWS access key", "AKIA", ByteSet.base32, 16...16, entropy: 2.8),
        SecretToken("AWS access key", "ASIA", ByteSet.base32, 16...16, entropy: 2.8),
        SecretToken("Google API key", "AIza", wide, 35...35, entropy: 3.8),
        SecretToken("Google client secret", "GOCSPX-", wide, 28...28),
        SecretToken("Google access token", "ya29.", wide, 60...500, entropy: 4),
        SecretToken("DigitalOcean token", "dop_v1_", hexadecimal, 64...64, entropy: 3),
        SecretToken("DigitalOcean token", "doo_v1_", hexadecimal, 64...64, entropy: 3),
        SecretToken("DigitalOcean token", "dor_v1_", hexadecimal, 64...64, entropy: 3),
        SecretToken("Vault token", "hvs.", wide, 90...300, entropy: 4),
        SecretToken("age secret key", "AGE-SECRET-KEY-1", ByteSet("A-Z0-9"), 58...58, entropy: 3.5),
    ]

    private static let models: [SecretToken] = [
        SecretToken("Hugging Face token", "hf_", alphanumeric, 34...37, entropy: 3.6),
        SecretToken("Hugging Face token", "api_org_", alphanumeric, 34...37, entropy: 3.6),
        SecretToken("Anthropic key", "sk-ant-", wide, 80...140, entropy: 4),
        SecretToken("OpenAI key", "sk-proj-", wide, 60...200, entropy: 4, mark: "T3BlbkFJ"),
        SecretToken("OpenAI key", "sk-svcacct-", wide, 60...200, entropy: 4, mark: "T3BlbkFJ"),
        SecretToken("OpenAI key", "sk-admin-", wide, 60...200, entropy: 4, mark: "T3BlbkFJ"),
        SecretToken("OpenAI key", "sk-", alphanumeric, 48...48, entropy: 4, mark: "T3BlbkFJ"),
        SecretToken("OpenRouter key", "sk-or-v1-", hexadecimal, 64...64, entropy: 3),
        SecretToken("Groq key", "gsk_", alphanumeric, 52...52, entropy: 4),
        SecretToken("xAI key", "xai-", alphanumeric, 70...90, entropy: 4),
        SecretToken("Replicate token", "r8_", alphanumeric, 37...37, entropy: 3.6),
        SecretToken("Perplexity key", "pplx-", alphanumeric, 48...56, entropy: 4),
        SecretToken("NVIDIA key", "nvapi-", wide, 60...72, entropy: 4),
        SecretToken("LangSmith key", "lsv2_pt_", ByteSet("0-9a-f_"), 43...43, entropy: 3),
        SecretToken("LangSmith key", "lsv2_sk_", ByteSet("0-9a-f_"), 43...43, entropy: 3),
        SecretToken("Pinecone key", "pcsk_", ByteSet.identifier, 60...80, entropy: 4),
    ]

    private static let services: [SecretToken] = [
        SecretToken("Slack token", "xoxb-", ByteSet("A-Za-z0-9-"), 40...120, entropy: 3.2),
        SecretToken("Slack token", "xoxp-", ByteSet("A-Za-z0-9-"), 40...120, entropy: 3.2),
        SecretToken("Slack token", "xoxa-", ByteSet("A-Za-z0-9-"), 40...120, entropy: 3.2),
        SecretToken("Slack token", "xoxr-", ByteSet("A-Za-z0-9-"), 40...120, entropy: 3.2),
        SecretToken("Slack token", "xapp-1-", ByteSet("A-Za-z0-9-"), 60...160, entropy: 3.2),
        SecretToken("Slack webhook", "https://hooks.slack.com/services/", ByteSet("A-Za-z0-9/"), 40...50),
        SecretToken("Stripe key", "sk_live_", alphanumeric, 24...120, entropy: 3.4),
        SecretToken("Stripe key", "rk_live_", alphanumeric, 24...120, entropy: 3.4),
        SecretToken("SendGrid key", "SG.", ByteSet("A-Za-z0-9_.-"), 66...66, entropy: 4),
        SecretToken("Databricks token", "dapi", ByteSet("0-9a-f"), 32...32, entropy: 3),
        SecretToken("Shopify token", "shpat_", ByteSet("0-9a-fA-F"), 32...32, entropy: 3),
        SecretToken("Linear key", "lin_api_", alphanumeric, 40...40, entropy: 3.6),
        SecretToken("Grafana token", "glsa_", ByteSet.identifier, 41...41, entropy: 3.6),
        SecretToken("Atlassian token", "ATATT3xFfGF0", ByteSet("A-Za-z0-9_=-"), 100...260, entropy: 4),
        SecretToken("Notion token", "ntn_", alphanumeric, 46...46, entropy: 4),
    ]
}

extension SecretWindow {
    /// Whether a word goes on there.
    func isWord(_ index: Int) -> Bool { byte(index).map(ByteSet.identifier.contains) ?? false }
}
