internal import ArgumentParser
internal import RegistryWire

/// The root command.
struct SecureCtl: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "securectl",
        abstract: "Look after the models that your machines may run.",
        discussion: """
            Exit statuses: 0 done, 10 policy says no or a person should look, 11 checked and bad, 12 could not be \
            checked, 13 not allowed in this state, 64-78 as in sysexits.h. An error of the registry is never 0.
            """,
        version: RegistryVersion.current,
        subcommands: [TUFClientCommand.self, VerifyBundleCommand.self],
        groupedSubcommands: [
            CommandGroup(
                name: "Look",
                subcommands: [
                    ListCommand.self, InfoCommand.self, PathCommand.self, StatusCommand.self, EvidenceCommand.self,
                    EventsCommand.self, SummaryCommand.self,
                ]),
            CommandGroup(
                name: "Check",
                subcommands: [
                    VerifyCommand.self, InspectCommand.self, DiffCommand.self, GGUFCommand.self, LogCommand.self,
                    PolicyCommand.self, ReinspectCommand.self, BillCommand.self,
                ]),
            CommandGroup(name: "Sign", subcommands: [SignCommand.self, AttestCommand.self, KeyCommand.self]),
            CommandGroup(
                name: "Change",
                subcommands: [
                    AcquireCommand.self, PushCommand.self, QuarantineCommand.self, PromoteCommand.self,
                    AttachCommand.self, WaiverCommand.self, RevokeCommand.self, DeleteCommand.self, CollectCommand.self,
                ]),
            CommandGroup(
                name: "Any registry",
                subcommands: [
                    PullCommand.self, CopyCommand.self, TagCommand.self, TagsCommand.self,
                    RegistryManifestCommand.self, ReferrersCommand.self, LayoutCommand.self,
                ]),
            CommandGroup(name: "Set up", subcommands: [LoginCommand.self, CredentialCommand.self]),
        ])
}
