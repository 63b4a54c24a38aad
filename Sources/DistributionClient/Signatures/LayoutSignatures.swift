internal import LinuxFiles
public import OCI
internal import StrictJSON

extension ImageLayout: SignatureSource {
    /// Manifests that are looked into for what they are about.
    static let listedMax = 4_096

    /// Layouts have no list of referrers: what the index lists is looked into.
    public func referrerRows(of subject: Digest, _ choice: ReferrerChoice) async throws -> ReferrerRows {
        var found = ReferrerRows(choice)
        let listed = Set(try names().map(\.digest))
        guard listed.count <= Self.listedMax else {
            throw DistributionFault.excessive("\(path) lists more manifests than are looked into.")
        }
        for digest in listed.sorted() where digest != subject {
            guard !found.isExcessive else { break }
            guard let manifest = try? manifest(digest) else {
                found.unreadable += 1
                continue
            }
            let object = (try? StrictJSON.parse(manifest.bytes, limits: ManifestLimits.standard.json))?.asObject
            guard object?["subject"]?.asObject?["digest"]?.asString == subject.description else { continue }
            let type = object?["artifactType"]?.asString ?? object?["config"]?.asObject?["mediaType"]?.asString
            found.add(ReferrerRow(digest: digest, artifactType: type))
        }
        return found
    }

    public func manifest(taggedIfAny tag: Tag) async throws -> StoredManifest? {
        guard let digest = try names().first(where: { $0.name == tag.description })?.digest else { return nil }
        return try manifest(digest)
    }

    public func bytes(of blob: Digest, sizeBytes: UInt64, bytesMax: Int) async throws -> [UInt8] {
        guard sizeBytes <= UInt64(bytesMax) else {
            throw DistributionFault.excessive("\(blob) is said to have more than \(bytesMax) bytes.")
        }
        let bytes: [UInt8]
        let file = try file(blob)
        do throws(FileFault) { bytes = try file.readAll(bytesMax: bytesMax) } catch {
            throw DistributionFault.file(error, path: "\(path)/blobs/…/\(blob.hex)")
        }
        guard UInt64(bytes.count) == sizeBytes else {
            throw DistributionFault.wrongSize(blob, expected: sizeBytes)
        }
        guard try Digest(of: bytes, by: blob.algorithm) == blob else { throw DistributionFault.wrongBytes(blob) }
        return bytes
    }
}
