/// Sizes of elements (`tensorflow/core/framework/types.proto`).
enum TensorFlowDataType {
    /// `nil` for texts, resources, variants, types of less than a byte, and what is not known.
    static func itemBytes(_ type: UInt64) -> UInt64? {
        switch type {
        case 4, 6, 10, 11, 12, 24...28: 1
        case 5, 14, 15, 16, 17, 19: 2
        case 1, 3, 13, 22: 4
        case 2, 8, 9, 23: 8
        case 18: 16
        default: nil
        }
    }
}
