/*
 * LMDB, and only here: tables of sorted keys in one memory-mapped file.
 *
 * What this layer adds to LMDB 0.9.24
 *  1. Codes and sentences in our own terms; a full disk is called that, even where LMDB
 *     reports a short write as EIO.
 *  2. The map grows by doubling. Growing needs a moment without any transaction of this
 *     process, so each transaction holds the gate (a read-write lock) while it lives.
 *     A write that does not fit ends as KV_FULL: abort, kv_grow(), do it again.
 *  3. A map grown by another process is adopted when the next transaction begins.
 *  4. LMDB reads no page that was not compared with its sum first (store/guard.h): damage
 *     is SILLOK_ECORRUPT, never a signal and never another answer. At open the file must
 *     be as long as its own header says.
 *  5. One handle per file and process (LMDB's file locks need that), none across fork().
 *  6. Reader slots of dead processes are cleared at open and when slots run out.
 *
 * Never used: WRITEMAP (a full disk would be SIGBUS), NOSYNC, deletes in duplicate tables
 * (wrong in 0.9.24), values above a few pages in tables with churn.
 */
#ifndef STORE_KV_H
#define STORE_KV_H

#include "base/buf.h"

#include <sys/types.h>

/** Only between this layer and its caller: the map is full. */
enum { KV_FULL = -100 };

enum kv_table_flags { KV_DUPFIXED = 1 << 0 };
struct kv_table {
    const char *name;
    int flags;
};

struct kv_env;
struct kv_txn;
struct kv_cursor;

struct kv_options {
    int read_only; /* works on a read-only medium */
    int create;
    size_t map_bytes, map_max_bytes;
    /* A new file, with what stands beside it, is for whom this one is for, as
     * file_mode_like() says, within the umask; NULL: for its owner alone. */
    const char *like;
    /* With read_only, a file of a time before seals, guard_open(); duplicates cannot be
     * read in it. */
    int may_lack_seal;
};

/**
 * Open the file @p path with these tables; their index is their number from here on.
 * @return 0;  SILLOK_ENOTFOUND;  SILLOK_ECORRUPT;  SILLOK_EBUSY open in this process;
 *         SILLOK_EIO
 */
int kv_open(struct kv_env **out, const char *path, const struct kv_table *tables,
            int n_tables, const struct kv_options *options);
void kv_close(struct kv_env *env);
DEFINE_CLEANUP(struct kv_env *, kv_close)

/** Remove the file with LMDB's table of readers and the seal beside it; what is not there
 *  is fine. */
int kv_remove(const char *path);
/** Give a file that nobody has open another name, with its seal. A crash may leave a seal
 *  without its file, never a file without its seal. */
int kv_rename(const char *from, const char *to);

/** 0 while the path still names the file that is open; SILLOK_EIO, with what to do, once
 *  another one, or none, stands there: what is written then would be gone with the old one. */
int kv_in_place(const struct kv_env *env);

/** Double the map, up to its maximum. No transaction of this thread may be open. */
int kv_grow(struct kv_env *env);

/** SILLOK_ERR where @p owner, who opened something, is not this process: after fork(). */
int kv_owned_by(pid_t owner);

int kv_read(struct kv_env *env, struct kv_txn **out);
int kv_write(struct kv_env *env, struct kv_txn **out);
/** Commits and frees, also on failure. */
int kv_commit(struct kv_txn *txn);
void kv_abort(struct kv_txn *txn);
DEFINE_CLEANUP(struct kv_txn *, kv_abort)

/** 1 found, 0 not, negative error. @p value is borrowed until the transaction ends or, in
 *  a writing one, until the next put. */
int kv_get(struct kv_txn *txn, int table, struct sillok_text key,
           struct sillok_text *value);

/** A page that is not what was written. It may hold keys from @c low to @c high of its
 *  table, ptr NULL where that side is open; of data in pages of its own both are its key.
 */
