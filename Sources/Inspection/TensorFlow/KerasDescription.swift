import StrictJSON

/// Looks for code in the JSON by which Keras describes an object.
enum KerasDescription {
    private static let limits = JSONLimits(
        bytesMax: 4 << 20, depthMax: 200, nodesMax: 1_000_000, stringBytesMax: 4 << 20, openNamesMax: 100_000)

    /// What is code, `nil` if nothing is.
    static func code(in bytes: [UInt8]) -> String? {
        var scanner = JSONScanner(bytes, limits: limits)
        var name: String?
        do throws(JSONFault) {
            while let event = try scanner.next() {
                switch event {
                case .name(let next): name = next
                case .string(let value):
                    if let reason = reason(name, value) { return reason }
                default: break
                }
            }
            return nil
        } catch {
            // Python reads JSON more leniently. The words are there in any case.
            return CodeInText.contains(bytes, Array("Lambda".utf8)) ? "a Lambda layer in a broken description" : nil
        }
    }

    private static func reason(_ name: String?, _ value: String) -> String? {
        switch (name, value) {
        case ("class_name", "Lambda"), ("class_name", "TFOpLambda.Lambda"), ("registered_name", "Lambda"):
            return "a Lambda layer"
        case ("class_name", "__lambda__"), ("function_type", "lambda"): return "a lambda"
        default: return nil
        }
    }
}
