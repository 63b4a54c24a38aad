import SigningServices
import StrictJSON
import Testing

@Suite("Answers of signing services")
struct ServiceAnswerTests {
    private static let armour = #"-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"#

    private static func answer(
        _ certificates: [String] = [armour], _ name: String = "signedCertificateEmbeddedSct", more: String = ""
    ) -> [UInt8] {
        let list = certificates.map { "\"\($0)\"" }.joined(separator: ",")
        return Array(#"{"\#(name)":{"chain":{"certificates":[\#(list)]\#(more)}}}"#.utf8)
    }

    private static let entry = Array(
        #"{"logIndex":"1","inclusionProof":{"hashes":[]},"canonicalizedBody":"e30="}"#.utf8)

    @Test("Of a chain the leaf is taken, and of a log's answer the entry with its proof")
    func read() {
        #expect(ServiceAnswer.certificate(Self.answer()) == [0x30, 0x00])
        #expect(ServiceAnswer.certificate(Self.answer([Self.armour, "no certificate"])) == [0x30, 0x00])
        #expect(ServiceAnswer.logEntry(Self.entry)?.asObject?["logIndex"] == "1")
    }

    @Test("What is almost a certificate from a log is none")
    func nearMisses() {
        let misses = [
            Self.answer([]), Self.answer([""]), Self.answer(["MAA="]),
            Self.answer([Self.armour.replacing("CERTIFICATE", with: "PUBLIC KEY")]),
            Self.answer([Self.armour + Self.armour]), Self.answer([Self.armour], "signedCertificateDetachedSct"),
            Self.answer(Array(repeating: Self.armour, count: 11)), Self.answer(more: #","certificates":[]"#),
            Self.answer() + [0x2C], Array("[]".utf8), [],
        ]
        for miss in misses {
            #expect(ServiceAnswer.certificate(miss) == nil, "\(String(decoding: miss, as: UTF8.self))")
        }
    }

    @Test("An entry without a proof, with two, or larger than answers are, is none")
    func entries() {
        let text = String(decoding: Self.entry, as: UTF8.self)
        for miss in [
            text.replacing("inclusionProof", with: "inclusionPromise"), text.replacing(#"{"hashes":[]}"#, with: "null"),
            text.replacing(#""logIndex":"1""#, with: #""inclusionProof":{}"#), "[\(text)]",
            text + String(repeating: " ", count: ServiceAnswer.bytesMax),
        ] { #expect(ServiceAnswer.logEntry(Array(miss.utf8)) == nil) }
    }

    @Test("Whatever is cut off or changed in an answer, reading it ends")
    func mutations() {
        for whole in [Self.answer(), Self.entry] {
            for end in whole.indices {
                #expect(ServiceAnswer.certificate(Array(whole[..<end])) == nil)
                #expect(ServiceAnswer.logEntry(Array(whole[..<end])) == nil)
                for value: UInt8 in [0x00, 0x22, 0x5C, 0x7B, 0xFF] {
                    var changed = whole
                    changed[end] = value
                    _ = ServiceAnswer.certificate(changed)
                    _ = ServiceAnswer.logEntry(changed)
                }
            }
        }
    }
}
