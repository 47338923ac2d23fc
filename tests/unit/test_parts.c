/*
 * Rows of bodies that are cut into parts: of every length, and what is said when one is
 * missing, damaged or nobody's.
 */
#include "support_item.h"

#include "store/lmdb.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N = 420, STEP = 97, MOST = N * STEP };

static struct hasher *hasher;
static struct support_item made[N];
static struct store_item *items[N];
static char *bodies[N];

/* The body of number i: nothing that could be packed much, and longer than the one before. */
static void make_bodies(void)
{
    uint64_t seed = 11;
    for (size_t i = 0; i < N; i++) {
        char *body = malloc(MOST + 1);
        assert_non_null(body);
        for (size_t k = 0; k < i * STEP; k++)
            body[k] = (char)(33 + support_random(&seed) % 94);
        body[i * STEP] = '\0';
        bodies[i] = body;
    }
}

/* The number of a body that is cut, and how many parts it has. */
static uint64_t some_cut(struct sillok_store *store, unsigned least, unsigned *n_parts,
                         struct sillok_id *id)
{
    struct lmdb_store *s = lmdb_of(store);
    struct kv_txn *txn;
    struct body_row row = { 0 };
    uint64_t body = 0;
    assert_ok(view_begin(s, &txn));
    while (row.n_parts < least)
        assert_ok(body_row_get(txn, ++body, &row));
    view_end(s, txn);
    *n_parts = row.n_parts;
    *id = row.id;
    return body;
}

static struct sillok_text part(uint8_t key[PART_KEY_BYTES], uint64_t body, unsigned n)
{
    put_be(key, body, ID_BYTES);
    key[ID_BYTES] = (uint8_t)n;
    return text_make((const char *)key, PART_KEY_BYTES);
}

/* @p lose: without the second part of one of them. */
static void put(struct sillok_store *store, int lose)
{
    for (size_t i = 0; i < N; i++) {
        char aid[16];
        snprintf(aid, sizeof(aid), "%010zu", i);
        items[i] = support_item(&made[i], hasher, "001", aid, 1767323733 + (int64_t)i,
                                "긴 글", bodies[i]);
    }
    assert_ok(store->ops->begin(store, "crawl"));
    assert_ok(store->ops->body_put(store, items, N));
    assert_ok(store->ops->obs_append(store, items, N));
    if (lose) {
        unsigned n;
        struct sillok_id id;
        uint8_t key[PART_KEY_BYTES];
        const uint64_t body = some_cut(store, 3, &n, &id);
        assert_int_equal(kv_delete(lmdb_of(store)->txn, T_BODY, part(key, body, 2)), 1);
    }
    assert_ok(store->ops->commit(store));
    for (size_t i = 0; i < N; i++)
        store->ops->prepared_free(items[i]->prepared);
}

static void put_all(struct sillok_store *store)
{
    put(store, 0);
}

static void all_are_read(struct sillok_store *store)
{
    for (size_t i = 0; i < N; i++) {
        CLEANUP(buf_release) struct buf out = BUF_INIT;
        assert_ok(store->ops->body_get(store, &made[i].article.content_hash, &out));
        assert_true(text_equal(buf_text(&out), text_of(bodies[i])));
    }
}

/* What the table of bodies has. */
struct rows {
    uint64_t bodies, parts, cut, whole_long;
    size_t longest_shared;
};

static struct rows rows_of(struct sillok_store *store)
{
    struct lmdb_store *s = lmdb_of(store);
    struct rows n = { 0 };
    struct kv_txn *txn;
    struct kv_cursor *c;
    struct sillok_text k, v;
    int r;
    assert_ok(view_begin(s, &txn));
    assert_ok(kv_cursor_open(&c, txn, T_BODY));
    for (r = kv_first(c, &k, &v); r > 0; r = kv_next(c, &k, &v)) {
        struct body_row row = { 0 };
        const int is_part = k.len == PART_KEY_BYTES;
        if (!is_part)
            assert_ok(body_row_parse(v, &row));
        n.parts += is_part;
        n.bodies += !is_part;
        n.cut += row.n_parts > 0;
        n.whole_long += v.len > 2025;
        if (v.len <= 2025 && v.len > n.longest_shared)
            n.longest_shared = v.len;
    }
    assert_ok(r);
    kv_cursor_close(c);
    view_end(s, txn);
    return n;
}

