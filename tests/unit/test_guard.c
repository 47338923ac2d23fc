/* A damaged file of tables: every question gets the answer that it had, or is told of the
 * damage. No signal, no hang, nothing else. */
#include "store/btree.h"
#include "store/guard.h"
#include "store/kv.h"

#include "faults/script.h"
#include "support.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xxhash.h>

enum { T_PLAIN, T_BIG, T_DUP, T_STILL, N_TABLES };
static const struct kv_table tables[N_TABLES] = { [T_PLAIN] = { "plain", 0 },
                                                  [T_BIG] = { "big", 0 },
                                                  [T_DUP] = { "dup", KV_DUPFIXED },
                                                  [T_STILL] = { "still", 0 } };
enum { ROWS = 2400, BIG_ROWS = 32, BIG_BYTES = 9000, DUPS = 3000, DUP_BYTES = 21 };
enum { PAGE = 4096 };

static const struct kv_options for_reading = { .read_only = 1,
                                               .map_bytes = (size_t)1 << 26,
                                               .map_max_bytes = (size_t)1 << 26 };
static const struct kv_options for_writing = { .map_bytes = (size_t)1 << 26,
                                               .map_max_bytes = (size_t)1 << 26 };

/* --- what the file holds --- */

static struct sillok_text number_key(uint8_t out[5], uint64_t n)
{
    put_be(out, n, 5);
    return text_make((const char *)out, 5);
}

/* Value of a row, of any length, from its number alone. */
static struct sillok_text value_of(char *out, uint64_t n, size_t len)
{
    uint64_t state = n + 1;
    for (size_t i = 0; i < len; i += 8) {
        const uint64_t v = support_random(&state);
        memcpy(out + i, &v, len - i < 8 ? len - i : 8);
    }
    return text_make(out, len);
}

static void put_rows(struct kv_txn *txn, int table, uint64_t from, uint64_t to,
                     size_t len)
{
    uint8_t key[5];
    char value[BIG_BYTES];
    for (uint64_t i = from; i < to; i++)
        assert_ok(kv_put(txn, table, number_key(key, i), value_of(value, i, len), 0));
}

static void put_dups(struct kv_txn *txn, uint64_t from, uint64_t to)
{
    char value[DUP_BYTES];
    for (uint64_t i = from; i < to; i++)
        assert_ok(kv_put(txn, T_DUP, text_of("k"), value_of(value, i, DUP_BYTES), 0));
}

/* In several commits, with rows overwritten and deleted, so that pages are free and used
 * again. */
static void fill(const char *path)
{
    struct kv_env *env;
    struct kv_txn *txn;
    uint8_t key[5];
    struct kv_options o = for_writing;
    o.create = 1;
    assert_ok(kv_open(&env, path, tables, N_TABLES, &o));
    for (uint64_t step = 0; step < 4; step++) {
        assert_ok(kv_write(env, &txn));
        put_rows(txn, T_PLAIN, step * ROWS / 4, (step + 1) * ROWS / 4, 100);
        put_rows(txn, T_BIG, step * BIG_ROWS / 4, (step + 1) * BIG_ROWS / 4, BIG_BYTES);
        put_dups(txn, step * DUPS / 4, (step + 1) * DUPS / 4);
        if (step == 0)
            put_rows(txn, T_STILL, 0, 9, 100);
        if (step)
            for (uint64_t i = (step - 1) * ROWS / 4; i < step * ROWS / 4; i += 3)
                assert_true(kv_delete(txn, T_PLAIN, number_key(key, i)) == 1);
        assert_ok(kv_commit(txn));
    }
    kv_close(env);
}

/* --- questions --- */

/* One that stood somewhere else before: it begins as one that is new does. */
static int open_used(struct kv_cursor **out, struct kv_txn *txn, int table)
{
    uint8_t key[5];
    struct sillok_text k, v;
    int r = kv_cursor_open(out, txn, table);
    if (r < 0)
        return r;
    r = kv_seek(*out, number_key(key, BIG_ROWS / 2), &k, &v);
    kv_cursor_close(*out);
    return r < 0 ? r : kv_cursor_open(out, txn, table);
}

static int ask_rows(struct kv_txn *txn, int table, int backwards, XXH3_state_t *sum)
{
    struct kv_cursor *c;
    struct sillok_text k, v;
    int r = open_used(&c, txn, table);
    if (r < 0)
        return r;
    for (r = backwards ? kv_prev(c, &k, &v) : kv_next(c, &k, &v); r > 0;
         r = backwards ? kv_prev(c, &k, &v) : kv_next(c, &k, &v)) {
        XXH3_64bits_update(sum, k.ptr, k.len);
        XXH3_64bits_update(sum, v.ptr, v.len);
    }
    kv_cursor_close(c);
    return r;
}

static int ask_keys(struct kv_txn *txn, int table, uint64_t n, uint64_t step,
                    XXH3_state_t *sum)
{
    uint8_t key[5];
    struct sillok_text v;
    for (uint64_t i = 0; i < n + 20; i += step) {
        const int r = kv_get(txn, table, number_key(key, i), &v);
        if (r < 0)
            return r;
        XXH3_64bits_update(sum, &r, sizeof(r));
        if (r)
            XXH3_64bits_update(sum, v.ptr, v.len);
    }
    return 0;
}

static int ask_values(struct kv_txn *txn, XXH3_state_t *sum)
{
    struct kv_cursor *c;
    struct sillok_text v;
    char from[DUP_BYTES];
    int r = kv_cursor_open(&c, txn, T_DUP);
    if (r < 0)
        return r;
    for (uint64_t i = 0; i < DUPS && r >= 0; i += 53) {
        r = kv_seek_value(c, text_of("k"), value_of(from, i, DUP_BYTES), &v);
        for (int k = 0; k < 3 && r > 0; k++) {
            XXH3_64bits_update(sum, v.ptr, v.len);
            r = kv_next_value(c, &v);
        }
    }
    kv_cursor_close(c);
    return r < 0 ? r : 0;
}

static int ask_all(struct kv_txn *txn, XXH3_state_t *sum)
{
    struct kv_stats stats;
    int r = 0;
    for (int t = 0; t < N_TABLES && r == 0; t++) {
        r = ask_rows(txn, t, 0, sum);
        if (r == 0)
            r = ask_rows(txn, t, 1, sum);
        if (r == 0)
            r = kv_table_stats(txn, t, &stats);
        XXH3_64bits_update(sum, &stats.rows, sizeof(stats.rows));
    }
    if (r == 0)
        r = ask_keys(txn, T_PLAIN, ROWS, 7, sum);
    if (r == 0)
        r = ask_keys(txn, T_BIG, BIG_ROWS, 1, sum);
    return r == 0 ? ask_values(txn, sum) : r;
}

static int ask(const char *path, uint64_t *answer)
{
    struct kv_env *env = NULL;
    struct kv_txn *txn;
    XXH3_state_t *sum = XXH3_createState();
    XXH3_64bits_reset(sum);
    int r = kv_open(&env, path, tables, N_TABLES, &for_reading);
    if (r == 0)
        r = kv_read(env, &txn);
    if (r == 0) {
        r = ask_all(txn, sum);
        kv_abort(txn);
    }
    kv_close(env);
    *answer = XXH3_64bits_digest(sum);
    XXH3_freeState(sum);
    return r;
}

/* Write into it: what is there afterwards, if that worked, is what should be. */
static int change(const char *path, uint64_t *answer)
{
    struct kv_env *env = NULL;
    struct kv_txn *txn = NULL;
    uint8_t key[5];
    char value[BIG_BYTES];
    int r = kv_open(&env, path, tables, N_TABLES, &for_writing);
    for (uint64_t step = 0; step < 2 && r == 0; step++) {
        r = kv_write(env, &txn);
        for (uint64_t i = step; i < ROWS && r >= 0; i += 97)
            r = kv_delete(txn, T_PLAIN, number_key(key, i));
        for (uint64_t i = step; i < BIG_ROWS && r >= 0; i += 7)
            r = kv_put(txn, T_BIG, number_key(key, i), value_of(value, i + 1, BIG_BYTES),
                       0);
        for (uint64_t i = 0; i < 50 && r >= 0; i++) {
            r = kv_put(txn, T_DUP, text_of("k"),
                       value_of(value, DUPS + step * 50 + i, DUP_BYTES), 0);
        }
        if (r < 0)
            kv_abort(txn);
        else
            r = kv_commit(txn);
    }
    kv_close(env);
    return r < 0 ? r : ask(path, answer);
}

/* --- files --- */

struct box {
    char *folder, *path, *seal, *whole, *whole_seal;
    struct buf data, sums;
    uint64_t answer, changed;
};

static void load(struct buf *out, const char *path)
{
    struct stat st;
    const int fd = open(path, O_RDONLY);
    assert_true(fd >= 0 && fstat(fd, &st) == 0);
    buf_clear(out);
    assert_ok(buf_reserve(out, (size_t)st.st_size));
    assert_true(read(fd, out->ptr, (size_t)st.st_size) == st.st_size);
    out->len = (size_t)st.st_size;
    (void)close(fd);
}

/* Only what differs is written: a file that is cut and written anew goes to the disk. */
static void put_bytes(const char *path, const char *ptr, size_t len)
{
    static char is[16 * PAGE];
    const int fd = open(path, O_RDWR | O_CREAT, 0600);
    assert_true(fd >= 0);
    for (size_t at = 0; at < len; at += sizeof(is)) {
        const size_t n = len - at < sizeof(is) ? len - at : sizeof(is);
        const ssize_t got = pread(fd, is, n, (off_t)at);
        if (got != (ssize_t)n || memcmp(is, ptr + at, n) != 0)
            assert_int_equal(pwrite(fd, ptr + at, n, (off_t)at), n);
    }
    assert_int_equal(ftruncate(fd, (off_t)len), 0);
    (void)close(fd);
}

/* As another process would have written them: not for LMDB, that has them open. */
static void put_files(const struct box *b, const struct buf *data, size_t len)
{
    put_bytes(b->path, data->ptr, len);
    put_bytes(b->seal, b->sums.ptr, b->sums.len);
}

static void box_put(const struct box *b, const struct buf *data, size_t len)
{
    char *lock = support_path(b->folder, "t.mdb-lock");
    (void)unlink(lock);
    free(lock);
    put_files(b, data, len);
}

static void box_open(struct box *b)
{
    script_clear(); /* where a test failed before it did */
    *b = (struct box){ .folder = support_folder(), .data = BUF_INIT, .sums = BUF_INIT };
    b->path = support_path(b->folder, "t.mdb");
    b->seal = support_path(b->folder, "t.mdb-seal");
    fill(b->path);
    load(&b->data, b->path);
    load(&b->sums, b->seal);
    assert_ok(ask(b->path, &b->answer));
    assert_ok(change(b->path, &b->changed));
    assert_true(b->answer != b->changed);
}

