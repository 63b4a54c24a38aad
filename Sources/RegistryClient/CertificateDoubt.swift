internal import Glibc
internal import NIOCore
internal import NIOPosix
internal import NIOSSL

/// Finds out what is wrong with a server's certificate, so that somebody can be told.
///
/// The library says that a certificate was not accepted and not why. So it is fetched once more, by a handshake that is
/// always broken off: no request is ever sent this way.
package enum CertificateDoubt {
    private static let patience = TimeAmount.seconds(5)

    /// Whether the TLS library did not accept what a server showed.
    package static func isOne(_ error: any Error) -> Bool {
        isOtherName(error) || error is NIOSSLError && "\(error)".contains("CERTIFICATE_VERIFY_FAILED")
    }

    private static func isOtherName(_ error: any Error) -> Bool {
        error as? NIOSSLExtraError == .failedToValidateHostname
    }

    /// - Parameter error: what the TLS library said.
    package static func reason(of error: any Error, _ server: ServerAddress, _ roots: TrustRoots?) async -> String {
        if isOtherName(error) { return "its certificate is for another name than \(server.host)" }
        guard let chain = await chain(of: server), let own = chain.first else { return unknown(roots) }
        let now = time(nil)
        if chain.contains(where: { $0.notValidAfter < now }) { return "its certificate has expired" }
        if own.notValidBefore > now { return "its certificate is not valid yet" }
        return unknown(roots)
    }

    private static func unknown(_ roots: TrustRoots?) -> String {
        roots == nil
            ? "its certificate is signed by an authority that this machine does not trust"
            : "its certificate is signed by none of the authorities that were named"
    }

    /// What the server shows, its own certificate first.
    private static func chain(of server: ServerAddress) async -> [NIOSSLCertificate]? {
        let configuration = TrustRoots.configuration(nil, isAlone: true)
        guard let context = try? NIOSSLContext(configuration: configuration) else { return nil }
        let group = MultiThreadedEventLoopGroup.singleton
        let shown = group.next().makePromise(of: [NIOSSLCertificate].self)
        let host = server.host.hasPrefix("[") ? String(server.host.dropFirst().dropLast()) : server.host
        let isAddress = (try? SocketAddress(ipAddress: host, port: 0)) != nil
        let connection = ClientBootstrap(group: group).connectTimeout(patience).channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                let handler = try NIOSSLClientHandler(
                    context: context, serverHostname: isAddress ? nil : host,
                    customVerificationCallback: { certificates, verdict in
                        shown.succeed(certificates)
                        verdict.succeed(.failed)
                    })
                try channel.pipeline.syncOperations.addHandler(handler)
            }
        }.connect(host: host, port: server.port ?? 443)
        connection.whenFailure { shown.fail($0) }
        connection.whenSuccess { $0.closeFuture.whenComplete { _ in shown.fail(ChannelError.eof) } }
        group.next().scheduleTask(in: patience) { shown.fail(ChannelError.connectTimeout(patience)) }
        return try? await shown.futureResult.get()
    }
}
