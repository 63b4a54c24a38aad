// Runs a program and counts, over all its threads, the calls that change, confirm or answer for what is stored. At the
// call that a test chose it kills the program before the call is made, or has the call fail.
//
//   fault-injector CONTROL POINTS STORE [--reads] PROGRAM [ARGUMENT...]
//
// CONTROL is a file of one `struct control`; POINTS is a file to which a line is added for each point: its number, the
// call and the path. STORE is the directory whose files count. SIGTERM, SIGINT and SIGHUP go on to the program, SIGUSR1
// kills it, and the injector ends when the program is gone, as the program did.
#define _GNU_SOURCE
#include "calls.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STEPS_MAX = 160, FAULT = 125 };

static pid_t program;
static struct control *control;
static int64_t generation;
static FILE *points;
static const char *store;

static void give_up(const char *what) {
    fprintf(stderr, "fault-injector: %s: %s\n", what, strerror(errno));
    exit(FAULT);
}

static void pass_on(int signal) {
    kill(program, signal == SIGUSR1 ? SIGKILL : signal);
}

// Lets the kernel stop the thread at the calls that may be points, and at no others.
static void filter_calls(int also_reads) {
    struct sock_filter steps[STEPS_MAX];
    unsigned short count = 0;
    size_t calls;
    const int *numbers = point_calls(&calls);
    steps[count++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    for (size_t index = 0; index < calls; index++) {
        if (!also_reads && is_read(numbers[index])) continue;
        steps[count++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)numbers[index], 0, 1);
        steps[count++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE);
    }
    steps[count++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    struct sock_fprog whole = {.len = count, .filter = steps};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) give_up("no new privileges");
    if (syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, 0, &whole) != 0) give_up("seccomp");
}

static void start(char **arguments, int also_reads) {
    int gate[2];
    if (pipe2(gate, O_CLOEXEC) != 0) give_up("pipe");
    program = fork();
    if (program < 0) give_up("fork");
    if (program == 0) {
        char byte;
        close(gate[1]);
        // Not before it is traced: a call at which it should stop would fail.
        if (read(gate[0], &byte, 1) != 1) _exit(FAULT);
        filter_calls(also_reads);
        execv(arguments[0], arguments);
        give_up(arguments[0]);
    }
    long options = PTRACE_O_TRACESECCOMP | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK
        | PTRACE_O_EXITKILL;
    if (ptrace(PTRACE_SEIZE, program, 0, options) != 0) give_up("ptrace");
    if (write(gate[1], "", 1) != 1) give_up("pipe");
    close(gate[0]);
    close(gate[1]);
}

// Does at a stopped call what the test asked for. Returns 0 when the thread must stay stopped, because it is to die.
static int handle_call(pid_t thread) {
    int64_t now = __atomic_load_n(&control->generation, __ATOMIC_SEQ_CST);
    if (now != generation) {
        generation = now;
        control->seen = 0;
        control->done = 0;
    }
    // Children read hostile bytes and store nothing.
    if (now == 0 || syscall(SYS_tgkill, program, thread, 0) != 0) return 1;
    struct call call;
    struct point point;
    if (tracee_call(thread, &call) != 0 || !point_of_call(&call, store, &point)) return 1;
    if ((control->kinds & point.kind) == 0) return 1;
    int64_t number = control->seen + 1;
    fprintf(points, "%lld %s %s\n", (long long)number, point.name, point.path);
    fflush(points);
    __atomic_store_n(&control->seen, number, __ATOMIC_SEQ_CST);
    if (control->action == 0 || number < control->first || number - control->first >= control->length) return 1;
    __atomic_store_n(&control->done, control->done + 1, __ATOMIC_SEQ_CST);
    if (control->action > 0) {
        tracee_fail_call(&call, (int)control->action);
        return 1;
    }
    kill(program, (int)-control->action);
    return 0;
}

// Answers one stop of a thread.
static void handle_stop(pid_t thread, int status) {
    int signal = WSTOPSIG(status);
    switch (status >> 16) {
    case PTRACE_EVENT_SECCOMP:
        if (handle_call(thread)) ptrace(PTRACE_CONT, thread, 0, 0);
        return;
    case PTRACE_EVENT_STOP:
        // Job control stops it, or it is new.
        if (signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU) {
            ptrace(PTRACE_LISTEN, thread, 0, 0);
        } else {
            ptrace(PTRACE_CONT, thread, 0, 0);
        }
        return;
    case 0: ptrace(PTRACE_CONT, thread, 0, (long)signal); return;
    default: ptrace(PTRACE_CONT, thread, 0, 0);
    }
}

static void end_as(int status) {
    if (WIFEXITED(status)) exit(WEXITSTATUS(status));
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    signal(WTERMSIG(status), SIG_DFL);
    raise(WTERMSIG(status));
    exit(FAULT);
}

int main(int count, char **arguments) {
    if (count < 5) return 64;
    int file = open(arguments[1], O_RDWR | O_CLOEXEC);
    if (file < 0 || ftruncate(file, sizeof *control) != 0) give_up(arguments[1]);
    control = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (control == MAP_FAILED) give_up(arguments[1]);
    points = fopen(arguments[2], "ae");
    if (points == NULL) give_up(arguments[2]);
    store = arguments[3];
    int also_reads = strcmp(arguments[4], "--reads") == 0;
    start(arguments + 4 + also_reads, also_reads);
    struct sigaction action = {.sa_handler = pass_on, .sa_flags = SA_RESTART};
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    sigaction(SIGUSR1, &action, NULL);
    for (;;) {
        int status;
        pid_t thread = waitpid(-1, &status, __WALL);
        if (thread < 0 && errno == EINTR) continue;
        if (thread < 0) give_up("wait");
        if (WIFSTOPPED(status)) handle_stop(thread, status);
        else if (thread == program) end_as(status);
    }
}
