/*
 * The index beside a store: STORE/find.db, an SQLite file of its own.
 *
 *   state   format TEXT, position INTEGER, digest BLOB     one row
 *           "sillok-find 1 FOLD UUID"; the versions 1 to position are in it; digest of
 *           the last of them
 *   text    FTS5, contentless, trigrams only (detail none)  rowid: version; of what is
 *           longer than a MiB several rows (index.c)
 *           fold(title) WALL fold(body) WALL WALL           (find/fold.h)
 *   many    version INTEGER PRIMARY KEY    versions of articles that have more than one
 *   terms   fts5vocab over text, made anew for each connection
 *
 * A version is the store's number of one. Whole texts are indexed and not sentences: when
 * a sentence came and went is computed from the store for the few articles that match,
 * and versions never change, so rows are only ever added. The walls at the end give the
 * last two characters of a text trigrams of their own, so that words of one or two
 * characters can be found as the beginnings of trigrams.
 *
 * Invariants
 *  1. Nothing in it is the truth. It names versions to look at. An index of another
 *     format, another fold, another store or another past of this store is thrown away,
 *     and so is one that SQLite cannot read, that has other tables, views or triggers, or a
 *     journal that names other files.
 *  2. A step is one transaction, its position with it.
 *  3. Who changes it holds find.lock for itself, who reads it shares that with readers.
 *
 * Only src/find includes sqlite3.h.
 */
#ifndef FIND_INDEX_H
#define FIND_INDEX_H

#include "store/beside.h"
#include "store/store.h"

enum { INDEX_FORMAT = 1 };
#define INDEX_NAME "the index of texts"

/** Where an index is, and whose. */
struct find_place {
    char *file, *journal, *lock;
    char uuid[40];
    int damaged; /* asking found it so; find_index_write() will make it anew */
};
int find_place_init(struct find_place *place, struct sillok_store *store);
void find_place_release(struct find_place *place);

/** How far it is. */
struct find_state {
    uint64_t position;         /* versions 1 to position are in it */
    struct meta_digest digest; /* of version position */
};

struct find_index {
    struct find_place *place;
    struct sqlite3 *db;
    struct sqlite3_stmt *add;
    int lock_fd;
    struct find_state state;
};

/**
 * Open for asking; the index stays as it is until find_index_close().
 * @param wait_ms  for who adds to it
 * @return 0;  SILLOK_ENOTFOUND there is none that could be used;  SILLOK_EBUSY
 */
int find_index_read(struct find_index *x, struct find_place *place, int wait_ms);
/**
 * Open for adding. Makes an empty index where there is none that could be used.
 * @return 0;  BESIDE_READ_ONLY;  SILLOK_EBUSY somebody else has been adding for long;
 *         SILLOK_EIO
 */
int find_index_write(struct find_index *x, struct find_place *place);
/** Throw away what is there and begin anew; after find_index_write(). */
int find_index_reset(struct find_index *x);
void find_index_close(struct find_index *x);

/* --- adding: begin, add and many any number of times, commit --- */

/** All four: SILLOK_ECORRUPT the index is damaged, find_index_reset() mends it;
 * SILLOK_EIO cannot be written. After a failure only reset and close may follow. */
int find_index_begin(struct find_index *x);
/** @p text is folded, with its walls. */
int find_index_add(struct find_index *x, uint64_t version, struct sillok_text text);
/** The version is not the only one of its article; may be said again. */
int find_index_many(struct find_index *x, uint64_t version);
int find_index_commit(struct find_index *x, const struct find_state *state);

/* --- asking --- */

/** The versions (uint32_t, ascending) that have all the trigrams of a folded text, or of a shorter
 *  one, which it may begin; with @p any_blanks each two characters of a squeezed one, with a
 *  blank between them or without. SILLOK_ECORRUPT: the index is damaged.
 *  @param out  [out] empty before */
int find_index_match(struct find_index *x, struct sillok_text word, int any_blanks,
                     struct buf *out);
/** Append the versions of articles that have more than one, ascending. */
int find_index_all_many(struct find_index *x, struct buf *out);

/** Bytes of the file in use and free inside it. */
int find_index_figures(struct find_index *x, uint64_t *used_bytes, uint64_t *free_bytes);

#endif
