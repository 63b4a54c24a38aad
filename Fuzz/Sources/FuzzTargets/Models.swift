import Inspection
import ModelFormats

/// Texts lie inside the file, and nothing that was found is lost.
func fuzzHDF5(_ bytes: [UInt8]) {
    let report = Inspector.inspect(source: MemoryByteSource(bytes), name: "a.h5")
    precondition((try? InspectionReport(decoding: report.encoded(), fileSizeBytes: UInt64(bytes.count))) == report)
    guard let file = try? HDF5Reader.read(MemoryByteSource(bytes)) else { return }
    for text in file.texts {
        precondition(text.offset <= UInt64(bytes.count) && text.sizeBytes <= UInt64(bytes.count) - text.offset)
    }
    precondition(report.format != .hdf5 || file.issues.isEmpty || !report.findings.isEmpty)
}

/// A model of TensorFlow Lite is never clean: most of it is not read.
func fuzzTensorFlowLite(_ bytes: [UInt8]) {
    let report = Inspector.inspect(source: MemoryByteSource(bytes), name: "m.tflite")
    precondition(report.format != .tensorFlowLite || report.verdict >= .undecided)
    guard let operators = try? TensorFlowLiteReader.customOperators(MemoryByteSource(bytes)) else { return }
    precondition(operators.allSatisfy { $0.offset < UInt64(bytes.count) })
}

/// Descriptions of models, as a file of their own.
func fuzzKeras(_ bytes: [UInt8]) {
    let report = Inspector.inspect(source: MemoryByteSource(bytes), name: "model.json")
    precondition(report.findings.count <= InspectionReport.findingsMax)
}
