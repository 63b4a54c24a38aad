import Inspection
import RegistryCore

extension [ExaminedFile] {
    /// The same files with what shows only when they are compared with each other: parts of a model that are missing or
    /// do not belong together.
    ///
    /// That is about this version and not about a file, so that it is found again with each decision and kept with it.
    ///
    /// - Parameter counts: how many files each manifest has. Names mean something within one manifest.
    func compared(within counts: [Int]) -> [ExaminedFile] {
        var compared = self
        var start = 0
        for count in counts {
            let end = Swift.min(start + count, compared.count)
            let files = compared[start..<end].map { ShardFile(path: $0.file.path.description, $0.report) }
            for located in ShardSet.findings(in: files) {
                compared[start + located.file].report = compared[start + located.file].report.adding([located.finding])
            }
            start = end
        }
        return compared
    }
}
