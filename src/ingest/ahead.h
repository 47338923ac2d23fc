/*
 * What is read ahead of the writer: chunks on their way through the threads, in the order
 * in which they will be written.
 *
 * The writer's work comes in lumps, its commits. While it is at one, the threads go on with
 * the line of chunks, and one more thread, the feeder, asks the sources for more of them: it
 * names files, unpacks archives, waits for what comes slowly, and rests while the line is as
 * long as it may be. All calls are the writer's; what is given back the feeder may give, too.
 */
#ifndef INGEST_AHEAD_H
#define INGEST_AHEAD_H

#include "base/stages.h"
#include "ingest/feed.h"

#include <pthread.h>

enum { MAX_JOBS = 64 };

/* Beside what a feed says: before more is laid out, what is there is to be committed. */
enum { AHEAD_FIRST_COMMIT = 3 };
_Static_assert((int)AHEAD_FIRST_COMMIT != (int)SOURCE_LATER, "they are told apart");

struct ahead {
    struct sillok_store *store;
    const struct store_ops *ops;
    struct sillok_ingest_options options;
    struct source_stop stop;
    struct pool *pool;
    struct chunk_worker workers[MAX_JOBS]; /* one a thread */
    int n_workers;
    struct stages stages[MAX_JOBS + 1]; /* of the threads, the last one the feeder's */
    struct events *out;
    int has_learned;

    struct pool *feeder; /* of one thread */
    struct pool_task feeding;
    struct feed feed; /* the feeder's while it is feeding, with what it tells, `heard` */
    struct events heard;

    /* Of the feeder and the writer, who hold the lock; while nobody is feeding, the writer's. */
    pthread_mutex_t lock;
    pthread_cond_t came;    /* another chunk, or nobody is feeding any more */
    struct chunk_list line; /* the threads are at it, or done */
    struct chunk_list spare;
    size_t most;  /* chunks in the line */
    chunk_fn *fn; /* what the threads do with the next ones */
    int is_feeding;
    struct failure fed; /* what feed_fill() said last, and why */
    struct events told; /* what was heard */
};

/** @p store, @p cache (NULL: none is to be had), @p out, which is told of sources that
 *  cannot be opened, and what @p options point to (a profile is set) are borrowed for its
 *  life.
 *  @return 0;  SILLOK_ENOMEM;  SILLOK_EIO */
int ahead_init(struct ahead *a, struct sillok_store *store,
               const struct sillok_ingest_options *options, struct statcache *cache,
               struct events *out);
/** The sources are given up; waits for what the threads are at. Also where ahead_init()
 *  failed or was never called: @p a is zero then. */
void ahead_release(struct ahead *a);

/** Lay out chunks for the threads, as far as the sources have given them: at least two,
 *  which may mean to wait, so that it is known whether the crawl of the first ends with
 *  it. While @p batch_is_open or chunks are in the line the store learns nothing about
 *  the texts, which takes the threads and a batch of its own: that is AHEAD_FIRST_COMMIT.
 *  @return 1;  0 there is nothing left to be laid out;  SOURCE_LATER nothing for now;
 *          AHEAD_FIRST_COMMIT;  SILLOK_ENOMEM;  SILLOK_ESTOPPED;  SILLOK_EIO */
int ahead_fill(struct ahead *a, int batch_is_open);

/** Is there no chunk to be taken? */
int ahead_is_empty(struct ahead *a);

/** Wait for the first chunk and take it out; NULL: there is none. With @p later, the
 *  crawl of a chunk that is the last one goes on.
 *  @return 0;  SILLOK_ENOMEM */
int ahead_take(struct ahead *a, int later, struct chunk **out);

/** A chunk that is not needed any more. */
void ahead_give_back(struct ahead *a, struct chunk *c);

#endif
