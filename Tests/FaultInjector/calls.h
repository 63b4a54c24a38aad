#ifndef CALLS_H
#define CALLS_H

#include "control.h"
#include "tracee.h"

enum { CALL_PATH_BYTES = 4096 };

// A call that can change, confirm or give away what is stored.
struct point {
    enum kind kind;
    const char *name;
    // The file, or the directory that is changed.
    char path[CALL_PATH_BYTES];
};

// The numbers of all calls that may be points.
const int *point_calls(size_t *count);
// Whether the call only reads.
int is_read(int number);
// Looks at a call. Returns 1 and fills `point` if it is one, else 0.
int point_of_call(const struct call *call, const char *store, struct point *point);

#endif
