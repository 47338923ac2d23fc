/*
 * Calls that fail, one at a time, inside a test.
 *
 * The test is linked with --wrap for each call of the table in calls.c (malloc, pread,
 * mdb_put, EVP_DigestUpdate, ...), so that calls of sillok's own code, and no others,
 * come through here. A place is a call with the calls that led to it (the nearest
 * CALLS_DEPTH): what it does when it fails may depend on who asked. One run finds the
 * places, each later run lets one of them fail.
 *
 *   calls_find();  run();  n = calls_found();
 *   for (i = 0; i < n; i++) { calls_fail(i, CALLS_ONCE);  r = run();  calls_stop(); ... }
 *
 * Places are found again by the hash of their return addresses, so that threads may take
 * turns as they like. What is done between calls_stop() and the next start never fails.
 */
#ifndef FAULTS_CALLS_H
#define FAULTS_CALLS_H

#include <stddef.h>

enum { CALLS_DEPTH = 5 };

enum calls_kind {
    CALLS_MEMORY, /* the library may only say that there is no memory */
    CALLS_ROOM,   /* the same, of what grows: an append of base/buf.h, base/map.h */
    CALLS_SYSTEM, /* a system call or LMDB with EIO */
    CALLS_OTHER   /* a library that tells no reason */
};
enum calls_times {
    CALLS_ONCE,
    CALLS_ON /* from there on each call of that name */
};

/** Begin to note places. */
void calls_find(void);
size_t calls_found(void);
/** Let place @p i fail when it is come to for the first time. */
void calls_fail(size_t i, enum calls_times times);
/** Nothing fails any more; 1: something has since calls_fail(). */
int calls_stop(void);

const char *calls_name(size_t i);
enum calls_kind calls_kind(size_t i);

#endif
