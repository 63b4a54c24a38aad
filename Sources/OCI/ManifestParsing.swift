import StrictJSON

extension Manifest {
    /// Reads a manifest strictly: what the specification names must have its type and range, repeated names are
    /// refused. Members it does not name are passed over, as it demands of readers.
    public init(parsing bytes: [UInt8], limits: ManifestLimits = .standard) throws(ManifestFault) {
        let reader = try ManifestReader(document: bytes, limits: limits)
        guard !reader.has("manifests") else { throw ManifestFault.ambiguous }
        let mediaType = try reader.mediaType("mediaType") ?? .imageManifest
        guard mediaType == .imageManifest || mediaType == .dockerManifest else {
            throw ManifestFault.unsupportedMediaType("mediaType")
        }
        self.init(
            mediaType: mediaType,
            artifactType: try reader.mediaType("artifactType"),
            config: try reader.requiredDescriptor("config"),
            layers: try reader.layers(),
            subject: try reader.descriptor("subject"),
            annotations: try reader.annotations()
        )
        guard config.mediaType != .empty || artifactType != nil else { throw ManifestFault.artifactTypeRequired }
    }
}

extension ImageIndex {
    /// Reads an index as strictly as a manifest is read.
    public init(parsing bytes: [UInt8], limits: ManifestLimits = .standard) throws(ManifestFault) {
        let reader = try ManifestReader(document: bytes, limits: limits)
        guard !reader.has("config"), !reader.has("layers") else { throw ManifestFault.ambiguous }
        let mediaType = try reader.mediaType("mediaType") ?? .imageIndex
        guard mediaType == .imageIndex || mediaType == .dockerManifestList else {
            throw ManifestFault.unsupportedMediaType("mediaType")
        }
        self.init(
            mediaType: mediaType,
            artifactType: try reader.mediaType("artifactType"),
            manifests: try reader.manifests(),
            subject: try reader.descriptor("subject"),
            annotations: try reader.annotations()
        )
    }
}

/// Reads the members of one object of a manifest and knows the path to it.
private struct ManifestReader {
    private let object: JSONObject
    private let prefix: String
    private let limits: ManifestLimits

    init(_ value: JSONValue, path: String, prefix: String = "", limits: ManifestLimits) throws(ManifestFault) {
        guard let object = value.asObject else { throw ManifestFault.wrongType(path, expected: "an object") }
        self.object = object
        self.prefix = prefix
        self.limits = limits
    }

    /// The object that a whole document is.
    init(document bytes: [UInt8], limits: ManifestLimits) throws(ManifestFault) {
        let document: JSONValue
        do {
            document = try StrictJSON.parse(bytes, limits: limits.json)
        } catch {
            throw ManifestFault.notJSON(error)
        }
        try self.init(document, path: "manifest", limits: limits)
        guard try requiredValue("schemaVersion").asNumber?.uint64 == 2 else {
            throw ManifestFault.unsupportedSchemaVersion
        }
    }

    /// Whether a reader that does not mind upper and lower case, as most that are written in Go, finds the member.
    func has(_ name: String) -> Bool {
        object.members.contains { $0.name.uppercased() == name.uppercased() }
    }

    func requiredValue(_ name: String) throws(ManifestFault) -> JSONValue {
        guard let value = object[name] else { throw ManifestFault.missing(prefix + name) }
        return value
    }

    private func text(_ name: String, _ value: JSONValue) throws(ManifestFault) -> String {
        guard let text = value.asString else { throw ManifestFault.wrongType(prefix + name, expected: "a string") }
        return text
    }

    private func requiredMediaType(_ name: String) throws(ManifestFault) -> MediaType {
        guard let mediaType = MediaType(try text(name, try requiredValue(name))) else {
            throw ManifestFault.invalidMediaType(prefix + name)
        }
        return mediaType
    }

    func mediaType(_ name: String) throws(ManifestFault) -> MediaType? {
        object[name] == nil ? nil : try requiredMediaType(name)
    }

    private func digest() throws(ManifestFault) -> Digest {
        let text = try text("digest", try requiredValue("digest"))
        do {
            return try Digest(parsing: text)
        } catch {
            throw ManifestFault.invalidDigest(prefix + "digest", error)
        }
    }

    private func size() throws(ManifestFault) -> UInt64 {
        guard let number = try requiredValue("size").asNumber else {
            throw ManifestFault.wrongType(prefix + "size", expected: "a number")
        }
        guard let size = number.uint64, size <= Descriptor.sizeMax else {
            throw ManifestFault.sizeOutOfRange(prefix + "size")
        }
        return size
    }

    func annotations() throws(ManifestFault) -> [String: String] {
        guard let value = object["annotations"] else { return [:] }
        let path = prefix + "annotations"
        guard let members = value.asObject?.members else {
            throw ManifestFault.wrongType(path, expected: "an object of strings")
        }
        guard members.count <= limits.annotationsMax else {
            throw ManifestFault.tooManyAnnotations(path, max: limits.annotationsMax)
        }
        var annotations: [String: String] = [:]
        for member in members {
            guard let text = member.value.asString else {
                throw ManifestFault.wrongType(path, expected: "an object of strings")
            }
            annotations[member.name] = text
        }
        // Two names may differ in bytes and yet be one key of a Swift dictionary.
        guard annotations.count == members.count else {
            throw ManifestFault.wrongType(path, expected: "an object of strings with distinct names")
        }
        return annotations
    }

    private func descriptor(_ value: JSONValue, path: String) throws(ManifestFault) -> Descriptor {
        let reader = try ManifestReader(value, path: path, prefix: path + ".", limits: limits)
        return Descriptor(
            mediaType: try reader.requiredMediaType("mediaType"),
            digest: try reader.digest(),
            size: try reader.size(),
            artifactType: try reader.mediaType("artifactType"),
            annotations: try reader.annotations()
        )
    }

    func requiredDescriptor(_ name: String) throws(ManifestFault) -> Descriptor {
        try descriptor(try requiredValue(name), path: prefix + name)
    }

    func descriptor(_ name: String) throws(ManifestFault) -> Descriptor? {
        object[name] == nil ? nil : try requiredDescriptor(name)
    }

    func layers() throws(ManifestFault) -> [Descriptor] {
        try descriptors("layers", max: limits.layersMax, otherwise: .tooManyLayers(max: limits.layersMax))
    }

    func manifests() throws(ManifestFault) -> [Descriptor] {
        try descriptors("manifests", max: limits.manifestsMax, otherwise: .tooManyManifests(max: limits.manifestsMax))
    }

    private func descriptors(
        _ name: String, max: Int, otherwise fault: ManifestFault
    ) throws(ManifestFault) -> [Descriptor] {
        guard let elements = try requiredValue(name).asArray else {
            throw ManifestFault.wrongType(name, expected: "an array")
        }
        guard elements.count <= max else { throw fault }
        var descriptors: [Descriptor] = []
        descriptors.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            descriptors.append(try descriptor(element, path: "\(name)[\(index)]"))
        }
        return descriptors
    }
}
