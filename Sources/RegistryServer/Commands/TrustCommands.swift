import ArgumentParser
import RegistryCore
import TUF
import TUFUpdater

/// `pratique trust`: what signatures are believed by.
struct TrustCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trust", abstract: "Look after the trusted root: the authorities that signatures are believed by.",
        discussion: """
            It comes from a repository of The Update Framework (`trust_repository_url`) or is a pinned file \
            (`trusted_root_path`). These commands work beside the server.
            """,
        subcommands: [TrustUpdateCommand.self, TrustShowCommand.self, TrustCheckCommand.self])
}

/// `pratique trust update`.
struct TrustUpdateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "update", abstract: "Ask the repository for news, verify them and keep them.",
        discussion: """
            Exits 11 for what is not trusted, 69 when the repository cannot be asked: what is kept then serves on \
            until it expires.
            """)

    @OptionGroup var settings: SettingOptions

    func run() async throws {
        try await TrustOutput.write(settings, isOnline: true) { file in TrustOutput.summary(file) }
    }
}

/// `pratique trust show`.
struct TrustShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show what is trusted, its versions and when it expires.",
        discussion: "From what is kept; no repository is asked. All of it is verified anew.")

    @OptionGroup var settings: SettingOptions

    func run() async throws {
        try await TrustOutput.write(settings, isOnline: false) { file in TrustOutput.table(file) }
    }
}

/// `pratique trust check`.
struct TrustCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Say whether what is kept can be used now, and until when.",
        discussion: """
            No repository is asked. Exits 0 if it can, 11 if it has expired or is not what was signed, 12 if there is \
            nothing.
            """)

    @OptionGroup var settings: SettingOptions

    func run() async throws {
        try await TrustOutput.write(settings, isOnline: false) { file in TrustOutput.summary(file) }
    }
}

enum TrustOutput {
    static func write(
        _ settings: SettingOptions, isOnline: Bool, _ text: (TrustedRootFile) -> String
    ) async throws {
        do {
            guard let source = try settings.configuration().trustSource else {
                throw ConfigurationFault(
                    Setting.trustRepositoryURL.rawValue,
                    "is not set, and neither is \(Setting.trustedRootPath.rawValue)")
            }
            let file = try await TrustedRootFile.load(source, isOnline: isOnline, at: SystemClock().now())
            StandardOutput.write(text(file))
        } catch {
            throw CommandFailure.exit(error)
        }
    }

    static func summary(_ file: TrustedRootFile) -> String {
        guard let (role, time) = file.expires else { return "usable: pinned, \(file.digest)\n" }
        return "usable until \(time), when \(role) expires: \(file.digest)\n"
    }

    static func table(_ file: TrustedRootFile) -> String {
        let width = file.lines.map(\.0.count).max() ?? 0
        return file.lines.map { name, text in
            name + String(repeating: " ", count: width - name.count + 2) + text + "\n"
        }.joined()
    }
}

extension UpdateFault {
    /// 11 for what was checked and is bad, 12 where there is nothing to check; else as in `sysexits.h`.
    var exitStatus: Int32 {
        switch self {
        case .refused(let refusal):
            switch refusal.reason {
            case .absent, .targetAbsent: 12
            default: 11
            }
        case .unavailable, .busy: 69
        case .cache: 74
        }
    }
}