static void box_close(struct box *b)
{
    script_clear();
    support_remove(b->folder);
    free(b->path);
    free(b->seal);
    buf_release(&b->data);
    buf_release(&b->sums);
}

/* 1 the damage was told, 0 it did not matter. */
static int try_damaged(const struct box *b, const char *what, uint64_t at, int writing)
{
    uint64_t answer = 0;
    const int r = writing ? change(b->path, &answer) : ask(b->path, &answer);
    if (r == SILLOK_ECORRUPT)
        return 1;
    if (r < 0)
        fail_msg("%s at %llu: %d: %s", what, (unsigned long long)at, r,
                 sillok_error_message());
    if (answer != (writing ? b->changed : b->answer))
        fail_msg("%s at %llu: another answer", what, (unsigned long long)at);
    return 0;
}

static uint64_t n_pages(const struct box *b)
{
    return b->data.len / PAGE;
}

/* --- the damages --- */

static void every_page_zeroed_cut_or_swapped(void **state)
{
    struct box b;
    unsigned told = 0;
    (void)state;
    box_open(&b);
    struct buf d = BUF_INIT;
    for (uint64_t page = 0; page < n_pages(&b); page++) {
        const int writing = page % 2 == 1;
        buf_clear(&d);
        assert_ok(buf_add(&d, b.data.ptr, b.data.len));
        memset(d.ptr + page * PAGE, 0, PAGE);
        box_put(&b, &d, d.len);
        told += (unsigned)try_damaged(&b, "a page of zeros", page, writing);
        if (page % 3 == 0) {
            box_put(&b, &b.data, page * PAGE);
            assert_int_equal(try_damaged(&b, "a cut", page, writing), 1);
        }
        const uint64_t other = (page * 7 + 11) % n_pages(&b);
        memcpy(d.ptr + page * PAGE, b.data.ptr + other * PAGE, PAGE);
        memcpy(d.ptr + other * PAGE, b.data.ptr + page * PAGE, PAGE);
        box_put(&b, &d, d.len);
        told += (unsigned)try_damaged(&b, "swapped pages", page, writing);
    }
    /* Most pages are in use, so most damage is told. */
    assert_true(told > n_pages(&b));
    buf_release(&d);
    box_close(&b);
}

static void bits_flipped(void **state)
{
    enum { FLIPS = 1500 };
    struct box b;
    uint64_t seed = 20260102;
    unsigned told = 0;
    (void)state;
    box_open(&b);
    for (unsigned i = 0; i < FLIPS; i++) {
        uint64_t at = support_random(&seed) % b.data.len;
        if (i % 2) /* in the head of a page and its offsets, where it hurts most */
            at = at / PAGE * PAGE + at % 40;
        const char bit = (char)(1 << support_random(&seed) % 8);
        b.data.ptr[at] ^= bit;
        box_put(&b, &b.data, b.data.len);
        told += (unsigned)try_damaged(&b, "a flipped bit", at, i % 3 == 0);
        b.data.ptr[at] ^= bit;
    }
    assert_true(told > FLIPS / 2);
    for (unsigned i = 0; i < 300; i++) { /* in the seal */
        const uint64_t at = support_random(&seed) % b.sums.len;
        b.sums.ptr[at] ^= 4;
        box_put(&b, &b.data, b.data.len);
        (void)try_damaged(&b, "a flipped bit of the seal", at, 0);
        b.sums.ptr[at] ^= 4;
    }
    box_close(&b);
}

enum { HEAD = 16, TABLES_AT = HEAD + 24, LAST_PAGE_AT = 120, TXN_AT = HEAD + 128 };

/* The older header with the number of a later commit would be a step back in time. */
static void number_of_the_commit_flipped(void **state)
{
    struct box b;
    unsigned told = 0;
    (void)state;
    box_open(&b);
    for (unsigned i = 0; i < 2 * 64; i++) {
        const uint64_t at = (uint64_t)i / 64 * PAGE + TXN_AT + i % 64 / 8;
        b.data.ptr[at] ^= (char)(1 << i % 8);
        box_put(&b, &b.data, b.data.len);
        told += (unsigned)try_damaged(&b, "a flipped bit", at * 8 + i % 8, i % 3 == 0);
        b.data.ptr[at] ^= (char)(1 << i % 8);
    }
    assert_true(told > 64);
    box_close(&b);
}

/* Where LMDB could not write a header it puts the older number back, not the rest. */
static void older_header_half_written(void **state)
{
    struct box b;
    uint64_t txn[2], answer = 0;
    (void)state;
    box_open(&b);
    for (int i = 0; i < 2; i++)
        memcpy(&txn[i], b.data.ptr + i * PAGE + TXN_AT, sizeof(txn[i]));
    const size_t at = (txn[0] > txn[1] ? PAGE : 0) + TABLES_AT;
    b.data.ptr[at + 40] ^= 3; /* the root of the free list */
    b.data.ptr[at + 88] ^= 3; /* and of the table of tables */
    box_put(&b, &b.data, b.data.len);
    assert_ok(ask(b.path, &answer));
    assert_true(answer == b.answer);
    assert_ok(change(b.path, &answer));
    assert_true(answer == b.changed);
    assert_ok(ask(b.path, &answer));
    assert_true(answer == b.changed);
    box_close(&b);
}

static void other_files_put_in_place(void **state)
{
    struct box b;
    struct buf old_data = BUF_INIT, old_sums = BUF_INIT;
    uint64_t answer;
    (void)state;
    box_open(&b);
    assert_ok(buf_add(&old_data, b.data.ptr, b.data.len));
    assert_ok(buf_add(&old_sums, b.sums.ptr, b.sums.len));
    box_put(&b, &b.data, b.data.len);
    assert_ok(change(b.path, &answer)); /* two commits on */
    load(&b.data, b.path);
    load(&b.sums, b.seal);

    box_put(&b, &old_data, old_data.len);
    assert_int_equal(ask(b.path, &answer), SILLOK_ECORRUPT);
    assert_non_null(strstr(sillok_error_message(), "older copy"));
    assert_int_equal(change(b.path, &answer), SILLOK_ECORRUPT);

    put_bytes(b.path, b.data.ptr, b.data.len);
    put_bytes(b.seal, old_sums.ptr, old_sums.len);
    assert_int_equal(ask(b.path, &answer), SILLOK_ECORRUPT);
    assert_non_null(strstr(sillok_error_message(), "older seal"));

    assert_int_equal(unlink(b.seal), 0);
    assert_int_equal(ask(b.path, &answer), SILLOK_ECORRUPT);
    assert_non_null(strstr(sillok_error_message(), "t.mdb-seal' is missing"));

    box_put(&b, &b.data, b.data.len);
    assert_ok(ask(b.path, &answer));
    assert_true(answer == b.changed);
    buf_release(&old_data);
    buf_release(&old_sums);
    box_close(&b);
}

/* One commit, with the seal kept back as it was before: what a kill between the two
 * leaves. */
static void commit_unsealed(const struct box *b)
{
    struct kv_env *env;
    struct kv_txn *txn;
    uint8_t key[5];
    char value[BIG_BYTES];
    box_put(b, &b->data, b->data.len);
    assert_ok(kv_open(&env, b->path, tables, N_TABLES, &for_writing));
    assert_ok(kv_write(env, &txn));
    for (uint64_t i = 0; i < 40; i++) {
        assert_ok(
            kv_put(txn, T_PLAIN, number_key(key, ROWS + i), value_of(value, i, 300), 0));
        assert_ok(
            kv_put(txn, T_BIG, number_key(key, i), value_of(value, i + 9, 5000), 0));
    }
    put_dups(txn, DUPS, DUPS + 300);
    for (uint64_t i = 0; i < 3; i++)
        assert_ok(kv_put(txn, T_DUP, text_of("few"), value_of(value, i, DUP_BYTES), 0));
    assert_ok(kv_commit(txn));
    kv_close(env);
    put_bytes(b->seal, b->sums.ptr, b->sums.len);
}

static void a_commit_that_was_not_sealed(void **state)
{
    struct box b;
    uint64_t first = 0, again = 0;
    struct kv_env *env;
    struct kv_txn *txn;
    uint8_t key[5];
    struct sillok_text v;
    (void)state;
    box_open(&b);
    commit_unsealed(&b);
    assert_ok(ask(b.path, &first)); /* a reader sees it, */
    assert_true(first != b.answer);
    struct buf seal = BUF_INIT;
    load(&seal, b.seal);
    assert_true(
        text_equal(text_make(seal.ptr, seal.len), text_make(b.sums.ptr, b.sums.len)));
    assert_ok(kv_open(&env, b.path, tables, N_TABLES, &for_writing));
    assert_ok(kv_write(env, &txn)); /* a writer seals it */
    assert_int_equal(kv_get(txn, T_PLAIN, number_key(key, ROWS + 39), &v), 1);
    assert_int_equal(v.len, 300);
    kv_abort(txn);
    kv_close(env);
    assert_ok(ask(b.path, &again));
    assert_true(again == first);
    /* Now damage to it is told. */
    struct buf now = BUF_INIT;
    load(&b.sums, b.seal);
    load(&now, b.path);
    unsigned told = 0;
    for (uint64_t page = 2; page < now.len / PAGE; page++) {
        now.ptr[page * PAGE + 200] ^= 1;
        box_put(&b, &now, now.len);
        const int r = ask(b.path, &again);
        assert_true(r == SILLOK_ECORRUPT || (r == 0 && again == first));
        told += r < 0;
        now.ptr[page * PAGE + 200] ^= 1;
    }
    assert_true(told > 100);
    buf_release(&now);
    buf_release(&seal);
    box_close(&b);
}

/* Until a writer comes, each snapshot finds that commit without its seal. Only the first
 * may wait for it: a reader that begins a thousand of them would seem to hang. */
static void an_unsealed_commit_is_waited_for_once(void **state)
{
    enum { SNAPSHOTS = 60 };
    struct box b;
    struct kv_env *env;
    struct kv_txn *txn;
    (void)state;
    box_open(&b);
    commit_unsealed(&b);
    script_clear();
    assert_ok(kv_open(&env, b.path, tables, N_TABLES, &for_reading));
    for (int i = 0; i < SNAPSHOTS; i++) {
        assert_ok(kv_read(env, &txn));
        kv_abort(txn);
    }
    assert_int_equal(script_slept_ms(), 500);
    kv_close(env);
    box_close(&b);
}

