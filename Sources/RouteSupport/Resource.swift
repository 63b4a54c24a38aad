import HTTPTypes
public import Hummingbird
import RegistryCore
import StrictJSON

/// A path and what can be done with it, each operation with the access that it takes.
///
/// Registering operations here is what enforces access: a handler never runs for somebody who may not do it. Methods
/// that a path does not have answer 405 with `Allow`.
public struct Resource: Sendable {
    public typealias Handler = @Sendable (Request, RegistryRequestContext) async throws -> Response

    public struct Operation: Sendable {
        var method: HTTPRequest.Method
        var access: AccessLevel
        var handler: Handler
    }

    let path: RouterPath
    let operations: [Operation]

    public init(_ path: RouterPath, _ operations: Operation...) {
        self.path = path
        self.operations = operations
    }

    private static let methods: [HTTPRequest.Method] = [.get, .head, .post, .put, .patch, .delete, .options, .trace]

    public func register(on router: Router<RegistryRequestContext>, _ rules: AccessRules) {
        var offered: [HTTPRequest.Method] = []
        for operation in operations {
            offered.append(operation.method)
            router.on(path, method: operation.method, use: operation.guarded(by: rules))
            guard operation.method == .get, !operations.contains(where: { $0.method == .head }) else { continue }
            offered.append(.head)
            router.on(path, method: .head, use: operation.guarded(by: rules))
        }
        let allow = offered.map(\.rawValue).joined(separator: ", ")
        for method in Self.methods where !offered.contains(method) {
            router.on(path, method: method) { (_, _) -> Response in
                throw RegistryError(
                    .methodNotAllowed, "This path does not have \(method.rawValue).", detail: ["allow": .string(allow)])
            }
        }
    }
}

extension Resource.Operation {
    public static func get(_ access: AccessLevel, _ handler: @escaping Resource.Handler) -> Self {
        Self(method: .get, access: access, handler: handler)
    }

    public static func head(_ access: AccessLevel, _ handler: @escaping Resource.Handler) -> Self {
        Self(method: .head, access: access, handler: handler)
    }

    public static func post(_ access: AccessLevel, _ handler: @escaping Resource.Handler) -> Self {
        Self(method: .post, access: access, handler: handler)
    }

    public static func put(_ access: AccessLevel, _ handler: @escaping Resource.Handler) -> Self {
        Self(method: .put, access: access, handler: handler)
    }

    public static func delete(_ access: AccessLevel, _ handler: @escaping Resource.Handler) -> Self {
        Self(method: .delete, access: access, handler: handler)
    }

    func guarded(by rules: AccessRules) -> Resource.Handler {
        { [access, handler] request, context in
            var context = context
            context.actor = try rules.admit(request, to: access)
            return try await handler(request, context)
        }
    }
}
