@testable import ContentScanners
import DistributionClient
import OCI
import RegistryPorts

/// What programs and daemons print that scan files.
func fuzzScanners(_ bytes: [UInt8]) {
    let text = ScannerText.line(bytes)
    precondition(text.unicodeScalars.count <= ScannerText.scalarsMax)
    precondition(text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control })
    if let findings = try? ScannerReport.findings(bytes) {
        precondition(findings.count <= ScannerReport.findingsMax + 1)
        precondition(findings.allSatisfy { $0.title.unicodeScalars.count <= ScannerText.scalarsMax })
    }
    if let findings = try? YaraOutput.findings(bytes, isThreat: true) {
        precondition(findings.count <= YaraOutput.findingsMax && findings.allSatisfy { !$0.title.isEmpty })
    }
    switch ClamdAnswer(text) {
    case .clean: precondition(text == "stream: OK")
    case .found(let title): precondition(text.hasSuffix(title + " FOUND"))
    case .tooLarge, .other: break
    }
    if let identity = try? ClamdScanner.identity("clamav", text, "digest") {
        precondition(identity.version.hasPrefix("ClamAV ") && !identity.rules.isEmpty)
    }
}

/// What people and registries write: references, addresses, challenges, tokens, ranges, and files with credentials.
/// What is written anew is the same.
func fuzzDistribution(_ bytes: [UInt8]) {
    let text = String(decoding: bytes, as: UTF8.self)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let challenges = AuthChallenge.parse(lines)
    precondition(challenges.allSatisfy { !$0.scheme.isEmpty && $0.scheme == $0.scheme.lowercased() })
    if let reference = try? ImageReference(parsing: text) {
        precondition((try? ImageReference(parsing: reference.description)) == reference)
    }
    let base = WebAddress("https://registry.example/v2/a/blobs/uploads/1?state=x", relativeTo: nil)
    for start in [nil, base] {
        guard let address = WebAddress(text, relativeTo: start) else { continue }
        precondition(address.target.hasPrefix("/"))
        precondition(WebAddress(address.description, relativeTo: nil) == address)
    }
    if let token = AccessToken(parsing: bytes, at: .now) {
        precondition(token.text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F })
    }
    checkRanges(text)
    if let auths = DockerAuths(parsing: bytes) {
        for name in ["docker.io", "registry.example:5000"] {
            guard let host = RegistryHost(parsing: name) else { preconditionFailure("no host") }
            _ = try? auths.entry(for: host)
        }
    }
    if let reference = Reference(parsing: text) { precondition(reference.description == text) }
    if let name = try? RepositoryName(parsing: text) { precondition(name.description == text) }
    if let digest = try? Digest(parsing: text) { precondition(digest.description == text) }
    _ = DistributionPath(parsing: text[...])
}

private func checkRanges(_ text: String) {
    guard let ranges = UploadRanges(parsing: text, countMax: 100) else { return }
    precondition(ranges.ranges.count <= 100)
    precondition(UploadRanges(parsing: ranges.description, countMax: 100) == ranges)
    let gaps = ranges.missing(in: 0..<(1 << 40))
    precondition(zip(gaps, gaps.dropFirst()).allSatisfy { $0.upperBound < $1.lowerBound })
    precondition(ranges.prefixBytes <= ranges.byteCount)
}