/* --- meanwhile --- */

static size_t newest_head(const struct buf *data)
{
    uint64_t txn[2];
    for (int i = 0; i < 2; i++)
        memcpy(&txn[i], data->ptr + i * PAGE + TXN_AT, sizeof(txn[i]));
    return txn[1] > txn[0] ? PAGE : 0;
}

/* The slot of commit @p txn in the seal. */
static void forge_head(struct buf *sums, uint64_t txn, uint64_t meta_sum)
{
    uint8_t *slot = (uint8_t *)sums->ptr + (txn & 1) * 512;
    put_be(slot + 16, txn, 8);
    put_be(slot + 24, meta_sum, 8);
    put_be(slot + 32, seal_sum(slot, 32), 8);
}

static void mend(void *arg)
{
    const struct box *b = arg;
    put_files(b, &b->data, b->data.len);
}

/* A writer is between two steps: what looks wrong is so only for a moment. */
static void what_looks_wrong_is_looked_at_again(void **state)
{
    enum { NO_HEADS, NO_SEAL, OTHER_HEADER, NO_HEADER, SHORT, N_WRONGS };
    static const char *const said[N_WRONGS] = {
        [NO_HEADS] = "t.mdb-seal' holds no seal",
        [NO_SEAL] = "t.mdb-seal' holds no seal",
        [OTHER_HEADER] = "the header of '",
        [NO_HEADER] = "the header of '",
        [SHORT] = "its header says",
    };
    struct box b;
    struct buf data = BUF_INIT, sums = BUF_INIT;
    (void)state;
    box_open(&b);
    for (int wrong = 0; wrong < N_WRONGS; wrong++) {
        buf_clear(&data);
        buf_clear(&sums);
        assert_ok(buf_add(&data, b.data.ptr, b.data.len));
        assert_ok(buf_add(&sums, b.sums.ptr, b.sums.len));
        if (wrong == NO_HEADS)
            memset(sums.ptr, 0, PAGE);
        else if (wrong == NO_SEAL)
            sums.len = 0;
        else if (wrong == OTHER_HEADER)
            data.ptr[newest_head(&data) + TABLES_AT + 50] ^= 1;
        else if (wrong == NO_HEADER)
            memset(data.ptr + newest_head(&data), 0, PAGE);
        else
            data.len -= 9 * PAGE;
        unsigned waits = 0;
        for (int mended = 0; mended < 2; mended++) {
            const struct script step = { .call = "nanosleep",
                                         .nth = waits,
                                         .before = mended ? mend : NULL,
                                         .arg = &b };
            uint64_t answer = 0;
            box_put(&b, &data, data.len);
            put_bytes(b.seal, sums.ptr, sums.len);
            script_set(&step, 1);
            const int r = ask(b.path, &answer);
            waits = script_calls(0);
            const int64_t ms = script_slept_ms();
            script_clear();
            if (mended ? r < 0 || answer != b.answer
                       : r != SILLOK_ECORRUPT ||
                             !strstr(sillok_error_message(), said[wrong]))
                fail_msg("%s, mended %d: %d: %s", said[wrong], mended, r,
                         sillok_error_message());
            assert_true(waits > 3 && ms >= 100 && ms <= 500);
        }
    }
    buf_release(&data);
    buf_release(&sums);
    box_close(&b);
}

struct change {
    const struct box *box;
    const struct buf *data, *sums;
    struct kv_env *env;
    uint64_t answer; /* what is to be answered then */
};

static void put_change(void *arg)
{
    const struct change *c = arg;
    put_bytes(c->box->path, c->data->ptr, c->data->len);
    put_bytes(c->box->seal, c->sums->ptr, c->sums->len);
}

/* The seal comes while it is waited for, or something else does. */
static void a_commit_that_is_sealed_meanwhile(void **state)
{
    static const struct {
        unsigned when; /* the wait in which it comes; the last is 500 */
        enum { SEALED, NONE, ANOTHER, OLDER, HEADER } what;
    } cases[] = { { 1, SEALED },    { 250, SEALED }, { 500, SEALED }, { 500, NONE },
                  { 500, ANOTHER }, { 500, OLDER },  { 500, HEADER } };
    struct box b;
    struct buf now = BUF_INIT, sealed = BUF_INIT;
    uint64_t first = 0, answer = 0;
    (void)state;
    box_open(&b);
    commit_unsealed(&b);
    assert_ok(ask(b.path, &first));
    load(&now, b.path);
    struct kv_env *env;
    struct kv_txn *txn;
    assert_ok(kv_open(&env, b.path, tables, N_TABLES, &for_writing));
    assert_ok(kv_write(env, &txn));
    kv_abort(txn);
    kv_close(env);
    load(&sealed, b.seal);
    uint64_t n;
    memcpy(&n, now.ptr + newest_head(&now) + TXN_AT, sizeof(n));
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buf data = BUF_INIT, sums = BUF_INIT;
        assert_ok(buf_add(&data, now.ptr, now.len));
        assert_ok(buf_add(&sums, b.sums.ptr, b.sums.len));
        if (cases[i].what == SEALED) {
            buf_clear(&sums);
            assert_ok(buf_add(&sums, sealed.ptr, sealed.len));
        } else if (cases[i].what == NONE)
            memset(sums.ptr, 0, PAGE);
        else if (cases[i].what == ANOTHER)
            forge_head(&sums, n - 1, 12345);
        else if (cases[i].what == OLDER)
            memset(sums.ptr + (n - 1) % 2 * 512, 0, 512);
        else
            data.ptr[(n - 1) % 2 * PAGE + TABLES_AT + 50] ^= 1;
        const struct change change = { .box = &b, .data = &data, .sums = &sums };
        const struct script step = { .call = "nanosleep",
                                     .nth = cases[i].when,
                                     .before = put_change,
                                     .arg = (void *)(uintptr_t)&change };
        box_put(&b, &now, now.len);
        script_set(&step, 1);
        const int r = ask(b.path, &answer);
        const int64_t ms = script_slept_ms();
        script_clear();
        if (cases[i].what == SEALED ? r < 0 || answer != first : r != SILLOK_ECORRUPT)
            fail_msg("case %zu: %d: %s", i, r, sillok_error_message());
        if (cases[i].what != SEALED)
            assert_non_null(strstr(sillok_error_message(), "the header of '"));
        assert_int_equal(ms, cases[i].when);
        buf_release(&data);
        buf_release(&sums);
    }
    buf_release(&now);
    buf_release(&sealed);
    box_close(&b);
}

/* A writer begins, which seals what is not. */
static int begin_to_write(const char *path)
{
    struct kv_env *env = NULL;
    struct kv_txn *txn;
    int r = kv_open(&env, path, tables, N_TABLES, &for_writing);
    if (r == 0)
        r = kv_write(env, &txn);
    if (r == 0)
        kv_abort(txn);
    kv_close(env);
    return r;
}

/* Not every byte of it means something, but each has its answer. */
static void an_unsealed_commit_that_is_damaged(void **state)
{
    struct box b;
    struct buf now = BUF_INIT;
    uint64_t first = 0;
    unsigned told = 0;
    (void)state;
    box_open(&b);
    commit_unsealed(&b);
    assert_ok(ask(b.path, &first));
    load(&now, b.path);
    for (uint64_t page = 2; page < now.len / PAGE; page += 3) {
        char was[PAGE];
        uint64_t answer;
        memcpy(was, now.ptr + page * PAGE, PAGE);
        /* Of what it wrote the shape is known, not what stands within large data. */
        const int is_new =
            page >= n_pages(&b) || memcmp(was, b.data.ptr + page * PAGE, PAGE) != 0;
        memset(now.ptr + page * PAGE, 0, PAGE);
        box_put(&b, &now, now.len);
        const int r = ask(b.path, &answer);
        if (r != SILLOK_ECORRUPT && (r != 0 || (answer != first && !is_new)))
            fail_msg("page %llu: %d: %s", (unsigned long long)page, r,
                     sillok_error_message());
        told += r == SILLOK_ECORRUPT;
        if (page % 4 == 0) {
            const int rr = begin_to_write(b.path);
            if (rr != 0 && rr != SILLOK_ECORRUPT)
                fail_msg("page %llu, writing: %d: %s", (unsigned long long)page, rr,
                         sillok_error_message());
        }
        memcpy(now.ptr + page * PAGE, was, PAGE);
    }
    assert_true(told > 50);
    const size_t head = newest_head(&now);
    for (unsigned bit = 0; bit < 8 * BTREE_META_BYTES; bit += 5) {
        uint64_t answer;
        now.ptr[head + HEAD + bit / 8] ^= (char)(1 << bit % 8);
        box_put(&b, &now, now.len);
        const int r = bit % 3 ? ask(b.path, &answer) : begin_to_write(b.path);
        /* A file is never shorter by a GiB than its header says. */
        const int huge = bit / 64 == LAST_PAGE_AT / 8 && bit % 64 >= 19;
        if (r != SILLOK_ECORRUPT && (r != 0 || huge))
            fail_msg("bit %u of the header: %d: %s", bit, r, sillok_error_message());
        now.ptr[head + HEAD + bit / 8] ^= (char)(1 << bit % 8);
    }
    /* The number of the header before it, which the seal knows. */
    uint64_t answer, n;
    uint8_t *const older = (uint8_t *)now.ptr + (PAGE - head) + TXN_AT;
    memcpy(&n, older, sizeof(n));
    n -= 2;
    memcpy(older, &n, sizeof(n));
    box_put(&b, &now, now.len);
    assert_int_equal(ask(b.path, &answer), SILLOK_ECORRUPT);
    assert_non_null(strstr(sillok_error_message(), "the header of '"));
    buf_release(&now);
    box_close(&b);
}

/* Two commits without a seal are no crash. */
static void two_commits_behind(void **state)
{
    struct box b;
    struct buf sums = BUF_INIT;
    uint64_t answer;
    (void)state;
    box_open(&b);
    assert_ok(buf_add(&sums, b.sums.ptr, b.sums.len));
    box_put(&b, &b.data, b.data.len);
    assert_ok(change(b.path, &answer));
    put_bytes(b.seal, sums.ptr, sums.len);
    assert_int_equal(ask(b.path, &answer), SILLOK_ECORRUPT);
    buf_release(&sums);
    box_close(&b);
}

/* --- a writer in another process --- */

