/*
 * What the C tests share: cmocka's includes in their order, a temporary folder, crawl
 * files made on the spot.
 */
#ifndef TESTS_SUPPORT_H
#define TESTS_SUPPORT_H

/* Ours first: cmocka has a macro that is called like our fail(). */
#include "base/buf.h"
#include "sillok.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/** Fails with the library's own sentence. */
#define assert_ok(expr)                                                                  \
    do {                                                                                 \
        const int ok_r = (expr);                                                         \
        if (ok_r < 0)                                                                    \
            fail_msg("%s: %d: %s", #expr, ok_r, sillok_error_message());                 \
    } while (0)

/** A fresh folder; removed with everything in it by support_remove(). */
char *support_folder(void);
void support_remove(char *folder);
/** "FOLDER/NAME", the caller's. */
char *support_path(const char *folder, const char *name);
void support_write(const char *path, const void *ptr, size_t len);
/** A new store, FOLDER/store; the caller closes it. */
struct sillok_store *support_store(const char *folder);

/** What a test of one store stands on, and how cmocka makes and removes it. */
struct support_fixture {
    char *folder;
    struct sillok_store *store; /* FOLDER/store */
    struct buf lines;           /* at first empty: what the test is about to take in */
    int files;                  /* that it has written */
};
int support_set_up(void **state);
int support_tear_down(void **state);
/** Close the store and open it. */
void support_open_again(struct support_fixture *f);

struct support_file {
    const char *oid, *aid, *at, *title, *body;
    int escaped;
    const char *hash; /* to declare; NULL: the right one */
};
/** Append the crawl file, written out here by hand and not by the library's renderer. */
void support_crawl_file(struct buf *out, const struct support_file *f);

/** Take the paths in as crawl @p crawl and give the counts. */
struct sillok_ingest_counts support_ingest(struct sillok_store *store, const char *crawl,
                                           const char *const *paths, size_t n);
/** The same of the lines of NDJSON in @p f, which has none then. */
struct sillok_ingest_counts support_take_lines(struct support_fixture *f,
                                               const char *crawl);

/** Everything a user can ask about chains and changes, as text that does not depend on
 * the numbers that a store gives things; then all exported names and hashes of bytes,
 * sorted. */
void support_dump(struct buf *out, struct sillok_store *store);

/** Number of findings of a full verification; they are printed. */
int support_verify(struct sillok_store *store);

/** Derive the derived tables anew, or only look (@p dry_run): rows that were wrong or
 *  missing, and of all but the class table those that were too many; they are printed. */
int support_reindex(struct sillok_store *store, int dry_run);

/** Compact the store to the end, at @p level or, 0, as the command does. @return as
 *  sillok_copy_next() */
int support_compact(struct sillok_store *store, int level);

/** splitmix64 (Steele, Lea, Flood 2014). */
uint64_t support_random(uint64_t *state);

#endif
