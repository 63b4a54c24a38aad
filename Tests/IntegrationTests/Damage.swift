import Foundation
import ServerFixture
import Testing

/// Changes one bit of a file in place, as a rotting disk would.
func flipBit(of path: String, at offset: Int) throws {
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
    let file = try #require(FileHandle(forUpdatingAtPath: path))
    defer { try? file.close() }
    try file.seek(toOffset: UInt64(offset))
    let byte = try #require(try file.read(upToCount: 1)?.first)
    try file.seek(toOffset: UInt64(offset))
    try file.write(contentsOf: [byte ^ 0x10])
}

/// Replaces the content of a file in place.
func writeFile(_ bytes: [UInt8], to path: String) throws {
    if FileManager.default.fileExists(atPath: path) {
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        let file = try #require(FileHandle(forUpdatingAtPath: path))
        defer { try? file.close() }
        try file.truncate(atOffset: 0)
        try file.write(contentsOf: bytes)
    } else {
        try #require(FileManager.default.createFile(atPath: path, contents: Data(bytes)))
    }
}
