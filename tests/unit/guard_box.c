#include "unit/guard_box.h"

#include "faults/script.h"
#include "store/seal.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

const struct kv_table tables[N_TABLES] = { [T_PLAIN] = { "plain", 0 },
                                           [T_BIG] = { "big", 0 },
                                           [T_DUP] = { "dup", KV_DUPFIXED },
                                           [T_STILL] = { "still", 0 } };

const struct kv_options for_reading = { .read_only = 1,
                                        .map_bytes = (size_t)1 << 26,
                                        .map_max_bytes = (size_t)1 << 26 };
const struct kv_options for_writing = { .map_bytes = (size_t)1 << 26,
                                        .map_max_bytes = (size_t)1 << 26 };

/* --- what the file holds --- */

struct sillok_text number_key(uint8_t out[5], uint64_t n)
{
    put_be(out, n, 5);
    return text_make((const char *)out, 5);
}

struct sillok_text value_of(char *out, uint64_t n, size_t len)
{
    uint64_t state = n + 1;
    for (size_t i = 0; i < len; i += 8) {
        const uint64_t v = support_random(&state);
        memcpy(out + i, &v, len - i < 8 ? len - i : 8);
    }
    return text_make(out, len);
}

void put_rows(struct kv_txn *txn, int table, uint64_t from, uint64_t to, size_t len)
{
    uint8_t key[5];
    char value[BIG_BYTES];
    for (uint64_t i = from; i < to; i++)
        assert_ok(kv_put(txn, table, number_key(key, i), value_of(value, i, len), 0));
}

void put_dups(struct kv_txn *txn, uint64_t from, uint64_t to)
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

int ask_open(struct kv_env *env, uint64_t *answer)
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

int ask(const char *path, uint64_t *answer)
{
    struct kv_env *env = NULL;
    int r = kv_open(&env, path, tables, N_TABLES, &for_reading);
    *answer = 0;
    if (r == 0)
        r = ask_open(env, answer);
    kv_close(env);
    return r;
}

int change(const char *path, uint64_t *answer)
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

void load(struct buf *out, const char *path)
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

void put_bytes(const char *path, const char *ptr, size_t len)
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

void put_files(const struct box *b, const struct buf *data, size_t len)
{
    put_bytes(b->path, data->ptr, len);
    put_bytes(b->seal, b->sums.ptr, b->sums.len);
}

void box_put(const struct box *b, const struct buf *data, size_t len)
{
    char *lock = support_path(b->folder, "t.mdb-lock");
    (void)unlink(lock);
    free(lock);
    put_files(b, data, len);
}

void box_open(struct box *b)
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

void box_close(struct box *b)
{
    script_clear();
    support_remove(b->folder);
    free(b->path);
    free(b->seal);
    buf_release(&b->data);
    buf_release(&b->sums);
}

uint64_t n_pages(const struct box *b)
{
    return b->data.len / PAGE;
}

const uint8_t *page_of(const struct buf *data, uint64_t page)
{
    assert_true((page + 1) * PAGE <= data->len);
    return (const uint8_t *)data->ptr + page * PAGE;
}

struct btree_table table_of(const struct buf *data, const char *name)
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

/* --- writers --- */

void commit_unsealed(const struct box *b)
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

int begin_to_write(const char *path)
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

size_t newest_head(const struct buf *data)
{
    uint64_t txn[2];
    for (int i = 0; i < 2; i++)
        memcpy(&txn[i], data->ptr + i * PAGE + TXN_AT, sizeof(txn[i]));
    return txn[1] > txn[0] ? PAGE : 0;
}

void forge_head(struct buf *sums, uint64_t txn, uint64_t meta_sum)
{
    uint8_t *slot = (uint8_t *)sums->ptr + (txn & 1) * 512;
    put_be(slot + 16, txn, 8);
    put_be(slot + 24, meta_sum, 8);
    put_be(slot + 32, seal_sum(slot, 32), 8);
}
