import RegistryCore
import RegistryPorts
import RegistryServices
import StorageSQLite

/// The check of a whole store that nobody else works on: of `fsck`, and of `rebuild-index` before and after.
enum StoreCheck {
    static func report(_ registry: RegistryAssembly, isDeep: Bool) async throws -> FsckReport {
        var structure = FsckReport()
        for sentence in try await registry.metadata.integrityCheck() {
            structure.add(.storeStructure, "metadata", sentence)
        }
        do {
            try await registry.publisher.load()
        } catch {
            switch error.code {
            case .recordTampered: structure.add(.logRewritten, "checkpoint", error.message)
            // The end of the log cannot be read; the walk along the log says where.
            case .integrityFailed: structure.add(.logHeadWrong, "head", error.message)
            default: throw error
            }
        }
        var report = try await Fsck(
            store: registry.metadata, blobs: registry.blobs, views: registry.views, manifests: registry.manifests,
            sealer: registry.sealer, publisher: registry.publisher, isDeep: isDeep
        ).run()
        for problem in structure.problems { report.add(problem) }
        return report
    }

    /// - Returns: a line for each problem.
    static func lines(_ report: FsckReport) -> String {
        var text = ""
        for problem in report.problems {
            text += "\(problem.code.rawValue): \(problem.subject): \(problem.sentence)\n"
        }
        if report.problemCount > report.problems.count {
            text += "and \(report.problemCount - report.problems.count) more\n"
        }
        return text
    }

    static func summary(_ report: FsckReport) -> String {
        "\(report.isClean ? "clean" : "\(report.problemCount) problems"): \(report.entries) log entries, "
            + "\(report.versions) versions, \(report.blobs) blobs, \(report.orphanBlobs) of them unused "
            + "(\(report.orphanBytes) bytes)\n"
    }
}
