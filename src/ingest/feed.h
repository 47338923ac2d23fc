/*
 * What an ingest is fed with: the paths that were named, one source after the other, cut
 * into chunks of one crawl each.
 */
#ifndef INGEST_FEED_H
#define INGEST_FEED_H

#include "ingest/chunk.h"
#include "ingest/events.h"

/** Of what comes slowly, that which has come is taken in when this has passed. */
#define PATIENCE_S (SOURCE_PATIENCE_MS / 1000.0)

/* What was added: a path, or who is to be asked. */
struct feed_from {
    char *path;
    sillok_ingest_pull *pull;
    void *ctx;
};

struct feed {
    struct sillok_ingest_options options;
    const struct sillok_limits *limits;
    struct events *out; /* a source that cannot be opened is told here */
    const struct source_stop *stop;
    struct statcache *cache; /* NULL: nothing is known */
    char *crawl;             /* copy of options.crawl */
    struct feed_from *froms;
    size_t n_froms, next_from;
    char *last_crawl; /* of the folder or archive before, where nobody named one */
    struct source *source;
    struct entry entry;
};

/** @p limits, @p stop, @p cache (may be NULL) and @p out are borrowed for its life.
 *  @return 0;  SILLOK_ENOMEM */
int feed_init(struct feed *f, const struct sillok_ingest_options *options,
              const struct sillok_limits *limits, const struct source_stop *stop,
              struct statcache *cache, struct events *out);
void feed_release(struct feed *f);

/** As sillok_ingest_add(). */
int feed_add(struct feed *f, const char *path);
/** As sillok_ingest_add_files(). */
int feed_add_files(struct feed *f, sillok_ingest_pull *pull, void *ctx);

/**
 * Fill an empty chunk. Of what comes slowly, what there is after PATIENCE_S is a chunk.
 * @return 1;  0 there is nothing left;  SOURCE_LATER there is nothing for now;
 *         SILLOK_ENOMEM;  SILLOK_ESTOPPED;  SILLOK_EIO
 */
int feed_fill(struct feed *f, struct chunk *c);

#endif
