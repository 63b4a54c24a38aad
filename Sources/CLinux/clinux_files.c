#define _GNU_SOURCE
#include "clinux_files.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

const int clinux_open_directory = O_DIRECTORY;
const int clinux_open_temporary = O_TMPFILE;
const int clinux_open_path = O_PATH;
const int clinux_open_direct = O_DIRECT;
const int clinux_open_nofollow = O_NOFOLLOW;

int clinux_open_beneath(int directory, const char *path, int flags, mode_t mode) {
    struct open_how how;
    memset(&how, 0, sizeof how);
    how.flags = (unsigned long long)(unsigned int)(flags | O_CLOEXEC);
    if ((flags & O_PATH) == 0) how.flags |= O_NOCTTY;
    // openat2 refuses a mode where nothing is made, which open(2) ignores.
    if ((flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE) how.mode = mode;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
    // EAGAIN: a rename elsewhere in the tree raced with the walk, which the kernel cannot rule out to be an escape.
    for (int attempt = 0; attempt < 16; attempt++) {
        long result = syscall(SYS_openat2, directory, path, &how, sizeof how);
        if (result >= 0) return (int)result;
        if (errno != EAGAIN && errno != EINTR) return -errno;
    }
    return -EAGAIN;
}

int clinux_clone_file(int destination, int source) {
    return ioctl(destination, FICLONE, source) == 0 ? 0 : -errno;
}

int clinux_link_descriptor(int descriptor, int directory, const char *name) {
    // Older kernels ask for CAP_DAC_READ_SEARCH here and answer ENOENT without it; /proc serves everybody.
    if (linkat(descriptor, "", directory, name, AT_EMPTY_PATH) == 0) return 0;
    if (errno != ENOENT && errno != EINVAL && errno != EPERM) return -errno;
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
    return linkat(AT_FDCWD, path, directory, name, AT_SYMLINK_FOLLOW) == 0 ? 0 : -errno;
}

int clinux_rename(int from_directory, const char *from, int to_directory, const char *to,
                  enum clinux_rename_mode mode) {
    unsigned int flags = 0;
    switch (mode) {
    case CLINUX_RENAME_REPLACE: flags = 0; break;
    case CLINUX_RENAME_NO_REPLACE: flags = RENAME_NOREPLACE; break;
    case CLINUX_RENAME_EXCHANGE: flags = RENAME_EXCHANGE; break;
    }
    return renameat2(from_directory, from, to_directory, to, flags) == 0 ? 0 : -errno;
}

int clinux_pipe(int ends[2]) {
    return pipe2(ends, O_CLOEXEC) == 0 ? 0 : -errno;
}

int clinux_set_attribute(int descriptor, const char *name, const void *value, size_t length) {
    return fsetxattr(descriptor, name, value, length, 0) == 0 ? 0 : -errno;
}

ssize_t clinux_get_attribute(int descriptor, const char *name, void *value, size_t length) {
    ssize_t count = fgetxattr(descriptor, name, value, length);
    return count >= 0 ? count : -errno;
}

int64_t clinux_file_system_type(int descriptor) {
    struct statfs status;
    return fstatfs(descriptor, &status) == 0 ? (int64_t)status.f_type : -errno;
}

int clinux_sync_file_system(int descriptor) {
    return syncfs(descriptor) == 0 ? 0 : -errno;
}

unsigned int clinux_device_major(uint64_t device) {
    return major((dev_t)device);
}

unsigned int clinux_device_minor(uint64_t device) {
    return minor((dev_t)device);
}

void clinux_read_ahead(int descriptor, int64_t offset, size_t length) {
    (void)readahead(descriptor, offset, length);
}

ssize_t clinux_read_cached(int descriptor, void *buffer, size_t length, int64_t offset) {
    struct iovec part = {.iov_base = buffer, .iov_len = length};
    ssize_t count = preadv2(descriptor, &part, 1, offset, RWF_NOWAIT);
    if (count >= 0) return count;
    return errno == EOPNOTSUPP || errno == ENOSYS || errno == EINTR ? -EAGAIN : -errno;
}
