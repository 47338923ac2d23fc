/*
 * Keys of articles in rows of 64: each is found by its number, whatever the keys are, however
 * batches end, and damage to a row is told.
 */
#include "support_item.h"

#include "store/lmdb.h"
#include "store/recognize.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N = 1000 };

static struct article_key keys[N + 1]; /* by number, from 1 */

/* Some like the one before, some like nothing, some of the longest. */
static void make_keys(void)
{
    static const char letters[] = "0123456789abcXYZ_-";
    uint64_t seed = 3;
    for (size_t i = 1; i <= N; i++) {
        char oid[65], aid[65];
        const int kind = (int)(support_random(&seed) % 8);
        const size_t long_one = kind == 0 ? 64 : kind == 1 ? 1 : 3;
        for (size_t k = 0; k < long_one; k++)
            oid[k] = kind < 2 ? letters[support_random(&seed) % 18] : '0';
        oid[long_one] = '\0';
        snprintf(aid, sizeof(aid), kind == 2 ? "%064zu" : "%010zu", i);
        article_key_make(&keys[i], text_of(oid), text_of(aid));
    }
}

static void is_there(struct kv_txn *txn, uint64_t number)
{
    struct article_key key;
    assert_ok(article_key_read(txn, number, &key));
    assert_true(text_equal(article_key_text(&key), article_key_text(&keys[number])));
}

static void any_keys_in_any_batches(void **state)
{
    struct support_fixture *f = *state;
    struct lmdb_store *s = lmdb_of(f->store);
    uint64_t seed = 5, next = 1;
    struct article_key key;
    while (next <= N) {
        const uint64_t n = 1 + support_random(&seed) % 100, first = next;
        const int give_up = support_random(&seed) % 4 == 0;
        assert_ok(f->store->ops->begin(f->store, "crawl"));
        for (; next <= N && next < first + n; next++) {
            assert_ok(names_add(&s->names, s->txn, next, &keys[next]));
            if (support_random(&seed) % 16 == 0) {
                assert_ok(names_flush(&s->names, s->txn));
                is_there(s->txn, next);
                is_there(s->txn, 1 + support_random(&seed) % next);
            }
        }
        assert_ok(names_flush(&s->names, s->txn));
        s->dirty = 1;
        if (give_up) {
            f->store->ops->abort(f->store);
            next = first;
        } else {
            assert_ok(f->store->ops->commit(f->store));
        }
    }
    struct kv_txn *txn;
    struct kv_stats stats;
    assert_ok(view_begin(s, &txn));
    for (uint64_t i = 1; i <= N; i++)
        is_there(txn, i);
    assert_int_equal(names_get(txn, 0, &key), 0);
    assert_int_equal(names_get(txn, N + 1, &key), 0);
    assert_int_equal(article_key_read(txn, N + 1, &key), SILLOK_ECORRUPT);
    assert_ok(kv_table_stats(txn, T_ORDINAL, &stats));
    assert_int_equal(stats.rows, (N + 63) / 64);
    view_end(s, txn);
}

/* One after a gap goes nowhere: what is before it is not there. */
static void none_is_left_out(void **state)
{
    struct support_fixture *f = *state;
    struct lmdb_store *s = lmdb_of(f->store);
    assert_ok(f->store->ops->begin(f->store, "crawl"));
    assert_ok(names_add(&s->names, s->txn, 1, &keys[1]));
    assert_int_equal(names_add(&s->names, s->txn, 3, &keys[3]), SILLOK_ECORRUPT);
    f->store->ops->abort(f->store);
}

static void is_extended(const char *row, size_t n, const char *older, size_t m, int want)
{
    CLEANUP(buf_release) struct buf a = BUF_INIT, b = BUF_INIT;
    assert_ok(buf_add(&a, row, n));
    assert_ok(buf_add(&b, older, m));
    assert_ok(row_seal(&a));
    assert_ok(row_seal(&b));
    assert_int_equal(names_extends(buf_text(&a), buf_text(&b)), want);
}