/* No row has pages of its own but those that are long enough to fill them. */
static void rows_of_all_lengths(void **state)
{
    struct support_fixture *f = *state;
    put_all(f->store);
    for (int again = 0; again < 2; again++) {
        support_open_again(f);
        all_are_read(f->store);
        const struct rows n = rows_of(f->store);
        assert_int_equal(n.bodies, N);
        assert_true(n.cut > N / 4 && n.parts > n.cut && n.parts < 8 * n.cut);
        assert_true(n.whole_long > N / 2 && n.cut + n.whole_long < N);
        assert_true(n.longest_shared > 2020);
        assert_int_equal(support_verify(f->store), 0);
        if (!again)
            assert_ok(support_compact(f->store, 0));
    }
}

/* One of before has no program that would know of parts. */
static void a_store_of_before_has_none(void **state)
{
    struct support_fixture *f = *state;
    lmdb_of(f->store)->format = FORMAT_SEALED;
    put_all(f->store);
    const struct rows n = rows_of(f->store);
    assert_int_equal(n.parts, 0);
    assert_int_equal(n.cut, 0);
    all_are_read(f->store);
}

static void missing_and_damaged(void **state)
{
    struct support_fixture *f = *state;
    struct lmdb_store *s = lmdb_of(f->store);
    put_all(f->store);
    unsigned n;
    struct sillok_id id;
    const uint64_t body = some_cut(f->store, 3, &n, &id);
    uint8_t key[PART_KEY_BYTES];
    CLEANUP(buf_release) struct buf kept = BUF_INIT, out = BUF_INIT;
    struct sillok_text v;

    assert_ok(f->store->ops->begin(f->store, ""));
    assert_int_equal(kv_get(s->txn, T_BODY, part(key, body, 2), &v), 1);
    assert_ok(buf_add_text(&kept, v));
    assert_int_equal(kv_delete(s->txn, T_BODY, part(key, body, 2)), 1);
    s->dirty = 1;
    assert_ok(f->store->ops->commit(f->store));
    assert_int_equal(f->store->ops->body_get(f->store, &id, &out), SILLOK_ECORRUPT);
    assert_non_null(strstr(sillok_error_message(), "part 2 of body number"));
    assert_true(support_verify(f->store) > 0);

    kept.ptr[kept.len / 2] ^= 1;
    assert_ok(f->store->ops->begin(f->store, ""));
    assert_ok(kv_put(s->txn, T_BODY, part(key, body, 2), buf_text(&kept), 0));
    s->dirty = 1;
    assert_ok(f->store->ops->commit(f->store));
    assert_int_equal(f->store->ops->body_get(f->store, &id, &out), SILLOK_ECORRUPT);
    assert_non_null(strstr(sillok_error_message(), "does not have its checksum"));
    assert_true(support_verify(f->store) > 0);

    kept.ptr[kept.len / 2] ^= 1;
    assert_ok(f->store->ops->begin(f->store, ""));
    assert_ok(kv_put(s->txn, T_BODY, part(key, body, 2), buf_text(&kept), 0));
    assert_ok(kv_put(s->txn, T_BODY, part(key, body, n + 1), buf_text(&kept), 0));
    s->dirty = 1;
    assert_ok(f->store->ops->commit(f->store));
    all_are_read(f->store); /* one too many is nobody's, and told */
    assert_int_equal(support_verify(f->store), 1);
    support_open_again(f);
    assert_ok(support_compact(f->store, 0));
    assert_int_equal(support_verify(f->store), 0);
}

static const struct sillok_salvage_sum *
salvage(struct sillok_salvage **it, const char *from, const char *to, struct buf *told)
{
    struct sillok_salvage_event event;
    int r;
    assert_ok(sillok_salvage_open(it, from, to));
    while ((r = sillok_salvage_next(*it, &event)) > 0)
        if (event.what[0])
            assert_ok(buf_printf(told, "%s\n", event.what));
    assert_ok(r);
    assert_ok(buf_add_char(told, '\0'));
    return sillok_salvage_sum(*it);
}

