internal import RegistryClient
internal import RegistryWire

extension CommandContext {
    /// Shows on a terminal what the registry tells of its work while it lasts.
    ///
    /// - Parameter name: what is worked on, as far as no file is named.
    func watchingWork<Value>(
        on name: String, _ body: (@escaping WorkObserver) async throws(ClientFault) -> Value
    ) async throws(ClientFault) -> Value {
        let meter = meter(name, .bytes, total: nil)
        defer { meter.finish() }
        return try await body { report in
            meter.update(
                report.bytesDone, of: report.bytesTotal > 0 ? report.bytesTotal : nil,
                "\(report.phase) \(report.file ?? name)")
        }
    }
}
