/// System calls of Linux that Swift cannot make itself: calls without a wrapper in the C library, variadic calls,
/// constants that are macros, and control messages.
///
/// Every function answers zero or a positive value when it succeeds and the negated `errno` when it does not, so that
/// no other call can come between a failure and the reading of its cause. No function keeps state or allocates.
#ifndef CLINUX_H
#define CLINUX_H

#include "clinux_files.h"
#include "clinux_probe.h"
#include "clinux_process.h"
#include "clinux_sandbox.h"
#include "clinux_spawn.h"

#endif
