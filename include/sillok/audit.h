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

#ifdef __cplusplus
}
#endif
#endif
