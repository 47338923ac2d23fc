/*
 * A store to be damaged, large enough that rows of each table stand in pages of their own
 * and the long ones in runs, and what comes of its salvage: for the tests of `salvage`, of
 * store/recognize.h, and of what `verify` and `compact` say of rows.
 */
#ifndef TESTS_UNIT_RESCUE_BOX_H
#define TESTS_UNIT_RESCUE_BOX_H

#include "support.h"

#include "store/btree.h"
#include "store/lmdb.h"
#include "store/recognize.h"
#include "store/rescue.h"

enum { PAGE = 4096 };
/* Of the second crawl a part is what the first one had; each has two files of its own. */
enum { N_MON = 1080, N_TUE = 200, N_SAME = 50, N_LONG = 2, N_REFUSED = 3 };
enum { FIRST_CUT = 20, N_CUT = 2 };   /* aids of articles whose rows are in parts */
enum { ONCE = N_MON / 2, TWICE = 4 }; /* aid of an article seen once, unchanged twice */
enum { N_BODIES = N_MON + N_TUE - N_SAME, N_EXTRA = 2 };

struct rescue_box {
    char *folder, *from, *to, *file;
    struct buf data, seal;         /* the files of the store as it was made */
    struct buf whole, files;       /* all that it says, and its files */
    struct sillok_salvage_sum sum; /* of the last salvage */
    struct buf told;               /* its sentences, a line each */
};
extern struct rescue_box rescue;

/** Every @p what by @p with, which is as long. */
void replace(char *in, size_t len, const char *what, const char *with);
/** A crawl with @p n articles, on day @p day of the month. */
void make_crawl(struct sillok_store *s, const char *crawl, int day, int n);
void read_file(struct buf *out, const char *path);
/** The store as it was made, with @p bytes for its pages. */
void put_back(const struct buf *bytes);
/** What there is to be told of a store, and its files alone; the store is sound. */
void look_at(const char *path, struct buf *all, struct buf *names);
/** How many of the files are in @p got too, which has them in the same order. */
uint64_t n_files(const struct buf *got);
/** Salvage @p path to rescue.to; what is told of it is kept. */
int try_salvage(const char *path);
/** @p got: its files, or all where it is as it was. */
void salvage(const char *what, struct buf *got, int as_it_was);
/** Fail with @p what, unless it is so: a figure, a part of what is told (NULL: nothing), all
 *  that the store said. */
void is_figure(const char *what, const char *figure, uint64_t is, uint64_t want);
void is_told(const char *what, const char *want);
void is_whole(const char *what, const struct buf *got);
/** The page that the table of tables begins with. */
uint64_t main_root(const uint8_t *all);
/** Zero the leaves of a table from the number @p first, of which there are @p most; how many
 *  leaves there are. */
int zero_leaves(uint8_t *all, const char *table, int first, int most);
/** The store at rescue.from, to be written row by row past all that looks at rows. */
void begin_rows(struct lmdb_store **s, struct kv_txn **txn);
void end_rows(struct lmdb_store *s, struct kv_txn *txn);
/** What stands under a key; there has to be something. */
void add_value(struct buf *out, struct kv_txn *txn, int table, struct sillok_text key);
/** The key of the first row of which the value has @p in_value in it; it stands in @p out. */
struct sillok_text first_key(struct kv_txn *txn, int table, const char *in_value,
                             struct buf *out);
/** Give a row the sum of what it says now. */
void seal_again(struct buf *row);
/** Take off its last 20 bytes. */
void shorter(struct buf *row);
/** Without the pages of earlier commits, which salvage would find rows on. */
void back_up(struct sillok_store *s, const char *path);
/** Make the store, once for all tests of a program. */
int rescue_set_up(void **state);
int rescue_tear_down(void **state);

#endif
