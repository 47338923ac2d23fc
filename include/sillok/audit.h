/*
 * Checking a store against itself: every body against its hash, every reference, every
 * derived table against the truth it comes from.
 */
#ifndef SILLOK_AUDIT_H
#define SILLOK_AUDIT_H

#include "sillok/store.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sillok_verify_options {
    int fast; /* sizes, counters and references; bodies are not read */
    uint32_t subset,
        subsets; /* only bodies and articles of part subset of subsets (from 1) */
};
#define SILLOK_VERIFY_OPTIONS_INIT                                                       \
    {                                                                                    \
        0                                                                                \
    }

/** One finding, or progress. Texts borrowed until the next call. */
struct sillok_verify_event {
    int damage;        /* 1: @c what is damaged; 0: progress */
    const char *table; /* "body", "version", "obs", ... */
    const char *what;  /* a sentence that names articles (OID/AID) and bodies (hash) */
    uint64_t checked, total; /* rows so far, of all */
};

/** A verification. Reads only; writers may go on meanwhile. */
struct sillok_verify;
SILLOK_API SILLOK_CHECK int
sillok_verify_open(struct sillok_verify **out, struct sillok_store *store,
                   const struct sillok_verify_options *options);
/** 1 with @p event, 0 when all is checked, negative when it cannot go on. */
SILLOK_API SILLOK_CHECK int sillok_verify_next(struct sillok_verify *it,
                                               struct sillok_verify_event *event);
SILLOK_API void sillok_verify_close(struct sillok_verify *it);

/* --- what is left of a damaged store --- */

/** Something that could not be brought out, or progress. Texts borrowed until the next
 *  call. */
struct sillok_salvage_event {
    int lost;         /* 1: @c what is lost; 0: progress */
    const char *what; /* a sentence that names articles (OID/AID), crawls, times */
    uint64_t done, total; /* rows so far, of all that were found */
};

/** What came out so far. */
struct sillok_salvage_sum {
    uint64_t pages, damaged_pages; /* of the old data file */
    uint64_t observations, observations_lost;
    uint64_t bodies;       /* distinct, in the new store */
    uint64_t loose_bodies; /* whole, but no article says they are its: files of their own */
    uint64_t refusals, refusals_lost;
    uint64_t files_lost; /* of the observations: the article is there, the exact file not */
};

/** A salvage. It reads the old store without trusting anything in it and writes a new one;
 *  the old one is not changed. */
struct sillok_salvage;
/**
 * Begin to bring all that still has its hash or checksum out of the store @p from, however
 * damaged, into a new store @p to, which has an id of its own. Bodies that no article is
 * left for become files TO/bodies/HASH.
 *
 * @return SILLOK_OK, @p out is the caller's;  SILLOK_ENOTFOUND no data file there;
 *         SILLOK_EEXISTS there is something at @p to;  SILLOK_EBUSY a process writes to
 *         @p from;  SILLOK_EIO
 */
SILLOK_API SILLOK_CHECK int sillok_salvage_open(struct sillok_salvage **out,
                                                const char *from, const char *to);
/** 1 with @p event, 0 when all is done, negative when it cannot go on. */
SILLOK_API SILLOK_CHECK int sillok_salvage_next(struct sillok_salvage *it,
                                                struct sillok_salvage_event *event);
SILLOK_API const struct sillok_salvage_sum *
sillok_salvage_sum(const struct sillok_salvage *it);
SILLOK_API void sillok_salvage_close(struct sillok_salvage *it);

#ifdef __cplusplus
}
#endif
#endif
