internal import Inspection
internal import ModelFormats
internal import OCI

/// A GGUF file whose header was read by the inspection and whose bytes were hashed.
struct MeasuredGGUF: Sendable {
    let table: TensorTable
    let summary: GGUFSummary
    let fileDigest: Digest

    /// In the order of the table; empty unless asked for.
    private let tensorDigests: [Digest]

    /// - Parameter tensors: whether each tensor is hashed too. The file is read once either way.
    init(_ path: String, tensors: Bool, in context: CommandContext) async throws {
        let file = try LocalFile(path)
        let report: InspectionReport
        do {
            report = try await context.inspector.inspect(
                file.descriptor, sizeBytes: file.sizeBytes, name: file.name, as: .none)
        } catch {
            throw CommandFailure(.unchecked, "\(path) could not be read safely: \(error.reason).")
        }
        guard let table = report.tensors, let summary = report.gguf else {
            let reasons = report.findings.map { "\($0.rule.rawValue) \($0.detail)" }
            throw CommandFailure(.dataError, "\(path) is no GGUF file whose tensors are known.", details: reasons)
        }
        let digests = try await file.hash(ranges: tensors ? table.ranges : [], in: context)
        self.table = table
        self.summary = summary
        fileDigest = digests.file
        tensorDigests = digests.ranges
    }

    func manifest() throws(CommandFailure) -> TensorManifest {
        let manifest = TensorManifest(
            table: table, architecture: summary.architecture, fileDigest: fileDigest, tensorDigests: tensorDigests)
        guard let manifest else { throw CommandFailure(.software, "Tensors and digests do not match in number.") }
        return manifest
    }
}
