/*
 * The guard: no page of an LMDB file is read before it was compared with its seal, by LMDB
 * or by guard_get().
 *
 * LMDB 0.9 trusts its file. A damaged page is a wild read, a loop, or an answer that is
 * wrong without a word. So the way that LMDB is about to go through the pages is gone
 * here first, and each page on it is compared with the sum that was taken when it was
 * written. What does not have its sum is SILLOK_ECORRUPT, and LMDB never sees it.
 *
 * How
 *  1. A snapshot begins at a meta page; its sum stands in the head of the seal.
 *  2. guard_key() goes from the root of the table to the leaf that a key belongs to, and
 *     to the leaves beside it where a cursor may step there or a page may be merged.
 *     guard_get() takes the value from there, so that LMDB need not go the same way.
 *  3. A page is compared once per process and snapshot; a bit remembers it. It also has to
 *     be one that LMDB can go through in the place that it was met at: whoever makes a
 *     store makes its sums too. The last leaf of each table is remembered with the span
 *     of its keys, so that most questions cost two comparisons of keys.
 *  4. In a writing transaction the way is gone through the pages of the last commit.
 *     Pages that the transaction has written are in memory; all others are those of the
 *     commit, found under the same keys.
 *  5. After a commit, the pages of the new tree that the old one does not have are found
 *     by walking both side by side (store/fresh.h), and sealed. A commit that a
 *     crash left unsealed is sealed the same way by the next writer; until then readers
 *     hold its new pages in a list, checked for their shape only.
 *
 * An old copy of the file has pages with other sums, and its head is older than the seal.
 * Only a copy of both is not noticed here.
 *
 * Threads: a guard is shared, a view belongs to one transaction.
 */
#ifndef STORE_GUARD_H
#define STORE_GUARD_H

#include "store/btree.h"
#include "store/kv.h"
#include "store/seal.h"

#include <pthread.h>

enum { GUARD_TABLES_MAX = 32 };
/** Only between guard and kv: the snapshot is gone, begin anew. */
enum { GUARD_RETRY = -103 };

struct guard {
    int fd;
    char *path;
    const char *const *names; /* of the tables, for messages */
    struct seal seal;
    int read_only;
    int no_seal;        /* the file is of a time before seals: see guard_open() */
    const uint8_t *map; /* own_map, or LMDB's: guard_share() */
    const uint8_t *own_map;
    size_t map_bytes;
    unsigned page_bytes;
    uint64_t n_pages; /* that the file holds; atomic */

    uint64_t *seen; /* atomic bits: pages that have their sum */
    size_t n_seen;
    uint64_t seen_txn; /* under lock */
    pthread_mutex_t lock;
    pthread_mutex_t sealing; /* held from a commit until it is sealed */
    struct buf unsealed;     /* uint64_t, sorted: pages of unsealed_txn without a sum */
    uint64_t unsealed_txn;   /* atomic; 0: none */
};

/** The last leaf of a table that was looked at. */
struct guard_leaf {
    const uint8_t *page;
    struct sillok_text low, high; /* keys [low, high); ptr NULL: no end on that side */
    int around;                   /* what beside it was looked at: enum guard_flags */
};

struct guard_view {
    struct guard *guard;
    uint64_t txn;
    struct btree_meta meta;
    struct btree_table tables[GUARD_TABLES_MAX];
    struct guard_leaf leaves[GUARD_TABLES_MAX];
    uint8_t known[GUARD_TABLES_MAX]; /* the table record was looked up */
};

/** Before LMDB opens @p path: its meta pages and its seal belong together.
 *
 *  With @p may_lack_seal, for reading only, a file that has no seal is opened too. Then
 *  each page is looked at for its shape instead: LMDB can read it without leaving it, it
 *  is of the kind that stands there, and its table is of the kind that it was made as.
 *  What the rows say is not known to be what was written. Tables of duplicates cannot be
 *  read that way.
 *  @return 0;  SILLOK_ECORRUPT;  SILLOK_EIO */
int guard_open(struct guard *g, const char *path, const char *const *names, int read_only,
               int may_lack_seal);
