import FoundationEssentials
import Glibc
import Testing

/// A directory that is removed with its last reference.
final class Scratch: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/securectl-test-XXXXXX".utf8CString)
        let made = template.withUnsafeMutableBufferPointer { $0.baseAddress.flatMap { mkdtemp($0) } != nil }
        try #require(made)
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// An environment whose home is here.
    var environment: [String: String] { ["HOME": path, "PWD": path] }

    @discardableResult
    func write(_ name: String, _ bytes: [UInt8]) throws -> String {
        let file = "\(path)/\(name)"
        let parent = String(file[..<(file.lastIndex(of: "/") ?? file.startIndex)])
        try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
        try Data(bytes).write(to: URL(filePath: file))
        return file
    }

    @discardableResult
    func write(_ name: String, _ text: String) throws -> String {
        try write(name, Array(text.utf8))
    }

    func remove(_ name: String) throws {
        try FileManager.default.removeItem(atPath: "\(path)/\(name)")
    }

    func read(_ name: String) -> [UInt8]? {
        (try? Data(contentsOf: URL(filePath: "\(path)/\(name)"))).map { Array($0) }
    }

    /// Regular files beneath, relative and sorted.
    func files(beneath name: String = "") -> [String] {
        let root = name.isEmpty ? path : "\(path)/\(name)"
        let names = (try? FileManager.default.subpathsOfDirectory(atPath: root)) ?? []
        return names.filter { entry in
            let attributes = try? FileManager.default.attributesOfItem(atPath: "\(root)/\(entry)")
            return attributes?[.type] as? FileAttributeType == .typeRegular
        }.sorted()
    }
}

func symlinked(_ target: String, _ path: String) -> Bool {
    symlink(target, path) == 0
}
