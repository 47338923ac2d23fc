/*
 * From hashes to bodies while the records move from one table to the other, and in which
 * order bodies fill pages.
 */
#include "support_item.h"

#include "store/lmdb.h"
#include "store/numbers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct hasher *hasher;
static struct buf ids; /* struct sillok_id of all that were put */

static const struct sillok_id *id_at(size_t i)
{
    return (const struct sillok_id *)(const void *)ids.ptr + i;
}
static size_t n_ids(void)
{
    return ids.len / sizeof(struct sillok_id);
}

enum { BODY_BYTES = 500 };

/* The body of an article: what no other has, so that an edit is stored as a difference. */
static void make_body(char out[BODY_BYTES], unsigned article, const char *end)
{
    uint64_t seed = article;
    int n = snprintf(out, BODY_BYTES, "%u번째 소식이 들어왔다.", article);
    while (n < BODY_BYTES - 100)
        n += snprintf(out + n, 20, " %llu",
                      (unsigned long long)support_random(&seed) % 100000000);
    snprintf(out + n, (size_t)(BODY_BYTES - n), "%s", end);
}

/* A batch of so many new bodies. */
static void put_batch(struct sillok_store *store, unsigned *next, size_t n)
{
    struct support_item *made = calloc(n, sizeof(*made));
    struct store_item **items = calloc(n, sizeof(struct store_item *));
    char(*bodies)[BODY_BYTES] = calloc(n, sizeof(*bodies));
    if (!made || !items || !bodies) {
        fail_msg("no memory");
        return;
    }
    for (size_t i = 0; i < n; i++) {
        char aid[16];
        snprintf(aid, sizeof(aid), "%010u", ++*next);
        make_body(bodies[i], *next, "");
        items[i] = support_item(&made[i], hasher, "001", aid, 1767323733 + (int64_t)*next,
                                "소식", bodies[i]);
        assert_ok(buf_add(&ids, &made[i].article.content_hash, sizeof(struct sillok_id)));
    }
    assert_ok(store->ops->begin(store, "crawl"));
    assert_ok(store->ops->body_put(store, items, n));
    assert_ok(store->ops->obs_append(store, items, n));
    assert_ok(store->ops->commit(store));
    for (size_t i = 0; i < n; i++) {
        assert_true(items[i]->body_new);
        store->ops->prepared_free(items[i]->prepared);
    }
    free(made);
    free(items);
    free(bodies);
}

/* Records that wait, and all. */
static uint64_t n_waiting(struct sillok_store *store, uint64_t *all)
{
    struct lmdb_store *s = lmdb_of(store);
    struct kv_txn *txn;
    struct kv_stats old;
    assert_ok(view_begin(s, &txn));
    assert_ok(hashes_count(s, txn, all));
    assert_ok(kv_table_stats(txn, T_HASH, &old));
    view_end(s, txn);
    return *all - old.rows;
}

static int begins(const struct sillok_id *id, const struct sillok_id *prefix, unsigned n)
{
    for (unsigned bit = 0; bit < n; bit++)
        if ((id->bytes[bit / 8] ^ prefix->bytes[bit / 8]) >> (7 - bit % 8) & 1)
            return 0;
    return 1;
}

/* All that begin as the body at @p i does, by looking at each. */
static void is_found_by_prefix(struct sillok_store *store, size_t i, unsigned n_bits)
{
    struct sillok_id prefix = { 0 }, *out = calloc(n_ids(), sizeof(*out));
    size_t want = 0;
    assert_non_null(out);
    for (unsigned bit = 0; bit < n_bits; bit++)
        prefix.bytes[bit / 8] = (uint8_t)(prefix.bytes[bit / 8] |
                                          (id_at(i)->bytes[bit / 8] & 0x80 >> bit % 8));
    for (size_t k = 0; k < n_ids(); k++)
        want += (size_t)begins(id_at(k), &prefix, n_bits);
    const int n = store->ops->body_find(store, &prefix, n_bits, out, (int)n_ids());
    assert_int_equal(n, want);
    for (int k = 0; k < n; k++) {
        assert_true(begins(&out[k], &prefix, n_bits));
        for (int m = 0; m < k; m++)
            assert_false(sillok_id_equal(&out[k], &out[m]));
    }
    if (want > 1) /* no more than are asked for */
        assert_int_equal(store->ops->body_find(store, &prefix, n_bits, out, 1), 1);
    free(out);
}

