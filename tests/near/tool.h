/*
 * What the measuring programs of near duplicates share.
 */
#ifndef TESTS_NEAR_TOOL_H
#define TESTS_NEAR_TOOL_H

#include "sillok.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* End with what the library says. TOOL is the program's name. */
static inline void die(const char *what)
{
    fprintf(stderr, TOOL ": %s: %s\n", what, sillok_error_message());
    exit(3);
}
#define DO(expr)                                                                         \
    do {                                                                                 \
        if ((expr) < 0)                                                                  \
            die(#expr);                                                                  \
    } while (0)

static inline double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

#endif
