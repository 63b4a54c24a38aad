/// One step through a YAML stream.
struct YAMLEvent {
    enum Kind {
        case streamStart
        case streamEnd
        case documentStart(hasDirectives: Bool)
        case documentEnd
        case alias
        case scalar(text: String, isPlain: Bool)
        case sequenceStart
        case sequenceEnd
        case mappingStart
        case mappingEnd
    }

    let kind: Kind
    let hasAnchor: Bool
    let hasTag: Bool
    /// Counted from 1.
    let line: Int
    /// Counted from 1, in code points.
    let column: Int
}
