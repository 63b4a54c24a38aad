#ifndef TRACEE_H
#define TRACEE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// A system call that a stopped thread is about to make.
struct call {
    pid_t thread;
    long number;
    uint64_t arguments[6];
};

// Reads the call that the thread stopped at. Returns 0, or -1 when the thread is gone.
int tracee_call(pid_t thread, struct call *call);
// Has the call give `-error` instead of being made. Returns 0, or -1 when the thread is gone.
int tracee_fail_call(const struct call *call, int error);
// Copies a text that ends in NUL out of the thread's memory; what is too long is cut off.
void tracee_text(pid_t thread, uint64_t address, char *text, size_t capacity);
// Copies bytes out of the thread's memory. Returns 0 or -1.
int tracee_bytes(pid_t thread, uint64_t address, void *bytes, size_t count);
// The path of an open file, empty when there is none.
void tracee_path(pid_t thread, int descriptor, char *path, size_t capacity);

#endif
