internal import SignatureKeys
internal import StrictJSON

/// Takes fields of a message in the JSON form of protocol buffers: null is absent, numbers of 64 bits may be strings,
/// bytes are base64, and unknown fields are ignored.
struct MessageReader {
    let object: JSONObject

    /// Where the message stands, for people.
    let path: String

    /// What a field that cannot be read is called.
    let reason: FailureReason

    init(_ value: JSONValue, path: String, reason: FailureReason) throws(VerificationFailure) {
        guard let object = value.asObject else { throw VerificationFailure(reason, "\(path) is no object") }
        self.object = object
        self.path = path
        self.reason = reason
    }

    func failure(_ name: String, _ problem: String) -> VerificationFailure {
        VerificationFailure(reason, "\(path).\(name) \(problem)")
    }

    private func value(_ name: String) -> JSONValue? {
        guard let value = object[name], !value.isNull else { return nil }
        return value
    }

    func has(_ name: String) -> Bool { value(name) != nil }

    func message(_ name: String) throws(VerificationFailure) -> MessageReader? {
        guard let value = value(name) else { return nil }
        return try MessageReader(value, path: "\(path).\(name)", reason: reason)
    }

    func requiredMessage(_ name: String) throws(VerificationFailure) -> MessageReader {
        guard let message = try message(name) else { throw failure(name, "is missing") }
        return message
    }

    /// Counted before anything in them is looked at.
    func messages(_ name: String, max: Int) throws(VerificationFailure) -> [MessageReader] {
        guard let value = value(name) else { return [] }
        guard let elements = value.asArray else { throw failure(name, "is no array") }
        guard elements.count <= max else {
            throw VerificationFailure(
                .limitExceeded, "\(path).\(name) has \(elements.count) elements, more than \(max)")
        }
        var messages: [MessageReader] = []
        for element in elements {
            messages.append(try MessageReader(element, path: "\(path).\(name)[]", reason: reason))
        }
        return messages
    }

    func string(_ name: String) throws(VerificationFailure) -> String? {
        guard let value = value(name) else { return nil }
        guard let text = value.asString else { throw failure(name, "is no string") }
        return text
    }

    func requiredString(_ name: String) throws(VerificationFailure) -> String {
        guard let text = try string(name), !text.isEmpty else { throw failure(name, "is missing") }
        return text
    }

    /// Empty bytes count as absent, as an unset field has them.
    func bytes(_ name: String, max: Int) throws(VerificationFailure) -> [UInt8]? {
        guard let text = try string(name), !text.isEmpty else { return nil }
        guard text.utf8.count / 4 * 3 <= max + 2 else {
            throw VerificationFailure(.limitExceeded, "\(path).\(name) has more than \(max) bytes")
        }
        guard let bytes = Base64.decode(text.utf8) else { throw failure(name, "is not base64") }
        return bytes
    }

    func requiredBytes(_ name: String, max: Int) throws(VerificationFailure) -> [UInt8] {
        guard let bytes = try bytes(name, max: max) else { throw failure(name, "is missing") }
        return bytes
    }

    /// A number that is not negative, as a string or a number; absent is zero.
    func count(_ name: String) throws(VerificationFailure) -> UInt64 {
        guard let value = value(name) else { return 0 }
        let number: UInt64?
        if let text = value.asString {
            let isDecimal = text.utf8.allSatisfy { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
            number = isDecimal ? UInt64(text) : nil
        } else {
            number = value.asNumber?.uint64
        }
        guard let number, number <= UInt64(Int64.max) else { throw failure(name, "is no number from 0 to 2⁶³ − 1") }
        return number
    }

    /// An array of bytes; absent is empty.
    func byteStrings(_ name: String) throws(VerificationFailure) -> [[UInt8]] {
        guard let value = value(name) else { return [] }
        guard let elements = value.asArray else { throw failure(name, "is no array") }
        var strings: [[UInt8]] = []
        for element in elements {
            guard let text = element.asString, let bytes = Base64.decode(text.utf8) else {
                throw failure(name, "is no array of base64")
            }
            strings.append(bytes)
        }
        return strings
    }
}
