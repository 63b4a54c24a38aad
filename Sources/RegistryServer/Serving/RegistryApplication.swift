import Glibc
import Hummingbird
import HummingbirdCore
import Logging
import ModelRoutes
import NIOCore
import OCIRoutes
import RegistryServices
import RouteSupport
import ServiceLifecycle

/// The HTTP side: one router, its middleware, and the limits of connections.
struct RegistryApplication {
    /// Bytes of all header fields of a request, and how many there may be (RFC 6585 §5 answers more with 431).
    static let headerBytesMax = 32 * 1_024
    static let headerFieldsMax = 100

    let configuration: ServerConfiguration
    let rules: AccessRules
    /// `nil` for plain HTTP.
    let identities: IdentityBook?
    let services: ModelServices
    let distribution: DistributionServices
    let logger: Logger
    /// Hears the port once it is bound.
    let onListening: @Sendable (Int) async -> Void

    func make(background: [any Service]) -> some ApplicationProtocol {
        let router = Router(context: RegistryRequestContext.self)
        router.add(
            middleware: RequestFrame(
                hosts: configuration.allowedHosts + [configuration.host], rules: rules, meters: services.meters))
        ModelRoutes(services).register(on: router, rules)
        OCIRoutes(distribution, rules).register(on: router)
        let table = table()
        var application = Application(
            responder: RequestTasks(router.buildResponder(), table), server: server(table),
            configuration: .init(
                address: .hostname(configuration.host, port: configuration.port), serverName: "pratique"),
            onServerRunning: { channel in await onListening(channel.localAddress?.port ?? 0) },
            logger: logger)
        for service in background { application.addServices(service) }
        return application
    }

    private func table() -> ConnectionTable {
        let places = ConnectionPlaces(configuration, descriptors: max(0, sysconf(Int32(_SC_OPEN_MAX))), logger)
        let table = ConnectionTable(
            limit: places.total, limitPerSource: places.perAddress, meters: services.meters)
        services.meters.watch("connections", "Connections that are open.") { table.count }
        return table
    }

    private func server(_ table: ConnectionTable) -> HTTPServerBuilder {
        let limits = ConnectionGuard.Limits(
            head: .seconds(configuration.requestHeadSeconds), window: .seconds(configuration.stalledClientSeconds),
            idle: .seconds(configuration.idleConnectionSeconds))
        // Its own timeout would begin when an answer is written, and end connections whose clients still read.
        let http = HTTP1Channel.Configuration(
            idleTimeout: nil,
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: Self.headerBytesMax, maxHeaderListSize: Self.headerBytesMax,
                maxHeaderFieldCount: Self.headerFieldsMax))
        return HTTPServerBuilder { [identities] responder in
            let http = HTTP1Channel(responder: responder, configuration: http)
            guard let identities else { return GuardedHTTP(http, table: table, limits: limits) }
            return SecureHTTP(http, identities: identities, table: table, limits: limits)
        }
    }
}
