/*
 * A store of made-up articles with its index of near duplicates, and its answers as text.
 */
#ifndef TESTS_UNIT_NEAR_BOX_H
#define TESTS_UNIT_NEAR_BOX_H

#include "sillok/near.h"

#include "support.h"

struct box {
    char *folder, *path;
    struct sillok_store *store;
    struct buf lines; /* NDJSON, not taken in yet */
    int n_files;
};

/* @p n words that @p seed chooses; each is replaced with a chance of @p edits in 1000. */
void add_text(struct buf *b, uint64_t seed, int n, unsigned edits, uint64_t edit_seed);
void box_open(struct box *b, const char *name);
void box_close(struct box *b);
/* One article; the texts hold nothing that JSON would escape but newlines. */
void box_add(struct box *b, const char *oid, const char *aid, const char *at,
             const char *title, const char *body);
/* The same with a date of publication as it is to be given; box_add() takes the fifth of the
 * month. */
void box_add_published(struct box *b, const char *oid, const char *aid, const char *at,
                       const char *published, const char *title, const char *body);
void box_ingest(struct box *b);
/* Five articles and their relatives:
 *   1/1 first, 2/1 a copy with other layout, 3/1 the very same body, 1/2 with a few words
 *   changed, 1/3 unlike; 1/4 a follow-up of 1/3; 1/5 and 2/5 short and equal; 2/6 short.
 */
void box_fill(struct box *b);
void update_all(struct sillok_near *near);
/* All rows of the index as text. */
void dump_index(struct buf *out, struct sillok_near *near);
/* "dups", "clusters" or an article: "group oid/aid@revision jaccard flags" a line. */
void ask(struct buf *out, struct sillok_near *near, const char *about,
         const struct sillok_near_options *options);
void expect(struct sillok_near *near, const char *about,
            const struct sillok_near_options *options, const char *want);

#endif