/* Rows over rows, and more of them: pages that were in use are free, and used again. */
static int rewrite(const char *path, uint64_t round)
{
    struct kv_env *env = NULL;
    struct kv_txn *txn;
    uint8_t key[5];
    char value[BIG_BYTES];
    int r = kv_open(&env, path, tables, N_TABLES, &for_writing);
    if (r == 0)
        r = kv_write(env, &txn);
    if (r < 0)
        return r;
    for (uint64_t i = round % 5; i < ROWS && r == 0; i += 5)
        r = kv_put(txn, T_PLAIN, number_key(key, i), value_of(value, i + round, 100), 0);
    for (uint64_t i = 0; i < 20 && r == 0; i++)
        r = kv_put(txn, T_PLAIN, number_key(key, ROWS + round * 20 + i),
                   value_of(value, i, 1000), 0);
    r = r < 0 ? r : kv_commit(txn);
    kv_close(env);
    return r;
}

/* Wherever a bit of it is another, nothing crashes: neither who reads it nor who seals it
 * and goes on. */
static void bits_flipped_in_an_unsealed_commit(void **state)
{
    struct box b;
    struct buf now = BUF_INIT;
    uint64_t seed = 7, answer, fresh[512];
    size_t n_fresh = 0;
    unsigned told = 0;
    const char *more = getenv("SILLOK_FLIPS"); /* how many; as many other ones */
    const unsigned flips = more ? (unsigned)atoi(more) : 60;
    seed += flips;
    (void)state;
    box_open(&b);
    commit_unsealed(&b);
    load(&now, b.path);
    for (uint64_t page = 2; page < now.len / PAGE && n_fresh < 512; page++)
        if (page >= n_pages(&b) ||
            memcmp(now.ptr + page * PAGE, b.data.ptr + page * PAGE, PAGE) != 0)
            fresh[n_fresh++] = page;
    for (unsigned i = 0; i < flips; i++) {
        const uint64_t page = fresh[support_random(&seed) % n_fresh];
        const uint64_t at = page * PAGE + support_random(&seed) % (i % 2 ? 60 : PAGE);
        const char bit = (char)(1 << support_random(&seed) % 8);
        now.ptr[at] ^= bit;
        box_put(&b, &now, now.len);
        int r = ask(b.path, &answer);
        if (r != 0 && r != SILLOK_ECORRUPT)
            fail_msg("at %llu: %d: %s", (unsigned long long)at, r,
                     sillok_error_message());
        told += r < 0;
        r = rewrite(b.path, i);
        if (r != 0 && r != SILLOK_ECORRUPT)
            fail_msg("at %llu, writing: %d: %s", (unsigned long long)at, r,
                     sillok_error_message());
        if (r == 0 && (r = ask(b.path, &answer)) != 0 && r != SILLOK_ECORRUPT)
            fail_msg("at %llu, afterwards: %d: %s", (unsigned long long)at, r,
                     sillok_error_message());
        now.ptr[at] ^= bit;
    }
    assert_true(told > flips / 40);
    buf_release(&now);
    box_close(&b);
}

/* This program again, as another process: LMDB may not be inherited. */
static int write_for_another(const char *path, const char *round)
{
    uint64_t answer;
    return rewrite(path, strtoull(round, NULL, 10)) == 0 && ask(path, &answer) == 0 &&
                   write(STDOUT_FILENO, &answer, sizeof(answer)) == sizeof(answer)
               ? 0
               : 1;
}

/* Another process writes, and tells what is to be answered then. */
static uint64_t rewrite_elsewhere(const char *path, uint64_t round)
{
    int ends[2], status;
    uint64_t answer = 0;
    char number[24];
    snprintf(number, sizeof(number), "%llu", (unsigned long long)round);
    assert_int_equal(pipe(ends), 0);
    const pid_t child = fork();
    if (child == 0) {
        if (dup2(ends[1], STDOUT_FILENO) >= 0)
            execl("/proc/self/exe", "test_guard", path, number, (char *)NULL);
        _exit(2);
    }
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_int_equal(read(ends[0], &answer, sizeof(answer)), sizeof(answer));
    close(ends[0]);
    close(ends[1]);
    return answer;
}

static int ask_open(struct kv_env *env, uint64_t *answer)
{
    struct kv_txn *txn;
    XXH3_state_t *sum = XXH3_createState();
    XXH3_64bits_reset(sum);
    int r = kv_read(env, &txn);
    if (r == 0) {
        r = ask_all(txn, sum);
        kv_abort(txn);
    }
    *answer = XXH3_64bits_digest(sum);
    XXH3_freeState(sum);
    return r;
}

static void what_another_process_wrote_is_read(void **state)
{
    struct box b;
    struct kv_env *env;
    struct stat before, after;
    uint64_t answer;
    (void)state;
    box_open(&b);
    box_put(&b, &b.data, b.data.len);
    assert_int_equal(stat(b.path, &before), 0);
    assert_ok(kv_open(&env, b.path, tables, N_TABLES, &for_reading));
    assert_ok(ask_open(env, &answer));
    assert_true(answer == b.answer);
    for (uint64_t round = 1; round < 8; round++) {
        const uint64_t want = rewrite_elsewhere(b.path, round);
        assert_ok(ask_open(env, &answer));
        assert_true(answer == want);
    }
    assert_int_equal(stat(b.path, &after), 0);
    assert_true(after.st_size > before.st_size); /* beyond what it had at first */
    kv_close(env);
    box_close(&b);
}

/* That a page had its sum is no longer known when somebody wrote over it. */
static void what_another_process_wrote_is_looked_at(void **state)
{
    enum { ROUNDS = 12, PER_ROUND = 8 };
    struct box b;
    struct kv_env *env;
    uint64_t answer, seed = 5;
    unsigned told = 0, tried = 0;
    (void)state;
    box_open(&b);
    box_put(&b, &b.data, b.data.len);
    assert_ok(kv_open(&env, b.path, tables, N_TABLES, &for_reading));
    for (uint64_t round = 1; round < ROUNDS; round++) {
        struct buf was = BUF_INIT, is = BUF_INIT;
        uint64_t flipped[PER_ROUND];
        unsigned n = 0;
        assert_ok(ask_open(env, &answer)); /* all that is in use is seen */
        load(&was, b.path);
        const uint64_t want = rewrite_elsewhere(b.path, round);
        load(&is, b.path);
        const int fd = open(b.path, O_RDWR);
        for (int tries = 0; tries < 4000 && n < PER_ROUND; tries++) {
            const uint64_t page = 2 + support_random(&seed) % (was.len / PAGE - 2);
            if (memcmp(was.ptr + page * PAGE, is.ptr + page * PAGE, PAGE) != 0)
                flipped[n++] = page;
        }
        const unsigned at = n ? (unsigned)(support_random(&seed) % n) : 0;
        assert_true(n > 0);
        char byte = is.ptr[flipped[at] * PAGE + 3000];
        byte ^= 8;
        assert_int_equal(pwrite(fd, &byte, 1, (off_t)(flipped[at] * PAGE + 3000)), 1);
        const int r = ask_open(env, &answer);
        if (r != SILLOK_ECORRUPT && (r != 0 || answer != want))
            fail_msg("page %llu: %d, another answer", (unsigned long long)flipped[at], r);
        told += r == SILLOK_ECORRUPT;
        tried++;
        byte ^= 8;
        assert_int_equal(pwrite(fd, &byte, 1, (off_t)(flipped[at] * PAGE + 3000)), 1);
        close(fd);
        buf_release(&was);
        buf_release(&is);
        assert_ok(ask_open(env, &answer));
        assert_true(answer == want);
    }
    assert_true(told > tried / 2);
    kv_close(env);
    box_close(&b);
}

/* The header of a store that is open: LMDB reads it anew for each snapshot. (Where it
 * says that the file is larger than the map, LMDB refuses it before anybody looks.) */
static void a_header_that_changes_meanwhile(void **state)
{
    struct box b;
    struct kv_env *env;
    struct kv_txn *txn;
    uint64_t numbers[2], answer;
    (void)state;
    box_open(&b);
    box_put(&b, &b.data, b.data.len);
    for (int i = 0; i < 2; i++)
        memcpy(&numbers[i], b.data.ptr + i * PAGE + TXN_AT, sizeof(numbers[i]));
    const size_t newest = numbers[1] > numbers[0] ? PAGE : 0;
    assert_ok(kv_open(&env, b.path, tables, N_TABLES, &for_reading));
    assert_ok(ask_open(env, &answer));
    const int fd = open(b.path, O_RDWR);
    for (size_t at = newest + TABLES_AT; at < newest + TXN_AT - 8; at += 3) {
        const char was = b.data.ptr[at], is = (char)(was ^ 0x10);
        assert_int_equal(pwrite(fd, &is, 1, (off_t)at), 1);
        if (kv_read(env, &txn) != SILLOK_ECORRUPT)
            fail_msg("byte %zu of the header was not looked at: %s", at - newest,
                     sillok_error_message());
        assert_int_equal(pwrite(fd, &was, 1, (off_t)at), 1);
    }
    close(fd);
    assert_ok(ask_open(env, &answer));
    assert_true(answer == b.answer);
    kv_close(env);
    box_close(&b);
}

/* --- between two steps --- */

static void write_twice(void *arg)
{
    struct change *c = arg;
    (void)rewrite_elsewhere(c->box->path, 1);
    c->answer = rewrite_elsewhere(c->box->path, 2);
}

/* One commit, and the header before it is nobody's any more. */
static void write_once(void *arg)
{
    struct change *c = arg;
    struct buf now = BUF_INIT;
    c->answer = rewrite_elsewhere(c->box->path, 1);
    load(&now, c->box->path);
    now.ptr[PAGE - newest_head(&now) + TABLES_AT + 50] ^= 1;
    put_bytes(c->box->path, now.ptr, now.len);
    buf_release(&now);
}

/* The number of the last commit is another one each time. */
static void count_on(void *arg)
{
    const struct change *c = arg;
    struct buf now = BUF_INIT;
    uint64_t n;
    load(&now, c->box->path);
    char *const at = now.ptr + newest_head(&now) + TXN_AT;
    memcpy(&n, at, sizeof(n));
    n += 2;
    memcpy(at, &n, sizeof(n));
    put_bytes(c->box->path, now.ptr, now.len);
    buf_release(&now);
}

static void forget_heads(void *arg)
{
    const struct change *c = arg;
    struct buf sums = BUF_INIT;
    assert_ok(buf_add(&sums, c->box->sums.ptr, c->box->sums.len));
    memset(sums.ptr, 0, PAGE);
    put_bytes(c->box->seal, sums.ptr, sums.len);
    buf_release(&sums);
}