static void all_are_found(struct sillok_store *store)
{
    uint64_t all;
    int *has = calloc(n_ids() + 1, sizeof(*has));
    assert_non_null(has);
    assert_true(n_waiting(store, &all) <= all);
    assert_int_equal(all, n_ids());
    assert_ok(store->ops->body_has(store, id_at(0), n_ids(), has));
    for (size_t i = 0; i < n_ids(); i++)
        assert_int_equal(has[i], 1);
    struct sillok_id other = *id_at(0);
    other.bytes[20] ^= 1; /* the same in all that a record has of it */
    assert_ok(store->ops->body_has(store, &other, 1, has));
    assert_int_equal(has[0], 0);
    other.bytes[7] ^= 1;
    assert_ok(store->ops->body_has(store, &other, 1, has));
    assert_int_equal(has[0], 0);
    free(has);
}

/* Batches of all sizes: those that are much beside what is there go straight to `hash`,
 * others wait, and the fullest bytes go when there are too many. */
static void records_move(void **state)
{
    static const size_t sizes[] = { 900, 1,   60, 110, 100, 120, 90,  100, 110,
                                    100, 130, 90, 100, 1,   120, 100, 100, 90 };
    struct support_fixture *f = *state;
    unsigned next = 0;
    uint64_t all, before = 0, moved = 0, most = 0;
    buf_clear(&ids);
    for (size_t b = 0; b < sizeof(sizes) / sizeof(sizes[0]); b++) {
        put_batch(f->store, &next, sizes[b]);
        const uint64_t waiting = n_waiting(f->store, &all);
        assert_int_equal(all, n_ids());
        assert_true(b > 0 || waiting == 0);
        assert_true(waiting <= 1024);
        moved += waiting < before + sizes[b] && b > 0;
        most = waiting > most ? waiting : most;
        before = waiting;
        if (b % 6 == 5) {
            all_are_found(f->store);
            assert_int_equal(support_verify(f->store), 0);
        }
    }
    assert_true(moved > 3 && most > 900); /* what the test is about has happened */
    all_are_found(f->store);
    static const unsigned bits[] = { 0, 1, 4, 7, 8, 9, 12, 16, 100, 128, 130, 256 };
    for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++)
        for (size_t k = 0; k < 5; k++)
            is_found_by_prefix(f->store, k * 311, bits[i]);
    assert_int_equal(support_verify(f->store), 0);
    assert_int_equal(support_reindex(f->store, 1), 0);
}

/* A text that comes again is met where its record is, whichever table that is. */
static void what_is_known_is_not_put_again(void **state)
{
    struct support_fixture *f = *state;
    struct sillok_stats before, after;
    unsigned next = 0, again = 0;
    uint64_t all;
    buf_clear(&ids);
    put_batch(f->store, &next, 600);
    put_batch(f->store, &next, 40);
    assert_int_equal(n_waiting(f->store, &all), 40);
    assert_ok(sillok_store_stats(f->store, &before));
    for (; again < 640; again += 7) {
        struct support_item s;
        char aid[16], body[BODY_BYTES];
        snprintf(aid, sizeof(aid), "9%09u", again);
        make_body(body, again + 1, "");
        struct store_item *item =
            support_item(&s, hasher, "002", aid, 1767400000, "다른", body);
        assert_ok(f->store->ops->begin(f->store, "other"));
        assert_ok(f->store->ops->body_put(f->store, &item, 1));
        assert_ok(f->store->ops->obs_append(f->store, &item, 1));
        assert_ok(f->store->ops->commit(f->store));
        assert_false(item->body_new);
        f->store->ops->prepared_free(item->prepared);
    }
    assert_ok(sillok_store_stats(f->store, &after));
    assert_int_equal(after.bodies, before.bodies);
}

