import ModelFormats

/// The regions of a tensor file.
///
/// Lines: `region kind start end name type shape`, then `end format bytes`.
struct MapView {
    let limits: InspectionLimits

    func write(_ source: any ByteSource, to writer: inout ViewWriter) throws(FormatFault) {
        let format = try FormatDetector.detect(source).format
        let map: ByteMap
        switch format {
        case .gguf:
            map = ByteMap(try GGUFReader.read(source, limits: limits.gguf), sizeBytes: source.sizeBytes)
        case .safetensors:
            map = ByteMap(try SafetensorsReader.read(source, limits: limits.safetensors), sizeBytes: source.sizeBytes)
        default:
            writer.line("fault", "no-tensor-file", format.rawValue)
            return
        }
        for region in map.regions {
            writer.line(
                "region", region.kind.rawValue, "\(region.range.lowerBound)", "\(region.range.upperBound)",
                VisibleText.escapingControls(region.name ?? ""), region.typeName ?? "",
                region.shape.map { "\($0)" }.joined(separator: "×"))
        }
        writer.line("end", format.rawValue, "\(source.sizeBytes)")
    }
}
