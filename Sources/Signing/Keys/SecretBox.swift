/// What NaCl's `secretbox` encrypted: XSalsa20 with Poly1305 before the ciphertext.
enum SecretBox {
    /// - Returns: `nil` if key or bytes are other ones than those of the box.
    static func open(_ box: [UInt8], key: [UInt8], nonce: [UInt8]) -> [UInt8]? {
        guard box.count >= Poly1305.tagBytes, let cipher = XSalsa20(key: key, nonce: nonce) else { return nil }
        let ciphertext = Array(box.dropFirst(Poly1305.tagBytes))
        // The first 32 bytes of the stream are the key of the tag.
        let stream = cipher.stream(byteCount: XSalsa20.keyBytes + ciphertext.count)
        let tag = Poly1305.tag(of: ciphertext, key: Array(stream.prefix(XSalsa20.keyBytes)))
        // All bytes are compared, however early one differs.
        let difference = zip(tag, box).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) }
        guard tag.count == Poly1305.tagBytes, difference == 0 else { return nil }
        return zip(ciphertext, stream.dropFirst(XSalsa20.keyBytes)).map { $0 ^ $1 }
    }
}
