/*
 * Case 57: two different texts with one SHA-256. Nobody can make such a pair, so the
 * hasher of this test says of every text that begins with "twin" that its hash is the
 * real one of `first`. The store must compare bytes, keep the first text and refuse the
 * second loudly, whichever way the second one comes in.
 */
#include "store/store.h"

#include "support_item.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char first[] = "전시는 봄까지 이어진다. The show runs until spring.";
static const char twin[] = "twin: 전시는 취소되었다. The show is off.";
/* As long as the first: a length alone must not decide. */
static const char twin_as_long[] = "twin: 전시는 가을로 미뤄졌다. The show was put off.";
_Static_assert(sizeof(twin_as_long) == sizeof(first), "of one length");

static struct sillok_id id_of_first;
static struct hasher *plain, *hasher;

static void one_hash_for_all(struct sillok_text t, struct sillok_id *out)
{
    if (text_is(t, first) || text_starts(t, "twin"))
        *out = id_of_first;
    else if (hasher_of(plain, t, out) < 0)
        memset(out, 0, sizeof(*out));
}

struct fixture {
    char *folder, *url;
    struct sillok_store *store;
    const struct store_ops *ops;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    struct sillok_store_options o = SILLOK_STORE_OPTIONS_INIT;
    o.create = 1;
    f->folder = support_folder();
    f->url = support_path(f->folder, "store");
    assert_ok(sillok_store_open(&f->store, f->url, &o));
    f->ops = f->store->ops;
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

static struct store_item *make(struct support_item *s, const char *aid, int64_t at,
                               const char *body)
{
    return support_item(s, hasher, "001", aid, at, "봄 전시", body);
}

/* In a batch of its own; what the store answers. */
static int put(struct fixture *f, const char *aid, int64_t at, const char *body)
{
    struct support_item s;
    struct store_item *item = make(&s, aid, at, body);
    assert_ok(f->ops->begin(f->store, "crawl"));
    int r = f->ops->body_put(f->store, &item, 1);
    if (r == 0)
        r = f->ops->obs_append(f->store, &item, 1);
    if (r == 0)
        assert_ok(f->ops->commit(f->store));
    else
        f->ops->abort(f->store);
    f->ops->prepared_free(item->prepared);
    return r;
}

static void assert_refused(int r)
{
    char hex[SILLOK_ID_HEX_LEN + 1];
    assert_int_equal(r, SILLOK_ECONFLICT);
    sillok_id_format(&id_of_first, hex);
    const char *message = sillok_error_message();
    assert_non_null(strstr(message, "two different texts have the SHA-256"));
    assert_non_null(strstr(message, hex));
}

/* The hash still gives the first text, the only one there is. */
static void assert_first_kept(struct fixture *f, uint64_t bodies)
{
    CLEANUP(buf_release) struct buf body = BUF_INIT;
    struct sillok_stats stats;
    assert_ok(f->ops->body_get(f->store, &id_of_first, &body));
    assert_true(text_is(text_make(body.ptr, body.len), first));
    assert_ok(f->ops->stats(f->store, &stats));
    assert_int_equal(stats.bodies, bodies);
    assert_int_equal(support_verify(f->store), 0);
}

static int knows(struct fixture *f, const char *aid)
{
    struct article_key key;
    uint64_t article;
    article_key_make(&key, text_of("001"), text_of(aid));
    const int r = f->ops->article_find(f->store, &key, &article);
    assert_ok(r);
    return r;
}

/* Of three in one batch, the second the first's twin, two came in. */
static void assert_two_of_three(struct fixture *f, struct support_item s[3])
{
    assert_ok(f->ops->commit(f->store));
    for (int i = 0; i < 3; i++)
        f->ops->prepared_free(s[i].item.prepared);
    assert_int_equal(knows(f, "1"), 1);
    assert_int_equal(knows(f, "2"), 0);
    assert_int_equal(knows(f, "3"), 1);
    assert_first_kept(f, 2);
}

static void in_a_later_batch(void **state)
{
    struct fixture *f = *state;
    assert_ok(put(f, "1", 100, first));
    assert_refused(put(f, "2", 200, twin));
    assert_int_equal(knows(f, "2"), 0);
    assert_refused(put(f, "2", 200, twin_as_long));
    assert_first_kept(f, 1);
}

/* The good neighbours in the batch come in, as ingest wants it. */
static void in_the_same_batch(void **state)
{
    struct fixture *f = *state;
    struct support_item s[3];
    struct store_item *a = make(&s[0], "1", 100, first), *b = make(&s[1], "2", 100, twin),
                      *c = make(&s[2], "3", 100, "다른 글이다.");
    assert_ok(f->ops->begin(f->store, "crawl"));
    assert_ok(f->ops->body_put(f->store, &a, 1));
    assert_ok(f->ops->obs_append(f->store, &a, 1));
    assert_refused(f->ops->body_put(f->store, &b, 1));
    assert_ok(f->ops->body_put(f->store, &c, 1));
    assert_ok(f->ops->obs_append(f->store, &c, 1));
    assert_two_of_three(f, s);
}

/* A chunk's bodies are put at once, and then again one by one: who is refused is refused
 * again, and whoever came with him is not. */
static void put_at_once(void **state)
{
    struct fixture *f = *state;
    struct support_item s[3];
    struct store_item *all[] = { make(&s[0], "1", 100, first),
                                 make(&s[1], "2", 100, twin),
                                 make(&s[2], "3", 100, "다른 글이다.") };
    assert_ok(f->ops->begin(f->store, "crawl"));
    for (int times = 0; times < 3; times++)
        assert_refused(f->ops->body_put(f->store, all, 3));
    for (int i = 0; i < 3; i++) {
        const int r = f->ops->body_put(f->store, &all[i], 1);
        if (i == 1) {
            assert_refused(r);
            continue;
        }
        assert_ok(r);
        assert_true(all[i]->body_new);
        assert_ok(f->ops->obs_append(f->store, &all[i], 1));
    }
    assert_two_of_three(f, s);
}

/* Prepared ahead by a reading thread, which sees the first text committed. */
static void prepared_ahead(void **state)
{
    struct fixture *f = *state;
    struct store_worker *w;
    struct support_item s;
    assert_ok(put(f, "1", 100, first));
    struct store_item *item = make(&s, "2", 200, twin);
    assert_ok(f->ops->worker_new(f->store, 0, &w));
    assert_ok(f->ops->worker_begin(w));
    assert_ok(f->ops->prepare(w, item));
    f->ops->worker_end(w);
    assert_ok(f->ops->begin(f->store, "crawl"));
    assert_refused(f->ops->body_put(f->store, &item, 1));
    f->ops->abort(f->store);
    f->ops->prepared_free(item->prepared);
    f->ops->worker_free(w);
    assert_first_kept(f, 1);
}

/* Prepared before the first text was there, so nothing was compared then. */
static void prepared_too_early(void **state)
{
    struct fixture *f = *state;
    struct store_worker *w;
    struct support_item s;
    struct store_item *item = make(&s, "2", 200, twin);
    assert_ok(f->ops->worker_new(f->store, 0, &w));
    assert_ok(f->ops->worker_begin(w));
    assert_ok(f->ops->prepare(w, item));
    f->ops->worker_end(w);
    assert_ok(put(f, "1", 100, first));
    assert_ok(f->ops->begin(f->store, "crawl"));
    assert_refused(f->ops->body_put(f->store, &item, 1));
    f->ops->abort(f->store);
    f->ops->prepared_free(item->prepared);
    f->ops->worker_free(w);
    assert_first_kept(f, 1);
}

/* The article itself comes back with the other text under the same hash and title: this
 * is the way a forger would take, and it must not pass as "unchanged". */
static void as_a_visit_to_the_same_article(void **state)
{
    struct fixture *f = *state;
    struct store_worker *w;
    struct support_item s;
    assert_ok(put(f, "1", 100, first));
    assert_refused(put(f, "1", 200, twin));
    assert_refused(put(f, "1", 100, twin));

    struct store_item *item = make(&s, "1", 300, twin);
    assert_ok(f->ops->worker_new(f->store, 0, &w));
    assert_ok(f->ops->worker_begin(w));
    assert_ok(f->ops->prepare(w, item));
    f->ops->worker_end(w);
    assert_ok(f->ops->begin(f->store, "crawl"));
    assert_refused(f->ops->body_put(f->store, &item, 1));
    f->ops->abort(f->store);
    f->ops->prepared_free(item->prepared);
    f->ops->worker_free(w);

    struct sillok_log *log;
    assert_ok(sillok_log_open(&log, f->store, "001", "1"));
    assert_int_equal(sillok_log_count(log), 1);
    sillok_log_close(log);
    assert_first_kept(f, 1);
}

static void the_same_text_is_no_collision(void **state)
{
    struct fixture *f = *state;
    assert_ok(put(f, "1", 100, first));
    assert_ok(put(f, "2", 100, first));
    assert_ok(put(f, "1", 200, first));
    assert_first_kept(f, 1);
}

/* Half of the hash is the key of the table; two texts that share only that half are both
 * kept. */
static void half_a_hash_is_no_collision(void **state)
{
    struct fixture *f = *state;
    struct support_item s;
    int has[2];
    assert_ok(put(f, "1", 100, first));
    struct store_item *item = make(&s, "2", 100, "반만 같은 글이다.");
    memcpy(s.article.content_hash.bytes, id_of_first.bytes, 16);
    assert_ok(meta_digest_of(&s.item.digest, hasher, &s.article));
    assert_ok(f->ops->begin(f->store, "crawl"));
    assert_ok(f->ops->body_put(f->store, &item, 1));
    assert_int_equal(item->body_new, 1);
    assert_ok(f->ops->obs_append(f->store, &item, 1));
    assert_ok(f->ops->commit(f->store));
    f->ops->prepared_free(item->prepared);
    const struct sillok_id ids[] = { id_of_first, s.article.content_hash };
    assert_ok(f->ops->body_has(f->store, ids, 2, has));
    assert_int_equal(has[0] + has[1], 2);
    CLEANUP(buf_release) struct buf body = BUF_INIT;
    assert_ok(f->ops->body_get(f->store, &id_of_first, &body));
    assert_true(text_is(text_make(body.ptr, body.len), first));
    /* Its hash was made up, and whoever asks for it is told so. */
    assert_int_equal(f->ops->body_get(f->store, &ids[1], &body), SILLOK_ECORRUPT);
}

/* The same among those of one batch, which are not in the table yet: each is found again
 * behind however many of its beginning. */
static void half_a_hash_within_a_batch(void **state)
{
    static const char *const texts[] = { "반만 같은 글 하나.", "Half the same, two.",
                                         "반만 같은 글 셋.", "Half the same, four." };
    enum { N = sizeof(texts) / sizeof(texts[0]) };
    struct fixture *f = *state;
    struct support_item s[2 * N];
    assert_ok(f->ops->begin(f->store, "crawl"));
    for (int i = 0; i < 2 * N; i++) {
        char aid[8];
        snprintf(aid, sizeof(aid), "%d", i);
        struct store_item *item = make(&s[i], aid, 100, texts[i % N]);
        memcpy(s[i].article.content_hash.bytes, id_of_first.bytes, 16);
        assert_ok(meta_digest_of(&s[i].item.digest, hasher, &s[i].article));
        assert_ok(f->ops->body_put(f->store, &item, 1));
        assert_int_equal(item->body_new, i < N);
        f->ops->prepared_free(item->prepared);
    }
    f->ops->abort(f->store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)
        T(in_a_later_batch),
        T(in_the_same_batch),
        T(put_at_once),
        T(prepared_ahead),
        T(prepared_too_early),
        T(as_a_visit_to_the_same_article),
        T(the_same_text_is_no_collision),
        T(half_a_hash_is_no_collision),
        T(half_a_hash_within_a_batch),
    };
    if (hasher_new(&plain) < 0 || hasher_new(&hasher) < 0)
        return 99;
    if (hasher_of(plain, text_of(first), &id_of_first) < 0)
        return 99;
    hasher_stub(hasher, one_hash_for_all);
    const int failed = cmocka_run_group_tests_name("collision", tests, NULL, NULL);
    hasher_free(hasher);
    hasher_free(plain);
    return failed;
}
