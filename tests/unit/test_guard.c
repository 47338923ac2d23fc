/* A damaged file of tables: every question gets the answer that it had, or is told of the
 * damage. No signal, no hang, nothing else. */
#include "faults/script.h"
#include "unit/guard_box.h"

#include <stdio.h>
#include <unistd.h>

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
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_page_zeroed_cut_or_swapped),
        cmocka_unit_test(bits_flipped),
        cmocka_unit_test(number_of_the_commit_flipped),
        cmocka_unit_test(older_header_half_written),
        cmocka_unit_test(other_files_put_in_place),
        cmocka_unit_test(a_commit_that_was_not_sealed),
        cmocka_unit_test(an_unsealed_commit_is_waited_for_once),
        cmocka_unit_test(what_a_deletion_may_join_is_looked_at),
        cmocka_unit_test(what_a_lower_tree_left_is_looked_at),
        cmocka_unit_test(a_check_names_the_page),
        cmocka_unit_test(a_long_value_is_looked_at_where_it_is_asked_for),
    };
    if (argc == 2) /* only those */
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
