import Dispatch
import Glibc
import InspectionWorker
import LinuxFiles
import RegistryCommands

@main
enum SecureCtlMain {
    /// Not asynchronous: this program is also its own inspector, which has to become one before a second thread exists.
    static func main() {
        InspectorProcess.runIfRequested()
        // What loading the program touched.
        ProgramPages.giveBack()
        Task {
            exit(await SecureCtlProgram.runProcess())
        }
        dispatchMain()
    }
}
