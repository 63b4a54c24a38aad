import SafeYAML
import StrictJSON

func fuzzJSON(_ bytes: [UInt8]) {
    guard let value = try? StrictJSON.parse(bytes, limits: .requestBody) else { return }
    precondition((try? StrictJSON.parse(value.encoded(), limits: .requestBody)) == value)
}

func fuzzYAML(_ bytes: [UInt8]) {
    let limits = YAMLLimits(bytesMax: 1 << 20, nodesMax: 1 << 16, scalarBytesMax: 1 << 18)
    guard let value = try? SafeYAML.parse(bytes, limits: limits) else { return }
    let written = SafeYAML.write(value)
    let wider = YAMLLimits(bytesMax: 1 << 24, depthMax: 128, nodesMax: 1 << 18, scalarBytesMax: 1 << 20)
    precondition((try? SafeYAML.parse(written, limits: wider)) == value)
}
