import Crypto
import Inspection
import OCI
import RegistryCore
public import RegistryPorts
import StrictJSON
import Synchronization

/// Has files looked at by other scanners, once for each file and state of the scanner.
///
/// They get the stored blob, in processes of their own; what they say is added to our own inspection, so that it can
/// only make a verdict worse. A failed attempt is a finding of that attempt, and is not kept.
public final class Scanning: Sendable {
    private let scanners: [any ContentScanner]
    private let store: any MetadataReader
    private let blobs: any BlobStore
    private let sealer: RecordSealer
    /// By what is scanned, as it was known last.
    private let known = Mutex<[ScannerIdentity?]>([])

    public init(
        _ scanners: [any ContentScanner], store: any MetadataReader, blobs: any BlobStore, sealer: RecordSealer
    ) {
        self.scanners = scanners
        self.store = store
        self.blobs = blobs
        self.sealer = sealer
        known.withLock { $0 = scanners.map { _ in nil } }
    }

    /// The version of the inspection's rules, and of what all scanners scan by: other rules are another text.
    ///
    /// - Returns: of a scanner that has not answered yet, that this is not known.
    var rules: String { Self.rules(known.withLock { $0 }) }

    private static func rules(_ identities: [ScannerIdentity?]) -> String {
        guard !identities.isEmpty else { return InspectionRules.version }
        var hash = SHA256()
        for identity in identities {
            hash.update(data: Array("\(identity.map { "\($0.name)\n\($0.version)\n\($0.rules)" } ?? "?")\n\n".utf8))
        }
        let digest = hash.finalize().prefix(8).lowercaseHex
        return "\(InspectionRules.version)+\(digest)"
    }

    /// The same, asked for now.
    ///
    /// - Throws: `.inspectionUndecided` when a scanner does not answer: nothing can be said by it then.
    func renewedRules() async throws(RegistryError) -> String {
        let identities = await renew()
        for (scanner, identity) in zip(scanners, identities) where identity == nil {
            throw RegistryError(.inspectionUndecided, "The scanner \(scanner.name) does not answer.")
        }
        return Self.rules(identities)
    }

    private func renew() async -> [ScannerIdentity?] {
        guard !scanners.isEmpty else { return [] }
        var identities: [ScannerIdentity?] = []
        for scanner in scanners { identities.append(await scanner.identity()) }
        let found = identities
        known.withLock { $0 = found }
        return found
    }

    /// Adds what all scanners say to what our own inspection found.
    ///
    /// - Returns: also what is not written down yet.
    func scan(
        _ files: [ExaminedFile], _ progress: WorkProgress?
    ) async throws(RegistryError) -> (files: [ExaminedFile], unwritten: [KeptInspection]) {
        let identities = await renew()
        guard !identities.isEmpty else { return (files, []) }
        var scanned = files
        var unwritten: [KeptInspection] = []
        var lately: [InspectionKey: FileScan] = [:]
        for place in scanned.indices {
            var scans: [FileScan] = []
            for (scanner, identity) in zip(scanners, identities) {
                let key = identity.map { InspectionKey(of: scanned[place].file, $0) }
                if let key, let scan = lately[key] {
                    scans.append(scan)
                    continue
                }
                if let key, let identity, let scan = try await kept(key, identity) {
                    scans.append(scan)
                    continue
                }
                let scan = try await scanAnew(scanned[place], by: scanner, identity, progress)
                scans.append(scan)
                guard let key else { continue }
                lately[key] = scan
                if case .failed = scan.outcome { continue }
                unwritten.append(KeptInspection(key: key, sealed: sealer.sealed(scan.json.encoded(), of: key)))
            }
            scanned[place].scans = scans
            scanned[place].report = scanned[place].report.adding(scans.flatMap(\.findings))
        }
        return (scanned, unwritten)
    }

    private func kept(
        _ key: InspectionKey, _ identity: ScannerIdentity
    ) async throws(RegistryError) -> FileScan? {
        let bytes = try await throughStore { () async throws(StorageFault) in try await store.inspection(key) }
        guard let bytes, let document = sealer.open(bytes, of: key),
            let value = try? StrictJSON.parse(
                document, limits: JSONLimits(bytesMax: 4 << 20, nodesMax: 1 << 16, stringBytesMax: 1 << 16)),
            let scan = try? FileScan(json: value, identity), scan.scanner == identity.name
        else { return nil }
        return scan
    }

    private func scanAnew(
        _ file: ExaminedFile, by scanner: any ContentScanner, _ identity: ScannerIdentity?, _ progress: WorkProgress?
    ) async throws(RegistryError) -> FileScan {
        guard let identity else {
            return FileScan(scanner: scanner.name, identity: nil, outcome: .failed("it does not answer"))
        }
        progress?.begin(.inspecting, file.file.path)
        let opened = try await throughStore { () async throws(StorageFault) in try await blobs.open(file.file.digest) }
        guard let opened else {
            throw RegistryError(.storageUnavailable, "A file could not be opened for the scanner \(scanner.name).")
        }
        let outcome = await scanner.scan(
            opened, name: file.file.path.lastComponent, parts: file.report.partsBesideTensors)
        return FileScan(scanner: scanner.name, identity: identity, outcome: outcome)
    }
}

extension InspectionKey {
    /// What one scanner says, by what it scans by now.
    fileprivate init(of file: ArtifactFile, _ identity: ScannerIdentity) {
        var hash = SHA256()
        hash.update(data: Array("\(identity.name)\n\(identity.version)\n\(identity.rules)".utf8))
        let digest = hash.finalize().lowercaseHex
        self.init(blob: file.digest, name: file.path.lastComponent, rules: "scanner \(digest)")
    }
}
