/// Files: opening beneath a directory, sharing blocks, names that appear or change place in one step.
#ifndef CLINUX_FILES_H
#define CLINUX_FILES_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// `O_*` flags whose macros need `_GNU_SOURCE` or differ between processors; they go into `clinux_open_beneath`.
extern const int clinux_open_directory;
extern const int clinux_open_temporary;
extern const int clinux_open_path;
/// O_DIRECT.
extern const int clinux_open_direct;
extern const int clinux_open_nofollow;

/// Opens `path` below `directory` with openat2(2) (Linux 5.6).
///
/// The walk follows no symbolic link, magic link or `..` that leaves `directory`; the kernel, not a check of the text,
/// sees to that. `O_CLOEXEC` and `O_NOCTTY` are always added. `mode` counts only where a file is made.
///
/// - Returns: a descriptor. `-ELOOP` or `-EXDEV` when the path meets a link or would leave the directory, `-ENOSYS` on
///   kernels without openat2.
int clinux_open_beneath(int directory, const char *path, int flags, mode_t mode);

/// Makes `destination` share the blocks of `source` (FICLONE). Both must be on one file system that can do so.
///
/// - Returns: 0, or `-EOPNOTSUPP`, `-EXDEV`, `-EINVAL`, `-ENOTTY` where blocks cannot be shared.
int clinux_clone_file(int destination, int source);

/// Gives the nameless file `descriptor` (`O_TMPFILE`) the name `name` in `directory`. Never replaces a name.
int clinux_link_descriptor(int descriptor, int directory, const char *name);

/// What renameat2(2) does with a name that is already there.
enum clinux_rename_mode {
    CLINUX_RENAME_REPLACE = 0,
    CLINUX_RENAME_NO_REPLACE = 1,
    CLINUX_RENAME_EXCHANGE = 2,
};

int clinux_rename(int from_directory, const char *from, int to_directory, const char *to, enum clinux_rename_mode mode);

/// Makes a pipe that is closed on exec: `ends[0]` reads, `ends[1]` writes.
int clinux_pipe(int ends[2]);

/// Puts an extended attribute on an open file, or replaces it (fsetxattr(2)).
///
/// - Returns: 0, or `-EOPNOTSUPP`, `-ENOSPC`, `-EPERM` and others where the file system keeps none.
int clinux_set_attribute(int descriptor, const char *name, const void *value, size_t length);

/// Reads an extended attribute (fgetxattr(2)).
///
/// - Returns: its length; `-ENODATA` where there is none, `-ERANGE` where it is longer than `length`.
ssize_t clinux_get_attribute(int descriptor, const char *name, void *value, size_t length);

/// The `f_type` of statfs(2), by which file systems are told apart; `-errno` when it cannot be known.
int64_t clinux_file_system_type(int descriptor);

/// Writes everything that waits for its file system to the disk (syncfs(2)); 0 or `-errno`.
int clinux_sync_file_system(int descriptor);

/// The two numbers of a device (makedev(3)), as `st_dev` holds them.
unsigned int clinux_device_major(uint64_t device);
unsigned int clinux_device_minor(uint64_t device);

/// Asks the kernel to read `length` bytes from `offset` ahead; a hint, whose failure means nothing.
void clinux_read_ahead(int descriptor, int64_t offset, size_t length);

/// Reads as pread(2) does, but only what the page cache holds (preadv2(2) with `RWF_NOWAIT`).
///
/// - Returns: the number of bytes, which may be fewer than asked for; `-EAGAIN` when the disk would have to be waited
///   for, and wherever the file system cannot tell.
ssize_t clinux_read_cached(int descriptor, void *buffer, size_t length, int64_t offset);

#endif
