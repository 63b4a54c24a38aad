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
        /// Of the query. What changes something is refused where it has others: what was meant to restrain it may stand
        /// in one of them. What reads, and what the distribution protocol has, passes over others.
        var parameters: Set<String> = []
        var handler: Handler
    }

    /// Says for one request which methods its path has: the value of `Allow`.
    public typealias Allowance = @Sendable (Request) throws -> String

    let path: RouterPath
    let operations: [Operation]
    let allowance: Allowance?

    /// - Parameter allowance: where the pattern covers paths that do not all have the same methods.
    public init(_ path: RouterPath, allowance: Allowance? = nil, _ operations: Operation...) {
        self.path = path
        self.operations = operations
        self.allowance = allowance
    }

    /// RFC 9110 §9, RFC 5789, and the safe method with a body that follows them.
    private static let methods: [HTTPRequest.Method] =
        [.get, .head, .post, .put, .patch, .delete, .options, .trace] + [HTTPRequest.Method("QUERY")].compactMap(\.self)

    public func register(on router: Router<RegistryRequestContext>, _ rules: AccessRules) {
        var offered: [HTTPRequest.Method] = []
        for operation in operations {
            offered.append(operation.method)
            router.on(path, method: operation.method, use: operation.guarded(by: rules, allowance))
            guard operation.method == .get, !operations.contains(where: { $0.method == .head }) else { continue }
            offered.append(.head)
            router.on(path, method: .head, use: operation.guarded(by: rules, allowance))
        }
        let allow = offered.map(\.rawValue).joined(separator: ", ")
        for method in Self.methods where !offered.contains(method) {
            router.on(path, method: method) { [allowance] (request, _) -> Response in
                throw Self.noSuchMethod(method, try allowance?(request) ?? allow)
            }
        }
    }
}

extension Resource {
    fileprivate static func noSuchMethod(_ method: HTTPRequest.Method, _ allow: String) -> RegistryError {
        RegistryError(
            .methodNotAllowed, "This path does not have \(method.rawValue).", detail: ["allow": .string(allow)])
    }
}

extension Resource.Operation {
    public static func get(_ access: AccessLevel, _ handler: @escaping Resource.Handler) -> Self {
        Self(method: .get, access: access, handler: handler)
    }

    public static func head(_ access: AccessLevel, _ handler: @escaping Resource.Handler) -> Self {
        Self(method: .head, access: access, handler: handler)
    }

    public static func post(
        _ access: AccessLevel, parameters: Set<String> = [], _ handler: @escaping Resource.Handler
    ) -> Self {
        Self(method: .post, access: access, parameters: parameters, handler: handler)
    }

    public static func put(
        _ access: AccessLevel, parameters: Set<String> = [], _ handler: @escaping Resource.Handler
    ) -> Self {
        Self(method: .put, access: access, parameters: parameters, handler: handler)
    }

    public static func patch(_ access: AccessLevel, _ handler: @escaping Resource.Handler) -> Self {
        Self(method: .patch, access: access, handler: handler)
    }

    public static func delete(
        _ access: AccessLevel, parameters: Set<String> = [], _ handler: @escaping Resource.Handler
    ) -> Self {
        Self(method: .delete, access: access, parameters: parameters, handler: handler)
    }

    func guarded(by rules: AccessRules, _ allowance: Resource.Allowance?) -> Resource.Handler {
        { [method, access, parameters, handler] request, context in
            var context = context
            context.principal = try rules.admit(request, to: access, from: context.source)
            if access == .mutate {
                if let allow = try allowance?(request), !allow.split(separator: ", ").contains(method.rawValue[...]) {
                    throw Resource.noSuchMethod(method, allow)
                }
                try QueryReader(request).refuseOthers(than: parameters)
            }
            return try await handler(request, context)
        }
    }
}