/* A salvage takes the row that has more keys, if they are the same as far as they go. */
static void rows_that_have_grown(void **state)
{
    static const char one[] = "\0\1\0\3a\0b", two[] = "\0\2\0\3a\0b\2\1c",
                      other[] = "\0\2\0\3a\0d\2\1c", none[] = "\0\0";
    (void)state;
    is_extended(two, 10, one, 7, 1);
    is_extended(one, 7, two, 10, 0);
    is_extended(one, 7, one, 7, 0);
    is_extended(other, 10, one, 7, 0);
    is_extended(two, 10, none, 2, 0);
    is_extended("x", 1, one, 7, 0);
}

static void rows_that_are_none(void **state)
{
    static const struct {
        struct sillok_text row; /* without its sum */
        int is;
    } rows[] = {
        { { "\0\1\0\3a\0b", 7 }, 1 },
        { { "\0\2\0\3a\0b\2\1c", 10 }, 1 },
        { { "\0\2\0\3a\0b", 7 }, 0 },       /* one key too few */
        { { "\0\1\0\3a\0b\2\1c", 10 }, 0 }, /* one too many */
        { { "\0\0", 2 }, 0 },               /* none */
        { { "\0", 1 }, 0 },                 /* no head */
        { { "\1\1\0\3a\0b", 7 }, 0 },       /* another kind of row */
        { { "\0\1\1\3a\0b", 7 }, 0 },       /* shares with nothing */
        { { "\0\2\0\3a\0b\4\1c", 10 }, 0 }, /* more than there is */
        { { "\0\1\0\3abc", 7 }, 0 },        /* an oid without an aid */
        { { "\0\1\0\2\0a", 6 }, 0 },        /* the other way round */
        { { "\0\1\0\2a\0", 6 }, 0 },        /* an aid of no letters */
        { { "\0\1\0\0", 4 }, 0 },           /* nothing */
        { { "\0\101\0\3a\0b", 7 }, 0 },     /* more keys than a row has */
        { { "\0\1\0\4a\0b", 7 }, 0 },       /* ends early */
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        CLEANUP(buf_release) struct buf row = BUF_INIT;
        assert_ok(buf_add_text(&row, rows[i].row));
        assert_int_equal(names_is_row(buf_text(&row)), 0);
        assert_ok(row_seal(&row));
        if (names_is_row(buf_text(&row)) != rows[i].is)
            fail_msg("row %zu", i);
        row.ptr[row.len - 1] ^= 1;
        assert_int_equal(names_is_row(buf_text(&row)), 0);
    }
    CLEANUP(buf_release) struct buf row = BUF_INIT; /* a key of 130 bytes */
    assert_ok(buf_add(&row, "\0\1\0\202", 4));
    for (int i = 0; i < 130; i++)
        assert_ok(buf_add_char(&row, 'a'));
    assert_ok(row_seal(&row));
    assert_int_equal(names_is_row(buf_text(&row)), 0);
}

/* The byte at which a row of a body has its length is here any number, that length too. */
static void rows_are_not_bodies(void **state)
{
    (void)state;
    for (int first = 0; first < 100; first++)
        for (int n = 1; n <= 64; n++) {
            CLEANUP(buf_release) struct buf row = BUF_INIT;
            const char head[] = { '\0', (char)n };
            struct article_key last = { .len = 0 }, key;
            assert_ok(buf_add(&row, head, 2));
            for (int i = 0; i < n; i++, last = key) {
                char aid[16];
                size_t shared = 0;
                snprintf(aid, sizeof(aid), "%d", first + i);
                article_key_make(&key, text_of("009"), text_of(aid));
                while (shared < last.len && shared < key.len &&
                       last.bytes[shared] == key.bytes[shared])
                    shared++;
                const char one[] = { (char)shared, (char)(key.len - shared) };
                assert_ok(buf_add(&row, one, 2));
                assert_ok(buf_add(&row, key.bytes + shared, key.len - shared));
            }
            assert_ok(row_seal(&row));
            const struct rescue_row found = { RESCUE_NO_TABLE, 1, 1,
                                              text_make("\0\0\0\0\1", 5),
                                              buf_text(&row) };
            assert_int_equal(recognize_table(&found), T_ORDINAL);
        }
}