static void older_heads(void *arg)
{
    const struct change *c = arg;
    struct buf sums = BUF_INIT;
    uint64_t n;
    memcpy(&n, c->box->data.ptr + newest_head(&c->box->data) + TXN_AT, sizeof(n));
    assert_ok(buf_add(&sums, c->box->sums.ptr, c->box->sums.len));
    forge_head(&sums, n - 2, 1);
    forge_head(&sums, n - 3, 1);
    put_bytes(c->box->seal, sums.ptr, sums.len);
    buf_release(&sums);
}

/* A snapshot begins, and somebody writes before it is looked at. */
static void a_writer_is_faster(void **state)
{
    static const struct {
        const char *call; /* in which, and after it */
        unsigned times;
        void (*what)(void *arg);
        int code;
        enum { NEW, OLD, ERROR } answer;
        const char *said;
    } cases[] = {
        { "mdb_txn_begin", 1, write_twice, 0, NEW, "" },
        { "mdb_txn_begin", 1, write_once, 0, NEW, "" },
        /* the seal is read when the header has been */
        { "pread64", 1, write_twice, 0, OLD, "" },
        { "mdb_txn_begin", 200, count_on, SILLOK_EBUSY, ERROR,
          "is written to faster than it can be read" },
        { "mdb_txn_begin", 1, forget_heads, SILLOK_ECORRUPT, ERROR, "holds no seal" },
        { "mdb_txn_begin", 1, older_heads, SILLOK_ECORRUPT, ERROR, "its seal at " },
    };
    struct box b;
    (void)state;
    box_open(&b);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct kv_env *env;
        struct change change = { .box = &b };
        const int before = strcmp(cases[i].call, "pread64") == 0;
        const struct script step = { .call = cases[i].call,
                                     .times = cases[i].times,
                                     .before = before ? cases[i].what : NULL,
                                     .after = before ? NULL : cases[i].what,
                                     .arg = &change };
        uint64_t answer = 0;
        box_put(&b, &b.data, b.data.len);
        assert_ok(kv_open(&env, b.path, tables, N_TABLES, &for_reading));
        script_set(&step, 1);
        const int r = ask_open(env, &answer);
        if (r == SILLOK_EBUSY)
            assert_int_equal(script_calls(0), 100); /* so often is it tried */
        script_clear();
        if (r != cases[i].code || !strstr(sillok_error_message(), cases[i].said))
            fail_msg("case %zu: %d: %s", i, r, sillok_error_message());
        if (cases[i].answer != ERROR)
            assert_true(answer == (cases[i].answer == NEW ? change.answer : b.answer));
        kv_close(env);
    }
    /* While it is opened: it looks through a map of its own then. */
    struct kv_env *env;
    struct change change = { .box = &b };
    const struct script step = {
        .call = "mdb_txn_begin", .nth = 2, .after = write_twice, .arg = &change
    };
    uint64_t answer = 0;
    box_put(&b, &b.data, b.data.len);
    script_set(&step, 1);
    assert_ok(kv_open(&env, b.path, tables, N_TABLES, &for_reading));
    script_clear();
    assert_ok(ask_open(env, &answer));
    assert_true(answer == change.answer);
    kv_close(env);
    box_close(&b);
}

/* The new header, before it is sealed. */
static void spoil_header(void *arg)
{
    const char *path = arg;
    struct buf now = BUF_INIT;
    load(&now, path);
    now.ptr[newest_head(&now) + HEAD] ^= 1;
    put_bytes(path, now.ptr, now.len);
    buf_release(&now);
}

static void a_header_that_is_lost_before_the_seal(void **state)
{
    struct box b;
    struct kv_env *env = NULL;
    struct kv_txn *txn;
    uint64_t answer;
    (void)state;
    box_open(&b);
    struct script step = { .call = "mdb_txn_commit",
                           .after = spoil_header,
                           .arg = b.path };
    box_put(&b, &b.data, b.data.len);
    assert_ok(kv_open(&env, b.path, tables, N_TABLES, &for_writing));
    assert_ok(kv_write(env, &txn));
    put_rows(txn, T_PLAIN, 0, 5, 50);
    script_set(&step, 1);
    assert_int_equal(kv_commit(txn), SILLOK_ECORRUPT);
    script_clear();
    assert_non_null(strstr(sillok_error_message(), "its seal is not: "));
    assert_non_null(strstr(sillok_error_message(), "the header of '"));
    kv_close(env);

    char *other = support_path(b.folder, "new.mdb");
    struct kv_options o = for_writing;
    o.create = 1;
    step.arg = other;
    env = NULL;
    script_set(&step, 1);
    assert_int_equal(kv_open(&env, other, tables, N_TABLES, &o), SILLOK_ECORRUPT);
    assert_non_null(strstr(sillok_error_message(), "the header of '"));
    free(other);

    /* While a short file is waited for. */
    const struct script wait = { .call = "nanosleep",
                                 .before = spoil_header,
                                 .arg = b.path };
    box_put(&b, &b.data, b.data.len - 9 * PAGE);
    script_set(&wait, 1);
    assert_int_equal(ask(b.path, &answer), SILLOK_ECORRUPT);
    assert_non_null(strstr(sillok_error_message(), "the file was cut off"));
    box_close(&b);
}

static void read_meanwhile(void *arg)
{
    struct change *c = arg;
    assert_ok(ask_open(c->env, &c->answer));
}

/* A reader that begins when the seal is written, but the writer does not know it yet. */
static void a_reader_is_faster_than_the_writer(void **state)
{
    struct box b;
    struct kv_txn *txn;
    struct change change = { .box = &b };
    uint64_t answer;
    (void)state;
    box_open(&b);
    box_put(&b, &b.data, b.data.len);
    assert_ok(kv_open(&change.env, b.path, tables, N_TABLES, &for_writing));
    const struct script step = {
        .call = "fdatasync", .nth = 2, .after = read_meanwhile, .arg = &change
    };
    assert_ok(kv_write(change.env, &txn));
    put_rows(txn, T_PLAIN, 0, 5, 50);
    script_set(&step, 1);
    assert_ok(kv_commit(txn));
    assert_int_equal(script_calls(0), 2);
    script_clear();
    assert_true(change.answer != b.answer);
    assert_ok(ask_open(change.env, &answer));
    assert_true(answer == change.answer);
    kv_close(change.env);
    box_close(&b);
}

/* --- deletions --- */

/* Keys so long that a tree is high with few of them. */
enum { LONG_ROWS = 1500, LONG_KEY = 300, DEPTH_MAX = 8 };

static struct sillok_text long_key(char out[LONG_KEY], uint64_t n)
{
    memset(out, 'k', LONG_KEY);
    put_be((uint8_t *)out, n, 5);
    return text_make(out, LONG_KEY);
}

static void fill_long(const char *path)
{
    struct kv_env *env;
    struct kv_txn *txn;
    char key[LONG_KEY], value[200];
    struct kv_options o = for_writing;
    o.create = 1;
    assert_ok(kv_open(&env, path, tables, N_TABLES, &o));
    assert_ok(kv_write(env, &txn));
    for (uint64_t i = 0; i < LONG_ROWS; i++) /* in an order that splits pages */
        assert_ok(kv_put(txn, T_PLAIN, long_key(key, i * 7 % LONG_ROWS),
                         value_of(value, i, sizeof(value)), 0));
    assert_ok(kv_commit(txn));
    kv_close(env);
}

static const uint8_t *page_of(const struct buf *data, uint64_t page)
{
    assert_true((page + 1) * PAGE <= data->len);
    return (const uint8_t *)data->ptr + page * PAGE;
}

static struct btree_table table_of(const struct buf *data, const char *name)
{
    struct btree_meta meta[2];
    int exact;
    for (uint64_t i = 0; i < 2; i++)
        assert_ok(btree_meta_read(&meta[i], page_of(data, i)));
    const uint8_t *leaf = page_of(data, meta[meta[1].txn > meta[0].txn].main.root);
    const unsigned at = btree_find(leaf, text_of(name), &exact);
    assert_true(exact);
    return btree_table_read(btree_node(leaf, at).data);
}

/* The pages before and behind the way to @p key below one parent, on each level, and of
 * a branch those that lead to the least key below it. */
static size_t pages_beside(const struct buf *data, struct sillok_text key, uint64_t *out)
{
    const struct btree_table t = table_of(data, "plain");
    uint64_t page = t.root;
    size_t n = 0;
    int exact;
    assert_true(t.depth >= 4 && t.depth < DEPTH_MAX);
    for (unsigned level = 1; level < t.depth; level++) {
        const uint8_t *p = page_of(data, page);
        const unsigned at = btree_find(p, key, &exact);
        if (level > 1 &&
            at > 1) /* a branch that may be joined: what leads to its least */
            for (unsigned below = level; below < t.depth; below++) {
                const uint64_t from = below == level ? page : out[n - 1];
                out[n++] = btree_node(page_of(data, from), 0).child;
            }
        for (unsigned to = at ? at - 1 : 0; to <= at + 1 && to < btree_count(p); to++) {
            uint64_t other = btree_node(p, to).child;
            for (unsigned below = level; to != at && below < t.depth; below++) {
                out[n++] = other;
                if (below + 1 < t.depth)
                    other = btree_node(page_of(data, other), 0).child;
            }
        }
        page = btree_node(p, at).child;
    }
    return n;
}

static int delete_long(const char *path, uint64_t n)
{
    struct kv_env *env;
    struct kv_txn *txn;
    char key[LONG_KEY];
    assert_ok(kv_open(&env, path, tables, N_TABLES, &for_writing));
    assert_ok(kv_write(env, &txn));
    const int r = kv_delete(txn, T_PLAIN, long_key(key, n));
    kv_abort(txn);
    kv_close(env);
    return r;
}

/* LMDB joins a page that became too empty with one beside it, on each level, and reads
 * that one without a look at it: it must not come to that. */
static void what_a_deletion_may_join_is_looked_at(void **state)
{
    static const uint64_t keys[] = { 0, 1, LONG_ROWS / 3, LONG_ROWS / 2, LONG_ROWS - 1 };
    struct box b = { .folder = support_folder(), .data = BUF_INIT, .sums = BUF_INIT };
    size_t tried = 0;
    (void)state;
    b.path = support_path(b.folder, "t.mdb");
    b.seal = support_path(b.folder, "t.mdb-seal");
    fill_long(b.path);
    load(&b.data, b.path);
    load(&b.sums, b.seal);
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        char key[LONG_KEY];
        uint64_t beside[2 * DEPTH_MAX * DEPTH_MAX];
        const size_t n = pages_beside(&b.data, long_key(key, keys[i]), beside);
        box_put(&b, &b.data, b.data.len);
        assert_int_equal(delete_long(b.path, keys[i]), 1);
        for (size_t k = 0; k < n; k++, tried++) {
            char want[40];
            b.data.ptr[beside[k] * PAGE + 100] ^= 1;
            box_put(&b, &b.data, b.data.len);
            b.data.ptr[beside[k] * PAGE + 100] ^= 1;
            snprintf(want, sizeof(want), "page %llu of", (unsigned long long)beside[k]);
            if (delete_long(b.path, keys[i]) != SILLOK_ECORRUPT)
                fail_msg("row %llu: %s it was not looked at", (unsigned long long)keys[i],
                         want);
            assert_non_null(strstr(sillok_error_message(), want));
        }
    }
    assert_true(tried > 30);
    box_close(&b);
}

