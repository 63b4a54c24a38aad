#define _GNU_SOURCE
#include "clinux_process.h"

#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

union control {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(int) * CLINUX_MESSAGE_DESCRIPTORS_MAX)];
};

int clinux_message_pair(int sockets[2]) {
    return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) == 0 ? 0 : -errno;
}

int clinux_send_message(int socket, const uint8_t *bytes, size_t length, const int *descriptors, size_t count) {
    if (count > CLINUX_MESSAGE_DESCRIPTORS_MAX || length == 0) return -EINVAL;
    struct iovec part = {.iov_base = (void *)bytes, .iov_len = length};
    struct msghdr message;
    memset(&message, 0, sizeof message);
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    union control control;
    if (count > 0) {
        memset(&control, 0, sizeof control);
        message.msg_control = &control;
        message.msg_controllen = CMSG_SPACE(sizeof(int) * count);
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int) * count);
        memcpy(CMSG_DATA(header), descriptors, sizeof(int) * count);
    }
    for (;;) {
        if (sendmsg(socket, &message, MSG_NOSIGNAL) >= 0) return 0;
        if (errno != EINTR) return -errno;
    }
}

ssize_t clinux_receive_message(int socket, uint8_t *bytes, size_t capacity, int *descriptors, size_t *count) {
    struct iovec part = {.iov_base = bytes, .iov_len = capacity};
    union control control;
    struct msghdr message;
    memset(&message, 0, sizeof message);
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = &control;
    message.msg_controllen = sizeof control;
    *count = 0;
    ssize_t length;
    do {
        length = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    } while (length < 0 && errno == EINTR);
    if (length < 0) return -errno;
    for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header != NULL; header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
        size_t sent = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t index = 0; index < sent; index++) {
            int descriptor;
            memcpy(&descriptor, CMSG_DATA(header) + index * sizeof(int), sizeof(int));
            if (*count < CLINUX_MESSAGE_DESCRIPTORS_MAX) descriptors[(*count)++] = descriptor;
            else close(descriptor);
        }
    }
    if ((message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0) {
        for (size_t index = 0; index < *count; index++) close(descriptors[index]);
        *count = 0;
        return -EMSGSIZE;
    }
    return length;
}

int clinux_duplicate_descriptor(int from, int to) {
    return dup3(from, to, O_CLOEXEC) == to ? 0 : -errno;
}

int clinux_close_from(unsigned int first) {
    return syscall(SYS_close_range, first, ~0U, 0) == 0 ? 0 : -errno;
}

int clinux_set_no_new_privileges(void) {
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 ? 0 : -errno;
}

int clinux_set_undumpable(void) {
    return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 ? 0 : -errno;
}

int clinux_set_death_signal(void) {
    return prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0 ? 0 : -errno;
}

int clinux_set_process_name(const char *name) {
    return prctl(PR_SET_NAME, name, 0, 0, 0) == 0 ? 0 : -errno;
}

int clinux_set_limit(enum clinux_resource resource, uint64_t value) {
    int number = -1;
    switch (resource) {
    case CLINUX_RESOURCE_ADDRESS_SPACE: number = RLIMIT_AS; break;
    case CLINUX_RESOURCE_CORE: number = RLIMIT_CORE; break;
    case CLINUX_RESOURCE_CPU_SECONDS: number = RLIMIT_CPU; break;
    case CLINUX_RESOURCE_FILE_SIZE: number = RLIMIT_FSIZE; break;
    case CLINUX_RESOURCE_OPEN_FILES: number = RLIMIT_NOFILE; break;
    case CLINUX_RESOURCE_PROCESSES: number = RLIMIT_NPROC; break;
    case CLINUX_RESOURCE_LOCKED_MEMORY: number = RLIMIT_MEMLOCK; break;
    case CLINUX_RESOURCE_QUEUE_BYTES: number = RLIMIT_MSGQUEUE; break;
    }
    struct rlimit limit = {.rlim_cur = value, .rlim_max = value};
    // At the hard limit of processor time the kernel sends SIGKILL, at the soft one SIGXCPU, which says why.
    if (resource == CLINUX_RESOURCE_CPU_SECONDS && value < UINT64_MAX) limit.rlim_max = value + 1;
    return syscall(SYS_prlimit64, 0, number, &limit, NULL) == 0 ? 0 : -errno;
}

int64_t clinux_raise_descriptor_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return -errno;
    if (limit.rlim_cur != limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        if (setrlimit(RLIMIT_NOFILE, &limit) != 0) return -errno;
    }
    return limit.rlim_cur > INT64_MAX ? INT64_MAX : (int64_t)limit.rlim_cur;
}

int clinux_set_alarm(uint64_t milliseconds) {
    if (milliseconds == 0 || milliseconds > 86400000) return -EINVAL;
    struct itimerval timer;
    memset(&timer, 0, sizeof timer);
    timer.it_value.tv_sec = (time_t)(milliseconds / 1000);
    timer.it_value.tv_usec = (suseconds_t)(milliseconds % 1000) * 1000;
    return setitimer(ITIMER_REAL, &timer, NULL) == 0 ? 0 : -errno;
}

int clinux_open_child_signal(void) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGCHLD);
    if (sigprocmask(SIG_BLOCK, &signals, NULL) != 0) return -errno;
    int descriptor = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    return descriptor >= 0 ? descriptor : -errno;
}

int64_t clinux_regular_file_size(int descriptor) {
    struct stat status;
    if (syscall(SYS_fstat, descriptor, &status) != 0) return -errno;
    return S_ISREG(status.st_mode) ? (int64_t)status.st_size : -EINVAL;
}

int clinux_is_read_only(int descriptor) {
    int flags = fcntl(descriptor, F_GETFL);
    if (flags < 0) return -errno;
    return (flags & O_ACCMODE) == O_RDONLY && (flags & O_PATH) == 0 ? 1 : 0;
}

static int give_back(struct dl_phdr_info *object, size_t size, void *context) {
    (void)size;
    (void)context;
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    for (size_t index = 0; index < object->dlpi_phnum; index++) {
        const ElfW(Phdr) *part = &object->dlpi_phdr[index];
        // What may be written holds what was written.
        if (part->p_type != PT_LOAD || (part->p_flags & PF_W) != 0) continue;
        uintptr_t start = (uintptr_t)object->dlpi_addr + (uintptr_t)part->p_vaddr;
        uintptr_t end = start + (uintptr_t)part->p_memsz;
        start &= ~(page - 1);
        // Whatever cannot be given back is kept, as it would have been.
        (void)madvise((void *)start, end - start, MADV_DONTNEED);
    }
    return 0;
}

void clinux_give_back_program_pages(void) { dl_iterate_phdr(give_back, NULL); }
