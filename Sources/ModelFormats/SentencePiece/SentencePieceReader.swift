/// Reads a tokenizer of SentencePiece: pieces with their scores, and how it was trained. It has no code.
public enum SentencePieceReader {
    private static let model = ProtobufSchema(
        "ModelProto", [1: .repeatedBytes, 2: .bytes, 3: .bytes, 4: .bytes, 5: .bytes])
    private static let piece = ProtobufSchema("SentencePiece", [1: .bytes, 2: .fixed32, 3: .varint])

    public struct File: Sendable, Hashable {
        public internal(set) var pieceCount = 0
        public internal(set) var issues: [ProtobufIssue] = []
        public internal(set) var issuesDropped = 0
    }

    public static func read(
        _ source: any ByteSource, limits: ProtobufLimits = .standard
    ) throws(FormatFault) -> File {
        var wire = ProtobufReader(source, as: model, limits: limits)
        var file = File()
        while let field = try wire.next() {
            guard field.number == 1 else { continue }
            file.pieceCount += 1
            try wire.enter(piece)
            while try wire.next() != nil {}
        }
        file.issues = wire.issues
        file.issuesDropped = wire.issuesDropped
        return file
    }
}
