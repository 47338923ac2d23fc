/* Deriving anew where a counter is wrong, and where the map is too small for what is
 * written: then all of it is done again in a larger one. */
#include "unit/inside.h"

#include "faults/script.h"
#include "support_item.h"

#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ARTICLES = 50 };

static struct hasher *hasher;

static void take_in(struct sillok_store *store, int article, int64_t at,
                    const char *title)
{
    struct support_item s;
    char aid[16], body[200];
    snprintf(aid, sizeof(aid), "%d", article);
    snprintf(body, sizeof(body), "%d번째 다리를 놓는다. The council met.", article);
    struct store_item *item = support_item(&s, hasher, "001", aid, at, title, body);
    assert_ok(store->ops->begin(store, at < 200 ? "월요일" : "화요일"));
    assert_ok(store->ops->body_put(store, &item, 1));
    assert_ok(store->ops->obs_append(store, &item, 1));
    store->ops->prepared_free(item->prepared);
}

/* Every third of the articles is changed. */
static int set_up(void **state)
{
    assert_int_equal(support_set_up(state), 0);
    const struct support_fixture *f = *state;
    for (int i = 1; i <= ARTICLES; i++)
        take_in(f->store, i, 100, "다리");
    for (int i = 1; i <= ARTICLES; i += 3)
        take_in(f->store, i, 200, "The bridge");
    assert_ok(f->store->ops->commit(f->store));
    assert_int_equal(support_reindex(f->store, 0), (ARTICLES + 2) / 3); /* classes */
    return 0;
}

static int tear_down(void **state)
{
    script_clear();
    return support_tear_down(state);
}

/* Nothing else says how many revisions there are; what is shown of the store does. */
static void the_count_of_revisions_is_mended(void **state)
{
    const struct support_fixture *f = *state;
    struct lmdb_store *s = lmdb_of(f->store);
    const uint64_t n = counters_of(s).revisions;
    struct sillok_stats stats;
    assert_int_equal(n, ARTICLES + (ARTICLES + 2) / 3);
    assert_ok(f->store->ops->begin(f->store, ""));
    s->state.counters.revisions += 7;
    s->dirty = 1;
    assert_ok(f->store->ops->commit(f->store));
    assert_int_equal(support_reindex(f->store, 1), 1);
    assert_int_equal(counters_of(s).revisions, n + 7);
    assert_int_equal(support_reindex(f->store, 0), 1);
    assert_int_equal(counters_of(s).revisions, n);
    assert_int_equal(support_reindex(f->store, 1), 0);
    assert_ok(f->store->ops->stats(f->store, &stats));
    assert_int_equal(stats.revisions, n);
}

static void spoil(struct sillok_store *store)
{
    struct lmdb_store *s = lmdb_of(store);
    assert_ok(store->ops->begin(store, ""));
    assert_ok(kv_clear(s->txn, T_ARTICLE));
    assert_ok(kv_clear(s->txn, T_REV));
    assert_ok(kv_clear(s->txn, T_LOG));
    s->dirty = 1;
    assert_ok(store->ops->commit(store));
}

/* At the first row, in the middle, at the last, and with the commit: what was written by
 * then is gone with the transaction. */
static void the_map_grows_meanwhile(void **state)
{
    enum { PUTS = ARTICLES + 3 * ((ARTICLES + 2) / 3) }; /* of articles, rev and log */
    static const struct script steps[] = {
        { .call = "mdb_put", .nth = 1, .rc = MDB_MAP_FULL },
        { .call = "mdb_put", .nth = PUTS / 2, .rc = MDB_MAP_FULL },
        { .call = "mdb_put", .nth = PUTS, .rc = MDB_MAP_FULL },
        { .call = "mdb_txn_commit", .rc = MDB_MAP_FULL },
    };
    struct support_fixture *f = *state;
    CLEANUP(buf_release) struct buf want = BUF_INIT;
    support_dump(&want, f->store);
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        CLEANUP(buf_release) struct buf got = BUF_INIT;
        spoil(f->store);
        script_set(&steps[i], 1);
        assert_true(support_reindex(f->store, 0) > 0);
        assert_true(script_calls(0) > (steps[i].nth ? steps[i].nth : 1));
        script_clear();
        assert_int_equal(support_reindex(f->store, 1), 0);
        assert_int_equal(support_verify(f->store), 0);
        support_dump(&got, f->store);
        assert_true(text_equal(buf_text(&got), buf_text(&want)));
        support_open_again(f); /* with the map that it began with */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)
        T(the_count_of_revisions_is_mended),
        T(the_map_grows_meanwhile),
    };
    if (hasher_new(&hasher) < 0)
        return 99;
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    hasher_free(hasher);
    return failed;
}
