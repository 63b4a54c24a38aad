internal import Inspection
internal import LinuxFiles
internal import ModelFormats
internal import RegistryCore

/// Hears how many bytes of the tensors of a file were read.
typealias WeightProgress = @Sendable (_ file: String, _ done: UInt64, _ total: UInt64) -> Void

/// One thing that a command line leads to.
enum InspectionSubject: Sendable {
    /// A path that the user named, which is no directory.
    case named(String)
    /// A file beneath a directory that the user named.
    case beneath(Directory, name: String, shown: String)
    /// A blob of an OCI image layout, under the name that its manifest gives it.
    case blob(LayoutFiles, LayoutFiles.Item)
    /// A link, device or pipe beneath such a directory. What it leads to is not looked at.
    case notRegular(String)
    /// A path that leads to nothing.
    case absent(String, CommandFailure)

    /// What `path` leads to: itself, or everything beneath it in the order of the names' bytes. Links beneath it are
    /// not followed. Of an OCI image layout the files of the artifacts in it.
    static func all(at path: String) -> [InspectionSubject] {
        do throws(CommandFailure) {
            if let layout = try LayoutFiles(at: path) { return layout.items.map { .blob(layout, $0) } }
        } catch {
            return [.absent(path, error)]
        }
        guard let directory = try? Directory(path: path) else { return [.named(path)] }
        let tree: FileTree
        do throws(CommandFailure) {
            tree = try FileTree(path)
        } catch {
            return [.absent(path, error)]
        }
        guard !tree.files.isEmpty || !tree.others.isEmpty else {
            return [.absent(path, CommandFailure(.noInput, "\(path) holds no file."))]
        }
        let prefix = path.hasSuffix("/") ? path : path + "/"
        return tree.files.map { .beneath(directory, name: $0, shown: prefix + $0) }
            + tree.others.map { .notRegular(prefix + $0) }
    }

    /// Whatever goes wrong is a result: the other files still count.
    ///
    /// - Parameter weights: whether the numbers in tensors are looked at, too; hears how many bytes were read.
    func inspected(
        by inspector: any FileInspector, weights: WeightProgress?
    ) async -> InspectedFile {
        let opened: (file: LocalFile, name: String)
        do {
            guard let found = try await open() else { return InspectedFile(path, refusal: "not a regular file") }
            opened = found
        } catch let failure as CommandFailure {
            return InspectedFile(path, failure)
        } catch {
            return InspectedFile(path, refusal: "interrupted")
        }
        let (file, name) = opened
        let report: InspectionReport
        do throws(InspectionRefusal) {
            report = try await inspector.inspect(file.descriptor, sizeBytes: file.sizeBytes, name: name, as: claim)
        } catch {
            return InspectedFile(path, refusal: error.reason)
        }
        var inspected = InspectedFile(path, report, beneath: beneath)
        guard let weights, let table = report.tensors else { return inspected }
        let total = table.entries.reduce(UInt64(0)) { $0 &+ $1.sizeBytes }
        do {
            inspected.add(WeightReport(try await WeightReading(file, table) { weights(file.name, $0, total) }))
        } catch let failure as CommandFailure {
            return InspectedFile(path, failure)
        } catch {
            return InspectedFile(path, refusal: "interrupted")
        }
        return inspected
    }

    /// - Returns: also under which name it would be published; `nil` for what is no regular file.
    private func open() async throws -> (file: LocalFile, name: String)? {
        switch self {
        case .notRegular: return nil
        case .absent(_, let failure): throw failure
        case .named(let path):
            let file = try LocalFile(path)
            return (file, file.name)
        case .beneath(let directory, let name, let shown):
            return (try LocalFile(name, in: directory, at: shown), name)
        case .blob(let layout, let item):
            return (try await layout.open(item), item.file.path.description)
        }
    }

    /// Its name among the files that it is compared with.
    private var beneath: String? {
        switch self {
        case .beneath(_, let name, _): name
        case .blob(_, let item): item.name
        case .named, .notRegular, .absent: nil
        }
    }

    private var claim: FileClaim {
        if case .blob(_, let item) = self, item.file.isImageLayer { .imageLayer } else { .none }
    }

    private var path: String {
        switch self {
        case .named(let path), .notRegular(let path), .absent(let path, _): path
        case .beneath(_, _, let shown): shown
        case .blob(let layout, let item): "\(layout.path)/\(item.name)"
        }
    }
}

extension InspectedFile {
    fileprivate init(_ path: String, _ failure: CommandFailure) {
        self.init(path, refusal: failure.message, fault: failure.status)
    }
}
