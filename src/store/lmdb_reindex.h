/*
 * A reindex on its way: what src/store/lmdb_reindex.c and lmdb_reclass.c share.
 */
#ifndef STORE_LMDB_REINDEX_H
#define STORE_LMDB_REINDEX_H

#include "store/lmdb.h"

enum { REINDEX_SLICE = 512 };

enum pass {
    P_BODIES,
    P_ARTICLES,
    P_BUILD,
    P_CLASS,
    P_UNUSED,
    P_RENEW,
    P_BESIDE,
    N_PASSES
};

enum derived { D_HASH, D_ARTICLE, D_REV, D_LOG, D_CRAWL, D_CLASS, N_DERIVED };
struct figures {
    uint64_t rows, wrong, missing, extra;
    uint64_t older; /* of those that are wrong: by other rules, so no damage */
    uint64_t seen;  /* rows that were found where they belong, right or wrong */
};

/* A step of a chain, and a row for it. */
struct made {
    struct store_step step;
    struct buf row;
};

/* A change that is of another kind now. */
struct reclassified {
    struct article_key key;
    uint32_t revision;
    uint64_t rules;
    struct sillok_change_class stored, present;
};

struct lmdb_reindex {
    struct sillok_store *store;
    int dry_run, only_tables;
    char blocked[400]; /* why the tables cannot be written where they are; or "" */
    enum pass pass;
    uint64_t at, checked, total;
    uint64_t commits; /* when it began; a dry run may be overtaken by a writer */
    struct figures figures[N_DERIVED];
    struct crawl_tallies tallies; /* of chains alone */
    uint64_t revisions;
    struct buf made;    /* struct made */
    struct buf unused;  /* keys of the class table, CLASS_KEY_BYTES each */
    struct buf cursor;  /* the last key of the class table that was looked at */
    struct buf changes; /* struct reclassified */
    size_t next_change;
    int next_table, last_table; /* to be told */
    enum derived untold;        /* the first that was not */
    char oid[SILLOK_KEY_MAX_BYTES + 1], aid[SILLOK_KEY_MAX_BYTES + 1];
};

/* lmdb_reindex.c */
/** 1 in a dry run, and since a derived table could not be written. */
int reindex_only_compares(const struct lmdb_reindex *it);
/** What came of writing a derived table: where it is damaged, all is only compared from
 *  now on, and that is 0. */
int reindex_block(struct lmdb_reindex *it, int r);
/** The chain of an article from its observations, and its key. SILLOK_ECORRUPT: one of them,
 *  or a version, cannot be read. */
int reindex_derive(struct lmdb_store *s, struct kv_txn *txn, uint64_t article,
                   struct article_key *key, struct buf *links);

/* lmdb_reclass.c */
/** Compare the rows of an article's steps, and make those that are to be written. */
int reclass_article(struct lmdb_store *s, struct kv_txn *txn, struct lmdb_reindex *it,
                    uint64_t article);
/** Write them. */
int reclass_write(struct lmdb_store *s, struct lmdb_reindex *it);
/** Or give them up. */
void reclass_drop(struct lmdb_reindex *it);
/** Remove a slice of the rows whose step is in no chain: 1 when all is done. */
int reclass_sweep(struct lmdb_store *s, struct lmdb_reindex *it);

#endif
