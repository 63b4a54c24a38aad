import OCI
import RegistryCore
import RegistryPorts
import StrictJSON

extension RegistryError {
    static func taken(_ record: ArtifactRecord) -> RegistryError {
        RegistryError(
            .artifactExists, "The name \(record.name) is taken by an artifact that is \(record.state.rawValue).",
            detail: [
                "state": .string(record.state.rawValue), "sha256": .string(record.acquisition.content.sha256.hex),
            ])
    }

    /// Such names belong to what is pushed, and a push is what makes them.
    static func namedByDigest(_ name: ArtifactName) -> RegistryError {
        RegistryError(.invalidName, "\(name) is the name of a version that is pushed; nothing is acquired under it.")
    }

    /// The same bytes were there, unused, and were removed while they were being taken in.
    static var collectedMeanwhile: RegistryError {
        RegistryError(.overloaded, "The bytes were removed by a collection at the same moment.")
    }

    static func mismatch(expected: Digest, actual: Digest) -> RegistryError {
        RegistryError(
            .digestMismatch, "The bytes hash to \(actual.hex), not to \(expected.hex).",
            detail: ["expected": .string(expected.hex), "actual": .string(actual.hex)])
    }

    /// Why a source cannot be taken in, without saying what else is on the machine.
    ///
    /// - Parameter path: the source as the client named it, or a file in it.
    init(_ fault: SourceFault, _ path: RelativePath) {
        switch fault {
        case .notFound: self.init(.sourceNotFound, "There is nothing under the filename \(path).")
        case .link: self.init(.sourceRefused, "\(path) is a link, or lies behind one.")
        case .notARegularFile: self.init(.sourceRefused, "\(path) is, or holds, something that is not a regular file.")
        case .severalLinks:
            self.init(.sourceRefused, "\(path) has another name through which it could be changed.")
        case .notReadable: self.init(.sourceRefused, "\(path) cannot be read by the registry: see its owner and mode.")
        case .empty: self.init(.sourceRefused, "\(path) is empty.")
        case .tooManyFiles(let limit): self.init(.sourceRefused, "The directory \(path) has more than \(limit) files.")
        case .tooDeep(let limit): self.init(.sourceRefused, "The directory \(path) is nested deeper than \(limit).")
        case .badName: self.init(.sourceRefused, "A file name in the directory \(path) cannot be used.")
        case .ownFiles: self.init(.sourceRefused, "The registry's own files are no source.")
        case .storage(let fault): self.init(fault)
        }
    }
}

func throughSource<T>(
    _ path: RelativePath, _ body: () async throws(SourceFault) -> T
) async throws(RegistryError) -> T {
    do { return try await body() } catch { throw RegistryError(error, path) }
}