/* A salvage joins the parts, and says of which article one is lost. */
static void salvage_of(struct support_fixture *f, int lose)
{
    CLEANUP(buf_release) struct buf told = BUF_INIT;
    struct sillok_salvage *it;
    char *from = support_path(f->folder, "store"), *to = support_path(f->folder, "made");
    put(f->store, lose);
    sillok_store_close(f->store);
    const struct sillok_salvage_sum *sum = salvage(&it, from, to, &told);
    assert_int_equal(sum->observations, N - lose);
    assert_int_equal(sum->observations_lost, lose);
    assert_int_equal(strstr(told.ptr, "part 2 of body number") != NULL, lose);
    sillok_salvage_close(it);
    assert_ok(sillok_store_open(&f->store, to, NULL));
    if (!lose)
        all_are_read(f->store);
    assert_true(rows_of(f->store).cut > N / 4);
    assert_int_equal(support_verify(f->store), 0);
    free(from);
    free(to);
}

static void salvage_joins_them(void **state)
{
    salvage_of(*state, 0);
}

static void salvage_says_what_is_lost(void **state)
{
    salvage_of(*state, 1);
}

/* Of a body that nothing needs all parts go. */
static void removed_with_its_body(void **state)
{
    struct support_fixture *f = *state;
    uint64_t n = 0;
    put_all(f->store);
    const uint64_t stored = lmdb_of(f->store)->state.counters.body_bytes_stored;
    struct support_item loose;
    struct store_item *item = support_item(&loose, hasher, "001", "9999999999",
                                           1767323733, "긴 글", bodies[60] + 1);
    const struct rows before = rows_of(f->store);
    assert_ok(f->store->ops->begin(f->store, "crawl"));
    assert_ok(f->store->ops->body_put(f->store, &item, 1));
    assert_ok(f->store->ops->commit(f->store));
    f->store->ops->prepared_free(item->prepared);
    assert_true(rows_of(f->store).parts > before.parts);
    assert_ok(f->store->ops->delete_unreferenced(f->store, &n));
    assert_int_equal(n, 1);
    const struct rows after = rows_of(f->store);
    assert_int_equal(after.bodies, before.bodies);
    assert_int_equal(after.parts, before.parts);
    assert_int_equal(lmdb_of(f->store)->state.counters.body_bytes_stored, stored);
    all_are_read(f->store);
    assert_int_equal(support_verify(f->store), 0);
}

/* They come in the order of their numbers, and no part as one. */
static void scanned_without_parts(void **state)
{
    struct support_fixture *f = *state;
    CLEANUP(buf_release) struct buf cursor = BUF_INIT, out = BUF_INIT;
    struct sillok_id id;
    int n = 0, r;
    put_all(f->store);
    while ((r = f->store->ops->body_scan(f->store, &cursor, &id, &out)) > 0)
        n++;
    assert_ok(r);
    assert_int_equal(n, N);
}

static int make_all(void **state)
{
    (void)state;
    make_bodies();
    return hasher_new(&hasher);
}

static int free_all(void **state)
{
    (void)state;
    for (size_t i = 0; i < N; i++)
        free(bodies[i]);
    hasher_free(hasher);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(rows_of_all_lengths, support_set_up,
                                        support_tear_down),
        cmocka_unit_test_setup_teardown(a_store_of_before_has_none, support_set_up,
                                        support_tear_down),
        cmocka_unit_test_setup_teardown(missing_and_damaged, support_set_up,
                                        support_tear_down),
        cmocka_unit_test_setup_teardown(salvage_joins_them, support_set_up,
                                        support_tear_down),
        cmocka_unit_test_setup_teardown(salvage_says_what_is_lost, support_set_up,
                                        support_tear_down),
        cmocka_unit_test_setup_teardown(removed_with_its_body, support_set_up,
                                        support_tear_down),
        cmocka_unit_test_setup_teardown(scanned_without_parts, support_set_up,
                                        support_tear_down),
    };
    return cmocka_run_group_tests(tests, make_all, free_all);
}
