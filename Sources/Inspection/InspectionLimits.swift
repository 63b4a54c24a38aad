public import ModelFormats

/// What an inspection may cost.
public struct InspectionLimits: Sendable, Hashable {
    public var gguf = GGUFLimits.standard
    public var safetensors = SafetensorsLimits.standard
    public var pickle = PickleLimits.standard
    public var zip = ZipLimits.standard
    public var numpy = NumPyLimits.standard
    public var hdf5 = HDF5Limits.standard
    public var onnx = ONNXLimits.standard
    public var tensorFlow = TensorFlowLimits.standard
    public var archive = ArchiveLimits.standard
    /// What may be done that takes long for the bytes it is done for, in units of about a nanosecond: decoding bzip2
    /// and xz, following JSON, comparing what may be secrets. Does not grow with the file, which would take seconds
    /// then.
    ///
    /// It is enough for about 11 MB that come out of bzip2 or go into xz, or for the tokenizers of large vocabularies
    /// twice.
    public var workMax: UInt64 = 700_000_000
    /// Findings of one report, at most `InspectionReport.findingsMax`.
    public var findingsMax = 500
    /// Bytes of a chat template that are analysed.
    public var templateBytesMax = 512 << 10
    /// Bytes of a JSON document. Tokenizers of large vocabularies have about 35 MiB.
    public var jsonBytesMax = 64 << 20
    /// Values of a JSON document, without the numbers and short texts that lists are made of. Tokenizers of large
    /// vocabularies have about 2 million; each takes some hundred nanoseconds.
    public var jsonValuesMax = 4_000_000
    /// Bytes of a text that is searched for template code.
    public var searchedTextBytesMax = 4 << 20

    public init() {}

    public static let standard = InspectionLimits()
}

/// What archives and compressed data inside one file may cost, all depths together.
public struct ArchiveLimits: Sendable, Hashable {
    /// Members that are looked into.
    public var membersMax = 50_000
    /// Archives and compressed data inside one another.
    public var depthMax = 4
    /// Bytes that any file may be decoded to. What is read twice counts twice.
    public var outputBytesMax: UInt64 = 128 << 20
    /// Bytes that may be decoded beyond that for each byte of the file.
    public var outputBytesPerByte: UInt64 = 16
    /// Memory of decoders that work at the same time, and of what slow ones gave.
    public var memoryBytesMax = 40 << 20

    public init() {}

    public static let standard = ArchiveLimits()

    func budget(fileBytes: UInt64, workMax: UInt64) -> ArchiveBudget {
        let (more, overflow) = fileBytes.multipliedReportingOverflow(by: outputBytesPerByte)
        let (bytes, excess) = outputBytesMax.addingReportingOverflow(overflow ? .max : more)
        return ArchiveBudget(
            outputBytesMax: excess ? .max : bytes, workMax: workMax, memoryBytesMax: memoryBytesMax,
            membersMax: membersMax)
    }
}
