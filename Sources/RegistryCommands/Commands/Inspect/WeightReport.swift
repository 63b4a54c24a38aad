internal import Inspection
internal import ModelFormats
internal import StrictJSON

/// The statistics of one file's tensors, as a report shows them.
struct WeightReport: Sendable {
    let tensors: [TensorWeights]
    let unread: [TensorEntry]
    let findings: [Finding]

    init(_ reading: WeightReading) {
        tensors = reading.tensors
        unread = reading.unread
        findings = WeightFindings(reading.tensors, unread: reading.unread).findings
    }

    /// Bytes that a report of these keeps, about.
    var detailBytes: Int { tensors.reduce(0) { $0 + 320 + $1.entry.nameBytes.count } }

    func text(width: Int?) -> String {
        var table = TextTable(Self.columns, widthMax: width)
        return table.render(tensors.map(Self.cells))
    }

    private static let columns: [TextTable.Column] = [
        .init(title: "TENSOR", canShrink: true), .init(title: "TYPE"), .init(title: "NUMBERS", alignment: .right),
        .init(title: "MEAN", alignment: .right), .init(title: "DEVIATION", alignment: .right),
        .init(title: "KURTOSIS", alignment: .right), .init(title: "LEAST", alignment: .right),
        .init(title: "MOST", alignment: .right), .init(title: "ZEROS", alignment: .right),
        .init(title: "NAN/INF", alignment: .right), .init(title: "SCALE BITS", alignment: .right),
    ]

    private static func cells(_ tensor: TensorWeights) -> [String] {
        let moments = tensor.moments
        let known = moments.count > 0
        func number(_ value: Double) -> String { known ? "\(Rounded(value))" : "" }
        return [
            tensor.entry.name, tensor.entry.typeName, "\(moments.total)", number(moments.mean),
            number(moments.standardDeviation), number(moments.excessKurtosis), number(moments.minimum),
            number(moments.maximum), moments.zeros == 0 ? "0" : "\(Rounded(moments.zeroShare * 100)) %",
            "\(moments.nans + moments.infinities)", tensor.scales.map { "\(Rounded($0.entropy))" } ?? "",
        ]
    }

    var json: JSONValue {
        [
            "tensors": .array(tensors.map(Self.json)),
            "unread": .array(unread.map { ["name": .string($0.name), "type": .string($0.typeName)] }),
        ]
    }

    private static func json(_ tensor: TensorWeights) -> JSONValue {
        let moments = tensor.moments
        let known = moments.count > 0
        return .object(
            JSONObject(present: [
                ("name", .string(tensor.entry.name)), ("type", .string(tensor.entry.typeName)),
                ("shape", .array(tensor.entry.shape.map { .integer($0) })), ("numbers", .integer(moments.total)),
                ("mean", known ? number(moments.mean) : nil), ("variance", known ? number(moments.variance) : nil),
                ("skewness", known ? number(moments.skewness) : nil),
                ("excess_kurtosis", known ? number(moments.excessKurtosis) : nil),
                ("minimum", known ? number(moments.minimum) : nil), ("maximum", known ? number(moments.maximum) : nil),
                ("zeros", .integer(moments.zeros)), ("nan", .integer(moments.nans)),
                ("infinite", .integer(moments.infinities)), ("scales", tensor.scales.map { json($0, tensor) }),
            ]))
    }

    private static func json(_ scales: ScaleSummary, _ tensor: TensorWeights) -> JSONValue {
        [
            "count": .integer(scales.count), "minimum": number(scales.minimum), "maximum": number(scales.maximum),
            "zeros": .integer(scales.zeros), "invalid": .integer(scales.invalid), "ratio": number(scales.ratio),
            "entropy_bits": number(scales.entropy), "blocks": .integer(tensor.blocks),
            "repeated_blocks": .integer(tensor.repeatedBlocks),
        ]
    }

    /// What left the range of a double is no number of JSON.
    private static func number(_ value: Double) -> JSONValue { JSONNumber(value).map(JSONValue.number) ?? .null }
}
