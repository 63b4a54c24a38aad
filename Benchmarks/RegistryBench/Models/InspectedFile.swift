import CCompression

/// Files that take inspectors long: dense ones, and ones that become large.
enum InspectedFile: CaseIterable {
    case densePickle, gzipBomb, zipBomb, jsonBomb, protobufBomb, kerasDescription, xzText, bzip2Text, objectList,
        yamlMarks

    var name: String {
        switch self {
        case .densePickle: "dense.pkl"
        case .gzipBomb: "zeros.gz"
        case .zipBomb: "zeros.zip"
        case .jsonBomb: "config.json"
        case .protobufBomb: "model.onnx"
        case .kerasDescription: "model.json"
        case .xzText: "notes.txt.xz"
        case .bzip2Text: "notes.txt.bz2"
        case .objectList: "list.json"
        case .yamlMarks: "marks.yaml"
        }
    }

    /// What it is, for a row.
    var what: String {
        switch self {
        case .densePickle: "a pickle of 21 MB that is opcodes alone"
        case .gzipBomb: "10 GiB of zeros in gzip"
        case .zipBomb: "a ZIP of ZIPs of zeros, 4 deep"
        case .jsonBomb: "10 MB of nested JSON"
        case .protobufBomb: "10 MB of nested protobuf"
        case .kerasDescription: "36 MB of a Keras description"
        case .xzText: "400 MB of text in xz"
        case .bzip2Text: "400 MB of text in bzip2"
        case .objectList: "60 MB of small objects in JSON"
        case .yamlMarks: "4 MB of marks in YAML"
        }
    }

    func bytes() -> [UInt8] {
        switch self {
        case .densePickle:
            // Tuples of small integers that are remembered and thrown away.
            let tuple: [UInt8] =
                Array("(K".utf8) + [1] + Array("K".utf8) + [2] + Array("tq".utf8) + [0] + Array("0".utf8)
            return [0x80, 2] + Self.repeated(tuple, bytes: 21_000_000) + Array("N.".utf8)
        case .gzipBomb:
            // Members one after another are one stream (RFC 1952 §2.2).
            return Self.repeated(Self.compressed([UInt8](repeating: 0, count: 64 << 20), asGzip: true), times: 160)
        case .zipBomb:
            var content = [UInt8](repeating: 0, count: 64 << 20)
            for level in 0..<4 {
                var archive = ZipFile()
                for number in 0..<(level == 0 ? 1 : 10) { archive.add("\(number).zip.gz", content) }
                content = Self.compressed(archive.ended(), asGzip: true)
            }
            var archive = ZipFile()
            archive.add("all.zip.gz", content)
            return archive.ended()
        case .jsonBomb: return [UInt8](repeating: UInt8(ascii: "["), count: 10_000_000)
        case .protobufBomb:
            // ir_version, and a graph that holds a node that holds a graph in an attribute, without end.
            return [8, 8]
                + Self.repeated([0x3A, 0xFF, 0xFF, 0xFF, 0x04, 0x0A, 0xFF, 0xFF, 0xFF, 0x04], bytes: 10_000_000)
        case .kerasDescription: return Self.kerasDescription(bytes: 36_000_000)
        case .objectList:
            return Array("[{}".utf8) + Self.repeated(Array(#",{"":""}"#.utf8), bytes: 60_000_000) + Array("]".utf8)
        case .yamlMarks: return Self.repeated(Array(",!".utf8), bytes: 4_000_000)
        // Streams one behind the other are one content, here as in gzip.
        case .xzText: return Self.repeated(SlowCompression.xz(Self.text(bytes: 20_000_000)), times: 20)
        case .bzip2Text: return Self.repeated(SlowCompression.bzip2(Self.text(bytes: 20_000_000)), times: 20)
        }
    }

    /// A network of many layers, as `model.to_json` writes it.
    private static func kerasDescription(bytes: Int) -> [UInt8] {
        var text = Array(#"{"module":"keras","class_name":"Sequential","config":{"name":"s","layers":["#.utf8)
        var number = 0
        while text.count < bytes {
            if number > 0 { text.append(UInt8(ascii: ",")) }
            text += Array(
                (#"{"module":"keras.layers","class_name":"Dense","config":{"name":"dense_\#(number)","trainable":true,"#
                    + #""dtype":{"module":"keras","class_name":"DTypePolicy","config":{"name":"float32"},"#
                    + #""registered_name":null},"units":10,"activation":"softmax","use_bias":true,"#
                    + #""kernel_initializer":{"module":"keras.initializers","class_name":"GlorotUniform","#
                    + #""config":{"seed":null},"registered_name":null}},"registered_name":null,"#
                    + #""build_config":{"input_shape":[null,100]}}"#).utf8)
            number += 1
        }
        return text + Array(#"]},"registered_name":null,"keras_version":"3.5.0"}"#.utf8)
    }

    /// Lines that say much the same.
    private static func text(bytes: Int) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(bytes + 64)
        while text.count < bytes {
            text += Array("epoch \(text.count >> 12) has ended, and the loss is what it was before\n".utf8)
        }
        return text
    }

    private static func repeated(_ piece: [UInt8], bytes: Int) -> [UInt8] {
        repeated(piece, times: bytes / piece.count)
    }

    private static func repeated(_ piece: [UInt8], times: Int) -> [UInt8] {
        var all: [UInt8] = []
        all.reserveCapacity(piece.count * times)
        for _ in 0..<times { all += piece }
        return all
    }

    private static func compressed(_ bytes: [UInt8], asGzip: Bool) -> [UInt8] {
        var stream = z_stream()
        // 16 more than the window's bits asks for a gzip header.
        let bits: Int32 = asGzip ? 31 : 15
        guard
            deflateInit2_(
                &stream, 6, Z_DEFLATED, bits, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
                == Z_OK
        else { return [] }
        defer { deflateEnd(&stream) }
        var output = [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(bytes.count))))
        var input = bytes
        let count = input.withUnsafeMutableBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                stream.next_in = input.baseAddress
                stream.avail_in = UInt32(input.count)
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(output.count)
                return deflate(&stream, Z_FINISH) == Z_STREAM_END ? output.count - Int(stream.avail_out) : 0
            }
        }
        return Array(output[..<count])
    }

    /// What `torch.save` makes of a dictionary of tensors of 256 KB: a pickle that names its storages, and those.
    static func torchArchive(tensors: Int) -> [UInt8] {
        var archive = ZipFile()
        var pickle: [UInt8] = [0x80, 2] + Array("}(".utf8)
        let storage = [UInt8](repeating: 7, count: 256_000)
        for number in 0..<tensors {
            func text(_ text: String) -> [UInt8] {
                var bytes = Array("X".utf8)
                bytes.append(little: UInt32(text.utf8.count))
                return bytes + Array(text.utf8)
            }
            pickle += text("layer.\(number).weight") + Array("ctorch._utils\n_rebuild_tensor_v2\n((".utf8)
            pickle += text("storage") + Array("ctorch\nFloatStorage\n".utf8) + text("\(number)") + text("cpu")
            pickle += Array("J".utf8) + [0, 0xFA, 0, 0] + Array("tQK".utf8) + [0]
            pickle += Array("J".utf8) + [0, 0xFA, 0, 0] + [0x85] + Array("K".utf8) + [1, 0x85, 0x89]
            pickle += Array("ccollections\nOrderedDict\n)RtR".utf8)
        }
        archive.add("model/data.pkl", pickle + Array("u.".utf8))
        archive.add("model/version", Array("3\n".utf8))
        for number in 0..<tensors { archive.add("model/data/\(number)", storage) }
        return archive.ended()
    }
}
