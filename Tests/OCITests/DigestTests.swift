import OCI
import Testing

private let abc256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
private let abc512 =
    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
    + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"

@Suite("Digests")
struct DigestTests {
    @Test("A digest reads and writes the same text", arguments: ["sha256:" + abc256, "sha512:" + abc512])
    func roundTrip(_ text: String) throws {
        let digest = try Digest(parsing: text)
        #expect(digest.description == text)
        #expect(digest.algorithm.rawValue + ":" + digest.hex == text)
        #expect(digest.bytes.count == digest.algorithm.byteCount)
        #expect(try Digest(digest.algorithm, bytes: digest.bytes) == digest)
        #expect(try Digest(digest.algorithm, hex: digest.hex) == digest)
    }

    @Test(
        "What is not exactly a digest is refused",
        arguments: [
            ("", .malformed), (abc256, .malformed), ("sha256", .malformed), ("sha256:", .wrongLength),
            ("sha256:" + abc256.uppercased(), .notLowercaseHex), ("sha256:" + abc256.dropLast(), .wrongLength),
            ("sha256:" + abc256 + "0", .wrongLength), ("sha256:" + abc256 + "\n", .wrongLength),
            ("sha256:" + abc256.dropLast() + "g", .notLowercaseHex), ("sha256:" + abc512, .wrongLength),
            ("sha512:" + abc256, .wrongLength), ("SHA256:" + abc256, .unsupportedAlgorithm),
            ("md5:d41d8cd98f00b204e9800998ecf8427e", .unsupportedAlgorithm), (":" + abc256, .unsupportedAlgorithm),
            (" sha256:" + abc256, .unsupportedAlgorithm), ("sha256:" + abc256.dropLast(2) + "\u{e9}", .notLowercaseHex),
            (String(repeating: "a", count: 1_000_000), .malformed),
            ("sha256:" + String(repeating: "a", count: 1_000_000), .wrongLength),
        ] as [(String, DigestFault)])
    func refuses(_ text: String, _ fault: DigestFault) {
        #expect(throws: fault) { try Digest(parsing: text) }
    }

    @Test("Only the whole output of an algorithm is a digest", arguments: [0, 31, 33, 64])
    func refusesLength(_ count: Int) {
        #expect(throws: DigestFault.wrongLength) { try Digest(sha256: Array(repeating: 0, count: count)) }
    }

    @Test("Digests order and differ as their text does")
    func order() throws {
        var texts = ["sha256:" + abc256, "sha512:" + abc512]
        for index in 0..<32 {
            var bytes = [UInt8](repeating: 0x7f, count: 32)
            bytes[index] = 0x80
            texts.append(try Digest(sha256: bytes).description)
            texts.append(try Digest(sha512: bytes + bytes).description)
            texts.append(try Digest(sha512: Array(repeating: 0x7f, count: 32) + bytes).description)
        }
        let digests = try texts.map { try Digest(parsing: $0) }
        #expect(Set(digests).count == texts.count)
        #expect(digests.sorted().map(\.description) == texts.sorted())
    }
}
