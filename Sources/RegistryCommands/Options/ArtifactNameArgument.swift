internal import ArgumentParser
internal import RegistryCore

extension ArtifactName {
    /// Reads an argument.
    ///
    /// - Throws: `ValidationError` with the rule that is broken.
    static func argument(_ text: String) throws -> ArtifactName {
        do {
            return try ArtifactName(parsing: text)
        } catch {
            throw ValidationError("\(text) is no name of an artifact: \(error.rawValue).")
        }
    }
}
