internal import ArgumentParser
internal import RegistryClient
internal import RegistryWire
internal import StrictJSON

struct StatusCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show how the registry is.",
        discussion: """
            Exits 69 if the registry is degraded, 11 if its last sweep found damage, and 12 if that sweep could not \
            check everything.
            """)

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func execute(in context: CommandContext) async throws -> ExitStatus {
        let (address, health, sweep) = try await server.withClient(context) { client in
            (client.server, try await client.health(), try await client.integrityStatus())
        }
        switch output.format {
        case .table: context.console.write(Self.text(address.description, health, sweep))
        case .json:
            context.console.write(json: [
                "server": .string(address.description), "health": health.json, "integrity": sweep.json,
            ])
        }
        if health.status != "ok" { return .unavailable }
        switch sweep.status {
        case "failed": return .bad
        case "ok", "unknown": return .done
        default: return .unchecked
        }
    }

    private static func text(_ address: String, _ health: HealthDocument, _ sweep: SweepDocument) -> String {
        var fields = FieldList([
            ("Registry", address), ("Version", health.version), ("Health", health.status),
        ])
        for reason in health.reasons { fields.add("Reason", reason) }
        fields.add("Token needed", health.authRequired ? "yes" : "no")
        fields.add("Artifacts", String(health.modelCount))
        for (state, count) in health.stateCounts where count > 0 { fields.add("  \(state)", String(count)) }
        fields.add("Integrity", sweep.status)
        if let time = sweep.verifiedAt {
            fields.add("  swept", Quantities.time(time))
            fields.add("  checked", "\(sweep.checked) (\(Quantities.bytes(sweep.bytes)))")
            fields.add("  failures", String(sweep.failures))
            if sweep.undecided > 0 { fields.add("  not checked", String(sweep.undecided)) }
        }
        for row in sweep.models where row.status != "verified" { fields.add("  \(row.status)", row.name) }
        return fields.text
    }
}
