/*
 * A salvage on its way: what src/store/lmdb_salvage.c and lmdb_gather.c share.
 */
#ifndef STORE_LMDB_SALVAGE_H
#define STORE_LMDB_SALVAGE_H

#include "store/lmdb.h"

enum step { S_OBS, S_REFUSALS, S_REFS, S_BODIES, S_DONE };

/* An observation on its way into the new store. */
struct lifted {
    struct store_version version;
    struct buf path, file;
    struct sillok_article article;
    struct store_item item;
};

struct sillok_salvage {
    char *from, *to, *aside;
    char data_name[SILLOK_DATA_NAME_BYTES];
    char *made; /* where the new store is until it is complete */
    int lock_fd;
    pid_t owner; /* a child of this process has a copy of this, and none of the files */
    int failed;  /* or 0: to go on would be to leave out what it failed at */
    size_t old_bytes;
    struct lmdb_store *rows; /* over the file aside; no more of it than reading needs */
    struct kv_txn *txn;
    size_t uncommitted;         /* bytes of the rows in it */
    struct sillok_store *store; /* the new one */
    struct hasher *hasher;
    enum step step;
    struct buf cursor;   /* key of the row that was done last */
    struct buf loose;    /* blocks that no row names: struct loose, bytes */
    struct buf dicts;    /* dictionaries likewise */
    struct buf doubtful; /* keys of articles from pages without a sum: struct doubtful */
    struct map
        witnesses; /* hashes of (number, key) in such pages of the table of articles */
    struct map old_segs;       /* numbers of segments from pages of earlier commits */
    struct map current_blocks; /* hashes of keys of blocks from pages of the last one */
    uint64_t next_body;        /* number for a body whose own is lost */
    struct counters counted;   /* by the store, where has_counted */
    int has_counted;
    uint64_t unclaimed; /* observations that are counted and of no segment */
    struct lifted *batch;
    size_t n_batch, batch_bytes;
    struct buf batch_from; /* key of the refusal before those of the batch */
    char *crawl;
    struct buf used;         /* bits: bodies in the new store */
    struct map lost_once;    /* hashes of observations that were counted as lost */
    struct map made_up_once; /* and of names of crawls that were made up */
    struct buf told;         /* bits: versions that were told as lost */
    struct buf lost;         /* sentences, each with its zero */
    size_t next_lost;
    uint64_t done, total;
    struct sillok_salvage_sum sum;
};

/* lmdb_gather.c */
/** Tell of something as lost. */
int salvage_lost(struct sillok_salvage *it, const char *fmt, ...) PRINTF_LIKE(2, 3);
/** Take all rows that can be recognized out of the old file into the one aside, and what
 *  reading them needs. */
int salvage_gather(struct sillok_salvage *it);
/** Folders up to number @p no that have no name any more get one of their own. */
int salvage_name_dirs(struct sillok_salvage *it, uint32_t no);
/** A segment of the file aside, which is there because it was recognized. */
int salvage_seg(struct seg *out, uint32_t no, struct sillok_text value);
/** How many observations a list of crawls counts, struct store_crawl. */
uint64_t salvage_of_crawls(const struct buf *crawls);
/** How many observations there were, by the crawls or the counters that are left, and by
 *  the segments. */
int salvage_count(struct sillok_salvage *it, uint64_t *counted, uint64_t *in_segs);

#endif
