#define _GNU_SOURCE
#include "clinux_sandbox.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define THIS_PROCESSOR AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define THIS_PROCESSOR AUDIT_ARCH_AARCH64
#endif

enum { SYSCALL_X32_BIT = 0x40000000, PROGRAM_MAX = 256 };

// Needed by the C library, the Swift runtime and a reader of bytes alike.
static const int always_allowed[] = {
    __NR_pread64, __NR_fstat, __NR_close, __NR_munmap, __NR_mremap, __NR_madvise, __NR_brk, __NR_futex,
    __NR_getrandom, __NR_clock_gettime, __NR_clock_getres, __NR_gettimeofday, __NR_sched_yield, __NR_getpid,
    __NR_gettid, __NR_rt_sigreturn, __NR_restart_syscall, __NR_exit, __NR_exit_group,
};

// What the server needs beyond that: its socket, its children, and the calls that tighten a child's rights.
static const int fork_server_allowed[] = {
    __NR_recvmsg, __NR_read, __NR_write, __NR_ppoll, __NR_wait4, __NR_rt_sigaction, __NR_rt_sigprocmask,
    __NR_set_robust_list, __NR_rseq, __NR_prlimit64, __NR_setitimer, __NR_prctl, __NR_seccomp, __NR_getppid,
    __NR_fcntl, __NR_dup3, __NR_close_range,
    444 /* landlock_create_ruleset */, 446 /* landlock_restrict_self */,
#ifdef __NR_poll
    __NR_poll,
#endif
};

// Answered with EPERM unless listed above: libraries try them in good faith (locales, time zones, crash reports), and
// the self-test tries some of them to see that they fail. A reader must not change what signals do: it could ignore the
// alarm that ends it.
static const int refused[] = {
    __NR_openat, __NR_openat2, __NR_readlinkat, __NR_faccessat, __NR_newfstatat, __NR_statx, __NR_unlinkat,
    __NR_mkdirat, __NR_linkat, __NR_renameat2, __NR_socket, __NR_connect, __NR_bind, __NR_execve, __NR_execveat,
    __NR_kill, __NR_tkill, __NR_tgkill, __NR_ptrace, __NR_process_vm_readv, __NR_process_vm_writev, __NR_ioctl,
    __NR_sched_getaffinity, __NR_uname, __NR_sigaltstack, __NR_clone3, __NR_rt_sigaction, __NR_rt_sigprocmask,
#ifdef __NR_open
    __NR_open, __NR_creat, __NR_access, __NR_stat, __NR_lstat, __NR_readlink,
#endif
};

struct program {
    struct sock_filter steps[PROGRAM_MAX];
    unsigned short count;
    int overflowed;
};

static void add(struct program *program, struct sock_filter step) {
    if (program->count < PROGRAM_MAX) program->steps[program->count++] = step;
    else program->overflowed = 1;
}

static void answer(struct program *program, uint32_t value) {
    add(program, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, value));
}

static void load(struct program *program, size_t offset) {
    add(program, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset));
}

static void if_equal(struct program *program, uint32_t value, unsigned char steps_if, unsigned char steps_else) {
    add(program, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, steps_if, steps_else));
}

static void answer_calls(struct program *program, const int *calls, size_t count, uint32_t value) {
    for (size_t index = 0; index < count; index++) {
        if_equal(program, (uint32_t)calls[index], 0, 1);
        answer(program, value);
    }
}

// Allows `call` where `argument & mask` is `wanted` and refuses it otherwise. Both processors are little-endian, so the
// low half of an argument comes first; the arguments looked at here are ints to the kernel.
static void allow_if_masked(struct program *program, int call, size_t argument, uint32_t mask, uint32_t wanted) {
    if_equal(program, (uint32_t)call, 0, 5);
    load(program, offsetof(struct seccomp_data, args) + argument * sizeof(uint64_t));
    add(program, (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, mask));
    if_equal(program, wanted, 0, 1);
    answer(program, SECCOMP_RET_ALLOW);
    answer(program, SECCOMP_RET_ERRNO | EPERM);
}

#define CALLS(list) (list), sizeof(list) / sizeof((list)[0])

int clinux_seccomp_install(enum clinux_seccomp_profile profile, int result_descriptor) {
#ifndef THIS_PROCESSOR
    (void)profile;
    (void)result_descriptor;
    return -ENOTSUP;
#else
    struct program program = {.count = 0, .overflowed = 0};
    load(&program, offsetof(struct seccomp_data, arch));
    if_equal(&program, THIS_PROCESSOR, 1, 0);
    answer(&program, SECCOMP_RET_KILL_PROCESS);
    load(&program, offsetof(struct seccomp_data, nr));
    // The x32 calls of x86-64 carry the same processor number and would slip past the list.
    add(&program, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, SYSCALL_X32_BIT, 0, 1));
    answer(&program, SECCOMP_RET_KILL_PROCESS);

    answer_calls(&program, CALLS(always_allowed), SECCOMP_RET_ALLOW);
    switch (profile) {
    case CLINUX_SECCOMP_FORK_SERVER:
        answer_calls(&program, CALLS(fork_server_allowed), SECCOMP_RET_ALLOW);
        // fork(3) and nothing else: a signal number and the two flags that keep the C library's record of the thread.
        allow_if_masked(&program, __NR_clone, 0, ~(uint32_t)(CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | 0xff), 0);
        break;
    case CLINUX_SECCOMP_READER:
        allow_if_masked(&program, __NR_write, 0, UINT32_MAX, (uint32_t)result_descriptor);
        break;
    }
    allow_if_masked(&program, __NR_mmap, 2, PROT_EXEC, 0);
    allow_if_masked(&program, __NR_mprotect, 2, PROT_EXEC, 0);
    answer_calls(&program, CALLS(refused), SECCOMP_RET_ERRNO | EPERM);
    answer(&program, SECCOMP_RET_KILL_PROCESS);

    // Half a filter would be a wrong filter.
    if (program.overflowed) return -E2BIG;
    struct sock_fprog whole = {.len = program.count, .filter = program.steps};
    return syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, 0, &whole) == 0 ? 0 : -errno;
#endif
}
