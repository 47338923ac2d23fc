/*
 * Text in NFC (UAX #15), and where its bytes came from.
 *
 * What is in NFC already, as nearly all that is crawled, is found by one look at it and
 * not copied. Bytes that are no UTF-8 stay.
 */
#ifndef DIFF_COMPOSE_H
#define DIFF_COMPOSE_H

#include "diff/chars.h"

/** A character with the marks, vowels and finals on it: bytes up to @c end. */
struct cluster {
    size_t end;
    int steady; /* NFC as it is, or no text at all */
};
/** The one that begins at byte @p at < t.len. Past 64 bytes the rest is one of its own.
 */
struct cluster cluster_at(struct sillok_text t, size_t at);
/** Append the NFC of a cluster. SILLOK_ENOMEM, or 0. */
int cluster_compose(struct buf *out, struct sillok_text cluster);

/** The likeness of texts that are not the same but of which nothing that differs is told.
 */
#define LIKENESS_ALMOST 0.9999

struct composed {
    struct sillok_text
        text; /* of this struct, or the caller's where nothing had to be done */
    struct buf bytes, places;
};
#define COMPOSED_INIT                                                                    \
    {                                                                                    \
        { NULL, 0 }, BUF_INIT, BUF_INIT                                                  \
    }

/** @p out is COMPOSED_INIT; @p t is borrowed as long as it is used. SILLOK_ENOMEM, or 0.
 */
int compose(struct composed *out, struct sillok_text t);
void composed_release(struct composed *c);
static inline void composed_release_cleanup(struct composed *c)
{
    composed_release(c);
}
/** 1 when the text is another than it was. */
int composed_differs(const struct composed *c);
/** Where byte @p at of the composed text stood, at the end of a cluster for its inside.
 */
size_t composed_origin(const struct composed *c, size_t at);

#endif
