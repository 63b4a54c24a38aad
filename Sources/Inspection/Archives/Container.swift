import ModelFormats

/// What a part of a file is a part of. Rules about a member may depend on it.
enum Container: Hashable {
    case zip
    /// An archive that `torch.save` made: its pickles may name storages by persistent ids.
    case torch
    case tar
    case compressed
    /// The elements of a NumPy array.
    case numpy
    /// An archive that Keras made: its configuration is the description of a model.
    case keras
    /// An attribute of an HDF5 file.
    case hdf5
}

/// Recognises an archive of PyTorch by its members.
struct TorchArchive {
    private static let pickle = Array("data.pkl".utf8)
    private static let storageFolders: Set<[UInt8]> = [
        Array("data".utf8), Array("constants".utf8), Array("tensors".utf8),
    ]
    /// The folder that everything is in, with a slash.
    private let root: [UInt8]

    init?(_ members: [ZipMember]) {
        guard let pickle = members.first(where: { Self.isPickle($0.nameBytes) }) else { return nil }
        root = Array(pickle.nameBytes.dropLast(Self.pickle.count))
    }

    /// `data.pkl` at the top or in a folder there.
    private static func isPickle(_ name: [UInt8]) -> Bool {
        let parts = name.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        return parts.count <= 2 && parts.last.map { $0.elementsEqual(pickle) } ?? false
    }

    private func parts(_ name: [UInt8]) -> [ArraySlice<UInt8>] {
        guard name.starts(with: root) else { return [] }
        return name.dropFirst(root.count).split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    }

    /// Whether the member is the raw bytes of a tensor: a number in one of the folders for them.
    func isStorage(_ name: [UInt8]) -> Bool {
        let parts = parts(name)
        return parts.count == 2 && Self.storageFolders.contains(Array(parts[0])) && !parts[1].isEmpty
            && parts[1].allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
    }

    /// Whether the member is code of a TorchScript program.
    func isCode(_ name: [UInt8]) -> Bool {
        let parts = parts(name)
        return parts.count > 1 && parts[0].elementsEqual("code".utf8) && name.suffix(3).elementsEqual(".py".utf8)
    }

    /// Whether raw bytes begin as something that tensors do not begin as by chance: a program, an archive, or a pickle
    /// with first opcodes that fit.
    static func isDisguised(_ head: [UInt8]) -> Bool {
        if head.starts(with: [0x7F, 0x45, 0x4C, 0x46]) { return true }
        // The version and the flags of a local header leave few bits free.
        if head.count >= 11, head.starts(with: [0x50, 0x4B, 3, 4]), head[4] <= 63, head[5] == 0, head[9] == 0 {
            return true
        }
        // A global by two lines, as protocols 0 and 1 begin: letters, where numbers have others.
        if head.first == UInt8(ascii: "c"), head.count >= 8, head.dropFirst().allSatisfy(isOfLines) { return true }
        guard head.count >= 11, head[0] == 0x80 else { return false }
        switch head[1] {
        case 2, 3: return head[2] == UInt8(ascii: "c") && head[3...10].allSatisfy { 0x20...0x7E ~= $0 || $0 == 0x0A }
        // FRAME, with a length of less than four gigabytes.
        case 4, 5: return head[2] == 0x95 && head[7...10].allSatisfy { $0 == 0 }
        default: return false
        }
    }

    /// Whether the byte may stand in the first bytes of a pickle of protocol 0 that begins with a global.
    private static func isOfLines(_ byte: UInt8) -> Bool { byte == 0x0A || 0x20...0x7E ~= byte }
}
