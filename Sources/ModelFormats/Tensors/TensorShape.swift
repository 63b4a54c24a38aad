/// Arithmetic on dimensions that nobody has vouched for.
enum TensorShape {
    /// The product of the dimensions, 1 for a scalar. `nil` if a signed 64-bit integer cannot say it, which is what
    /// runtimes compute with.
    static func elementCount(_ shape: [UInt64]) -> UInt64? {
        if shape.contains(0) { return 0 }
        var count: UInt64 = 1
        for dimension in shape {
            let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
            guard !overflow, product <= UInt64(Int64.max) else { return nil }
            count = product
        }
        return count
    }
}
