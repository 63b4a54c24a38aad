internal import DER
internal import RegistryClient
internal import StrictJSON

/// One `Service` of a list.
struct ListedService {
    let address: ServerAddress
    let version: Int64
    let operatorName: String
    private let start: UnixTime
    private let end: UnixTime?

    private static let servicesMax = 64

    /// - Returns: none where the list does not have the kind.
    static func read(_ list: JSONObject, _ name: String) throws(ServiceList.Fault) -> [ListedService] {
        guard let value = list[name] else { return [] }
        guard let values = value.asArray, values.count <= servicesMax else { throw .malformed(name) }
        var services: [ListedService] = []
        for value in values {
            guard let service = value.asObject.flatMap(ListedService.init) else { throw .malformed(name) }
            services.append(service)
        }
        return services
    }

    private init?(_ service: JSONObject) {
        guard let text = service["url"]?.asString, let address = try? ServerAddress(parsing: text),
            let version = service["majorApiVersion"]?.asNumber?.int64, let window = service["validFor"]?.asObject,
            let start = window["start"]?.asString.flatMap(UnixTime.init(rfc3339:))
        else { return nil }
        let end = window["end"] ?? .null
        self.end = end.asString.flatMap(UnixTime.init(rfc3339:))
        guard end.isNull || self.end != nil else { return nil }
        (self.address, self.version, self.start) = (address, version, start)
        operatorName = service["operator"]?.asString ?? ""
    }

    fileprivate func isInUse(at time: UnixTime) -> Bool {
        start <= time && (end.map { time <= $0 } ?? true)
    }

    fileprivate func isNewer(than other: ListedService) -> Bool { other.start < start }
}

extension [ListedService] {
    /// Those of the newest of `versions` that any of them speaks now: one of each operator, the newest first.
    func inUse(at time: UnixTime, versions: [Int64]) -> [ListedService] {
        let current = filter { versions.contains($0.version) && $0.isInUse(at: time) }
        guard let version = current.map(\.version).max() else { return [] }
        var operators: Set<String> = []
        return current.filter { $0.version == version }.sorted { $0.isNewer(than: $1) }
            .filter { operators.insert($0.operatorName).inserted }
    }
}

/// How many services of a kind take part (`ServiceConfiguration`).
enum ServiceSelector {
    case any, all
    case exactly(Int)

    /// Most that a bundle has room for.
    private static let countMax = 32

    /// Where a list says nothing, one is enough.
    init(_ list: JSONObject, _ name: String) throws(ServiceList.Fault) {
        guard let value = list[name], !value.isNull else {
            self = .any
            return
        }
        let configuration = value.asObject
        switch configuration?["selector"]?.asString {
        case "ANY": self = .any
        case "ALL": self = .all
        case "EXACT":
            guard let count = configuration?["count"]?.asNumber?.int64, (1...Int64(Self.countMax)).contains(count)
            else { throw .malformed(name) }
            self = .exactly(Int(count))
        default: throw .malformed(name)
        }
    }

    /// - Returns: at least one.
    /// - Parameter name: of the kind.
    func selection(_ services: [ListedService], _ name: String) throws(ServiceList.Fault) -> [ListedService] {
        let count =
            switch self {
            case .any: 1
            case .all: max(1, services.count)
            case .exactly(let count): count
            }
        guard services.count >= count, count <= Self.countMax else { throw .none(name) }
        return Array(services.prefix(count))
    }
}
