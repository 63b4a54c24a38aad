#ifndef CONTROL_H
#define CONTROL_H

#include <stdint.h>

// What a test and the injector tell one another: a file that both map or write, eight bytes a field, in the byte order
// of the machine. The test writes `generation` last; counting begins anew when it changes, and it is 0 while nothing is
// counted.
struct control {
    int64_t generation;
    // Kinds of calls that count: a sum of `enum kind`.
    int64_t kinds;
    // The first point at which something is done, from 1 on, and at how many from there.
    int64_t first;
    int64_t length;
    // What is done there: 0 nothing, below 0 a signal for the server, above 0 the error that the call gives.
    int64_t action;
    // Written by the injector: points seen in this generation, and how often something was done.
    int64_t seen;
    int64_t done;
};

enum kind {
    // Brings written bytes to the disk.
    KIND_SYNC = 1,
    // Changes the bytes of a file, or its length.
    KIND_WRITE = 2,
    // Gives something a name, or another one.
    KIND_NAME = 4,
    // Answers over a socket.
    KIND_ANSWER = 8,
    // Reads the bytes of a file.
    KIND_READ = 16,
    // Takes a name away, or changes the rights of a file.
    KIND_REMOVE = 32,
};

#endif
