public import ArgumentParser
public import RegistryCore

extension ArtifactName: ExpressibleByArgument {
    public init?(argument: String) {
        try? self.init(parsing: argument)
    }
}
