/*
 * Clocks, in numbers that can be subtracted.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

/** What a clock says, in nanoseconds. */
static inline int64_t clock_ns(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/** Seconds since some moment, which no setting of the clock moves. */
static inline double clock_s(void)
{
    return (double)clock_ns(CLOCK_MONOTONIC) / 1e9;
}

#endif
