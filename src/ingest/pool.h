/*
 * A few threads, and the tasks that wait for them in a line.
 */
#ifndef INGEST_POOL_H
#define INGEST_POOL_H

#include <stddef.h>

/** Calls on the threads, @p thread from 0. */
typedef void pool_fn(void *ctx, void *arg, int thread);

/** Something that several threads do together: whoever is free calls fn(), which takes of
 *  it what no other has taken, and returns when there is nothing left to take. Zero but
 *  for `fn` and `arg`; it does not move from pool_add() until pool_wait() has returned.
 */
struct pool_task {
    pool_fn *fn;
    void *arg;
    /* the pool's */
    struct pool_task *next;
    int busy;  /* threads that are at it */
    int ended; /* one has come back: nothing is left for others */
};

struct pool;
/** @p ctx is handed to every task. @return 0;  SILLOK_ENOMEM;  SILLOK_EIO */
int pool_new(struct pool **out, int n_threads, void *ctx);
/** What the threads are at is finished, what waits for them is not begun. */
void pool_free(struct pool *p);

/** Put a task at the end of the line, or at its head. */
void pool_add(struct pool *p, struct pool_task *t);
void pool_add_first(struct pool *p, struct pool_task *t);
/** Wait until it is done. One thread may wait at a time. */
void pool_wait(struct pool *p, const struct pool_task *t);

#endif
