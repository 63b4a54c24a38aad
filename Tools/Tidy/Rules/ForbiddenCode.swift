/// Calls that the house does without, and what it writes instead.
enum ForbiddenCode {
    private struct Entry {
        let rule: String
        /// The code as written, found only where it is not the end of a longer name.
        let codes: [String]
        let isForbiddenIn: @Sendable (_ file: SwiftFile, _ layers: LayerTable) -> Bool
        let message: String
    }

    private static let mayReadEnvironment: Set<String> = ["RegistryServer", "RegistryCommands"]

    private static let entries = [
        Entry(
            rule: "environment",
            codes: [
                "ProcessInfo.processInfo.environment", "getenv(", "secure_getenv(", "EnvironmentVariablesProvider(",
            ],
            isForbiddenIn: { file, _ in file.module.map { !mayReadEnvironment.contains($0) } ?? false },
            message: "only RegistryServer and RegistryCommands read the environment: take the value as a parameter"),
        Entry(
            rule: "clock",
            codes: [
                "Date()", "Date.now", "ContinuousClock.now", "ContinuousClock().now", "SuspendingClock.now",
                "SuspendingClock().now", "DispatchTime.now()", "clock_gettime(", "gettimeofday(", "= .now", "(.now",
                ": .now",
            ],
            isForbiddenIn: isPure,
            message: "a pure layer reads no clock: take a `WallClock`, or the time as a parameter"),
        Entry(
            rule: "entropy",
            codes: [
                "UUID()", "SystemRandomNumberGenerator()", ".random(in:", ".randomElement()", ".shuffled()",
                "getrandom(",
            ],
            isForbiddenIn: isPure,
            message: "a pure layer draws no random numbers: take an `Entropy`, or the value as a parameter"),
        Entry(
            rule: "trap", codes: ["try!"], isForbiddenIn: everywhere,
            message: "throw a small typed error; in a test write `try` or `#require`"),
        Entry(
            rule: "trap", codes: ["fatalError"], isForbiddenIn: everywhere,
            message: "throw a small typed error, or make the state one that cannot be written"),
        Entry(
            rule: "trap", codes: ["as!"], isForbiddenIn: everywhere,
            message: "write `as?` and say what happens otherwise"),
        Entry(
            rule: "print", codes: ["print("], isForbiddenIn: everywhere,
            message: "log it, return it, or write it to the command's own output"),
        Entry(rule: "xctest", codes: ["import XCTest"], isForbiddenIn: everywhere, message: "write `import Testing`"),
    ]

    @Sendable private static func everywhere(_: SwiftFile, _: LayerTable) -> Bool {
        true
    }

    @Sendable private static func isPure(_ file: SwiftFile, _ layers: LayerTable) -> Bool {
        file.module.map(layers.isPure) ?? false
    }

    static func findings(in file: SwiftFile, _ layers: LayerTable) -> [Finding] {
        let applicable = entries.filter { $0.isForbiddenIn(file, layers) }
        return file.lines.enumerated().flatMap { index, line in
            applicable.compactMap { entry in
                let found = entry.codes.first { contains($0, in: line.code) }
                return found.map { file.finding(index + 1, entry.rule, "`\($0)`: \(entry.message)") }
            }
        }
    }

    /// Whether `code` holds `wanted` other than as a part of a longer name, a member of some value or a declaration.
    private static func contains(_ wanted: String, in code: String) -> Bool {
        code.ranges(of: wanted).contains { range in
            let before = code[..<range.lowerBound]
            let startsName = wanted.first?.isLetter ?? false
            let endsName = wanted.last?.isLetter ?? false
            if startsName, let last = before.last, isPartOfName(last) || last == "." { return false }
            if endsName, let next = code[range.upperBound...].first, isPartOfName(next) { return false }
            return !before.hasSuffix("func ")
        }
    }

    private static func isPartOfName(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || character == "_"
    }
}
