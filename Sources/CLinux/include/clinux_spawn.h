/// Programs of others, started with next to nothing.
#ifndef CLINUX_SPAWN_H
#define CLINUX_SPAWN_H

#include <stdint.h>
#include <sys/types.h>

/// What a started program may use. 0 means that nothing of it is allowed.
struct clinux_spawn_limits {
    uint64_t address_space;
    uint64_t cpu_seconds;
    uint64_t open_files;
    /// 0: leave the limit of processes alone; it counts those of the whole user.
    uint64_t processes;
};

/// Starts `path` in a session of its own, with an empty environment, `/` as its directory, `input` as its standard input,
/// `output` as its standard output and no other descriptor. Its standard error is discarded. It writes no files, leaves no
/// core, gains no rights, ends when the thread that started it ends, and has no network where the kernel lets this process
/// take it away.
///
/// - Returns: the process id, which is also that of its process group. That `path` cannot be run shows in its exit status,
///   127.
pid_t clinux_spawn(
    const char *path, char *const arguments[], int input, int output, const struct clinux_spawn_limits *limits);

/// Ends every process of the group, and waits for `process`.
///
/// - Returns: its exit status, or 128 and the signal that ended it.
int clinux_end_group(pid_t process);

/// Waits for a process that has closed its output. `milliseconds` bounds how long; after that the group is ended.
///
/// - Returns: as `clinux_end_group`; `-ETIMEDOUT` when it had to be ended.
int clinux_wait_group(pid_t process, uint64_t milliseconds);

/// A file in memory that nobody can write any more, with the bytes of `count` parts of `source`, one after the other.
///
/// - Returns: a descriptor, closed on exec; `-EIO` when `source` ends early.
int clinux_copy_parts(int source, const uint64_t *offsets, const uint64_t *lengths, uint64_t count);

#endif
