/// Attempts at what a sandbox forbids, for its self-test.
#ifndef CLINUX_PROBE_H
#define CLINUX_PROBE_H

#include <sys/types.h>

enum clinux_probe {
    /// Opens /etc/passwd for reading.
    CLINUX_PROBE_OPEN,
    /// Makes a file in /tmp, which is removed again if that succeeds.
    CLINUX_PROBE_CREATE,
    /// Connects to port 9 of 127.0.0.1; a connection that is refused by the other side counts as done.
    CLINUX_PROBE_CONNECT,
    /// Starts /bin/true in place of this process, which then ends with status 0.
    CLINUX_PROBE_EXECUTE,
    /// Asks whether `process` can be signalled; sends none.
    CLINUX_PROBE_SIGNAL,
    /// Reads memory of `process`.
    CLINUX_PROBE_READ_MEMORY,
    /// Maps memory that is writable and executable.
    CLINUX_PROBE_MAP_CODE,
    /// Starts a second process, which ends at once.
    CLINUX_PROBE_FORK,
    /// Reads what standard error is written to, or has it open at all.
    CLINUX_PROBE_READ_LOG,
};

/// Tries `probe`, by the system call itself and by no library function.
///
/// - Returns: 0 when it could be done; the negated `errno` when it was refused. Where the sandbox ends processes for
///   the attempt, there is no return.
int clinux_try(enum clinux_probe probe, pid_t process);

#endif
