import ArgumentParser
import Logging
import RegistryCore
import RegistryServices
import StorageSQLite

/// `pratique fsck`.
struct FsckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fsck", abstract: "Check the whole store while the server is stopped.",
        discussion: "Prints `clean` and exits 0, or names each problem and exits 11. Changes nothing.")

    @OptionGroup var settings: SettingOptions

    @Flag(name: .long, help: "Hash every stored file, too.")
    var deep = false

    func run() async throws {
        do {
            try await OfflineRegistry.use(try settings.configuration()) { registry in
                let report = try await check(registry)
                StandardOutput.write("\(report)\n")
                guard report.isClean else { throw ExitCode(11) }
            }
        } catch {
            throw CommandFailure.exit(error)
        }
    }

    private func check(_ registry: RegistryAssembly) async throws -> FsckReport {
        var structure = FsckReport()
        for sentence in try await registry.metadata.integrityCheck() {
            structure.add(.storeStructure, "metadata", sentence)
        }
        do {
            try await registry.publisher.load()
        } catch {
            guard error.code == .recordTampered else { throw error }
            structure.add(.logRewritten, "checkpoint", error.message)
        }
        var report = try await Fsck(
            store: registry.metadata, blobs: registry.blobs, views: registry.views, manifests: registry.manifests,
            sealer: registry.sealer, publisher: registry.publisher, isDeep: deep
        ).run()
        for problem in structure.problems { report.add(problem) }
        return report
    }

    private func print(_ report: FsckReport) {
        for problem in report.problems {
            StandardOutput.write("\(problem.code.rawValue): \(problem.subject): \(problem.sentence)\n")
        }
        if report.problemCount > report.problems.count {
            StandardOutput.write("and \(report.problemCount - report.problems.count) more\n")
        }
        StandardOutput.write(
            "\(report.isClean ? "clean" : "\(report.problemCount) problems"): \(report.entries) log entries, "
                + "\(report.versions) versions, \(report.blobs) blobs, \(report.orphanBlobs) of them unused "
                + "(\(report.orphanBytes) bytes)\n")
    }
}
