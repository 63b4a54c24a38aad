import Glibc
import InspectionWorker

// An inspector whose children misbehave as the name of the file asks them to, or the real one.
if CommandLine.arguments.last == "misbehave" {
    InspectorProcess.runIfRequested(arguments: CommandLine.arguments) { file, sizeBytes, name, _ in
        Misbehaviour.perform(file, sizeBytes, name)
    }
}
InspectorProcess.runIfRequested()
exit(64)
