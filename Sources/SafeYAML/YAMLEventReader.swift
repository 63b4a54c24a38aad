import CYaml

/// Runs libyaml over a document and turns its events into values.
///
/// Yams' own `Parser` composes nodes by recursion that the document's nesting controls, and tells of anchors and tags
/// only after it has followed them. The libyaml inside it has neither fault: it keeps its states on the heap, and
/// whoever reads its events can stop at any of them.
final class YAMLEventReader {
    private static let nestingProblem = "Maximum nesting level reached"

    /// On the heap, because libyaml keeps a pointer to the parser in the parser.
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let scalarBytesMax: Int

    /// - Parameter bytes: must stay valid as long as events are read.
    init(_ bytes: UnsafeBufferPointer<UInt8>, scalarBytesMax: Int) throws(YAMLFault) {
        self.scalarBytesMax = scalarBytesMax
        parser = .allocate(capacity: 1)
        parser.initialize(to: yaml_parser_t())
        guard yaml_parser_initialize(parser) == 1 else {
            parser.deallocate()
            throw YAMLFault(.outOfMemory)
        }
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
    }

    func next() throws(YAMLFault) -> YAMLEvent {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw fault() }
        defer { yaml_event_delete(&event) }
        switch event.type {
        case YAML_STREAM_START_EVENT: return Self.event(.streamStart, event)
        case YAML_DOCUMENT_START_EVENT:
            let start = event.data.document_start
            let hasDirectives = start.version_directive != nil || start.tag_directives.start != start.tag_directives.end
            return Self.event(.documentStart(hasDirectives: hasDirectives), event)
        case YAML_DOCUMENT_END_EVENT: return Self.event(.documentEnd, event)
        case YAML_ALIAS_EVENT: return Self.event(.alias, event)
        case YAML_SCALAR_EVENT: return try scalar(event)
        case YAML_SEQUENCE_START_EVENT:
            let start = event.data.sequence_start
            return Self.event(.sequenceStart, event, hasAnchor: start.anchor != nil, hasTag: start.tag != nil)
        case YAML_SEQUENCE_END_EVENT: return Self.event(.sequenceEnd, event)
        case YAML_MAPPING_START_EVENT:
            let start = event.data.mapping_start
            return Self.event(.mappingStart, event, hasAnchor: start.anchor != nil, hasTag: start.tag != nil)
        case YAML_MAPPING_END_EVENT: return Self.event(.mappingEnd, event)
        // libyaml gives YAML_NO_EVENT after the end of the stream.
        default: return Self.event(.streamEnd, event)
        }
    }

    private func scalar(_ event: yaml_event_t) throws(YAMLFault) -> YAMLEvent {
        let scalar = event.data.scalar
        guard scalar.length <= scalarBytesMax else {
            throw YAMLFault(.scalarTooLong, line: Self.line(event.start_mark), column: Self.column(event.start_mark))
        }
        let text = String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
        let isPlain = scalar.style == YAML_PLAIN_SCALAR_STYLE
        return Self.event(
            .scalar(text: text, isPlain: isPlain), event,
            hasAnchor: scalar.anchor != nil,
            hasTag: scalar.tag != nil || (isPlain && Self.isWiderThanItsText(event, text))
        )
    }

    /// The tag `!` makes a string of a plain `12`, and libyaml forgets it. It leaves one trace: the event starts where
    /// the tag did. (A plain scalar over several lines is a string with or without it.)
    private static func isWiderThanItsText(_ event: yaml_event_t, _ text: String) -> Bool {
        event.start_mark.line == event.end_mark.line
            && event.end_mark.column - event.start_mark.column != text.unicodeScalars.count
    }

    private static func event(
        _ kind: YAMLEvent.Kind, _ event: yaml_event_t, hasAnchor: Bool = false, hasTag: Bool = false
    ) -> YAMLEvent {
        YAMLEvent(
            kind: kind, hasAnchor: hasAnchor, hasTag: hasTag, line: line(event.start_mark),
            column: column(event.start_mark)
        )
    }

    private func fault() -> YAMLFault {
        let state = parser.pointee
        guard state.error != YAML_MEMORY_ERROR else { return YAMLFault(.outOfMemory) }
        let problem = state.problem.map { String(cString: $0) } ?? "not YAML"
        // libyaml reads ahead to see whether a collection is a key, and may meet its own limit before we meet ours.
        let reason = problem.hasPrefix(Self.nestingProblem) ? YAMLFault.Reason.tooDeep : .syntax(problem)
        return YAMLFault(reason, line: Self.line(state.problem_mark), column: Self.column(state.problem_mark))
    }

    /// Marks count the code points of a document that is in memory, far from overflow.
    private static func line(_ mark: yaml_mark_t) -> Int {
        Int(clamping: mark.line) + 1
    }

    private static func column(_ mark: yaml_mark_t) -> Int {
        Int(clamping: mark.column) + 1
    }
}