/* The first row of hashnew becomes @p len bytes of @p with; reindex makes both tables anew. */
static void damage_is_told_and_mended(void **state)
{
    static const struct {
        const char *what;
        size_t len;
        int said; /* by its shape; else because what it leads to is not so */
    } rows[] = { { "empty", 0, 1 },
                 { "cut", 20, 1 },
                 { "a byte too many", 43, 1 },
                 { "other records", 42, 0 } };
    struct support_fixture *f = *state;
    struct lmdb_store *s = lmdb_of(f->store);
    unsigned next = 0;
    buf_clear(&ids);
    put_batch(f->store, &next, 600);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        static const char zeros[64];
        CLEANUP(buf_release) struct buf key = BUF_INIT;
        CLEANUP(kv_cursor_close) struct kv_cursor *c = NULL;
        struct sillok_text k, v;
        put_batch(f->store, &next, 30);
        assert_ok(f->store->ops->begin(f->store, ""));
        assert_ok(kv_cursor_open(&c, s->txn, T_HASHNEW));
        assert_int_equal(kv_first(c, &k, &v), 1);
        assert_ok(buf_add_text(&key, k));
        kv_cursor_close(STEAL(c));
        assert_ok(
            kv_put(s->txn, T_HASHNEW, buf_text(&key), text_make(zeros, rows[i].len), 0));
        s->dirty = 1;
        assert_ok(f->store->ops->commit(f->store));
        int has;
        struct sillok_id id = { 0 };
        id.bytes[0] = (uint8_t)key.ptr[0];
        const int r = f->store->ops->body_has(f->store, &id, 1, &has);
        if (rows[i].said) {
            assert_int_equal(r, SILLOK_ECORRUPT);
            assert_non_null(strstr(sillok_error_message(), "hashnew"));
        }
        assert_true(support_verify(f->store) > 0);
        assert_true(support_reindex(f->store, 0) > 0);
        assert_int_equal(support_verify(f->store), 0);
        all_are_found(f->store);
    }
}

static void numbers_become_others(void **state)
{
    (void)state;
    struct numbers n;
    numbers_init(&n);
    /* Of 3,000 every seventh is missing; they are given in threes, the last first. */
    uint64_t want[3001] = { 0 }, wait[3], given = 0;
    size_t n_wait = 0;
    assert_int_equal(numbers_of(&n, 1), 0);
    for (uint64_t old = 1; old <= 3000; old++) {
        if (old % 7 == 0 || (old > 800 && old < 1500))
            continue;
        assert_ok(numbers_take(&n, old));
        assert_int_equal(numbers_of(&n, old), 0);
        wait[n_wait++] = old;
        while (n_wait == 3 || (old == 3000 && n_wait)) {
            assert_ok(numbers_give(&n, wait[--n_wait]));
            want[wait[n_wait]] = ++given;
            if (n_wait == 0)
                break;
            if (old != 3000)
                break; /* the other two wait on */
        }
    }
    for (uint64_t old = 0; old <= 3000; old++)
        assert_int_equal(numbers_of(&n, old), want[old]);
    assert_int_equal(numbers_of(&n, 3001), 0);
    assert_int_equal(numbers_of(&n, UINT64_MAX), 0);
    numbers_release(&n);
    /* Who waits too long is told, not given another's number. */
    numbers_init(&n);
    for (uint64_t old = 1; old < 40000; old++) {
        assert_ok(numbers_take(&n, old));
        if (old > 1 && old < 32000)
            assert_ok(numbers_give(&n, old));
    }
    for (uint64_t old = 32000; old < 33000; old++)
        assert_ok(numbers_give(&n, old));
    assert_int_equal(numbers_give(&n, 1), SILLOK_ERR);
    numbers_release(&n);
}

/* A compaction numbers bodies anew, where some are missing too, and all that leads to them
 * leads to the same. */
