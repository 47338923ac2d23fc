/*
 * What every storage engine promises (src/store/store.h), asked of one given by URL:
 * "lmdb:" and a folder is put behind it, so that another engine is another argument.
 */
#include "store_box.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *scheme = "lmdb:";
struct hasher *hasher;

void reopen(struct fixture *f)
{
    struct sillok_store_options o = SILLOK_STORE_OPTIONS_INIT;
    o.create = 1;
    sillok_store_close(f->store);
    assert_ok(sillok_store_open(&f->store, f->url, &o));
    f->ops = f->store->ops;
}

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    char url[4200];
    f->folder = support_folder();
    snprintf(url, sizeof(url), "%s%s/store", scheme, f->folder);
    f->url = strdup(url);
    reopen(f);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    sillok_store_close(f->store);
    support_remove(f->folder);
    free(f->url);
    free(f);
    return 0;
}

struct store_item *make(struct support_item *s, const char *aid, int64_t at,
                        const char *title, const char *body)
{
    return support_item(s, hasher, "001", aid, at, title, body);
}

enum obs_outcome put(struct fixture *f, const char *aid, int64_t at, const char *title,
                     const char *body)
{
    struct support_item s;
    struct store_item *item = make(&s, aid, at, title, body);
    assert_ok(f->ops->begin(f->store, "crawl"));
    assert_ok(f->ops->body_put(f->store, &item, 1));
    assert_ok(f->ops->obs_append(f->store, &item, 1));
    assert_ok(f->ops->commit(f->store));
    f->ops->prepared_free(item->prepared);
    return item->outcome;
}

uint64_t article(struct fixture *f, const char *aid)
{
    struct article_key key;
    uint64_t n = 0;
    article_key_make(&key, text_of("001"), text_of(aid));
    assert_int_equal(f->ops->article_find(f->store, &key, &n), 1);
    return n;
}

/* "time:title time:title ..." of the chain. */
static void chain(struct fixture *f, const char *aid, char *out, size_t size)
{
    CLEANUP(buf_release) struct buf links = BUF_INIT;
    struct store_version v;
    store_version_init(&v);
    out[0] = '\0';
    assert_ok(f->ops->chain_scan(f->store, article(f, aid), 0, SIZE_MAX / 2, &links));
    const struct chain_link *l = (const struct chain_link *)(void *)links.ptr;
    for (size_t i = 0; i < links.len / sizeof(*l); i++) {
        assert_ok(f->ops->version_get(f->store, l[i].version, 0, &v));
        snprintf(out + strlen(out), size - strlen(out), "%s%lld:%.*s", i ? " " : "",
                 (long long)l[i].first_s, (int)v.article.fields[SILLOK_TITLE].len,
                 v.article.fields[SILLOK_TITLE].ptr);
    }
    store_version_release(&v);
}

static void assert_chain(struct fixture *f, const char *aid, const char *want)
{
    char got[1000];
    chain(f, aid, got, sizeof(got));
    assert_string_equal(got, want);
}

static void new_is_told_once(void **state)
{
    struct fixture *f = *state;
    struct support_item a, b, c;
    struct store_item *items[] = { make(&a, "1", 100, "가", "본문"),
                                   make(&b, "2", 100, "나", "본문"),
                                   make(&c, "3", 100, "다", "다른 본문") };
    assert_ok(f->ops->begin(f->store, "crawl"));
    assert_ok(f->ops->body_put(f->store, items, 3));
    assert_int_equal(items[0]->body_new + items[1]->body_new, 1);
    assert_int_equal(items[2]->body_new, 1);
    assert_ok(f->ops->obs_append(f->store, items, 3));
    assert_ok(f->ops->commit(f->store));
    for (int i = 0; i < 3; i++)
        f->ops->prepared_free(items[i]->prepared);
    const struct sillok_id ids[] = { a.article.content_hash,
                                     c.article.content_hash,
                                     { { 1 } } };
    int has[3];
    assert_ok(f->ops->body_has(f->store, ids, 3, has));
    assert_int_equal(has[0] + 2 * has[1] + 4 * has[2], 3);
    CLEANUP(buf_release) struct buf body = BUF_INIT;
    assert_ok(f->ops->body_get(f->store, &ids[1], &body));
    assert_true(text_is(text_make(body.ptr, body.len), "다른 본문"));
    assert_int_equal(f->ops->body_get(f->store, &ids[2], &body), SILLOK_ENOTFOUND);
    assert_int_equal(support_verify(f->store), 0);
}

