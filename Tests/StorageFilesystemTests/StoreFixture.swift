import FileTestSupport
import LinuxFiles
import OCI
import RegistryCore
import RegistryPorts
import RegistryTesting
import StorageFilesystem
import Testing

import struct Crypto.SHA256

/// A registry's directory for one test, with every store in it.
final class StoreFixture: Sendable {
    let scratch: ScratchDirectory
    let store: FilesystemStore
    let blobs: FilesystemBlobStore
    let uploads: FilesystemUploads
    let clock = TestClock()
    let sources: FilesystemSources
    let views: FilesystemViews

    init(_ scratch: ScratchDirectory? = nil) throws {
        self.scratch = try scratch ?? ScratchDirectory()
        store = try FilesystemStore(path: self.scratch.path)
        blobs = try FilesystemBlobStore(store, readers: 4, backgroundBytesPerSecond: 0)
        uploads = FilesystemUploads(store, writers: 2, clock: clock)
        sources = FilesystemSources(store)
        views = try FilesystemViews(store)
    }

    deinit { store.close() }

    /// Takes `bytes` in and keeps them.
    @discardableResult
    func keep(_ bytes: [UInt8]) async throws -> Digest {
        try await blobs.keep(blobs.stage(bytes), expecting: nil, hashing: [], progress: nil).digest
    }

    /// The blob's path beneath the registry's directory.
    func blobPath(_ digest: Digest) -> String {
        "store/blobs/sha256/\(digest.hex.prefix(2))/\(digest.hex)"
    }

    var stagingNames: [String?] {
        get throws { try scratch.directory.subdirectory("store/staging").entries(entriesMax: 100).map(\.name) }
    }

    /// Whether nothing is left in staging.
    var isStagingEmpty: Bool {
        get async throws { try await isSoon { try self.stagingNames.isEmpty } }
    }
}

/// Whether something is so, or becomes so: a thread of a pool lets go of what it worked on a moment after it said that
/// it is done.
func isSoon(_ isSo: () throws -> Bool) async throws -> Bool {
    for _ in 0..<2_000 {
        if try isSo() { return true }
        try await Task.sleep(for: .milliseconds(5))
    }
    return false
}

func sha256(_ bytes: some Collection<UInt8>) throws -> Digest {
    try Digest(sha256: Array(SHA256.hash(data: Array(bytes))))
}

/// All bytes of a file that the registry lends.
func content(of file: any LocalFile) throws -> [UInt8] {
    try file.withDescriptor { number in
        try FileDescriptor(duplicating: number).readAll(bytesMax: Int(file.sizeBytes))
    }
}
