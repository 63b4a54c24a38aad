import ArgumentParser
import InspectionWorker
import RegistryServer

// First of all, and before a second thread exists: this program is also its own inspector.
InspectorProcess.runIfRequested()
await PratiqueCommand.main()
