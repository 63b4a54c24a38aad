import ModelFormats

/// Recognises an archive of Keras by its members.
enum KerasArchive {
    private static let configuration = Array("config.json".utf8)
    private static let companions: Set<[UInt8]> = [
        Array("model.weights.h5".utf8), Array("metadata.json".utf8), Array("model.weights.npz".utf8),
    ]

    static func isOne(_ members: [ZipMember], name: String) -> Bool {
        guard members.contains(where: { $0.nameBytes == configuration }) else { return false }
        return FileName.suffix(name) == "keras" || members.contains { companions.contains($0.nameBytes) }
    }
}
