public import Hummingbird
public import RouteSupport

/// The model API, the log and what operators look at. A file for each path; this one lists them.
public struct ModelRoutes: Sendable {
    let services: ModelServices

    public init(_ services: ModelServices) {
        self.services = services
    }

    public func register(on router: Router<RegistryRequestContext>, _ rules: AccessRules) {
        let resources =
            health + [models, modelPath, acquire, metrics, repositories, collection, reinspection] + verification
            + promote
            + withdrawals + waivers + history + log + model
        for resource in resources { resource.register(on: router, rules) }
    }
}
