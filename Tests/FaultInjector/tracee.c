#define _GNU_SOURCE
#include "tracee.h"

#include <elf.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <unistd.h>

enum { PAGE = 4096 };

#if defined(__x86_64__)

int tracee_call(pid_t thread, struct call *call) {
    struct user_regs_struct registers;
    if (ptrace(PTRACE_GETREGS, thread, 0, &registers) != 0) return -1;
    *call = (struct call){
        .thread = thread,
        .number = (long)registers.orig_rax,
        .arguments = {registers.rdi, registers.rsi, registers.rdx, registers.r10, registers.r8, registers.r9},
    };
    return 0;
}

int tracee_fail_call(const struct call *call, int error) {
    struct user_regs_struct registers;
    if (ptrace(PTRACE_GETREGS, call->thread, 0, &registers) != 0) return -1;
    registers.orig_rax = (unsigned long long)-1;
    registers.rax = (unsigned long long)-(long long)error;
    return ptrace(PTRACE_SETREGS, call->thread, 0, &registers) == 0 ? 0 : -1;
}

#elif defined(__aarch64__)

static int move_registers(int request, pid_t thread, int set, void *bytes, size_t count) {
    struct iovec part = {.iov_base = bytes, .iov_len = count};
    return ptrace(request, thread, set, &part) == 0 ? 0 : -1;
}

int tracee_call(pid_t thread, struct call *call) {
    struct user_regs_struct registers;
    if (move_registers(PTRACE_GETREGSET, thread, NT_PRSTATUS, &registers, sizeof registers) != 0) return -1;
    *call = (struct call){.thread = thread, .number = (long)registers.regs[8]};
    for (int index = 0; index < 6; index++) call->arguments[index] = registers.regs[index];
    return 0;
}

int tracee_fail_call(const struct call *call, int error) {
    int none = -1;
    if (move_registers(PTRACE_SETREGSET, call->thread, NT_ARM_SYSTEM_CALL, &none, sizeof none) != 0) return -1;
    struct user_regs_struct registers;
    if (move_registers(PTRACE_GETREGSET, call->thread, NT_PRSTATUS, &registers, sizeof registers) != 0) return -1;
    registers.regs[0] = (unsigned long long)-(long long)error;
    return move_registers(PTRACE_SETREGSET, call->thread, NT_PRSTATUS, &registers, sizeof registers);
}

#else
#error "no way is known to change a system call of this processor"
#endif

int tracee_bytes(pid_t thread, uint64_t address, void *bytes, size_t count) {
    struct iovec here = {.iov_base = bytes, .iov_len = count};
    struct iovec there = {.iov_base = (void *)(uintptr_t)address, .iov_len = count};
    return process_vm_readv(thread, &here, 1, &there, 1, 0) == (ssize_t)count ? 0 : -1;
}

void tracee_text(pid_t thread, uint64_t address, char *text, size_t capacity) {
    size_t length = 0;
    // A page at a time: the one after the text may not be there.
    while (length + 1 < capacity) {
        size_t count = PAGE - (address + length) % PAGE;
        if (count > capacity - 1 - length) count = capacity - 1 - length;
        if (tracee_bytes(thread, address + length, text + length, count) != 0) break;
        char *end = memchr(text + length, 0, count);
        if (end != NULL) return;
        length += count;
    }
    text[length] = 0;
}

void tracee_path(pid_t thread, int descriptor, char *path, size_t capacity) {
    char link[64];
    snprintf(link, sizeof link, "/proc/%d/fd/%d", (int)thread, descriptor);
    ssize_t length = readlink(link, path, capacity - 1);
    path[length < 0 ? 0 : length] = 0;
}