struct kv_damage {
    uint64_t page;
    struct sillok_text low, high;
};
enum { KV_OWN_TABLES = -1 };
/** Compare every page of a table (KV_OWN_TABLES: of what LMDB keeps for itself) with its
 *  sum. @p take is called for each that is damaged and ends it by returning negative;
 * what lies below a damaged page is not seen. */
int kv_check(struct kv_txn *txn, int table,
             int (*take)(void *arg, const struct kv_damage *d), void *arg);

/** KV_APPEND: the key is behind all others; in KV_DUPFIXED tables the value behind all of
 *  its key. SILLOK_EEXISTS where it is not. */
enum kv_put_flags { KV_APPEND = 1 << 0 };
int kv_put(struct kv_txn *txn, int table, struct sillok_text key,
           struct sillok_text value, int flags);
/** 1 deleted, 0 was not there. Not in KV_DUPFIXED tables. */
int kv_delete(struct kv_txn *txn, int table, struct sillok_text key);
/** 0 when some of the pages that are read may be known by their shape alone (guard.h):
 * what has a hash had better be compared with it. */
int kv_has_sums(const struct kv_txn *txn);
/** The commit that is read, of a writing transaction the one that it begins behind. They
 * are numbered from 1, in the order of time. */
uint64_t kv_commit_number(const struct kv_txn *txn);
int kv_clear(struct kv_txn *txn, int table);

int kv_cursor_open(struct kv_cursor **out, struct kv_txn *txn, int table);
/** Before its transaction ends. */
void kv_cursor_close(struct kv_cursor *c);
DEFINE_CLEANUP(struct kv_cursor *, kv_cursor_close)
/** 1 with key and value, 0 end, negative error; borrowed as for kv_get(). */
int kv_seek(struct kv_cursor *c, struct sillok_text from, struct sillok_text *key,
            struct sillok_text *value); /* the first key >= from */
/** The first behind @p last, or of all where that is empty: for who goes on from slice to
 *  slice. It is behind, always, or else SILLOK_ECORRUPT: pages whose rows are not in order
 *  would be gone round in for ever. */
int kv_after(struct kv_cursor *c, struct sillok_text last, struct sillok_text *key,
             struct sillok_text *value);
/** What is said where keys do not rise: SILLOK_ECORRUPT. */
int kv_disordered(const struct kv_cursor *c);
int kv_first(struct kv_cursor *c, struct sillok_text *key, struct sillok_text *value);
int kv_last(struct kv_cursor *c, struct sillok_text *key, struct sillok_text *value);
int kv_next(struct kv_cursor *c, struct sillok_text *key, struct sillok_text *value);
int kv_prev(struct kv_cursor *c, struct sillok_text *key, struct sillok_text *value);
/** Duplicate tables: the first value >= @p from under @p key. */
int kv_seek_value(struct kv_cursor *c, struct sillok_text key, struct sillok_text from,
                  struct sillok_text *value);
int kv_next_value(struct kv_cursor *c, struct sillok_text *value);

struct kv_stats {
    uint64_t rows, bytes, leaves; /* leaves: pages with rows in them */
    size_t page_bytes;
    int lacks_values; /* a damaged page says how many pages its values have: not in bytes */
};
int kv_table_stats(struct kv_txn *txn, int table, struct kv_stats *out);
/** Bytes of the file, as this transaction sees it. */
int kv_file_bytes(struct kv_txn *txn, uint64_t *bytes);
/** Bytes of the file in use and free inside it, as this transaction sees them; both 0 where
 *  a table's are not known for damage. */
int kv_file_stats(struct kv_txn *txn, uint64_t *used, uint64_t *free_bytes);

/** What this transaction sees, and the file as it is now. */
struct kv_state {
    uint64_t txn; /* number of the last commit */
    uint64_t dev, ino, bytes, ctim_s, ctim_ns, mtim_s, mtim_ns;
};
int kv_state_get(struct kv_txn *txn, struct kv_state *out);

/** What was just said of damage to a store, without the words around it; borrowed until
 *  the next failure. */
struct sillok_text damage_told(void);

/** "LMDB 0.9.24: (July 24, 2019)" */
const char *kv_version(void);

#endif
