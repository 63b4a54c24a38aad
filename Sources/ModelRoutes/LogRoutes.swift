import HTTPTypes
import Hummingbird
import RegistryCore
import RegistryServices
import RegistryWire
import RouteSupport
import TransparencyLog

extension ModelRoutes {
    /// `/log/checkpoint`, `/log/key`, `/log/tile/…`: the log as C2SP tlog-tiles serves it.
    var log: [Resource] {
        [
            Resource(
                RouterPath(APIPath.logCheckpoint),
                .get(.open) { _, _ in
                    guard let note = services.publisher.note else {
                        throw RegistryError(.evidenceNotFound, "The log is empty.")
                    }
                    return .bytes(note, contentType: "text/plain; charset=utf-8")
                }),
            Resource(
                RouterPath(APIPath.logKey),
                .get(.open) { _, _ in
                    .bytes(Array("\(services.health.logKey)\n".utf8), contentType: "text/plain; charset=utf-8")
                }),
            // Entries hold names, actors and reasons: who may not read those may not read bundles either, where reads
            // take a token. The hashes are for everybody.
            Resource(
                "/log/tile/entries/**", .get(.read) { request, _ in try await self.tile(request, ofEntries: true) }),
            Resource("/log/tile/**", .get(.open) { request, _ in try await self.tile(request, ofEntries: false) }),
        ]
    }

    /// - Parameter ofEntries: what the route is for. A path that the router and the tile's reader would understand
    ///   differently leads nowhere.
    private func tile(_ request: Request, ofEntries: Bool) async throws -> Response {
        guard let path = TilePath(parsing: String(request.uri.path.dropFirst("/log/".count))),
            (path.content == .entries) == ofEntries
        else { throw RegistryError(.routeNotFound, "This is not the path of a tile.") }
        guard let bytes = try await bytes(of: path) else {
            throw RegistryError(.evidenceNotFound, "The log does not have this tile yet.")
        }
        var response = Response.bytes(bytes, contentType: "application/octet-stream")
        // C2SP tlog-tiles: tiles never change.
        response.headers[.cacheControl] = "public, max-age=31536000, immutable"
        return response
    }

    private func bytes(of path: TilePath) async throws -> [UInt8]? {
        switch path.content {
        case .hashes(let level):
            guard let hashes = try await services.log.tile(level: level, index: path.index, width: path.width) else {
                return nil
            }
            return try Tile(hashes).encoded
        case .entries:
            guard let entries = try await services.log.entries(bundle: path.index, width: path.width) else {
                return nil
            }
            return try EntryBundle.encode(entries)
        }
    }
}
