import Inspection

/// What the parent asks of the fork server: one message, whose descriptors travel beside it.
///
/// Little-endian, fixed layout: kind, then for an inspection what the file is said to be, the limits of the child and
/// the name. Both ends are the
/// same binary, so there are no versions.
enum InspectorRequest: Equatable {
    /// With three descriptors: the file, the pipe for the result, the pipe for the child's status.
    case inspect(ChildLimits, name: String, claim: FileClaim)
    /// With the same three: what a person wants to see of the file, or of a member of an archive in it.
    case view(ChildLimits, FileView, member: String)
    /// With the two pipes: try what is forbidden and report what came of it.
    case selfTest(ChildLimits, SelfTestPart)

    /// Bytes of a file's name that reach the child; the rest of a longer one is dropped.
    static let nameBytesMax = 1024
    /// Bytes of a way through archives.
    static let memberBytesMax = 8192
    static let bytesMax = headerBytes + memberBytesMax
    private static let headerBytes = 1 + 1 + 3 * 8

    var descriptorCount: Int {
        switch self {
        case .inspect, .view: 3
        case .selfTest: 2
        }
    }

    func encoded() -> [UInt8] {
        switch self {
        case .inspect(let limits, let name, let claim):
            [0, claim.rawValue] + limits.encoded() + Self.clipped(name, Self.nameBytesMax)
        case .view(let limits, let view, let member):
            [2, view.rawValue] + limits.encoded() + Self.clipped(member, Self.memberBytesMax)
        case .selfTest(let limits, let part):
            [1, part.rawValue] + limits.encoded()
        }
    }

    /// - Returns: nil for bytes that no parent of this binary sends.
    init?(_ bytes: ArraySlice<UInt8>) {
        guard (Self.headerBytes...Self.bytesMax).contains(bytes.count), let limits = ChildLimits(bytes.dropFirst(2))
        else { return nil }
        let rest = bytes.dropFirst(Self.headerBytes)
        switch (bytes[bytes.startIndex], bytes[bytes.startIndex + 1]) {
        case (0, let claim):
            guard rest.count <= Self.nameBytesMax, let name = String(validating: rest, as: UTF8.self),
                let claim = FileClaim(rawValue: claim)
            else { return nil }
            self = .inspect(limits, name: name, claim: claim)
        case (1, let part):
            guard rest.isEmpty, let part = SelfTestPart(rawValue: part) else { return nil }
            self = .selfTest(limits, part)
        case (2, let view):
            guard let view = FileView(rawValue: view), let member = String(validating: rest, as: UTF8.self) else {
                return nil
            }
            self = .view(limits, view, member: member)
        default:
            return nil
        }
    }

    /// The first characters of `name` that fit.
    private static func clipped(_ name: String, _ bytesMax: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        for scalar in name.unicodeScalars {
            let encoded = UTF8.encode(scalar).map(Array.init) ?? []
            guard bytes.count + encoded.count <= bytesMax else { break }
            bytes += encoded
        }
        return bytes
    }
}

/// What one child may use up.
public struct ChildLimits: Sendable, Hashable {
    /// Bytes of memory beyond what the program itself occupies.
    public var memoryBytesMax: UInt64
    /// Seconds of processor time.
    public var cpuSecondsMax: UInt64
    /// Milliseconds from start to end.
    public var wallMillisecondsMax: UInt64

    public init(memoryBytesMax: UInt64, cpuSecondsMax: UInt64, wallMillisecondsMax: UInt64) {
        self.memoryBytesMax = memoryBytesMax
        self.cpuSecondsMax = cpuSecondsMax
        self.wallMillisecondsMax = wallMillisecondsMax
    }

    fileprivate func encoded() -> [UInt8] {
        [memoryBytesMax, cpuSecondsMax, wallMillisecondsMax].flatMap { $0.littleEndianBytes }
    }

    fileprivate init?(_ bytes: ArraySlice<UInt8>) {
        guard let memory = UInt64(littleEndianBytes: bytes.prefix(8)),
            let cpu = UInt64(littleEndianBytes: bytes.dropFirst(8).prefix(8)),
            let wall = UInt64(littleEndianBytes: bytes.dropFirst(16).prefix(8))
        else { return nil }
        self.init(memoryBytesMax: memory, cpuSecondsMax: cpu, wallMillisecondsMax: wall)
    }
}

extension FixedWidthInteger where Self: UnsignedInteger {
    var littleEndianBytes: [UInt8] {
        stride(from: 0, to: Self.bitWidth, by: 8).map { UInt8(truncatingIfNeeded: self >> $0) }
    }

    /// - Returns: nil unless there are exactly as many bytes as the number has.
    init?(littleEndianBytes bytes: some Collection<UInt8>) {
        guard bytes.count * 8 == Self.bitWidth else { return nil }
        self = bytes.reversed().reduce(0) { $0 << 8 | Self($1) }
    }
}
