import Glibc

/// What every subject works with.
struct Bench {
    let scale: Scale
    let programs: Programs
    let workspace: Workspace
    let registries: SeededRegistries
    let volume: Volume

    init(scale: Scale, programs: Programs, workspace: Workspace) {
        self.scale = scale
        self.programs = programs
        self.workspace = workspace
        volume = Volume.make(in: workspace, bytes: scale.volumeBytes)
        registries = SeededRegistries(workspace: workspace, programs: programs, volume: volume)
    }
}

/// How much of everything.
struct Scale: Sendable {
    /// Artifacts stored beforehand: the small, the middle and the large registry.
    var stored: (few: Int, page: Int, many: Int)
    /// Promotes one after another, for a median.
    var promotesInTurn: Int
    /// Most promotes at a time under load.
    var promotesMax: Int
    var loadSeconds: Double
    /// How often long passes are repeated; the best counts.
    var repeats: Int
    var verifyFileBytes: UInt64
    var acquireBytes: UInt64
    var manifestBytes: UInt64
    var sparseBytes: UInt64
    /// Tags of two repositories, and manifests that are about another one.
    var tags: (many: Int, most: Int)
    var referrers: Int
    /// Connections that wait, and that send a request slowly. The server holds 10,000 by default.
    var connections: (idle: Int, slow: Int)
    /// Of the file system for models.
    var volumeBytes: UInt64

    static let full = Scale(
        stored: (few: 10, page: 1_000, many: 100_000), promotesInTurn: 200, promotesMax: 6_000, loadSeconds: 4,
        repeats: 3, verifyFileBytes: 1 << 30, acquireBytes: 4 << 30, manifestBytes: 1 << 30, sparseBytes: 50 << 30,
        tags: (many: 20_000, most: 1_000_000), referrers: 1_000, connections: (idle: 9_900, slow: 4_000),
        volumeBytes: 28 << 30)
    static let quick = Scale(
        stored: (few: 10, page: 1_000, many: 5_000), promotesInTurn: 40, promotesMax: 600, loadSeconds: 1,
        repeats: 1, verifyFileBytes: 128 << 20, acquireBytes: 512 << 20, manifestBytes: 256 << 20,
        sparseBytes: 2 << 30, tags: (many: 2_000, most: 20_000), referrers: 200, connections: (idle: 1_000, slow: 400),
        volumeBytes: 4 << 30)
}

/// The programs that are measured.
struct Programs: Sendable {
    let pratique: String
    /// `nil` when it was not built.
    let securectl: String?

    init(pratique: String?, securectl: String?) throws(BenchFault) {
        guard let path = ThisProgram.path, let slash = path.lastIndex(of: "/") else {
            throw BenchFault("/proc/self/exe cannot be read")
        }
        let beside = String(path[..<slash])
        self.pratique = pratique ?? beside + "/pratique"
        let client = securectl ?? beside + "/securectl"
        self.securectl = access(client, X_OK) == 0 ? client : nil
        guard access(self.pratique, X_OK) == 0 else {
            throw BenchFault("\(self.pratique) is not there: build it, or name it with --pratique")
        }
    }
}

/// Why something could not be measured, in a sentence.
struct BenchFault: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) {
        self.description = description
    }

    /// What a system call said.
    static func system(_ what: String) -> BenchFault {
        BenchFault("\(what): \(String(cString: strerror(errno)))")
    }
}
