import StrictJSON

/// The header of a safetensors file whose tensors are all BF16.
enum SafetensorsHeader {
    static func size(of tensor: ModelShape.Tensor) -> UInt64 { tensor.elements * 2 }

    static func bytes(_ shape: ModelShape) -> [UInt8] {
        var members: [(String, JSONValue)] = [("__metadata__", ["format": "pt"])]
        var offset: UInt64 = 0
        for tensor in shape.tensors {
            let end = offset + size(of: tensor)
            members.append(
                (
                    tensor.name,
                    [
                        "dtype": "BF16", "shape": .array(tensor.shape.map { .integer($0) }),
                        "data_offsets": [.integer(offset), .integer(end)],
                    ]
                ))
            offset = end
        }
        var json = JSONValue.object(JSONObject(members)).encoded()
        while json.count % 8 != 0 { json.append(UInt8(ascii: " ")) }
        return withUnsafeBytes(of: UInt64(json.count).littleEndian) { Array($0) } + json
    }
}