static void an_observation_needs_its_body(void **state)
{
    struct fixture *f = *state;
    struct support_item a;
    struct store_item *item = make(&a, "1", 100, "가", "본문");
    assert_ok(f->ops->begin(f->store, "crawl"));
    assert_int_equal(f->ops->obs_append(f->store, &item, 1), SILLOK_EINVALID);
    f->ops->abort(f->store);
}

/* All but what lies between fields, which has no value. */
static void assert_same_stats(const struct sillok_stats *a, const struct sillok_stats *b)
{
    const size_t from = offsetof(struct sillok_stats, articles),
                 to = offsetof(struct sillok_stats, engine) + sizeof(a->engine);
    assert_int_equal(a->format, b->format);
    assert_memory_equal((const char *)a + from, (const char *)b + from, to - from);
}

static void repetition_writes_nothing(void **state)
{
    struct fixture *f = *state;
    struct sillok_stats before, after;
    assert_int_equal(put(f, "1", 100, "가", "본문"), OBS_NEW_ARTICLE);
    assert_int_equal(put(f, "1", 200, "가", "본문"), OBS_UNCHANGED);
    assert_ok(f->ops->stats(f->store, &before));
    for (int i = 0; i < 3; i++) {
        assert_int_equal(put(f, "1", 200, "가", "본문"), OBS_ALREADY);
        assert_int_equal(put(f, "1", 100, "가", "본문"), OBS_ALREADY);
        reopen(f);
    }
    assert_ok(f->ops->stats(f->store, &after));
    assert_same_stats(&before, &after);
}

/* Each case: observations in an order that is not theirs, and the chain they make. */
static const struct {
    const char *name;
    struct {
        int64_t at;
        const char *title;
    } seen[8];
    const char *chain;
} orders[] = {
    { "grows at the end", { { 1, "A" }, { 2, "A" }, { 3, "B" } }, "1:A 3:B" },
    { "goes back", { { 1, "A" }, { 2, "B" }, { 3, "A" } }, "1:A 2:B 3:A" },
    { "older than all", { { 5, "A" }, { 1, "B" } }, "1:B 5:A" },
    { "older, same", { { 5, "A" }, { 1, "A" } }, "1:A" },
    { "inside a run, same", { { 1, "A" }, { 9, "A" }, { 5, "A" } }, "1:A" },
    { "inside a run, other", { { 1, "A" }, { 9, "A" }, { 5, "B" } }, "1:A 5:B 9:A" },
    { "moves a start back", { { 1, "A" }, { 9, "B" }, { 5, "B" } }, "1:A 5:B" },
    { "joins nothing", { { 1, "A" }, { 9, "B" }, { 5, "C" } }, "1:A 5:C 9:B" },
    { "before, then joins",
      { { 9, "B" }, { 5, "A" }, { 1, "B" }, { 3, "A" } },
      "1:B 3:A 9:B" },
    { "all backwards",
      { { 6, "C" }, { 5, "B" }, { 4, "B" }, { 3, "A" }, { 2, "C" } },
      "2:C 3:A 4:B 6:C" },
    { "before 1970", { { 5, "A" }, { -86400, "B" } }, "-86400:B 5:A" },
};

static void any_order_gives_one_chain(void **state)
{
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
        char aid[16];
        snprintf(aid, sizeof(aid), "%zu", i);
        for (int k = 0; k < 8 && orders[i].seen[k].title; k++)
            (void)put(f, aid, orders[i].seen[k].at, orders[i].seen[k].title, "본문");
        char got[1000];
        chain(f, aid, got, sizeof(got));
        if (strcmp(got, orders[i].chain) != 0)
            fail_msg("%s: %s, want %s", orders[i].name, got, orders[i].chain);
    }
    assert_int_equal(support_verify(f->store), 0);
}

