internal import Inspection
internal import ModelFormats
internal import StrictJSON
internal import Synchronization

/// The byte map of a tensor file, as a table, a document or a drawing.
struct MapReport: Sendable {
    let path: String
    let format: String
    let sizeBytes: UInt64
    let regions: [ByteMap.Region]
    /// The shape of each region, as it is shown.
    private let shapes: [String]

    private static let regionsMax = 400_000

    init(_ path: String, in context: CommandContext) async throws {
        let file = try MemberFile(path)
        let found = Mutex<(regions: [ByteMap.Region], shapes: [String])>(([], []))
        let end = try await file.view(.map, in: context) { fields in
            guard let region = Self.region(fields) else { return false }
            return found.withLock { found in
                found.regions.append(region)
                found.shapes.append(fields[6])
                return found.regions.count <= Self.regionsMax
            }
        }
        guard end.count == 2, let size = UInt64(end[1]) else {
            throw CommandFailure(.unchecked, "The view of \(path) is garbled.")
        }
        self.path = path
        format = end[0]
        sizeBytes = size
        (regions, shapes) = found.withLock { $0 }
    }

    private static func region(_ fields: [String]) -> ByteMap.Region? {
        guard fields.count == 7, fields[0] == "region", let kind = ByteMap.Region.Kind(rawValue: fields[1]),
            let start = UInt64(fields[2]), let end = UInt64(fields[3]), start <= end
        else { return nil }
        return ByteMap.Region(
            kind, start..<end, name: fields[4].isEmpty ? nil : fields[4], typeName: fields[5].isEmpty ? nil : fields[5])
    }

    func text(width: Int?) -> String {
        var table = TextTable(Self.columns, widthMax: width)
        let rows = zip(regions, shapes).map { region, shape in
            [
                String(region.range.lowerBound), String(region.range.upperBound), String(region.sizeBytes),
                region.kind.rawValue, region.typeName ?? "", shape, region.name ?? "",
            ]
        }
        return table.render(rows) + "\n" + summary + "\n"
    }

    /// Bytes of each kind, tensors first.
    private var summary: String {
        let kinds = ByteMap.Region.Kind.allCases.compactMap { kind -> String? in
            let bytes = regions.reduce(UInt64(0)) { $0 &+ ($1.kind == kind ? $1.sizeBytes : 0) }
            let count = regions.count { $0.kind == kind }
            return count == 0 ? nil : "\(kind.rawValue) \(Quantities.bytes(bytes)) (\(count))"
        }
        return "\(Quantities.bytes(sizeBytes)): \(kinds.joined(separator: ", "))."
    }

    private static let columns: [TextTable.Column] = [
        .init(title: "FROM", alignment: .right), .init(title: "TO", alignment: .right),
        .init(title: "BYTES", alignment: .right), .init(title: "WHAT"), .init(title: "TYPE"), .init(title: "SHAPE"),
        .init(title: "NAME", canShrink: true),
    ]

    var json: JSONValue {
        [
            "type": "byte-map/v1", "path": .string(path), "format": .string(format), "size_bytes": .integer(sizeBytes),
            "regions": .array(
                zip(regions, shapes).map { region, shape in
                    .object(
                        JSONObject(present: [
                            ("kind", .string(region.kind.rawValue)), ("start", .integer(region.range.lowerBound)),
                            ("end", .integer(region.range.upperBound)), ("name", region.name.map { .string($0) }),
                            ("type", region.typeName.map { .string($0) }),
                            (
                                "shape",
                                region.kind == .tensor
                                    ? .array(shape.split(separator: "×").compactMap { UInt64($0) }.map { .integer($0) })
                                    : nil
                            ),
                        ]))
                }),
        ]
    }
}
