/*
 * A file of tables to be damaged, the questions that are asked of it, and what its parts
 * are: for the tests of store/guard.h.
 *
 * `box_open()` fills a file in a folder of its own and keeps its bytes and its seal, and
 * the answers to all questions before and after a change. A test spoils a copy of the
 * bytes, puts it in place with box_put(), and asks again.
 */
#ifndef TESTS_GUARD_BOX_H
#define TESTS_GUARD_BOX_H

#include "store/btree.h"
#include "store/kv.h"

#include "support.h"

enum { T_PLAIN, T_BIG, T_DUP, T_STILL, N_TABLES };
extern const struct kv_table tables[N_TABLES];
enum { ROWS = 2400, BIG_ROWS = 32, BIG_BYTES = 9000, DUPS = 3000, DUP_BYTES = 21 };
enum { PAGE = 4096 };
/* Places in a page of the header. */
enum { HEAD = 16, TABLES_AT = HEAD + 24, LAST_PAGE_AT = 120, TXN_AT = HEAD + 128 };
extern const struct kv_options for_reading, for_writing;

struct box {
    char *folder, *path, *seal;
    struct buf data, sums;
    uint64_t answer, changed;
};

struct sillok_text number_key(uint8_t out[5], uint64_t n);
/* Value of a row, of any length, from its number alone. */
struct sillok_text value_of(char *out, uint64_t n, size_t len);
void put_rows(struct kv_txn *txn, int table, uint64_t from, uint64_t to, size_t len);
void put_dups(struct kv_txn *txn, uint64_t from, uint64_t to);

/* All questions, of what is open; the answers as one number. */
int ask_open(struct kv_env *env, uint64_t *answer);
/* The same of a file. */
int ask(const char *path, uint64_t *answer);
/* Write into it: what is there afterwards, if that worked, is what should be. */
int change(const char *path, uint64_t *answer);

void box_open(struct box *b);
void box_close(struct box *b);
/* A whole file. */
void load(struct buf *out, const char *path);
/* Only what differs is written: a file that is cut and written anew goes to the disk. */
void put_bytes(const char *path, const char *ptr, size_t len);
/* As another process would have written them: not for LMDB, that has them open. */
void put_files(const struct box *b, const struct buf *data, size_t len);
/* The same for who opens it next. */
void box_put(const struct box *b, const struct buf *data, size_t len);

uint64_t n_pages(const struct box *b);
const uint8_t *page_of(const struct buf *data, uint64_t page);
struct btree_table table_of(const struct buf *data, const char *name);

/* One commit, with the seal kept back as it was before: what a kill between the two
 * leaves. */
void commit_unsealed(const struct box *b);
/* A writer begins, which seals what is not. */
int begin_to_write(const char *path);
/* Where the header of the newest commit begins. */
size_t newest_head(const struct buf *data);
/* The slot of commit @p txn in the seal. */
void forge_head(struct buf *sums, uint64_t txn, uint64_t meta_sum);

#endif
