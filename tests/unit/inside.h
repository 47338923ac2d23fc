/*
 * What tests ask of the LMDB engine past its interface.
 */
#ifndef TESTS_UNIT_INSIDE_H
#define TESTS_UNIT_INSIDE_H

#include "store/lmdb.h"

#include "support.h"

/** The counters as they are committed. */
static inline struct counters counters_of(struct lmdb_store *s)
{
    struct kv_txn *txn;
    struct counters counters;
    assert_ok(view_begin(s, &txn));
    assert_ok(counters_load(txn, &counters));
    view_end(s, txn);
    return counters;
}

/** How many hashes wait for a table of their own. */
static inline uint64_t n_waiting(struct lmdb_store *s)
{
    struct kv_txn *txn;
    struct kv_stats stats;
    uint64_t all;
    assert_ok(view_begin(s, &txn));
    assert_ok(kv_table_stats(txn, T_HASH, &stats));
    assert_ok(hashes_count(s, txn, &all));
    view_end(s, txn);
    return all - stats.rows;
}

#endif