static void equal_times_are_conflicts(void **state)
{
    struct fixture *f = *state;
    struct support_item s;
    (void)put(f, "1", 100, "A", "하나");
    (void)put(f, "2", 100, "B", "둘");
    struct store_item *item = make(&s, "1", 100, "B", "둘");
    assert_ok(f->ops->begin(f->store, "crawl"));
    assert_ok(f->ops->body_put(f->store, &item, 1));
    assert_ok(f->ops->obs_append(f->store, &item, 1));
    assert_ok(f->ops->commit(f->store));
    f->ops->prepared_free(item->prepared);
    assert_int_equal(item->conflict, 1);
    char one[200], two[200];
    (void)put(f, "2", 100, "A", "하나");
    chain(f, "1", one, sizeof(one));
    chain(f, "2", two, sizeof(two));
    assert_string_equal(one, two); /* whichever came first */
    assert_non_null(strchr(one, ' '));
}

static void abort_leaves_nothing(void **state)
{
    struct fixture *f = *state;
    struct sillok_stats before, after;
    struct support_item s;
    (void)put(f, "1", 100, "가", "본문");
    assert_ok(f->ops->stats(f->store, &before));
    struct store_item *item = make(&s, "2", 100, "나", "다른 본문");
    assert_ok(f->ops->begin(f->store, "another crawl"));
    assert_ok(f->ops->body_put(f->store, &item, 1));
    assert_ok(f->ops->obs_append(f->store, &item, 1));
    f->ops->abort(f->store);
    f->ops->prepared_free(item->prepared);
    assert_ok(f->ops->stats(f->store, &after));
    assert_same_stats(&before, &after);
    assert_int_equal(put(f, "2", 100, "나", "다른 본문"), OBS_NEW_ARTICLE);
    assert_int_equal(support_verify(f->store), 0);
}

static void committed_is_there_after_reopening(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < 50; i++) {
        char aid[16];
        snprintf(aid, sizeof(aid), "%d", i);
        (void)put(f, aid, 100 + i, "가", aid);
    }
    reopen(f);
    for (int i = 0; i < 50; i++) {
        char aid[16], want[32];
        snprintf(aid, sizeof(aid), "%d", i);
        snprintf(want, sizeof(want), "%d:가", 100 + i);
        assert_chain(f, aid, want);
    }
}

static void scans_go_on_from_their_cursor(void **state)
{
    struct fixture *f = *state;
    CLEANUP(buf_release) struct buf cursor = BUF_INIT, refs = BUF_INIT, body = BUF_INIT;
    for (int i = 0; i < 10; i++)
        (void)put(f, "1", 100 + i, i % 2 ? "가" : "나", "본문");
    int more = 1, n = 0;
    while (more > 0) {
        buf_clear(&refs);
        more = f->ops->change_scan(f->store, 102, 109, 2, &cursor, &refs);
        assert_ok(more);
        const struct change_ref *r = (const struct change_ref *)(void *)refs.ptr;
        for (size_t i = 0; i < refs.len / sizeof(*r); i++, n++)
            assert_int_equal(r[i].time_s, 102 + n);
        const size_t len = cursor.len;
        char copy[64];
        memcpy(copy, cursor.ptr, len);
        reopen(f); /* a cursor outlives its process */
        buf_clear(&cursor);
        assert_ok(buf_add(&cursor, copy, len));
    }
    assert_int_equal(n, 7);
    struct sillok_id id;
    buf_clear(&cursor);
    assert_int_equal(f->ops->body_scan(f->store, &cursor, &id, &body), 1);
    assert_true(text_is(text_make(body.ptr, body.len), "본문"));
    assert_int_equal(f->ops->body_scan(f->store, &cursor, &id, &body), 0);
    buf_clear(&cursor);
    assert_ok(buf_add_str(&cursor, "nonsense"));
    assert_int_equal(f->ops->body_scan(f->store, &cursor, &id, &body), SILLOK_EINVALID);
}

