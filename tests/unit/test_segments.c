/* Observations that come a few at a time: how many segments they are. */
#include "unit/inside.h"

#include "support_item.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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
    /* The article and its crawl are told, and not that a log of nothing has too few rows. */
    assert_int_equal(support_verify(f->store), 2);
}

/** @p visits of each crawl, of new articles, two in each commit, while somebody reads what was
 *  there before, so that no page is written over. */
static void come_in_beside_a_reader(struct sillok_store *store, const int *visits, int n)
{
    static const char *const crawls[] = { "월요일", "화요일", "수요일", "목요일" };
    struct kv_txn *reader;
    int article = 0;
    see(store, "일요일", 999, 500, 0);
    assert_ok(store->ops->commit(store));
    assert_ok(kv_read(lmdb_of(store)->env, &reader));
    for (int k = 0; k < n; k++)
        for (int i = 0; i < visits[k]; i++, article++) {
            see(store, crawls[k], article, 1000 * (k + 1) + i, 0);
            if (i % 2)
                assert_ok(store->ops->commit(store));
        }
    kv_abort(reader);
}

/** All that is brought out is as it @p was, and is counted once. */
static void salvage_says_the_same(struct support_fixture *f, const struct buf *was,
                                  uint64_t visits)
{
    CLEANUP(buf_release) struct buf is = BUF_INIT;
    struct sillok_salvage *it;
    struct sillok_salvage_event e;
    struct sillok_store *store;
    char *from = support_path(f->folder, "store"), *to = support_path(f->folder, "out");
    int r;
    assert_ok(sillok_salvage_open(&it, from, to));
    while ((r = sillok_salvage_next(it, &e)) > 0)
        if (e.lost)
            fail_msg("lost: %s", e.what);
    assert_ok(r);
    assert_int_equal(sillok_salvage_sum(it)->observations, visits);
    assert_int_equal(sillok_salvage_sum(it)->observations_lost, 0);
    sillok_salvage_close(it);
    assert_ok(sillok_store_open(&store, to, NULL));
    support_dump(&is, store);
    assert_int_equal(support_verify(store), 0);
    sillok_store_close(store);
    assert_int_equal(was->len, is.len);
    assert_memory_equal(was->ptr, is.ptr, was->len);
    support_remove(to);
    free(from);
}

/* Pages of earlier commits have segments that were merged since, and the last commit's are
 * found without its header too. */
static void salvage_brings_each_out_in_its_crawl(void **state)
{
    enum { PAGE = 4096, VISITS = 37 };
    static const int visits[] = { 16, 16, 4 };
    static const char zeros[PAGE];
    struct support_fixture *f = *state;
    CLEANUP(buf_release) struct buf was = BUF_INIT;
    char segments[200], page[PAGE];
    come_in_beside_a_reader(f->store, visits, 3);
    segments_of(f->store, segments, sizeof(segments));
    assert_string_equal(segments, "1:1 2:16 3:16 4:4 ");
    support_open_again(f);
    support_dump(&was, f->store);
    salvage_says_the_same(f, &was, VISITS);
    char *data = support_path(f->folder, "store/data.mdb"),
         *seal = support_path(f->folder, "store/data.mdb-seal");
    assert_int_equal(unlink(seal), 0);
    salvage_says_the_same(f, &was, VISITS);
    const int fd = open(data, O_RDWR);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(pread(fd, page, PAGE, i * PAGE), PAGE);
        assert_int_equal(pwrite(fd, zeros, PAGE, i * PAGE), PAGE);
        salvage_says_the_same(f, &was, VISITS);
        assert_int_equal(pwrite(fd, page, PAGE, i * PAGE), PAGE);
    }
    assert_int_equal(close(fd), 0);
    free(data);
    free(seal);
}

