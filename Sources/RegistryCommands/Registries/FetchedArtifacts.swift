internal import DistributionClient
internal import Glibc
internal import LinuxFiles
internal import OCI

/// Artifacts of registries, each in an OCI image layout in a directory for temporary files.
final class FetchedArtifacts: Sendable {
    /// What tells a reference from a path.
    static let scheme = "oci://"

    private let path: String

    /// Makes the directory: beneath `TMPDIR` if that is absolute, else in `/var/tmp`, since models are large.
    init(_ environment: [String: String]) throws(CommandFailure) {
        let parent = environment["TMPDIR"].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? "/var/tmp"
        var name = Array("\(parent)/securectl-XXXXXX".utf8CString)
        guard mkdtemp(&name) != nil else {
            throw CommandFailure(FileFault(.create, code: errno), path: "a directory for temporary files")
        }
        path = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Removes everything that was fetched. What cannot be removed stays.
    func remove() {
        let parts = path.split(separator: "/")
        guard let last = parts.last else { return }
        let parent = "/" + parts.dropLast().joined(separator: "/")
        try? Directory(path: parent).removeTree(String(last))
    }

    /// - Returns: the path of a layout that holds the artifact alone.
    func fetch(
        _ reference: ImageReference, by client: DistributionClient, _ context: CommandContext
    ) async throws -> String {
        let from = client.repository(of: reference)
        let manifest = try await client.manifest(of: reference)
        let place = "\(path)/\(manifest.digest.hex)"
        let layout = try ImageLayout(making: place)
        let title = "fetching \(reference.repository)"
        let meter = context.meter(title, .bytes, total: nil)
        defer { meter.finish() }
        _ = try await ContentCopy(
            from: from, to: layout, progress: { meter.update($0, of: $1, title) },
            move: { try await layout.take($0, from: from, progress: $1) }
        ).run(manifest, named: manifest.digest.hex)
        return place
    }
}
