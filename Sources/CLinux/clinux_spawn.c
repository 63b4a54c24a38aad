#define _GNU_SOURCE
#include "clinux_spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void lower(int resource, uint64_t value) {
    struct rlimit limit = {.rlim_cur = value, .rlim_max = value};
    // By number, as the sandbox of services allows it.
    if (syscall(SYS_prlimit64, 0, resource, &limit, NULL) != 0) _exit(126);
}

// Between fork and exec in a process with threads: only calls that are safe in a signal handler.
__attribute__((noreturn)) static void become(
    const char *path, char *const arguments[], int input, int output, const struct clinux_spawn_limits *limits) {
    char *const environment[] = {NULL};
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    struct sigaction standard;
    memset(&standard, 0, sizeof standard);
    standard.sa_handler = SIG_DFL;
    for (int number = 1; number < 65; number++) sigaction(number, &standard, NULL);
    if (setsid() < 0) _exit(126);
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    // The two may be 0 or 1 themselves: move them out of the way first.
    int from = fcntl(input, F_DUPFD, 3), to = fcntl(output, F_DUPFD, 3);
    if (from < 0 || to < 0 || dup2(from, 0) < 0 || dup2(to, 1) < 0) _exit(126);
    int discarded = open("/dev/null", O_WRONLY);
    if (discarded < 0 || dup2(discarded, 2) < 0) _exit(126);
    if (syscall(SYS_close_range, 3U, ~0U, 0) != 0) _exit(126);
    if (chdir("/") != 0) _exit(126);
    lower(RLIMIT_CORE, 0);
    lower(RLIMIT_FSIZE, 0);
    lower(RLIMIT_AS, limits->address_space);
    lower(RLIMIT_CPU, limits->cpu_seconds);
    lower(RLIMIT_NOFILE, limits->open_files);
    if (limits->processes > 0) lower(RLIMIT_NPROC, limits->processes);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) _exit(126);
    if (unshare(CLONE_NEWNET) != 0) (void)!unshare(CLONE_NEWUSER | CLONE_NEWNET);
    execve(path, arguments, environment);
    _exit(127);
}

pid_t clinux_spawn(
    const char *path, char *const arguments[], int input, int output, const struct clinux_spawn_limits *limits) {
    // A signal that came between fork and exec would run a handler of this process in the child.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t process = fork();
    if (process == 0) become(path, arguments, input, output, limits);
    int cause = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return process > 0 ? process : -cause;
}

static int status_of(int status) {
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// While the process is not waited for, nobody else can get its number, nor that of its group.
static int end_and_wait(pid_t process) {
    kill(-process, SIGKILL);
    int status;
    while (waitpid(process, &status, 0) < 0) {
        if (errno != EINTR) return -errno;
    }
    return status_of(status);
}

int clinux_end_group(pid_t process) {
    // It may not have a group of its own yet; until it has ended it may start others.
    kill(process, SIGKILL);
    siginfo_t ended;
    while (waitid(P_PID, (id_t)process, &ended, WEXITED | WNOWAIT) < 0 && errno == EINTR) {}
    return end_and_wait(process);
}

int clinux_wait_group(pid_t process, uint64_t milliseconds) {
    int handle = (int)syscall(SYS_pidfd_open, process, 0);
    if (handle < 0) {
        int cause = -errno;
        clinux_end_group(process);
        return cause;
    }
    struct pollfd watched = {.fd = handle, .events = POLLIN};
    int ready;
    do {
        ready = poll(&watched, 1, milliseconds > 86400000 ? 86400000 : (int)milliseconds);
    } while (ready < 0 && errno == EINTR);
    close(handle);
    if (ready <= 0) {
        clinux_end_group(process);
        return -ETIMEDOUT;
    }
    return end_and_wait(process);
}

int clinux_copy_parts(int source, const uint64_t *offsets, const uint64_t *lengths, uint64_t count) {
    int copy = memfd_create("parts", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (copy < 0) return -errno;
    for (uint64_t part = 0; part < count; part++) {
        off_t offset = (off_t)offsets[part];
        uint64_t left = lengths[part];
        while (left > 0) {
            ssize_t sent = sendfile(copy, source, &offset, left > (1 << 20) ? (1 << 20) : (size_t)left);
            if (sent < 0 && errno == EINTR) continue;
            if (sent <= 0) {
                int cause = sent < 0 ? -errno : -EIO;
                close(copy);
                return cause;
            }
            left -= (uint64_t)sent;
        }
    }
    if (fcntl(copy, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) != 0 ||
        lseek(copy, 0, SEEK_SET) != 0) {
        int cause = -errno;
        close(copy);
        return cause;
    }
    return copy;
}
