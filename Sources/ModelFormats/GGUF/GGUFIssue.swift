/// Something in a GGUF file that is wrong or unusual and yet leaves its structure readable.
public struct GGUFIssue: Sendable, Hashable {
    public enum Kind: Sendable, Hashable, CaseIterable {
        case emptyKey
        case duplicateKey
        /// Two keys that differ only in the case of letters.
        case keyDiffersInCase
        case keyNotUTF8
        case stringNotUTF8
        case boolNeitherZeroNorOne
        case nestedArray
        /// `general.architecture` is absent or is not a string.
        case noArchitecture
        case noTensors
        case tensorNameEmpty
        case tensorNameNotUTF8
        /// ggml keeps 63 bytes.
        case tensorNameTooLong
        /// Who takes NUL for the end reads another name.
        case tensorNameHoldsNUL
        case duplicateTensorName
        /// More than the four that ggml allows.
        case tooManyDimensions
        case zeroElements
        case elementCountOverflow
        /// `amount` is the type's number.
        case unknownTensorType
        /// The first dimension is not a multiple of the type's block.
        case partialBlock
        case sizeOverflow
        case offsetNotAligned
        case tensorOutsideFile
        case tensorOverlap
        /// Bytes between tensors that belong to none and are more than padding: `amount` of them.
        case gap
        /// Tensors do not lie in the order of the header, which ggml requires.
        case tensorsOutOfOrder
        case paddingNotZero
        /// Bytes behind the last tensor that are more than padding: `amount` of them.
        case trailingBytes
        case splitInconsistent
        /// Scores or types of tokens are not as many as the tokens.
        case vocabularyContradicts
    }

    public let kind: Kind
    public let offset: UInt64
    /// The key or tensor it is about, for people.
    public let subject: String?
    /// A number that belongs to the kind.
    public let amount: UInt64?
}
