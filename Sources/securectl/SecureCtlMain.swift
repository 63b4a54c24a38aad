import Dispatch
import Glibc
import InspectionWorker
import RegistryCommands

@main
enum SecureCtlMain {
    /// Not asynchronous: this program is also its own inspector, which has to become one before a second thread exists.
    static func main() {
        InspectorProcess.runIfRequested()
        Task {
            exit(await SecureCtlProgram.runProcess())
        }
        dispatchMain()
    }
}