static void refs_compare_and_swap(void **state)
{
    struct fixture *f = *state;
    CLEANUP(buf_release) struct buf v = BUF_INIT;
    const struct sillok_text none = { NULL, 0 }, a = { "a", 1 }, b = { "b", 1 };
    assert_int_equal(f->ops->ref_get(f->store, "head", &v), SILLOK_ENOTFOUND);
    assert_ok(f->ops->ref_cas(f->store, "head", none, a));
    assert_int_equal(f->ops->ref_cas(f->store, "head", none, b), SILLOK_ECONFLICT);
    assert_int_equal(f->ops->ref_cas(f->store, "head", b, a), SILLOK_ECONFLICT);
    assert_ok(f->ops->ref_cas(f->store, "head", a, b));
    reopen(f);
    assert_ok(f->ops->ref_get(f->store, "head", &v));
    assert_true(text_is(text_make(v.ptr, v.len), "b"));
    assert_ok(f->ops->ref_cas(f->store, "head", b, none));
    assert_int_equal(f->ops->ref_get(f->store, "head", &v), SILLOK_ENOTFOUND);
}

static void refusals_are_kept_once(void **state)
{
    struct fixture *f = *state;
    const struct store_refusal r = { .path = text_of("나쁜.md"),
                                     .code = "empty",
                                     .reason = "the file is empty",
                                     .original = text_of("bytes"),
                                     .size_bytes = 5 };
    for (int i = 0; i < 2; i++) {
        int is_new;
        assert_ok(f->ops->begin(f->store, "crawl"));
        assert_ok(f->ops->refuse(f->store, &r, &is_new));
        assert_int_equal(is_new, i == 0);
        assert_ok(f->ops->commit(f->store));
    }
    struct sillok_refused *it;
    struct sillok_refusal got;
    assert_ok(sillok_refused_open(&it, f->store));
    assert_int_equal(sillok_refused_next(it, &got), 1);
    assert_true(text_is(got.name, "나쁜.md"));
    assert_string_equal(got.code, "empty");
    assert_string_equal(got.crawl, "crawl");
    char *data;
    size_t len;
    assert_ok(sillok_refused_get(f->store, got.key, &data, &len));
    assert_true(text_is(text_make(data, len), "bytes"));
    sillok_free(data);
    assert_int_equal(sillok_refused_next(it, &got), 0);
    sillok_refused_close(it);
}

static void unreferenced_bodies_go(void **state)
{
    struct fixture *f = *state;
    struct support_item s;
    struct sillok_stats before, after;
    (void)put(f, "1", 100, "가", "본문 하나는 남는다");
    assert_ok(f->ops->stats(f->store, &before));
    struct store_item *item = make(&s, "2", 100, "나", "본문 둘은 관찰이 없다");
    assert_ok(f->ops->begin(f->store, "crawl"));
    assert_ok(f->ops->body_put(f->store, &item, 1));
    assert_ok(f->ops->commit(f->store));
    f->ops->prepared_free(item->prepared);
    uint64_t n;
    int has;
    assert_ok(f->ops->body_has(f->store, &s.article.content_hash, 1, &has));
    assert_int_equal(has, 1);
    assert_ok(f->ops->delete_unreferenced(f->store, &n));
    assert_int_equal(n, 1);
    assert_ok(f->ops->body_has(f->store, &s.article.content_hash, 1, &has));
    assert_int_equal(has, 0);
    assert_ok(f->ops->stats(f->store, &after));
    assert_int_equal(after.bodies, before.bodies);
    assert_int_equal(after.bodies_plain, before.bodies_plain);
    assert_int_equal(after.body_bytes, before.body_bytes);
    assert_int_equal(after.body_bytes_stored, before.body_bytes_stored);
    assert_ok(f->ops->delete_unreferenced(f->store, &n)); /* once is enough */
    assert_int_equal(n, 0);
    assert_chain(f, "1", "100:가");
    assert_int_equal(support_verify(f->store), 0);
}