/* Pages of a tree that has become lower are of no level of it any more; what is in them
 * went into the new ones, so damage in them is told before those are sealed. */
static void what_a_lower_tree_left_is_looked_at(void **state)
{
    struct box b = { .folder = support_folder(), .data = BUF_INIT, .sums = BUF_INIT };
    struct buf now = BUF_INIT;
    struct kv_env *env;
    struct kv_txn *txn;
    char key[LONG_KEY];
    (void)state;
    b.path = support_path(b.folder, "t.mdb");
    b.seal = support_path(b.folder, "t.mdb-seal");
    fill_long(b.path);
    load(&b.data, b.path);
    load(&b.sums, b.seal);
    const struct btree_table high = table_of(&b.data, "plain");
    assert_ok(kv_open(&env, b.path, tables, N_TABLES, &for_writing));
    assert_ok(kv_write(env, &txn));
    for (uint64_t i = 3; i < LONG_ROWS; i++)
        assert_int_equal(kv_delete(txn, T_PLAIN, long_key(key, i)), 1);
    assert_ok(kv_commit(txn));
    kv_close(env);
    load(&now, b.path);
    assert_true(table_of(&now, "plain").depth + 1 < high.depth);
    /* Not one of its nodes: between its list of them and the first. */
    char *hole = now.ptr + high.root * PAGE + BTREE_HEAD_BYTES +
                 2 * btree_count(page_of(&now, high.root));
    *hole ^= 1;
    box_put(&b, &now, now.len); /* with the seal of before */
    assert_int_equal(begin_to_write(b.path), SILLOK_ECORRUPT);
    assert_non_null(strstr(sillok_error_message(), "is not what was written"));
    *hole ^= 1;
    box_put(&b, &now, now.len);
    assert_ok(begin_to_write(b.path));
    box_close(&b);
    buf_release(&now);
}

/* --- what a crash and a bad disk leave --- */

/* A byte of the file; page numbers and lengths are little-endian where this runs. */
static uint8_t *bytes_of(const struct buf *data, uint64_t page)
{
    return (uint8_t *)(uintptr_t)page_of(data, page);
}

/* The node of @p key (text_make(NULL, 0): the last one) in the leaf that it belongs to.
 */
static uint8_t *node_of(const struct buf *data, struct btree_table t,
                        struct sillok_text key)
{
    int exact = 1;
    uint64_t page = t.root;
    for (unsigned level = 1; level < t.depth; level++) {
        const uint8_t *p = page_of(data, page);
        page = btree_node(p, key.ptr ? btree_find(p, key, &exact) : btree_count(p) - 1)
                   .child;
    }
    const uint8_t *leaf = page_of(data, page);
    const unsigned at = key.ptr ? btree_find(leaf, key, &exact) : btree_count(leaf) - 1;
    assert_true(exact);
    const struct btree_node node = btree_node(leaf, at);
    return (uint8_t *)(uintptr_t)node.key.ptr - 8;
}

static uint8_t *data_of(uint8_t *node)
{
    uint16_t len;
    memcpy(&len, node + 6, sizeof(len));
    return node + 8 + len;
}

static void set(uint8_t *at, uint64_t v, size_t n)
{
    memcpy(at, &v, n);
}

/* Offsets in a table's record, a node and a page. */
enum { SIZE = 0, FLAGS = 4, DEPTH = 6, ROOT = 40 };
enum { NODE_FLAGS = 4 };
enum { PAGE_PAD = 8, PAGE_FLAGS = 10, PAGE_LOWER = 12, FIRST_OFFSET = 16 };

enum spoil {
    MAIN_OVERFLOW,
    MAIN_BEHIND,
    MAIN_DEEPER,
    MAIN_TOO_DEEP,
    MAIN_DEEPEST,
    MAIN_KIND,
    FREE_KIND,
    FREE_COUNT,
    PLAIN_FLAT,
    PLAIN_KIND,
    PLAIN_ROW,
    PLAIN_VALUES,
    PLAIN_ALONE,
    PLAIN_TWICE,
    PLAIN_NODE,
    PLAIN_OUTSIDE,
    PLAIN_NUMBER,
    BIG_BEHIND,
    BIG_LONG,
    BIG_LEAF,
    BIG_RUN,
    BIG_NONE,
    DUP_KIND,
    DUP_SIZE,
    DUP_NO_SIZE,
    DUP_NODE,
    FEW_KIND,
    FEW_LOWER,
    FEW_NO_SIZE,
    FEW_COUNT,
    STILL_DEEPER,
    STILL_KIND,
    STILL_SIZE,
    N_SPOILS
};

static const char no_page[] = "is not a page of its table",
                  no_data[] = "is not data of its table", header[] = "the header of '";
static const char *const spoils[N_SPOILS] = {
    [MAIN_OVERFLOW] = no_page,
    [MAIN_BEHIND] = no_page,
    [MAIN_DEEPER] = "is not a branch",
    [MAIN_TOO_DEEP] = "is too deep in its table",
    [MAIN_DEEPEST] = "is not a branch",
    [MAIN_KIND] = header,
    [FREE_KIND] = header,
    [FREE_COUNT] = no_page,
    [PLAIN_FLAT] = "is not a leaf",
    [PLAIN_KIND] = no_page,
    [PLAIN_ROW] = no_page,
    [PLAIN_VALUES] = no_page,
    [PLAIN_ALONE] = no_page,
    [PLAIN_TWICE] = "stands twice in its table",
    [PLAIN_NODE] = no_page,
    [PLAIN_OUTSIDE] = no_page,
    [PLAIN_NUMBER] = no_page,
    [BIG_BEHIND] = no_data,
    [BIG_LONG] = no_data,
    [BIG_LEAF] = no_data,
    [BIG_RUN] = no_data,
    [BIG_NONE] = no_data,
    [DUP_KIND] = no_page,
    [DUP_SIZE] = no_page,
    [DUP_NO_SIZE] = no_page,
    [DUP_NODE] = no_page,
    [FEW_KIND] = no_page,
    [FEW_LOWER] = no_page,
    [FEW_NO_SIZE] = no_page,
    [FEW_COUNT] = no_page,
    [STILL_DEEPER] = "is not what its record says",
    [STILL_KIND] = "is not what its record says",
    [STILL_SIZE] = "is not what its record says",
};

static void spoil(const struct buf *data, enum spoil how)
{
    uint8_t *const head = (uint8_t *)data->ptr + newest_head(data),
                   *const free_list = head + TABLES_AT, *const all = free_list + 48;
    const struct btree_table tables_ = btree_table_read(text_make((char *)all, 48));
    uint8_t *const plain = data_of(node_of(data, tables_, text_of("plain"))),
                   *const still = data_of(node_of(data, tables_, text_of("still")));
    const struct btree_table p = table_of(data, "plain"), d = table_of(data, "dup");
    uint8_t *const root = bytes_of(data, p.root), *const row = node_of(
                                                      data, p, text_make(NULL, 0));
    uint8_t key[5];
    uint8_t *const big = node_of(data, table_of(data, "big"), number_key(key, 0)),
                   *const child = data_of(big);
    uint64_t run;
    memcpy(&run, child, sizeof(run));
    uint8_t *const many = node_of(data, d, text_of("k")), *const tree = data_of(many),
                   *const few = data_of(node_of(data, d, text_of("few")));
    const struct btree_table f =
        btree_table_read(text_make((char *)free_list, BTREE_TABLE_BYTES));
    uint64_t values;
    memcpy(&values, tree + ROOT, sizeof(values));
    switch (how) {
    case MAIN_OVERFLOW:
        set(all + ROOT, run, 8);
        break;
    case MAIN_BEHIND:
        set(all + ROOT, data->len / PAGE, 8);
        break;
    case MAIN_DEEPER:
        all[DEPTH]++;
        break;
    case MAIN_TOO_DEEP:
        all[DEPTH] = BTREE_DEPTH_MAX + 1;
        break;
    case MAIN_DEEPEST:
        all[DEPTH] = BTREE_DEPTH_MAX;
        break;
    case MAIN_KIND:
        all[FLAGS] |= TABLE_DUPLICATES;
        break;
    case FREE_KIND:
        free_list[FLAGS] ^= TABLE_NUMBERS;
        break;
    case FREE_COUNT:
        set(data_of(node_of(data, f, text_make(NULL, 0))), 1 << 30, 8);
        break;
    case PLAIN_FLAT:
        plain[DEPTH]--;
        break;
    case PLAIN_KIND:
        plain[FLAGS] = TABLE_DUPLICATES;
        break;
    case PLAIN_ROW:
        plain[-8 - 5 + NODE_FLAGS] = 0; /* before the record the name, and the node */
        break;
    case PLAIN_VALUES:
        set(plain + ROOT, values, 8);
        plain[DEPTH] = tree[DEPTH];
        break;
    case PLAIN_ALONE:
        set(root + PAGE_LOWER, FIRST_OFFSET + 2, 2);
        break;
    case PLAIN_TWICE:
        memcpy(root + FIRST_OFFSET, root + FIRST_OFFSET + 2, 2);
        break;
    case PLAIN_NODE:
        row[NODE_FLAGS] = NODE_DUPLICATES;
        break;
    case PLAIN_OUTSIDE:
        set(row - (size_t)(row - (uint8_t *)data->ptr) % PAGE + FIRST_OFFSET, PAGE - 4,
            2);
        break;
    case PLAIN_NUMBER: /* another page, of the same table */
        set(row - (size_t)(row - (uint8_t *)data->ptr) % PAGE, p.root, 8);
        break;
    case BIG_BEHIND:
        set(child, data->len / PAGE, 8);
        break;
    case BIG_LONG:
        set(big, 1 << 20, 4);
        break;
    case BIG_LEAF:
        set(child, p.root, 8);
        break;
    case BIG_RUN:
        set(bytes_of(data, run) + PAGE_LOWER, 1 << 20, 4);
        break;
    case BIG_NONE:
        set(bytes_of(data, run) + PAGE_LOWER, 0, 4);
        break;
    case DUP_KIND:
        tree[FLAGS] |= TABLE_DUPLICATES;
        break;
    case DUP_SIZE:
        tree[SIZE]++;
        break;
    case DUP_NO_SIZE:
        tree[SIZE] = 0;
        break;
    case DUP_NODE:
        many[NODE_FLAGS] = NODE_TABLE;
        break;
    case FEW_KIND:
        few[PAGE_FLAGS] = BTREE_LEAF | BTREE_SUBPAGE;
        break;
    case FEW_LOWER:
        few[PAGE_LOWER] = 15;
        break;
    case FEW_NO_SIZE:
        few[PAGE_PAD] = 0;
        break;
    case FEW_COUNT:
        few[PAGE_LOWER] += 100;
        break;
    case STILL_DEEPER:
        still[DEPTH]++;
        break;
    case STILL_KIND:
        still[FLAGS] = TABLE_DUPLICATES | TABLE_FIXED;
        break;
    case STILL_SIZE:
        still[SIZE] = 1;
        break;
    case N_SPOILS:
        break;
    }
}

