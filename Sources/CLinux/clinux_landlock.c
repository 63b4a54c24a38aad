#define _GNU_SOURCE
#include "clinux_sandbox.h"

#include <errno.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

// Written out, because the headers of the machine that builds may be older than the kernel of the one that runs.
// The numbers are the same on every processor (Linux 5.13, uapi/linux/landlock.h).
enum { LANDLOCK_CREATE = 444, LANDLOCK_RESTRICT = 446, LANDLOCK_VERSION_FLAG = 1 };

struct ruleset {
    uint64_t file_system;
    uint64_t network;
    uint64_t scoped;
};

static const uint64_t file_system_rights[CLINUX_LANDLOCK_KNOWN + 1] = {
    0,
    (1ULL << 13) - 1,  // execute, read, write, list, make and remove every kind of file
    (1ULL << 14) - 1,  // + linking and renaming across directories
    (1ULL << 15) - 1,  // + truncation
    (1ULL << 15) - 1,
    (1ULL << 16) - 1,  // + ioctl on devices
    (1ULL << 16) - 1,
};

int clinux_landlock_deny_all(void) {
    long version = syscall(LANDLOCK_CREATE, NULL, 0, LANDLOCK_VERSION_FLAG);
    if (version < 0) return -errno;
    if (version == 0) return -EOPNOTSUPP;
    if (version > CLINUX_LANDLOCK_KNOWN) version = CLINUX_LANDLOCK_KNOWN;

    struct ruleset rules = {.file_system = file_system_rights[version], .network = 0, .scoped = 0};
    size_t size = sizeof rules.file_system;
    if (version >= 4) {
        rules.network = 3;  // TCP bind and connect
        size = 2 * sizeof(uint64_t);
    }
    if (version >= 6) {
        rules.scoped = 3;  // abstract UNIX sockets and signals
        size = 3 * sizeof(uint64_t);
    }
    long ruleset = syscall(LANDLOCK_CREATE, &rules, size, 0);
    if (ruleset < 0) return -errno;
    // No rule is added: all that the ruleset handles is denied.
    long restricted = syscall(LANDLOCK_RESTRICT, (int)ruleset, 0);
    int failure = errno;
    close((int)ruleset);
    return restricted == 0 ? (int)version : -failure;
}
