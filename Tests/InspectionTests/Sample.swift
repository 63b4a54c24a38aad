import Inspection
import ModelFormats
import Testing

/// A file for the inspection, under a name.
struct Sample: Sendable, CustomTestStringConvertible {
    let title: String
    let name: String
    let bytes: [UInt8]

    init(_ title: String, name: String, _ bytes: [UInt8]) {
        self.title = title
        self.name = name
        self.bytes = bytes
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
        Inspector.inspect(source: MemoryByteSource(bytes), name: name, limits: limits)
    }
}