static void a_second_writer_is_told(void **state)
{
    struct fixture *f = *state;
    assert_ok(f->ops->lock(f->store));
    struct sillok_store *again;
    /* In one process the engine itself may not be opened twice. */
    assert_int_equal(sillok_store_open(&again, f->url, NULL), SILLOK_EBUSY);
}

/* A version 4 UUID (RFC 9562 5.4): all of it is by chance but six bits. */
static void each_store_has_its_own_id(void **state)
{
    enum { N = 12 };
    struct fixture *f = *state;
    struct sillok_stats stats[N];
    for (int i = 0; i < N; i++) {
        struct sillok_store_options o = SILLOK_STORE_OPTIONS_INIT;
        struct sillok_store *store;
        char url[4300];
        snprintf(url, sizeof(url), "%s%s/store %d", scheme, f->folder, i);
        o.create = 1;
        assert_ok(sillok_store_open(&store, url, &o));
        assert_ok(sillok_store_stats(store, &stats[i]));
        sillok_store_close(store);
        assert_int_equal(strlen(stats[i].uuid), 36);
    }
    for (size_t at = 0; at < 36; at++) {
        int differ = 0;
        for (int i = 0; i < N; i++) {
            const char c = stats[i].uuid[at];
            differ |= c != stats[0].uuid[at];
            assert_non_null(strchr(at == 8 || at == 13 || at == 18 || at == 23 ? "-"
                                   : at == 14                                  ? "4"
                                   : at == 19                                  ? "89ab"
                                              : "0123456789abcdef",
                                   c));
        }
        if (at != 8 && at != 13 && at != 18 && at != 23 && at != 14 && !differ)
            fail_msg("digit %zu is the same in %d stores", at, N);
        for (size_t other = 0; differ && other < at; other++) {
            int alone = 0; /* each is random by itself */
            for (int i = 0; i < N; i++)
                alone |= stats[i].uuid[other] != stats[i].uuid[at];
            if (!alone)
                fail_msg("digits %zu and %zu are the same", other, at);
        }
    }
}

/* What a cache of what is in may be tied to. */
static void a_mark_names_what_is_committed(void **state)
{
    struct fixture *f = *state;
    uint8_t first[STORE_MARK_BYTES], now[STORE_MARK_BYTES];
    if (!f->ops->mark || f->ops->mark(f->store, first) == 0)
        skip();
    put(f, "1", 100, "가", "본문");
    assert_int_equal(f->ops->mark(f->store, now), 1);
    assert_memory_not_equal(first, now, sizeof(now));
    memcpy(first, now, sizeof(now));
    assert_int_equal(put(f, "1", 100, "가", "본문"), OBS_ALREADY);
    assert_ok(f->ops->begin(f->store, "crawl"));
    f->ops->abort(f->store);
    reopen(f);
    assert_int_equal(f->ops->mark(f->store, now), 1);
    assert_memory_equal(first, now, sizeof(now));
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
#define T(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)
        T(new_is_told_once),
        T(an_observation_needs_its_body),
        T(repetition_writes_nothing),
        T(any_order_gives_one_chain),
        T(equal_times_are_conflicts),
        T(abort_leaves_nothing),
        T(committed_is_there_after_reopening),
        T(scans_go_on_from_their_cursor),
        T(refs_compare_and_swap),
        T(refusals_are_kept_once),
        T(unreferenced_bodies_go),
        T(each_store_has_its_own_id),
        T(bodies_are_found_by_any_number_of_bits),
        T(parts_of_a_chain),
        T(articles_come_in_the_order_of_their_names),
        T(crawls_know_their_articles),
        T(strange_cursors_are_refused),
        T(changes_name_their_step),
        T(a_batch_of_several_crawls),
        T(what_is_the_same_file),
        T(a_mark_names_what_is_committed),
        T(a_second_writer_is_told),
    };
    if (argc > 1)
        scheme = argv[1];
    if (hasher_new(&hasher) < 0)
        return 99;
    const int failed = cmocka_run_group_tests_name(scheme, tests, NULL, NULL);
    hasher_free(hasher);
    return failed;
}
