/// Processes: messages that carry descriptors, attributes of the calling process, limits of resources.
#ifndef CLINUX_PROCESS_H
#define CLINUX_PROCESS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// The most descriptors that one message carries.
#define CLINUX_MESSAGE_DESCRIPTORS_MAX 4

/// Makes a connected pair of SOCK_SEQPACKET sockets, closed on exec.
int clinux_message_pair(int sockets[2]);

/// Sends one message of `length` bytes with `count` descriptors (SCM_RIGHTS). Raises no SIGPIPE.
///
/// - Returns: 0; `-EPIPE` or `-ECONNRESET` when the other end is gone, `-EAGAIN` when its queue is full.
int clinux_send_message(int socket, const uint8_t *bytes, size_t length, const int *descriptors, size_t count);

/// Receives one message. `descriptors` has room for CLINUX_MESSAGE_DESCRIPTORS_MAX; `*count` says how many came.
///
/// - Returns: the number of bytes, 0 when the other end closed. `-EMSGSIZE` when the message was longer than `capacity`
///   or carried more descriptors than there is room for; what had arrived of them is closed.
ssize_t clinux_receive_message(int socket, uint8_t *bytes, size_t capacity, int *descriptors, size_t *count);

/// Makes `to` the descriptor of what `from` is open for, closed on exec; `from` stays open too.
int clinux_duplicate_descriptor(int from, int to);

/// Closes every descriptor from `first` on.
int clinux_close_from(unsigned int first);

/// No program that this process starts can gain rights (PR_SET_NO_NEW_PRIVS). Cannot be undone.
int clinux_set_no_new_privileges(void);

/// Other processes of the same user can neither trace this one nor read its memory, and it leaves no core file.
int clinux_set_undumpable(void);

/// SIGKILL for this process when the *thread* that started it ends.
int clinux_set_death_signal(void);

/// The name that ps(1) shows, at most 15 bytes.
int clinux_set_process_name(const char *name);

enum clinux_resource {
    CLINUX_RESOURCE_ADDRESS_SPACE,
    CLINUX_RESOURCE_CORE,
    CLINUX_RESOURCE_CPU_SECONDS,
    CLINUX_RESOURCE_FILE_SIZE,
    CLINUX_RESOURCE_OPEN_FILES,
    CLINUX_RESOURCE_PROCESSES,
    CLINUX_RESOURCE_LOCKED_MEMORY,
    CLINUX_RESOURCE_QUEUE_BYTES,
};

/// Sets soft and hard limit of `resource` to `value`; it can only be lowered afterwards.
int clinux_set_limit(enum clinux_resource resource, uint64_t value);

/// Raises the soft limit of open descriptors to the hard limit.
///
/// @return the limit from then on, or -errno.
int64_t clinux_raise_descriptor_limit(void);

/// Ends the process by SIGALRM after `milliseconds` of wall-clock time; 0 is refused.
int clinux_set_alarm(uint64_t milliseconds);

/// A descriptor that becomes readable when a child ends; SIGCHLD is blocked from then on.
int clinux_open_child_signal(void);

/// Size in bytes of the regular file `descriptor`, or `-EINVAL` for anything else. Made with fstat(2) itself: the C
/// library's wrapper uses a call that also takes paths, which a sandbox cannot allow.
int64_t clinux_regular_file_size(int descriptor);

/// 1 when `descriptor` is open for reading alone, 0 when it may write or names a file only.
int clinux_is_read_only(int descriptor);

/// Takes the pages of the program and its libraries that nobody wrote to out of this process (`MADV_DONTNEED`). What is
/// needed again is mapped again from the page cache.
void clinux_give_back_program_pages(void);

#endif
