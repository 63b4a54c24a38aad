import Foundation
import Inspection
import ModelFormats
import StrictJSON
import Testing

/// Files of public scanner test suites, labelled. They are other people's and not part of this repository.
private struct ScannerCorpus {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../shared/vectors/scanner").standardizedFileURL
    static let isPresent = FileManager.default.fileExists(atPath: folder.appending(path: "corpus.tgz").path)

    struct Entry {
        let path: String
        let label: String
        let category: String
    }

    let entries: [Entry]
    let files: URL

    init() throws {
        let manifest = try StrictJSON.parse(
            [UInt8](try Data(contentsOf: Self.folder.appending(path: "manifest.json"))), limits: .requestBody)
        entries = (manifest.asArray ?? []).compactMap { value in
            guard let object = value.asObject, let path = object["path"]?.asString,
                let label = object["label"]?.asString,
                let category = object["cat"]?.asString
            else { return nil }
            return Entry(path: path, label: label, category: category)
        }
        files = FileManager.default.temporaryDirectory.appending(path: "scanner-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: files, withIntermediateDirectories: true)
        let tar = Process()
        tar.executableURL = URL(filePath: "/bin/tar")
        tar.arguments = ["-xzf", Self.folder.appending(path: "corpus.tgz").path, "-C", files.path]
        try tar.run()
        tar.waitUntilExit()
        #expect(tar.terminationStatus == 0)
    }

    func report(_ entry: Entry) throws -> InspectionReport {
        let bytes = [UInt8](try Data(contentsOf: files.appending(path: entry.path)))
        return Inspector.inspect(source: MemoryByteSource(bytes), name: entry.path)
    }

    func remove() { try? FileManager.default.removeItem(at: files) }
}

@Suite(
    "Public scanner corpus",
    .enabled(if: ScannerCorpus.isPresent, "the corpus is not on this machine: nothing of it was tested"))
struct ScannerCorpusTests {
    /// Labelled as benign, and carries the template of CVE-2024-34359.
    private static let mislabelled = ["modelaudit/samples/jinja2/tokenizer_config.json"]

    @Test("Nothing malicious is clean")
    func malicious() throws {
        let corpus = try ScannerCorpus()
        defer { corpus.remove() }
        let malicious = corpus.entries.filter { $0.label == "mal" }
        #expect(malicious.count > 100)
        for entry in malicious {
            #expect(try corpus.report(entry).verdict != .clean, "\(entry.path)")
        }
    }

    @Test("Malicious chat templates are blocked")
    func templates() throws {
        let corpus = try ScannerCorpus()
        defer { corpus.remove() }
        for entry in corpus.entries where entry.label == "mal" && entry.category == "chat-template" {
            #expect(try corpus.report(entry).verdict == .block, "\(entry.path)")
        }
    }

    @Test("Malicious pickles are blocked")
    func pickles() throws {
        let corpus = try ScannerCorpus()
        defer { corpus.remove() }
        let pickles = corpus.entries.filter { entry in
            entry.label == "mal" && entry.category == "pickle" && entry.path.hasSuffix(".pkl")
        }
        #expect(pickles.count > 50)
        for entry in pickles { #expect(try corpus.report(entry).verdict == .block, "\(entry.path)") }
    }

    @Test("Malicious models of Keras are blocked")
    func keras() throws {
        let corpus = try ScannerCorpus()
        defer { corpus.remove() }
        let models = corpus.entries.filter { $0.label == "mal" && $0.category == "keras" }
        #expect(!models.isEmpty)
        for entry in models { #expect(try corpus.report(entry).verdict == .block, "\(entry.path)") }
    }

    @Test("Benign files of the formats that are read are clean")
    func benign() throws {
        let corpus = try ScannerCorpus()
        defer { corpus.remove() }
        var count = 0
        for entry in corpus.entries where entry.label == "benign" && !Self.mislabelled.contains(entry.path) {
            let report = try corpus.report(entry)
            if ["chat-template", "safetensors", "pickle", "keras"].contains(entry.category), report.format != .unknown {
                count += 1
                #expect(report.verdict == .clean, "\(entry.path): \(report.findings.map(\.rule))")
            } else {
                // Formats that are not read yet are never clean, and never blocked for that.
                #expect(report.verdict != .block, "\(entry.path)")
            }
        }
        #expect(count >= 22)
    }
}
