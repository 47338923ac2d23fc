/* Observations that come a few at a time: how many segments they are. */
#include "unit/inside.h"

#include "support_item.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static struct hasher *hasher;

static int set_up(void **state)
{
    assert_ok(hasher_new(&hasher));
    return support_set_up(state);
}

static int tear_down(void **state)
{
    hasher_free(hasher);
    return support_tear_down(state);
}

/** One visit of @p article into crawl @p crawl, in the open batch. */
static void see(struct sillok_store *store, const char *crawl, int article, int64_t at,
                int text)
{
    struct support_item s;
    char aid[16], body[200];
    snprintf(aid, sizeof(aid), "%d", article);
    snprintf(body, sizeof(body), "%d번째 다리를 %d번 놓는다. The council met.", article,
             text);
    struct store_item *item = support_item(&s, hasher, "001", aid, at, "다리", body);
    assert_ok(store->ops->begin(store, crawl));
    assert_ok(store->ops->body_put(store, &item, 1));
    assert_ok(store->ops->obs_append(store, &item, 1));
    store->ops->prepared_free(item->prepared);
}

static size_t n_segments(struct sillok_store *store)
{
    struct sillok_stats stats;
    assert_ok(store->ops->stats(store, &stats)); /* as it is on the disk */
    return lmdb_of(store)->state.segs.len / sizeof(struct seg);
}

static void segments_of(struct sillok_store *store, char *out, size_t room)
{
    const size_t n = n_segments(store);
    const struct seg *segs =
        (const struct seg *)(const void *)lmdb_of(store)->state.segs.ptr;
    size_t at = 0;
    out[0] = '\0';
    for (size_t i = 0; i < n; i++)
        at += (size_t)snprintf(out + at, room - at, "%u:%llu ", segs[i].crawl,
                               (unsigned long long)segs[i].n);
}

/* Some of an order of dice, each article several times, two texts each. */
static void nth(int i, int *article, int *text)
{
    *article = i * 7 % 31;
    *text = i / 40 % 2;
}

static void they_are_merged_and_say_the_same(void **state)
{
    enum { VISITS = 200 };
    const struct support_fixture *f = *state;
    CLEANUP(buf_release) struct buf few = BUF_INIT, all = BUF_INIT;
    char *other = support_path(f->folder, "월요일");
    char segments[200];
    assert_int_equal(mkdir(other, 0700), 0);
    struct sillok_store *whole = support_store(other);
    for (int i = 0; i < VISITS; i++) {
        int article, text;
        nth(i, &article, &text);
        see(f->store, "월요일", article, 1000 + i, text);
        assert_ok(f->store->ops->commit(f->store));
        see(whole, "월요일", article, 1000 + i, text);
    }
    assert_ok(whole->ops->commit(whole));
    segments_of(f->store, segments, sizeof(segments));
    assert_string_equal(segments, "1:128 1:64 1:8 ");
    assert_int_equal(n_segments(whole), 1);
    support_dump(&few, f->store);
    support_dump(&all, whole);
    assert_int_equal(few.len, all.len);
    assert_memory_equal(few.ptr, all.ptr, few.len);
    assert_int_equal(support_verify(f->store), 0);
    sillok_store_close(whole);
    free(other);
}

/* Only those that follow each other, and none that is longer than a block. */
static void others_are_left_as_they_are(void **state)
{
    const struct support_fixture *f = *state;
    char segments[200];
    for (int i = 0; i < 4; i++) {
        see(f->store, i % 2 ? "화요일" : "월요일", i, 1000 + i, 0);
        assert_ok(f->store->ops->commit(f->store));
    }
    segments_of(f->store, segments, sizeof(segments));
    assert_string_equal(segments, "1:1 2:1 1:1 2:1 ");
    for (int i = 0; i < 2 * OBS_PER_BLOCK; i++) {
        see(f->store, "화요일", i % 500, 2000 + i, 0);
        if (i == OBS_PER_BLOCK - 2 || i == OBS_PER_BLOCK || i == 2 * OBS_PER_BLOCK - 1)
            assert_ok(f->store->ops->commit(f->store));
    }
    segments_of(f->store, segments, sizeof(segments));
    assert_string_equal(segments, "1:1 2:1 1:1 2:2048 2:2 2:2047 ");
    assert_int_equal(support_verify(f->store), 0);
}

/* What is damaged is not taken for what it was, and nothing else stops for it. */
static void a_damaged_one_is_left_as_it_is(void **state)
{
    const struct support_fixture *f = *state;
    struct lmdb_store *s = lmdb_of(f->store);
    struct kv_txn *txn;
    char segments[200];
    uint8_t key[4 + ID_BYTES];
    see(f->store, "월요일", 1, 1000, 0);
    assert_ok(f->store->ops->commit(f->store));
    put_be(key, 1, 4);
    put_be(key + 4, 1, ID_BYTES);
    assert_ok(kv_write(s->env, &txn));
    assert_ok(kv_put(txn, T_OBS, text_make((const char *)key, sizeof(key)),
                     text_of("부서진 조각"), 0));
    assert_ok(kv_commit(txn));
    see(f->store, "월요일", 2, 1001, 0);
    assert_ok(f->store->ops->commit(f->store));
    segments_of(f->store, segments, sizeof(segments));
    assert_string_equal(segments, "1:1 1:1 ");
    see(f->store, "월요일", 3, 1002, 0);
    assert_ok(f->store->ops->commit(f->store));
    segments_of(f->store, segments, sizeof(segments));
    assert_string_equal(segments, "1:1 1:2 ");
    assert_int_not_equal(support_verify(f->store), 0);
}

int main(void)
{
#define FRESH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        FRESH(they_are_merged_and_say_the_same),
        FRESH(others_are_left_as_they_are),
        FRESH(a_damaged_one_is_left_as_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