static void bodies_are_numbered_anew(void **state)
{
    struct support_fixture *f = *state;
    CLEANUP(buf_release) struct buf before = BUF_INIT, after = BUF_INIT;
    static struct support_item made[700];
    static struct store_item *items[700];
    static char bodies[700][60];
    unsigned next = 0;
    uint64_t n;
    buf_clear(&ids);
    put_batch(f->store, &next, 300);
    for (int i = 0; i < 700;
         i++) { /* nobody needs them: more than two blocks of numbers */
        snprintf(bodies[i], sizeof(bodies[i]), "아무도 찾지 않는 글 %d", i);
        items[i] =
            support_item(&made[i], hasher, "009", "1", 1767323733, "글", bodies[i]);
    }
    assert_ok(f->store->ops->begin(f->store, "crawl"));
    assert_ok(f->store->ops->body_put(f->store, items, 700));
    assert_ok(f->store->ops->commit(f->store));
    for (int i = 0; i < 700; i++)
        f->store->ops->prepared_free(items[i]->prepared);
    put_batch(f->store, &next, 300);
    assert_ok(f->store->ops->delete_unreferenced(f->store, &n));
    assert_int_equal(n, 700);
    /* And what differs from another: a base among those that wait, and one far before. */
    for (unsigned article = 1; article <= 600; article += 13) {
        struct support_item s;
        char aid[16], body[BODY_BYTES];
        snprintf(aid, sizeof(aid), "%010u", article);
        make_body(body, article, " 고쳐 썼다.");
        struct store_item *item =
            support_item(&s, hasher, "001", aid, 1767400000, "소식", body);
        assert_ok(buf_add(&ids, &s.article.content_hash, sizeof(struct sillok_id)));
        struct store_worker *w;
        assert_ok(f->store->ops->worker_new(f->store, 0, &w));
        assert_ok(f->store->ops->worker_begin(w));
        assert_ok(f->store->ops->prepare(w, item));
        f->store->ops->worker_end(w);
        f->store->ops->worker_free(w);
        assert_ok(f->store->ops->begin(f->store, "later"));
        assert_ok(f->store->ops->body_put(f->store, &item, 1));
        assert_ok(f->store->ops->obs_append(f->store, &item, 1));
        assert_ok(f->store->ops->commit(f->store));
        f->store->ops->prepared_free(item->prepared);
    }
    support_dump(&before, f->store);
    support_open_again(f); /* who has written holds the lock */
    for (int times = 0; times < 2; times++) {
        struct sillok_stats stats;
        assert_ok(support_compact(f->store, 1 + 5 * times));
        assert_ok(sillok_store_stats(f->store, &stats));
        assert_int_equal(stats.bodies, n_ids());
        assert_int_equal(lmdb_of(f->store)->state.counters.bodies, n_ids());
        assert_true(stats.bodies_delta > 10);
        all_are_found(f->store);
        assert_int_equal(support_verify(f->store), 0);
        assert_int_equal(support_reindex(f->store, 1), 0);
        support_dump(&after, f->store);
        assert_true(text_equal(buf_text(&before), buf_text(&after)));
        buf_clear(&after);
    }
    put_batch(f->store, &next, 100); /* and it goes on */
    all_are_found(f->store);
    assert_int_equal(support_verify(f->store), 0);
}

/* Rows of bodies that are not in order, of a body that was never made, or that rest on a later
 * one: damage, and the store is what it was. */
static void compaction_of_damage(void **state)
{
    struct support_fixture *f = *state;
    const uint64_t last = ((uint64_t)1 << 40) - 1;
    unsigned next = 0;
    buf_clear(&ids);
    put_batch(f->store, &next, 300);
    for (int way = 0; way < 2; way++) {
        CLEANUP(buf_release) struct buf row = BUF_INIT;
        struct lmdb_store *s = lmdb_of(f->store);
        uint8_t key[ID_BYTES];
        struct sillok_text v;
        assert_ok(f->store->ops->begin(f->store, ""));
        assert_int_equal(kv_get(s->txn, T_BODY, key_id(key, 7), &v), 1);
        assert_ok(buf_add_text(&row, v));
        if (way == 0) {
            assert_ok(kv_put(s->txn, T_BODY, key_id(key, last), buf_text(&row), 0));
        } else {
            const uint8_t *p = (const uint8_t *)row.ptr + 1 + sizeof(struct sillok_id);
            struct cursor c = cursor_of(p, 10);
            (void)cursor_varint(&c);
            assert_int_equal(row.ptr[0], CODEC_ZSTD);
            row.ptr[0] =
                CODEC_DELTA; /* and the frame's first byte is the number of a base */
            row.ptr[(const char *)c.ptr - row.ptr] = 100;
            assert_int_equal(kv_delete(s->txn, T_BODY, key_id(key, last)), 1);
            assert_ok(kv_put(s->txn, T_BODY, key_id(key, 7), buf_text(&row), 0));
        }
        s->dirty = 1;
        assert_ok(f->store->ops->commit(f->store));
        support_open_again(f);
        assert_int_equal(support_compact(f->store, 0), SILLOK_ECORRUPT);
        assert_non_null(strstr(sillok_error_message(),
                               way == 0 ? "not in order" : "rests on a later one"));
        support_open_again(f);
    }
}

