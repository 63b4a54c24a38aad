#define _GNU_SOURCE
#include "calls.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

// Where the path stands among a call's arguments.
enum place {
    DESCRIPTOR_FIRST,
    // A directory and a name in it.
    AT_FIRST,
    AT_SECOND,
    AT_THIRD,
    // A name alone.
    NAME_FIRST,
    NAME_SECOND,
};

struct known_call {
    int number;
    const char *name;
    enum kind kind;
    enum place place;
};

#define CALL(call, kind, place) {__NR_##call, #call, kind, place}

static const struct known_call known_calls[] = {
    CALL(fsync, KIND_SYNC, DESCRIPTOR_FIRST),
    CALL(fdatasync, KIND_SYNC, DESCRIPTOR_FIRST),
    CALL(sync_file_range, KIND_SYNC, DESCRIPTOR_FIRST),
    CALL(syncfs, KIND_SYNC, DESCRIPTOR_FIRST),
    CALL(write, KIND_WRITE, DESCRIPTOR_FIRST),
    CALL(writev, KIND_WRITE, DESCRIPTOR_FIRST),
    CALL(pwrite64, KIND_WRITE, DESCRIPTOR_FIRST),
    CALL(pwritev, KIND_WRITE, DESCRIPTOR_FIRST),
    CALL(pwritev2, KIND_WRITE, DESCRIPTOR_FIRST),
    CALL(sendfile, KIND_WRITE, DESCRIPTOR_FIRST),
    CALL(copy_file_range, KIND_WRITE, AT_THIRD),
    CALL(ioctl, KIND_WRITE, DESCRIPTOR_FIRST),
    CALL(ftruncate, KIND_WRITE, DESCRIPTOR_FIRST),
    CALL(fallocate, KIND_WRITE, DESCRIPTOR_FIRST),
    CALL(fsetxattr, KIND_WRITE, DESCRIPTOR_FIRST),
    CALL(truncate, KIND_WRITE, NAME_FIRST),
    CALL(openat, KIND_NAME, AT_FIRST),
    CALL(openat2, KIND_NAME, AT_FIRST),
    CALL(mkdirat, KIND_NAME, AT_FIRST),
    CALL(unlinkat, KIND_REMOVE, AT_FIRST),
    CALL(symlinkat, KIND_NAME, AT_SECOND),
    CALL(linkat, KIND_NAME, AT_THIRD),
    CALL(renameat2, KIND_NAME, AT_THIRD),
    CALL(fchmod, KIND_REMOVE, DESCRIPTOR_FIRST),
    CALL(fchmodat, KIND_REMOVE, AT_FIRST),
#ifdef __NR_renameat
    CALL(renameat, KIND_NAME, AT_THIRD),
#endif
#ifdef __NR_open
    CALL(open, KIND_NAME, NAME_FIRST),
    CALL(creat, KIND_NAME, NAME_FIRST),
    CALL(mkdir, KIND_NAME, NAME_FIRST),
    CALL(rmdir, KIND_REMOVE, NAME_FIRST),
    CALL(unlink, KIND_REMOVE, NAME_FIRST),
    CALL(symlink, KIND_NAME, NAME_SECOND),
    CALL(link, KIND_NAME, NAME_SECOND),
    CALL(rename, KIND_NAME, NAME_SECOND),
    CALL(chmod, KIND_REMOVE, NAME_FIRST),
#endif
    CALL(read, KIND_READ, DESCRIPTOR_FIRST),
    CALL(readv, KIND_READ, DESCRIPTOR_FIRST),
    CALL(pread64, KIND_READ, DESCRIPTOR_FIRST),
    CALL(preadv, KIND_READ, DESCRIPTOR_FIRST),
    CALL(preadv2, KIND_READ, DESCRIPTOR_FIRST),
};

enum { KNOWN_CALLS = sizeof known_calls / sizeof known_calls[0] };

const int *point_calls(size_t *count) {
    static int numbers[KNOWN_CALLS];
    for (size_t index = 0; index < KNOWN_CALLS; index++) numbers[index] = known_calls[index].number;
    *count = KNOWN_CALLS;
    return numbers;
}

int is_read(int number) {
    for (size_t index = 0; index < KNOWN_CALLS; index++) {
        if (known_calls[index].number == number) return known_calls[index].kind == KIND_READ;
    }
    return 0;
}

// Opening is a point when it can make a file or cut one off.
static int opens_to_change(const struct call *call) {
    uint64_t flags = 0;
    switch (call->number) {
    case __NR_openat: flags = call->arguments[2]; break;
    case __NR_openat2: {
        struct open_how how;
        if (tracee_bytes(call->thread, call->arguments[2], &how, sizeof how) == 0) flags = how.flags;
        break;
    }
#ifdef __NR_open
    case __NR_open: flags = call->arguments[1]; break;
#endif
    default: return 1;
    }
    return (flags & (O_CREAT | O_TRUNC)) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
}

static void path_at(const struct call *call, int index, char *path) {
    char name[CALL_PATH_BYTES / 4];
    tracee_text(call->thread, call->arguments[index + 1], name, sizeof name);
    if (name[0] == '/') {
        snprintf(path, CALL_PATH_BYTES, "%s", name);
        return;
    }
    char directory[CALL_PATH_BYTES / 2];
    tracee_path(call->thread, (int)call->arguments[index], directory, sizeof directory);
    snprintf(path, CALL_PATH_BYTES, "%s/%s", directory, name);
}

static void path_of(const struct call *call, enum place place, char *path) {
    switch (place) {
    case DESCRIPTOR_FIRST: tracee_path(call->thread, (int)call->arguments[0], path, CALL_PATH_BYTES); break;
    case AT_FIRST: path_at(call, 0, path); break;
    case AT_SECOND: path_at(call, 1, path); break;
    case AT_THIRD:
        if (call->number == __NR_copy_file_range) {
            tracee_path(call->thread, (int)call->arguments[2], path, CALL_PATH_BYTES);
        } else {
            path_at(call, 2, path);
        }
        break;
    case NAME_FIRST: tracee_text(call->thread, call->arguments[0], path, CALL_PATH_BYTES); break;
    case NAME_SECOND: tracee_text(call->thread, call->arguments[1], path, CALL_PATH_BYTES); break;
    }
}

int point_of_call(const struct call *call, const char *store, struct point *point) {
    const struct known_call *known = NULL;
    for (size_t index = 0; index < KNOWN_CALLS && known == NULL; index++) {
        if (known_calls[index].number == call->number) known = &known_calls[index];
    }
    if (known == NULL || !opens_to_change(call)) return 0;
    if (call->number == __NR_ioctl && call->arguments[1] != FICLONE && call->arguments[1] != FICLONERANGE) return 0;
    point->kind = known->kind;
    point->name = known->name;
    path_of(call, known->place, point->path);
    if (known->kind == KIND_WRITE && strncmp(point->path, "socket:", 7) == 0) {
        point->kind = KIND_ANSWER;
        return 1;
    }
    size_t length = strlen(store);
    return strncmp(point->path, store, length) == 0 && (point->path[length] == '/' || point->path[length] == 0);
}
