import Hummingbird
import OCI
import RegistryCore
import RegistryServices
import RouteSupport

/// What a path under `/v1/model/` names: an artifact, or something of it.
///
/// Names hold slashes. The last component is taken for a part of the artifact if it is the name of one; a slash that is
/// meant as part of a name before such a word is written `%2F`.
struct ModelAddress {
    enum Part: Hashable {
        case record, content, events, evidence, tensorManifest, attestations, summary
        case document(String)

        /// The methods that it has, as `Allow` lists them.
        var allow: String {
            switch self {
            case .record: "GET, HEAD, DELETE"
            case .content: "GET, HEAD, PUT, DELETE"
            case .attestations: "GET, HEAD, POST"
            case .events, .evidence, .tensorManifest, .summary, .document: "GET, HEAD"
            }
        }
    }

    /// A name, or what stands for one: `name:tag`, `repository@digest`.
    var text: String
    var part: Part

    /// The name as it stands, of something that may be new.
    ///
    /// - Throws: `.invalidName`.
    var name: ArtifactName {
        get throws(RegistryError) { try ArtifactName(checked: text) }
    }

    /// - Throws: `.invalidName`, `.routeNotFound`.
    init(_ request: Request) throws(RegistryError) {
        let prefix = "/v1/model/"
        guard request.uri.path.hasPrefix(prefix) else {
            throw RegistryError(.routeNotFound, "No operation has this path.")
        }
        var components = request.uri.path.dropFirst(prefix.count).split(
            separator: "/", omittingEmptySubsequences: false)
        part = .record
        if let (found, count) = Self.part(of: components) {
            part = found
            components.removeLast(count)
        }
        var decoded: [String] = []
        for component in components {
            guard let text = String(percentDecoding: component) else {
                throw RegistryError(.invalidName, "The name in the path is not percent-encoded UTF-8.")
            }
            decoded.append(text)
        }
        text = decoded.joined(separator: "/")
    }

    private static func part(of components: [Substring]) -> (Part, Int)? {
        guard components.count >= 2, let last = components.last else { return nil }
        switch last {
        case "content": return (.content, 1)
        case "events": return (.events, 1)
        case "attestations": return (.attestations, 1)
        case "evidence": return (.evidence, 1)
        case "tensor-manifest": return (.tensorManifest, 1)
        case "vsa": return (.summary, 1)
        default:
            guard components.count >= 3, components[components.count - 2] == "evidence" else { return nil }
            return (.document(String(last)), 2)
        }
    }
}