/* Texts of all lengths in one batch: pages are as good as full, which they are not where
 * rows come as they do. */
static void bodies_fill_pages(void **state)
{
    enum { N = 1200 };
    struct support_fixture *f = *state;
    static struct support_item made[N];
    static struct store_item *items[N];
    static char bodies[N][3600];
    uint64_t seed = 7, bytes = 0;
    struct kv_txn *txn;
    struct kv_stats stats;
    struct kv_cursor *c;
    struct sillok_text key, value;
    int r;
    for (int i = 0; i < N; i++) {
        char aid[16];
        /* Some are longer than half a page: they are cut. */
        const size_t len = (i % 3 ? 200 : 2100) + support_random(&seed) % 1400;
        for (size_t k = 0; k < len; k++) /* nothing that could be packed much */
            bodies[i][k] = (char)(33 + support_random(&seed) % 94);
        bodies[i][len] = '\0';
        snprintf(aid, sizeof(aid), "%010d", i);
        items[i] =
            support_item(&made[i], hasher, "001", aid, 1767323733 + i, "글", bodies[i]);
    }
    assert_ok(f->store->ops->begin(f->store, "crawl"));
    for (size_t i = 0; i < N; i += 400)
        assert_ok(f->store->ops->body_put(f->store, items + i, 400));
    assert_ok(f->store->ops->obs_append(f->store, items, N));
    assert_ok(f->store->ops->commit(f->store));
    struct lmdb_store *s = lmdb_of(f->store);
    assert_ok(view_begin(s, &txn));
    assert_ok(kv_table_stats(txn, T_BODY, &stats));
    assert_true(stats.rows > N + N / 4);
    assert_ok(kv_cursor_open(&c, txn, T_BODY));
    for (r = kv_first(c, &key, &value); r > 0; r = kv_next(c, &key, &value))
        bytes += key.len + value.len + 8 + 2; /* what LMDB adds */
    assert_ok(r);
    kv_cursor_close(c);
    view_end(s, txn);
    const double full = (double)bytes / ((double)stats.leaves * 4080);
    if (full < 0.98)
        fail_msg("pages are %.3f full", full);
    for (int i = 0; i < N; i++)
        f->store->ops->prepared_free(items[i]->prepared);
    assert_int_equal(support_verify(f->store), 0);
}

static int make_hasher(void **state)
{
    (void)state;
    buf_init(&ids, BUF_CEILING);
    return hasher_new(&hasher);
}

static int drop_hasher(void **state)
{
    (void)state;
    buf_release(&ids);
    hasher_free(hasher);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(records_move, support_set_up, support_tear_down),
        cmocka_unit_test_setup_teardown(what_is_known_is_not_put_again, support_set_up,
                                        support_tear_down),
        cmocka_unit_test_setup_teardown(damage_is_told_and_mended, support_set_up,
                                        support_tear_down),
        cmocka_unit_test(numbers_become_others),
        cmocka_unit_test_setup_teardown(bodies_are_numbered_anew, support_set_up,
                                        support_tear_down),
        cmocka_unit_test_setup_teardown(compaction_of_damage, support_set_up,
                                        support_tear_down),
        cmocka_unit_test_setup_teardown(bodies_fill_pages, support_set_up,
                                        support_tear_down),
    };
    return cmocka_run_group_tests(tests, make_hasher, drop_hasher);
}