static void single_keys(void **state)
{
    static const struct sillok_text bad[] = {
        { "", 0 }, { "a", 1 }, { "abc", 3 }, { "\0ab", 3 }, { "ab\0", 3 }, { "a\0", 2 }
    };
    struct article_key key;
    (void)state;
    assert_int_equal(names_take_single(text_make("a\0b", 3), 7, &key), 1);
    assert_true(text_is(article_key_oid(&key), "a") &&
                text_is(article_key_aid(&key), "b"));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(names_take_single(bad[i], 7, &key), SILLOK_ECORRUPT);
}

/* A store of before has a row for each; what compact makes of it has not. */
static void rows_of_before(void **state)
{
    enum { FEW = 150 };
    struct support_fixture *f = *state;
    struct hasher *hasher;
    static struct support_item made[FEW];
    static struct store_item *items[FEW];
    static char bodies[FEW][40];
    struct kv_txn *txn;
    struct kv_stats stats;
    CLEANUP(buf_release) struct buf before = BUF_INIT, after = BUF_INIT;
    assert_ok(hasher_new(&hasher));
    lmdb_of(f->store)->format = FORMAT_SEALED;
    for (int i = 0; i < FEW; i++) {
        char aid[16];
        snprintf(aid, sizeof(aid), "%010d", i);
        snprintf(bodies[i], sizeof(bodies[i]), "%d번째 소식이다.", i);
        items[i] =
            support_item(&made[i], hasher, "001", aid, 1767323733 + i, "글", bodies[i]);
    }
    assert_ok(f->store->ops->begin(f->store, "crawl"));
    assert_ok(f->store->ops->body_put(f->store, items, FEW));
    assert_ok(f->store->ops->obs_append(f->store, items, FEW));
    assert_ok(f->store->ops->commit(f->store));
    for (int i = 0; i < FEW; i++)
        f->store->ops->prepared_free(items[i]->prepared);
    hasher_free(hasher);
    assert_ok(view_begin(lmdb_of(f->store), &txn));
    assert_ok(kv_table_stats(txn, T_ORDINAL, &stats));
    view_end(lmdb_of(f->store), txn);
    assert_int_equal(stats.rows, FEW);
    support_dump(&before, f->store);
    assert_int_equal(support_verify(f->store), 0);

    support_open_again(f);
    lmdb_of(f->store)->format = FORMAT_SEALED;
    assert_ok(support_compact(f->store, 0));
    support_open_again(f);
    assert_ok(view_begin(lmdb_of(f->store), &txn));
    assert_ok(kv_table_stats(txn, T_ORDINAL, &stats));
    assert_int_equal(stats.rows, (FEW + 63) / 64);
    assert_ok(kv_table_stats(txn, T_REV, &stats));
    assert_int_equal(stats.rows, 0); /* each has one revision */
    view_end(lmdb_of(f->store), txn);
    assert_int_equal(support_verify(f->store), 0);
    assert_int_equal(support_reindex(f->store, 1), 0);
    support_dump(&after, f->store);
    assert_true(text_equal(buf_text(&before), buf_text(&after)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(any_keys_in_any_batches, support_set_up,
                                        support_tear_down),
        cmocka_unit_test_setup_teardown(none_is_left_out, support_set_up,
                                        support_tear_down),
        cmocka_unit_test(rows_that_have_grown),
        cmocka_unit_test(rows_that_are_none),
        cmocka_unit_test(rows_are_not_bodies),
        cmocka_unit_test(single_keys),
        cmocka_unit_test_setup_teardown(rows_of_before, support_set_up,
                                        support_tear_down),
    };
    make_keys();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
