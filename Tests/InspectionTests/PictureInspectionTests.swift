import Inspection
import Testing

@Suite("Pictures")
struct PictureInspectionTests {
    private static let pictures: [(name: String, bytes: [UInt8])] = [
        ("a.png", PictureBytes.png), ("a.jpg", PictureBytes.jpeg), ("a.gif", PictureBytes.gif),
        ("a.webp", PictureBytes.webp),
    ]

    @Test("A whole picture is clean, by itself and in an archive")
    func clean() {
        for (name, bytes) in Self.pictures {
            #expect(Sample(name, name: name, bytes).inspect().verdict == .clean, "\(name)")
            #expect(Sample.zip(name, [.init(name, bytes)]).inspect().verdict == .clean, "\(name)")
        }
    }

    @Test("A picture that is cut anywhere is for review, and nothing behind one is passed over")
    func cut() {
        for (name, bytes) in Self.pictures {
            for count in 9..<bytes.count {
                let verdict = Sample(name, name: name, Array(bytes[..<count])).inspect().verdict
                #expect(verdict != .clean, "\(name) of \(count) bytes")
            }
            let found = Sample(name, name: name, bytes + Array("#!/bin/sh".utf8)).inspect()
            #expect(found.verdict != .clean, "\(name)")
        }
    }

    @Test("Pictures of any bytes take no longer than they have bytes, and trap nowhere")
    func anything() {
        var random = SeededRandom(seed: 5)
        for (name, bytes) in Self.pictures {
            for _ in 0..<2_000 {
                var altered = bytes
                for _ in 0..<3 {
                    altered[Int.random(in: 0..<altered.count, using: &random)] = .random(in: 0...255, using: &random)
                }
                _ = Sample(name, name: name, altered).inspect()
            }
        }
    }
}
