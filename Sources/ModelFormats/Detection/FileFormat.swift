/// What the content of a file is, by its own bytes. Names are stable: reports and policies use them.
public enum FileFormat: String, Sendable, Hashable, CaseIterable {
    // Read by this module.
    case gguf
    case safetensors
    case json
    case text
    case template = "jinja"
    case zip
    case tar
    case gzip
    case zlib
    case bzip2
    case xz
    case zstandard = "zstd"
    case numpy = "npy"
    case hdf5
    case pickle
    case onnx
    case tensorFlow = "tensorflow"
    case sentencePiece = "sentencepiece"

    // Recognised, and not read yet.
    case script
    case gitLFSPointer = "git-lfs-pointer"
    case lz4
    case sevenZip = "7z"
    case rar
    case protobuf
    case tensorFlowLite = "tflite"
    case parquet
    case arrow
    case sqlite
    case ggmlLegacy = "ggml"
    case elf
    case portableExecutable = "pe"
    case machO = "mach-o"
    case webAssembly = "wasm"
    case javaClass = "java-class"
    case pdf
    case image
    case audio
    case empty
    case unknown

    public enum Class: String, Sendable, Hashable, CaseIterable {
        case tensors
        case document
        case code
        case archive
        case unknown
    }

    public var formatClass: Class {
        switch self {
        case .gguf, .safetensors, .numpy, .hdf5, .onnx, .tensorFlow, .tensorFlowLite, .ggmlLegacy: .tensors
        case .json, .text, .gitLFSPointer, .sentencePiece, .parquet, .arrow, .sqlite, .pdf, .image, .audio: .document
        case .template, .script, .pickle, .elf, .portableExecutable, .machO, .webAssembly, .javaClass: .code
        case .zip, .gzip, .zlib, .bzip2, .xz, .zstandard, .lz4, .sevenZip, .rar, .tar: .archive
        case .protobuf, .empty, .unknown: .unknown
        }
    }

    /// Whether people can read it.
    public var isText: Bool {
        switch self {
        case .json, .text, .template, .script, .gitLFSPointer: true
        default: false
        }
    }

    /// Whether an operating system would run it.
    public var isExecutable: Bool {
        switch self {
        case .elf, .portableExecutable, .machO: true
        default: false
        }
    }
}
