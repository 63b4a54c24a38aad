extension UInt64 {
    /// The next multiple of `alignment`, which is a power of two. `nil` if 64 bits cannot say it.
    func roundedUp(to alignment: UInt64) -> UInt64? {
        let (sum, overflow) = addingReportingOverflow(alignment - 1)
        return overflow ? nil : sum & ~(alignment - 1)
    }
}
