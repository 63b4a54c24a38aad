import ArgumentParser
import Dispatch
import Glibc
import InspectionWorker
import RegistryServer

@main
enum Pratique {
    /// Not asynchronous: this program is also its own inspector, which has to become one before a second thread exists.
    static func main() {
        InspectorProcess.runIfRequested()
        Task {
            await PratiqueCommand.main(nil)
            exit(EXIT_SUCCESS)
        }
        dispatchMain()
    }
}
