/*
 * Changed articles whose two sides a test writes, and how they are folded: with the
 * sketches that an ingest keeps and without, which must come to the same.
 */
#ifndef TESTS_UNIT_FOLD_BOX_H
#define TESTS_UNIT_FOLD_BOX_H

#include "history/fold.h"

#include "support.h"

enum { MAX = 3 * FOLD_MIN + 1, TEXT_MAX = 20000 };

extern struct side {
    char title[120], author[64], body[TEXT_MAX];
} before[MAX], after[MAX];
extern struct fold_item items[MAX];
extern size_t n_items;
extern int fails_at;    /* the item that cannot be loaded; -1: none */
extern int sketched;    /* the source has sketches */
extern size_t n_loaded; /* with bodies, by the last fold_once() */
extern const struct fold_source source;
/* What each item that has an edit beside marks would be without these. */
extern char edited[MAX][TEXT_MAX], edited_title[MAX][sizeof(before[0].title)];
extern const char mark[];

void begin(void);
/* An article whose text says something of its own, with @p was and @p is in it. */
void add(const char *oid, uint32_t crawl, const char *was, const char *is);
/* An edit that no other article has: words that are nowhere else. */
void add_own(const char *oid, uint32_t crawl);
/* A word that no other @p n has. */
void own_word(char out[16], unsigned n);
/* @p text with a number where %d stands and a word where %s does, those of article @p i. */
void expand(char *out, const char *text, unsigned i);

/* Fold as it is, checking that what is told of items and of events is the same: the number of events,
 * and how many articles went into the first. */
size_t fold_once(size_t *n_first);
/* The same with sketches, which must not matter, and without. */
size_t folded(size_t *n_first);
/* One event of @p want items, or none. */
void assert_event(const char *name, size_t want);

#endif
