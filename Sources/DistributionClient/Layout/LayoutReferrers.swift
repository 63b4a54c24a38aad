internal import Glibc
internal import LinuxFiles
public import OCI
internal import StrictJSON

/// A manifest that refers to another one and is to be added to a layout, with the blobs that it names.
public struct NewReferrer: Sendable {
    let manifest: StoredManifest
    let artifactType: MediaType
    let blobs: [[UInt8]]

    public init(_ manifest: StoredManifest, artifactType: MediaType, blobs: [[UInt8]]) {
        self.manifest = manifest
        self.artifactType = artifactType
        self.blobs = blobs
    }

    /// How the index lists it: by its type, and without a name, since it is found by what it refers to.
    fileprivate var row: JSONValue {
        var descriptor = manifest.descriptor
        descriptor.artifactType = artifactType
        return descriptor.json
    }
}

extension ImageLayout {
    /// Fails where nothing could be added, before anybody does work for it.
    public func requireWritable() throws(DistributionFault) {
        let folder = try folder(of: Descriptor.empty.digest)
        guard root.isWritable, folder.isWritable else {
            throw .file(FileFault(.create, .permission), path: path)
        }
    }

    /// Adds all of them or none: everything is durable before the index lists any, and then it is replaced as a whole.
    /// What the index says besides stays as it is.
    ///
    /// A stop before the end leaves blobs that nothing names.
    public func add(_ referrers: [NewReferrer]) throws(DistributionFault) {
        for referrer in referrers {
            for blob in referrer.blobs { try keep(blob, as: try Digest(of: blob)) }
            try keep(referrer.manifest.bytes, as: referrer.manifest.digest)
        }
        do throws(FileFault) {
            try withIndexAlone { () throws(FileFault) in try list(referrers) }
        } catch {
            throw .file(error, path: "\(path)/index.json")
        }
    }

    /// Only for who has the index alone.
    private func list(_ referrers: [NewReferrer]) throws(FileFault) {
        let bytes = try root.openFile("index.json").readAll(bytesMax: ManifestLimits.standard.json.bytesMax)
        let index = try? StrictJSON.parse(bytes, limits: ManifestLimits.standard.json).asObject
        guard let index, let rows = index["manifests"]?.asArray else { throw FileFault(.read, .changed) }
        let members = index.members.map { member in
            member.name == "manifests"
                ? (member.name, .array(rows + referrers.map(\.row))) : (member.name, member.value)
        }
        try DurableFile.replace(
            "index.json", in: root, with: JSONValue.object(JSONObject(members)).encoded(), permissions: 0o644)
    }

    /// Runs what reads the index and replaces it: whoever else changes it meanwhile must not find it as it was.
    ///
    /// Others hold it for as long as one file takes to write; who waits for five seconds has met something else.
    ///
    /// - Throws: `.busy` then; what `change` throws.
    func withIndexAlone(_ change: () throws(FileFault) -> Void) throws(FileFault) {
        let mark = try root.openFile("oci-layout")
        var waits = 0
        while mark.withNumber({ flock($0, LOCK_EX | LOCK_NB) }) != 0 {
            guard waits < Self.waitsMax else { throw FileFault(.lock, .busy) }
            waits += 1
            usleep(Self.waitMicroseconds)
        }
        defer { _ = mark.withNumber { flock($0, LOCK_UN) } }
        try change()
    }

    private static let waitsMax = 500
    private static let waitMicroseconds: UInt32 = 10_000

    private func keep(_ bytes: [UInt8], as digest: Digest) throws(DistributionFault) {
        let folder = try folder(of: digest)
        do throws(FileFault) {
            try DurableFile.replace(digest.hex, in: folder, with: bytes, permissions: 0o644)
        } catch {
            throw .file(error, path: "\(path)/blobs/…/\(digest.hex)")
        }
    }

    /// What the index lists that refers to nothing else it lists: what somebody means who names the layout alone.
    func mainDigests(among listed: [Digest]) -> [Digest] {
        let all = Set(listed)
        guard all.count > 1, all.count <= Self.listedMax else { return all.sorted() }
        return all.sorted().filter { digest in
            guard let manifest = try? manifest(digest) else { return true }
            let object = (try? StrictJSON.parse(manifest.bytes, limits: ManifestLimits.standard.json))?.asObject
            guard let subject = object?["subject"]?.asObject?["digest"]?.asString else { return true }
            return !all.contains { $0.description == subject }
        }
    }
}
