import Foundation
import TidyRules

/// Checks the rules of the house: `tidy [directory]`.
///
/// Exit status 0 when nothing is found, 1 when something is, 66 when the tree cannot be read.
@main
enum Tidy {
    static func main() {
        let root = URL(filePath: CommandLine.arguments.dropFirst().first ?? ".", directoryHint: .isDirectory)
        do {
            let findings = try WorkTree.read(root).findings()
            write(findings.map { "\($0)\n" }.joined(), to: .standardOutput)
            exit(findings.isEmpty ? 0 : 1)
        } catch {
            write("tidy: \(root.path()): \(error)\n", to: .standardError)
            exit(66)
        }
    }

    private static func write(_ text: String, to output: FileHandle) {
        output.write(Data(text.utf8))
    }
}
