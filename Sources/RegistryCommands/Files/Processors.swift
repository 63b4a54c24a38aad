internal import Glibc

/// The processors of this machine.
enum Processors {
    /// How many work at a time, as far as it pays to use more.
    static let count = min(max(sysconf(Int32(_SC_NPROCESSORS_ONLN)), 1), countMax)

    private static let countMax = 32
}
