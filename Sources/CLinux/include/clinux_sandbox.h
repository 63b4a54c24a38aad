/// Sandboxing of the calling process: Landlock and seccomp. Neither can be undone, and both pass to children.
#ifndef CLINUX_SANDBOX_H
#define CLINUX_SANDBOX_H

/// The newest version of Landlock that this code knows.
#define CLINUX_LANDLOCK_KNOWN 6

/// Denies all access to files by path and, as far as the kernel's version of Landlock knows them, TCP, device control,
/// and signals and abstract sockets towards processes outside the sandbox. Open descriptors keep working.
///
/// Versions: 1 files, 2 linking across directories, 3 truncation, 4 TCP bind and connect, 5 device control, 6 signals
/// and abstract sockets. Requires `clinux_set_no_new_privileges` (or CAP_SYS_ADMIN).
///
/// - Returns: the version in force, at most CLINUX_LANDLOCK_KNOWN; `-ENOSYS` or `-EOPNOTSUPP`
///   where there is none.
int clinux_landlock_deny_all(void);

/// What a process may still ask of the kernel.
///
/// In every profile opening files, sockets, starting programs, signalling and tracing answer EPERM, so that a library
/// that tries them goes on without; mapping memory as executable answers EPERM; everything else that is not listed
/// ends the process with SIGSYS. On processors other than x86-64 and AArch64 there is no profile.
enum clinux_seccomp_profile {
    /// Receives requests with descriptors, forks (never threads or namespaces), waits, and tightens its own rights.
    CLINUX_SECCOMP_FORK_SERVER,
    /// Reads descriptors that are open, computes, and writes to `result_descriptor` alone.
    CLINUX_SECCOMP_READER,
};

/// Installs the filter of `profile` for the calling thread. Requires `clinux_set_no_new_privileges`.
///
/// - Returns: 0, `-EINVAL` when the kernel has no filters, `-ENOTSUP` on other processors.
int clinux_seccomp_install(enum clinux_seccomp_profile profile, int result_descriptor);

#endif
