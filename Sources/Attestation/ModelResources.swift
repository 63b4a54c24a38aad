internal import SignatureKeys
internal import StrictJSON

/// The list of resources in the statement of a model signature.
enum ModelResources {
    /// A resource as it is listed: a file, or a part of one.
    struct Entry {
        let name: String
        let algorithm: String
        let digest: [UInt8]
    }

    static func entries(_ value: JSONValue) throws(AttestationFault) -> [Entry] {
        guard let elements = value.asArray, !elements.isEmpty else { throw .malformed("resources") }
        guard elements.count <= ModelManifest.resourcesMax else { throw .limitExceeded("resources") }
        var entries: [Entry] = []
        for element in elements {
            guard let object = element.asObject, let algorithm = object["algorithm"]?.asString,
                let name = object["name"]?.asString,
                let digest = object["digest"]?.asString.flatMap(Hexadecimal.decode),
                digest.count == HashAlgorithm.sha256.byteCount
            else { throw .malformed("resources") }
            entries.append(Entry(name: name, algorithm: algorithm, digest: digest))
        }
        return entries
    }

    static func files(_ entries: [Entry]) throws(AttestationFault) -> [ModelManifest.Resource] {
        var names: Set<[UInt8]> = []
        var resources: [ModelManifest.Resource] = []
        for entry in entries {
            guard entry.algorithm == "sha256", isRelative(entry.name) || (entry.name == "." && entries.count == 1),
                names.insert(Array(entry.name.utf8)).inserted
            else { throw .malformed("resources") }
            resources.append(ModelManifest.Resource(name: entry.name, content: .whole(entry.digest)))
        }
        return resources
    }

    /// The parts of each file have to be all of it: from its first byte, without gaps, and all but the last as long as
    /// the signature says that parts are.
    static func sharded(
        _ entries: [Entry], _ size: JSONValue
    ) throws(AttestationFault) -> [ModelManifest.Resource] {
        // Its tool writes a number with a fraction.
        guard let number = size.asNumber?.double, number >= 1, let size = UInt64(exactly: number) else {
            throw .malformed("shard_size")
        }
        var order: [[UInt8]] = []
        var files: [[UInt8]: (name: String, shards: [ModelManifest.Shard])] = [:]
        for entry in entries {
            guard entry.algorithm == "sha256-sharded-\(size)", let (name, range) = part(entry.name) else {
                throw .malformed("resources")
            }
            let key = Array(name.utf8)
            if files[key] == nil { order.append(key) }
            files[key, default: (name, [])].shards.append(ModelManifest.Shard(range: range, digest: entry.digest))
        }
        var resources: [ModelManifest.Resource] = []
        for file in order.compactMap({ files[$0] }) {
            let shards = file.shards.sorted { $0.range.lowerBound < $1.range.lowerBound }
            var end: UInt64 = 0
            for shard in shards {
                let isFull = UInt64(shard.range.count) == size
                let isLast = shard.range.upperBound == shards.last?.range.upperBound
                guard shard.range.lowerBound == end, isFull || (isLast && UInt64(shard.range.count) < size),
                    isRelative(file.name) || (file.name == "." && order.count == 1)
                else { throw .malformed("resources") }
                end = shard.range.upperBound
            }
            resources.append(ModelManifest.Resource(name: file.name, content: .shards(shards)))
        }
        return resources
    }

    /// `path:start:end`, where the path may have colons of its own.
    private static func part(_ text: String) -> (name: String, range: Range<UInt64>)? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count >= 3, let start = offset(parts[parts.count - 2]), let end = offset(parts[parts.count - 1]),
            start < end
        else { return nil }
        return (parts.dropLast(2).joined(separator: ":"), start..<end)
    }

    private static func offset(_ text: Substring) -> UInt64? {
        guard let number = UInt64(text), number <= UInt64(Int64.max), String(number) == text else { return nil }
        return number
    }

    /// A path that can only lead to something beneath the directory.
    static func isRelative(_ path: String) -> Bool {
        !path.isEmpty && !path.utf8.contains(0)
            && path.split(separator: "/", omittingEmptySubsequences: false)
                .allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
    }
}
