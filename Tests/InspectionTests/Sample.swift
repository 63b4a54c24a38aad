import Inspection
import ModelFormats
import Testing

/// A file for the inspection, under a name.
struct Sample: Sendable, CustomTestStringConvertible {
    let title: String
    let name: String
    let bytes: [UInt8]
    /// Reading fails behind so many bytes.
    let readableBytes: Int
    /// What it is published as.
    var claim = FileClaim.none

    init(_ title: String, name: String, _ bytes: [UInt8], readableBytes: Int = .max) {
        self.title = title
        self.name = name
        self.bytes = bytes
        self.readableBytes = readableBytes
    }

    init(_ title: String, name: String, text: String) {
        self.init(title, name: name, Array(text.utf8))
    }

    /// The ordinary GGUF file with a change.
    static func gguf(_ title: String, _ change: (inout GGUFBuilder) -> Void = { _ in }) -> Sample {
        var builder = GGUFBuilder.ordinary
        change(&builder)
        return Sample(title, name: "model.gguf", builder.build())
    }

    static func safetensors(_ title: String, _ header: String, _ dataBytes: Int = 0) -> Sample {
        Sample(title, name: "model.safetensors", SafetensorsBuilder(header, dataBytes: dataBytes).build())
    }

    static func json(_ title: String, _ text: String, name: String = "config.json") -> Sample {
        Sample(title, name: name, text: text)
    }

    static func template(_ text: String) -> Sample {
        Sample(text, name: "chat_template.jinja", text: text)
    }

    var testDescription: String { title }

    func inspect(_ limits: InspectionLimits = .standard) -> InspectionReport {
        let source = FailingByteSource(
            readable: Array(bytes.prefix(readableBytes)), sizeBytes: UInt64(bytes.count))
        return Inspector.inspect(source: source, name: name, as: claim, limits: limits)
    }
}

extension Sample {
    /// The report as the process that inspects hands it over.
    func reported() throws -> InspectionReport {
        try InspectionReport(decoding: inspect().encoded(), fileSizeBytes: UInt64(bytes.count))
    }
}

/// A file on a disk that fails: only its first bytes can be read.
struct FailingByteSource: ByteSource {
    let readable: [UInt8]
    let sizeBytes: UInt64

    func read(at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws(ByteSourceFault) -> Int {
        let count = MemoryByteSource(readable).read(at: offset, into: buffer)
        if count == 0, offset < sizeBytes { throw ByteSourceFault(offset: offset, code: 5) }
        return count
    }
}
