/// Notes about work that is still to be done belong in the tracker.
enum UnfinishedWork {
    private static let words = ["TODO", "FIXME", "XXX", "HACK"]

    static func findings(in file: SwiftFile) -> [Finding] {
        file.lines.enumerated().compactMap { index, line in
            let written = line.comment.split { !$0.isLetter }
            guard let word = words.first(where: { word in written.contains { $0 == word } }) else { return nil }
            return file.finding(index + 1, "unfinished", "`\(word)`: do it, or open an issue and leave the comment out")
        }
    }
}