/* LMDB would go through all of these as if they were sound. Nobody reads them, and nobody
 * seals them. */
static void an_unsealed_commit_is_told_by_its_shape(void **state)
{
    struct box b;
    struct buf now = BUF_INIT;
    uint64_t answer;
    (void)state;
    box_open(&b);
    commit_unsealed(&b);
    load(&now, b.path);
    for (int how = 0; how < N_SPOILS; how++) {
        struct buf data = BUF_INIT;
        assert_ok(buf_add(&data, now.ptr, now.len));
        spoil(&data, (enum spoil)how);
        assert_true(memcmp(data.ptr, now.ptr, now.len) != 0);
        for (int writing = 0; writing < 2; writing++) {
            box_put(&b, &data, data.len);
            const int r = writing ? begin_to_write(b.path) : ask(b.path, &answer);
            if (r != SILLOK_ECORRUPT || !strstr(sillok_error_message(), spoils[how]))
                fail_msg("%d, writing %d: %d: '%s', not '%s'", how, writing, r,
                         sillok_error_message(), spoils[how]);
        }
        buf_release(&data);
    }
    box_put(&b, &now, now.len);
    assert_ok(begin_to_write(b.path));
    assert_ok(ask(b.path, &answer));
    buf_release(&now);
    box_close(&b);
}

/* --- pages that have their sum and make no tree --- */

struct asked {
    struct guard guard;
    struct guard_view view;
};

static const char *const names[N_TABLES + 1] = { "plain", "big", "dup", "still", NULL };

/* The guard alone: LMDB must not see these. */
static void ask_guard(struct asked *a, const struct box *b, const struct buf *data,
                      const struct buf *sums)
{
    uint64_t n;
    memcpy(&n, data->ptr + newest_head(data) + TXN_AT, sizeof(n));
    put_bytes(b->path, data->ptr, data->len);
    put_bytes(b->seal, sums->ptr, sums->len);
    assert_ok(guard_open(&a->guard, b->path, names, 1, 0));
    assert_ok(guard_map(&a->guard, (size_t)1 << 26));
    assert_ok(guard_begin(&a->view, &a->guard, n, 0));
}

/* What stands in the file now is what was written. */
static void seal_all(const struct buf *data, struct buf *sums, const struct buf *was)
{
    uint64_t n;
    const size_t head = newest_head(data);
    for (uint64_t page = 2; page < data->len / PAGE; page++)
        if (memcmp(page_of(data, page), page_of(was, page), PAGE) != 0)
            put_be((uint8_t *)sums->ptr + 4096 + page * 8,
                   seal_sum(page_of(data, page), PAGE), 8);
    memcpy(&n, data->ptr + head + TXN_AT, sizeof(n));
    forge_head(sums, n, seal_sum(data->ptr + head + HEAD, BTREE_META_BYTES));
}

static int take_none(void *arg, const struct kv_damage *d)
{
    (void)d;
    ++*(unsigned *)arg;
    return 0;
}

static void what_makes_no_tree_is_told(void **state)
{
    static const char deep[] = "is too deep in its table", empty[] = "is empty";
    enum { FLAT, RING, EMPTY, NO_TABLE, VALUES, NO_VALUES, NO_MAIN, N_FORGED };
    static const struct {
        int key, edge, value, walk, n_taken;
        const char *said; /* by the first that says anything */
    } cases[N_FORGED] = {
        [FLAT] = { SILLOK_ECORRUPT, SILLOK_ECORRUPT, 0, 0, 1, deep },
        [RING] = { SILLOK_ECORRUPT, 0, 0, SILLOK_ECORRUPT, -1, deep },
        [EMPTY] = { SILLOK_ECORRUPT, SILLOK_ECORRUPT, 0, 0, 0, empty },
        [NO_TABLE] = { 0, 0, 0, 0, 0, "" },
        [VALUES] = { 0, 0, 0, 0, 0, "" },
        [NO_VALUES] = { 0, 0, 0, 0, 0, "" },
        [NO_MAIN] = { 0, 0, 0, 0, 0, "" },
    };
    struct box b;
    uint8_t key[5];
    char value[DUP_BYTES];
    (void)state;
    box_open(&b);
    for (int i = 0; i < N_FORGED; i++) {
        struct buf data = BUF_INIT, sums = BUF_INIT;
        struct asked a;
        unsigned n = 0;
        assert_ok(buf_add(&data, b.data.ptr, b.data.len));
        assert_ok(buf_add(&sums, b.sums.ptr, b.sums.len));
        uint8_t *const all = (uint8_t *)data.ptr + newest_head(&data) + TABLES_AT + 48;
        const struct btree_table tables_ = btree_table_read(text_make((char *)all, 48)),
                                 p = table_of(&data, "plain"), d = table_of(&data, "dup");
        uint8_t *const plain = data_of(node_of(&data, tables_, text_of("plain"))),
                       *const tree = data_of(node_of(&data, d, text_of("k"))),
                       *const root = bytes_of(&data, p.root);
        const struct btree_table t = btree_table_read(text_make((char *)tree, 48));
        uint16_t first;
        memcpy(&first, root + FIRST_OFFSET, 2);
        if (i == FLAT)
            plain[DEPTH]--;
        else if (i == RING) {
            set(root + first, p.root, 4);
            plain[DEPTH] = 200;
        } else if (i == EMPTY)
            set(root + PAGE_LOWER, FIRST_OFFSET, 2);
        else if (i == NO_TABLE)
            plain[-8 - 5 + NODE_FLAGS] = 0;
        else if (i == VALUES) {
            const uint8_t *values = page_of(&data, t.root);
            set(plain + ROOT, btree_node(values, 0).child, 8);
            plain[DEPTH] = 1;
        } else if (i == NO_VALUES)
            set(tree + ROOT, BTREE_NONE, 8);
        else
            set(all + ROOT, BTREE_NONE, 8);
        seal_all(&data, &sums, &b.data);
        ask_guard(&a, &b, &data, &sums);
        struct guard_view *const v = &a.view;
        (void)(fail)(SILLOK_ERR, "%s", "");
        const int r[] = {
            guard_key(v, T_PLAIN, number_key(key, 0), GUARD_DATA),
            guard_edge(v, T_PLAIN, 1),
            guard_value(v, T_DUP, text_of("k"), value_of(value, 0, DUP_BYTES)),
        };
        if (r[0] != cases[i].key || r[1] != cases[i].edge || r[2] != cases[i].value ||
            !strstr(sillok_error_message(), cases[i].said))
            fail_msg("case %d: %d, %d, %d: %s", i, r[0], r[1], r[2],
                     sillok_error_message());
        assert_int_equal(guard_walk(v, T_PLAIN, take_none, &n), cases[i].walk);
        if (i == RING)
            assert_non_null(strstr(sillok_error_message(), "stands in a ring"));
        if (i == FLAT) /* each leaf */
            assert_true(n > 10);
        else if (cases[i].n_taken >= 0)
            assert_int_equal(n, cases[i].n_taken);
        guard_close(&a.guard);
        buf_release(&data);
        buf_release(&sums);
    }
    box_close(&b);
}

static int take_one(void *arg, const struct kv_damage *d)
{
    (void)d;
    ++*(unsigned *)arg;
    return SILLOK_EBUSY;
}

static void a_walk_ends_where_it_is_told_to(void **state)
{
    struct box b;
    struct asked a;
    uint8_t key[5];
    (void)state;
    box_open(&b);
    unsigned n = 0, all = 0;
    for (uint64_t i = 0; i < 3; i++) { /* big data in one leaf */
        uint64_t run;
        memcpy(&run,
               data_of(node_of(&b.data, table_of(&b.data, "big"), number_key(key, i))),
               sizeof(run));
        bytes_of(&b.data, run)[100] ^= 1;
    }
    ask_guard(&a, &b, &b.data, &b.sums);
    assert_ok(guard_walk(&a.view, T_BIG, take_none, &all));
    assert_int_equal(all, 3);
    assert_int_equal(guard_walk(&a.view, T_BIG, take_one, &n), SILLOK_EBUSY);
    assert_int_equal(n, 1);
    guard_close(&a.guard);
    box_close(&b);
}

static void no_page_is_outside_of_the_file(void **state)
{
    struct box b;
    struct asked a;
    (void)state;
    box_open(&b);
    const uint64_t end = n_pages(&b);
    const struct {
        uint64_t page, n;
        int is_there;
    } cases[] = {
        { 0, 1, 1 },          { end - 1, 1, 1 },    { 0, end, 1 },
        { end, 1, 0 },        { end - 1, 2, 0 },    { 1, end, 0 },
        { UINT64_MAX, 1, 0 }, { UINT64_MAX, 2, 0 }, { 5, UINT64_MAX, 0 },
    };
    ask_guard(&a, &b, &b.data, &b.sums);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const uint8_t *p = guard_page(&a.guard, cases[i].page, cases[i].n);
        assert_int_equal(p != NULL, cases[i].is_there);
        if (p)
            assert_ptr_equal(p, a.guard.map + cases[i].page * PAGE);
    }
    /* It has become longer, up to the end of the map and beyond. */
    assert_int_equal(truncate(b.path, ((off_t)1 << 26) + PAGE), 0);
    assert_non_null(guard_page(&a.guard, end, 1));
    const uint64_t last = ((uint64_t)1 << 26) / PAGE - 1;
    assert_non_null(guard_page(&a.guard, last, 1));
    assert_null(guard_page(&a.guard, last, 2));
    assert_null(guard_page(&a.guard, last + 1, 1));
    const struct script fails = { .call = "fstat64", .rc = EIO };
    script_set(&fails, 1);
    assert_null(guard_page(&a.guard, last + 9, 1));
    assert_int_equal(script_calls(0), 1);
    script_clear();
    guard_close(&a.guard);
    box_close(&b);
}

