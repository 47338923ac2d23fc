/*
 * Threads of a library: its caller's signals are not theirs.
 */
#ifndef BASE_THREAD_H
#define BASE_THREAD_H

#include <pthread.h>

/** As pthread_create(). All signals are blocked in the thread but those of what it does
 *  itself (SIGSEGV and its like): blocked, they would end the process without a word.
 *  @return 0, or a number of errno: EAGAIN no memory, or too many threads. */
int thread_start(pthread_t *out, void *(*fn)(void *arg), void *arg);

#endif
