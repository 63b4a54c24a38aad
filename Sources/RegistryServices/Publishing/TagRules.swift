public import OCI
public import RegistryCore
import StrictJSON

/// Which tags stay where they are once they point somewhere: patterns of `repository:tag` in which `*` stands for any
/// characters, `team/*:v*`.
public struct TagRules: Sendable, Hashable {
    public static let patternsMax = 1_000
    public static let patternBytesMax = 512

    private let patterns: [[UInt8]]

    /// - Throws: `.invalidField` for a pattern that can never match, and for too many.
    public init(immutable patterns: [String] = []) throws(RegistryError) {
        let fault = RegistryError(
            .invalidField, "A pattern of immutable tags is REPOSITORY:TAG, with * for any characters.",
            detail: ["field": "immutable_tags"])
        guard patterns.count <= Self.patternsMax else { throw fault }
        for pattern in patterns {
            guard pattern.utf8.contains(UInt8(ascii: ":")), pattern.utf8.count <= Self.patternBytesMax else {
                throw fault
            }
        }
        self.patterns = patterns.map { Array($0.utf8) }
    }

    public func isImmutable(_ tag: Tag, in repository: RepositoryName) -> Bool {
        guard !patterns.isEmpty else { return false }
        let text = Array("\(repository):\(tag)".utf8)
        return patterns.contains { Self.matches($0, text) }
    }

    /// - Throws: `.tagImmutable` when the tag points elsewhere and has to stay there.
    func requireMovable(
        _ tag: Tag, to version: Digest?, in repository: RepositoryKey, _ entry: LedgerEntry
    ) throws {
        guard isImmutable(tag, in: repository.name), let present = try entry.version(of: tag, in: repository),
            present != version
        else { return }
        throw RegistryError(
            .tagImmutable, "The tag \(tag) of \(repository.name) points at \(present), and may not be moved.",
            detail: ["tag": .string(tag.description), "manifest": .string(present.description)])
    }

    /// Takes time proportional to pattern times text at most: a star that is passed is never gone back behind.
    private static func matches(_ pattern: [UInt8], _ text: [UInt8]) -> Bool {
        var (at, position) = (0, 0)
        var star: (pattern: Int, text: Int)?
        while position < text.count {
            if at < pattern.count, pattern[at] == UInt8(ascii: "*") {
                star = (at, position)
                at += 1
            } else if at < pattern.count, pattern[at] == text[position] {
                at += 1
                position += 1
            } else if let last = star {
                star = (last.pattern, last.text + 1)
                at = last.pattern + 1
                position = last.text + 1
            } else {
                return false
            }
        }
        return pattern[at...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
