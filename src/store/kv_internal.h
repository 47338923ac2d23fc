/*
 * One LMDB file: what src/store/kv.c (files, opening, transactions) and kv_rows.c (rows,
 * cursors, figures) share.
 */
#ifndef STORE_KV_INTERNAL_H
#define STORE_KV_INTERNAL_H

#include "store/guard.h"
#include "store/kv.h"

#include <lmdb.h>
#include <pthread.h>
#include <sys/types.h>

struct kv_env {
    MDB_env *mdb;
    char *path;
    MDB_dbi *dbis;
    const struct kv_table *tables;
    int n_tables;
    size_t map_max;
    int read_only;
    int broken; /* a commit could not be sealed: nothing may be put on top of it */
    int no_map; /* the map could not be grown, and what it was is gone */
    struct guard guard;
    const char **names; /* of the tables, NULL at the end */
    pid_t pid;
    pthread_rwlock_t gate;
    dev_t dev;
    ino_t ino;
    struct kv_env *next_open; /* registry */
};

struct kv_txn {
    struct kv_env *env;
    MDB_txn *mdb;
    int writes;
    struct guard_view view;
    struct kv_cursor *resting; /* closed, of tables that are asked again and again */
};

struct kv_cursor {
    struct kv_txn *txn;
    MDB_cursor *mdb;
    int table;
    uintptr_t page;         /* where it stands; 0: nowhere yet */
    int whole;              /* a table of duplicates, all of which was looked at */
    struct kv_cursor *next; /* of those that rest */
};

/** Those that rest. */
void kv_cursors_free(struct kv_txn *txn);

/** What LMDB said, as one of our failures, with the sentence. */
int kv_fail(const struct kv_env *env, int rc, const char *what);

#endif