/* --- no seal at all --- */

static uint64_t value_sum(struct sillok_text v)
{
    return XXH3_64bits(v.ptr, v.len);
}

static int ask_bare(const struct box *b, const struct buf *data)
{
    static const struct kv_table bare[] = { { "plain", 0 }, { "big", 0 } };
    struct kv_options o = for_reading;
    struct kv_env *env = NULL;
    struct kv_txn *txn;
    struct kv_cursor *c;
    struct sillok_text k, v;
    o.may_lack_seal = 1;
    box_put(b, data, data->len);
    assert_int_equal(unlink(b->seal), 0);
    int r = kv_open(&env, b->path, bare, 2, &o);
    if (r == 0)
        r = kv_read(env, &txn);
    if (r == 0) {
        for (int table = 0; table < 2 && r == 0; table++) {
            c = NULL;
            r = kv_cursor_open(&c, txn, table);
            for (r = r < 0 ? r : kv_first(c, &k, &v); r > 0; r = kv_next(c, &k, &v))
                (void)value_sum(v); /* all that it is said to be can be read */
            kv_cursor_close(c);
        }
        kv_abort(txn);
    }
    kv_close(env);
    return r;
}

/* The same damages: of what LMDB reads there none is left to it. */
static void without_a_seal_the_shape_tells(void **state)
{
    static const int unread[] = { MAIN_DEEPER, MAIN_TOO_DEEP, MAIN_DEEPEST, FREE_COUNT,
                                  PLAIN_ROW,   DUP_KIND,      DUP_SIZE,     DUP_NO_SIZE,
                                  DUP_NODE,    FEW_KIND,      FEW_LOWER,    FEW_NO_SIZE,
                                  FEW_COUNT,   STILL_KIND,    STILL_SIZE,   STILL_DEEPER,
                                  PLAIN_TWICE };
    struct box b;
    struct buf now = BUF_INIT;
    (void)state;
    box_open(&b);
    commit_unsealed(&b);
    load(&now, b.path);
    assert_ok(ask_bare(&b, &now));
    for (int how = 0; how < N_SPOILS; how++) {
        struct buf data = BUF_INIT;
        int may_pass = 0;
        for (size_t i = 0; i < sizeof(unread) / sizeof(unread[0]); i++)
            may_pass |= unread[i] == how;
        assert_ok(buf_add(&data, now.ptr, now.len));
        spoil(&data, (enum spoil)how);
        const int r = ask_bare(&b, &data);
        if (r != SILLOK_ECORRUPT && !(may_pass && r == 0))
            fail_msg("%d: %d: %s", how, r, sillok_error_message());
        buf_release(&data);
    }
    /* Either header, and a file that is cut. */
    for (size_t at = HEAD; at < 2 * PAGE; at += PAGE) {
        now.ptr[at] ^= 1;
        assert_int_equal(ask_bare(&b, &now), SILLOK_ECORRUPT);
        assert_non_null(strstr(sillok_error_message(), "the header of '"));
        now.ptr[at] ^= 1;
    }
    now.len -= 30 * PAGE;
    assert_int_equal(ask_bare(&b, &now), SILLOK_ECORRUPT);
    assert_non_null(strstr(sillok_error_message(), "the file was cut off"));
    buf_release(&now);
    box_close(&b);
}

/* --- another machine --- */

static void a_file_of_another_machine_is_told(void **state)
{
    static const struct {
        unsigned first, second; /* bytes of a page that its headers tell */
        size_t n_pages;         /* of the file; 0: all */
        int code;
        const char *said;
    } cases[] = {
        { 2 * PAGE, 2 * PAGE, 0, SILLOK_EINVALID,
          "was made on a machine with pages of 8192 bytes, this one has 4096" },
        { 2 * PAGE, PAGE, 0, SILLOK_ECORRUPT, "the header of '" },
        { 2 * PAGE, 3, 0, SILLOK_ECORRUPT, "the header of '" },
        { 3, PAGE, 0, SILLOK_ECORRUPT, "the header of '" },
        { 8 * PAGE, 8 * PAGE, 2, SILLOK_ECORRUPT, "was cut off inside its header" },
        { 8 * PAGE, 8 * PAGE, 1, SILLOK_ECORRUPT, "has 4096 bytes: it was cut off" },
    };
    struct box b;
    (void)state;
    box_open(&b);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buf data = BUF_INIT;
        uint64_t answer;
        assert_ok(buf_add(&data, b.data.ptr, b.data.len));
        set((uint8_t *)data.ptr + TABLES_AT, cases[i].first, 4);
        memcpy(data.ptr + 2 * PAGE, data.ptr + PAGE, PAGE);
        set((uint8_t *)data.ptr + 2 * PAGE + TABLES_AT, cases[i].second, 4);
        box_put(&b, &data, cases[i].n_pages ? cases[i].n_pages * PAGE : data.len);
        const int r = ask(b.path, &answer);
        if (r != cases[i].code || !strstr(sillok_error_message(), cases[i].said))
            fail_msg("case %zu: %d: %s", i, r, sillok_error_message());
        buf_release(&data);
    }
    box_close(&b);
}

/* --- all pages --- */

struct taken {
    uint64_t page;
    unsigned n;
};

static int take(void *arg, const struct kv_damage *d)
{
    struct taken *t = arg;
    t->page = d->page;
    t->n++;
    return 0;
}

static void a_check_names_the_page(void **state)
{
    struct box b;
    struct kv_env *env;
    struct kv_txn *txn;
    (void)state;
    box_open(&b);
    unsigned named = 0;
    for (uint64_t page = 2; page < n_pages(&b); page += 5) {
        struct taken t = { 0, 0 };
        b.data.ptr[page * PAGE + 16] ^= 0x20;
        box_put(&b, &b.data, b.data.len);
        b.data.ptr[page * PAGE + 16] ^= 0x20;
        if (kv_open(&env, b.path, tables, N_TABLES, &for_reading) < 0)
            continue; /* the table of tables itself */
        assert_ok(kv_read(env, &txn));
        for (int table = KV_OWN_TABLES; table < N_TABLES; table++)
            assert_ok(kv_check(txn, table, take, &t));
        kv_abort(txn);
        kv_close(env);
        assert_true(t.n <= 1);
        /* A run of overflow pages is named by its first. */
        assert_true(t.n == 0 || (t.page <= page && page < t.page + 3));
        named += t.n;
    }
    assert_true(named > n_pages(&b) / 10);
    box_close(&b);
}

/* A value in pages of its own is looked at when it is asked for, and no sooner. */
static void a_long_value_is_looked_at_where_it_is_asked_for(void **state)
{
    struct box b;
    struct kv_env *env;
    struct kv_txn *txn;
    struct kv_cursor *c;
    struct sillok_text k, v;
    uint8_t key[5];
    (void)state;
    box_open(&b);
    uint64_t leaf = table_of(&b.data, "big").root;
    while (btree_flags(page_of(&b.data, leaf)) & BTREE_BRANCH)
        leaf = btree_node(page_of(&b.data, leaf), 0).child;
    const uint64_t run = btree_node(page_of(&b.data, leaf), 1).child;
    assert_int_equal(btree_flags(page_of(&b.data, run)), BTREE_OVERFLOW);
    b.data.ptr[(run + 1) * PAGE + 50] ^= 4;
    box_put(&b, &b.data, b.data.len);
    assert_ok(kv_open(&env, b.path, tables, N_TABLES, &for_writing));
    assert_ok(kv_write(env, &txn));
    assert_int_equal(kv_get(txn, T_BIG, number_key(key, 0), &v), 1);
    assert_int_equal(kv_get(txn, T_BIG, number_key(key, 2), &v), 1);
    assert_int_equal(kv_get(txn, T_BIG, number_key(key, 1), &v), SILLOK_ECORRUPT);
    assert_ok(kv_cursor_open(&c, txn, T_BIG));
    assert_int_equal(kv_first(c, &k, &v), 1);
    assert_int_equal(kv_next(c, &k, &v), SILLOK_ECORRUPT);
    kv_cursor_close(c);
    assert_int_equal(kv_put(txn, T_BIG, number_key(key, 1), text_of("x"), 0),
                     SILLOK_ECORRUPT);
    assert_int_equal(kv_delete(txn, T_BIG, number_key(key, 1)), SILLOK_ECORRUPT);
    kv_abort(txn);
    kv_close(env);
    box_close(&b);
}

int main(int argc, char **argv)
{
    if (argc == 3)
        return write_for_another(argv[1], argv[2]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_page_zeroed_cut_or_swapped),
        cmocka_unit_test(bits_flipped),
        cmocka_unit_test(number_of_the_commit_flipped),
        cmocka_unit_test(older_header_half_written),
        cmocka_unit_test(other_files_put_in_place),
        cmocka_unit_test(a_commit_that_was_not_sealed),
        cmocka_unit_test(an_unsealed_commit_is_waited_for_once),
        cmocka_unit_test(what_looks_wrong_is_looked_at_again),
        cmocka_unit_test(a_commit_that_is_sealed_meanwhile),
        cmocka_unit_test(an_unsealed_commit_that_is_damaged),
        cmocka_unit_test(bits_flipped_in_an_unsealed_commit),
        cmocka_unit_test(two_commits_behind),
        cmocka_unit_test(what_another_process_wrote_is_read),
        cmocka_unit_test(what_another_process_wrote_is_looked_at),
        cmocka_unit_test(a_header_that_changes_meanwhile),
        cmocka_unit_test(a_writer_is_faster),
        cmocka_unit_test(a_header_that_is_lost_before_the_seal),
        cmocka_unit_test(a_reader_is_faster_than_the_writer),
        cmocka_unit_test(what_a_deletion_may_join_is_looked_at),
        cmocka_unit_test(what_a_lower_tree_left_is_looked_at),
        cmocka_unit_test(an_unsealed_commit_is_told_by_its_shape),
        cmocka_unit_test(what_makes_no_tree_is_told),
        cmocka_unit_test(a_walk_ends_where_it_is_told_to),
        cmocka_unit_test(no_page_is_outside_of_the_file),
        cmocka_unit_test(without_a_seal_the_shape_tells),
        cmocka_unit_test(a_file_of_another_machine_is_told),
        cmocka_unit_test(a_check_names_the_page),
        cmocka_unit_test(a_long_value_is_looked_at_where_it_is_asked_for),
    };
    if (argc == 2) /* only those */
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
