/*
 * Which visits of an export show what an earlier one of it has shown: the same body of the
 * same article under the same address.
 *
 * An export goes crawl by crawl, so the first visit to a body is that of the first crawl,
 * and not the one that was made first. For each crawl the versions of an article that it and
 * the crawls before it saw are read: of an article with another text in each of 3,600 crawls
 * that is 4 s in all, of usual ones nothing that is noticed.
 */
#ifndef HISTORY_REPEATS_H
#define HISTORY_REPEATS_H

#include "article/hash.h"
#include "base/map.h"
#include "store/store.h"

/** All of one thread; {0} holds nothing. */
struct repeats {
    struct sillok_store *store;
    struct hasher *hasher;
    uint32_t *ranks; /* by the number of a crawl: its place in the order of export */
    size_t n_ranks;
    struct map versions; /* of the article: to the index of what it shows */
    struct map shown;    /* the start of its id, likewise */
    struct buf firsts;   /* of each thing shown, the visit that comes first */
};

/** @param crawls  in the order of export
 *  @param only  the one that is exported; NULL: all are */
int repeats_begin(struct repeats *p, struct sillok_store *store,
                  const struct store_crawl *crawls, size_t n, const char *only);
void repeats_release(struct repeats *p);

/** Look through the visits to the next article; those of crawls behind @p crawl, the one
 *  that is exported now, are left out. */
int repeats_load(struct repeats *p, uint32_t crawl, const struct chain_obs *visits,
                 size_t n);
/** Of the visit @p i among them, of an exported crawl: 1 when another comes before it that
 *  shows the same, with the time of the first of these. */
int repeats_ask(const struct repeats *p, const struct chain_obs *visit, size_t i,
                int64_t *first_s);

#endif
