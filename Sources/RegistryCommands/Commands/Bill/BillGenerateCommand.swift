internal import ArgumentParser
internal import BillOfMaterials
internal import Crypto
internal import DER
internal import Glibc
internal import Inspection
internal import ModelFormats
internal import OCI
internal import RegistryWire
internal import StrictJSON

struct BillGenerateCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate", abstract: "Write the bill of materials of a model.",
        discussion: """
            From what an inspection sees in the files, and their digests. Exits 0 if it is written; 12 if a file could \
            not be inspected: nothing is written then. The time is SOURCE_DATE_EPOCH where that is set.
            """)

    enum Format: String, CaseIterable, ExpressibleByArgument {
        case cyclonedx, spdx
    }

    @Argument(help: "File or directory.", completion: .file())
    var path: String

    @Option(help: "CycloneDX 1.6 with a model card, or SPDX 3.0.1.")
    var format = Format.cyclonedx

    @Option(help: "What the model is called; else the last part of the path.")
    var name: String?

    @Option(name: .customLong("model-version"), help: "Its version.")
    var modelVersion: String?

    @Option(name: .customLong("report"), help: "Write to this file, whole or not at all.", completion: .file())
    var file: String?

    @OptionGroup var output: OutputOptions

    func execute(in context: CommandContext) async throws -> ExitStatus {
        let target = try file.map { path throws(CommandFailure) in try ReportFile(path) }
        guard LayoutFiles.split(path) == nil else {
            throw CommandFailure(.usage, "\(path) is an OCI layout: fetch the artifact and name its directory.")
        }
        let bill = try await model(in: context)
        let bytes = JSONText.document(format == .spdx ? bill.spdx : bill.cycloneDX)
        if let target { try target.write(bytes) } else { context.console.write(bytes: bytes) }
        return .done
    }

    private func model(in context: CommandContext) async throws -> ModelBill {
        let run = try await InspectionRun([path], weights: false, in: context)
        if let unread = run.files.first(where: { $0.refusal != nil }) {
            throw CommandFailure(
                unread.fault ?? .unchecked, "\(unread.path) could not be inspected: \(unread.refusal ?? "")")
        }
        let prefix = path.hasSuffix("/") ? path : "\(path)/"
        var files: [ModelBill.File] = []
        for found in run.files {
            let local = try LocalFile(found.path)
            let digest = try await local.hash(in: context).file
            guard local.sizeBytes == found.sizeBytes else {
                throw CommandFailure(.temporary, "\(found.path) changed while it was read.")
            }
            let name = found.path.hasPrefix(prefix) ? String(found.path.dropFirst(prefix.count)) : local.name
            files.append(Self.file(found, name, digest.hex))
        }
        let created = try Self.time(context.environment)
        let title = path.split(separator: "/").last.map(String.init) ?? path
        return ModelBill(
            name: name ?? title, version: modelVersion, architecture: Self.architecture(run.files), files: files,
            properties: Self.properties(run), uuid: Self.uuid(files, created), created: created,
            tool: ("securectl", RegistryVersion.current))
    }

    private static func file(_ found: InspectedFile, _ name: String, _ sha256: String) -> ModelBill.File {
        let told: Set<Fact.Key> = [
            .architecture, .name, .quantization, .parameterCount, .tensorCount, .layerCount, .contextLength,
            .embeddingLength, .vocabularySize, .tokenizer, .modelType, .baseModel, .documentKind,
        ]
        let facts = found.facts.filter { told.contains($0.key) }
        return ModelBill.File(
            path: name, sha256: sha256, sizeBytes: found.sizeBytes ?? 0, format: found.format?.rawValue,
            properties: facts.map { ModelBill.Property($0.key.rawValue, $0.value) },
            licenses: found.license.map { [$0] } ?? [])
    }

    /// What the files agree on.
    private static func architecture(_ files: [InspectedFile]) -> String? {
        let said = Set(
            files.flatMap { file in file.facts.filter { $0.key == .architecture }.map(\.value) })
        return said.count == 1 ? said.first : nil
    }

    private static func properties(_ run: InspectionRun) -> [ModelBill.Property] {
        var counts: [String: Int] = [:]
        for finding in run.files.flatMap(\.findings) { counts[finding.rule.rawValue, default: 0] += 1 }
        let findings = counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        return [
            ModelBill.Property("verdict", run.verdict.rawValue),
            ModelBill.Property("rules_version", InspectionRules.version),
            ModelBill.Property("rules_digest", InspectionRules.digest),
        ] + findings.map { ModelBill.Property("finding", $0) }
    }

    private static func time(_ environment: [String: String]) throws(CommandFailure) -> String {
        let seconds = environment["SOURCE_DATE_EPOCH"].map { Int64($0) } ?? Int64(Glibc.time(nil))
        guard let seconds, let time = UnixTime(seconds: seconds) else {
            throw CommandFailure(.usage, "SOURCE_DATE_EPOCH is no number of seconds.")
        }
        return time.description
    }

    /// Of the files and the time, so that the same question has the same answer (RFC 9562 section 5.8).
    private static func uuid(_ files: [ModelBill.File], _ created: String) -> String {
        let text = files.map { "\($0.sha256) \($0.path)\n" }.joined() + created
        var bytes = Array(SHA256.hash(data: Array(text.utf8)).prefix(16))
        bytes[6] = bytes[6] & 0x0F | 0x80
        bytes[8] = bytes[8] & 0x3F | 0x80
        let digits = bytes.map { byte in
            let text = String(byte, radix: 16)
            return text.count == 1 ? "0" + text : text
        }
        return [digits[0..<4], digits[4..<6], digits[6..<8], digits[8..<10], digits[10..<16]]
            .map { $0.joined() }.joined(separator: "-")
    }
}
