/*
 * Rows out of a file of tables that is damaged, without LMDB: what still stands in whole
 * pages, and single rows out of damaged ones.
 *
 *  1. A page with its sum is as it was written. Which table it belongs to is found by
 *     walking down from the meta pages as far as pages are sound, then from older copies
 *     of the table of tables.
 *  2. In what has no sum every node is judged by itself: it must lie inside its page, and
 *     the taker must recognize the row (most rows carry a checksum or a hash).
 *  3. Pages that no walk reaches, and runs of overflow pages that no node names, are
 *     offered without a table, the latter without a key; the taker may recognize them.
 *
 * Rows of whole pages of the last commit come first, then those of earlier commits that
 * were not written over (of tables that only grow they are as good), then those of
 * damaged pages: where two rows have one key the first is the right one.
 */
#ifndef STORE_RESCUE_H
#define STORE_RESCUE_H

#include "store/kv.h"

enum { RESCUE_NO_TABLE = -1 };

struct rescue_row {
    int table;              /* RESCUE_NO_TABLE: not known */
    int sealed;             /* from a page that is as it was written */
    int current;            /* from a page of the last commit */
    struct sillok_text key; /* ptr NULL: not known */
    struct sillok_text value;
};

struct rescue_counts {
    uint64_t pages, damaged, rows;
    /* What must have been there, though nothing of it can be counted. */
    uint64_t missing;  /* pages behind the end of the file that the seal has sums of */
    uint64_t newer;    /* commits that the seal knows and no header that is left */
    uint64_t nameless; /* pages that are not what the seal says, with no header left, or
                        without the list of tables that the last one leads to */
};

/**
 * Offer all rows of the file @p path.
 * @param names  of the tables, NULL at the end
 * @param take   gets each row, borrowed for the call; negative ends it
 * @return 0;  SILLOK_EIO;  SILLOK_ENOTFOUND
 */
int rescue_rows(const char *path, const char *const *names,
                int (*take)(void *arg, const struct rescue_row *row), void *arg,
                struct rescue_counts *counts);

#endif
