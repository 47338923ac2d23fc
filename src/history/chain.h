/*
 * The chain of one article in memory: its revisions with their observations counted.
 */
#ifndef HISTORY_CHAIN_H
#define HISTORY_CHAIN_H

#include "sillok/history.h"
#include "store/store.h"

struct chain_revision {
    struct chain_link link;
    int64_t last_s;
    uint64_t observations;
    int several_crawls; /* have files of it */
    int is_confirmed;   /* visits of two crawls, or an hour apart, saw it */
    int conflict;       /* another revision begins, or was seen, at the same time */
    int mismatch;       /* each file of it declares another hash than that of its body */
    struct chain_obs first; /* observation that begins it */
};

struct chain {
    uint64_t article;
    struct buf revisions; /* struct chain_revision */
    size_t n;
    struct buf texts; /* chain_same_as() keeps here what it has read */
};

void chain_init(struct chain *c);
void chain_release(struct chain *c);
/** Load the chain of article number @p article. */
int chain_load(struct chain *c, struct sillok_store *store, uint64_t article);
/** The same from its observations, as obs_scan() gives them. */
int chain_make(struct chain *c, uint64_t article, const struct chain_obs *o, size_t n);
/** Index of the revision that began at @p time_s as the @p tie-th; c->n: none. */
size_t chain_find(const struct chain *c, int64_t time_s, unsigned tie);
struct chain_revision *chain_at(const struct chain *c, size_t i);

/** Index of the revision that @p ref names. SILLOK_ENOTFOUND says why there is none. */
int chain_choose(const struct chain *c, const struct sillok_ref *ref, size_t *i);

/** The last crawl that saw article number @p article, as sillok_log_last_crawl() has it; with
 *  the crawls, in crawls.c. A @p name of before is freed; the new one is the caller's. */
int chain_last_crawl(struct sillok_store *store, uint64_t article, char **name,
                     uint64_t *later);

/** Find an article by its names. SILLOK_ENOTFOUND says which and where. */
int article_find(struct sillok_store *store, const char *oid, const char *aid,
                 uint64_t *article);

/** 1 when the step that led to revision @p i, not the first, emptied the article. What is told of
 *  that step and of the way back goes by one rule, that of its kind. */
int chain_is_emptied(struct sillok_store *store, const struct chain *c, size_t i);

/** What the chain says of a step, and the two texts do not. */
struct chain_doubt {
    int conflict, mismatch; /* of chain_revision: the later; either */
    int to_confirmed; /* the later is; or, where next to nothing is left in it, that */
    int goes_back;    /* to what stood before the earlier, which emptied it unconfirmed */
};
/** Of the step from revision @p from to the later revision @p to. Reads records of versions
 *  where the later one may have been emptied, and the texts of the step before where it goes
 *  back and the engine does not know what that was. */
int chain_doubt_of(struct chain_doubt *out, struct sillok_store *store,
                   const struct chain *c, size_t from, size_t to);
/** The same as enum sillok_change_flag, for a change of these kinds (bit set). */
uint32_t chain_doubt_flags(const struct chain_doubt *d, uint32_t kinds);

/** An earlier revision than @p i - 1 that shows the same title and body as @p i; its
 * number from 1, 0 none. Reads the versions' records, each once until the chain is made
 * anew. Whether that is a going back says chain_goes_back(). */
int chain_same_as(struct sillok_store *store, struct chain *c, size_t i,
                  uint32_t *number);

/** The revision, from 1, that the step from @p from to @p to goes back to; 0 none, also where
 *  that is @p from itself: nothing was taken back. */
int chain_reverted_to(struct sillok_store *store, struct chain *c, size_t from, size_t to,
                      uint32_t *number);

/** Whether a step of these fields can go back to an earlier text: title or body moved.
 *  Where only other fields did, the text stood all the while. */
int chain_goes_back(uint32_t fields);

/** Of layout, byline or metadata alone: not told unless it is asked for. */
int chain_is_quiet(const struct sillok_change_class *what);

/** Say of a step that goes back that it does. A quiet one keeps its kind, for the way out was
 *  not told either: what a crawler composed otherwise for a day is no edit that somebody took
 *  back. */
void chain_tell_reverted(struct sillok_change_class *what);

#endif
