/*
 * Which pages a commit wrote: those of the trees after it that the trees before it do not
 * have.
 *
 * LMDB copies what it changes, so the two share most of their pages. Both are gone down
 * side by side, one level at a time; a page that stands in both leads to the same below
 * it and is dropped from both, so that the cost is that of what was written, not of the
 * file (but for a bit for each of its pages, which is set to zero). Where one tree is
 * higher, it goes down alone until the levels are the same. Of leaves, overflow pages are
 * compared by number and the tables that they lead to are gone down in turn: table of
 * tables, table, duplicates of a key.
 *
 * What only the tree before has was copied from and is free now. Its pages are compared
 * with their sums on the way: damage that went into a new page must not be sealed.
 */
#ifndef STORE_FRESH_H
#define STORE_FRESH_H

#include "store/guard.h"

/** Append to @p fresh (empty) the pages that @p now has and @p before has not, in the free
 *  list and all tables: uint64_t, ascending; a run of overflow pages by its first.
 *  @return 0;  SILLOK_ECORRUPT either is no tree, or damage was copied;  SILLOK_ENOMEM */
int fresh_find(struct guard *g, const struct btree_meta *before,
               const struct btree_meta *now, struct buf *fresh);

size_t fresh_count(const struct buf *pages);
uint64_t fresh_at(const struct buf *pages, size_t i);
/** Is @p page among them? */
int fresh_has(const struct buf *pages, uint64_t page);

#endif