/** Wherever @p text stands in the file. */
static void flip_last_byte_of_each(const char *path, struct sillok_text text)
{
    enum { ROOM = 1 << 21 };
    CLEANUP(buf_release) struct buf data = BUF_INIT;
    int n = 0;
    FILE *in = fopen(path, "rb");
    assert_non_null(in);
    assert_ok(buf_reserve(&data, ROOM));
    data.len = fread(data.ptr, 1, ROOM, in);
    assert_true(feof(in));
    assert_int_equal(fclose(in), 0);
    for (char *at; (at = memmem(data.ptr, data.len, text.ptr, text.len)); n++)
        at[text.len - 1] ^= 1;
    assert_true(n > 0);
    support_write(path, data.ptr, data.len);
}

/* A visit whose text is damaged stands in older blocks too, and is one that is lost. */
static void salvage_counts_what_is_lost_once(void **state)
{
    static const char was[] = "13번째 다리";
    static const int visits[] = { 16 };
    struct support_fixture *f = *state;
    struct sillok_salvage *it;
    struct sillok_salvage_event e;
    int r;
    come_in_beside_a_reader(f->store, visits, 1);
    support_open_again(f);
    char *from = support_path(f->folder, "store"), *to = support_path(f->folder, "out"),
         *path = support_path(from, "data.mdb");
    flip_last_byte_of_each(path, text_of(was));
    assert_ok(sillok_salvage_open(&it, from, to));
    while ((r = sillok_salvage_next(it, &e)) > 0)
        ;
    assert_ok(r);
    assert_int_equal(sillok_salvage_sum(it)->observations, 16);
    assert_int_equal(sillok_salvage_sum(it)->observations_lost, 1);
    sillok_salvage_close(it);
    free(path);
    free(from);
    free(to);
}

static void see_alike(struct sillok_store *store, int n)
{
    static const char *const crawls[] = { "월요일", "화요일" };
    for (int c = 0; c < 2; c++) {
        for (int i = 0; i < n; i++)
            see(store, crawls[c], i, 1000 + i, 0);
        assert_ok(store->ops->commit(store));
    }
    assert_int_equal(n_segments(store), 2);
}

/* What two crawls saw alike is counted in both. */
static void salvage_counts_what_two_crawls_saw(void **state)
{
    enum { VISITS = 5 };
    struct support_fixture *f = *state;
    CLEANUP(buf_release) struct buf was = BUF_INIT;
    see_alike(f->store, VISITS);
    support_open_again(f);
    support_dump(&was, f->store);
    salvage_says_the_same(f, &was, 2 * VISITS);
}

/* What two crawls saw alike is lost in neither of them: a block of the last commit is left out
 * for no other one, though its segment is damaged in each page that has it. */
static void salvage_keeps_what_another_crawl_saw_too(void **state)
{
    enum { VISITS = 5 };
    struct support_fixture *f = *state;
    CLEANUP(buf_release) struct buf row = BUF_INIT;
    struct sillok_salvage *it;
    struct sillok_salvage_event e;
    int r;
    see_alike(f->store, VISITS);
    assert_ok(seg_encode(
        &row, (const struct seg *)(const void *)lmdb_of(f->store)->state.segs.ptr));
    assert_ok(row_seal(&row));
    support_open_again(f);
    char *from = support_path(f->folder, "store"), *to = support_path(f->folder, "out"),
         *path = support_path(from, "data.mdb");
    flip_last_byte_of_each(path, buf_text(&row));
    assert_ok(sillok_salvage_open(&it, from, to));
    while ((r = sillok_salvage_next(it, &e)) > 0)
        if (e.lost)
            assert_non_null(strstr(e.what, "the name of a crawl"));
    assert_ok(r);
    assert_int_equal(sillok_salvage_sum(it)->observations, 2 * VISITS);
    assert_int_equal(sillok_salvage_sum(it)->observations_lost, 0);
    sillok_salvage_close(it);
    free(path);
    free(from);
    free(to);
}

int main(void)
{
#define FRESH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        FRESH(they_are_merged_and_say_the_same),
        FRESH(others_are_left_as_they_are),
        FRESH(a_damaged_one_is_left_as_it_is),
        FRESH(salvage_brings_each_out_in_its_crawl),
        FRESH(salvage_counts_what_is_lost_once),
        FRESH(salvage_counts_what_two_crawls_saw),
        FRESH(salvage_keeps_what_another_crawl_saw_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
