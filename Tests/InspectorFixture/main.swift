import Glibc
import InspectionWorker

// A program that becomes an inspector whose children misbehave as the name of the file asks them to.
InspectorProcess.runIfRequested(arguments: CommandLine.arguments, work: Misbehaviour.perform)
exit(64)
