/*
 * An answer: groups of versions, filled while asking, read row by row.
 *
 * `similar` is one group without its first, and each row is compared with the article
 * asked about; elsewhere each row is compared with the first of its group.
 */
#ifndef NEAR_ROWS_H
#define NEAR_ROWS_H

#include "near/pairs.h"

struct near_group {
    size_t first, n; /* of members */
    uint64_t publishers;
    int64_t first_s; /* of its first member, as the key */
    struct article_key key;
};

struct near_headline {
    uint64_t name; /* headline_hash(); 0: links nothing */
    int64_t day;   /* near_day_of() */
};

/** What rows are compared with. */
struct near_reference {
    struct buf f1, hashes; /* hashes: uint64_t, a sorted set */
    struct sillok_id content_hash;
};

struct sillok_near_rows {
    struct sillok_near *near;
    struct texts texts;
    struct sillok_near_options options;
    struct buf members; /* uint32_t: number of the text_info */
    struct buf groups;  /* struct near_group */
    int is_similar;
    struct near_reference reference;
    struct map headlines; /* of the article asked about, or of rows before: see
                             near_rows_remember() */
    size_t group, at;     /* the next row */
    uint64_t n_rows;
};

/** Takes the options over; @p min is what 0 means. SILLOK_EINVALID, or 0. */
int near_rows_new(struct sillok_near_rows **out, struct sillok_near *near,
                  const struct sillok_near_options *options, double min);

/** Add a group of @p n infos, sorted here; nothing where the options leave it out. */
int near_rows_add_group(struct sillok_near_rows *rows, uint32_t *infos, size_t n);

/** Put the groups into their order. */
void near_rows_sort(struct sillok_near_rows *rows);

/** Remember the version in @p reader, its shingles read, to compare rows with. */
int near_rows_refer(struct sillok_near_rows *rows, struct near_reader *reader);

/** The headline of @p a, by which rows are told to be follow-ups. @p scratch is cleared. */
int near_headline_of(struct near_headline *out, struct buf *scratch,
                     const struct sillok_article *a);

/** Rows are follow-ups whose headline is @p h, which has a name, and that came out then. */
int near_rows_remember(struct sillok_near_rows *rows, const struct near_headline *h);

/** Scope of the options for groups: the last two months of the store, or what they say.
 */
int near_rows_scope(struct sillok_near_rows *rows, struct near_scope *out);

#endif
