import SignatureKeys
import Sigstore
import StrictJSON
import Testing

/// A bundle or root with one bit changed is refused, or it is one that says the same in everything that is verified:
/// names of unknown fields, hints and unused instances are not signed by anybody.
@Suite("Changed bits")
struct ChangedBundleTests {
    @Test("No changed bit of a bundle's text changes what is verified", arguments: SigstoreVectors.accepted)
    func text(_ vector: SigstoreVectors.Case) throws {
        let expected = try SigstoreVectors.verify(vector)
        var refused = 0
        for bit in stride(from: vector.name.utf8.count % 8, to: vector.bundle.count * 8, by: 997) {
            var changed = vector.bundle
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            if let result = try? SigstoreVectors.verify(vector, bundle: changed) {
                #expect(Self.saysNoMore(result, than: expected), "bit \(bit)")
            } else {
                refused += 1
            }
        }
        #expect(refused > vector.bundle.count * 8 / 997 / 2)
    }

    @Test("A changed bit in anything signed makes a bundle be refused", arguments: SigstoreVectors.accepted)
    func values(_ vector: SigstoreVectors.Case) throws {
        let document = try StrictJSON.parse(vector.bundle, limits: Self.limits)
        let expected = try SigstoreVectors.verify(vector)
        var count = 0
        for place in Self.binaries(document) {
            guard let bytes = place.bytes else { continue }
            for bit in stride(from: count % 7, to: bytes.count * 8, by: max(1, bytes.count * 8 / 12)) {
                var changed = bytes
                changed[bit / 8] ^= 1 << UInt8(bit % 8)
                let bundle = Self.replacing(document, place.path[...], Base64.encode(changed)).encoded()
                let result = try? SigstoreVectors.verify(vector, bundle: bundle)
                count += 1
                // A timestamp carries texts and certificates that its authority does not sign.
                let mayPass = place.path.contains("signedTimestamp")
                let isRefused = result == nil
                #expect(isRefused || mayPass, "\(place.path) bit \(bit)")
                #expect(result.map { Self.saysNoMore($0, than: expected) } ?? true)
            }
        }
        #expect(count > 60)
    }

    @Test("No changed bit of a trusted root changes what is verified", arguments: ["k-msg-rekor1", "k-dsse-rekor2"])
    func root(_ name: String) throws {
        let vector = try SigstoreVectors.named(name)
        let expected = try SigstoreVectors.verify(vector)
        var refused = 0
        for bit in stride(from: 3, to: vector.root.count * 8, by: 193) {
            var changed = vector.root
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            if let result = try? SigstoreVectors.verify(vector, bundle: vector.bundle, root: changed) {
                #expect(Self.saysNoMore(result, than: expected), "bit \(bit)")
            } else {
                refused += 1
            }
        }
        #expect(refused > 100)
    }

    @Test("No bundle that is cut short is accepted")
    func prefixes() throws {
        let vector = try SigstoreVectors.named("k-msg-rekor1")
        let end = vector.bundle.lastIndex { $0 == UInt8(ascii: "}") } ?? 0
        for count in stride(from: 0, through: end, by: 61) + [end] {
            #expect(
                reason { _ = try SigstoreVectors.verify(vector, bundle: Array(vector.bundle.prefix(count))) } != nil)
        }
    }

    /// The same signer and statement; of times and entries at most those that were there: whoever passes a bundle on
    /// can leave out what a key does not need.
    private static func saysNoMore(_ result: VerifiedBundle, than expected: VerifiedBundle) -> Bool {
        func entries(_ bundle: VerifiedBundle) -> Set<[UInt64]> {
            Set(bundle.logEntries.map { $0.log.logID.map(UInt64.init) + [$0.logIndex] })
        }
        return result.identity == expected.identity && result.statement == expected.statement
            && Set(result.times.map(\.time)).isSubset(of: expected.times.map(\.time))
            && (entries(result).isSubset(of: entries(expected)) || result.times.isEmpty)
    }

    private static let limits = JSONLimits(bytesMax: 1 << 20, nodesMax: 1 << 16, stringBytesMax: 1 << 18)

    private struct Place {
        let path: [String]
        let bytes: [UInt8]?
    }

    /// Texts that are base64 of something signed.
    private static func binaries(_ value: JSONValue, _ path: [String] = []) -> [Place] {
        switch value {
        case .object(let object):
            return object.members.filter { $0.name != "hint" && $0.name != "keyid" }
                .flatMap { binaries($0.value, path + [$0.name]) }
        case .array(let elements):
            return elements.enumerated().flatMap { binaries($1, path + [String($0)]) }
        case .string(let text) where text.utf8.count >= 24:
            return [Place(path: path, bytes: Base64.decode(text.utf8))]
        default: return []
        }
    }

    private static func replacing(_ value: JSONValue, _ path: ArraySlice<String>, _ text: String) -> JSONValue {
        guard let name = path.first else { return .string(text) }
        switch value {
        case .object(var object):
            object[name] = object[name].map { replacing($0, path.dropFirst(), text) }
            return .object(object)
        case .array(var elements):
            guard let index = Int(name) else { return value }
            elements[index] = replacing(elements[index], path.dropFirst(), text)
            return .array(elements)
        default: return value
        }
    }
}
