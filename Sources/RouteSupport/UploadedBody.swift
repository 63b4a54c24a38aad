package import HummingbirdCore
import NIOCore
import RegistryCore
package import RegistryPorts
import RegistryServices
import StrictJSON

extension UploadPartWriter {
    /// Appends the body of a request.
    ///
    /// When it breaks off, or nothing more can be written, what arrived is kept for the next attempt and the writer has
    /// ended.
    ///
    /// - Parameters:
    ///   - skipped: how many bytes at the beginning are not taken.
    ///   - countMax: how many bytes were announced behind them. What a body has beyond is not taken.
    /// - Throws: `.sizeMismatch` when there are more; what the store says; whatever broke the connection.
    package func take(_ body: RequestBody, skipping skipped: UInt64 = 0, upTo countMax: UInt64 = .max) async throws {
        do {
            var (toSkip, left) = (skipped, countMax)
            for try await buffer in body {
                let bytes = buffer.readableBytesView.dropFirst(Int(clamping: toSkip))
                toSkip -= UInt64(buffer.readableBytes - bytes.count)
                try await append(bytes.prefix(Int(clamping: left)))
                guard UInt64(bytes.count) <= left else {
                    throw RegistryError(
                        .sizeMismatch, "The body has more than the \(countMax) bytes that were announced.",
                        detail: ["announced": .integer(countMax)])
                }
                left -= UInt64(bytes.count)
            }
        } catch {
            try? await suspend()
            if let fault = error as? StorageFault { throw RegistryError(fault) }
            throw error
        }
    }
}
