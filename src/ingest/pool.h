/*
 * A few threads that do one thing at a time together.
 */
#ifndef INGEST_POOL_H
#define INGEST_POOL_H

#include <stddef.h>

struct pool;
int pool_new(struct pool **out, int n_threads);
void pool_free(struct pool *p);

/** Let every thread run fn(ctx, thread) once, thread from 0. Returns at once. */
void pool_start(struct pool *p, void (*fn)(void *ctx, int thread), void *ctx);
/** Wait until all have returned. */
void pool_wait(struct pool *p);

#endif
