import ArgumentParser
import Inspection
import OCI
import RegistryCore

/// `pratique reference`: writes the pages of the manual that are made from tables in the code.
struct ReferenceCommand: ParsableCommand {
    enum Page: String, ExpressibleByArgument, CaseIterable {
        case configuration, errors, findings
    }

    static let configuration = CommandConfiguration(
        commandName: "reference", abstract: "Print a page of the reference.", shouldDisplay: false)

    @Argument(help: "configuration, errors or findings.")
    var page: Page

    func run() {
        let text =
            switch page {
            case .configuration: Self.configurationPage
            case .errors: Self.errorsPage
            case .findings: Self.findingsPage
            }
        StandardOutput.write(text)
    }

    private static let note = "<!-- Made by `pratique reference`; `make docs` renews it. -->\n\n"

    private static var configurationPage: String {
        var text = "# Configuration\n\n" + note
        text += """
            Every setting can be given in `pratique.yaml` (`--config FILE`), in the environment, and as
            `--set name=value`. A flag outweighs the environment, the environment the file. `pratique serve
            --check-config` says whether a configuration can be used, and changes nothing.

            | setting | environment | default | meaning |
            |---|---|---|---|

            """
        for setting in Setting.allCases {
            let value = setting.defaultValue.isEmpty ? "" : "`\(setting.defaultValue)`"
            text += "| `\(setting.rawValue)` | `\(setting.environmentName)` | \(value) | \(setting.meaning) |\n"
        }
        return text
    }

    private static var errorsPage: String {
        var text = "# Errors\n\n" + note
        text += """
            An error answer is `{"error": "sentence", "code": "stable_code", "detail": {…}}`. The code stays; the
            sentence may change. The exit status is that of `securectl`. Beneath `/v2` errors have the shape and the
            codes of the OCI distribution specification, with the code as `detail.code`.

            | code | HTTP | OCI | exit | meaning |
            |---|---|---|---|---|

            """
        for code in ErrorCode.allCases {
            text += "| `\(code.rawValue)` | \(code.httpStatus) | `\(code.distributionCode.rawValue)` "
            text += "| \(code.exitStatus) | \(code.meaning) |\n"
        }
        return text
    }

    private static var findingsPage: String {
        var text = "# Findings\n\n" + note
        text += "Rules version `\(InspectionRules.version)`, digest `\(InspectionRules.digest)`.\n"
        for rule in RuleCatalogue.all {
            text += "\n## `\(rule.id.rawValue)`\n\n\(rule.title). Severity \(rule.severity.rawValue), "
            text += "verdict at least `\(rule.verdict.rawValue)`.\n\n\(rule.meaning)\n\nWhat to do: \(rule.remedy)\n"
        }
        return text
    }
}
