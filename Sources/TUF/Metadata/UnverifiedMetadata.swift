internal import SignatureKeys
internal import StrictJSON

/// A file of metadata of which nobody has said yet who signed it (TUF 4.2.1).
struct UnverifiedMetadata {
    struct Signature {
        let keyID: ExactName
        /// Empty where there is none: absent signers leave a placeholder.
        let bytes: [UInt8]
    }

    let role: RoleName
    let signatures: [Signature]
    /// What was signed, as it came.
    let signed: JSONObject
    /// What was signed, in canonical form.
    let message: [UInt8]

    init(parsing bytes: [UInt8], as role: RoleName, limits: TUFLimits) throws(TUFRefusal) {
        let bytesMax = limits.bytesMax(role)
        guard bytes.count <= bytesMax else { throw TUFRefusal(role, .tooLarge(bytesMax: bytesMax)) }
        let value: JSONValue
        do throws(JSONFault) {
            value = try StrictJSON.parse(bytes, limits: limits.json(bytesMax))
        } catch {
            throw TUFRefusal(role, .malformed(error.description))
        }
        self.role = role
        do throws(MetadataFault) {
            var fields = try MetadataFields(value, "the file")
            signatures = try Self.signatures(try fields.requiredArray("signatures"), limits)
            signed = try fields.requiredObject("signed")
        } catch {
            throw error.refusal(role)
        }
        guard Set(signatures.map(\.keyID)).count == signatures.count else {
            throw TUFRefusal(role, .duplicateSignature)
        }
        do throws(CanonicalJSON.Fault) {
            message = try CanonicalJSON.encode(.object(signed))
        } catch {
            throw TUFRefusal(role, .malformed("a number is no integer"))
        }
    }

    private static func signatures(_ values: [JSONValue], _ limits: TUFLimits) throws(MetadataFault) -> [Signature] {
        guard values.count <= limits.signaturesMax else { throw .malformed("there are too many signatures") }
        var signatures: [Signature] = []
        for value in values {
            var fields = try MetadataFields(value, "a signature")
            let keyID = try fields.requiredString("keyid")
            // A signature that cannot be read counts as little as one that is wrong.
            let bytes = Hexadecimal.decode(try fields.requiredString("sig")) ?? []
            signatures.append(Signature(keyID: ExactName(keyID), bytes: bytes))
        }
        return signatures
    }

    /// What the metadata says. Whoever calls this has verified it, or is about to verify a root by itself.
    func content<Content: MetadataContent>(_ type: Content.Type, limits: TUFLimits) throws(TUFRefusal) -> Content {
        do throws(MetadataFault) {
            var fields = MetadataFields(signed)
            let header = try MetadataHeader(&fields, type: Content.type)
            return try Content(header, &fields, role: role, limits: limits)
        } catch {
            throw error.refusal(role)
        }
    }
}

/// What the files of all roles begin with (TUF 4.2.1, 4.3).
public struct MetadataHeader: Sendable, Hashable {
    public let version: UInt64
    /// From this moment on the metadata must not be used.
    public let expires: MetadataTime

    init(_ fields: inout MetadataFields, type: String) throws(MetadataFault) {
        guard try fields.requiredString("_type") == type else { throw .malformed("its type is not \(type)") }
        let specification = try fields.requiredString("spec_version")
        let parts = specification.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count >= 2, parts[0] == "1" else { throw .unsupported("it follows another specification than 1") }
        version = try fields.version()
        guard let time = MetadataTime(parsing: try fields.requiredString("expires")) else {
            throw .malformed("\"expires\" is not of the form YYYY-MM-DDTHH:MM:SSZ")
        }
        expires = time
    }
}

/// What one kind of metadata holds besides the header.
protocol MetadataContent: Sendable {
    /// The `_type`.
    static var type: String { get }
    var header: MetadataHeader { get }

    init(_ header: MetadataHeader, _ fields: inout MetadataFields, role: RoleName, limits: TUFLimits)
        throws(MetadataFault)
}

extension MetadataContent {
    /// TUF 5.3.10, 5.4.4, 5.5.6, 5.6.5.
    func requireUnexpired(_ role: RoleName, at now: MetadataTime) throws(TUFRefusal) {
        guard header.expires > now else { throw TUFRefusal(role, .expired(at: header.expires, now: now)) }
    }
}
