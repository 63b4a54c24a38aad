import Logging
import ModelRoutes
import RegistryServices
import RegistryWire

/// The file in which other programs find the result of the last sweep.
enum IntegrityResultFile {
    static func write(_ result: IntegritySweep.Result, to path: String, _ logger: Logger) {
        do {
            try OperatorFile.replace(path, with: SweepDocument(result).encoded, permissions: 0o644)
        } catch {
            logger.error("the sweep's result could not be written", metadata: ["path": "\(path)", "cause": "\(error)"])
        }
    }
}
