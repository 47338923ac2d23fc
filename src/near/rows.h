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
    struct buf headlines; /* uint64_t: of the article asked about, or of rows before */
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

/** Scope of the options for groups: the last two months of the store, or what they say.
 */
int near_rows_scope(struct sillok_near_rows *rows, struct near_scope *out);

#endif
