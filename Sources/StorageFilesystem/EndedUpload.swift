import LinuxFiles
import OCI

/// A note beside the uploads that the bytes of one are on their way to become a blob.
///
/// An upload that ends leaves its folder before anybody is told, and an inspection on that way may take minutes. A
/// process that is killed meanwhile would lose all that was sent. With the note the next start puts the upload back
/// where its client finds it, with every byte.
///
/// The note goes with the last reference to what was staged. It is not synced for its own sake: after a power cut the
/// client may have to send everything again.
final class EndedUpload: Sendable {
    private static let mark = ".ended"

    private let upload: String
    private let uploads: Directory

    /// Makes the note.
    ///
    /// - Parameter upload: the name of the upload, as `UploadID.hex`.
    init(_ upload: String, in uploads: Directory) throws(FileFault) {
        self.upload = upload
        self.uploads = uploads
        do throws(FileFault) {
            _ = try uploads.createFile(upload + Self.mark, permissions: 0o600)
        } catch {
            // Somebody else sent the same and is not done with it.
            guard error.kind == .exists else { throw error }
        }
    }

    deinit {
        // The list of an upload that took parts is of no use from here on.
        for name in [PartedUpload.listName(upload), upload + Self.mark] { try? uploads.removeFile(name) }
    }

    /// What the name of a staged upload begins with.
    static func stagedKind(_ upload: String) -> String { "upload-" + upload }

    /// Puts what an earlier process was killed with back among the uploads.
    ///
    /// - Parameter leftovers: names in staging that are nobody's.
    static func giveBack(
        to uploads: Directory, from staging: Directory, _ leftovers: [String]
    ) throws(FileFault) {
        let names = try uploads.entries(entriesMax: FilesystemUploads.filesMax).compactMap(\.name)
        for note in names where note.hasSuffix(mark) {
            let upload = String(note.dropLast(mark.utf8.count))
            if let staged = leftovers.first(where: { $0.hasPrefix(stagedKind(upload) + "-") }) {
                let isParted = names.contains(PartedUpload.listName(upload))
                let name = isParted ? PartedUpload.contentName(upload) : upload
                try giveBack(staged, from: staging, to: uploads, as: name)
            }
            try uploads.removeFile(note)
        }
    }

    private static func giveBack(
        _ staged: String, from staging: Directory, to uploads: Directory, as name: String
    ) throws(FileFault) {
        let file = try staging.openFile(staged)
        let identity = try file.identity()
        // One with a second name may be a blob, where the file system cannot rename without replacing.
        guard identity.kind == .regular, identity.links == 1 else { return }
        do throws(FileFault) {
            try staging.rename(staged, to: uploads, as: name, mode: .noReplace)
        } catch {
            // Its client began it anew.
            guard error.kind == .exists else { throw error }
            return
        }
        try file.setPermissions(0o600)
    }
}

extension FilesystemStore {
    /// Takes an upload that is whole away from where uploads are found: whoever starts the same one again gets a file
    /// of their own, and nobody writes to this one while it is inspected and kept.
    ///
    /// - Parameter name: of its file, which lies among the uploads.
    func stageUpload(
        _ file: FileDescriptor, named name: String, digest: Digest, isCold: Bool
    ) throws(FileFault) -> StagedBytes {
        let upload = String(name.prefix { $0 != "." })
        let note = try EndedUpload(upload, in: uploads)
        let staged = try staging.newName(EndedUpload.stagedKind(upload))
        try uploads.rename(name, to: staging.directory, as: staged, mode: .noReplace)
        let adopted = StagedFile(adopting: file, name: staged, in: staging.directory)
        try file.setPermissions(0o444)
        return try StagedBytes(adopted, digest: digest, isCold: isCold, note: note)
    }
}
