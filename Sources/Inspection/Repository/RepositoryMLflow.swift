import ModelFormats
import SafeYAML
import StrictJSON

// The description of a model that MLflow keeps beside it.
extension FileInspection {
    private static let yaml = YAMLLimits(bytesMax: 1 << 20, depthMax: 32, nodesMax: 1 << 16, scalarBytesMax: 1 << 18)

    /// `python_function` names a module, which MLflow imports, and a folder of code, which it imports from.
    mutating func inspectMLflow(_ text: [UInt8]) {
        facts.add(.documentKind, "MLflow model")
        let document: JSONValue
        do throws(YAMLFault) {
            document = try SafeYAML.parse(text, limits: Self.yaml)
        } catch {
            findings.add(.repositoryUnread, detail: "\(error)")
            return
        }
        facts.add(.generator, document.asObject?["mlflow_version"]?.asString.map { "mlflow \($0)" })
        guard let flavors = document.asObject?["flavors"]?.asObject else { return }
        for flavor in flavors.members {
            guard let members = flavor.value.asObject else { continue }
            for member in members.members { inspectMLflow(member.name, member.value, of: flavor.name) }
        }
    }

    private mutating func inspectMLflow(_ name: String, _ value: JSONValue, of flavor: String) {
        guard let text = value.asString, !text.isEmpty else { return }
        let place = Finding.Place(member: "\(flavor).\(name)")
        switch name {
        case "loader_module":
            switch ImportedName.standing(text + ".anything", expected: RepositoryNames.loaders) {
            case .expected: break
            case .unknown: findings.add(.repositoryUnknownImport, place, detail: text)
            case .dangerous where text.hasPrefix("mlflow.pyfunc"): break
            case .dangerous: findings.add(.repositoryDangerousImport, place, detail: text)
            case .foreign: findings.add(.jsonForeignCode, place, detail: text)
            }
        case "code", "model_code_path": findings.add(.jsonRemoteCode, place, detail: text)
        case _ where Self.pathMembers.contains(name) && KerasVocabulary.leadsAway(text):
            findings.add(.jsonOutsidePath, place, detail: text)
        default: break
        }
    }

    /// Members that say where a part of the model is.
    private static let pathMembers: Set<String> = [
        "data", "model_data", "pickled_model", "python_model", "model_path", "saved_model_dir", "path",
        "model_binary_path", "artifact_path_relative",
    ]
}
