/// What is fuzzed. A target traps where something is true that must never be, and libFuzzer keeps the input.
enum FuzzTarget: String, CaseIterable {
    case gguf
    case safetensors
    case weights
    case json
    case yaml
    case manifest
    case template
    case inspection
    case report
    case image
    case pickle
    case zip
    case tar
    case compressed
    case numpy
    case hdf5
    case keras
    case onnx
    case tensorflow
    case secrets
    case bundle
    case root
    case certificate
    case timestamp
    case key
    case note
    case repository
    case tflite
    case scanners
    case distribution
    case log
    case policy
    case tuf
    case carrier
    case models
    case bill
    case sealed
    case services
    case summary

    func run(_ bytes: [UInt8]) {
        switch self {
        case .gguf: fuzzGGUF(bytes)
        case .safetensors: fuzzSafetensors(bytes)
        case .weights: fuzzWeights(bytes)
        case .json: fuzzJSON(bytes)
        case .yaml: fuzzYAML(bytes)
        case .manifest: fuzzManifest(bytes)
        case .template: fuzzTemplate(bytes)
        case .inspection: fuzzInspection(bytes)
        case .report: fuzzReport(bytes)
        case .image: fuzzImage(bytes)
        case .pickle: fuzzPickle(bytes)
        case .zip: fuzzZip(bytes)
        case .tar: fuzzTar(bytes)
        case .compressed: fuzzCompressed(bytes)
        case .numpy: fuzzNumPy(bytes)
        case .hdf5: fuzzHDF5(bytes)
        case .keras: fuzzKeras(bytes)
        case .onnx: fuzzONNX(bytes)
        case .tensorflow: fuzzTensorFlow(bytes)
        case .secrets: fuzzSecrets(bytes)
        case .bundle: fuzzBundle(bytes)
        case .root: fuzzTrustedRoot(bytes)
        case .certificate: fuzzCertificate(bytes)
        case .timestamp: fuzzTimestamp(bytes)
        case .key: fuzzKey(bytes)
        case .note: fuzzNote(bytes)
        case .repository: fuzzRepository(bytes)
        case .tflite: fuzzTensorFlowLite(bytes)
        case .scanners: fuzzScanners(bytes)
        case .distribution: fuzzDistribution(bytes)
        case .log: fuzzLog(bytes)
        case .policy: fuzzPolicy(bytes)
        case .tuf: fuzzTUF(bytes)
        case .carrier: fuzzCarrier(bytes)
        case .models: fuzzModelManifest(bytes)
        case .bill: fuzzBill(bytes)
        case .sealed: fuzzSealedKey(bytes)
        case .services: fuzzServices(bytes)
        case .summary: fuzzSummary(bytes)
        }
    }
}

/// Set once by `LLVMFuzzerInitialize`, before libFuzzer's only thread runs a target.
nonisolated(unsafe) private var target: FuzzTarget?

/// Reads `--target=NAME`: libFuzzer leaves alone what begins with two dashes.
@_cdecl("LLVMFuzzerInitialize")
public func initialize(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>
) -> CInt {
    for index in 0..<Int(count.pointee) {
        guard let argument = arguments.pointee[index] else { continue }
        let text = String(cString: argument)
        if text.hasPrefix("--target=") { target = FuzzTarget(rawValue: String(text.dropFirst(9))) }
    }
    precondition(target != nil, "--target= is one of \(FuzzTarget.allCases.map(\.rawValue))")
    return 0
}

@_cdecl("LLVMFuzzerTestOneInput")
public func test(_ data: UnsafePointer<UInt8>, _ size: Int) -> CInt {
    target?.run(Array(UnsafeBufferPointer(start: data, count: size)))
    return 0
}