/** After LMDB made the file @p path: seal all that is in it. */
int guard_create(struct guard *g, const char *path, const char *const *names,
                 size_t map_bytes);
/** A map of the file of its own, as large as LMDB's, which LMDB has just made anew; no
 *  transaction of this process may be open. */
int guard_map(struct guard *g, size_t map_bytes);
/** Look at the file through LMDB's map from now on, in which @p data stands: a row's, as
 *  LMDB gave it to a reading transaction. Of two maps of a file each page is a fault
 *  twice. What was looked at through the own map stays valid. */
void guard_share(struct guard *g, const void *data);
void guard_close(struct guard *g);

/** The snapshot of transaction @p txn, which LMDB has begun. For a writing one it is the
 *  commit before it, and what a crash left unsealed is sealed.
 *  @return 0;  GUARD_RETRY;  SILLOK_ECORRUPT;  SILLOK_EIO */
int guard_begin(struct guard_view *v, struct guard *g, uint64_t txn, int writes);

enum guard_flags {
    GUARD_BESIDE = 1 << 0, /* the leaves beside it too */
    GUARD_DATA = 1 << 1,   /* the overflow pages of the key's data too */
    GUARD_LEVELS =
        1 << 2 /* the pages beside it on each level: what a deletion may join */
};
int guard_key(struct guard_view *v, int table, struct sillok_text key, int flags);
/** The value of a key, where the table has no duplicates and nothing of this transaction
 *  was written; borrowed until its end. 1, or 0: there is none. */
int guard_get(struct guard_view *v, int table, struct sillok_text key,
              struct sillok_text *value);
/** In a table of duplicates: the page of @p value under @p key, and those beside it. */
int guard_value(struct guard_view *v, int table, struct sillok_text key,
                struct sillok_text value);
/** The first (or last) leaf of a table and the one beside it. */
int guard_edge(struct guard_view *v, int table, int last);
/** All pages of a table. */
int guard_table(struct guard_view *v, int table);
/** The record of the table itself. */
int guard_record(struct guard_view *v, int table);

/** Pages that values of a table of duplicates have of their own, which are not among the
 *  table's; where its keys are in one leaf, else 0. Of the commit that is read or begun
 *  behind. */
int guard_value_pages(struct guard_view *v, int table, uint64_t *pages);

/** Around a commit: lock, commit, and seal what it wrote. */
void guard_lock(struct guard *g);
int guard_seal(struct guard *g, const struct guard_view *before);
void guard_unlock(struct guard *g);

/** A file shorter than its header says: is a page missing that is in use?
 *  @return 0 no;  SILLOK_ECORRUPT */
int guard_check_tail(struct guard *g);

/* --- one page; for store/fresh.c --- */

/** 0 and where it stands: it is as it was written in the snapshot of @p v. @p run: it
 *  begins a run of overflow pages. Where @p t, the record of its tree, is known, it is also
 *  a page that LMDB can go through as one of that tree: sums are nobody's secret.
 *  @param table  for the message, KV_OWN_TABLES is fine; with @p t its own
 *  @return 0;  SILLOK_ECORRUPT */
int guard_check(const struct guard_view *v, int table, const struct btree_table *t,
                uint64_t page, int run, const uint8_t **out);
/** Where @p n pages stand, without a look at them; NULL behind the end of the file. */
const uint8_t *guard_page(struct guard *g, uint64_t page, uint64_t n);
/** SILLOK_ECORRUPT, with "the store is damaged: page N ... @p why". */
int guard_damaged(const struct guard *g, int table, uint64_t page, const char *why);
/** 0 when there are pages that are known by their shape alone: of a commit that a crash
 * left unsealed, or of a file without a seal. */
int guard_has_sums(const struct guard_view *v);

/* --- all pages, one by one --- */

/** Look at every page of a table (KV_OWN_TABLES: the free list and the table of tables),
 *  see kv_check(). */
int guard_walk(struct guard_view *v, int table,
               int (*take)(void *arg, const struct kv_damage *d), void *arg);

#endif
