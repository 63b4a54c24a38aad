import CLinux

/// How many files and connections this process may have open.
public enum DescriptorLimit {
    /// Raises the limit as far as the process itself may: from the soft limit, which many systems leave at 1,024 for
    /// programs that use select(2), to the hard one.
    ///
    /// - Returns: how many descriptors may be open from now on.
    /// - Throws: `.permission` where a sandbox forbids it. The limit is then what it was.
    @discardableResult
    public static func raise() throws(FileFault) -> Int {
        Int(clamping: try SystemCall.check(.run, clinux_raise_descriptor_limit()))
    }
}
