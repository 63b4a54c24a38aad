public import Hummingbird
public import OCI
public import RegistryCore
import StrictJSON

/// Reads query parameters, refusing those that are given twice.
public struct QueryReader: Sendable {
    private let request: Request

    public init(_ request: Request) {
        self.request = request
    }

    /// - Throws: `.invalidField` when the parameter is given twice.
    public func text(_ name: String) throws(RegistryError) -> String? {
        let values = request.uri.queryParameters.getAll(name)
        guard values.count <= 1 else {
            throw RegistryError(.invalidField, "\(name) is given twice.", detail: ["field": .string(name)])
        }
        return values.first.map { String($0) }
    }

    /// - Throws: `.invalidField` unless it is `true`, `false` or absent.
    public func flag(_ name: String) throws(RegistryError) -> Bool {
        switch try text(name) {
        case nil, "false": return false
        case "true": return true
        default:
            throw RegistryError(.invalidField, "\(name) has to be true or false.", detail: ["field": .string(name)])
        }
    }

    /// - Throws: `.unknownField` when there is a parameter with another name.
    func refuseOthers(than names: Set<String>) throws(RegistryError) {
        guard let other = request.uri.queryParameters.first(where: { !names.contains(String($0.key)) }) else { return }
        throw RegistryError(
            .unknownField, "This operation takes no parameter \(other.key) in its address.",
            detail: ["field": .string(String(other.key))])
    }

    /// - Throws: `.missingField`.
    public func name() throws(RegistryError) -> String {
        guard let text = try text("name") else {
            throw RegistryError(.missingField, "The parameter name is missing.", detail: ["field": "name"])
        }
        return text
    }

    /// - Throws: `.invalidField` unless it is a whole number in `range`.
    public func number(
        _ name: String, in range: ClosedRange<UInt64>, default value: UInt64
    ) throws(RegistryError) -> UInt64 {
        guard let text = try text(name) else { return value }
        guard let number = UInt64(text), range.contains(number) else {
            throw RegistryError(
                .invalidField, "\(name) has to be a whole number from \(range.lowerBound) to \(range.upperBound).",
                detail: ["field": .string(name)])
        }
        return number
    }
}

extension Digest {
    /// Hexadecimal with or without `sha256:`, in either case of letters.
    ///
    /// - Throws: `.invalidDigest`.
    public init(checked text: String, field: String) throws(RegistryError) {
        let lower = text.lowercased()
        do {
            let digest = try Digest(parsing: lower.contains(":") ? lower : "sha256:" + lower)
            guard digest.algorithm == .sha256 else { throw DigestFault.unsupportedAlgorithm }
            self = digest
        } catch {
            throw RegistryError(
                .invalidDigest, "\(field) is not a SHA-256 digest.", detail: ["field": .string(field)])
        }
    }
}

extension RelativePath {
    /// - Throws: `.invalidPath` with the rule that is broken.
    public init(checked text: String, field: String) throws(RegistryError) {
        do { try self.init(parsing: text) } catch {
            throw RegistryError(
                .invalidPath, "\(field) cannot be used: \(error.rawValue).", detail: ["field": .string(field)])
        }
    }
}
