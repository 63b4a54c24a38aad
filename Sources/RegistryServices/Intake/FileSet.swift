import OCI
public import RegistryCore
import StrictJSON

/// The files of a directory, whose bytes are to be received one by one.
public struct FileSet: Sendable, Hashable {
    public static let filesMax = 10_000

    /// In the order of their paths.
    public let files: [ArtifactFile]

    /// - Throws: `.invalidField` for none, too many, a path that stands twice, and a file that would be a folder of
    ///   another one.
    public init(checked files: [ArtifactFile]) throws(RegistryError) {
        guard !files.isEmpty, files.count <= Self.filesMax else {
            throw Self.fault("A set has 1 to \(Self.filesMax) files.")
        }
        let paths = Set(files.map(\.path.description))
        guard paths.count == files.count else { throw Self.fault("A path stands in the set twice.") }
        for file in files {
            var folder = ""
            for component in file.path.components.dropLast() {
                folder += folder.isEmpty ? String(component) : "/\(component)"
                guard !paths.contains(folder) else {
                    throw Self.fault("\(folder) is a file of the set, and a folder of another.")
                }
            }
        }
        self.files = files.sorted { $0.path < $1.path }
    }

    /// The digest of the directory that they make.
    var listingDigest: Digest {
        get throws(RegistryError) {
            do { return try DirectoryListing.digest(of: files.map { ($0.path, $0.digest) }) } catch {
                throw RegistryError(.internalError, "The listing could not be hashed.", cause: error)
            }
        }
    }

    private static func fault(_ sentence: String) -> RegistryError {
        RegistryError(.invalidField, sentence, detail: ["field": "files"])
    }
}
