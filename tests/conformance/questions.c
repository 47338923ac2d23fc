/* What every storage engine answers: bodies, chains, crawls, steps, and which files are one. */
#include "store_box.h"

#include <stdio.h>
#include <string.h>

/* The ids are made up, so that they differ in the bits that are asked for. */
void bodies_are_found_by_any_number_of_bits(void **state)
{
    static const unsigned flipped[] = { 0,   3,   7,   8,   14,  15, 16,
                                        100, 127, 128, 129, 254, 255 };
    enum { N = sizeof(flipped) / sizeof(flipped[0]) + 1 };
    struct fixture *f = *state;
    struct support_item sent[N];
    struct store_item *items[N];
    struct sillok_id ids[N], hits[N + 1];
    char bodies[N][32];
    for (size_t i = 0; i < N; i++) {
        char aid[16];
        snprintf(aid, sizeof(aid), "%zu", i);
        snprintf(bodies[i], sizeof(bodies[i]), "본문 %zu", i);
        items[i] = make(&sent[i], aid, 100, "가", bodies[i]);
        memset(ids[i].bytes, 0x5a, sizeof(ids[i].bytes));
        if (i)
            ids[i].bytes[flipped[i - 1] / 8] ^= (uint8_t)(0x80 >> flipped[i - 1] % 8);
        sent[i].article.content_hash = ids[i];
        assert_ok(meta_digest_of(&sent[i].item.digest, hasher, &sent[i].article));
        sent[i].article.aid = text_of(aid);
        assert_ok(f->ops->begin(f->store, "crawl"));
        assert_ok(f->ops->body_put(f->store, &items[i], 1));
        assert_ok(f->ops->obs_append(f->store, &items[i], 1));
        assert_int_equal(items[i]->body_new, 1);
        assert_ok(f->ops->commit(f->store));
        f->ops->prepared_free(items[i]->prepared);
    }
    for (size_t k = 0; k < N; k++)
        for (unsigned bits = 0; bits <= 256; bits++) {
            int want = 0;
            struct sillok_id prefix = ids[k];
            for (unsigned b = bits; b < 256; b++) /* what is behind is not looked at */
                prefix.bytes[b / 8] &= (uint8_t) ~(0x80 >> b % 8);
            for (size_t i = 0; i < N; i++) {
                unsigned b = 0;
                while (b < bits &&
                       !((ids[i].bytes[b / 8] ^ ids[k].bytes[b / 8]) & 0x80 >> b % 8))
                    b++;
                want += b == bits;
            }
            const int got = f->ops->body_find(f->store, &prefix, bits, hits, N + 1);
            if (got != want)
                fail_msg("id %zu, %u bits: %d, want %d", k, bits, got, want);
            for (int i = 1; i < got; i++)
                assert_true(memcmp(&hits[i - 1], &hits[i], sizeof(hits[i])) != 0);
            if (want > 2)
                assert_int_equal(f->ops->body_find(f->store, &prefix, bits, hits, 2), 2);
        }
    char *data;
    size_t len;
    assert_int_equal(sillok_body_get(f->store, "5a5a5a", &data, &len, NULL),
                     SILLOK_EAMBIGUOUS);
    assert_non_null(strstr(sillok_error_message(), " and more"));
}

void parts_of_a_chain(void **state)
{
    enum { N = 7 };
    struct fixture *f = *state;
    (void)put(f, "0", 100, "가", "본문"); /* neighbours on both sides */
    for (int i = 0; i < N; i++)
        (void)put(f, "1", 100 + i, i % 2 ? "가" : "나", "본문");
    (void)put(f, "2", 100, "가", "본문");
    for (size_t from = 0; from < N + 2; from++)
        for (size_t limit = 0; limit < N + 2; limit++) {
            CLEANUP(buf_release) struct buf links = BUF_INIT;
            const size_t left = from < N ? N - from : 0;
            assert_ok(f->ops->chain_scan(f->store, article(f, "1"), from, limit, &links));
            const struct chain_link *l = (const struct chain_link *)(void *)links.ptr;
            const size_t n = links.len / sizeof(*l);
            assert_int_equal(n, left < limit ? left : limit);
            for (size_t i = 0; i < n; i++)
                assert_int_equal(l[i].first_s, 100 + (int64_t)(from + i));
        }
}

void articles_come_in_the_order_of_their_names(void **state)
{
    static const char *const aids[] = {
        "9", "10", "1", "100", "A", "a", "2-", "2_", "2"
    };
    static const char *const sorted[] = {
        "1", "10", "100", "2", "2-", "2_", "9", "A", "a"
    };
    struct fixture *f = *state;
    struct article_key key = { .len = 0 };
    uint64_t number;
    for (size_t i = 0; i < 9; i++)
        (void)put(f, aids[i], 100, "가", "본문");
    for (size_t i = 0; i < 9; i++) {
        struct article_key again;
        assert_int_equal(f->ops->article_next(f->store, &key, &key, &number), 1);
        assert_true(text_is(article_key_oid(&key), "001"));
        assert_true(text_is(article_key_aid(&key), sorted[i]));
        assert_ok(f->ops->article_key_of(f->store, number, &again));
        assert_true(text_equal(article_key_text(&key), article_key_text(&again)));
        assert_int_equal(number, article(f, sorted[i]));
    }
    assert_int_equal(f->ops->article_next(f->store, &key, &key, &number), 0);
    assert_true(text_is(article_key_aid(&key), "a")); /* as it was */
    /* From a name that there is not. */
    article_key_make(&key, text_of("001"), text_of("20"));
    assert_int_equal(f->ops->article_next(f->store, &key, &key, &number), 1);
    assert_true(text_is(article_key_aid(&key), "2_"));
    article_key_make(&key, text_of("001"), text_of("11"));
    assert_int_equal(f->ops->article_find(f->store, &key, &number), 0);
    assert_int_equal(f->ops->article_key_of(f->store, 10, &key), SILLOK_ECORRUPT);
}

/* An article more than there are bits in a byte, in two crawls that share one. */
void crawls_know_their_articles(void **state)
{
    enum { N = 17 };
    struct fixture *f = *state;
    struct store_crawl *crawls;
    size_t n;
    for (int i = 0; i < 2 * N - 1; i++) {
        struct support_item s;
        char aid[16];
        snprintf(aid, sizeof(aid), "%d", i < N ? i : i - N + 16);
        struct store_item *item = make(&s, aid, 100 + i, "가", "본문");
        assert_ok(f->ops->begin(f->store, i < N ? "one" : "two"));
        assert_ok(f->ops->body_put(f->store, &item, 1));
        assert_ok(f->ops->obs_append(f->store, &item, 1));
        if (i % 3 == 0 || i == N - 1 || i == 2 * N - 2)
            assert_ok(f->ops->commit(f->store)); /* several segments */
        f->ops->prepared_free(item->prepared);
    }
    assert_ok(f->ops->crawls(f->store, &crawls, &n));
    assert_int_equal(n, 2);
    for (size_t k = 0; k < n; k++) {
        CLEANUP(buf_release) struct buf bits = BUF_INIT;
        const int two = strcmp(crawls[k].name, "two") == 0;
        assert_ok(f->ops->crawl_articles(f->store, crawls[k].no, &bits));
        for (uint64_t i = 1; i < 2 * N - 1; i++) {
            const int want = two ? i >= N : i <= N;
            if ((bits.ptr[i / 8] >> i % 8 & 1) != want)
                fail_msg("%s, article %llu: not %d", crawls[k].name,
                         (unsigned long long)i, want);
        }
        assert_int_equal(crawls[k].observations, two ? N - 1 : N);
        assert_int_equal(crawls[k].first_revisions, two ? N - 2 : N);
        assert_int_equal(crawls[k].later_revisions, 0);
        assert_int_equal(crawls[k].first_s, two ? 100 + N : 100);
        assert_int_equal(crawls[k].last_s, two ? 99 + 2 * N - 1 : 99 + N);
        assert_int_equal(crawls[k].bytes, 100 * crawls[k].observations);
    }
    store_crawls_free(crawls, n);
}

void strange_cursors_are_refused(void **state)
{
    struct fixture *f = *state;
    CLEANUP(buf_release) struct buf cursor = BUF_INIT, out = BUF_INIT;
    struct store_version v;
    (void)put(f, "1", 100, "가", "본문");
    (void)put(f, "1", 200, "나", "본문");
    assert_ok(buf_add_str(&cursor, "nonsense"));
    assert_int_equal(f->ops->change_scan(f->store, 0, 300, 9, &cursor, &out),
                     SILLOK_EINVALID);
    /* None of these is there, and none takes the store for damaged without a reason. */
    store_version_init(&v);
    assert_int_equal(f->ops->version_get(f->store, 3, 0, &v), SILLOK_ECORRUPT);
    assert_non_null(strstr(sillok_error_message(), "version number 3"));
    store_version_release(&v);
    assert_int_equal(f->ops->refusal_get(f->store, "00", &out), SILLOK_EINVALID);
    assert_int_equal(
        f->ops->refusal_get(f->store, "0123456789abcdef0123456789abcdef", &out),
        SILLOK_ENOTFOUND);
    assert_int_equal(
        f->ops->refusal_get(f->store, "0123456789abcdefg123456789abcdef", &out),
        SILLOK_EINVALID);
}

/* What stands between the ends is told with the step that it is. */
void changes_name_their_step(void **state)
{
    struct fixture *f = *state;
    CLEANUP(buf_release) struct buf cursor = BUF_INIT, refs = BUF_INIT, links = BUF_INIT;
    (void)put(f, "1", 100, "가", "본문");
    (void)put(f, "1", 200, "나", "본문");
    (void)put(f, "1", 300, "가", "본문");
    (void)put(f, "2", 200, "가", "본문");
    (void)put(f, "2", -50, "나", "본문"); /* the first is the second now */
    assert_ok(f->ops->chain_scan(f->store, article(f, "1"), 0, 9, &links));
    const struct chain_link *l = (const struct chain_link *)(void *)links.ptr;
    assert_int_equal(f->ops->change_scan(f->store, -100, 300, 9, &cursor, &refs), 0);
    const struct change_ref *r = (const struct change_ref *)(void *)refs.ptr;
    assert_int_equal(refs.len / sizeof(*r), 2); /* up to, without the end */
    assert_int_equal(r[0].article, article(f, "1"));
    assert_int_equal(r[1].article, article(f, "2"));
    assert_int_equal(r[0].step.from, l[0].version);
    assert_int_equal(r[0].step.to, l[1].version);
    assert_int_equal(l[0].version, l[2].version); /* going back finds it again */
    assert_true(r[1].step.from != r[1].step.to && r[1].step.to != l[0].version);
    buf_clear(&cursor);
    buf_clear(&refs);
    assert_int_equal(f->ops->change_scan(f->store, 300, 301, 9, &cursor, &refs), 0);
    r = (const struct change_ref *)(void *)refs.ptr;
    assert_int_equal(refs.len / sizeof(*r), 1);
    assert_int_equal(r[0].step.to, l[2].version);
    buf_clear(&cursor);
    buf_clear(&refs);
    assert_int_equal(f->ops->change_scan(f->store, 301, 999, 9, &cursor, &refs), 0);
    assert_int_equal(f->ops->change_scan(f->store, -100, 200, 9, &cursor, &refs), 0);
    assert_int_equal(refs.len, 0);
}

/* What nobody could foresee of a batch is left to be made when it is on the disk. */
static void make_what_is_left(struct fixture *f, size_t n)
{
    CLEANUP(buf_release) struct buf left = BUF_INIT, again = BUF_INIT;
    struct store_worker *w;
    struct buf rows[8];
    struct sillok_change_class what;
    assert_ok(f->ops->class_left(f->store, &left));
    assert_ok(f->ops->class_left(f->store, &again)); /* and told once */
    assert_int_equal(again.len, 0);
    const struct store_step *steps = (const struct store_step *)(void *)left.ptr;
    assert_int_equal(left.len / sizeof(*steps), n);
    assert_ok(f->ops->worker_new(f->store, 0, &w));
    assert_ok(f->ops->worker_begin(w));
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(f->ops->class_get(f->store, &steps[i], &what, NULL), 0);
        buf_init(&rows[i], BUF_CEILING);
        assert_ok(f->ops->class_make(w, &steps[i], &rows[i]));
    }
    f->ops->worker_end(w);
    f->ops->worker_free(w);
    assert_ok(f->ops->class_put(f->store, steps, rows, n));
    assert_ok(f->ops->commit(f->store));
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(f->ops->class_get(f->store, &steps[i], &what, NULL), 1);
        assert_int_equal(what.kind, SILLOK_KIND_HEADLINE);
        buf_release(&rows[i]);
    }
}

/* A batch may go from crawl to crawl; what one has seen is not the other's. */
void a_batch_of_several_crawls(void **state)
{
    struct fixture *f = *state;
    static const char *const crawls[] = { "one", "two", "one", "three" };
    struct store_crawl *list;
    size_t n;
    struct support_item s[4];
    for (int i = 0; i < 4; i++) {
        char aid[16];
        snprintf(aid, sizeof(aid), "%d", i % 2);
        struct store_item *item = make(&s[i], aid, 100 + i, i < 2 ? "가" : "나", "본문");
        assert_ok(f->ops->begin(f->store, crawls[i]));
        assert_ok(f->ops->body_put(f->store, &item, 1));
        assert_ok(f->ops->obs_append(f->store, &item, 1));
        assert_int_equal(item->outcome, i < 2 ? OBS_NEW_ARTICLE : OBS_CHANGED);
    }
    assert_ok(f->ops->commit(f->store));
    for (int i = 0; i < 4; i++)
        f->ops->prepared_free(s[i].item.prepared);
    make_what_is_left(f, 2);
    reopen(f);
    assert_ok(f->ops->crawls(f->store, &list, &n));
    assert_int_equal(n, 3);
    for (size_t i = 0; i < n; i++) {
        const int one = strcmp(list[i].name, "one") == 0,
                  three = strcmp(list[i].name, "three") == 0;
        assert_int_equal(list[i].observations, 1 + one);
        assert_int_equal(list[i].first_revisions, !three);
        assert_int_equal(list[i].later_revisions, one || three);
    }
    store_crawls_free(list, n);
    assert_int_equal(support_verify(f->store), 0);
    assert_int_equal(support_reindex(f->store, 1), 0);
}

/* The same file under another path of its crawl is another file; in another crawl its
 * last part alone is its name. */
void what_is_the_same_file(void **state)
{
    static const struct {
        const char *crawl, *path, *title;
        int64_t at;
        int exact;
        enum obs_outcome outcome;
        uint64_t observations; /* of the store, then */
        const char *original;  /* NULL: other bytes */
        uint32_t form;
    } steps[] = {
        { "a", "x/1.md", "가", 100, 1, OBS_NEW_ARTICLE, 1, NULL, 0 },
        { "a", "x/1.md", "가", 100, 1, OBS_ALREADY, 1, NULL, 0 },
        { "a", "y/1.md", "가", 100, 1, OBS_UNCHANGED, 2, NULL, 0 },
        { "b", "z/1.md", "가", 100, 1, OBS_ALREADY, 2, NULL, 0 }, /* it is of both now */
        { "b", "z/1.md", "가", 100, 1, OBS_ALREADY, 2, NULL, 0 },
        { "b", "1.md", "가", 100, 1, OBS_ALREADY, 2, NULL, 0 },
        { "c", "2.md", "가", 100, 1, OBS_UNCHANGED, 3, NULL, 0 },
        { "c", "/2.md", "가", 100, 1, OBS_UNCHANGED, 4, NULL, 0 },
        { "a", "x/1.md", "가", 101, 1, OBS_UNCHANGED, 5, NULL, 0 },
        { "a", "x/1.md", "가", 101, 0, OBS_UNCHANGED, 6, NULL,
          0 }, /* other bytes around it */
        { "a", "x/1.md", "가", 101, 0, OBS_ALREADY, 6, NULL, 0 },
        { "a", "x/1.md", "가", 101, 0, OBS_UNCHANGED, 7, "0ther bytes", 0 }, /* as many */
        { "a", "x/1.md", "가", 101, 0, OBS_ALREADY, 7, "0ther bytes", 0 },
        { "a", "x/1.md", "가", 101, 0, OBS_ALREADY, 7, NULL, 0 },
        { "a", "x/1.md", "가", 101, 1, OBS_UNCHANGED, 8, NULL, FORM_ESCAPED },
        { "a", "x/1.md", "가", 101, 1, OBS_ALREADY, 8, NULL, FORM_ESCAPED },
        { "a", "x/1.md", "가", 101, 1, OBS_ALREADY, 8, NULL, 0 },
        { "a", "x/1.md", "나", 99, 1, OBS_CHANGED, 9, NULL, 0 },
        { "a", "x/1.md", "나", 99, 1, OBS_ALREADY, 9, NULL, 0 },
        { "d", "1.md", "나", 99, 1, OBS_ALREADY, 9, NULL, 0 },
        { "d", "", "나", 99, 1, OBS_UNCHANGED, 10, NULL, 0 },
        { "d", "", "나", 99, 1, OBS_ALREADY, 10, NULL, 0 },
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        struct support_item s;
        struct sillok_stats stats;
        struct store_item *item = make(&s, "1", steps[i].at, steps[i].title, "본문");
        item->path = text_of(steps[i].path);
        item->exact = steps[i].exact;
        item->form = steps[i].form;
        item->original = text_of(steps[i].original ? steps[i].original : "other bytes");
        item->file_bytes = item->original.len;
        assert_ok(f->ops->begin(f->store, steps[i].crawl));
        assert_ok(f->ops->body_put(f->store, &item, 1));
        assert_ok(f->ops->obs_append(f->store, &item, 1));
        assert_ok(f->ops->commit(f->store));
        f->ops->prepared_free(item->prepared);
        assert_ok(f->ops->stats(f->store, &stats));
        if (item->outcome != steps[i].outcome ||
            stats.observations != steps[i].observations)
            fail_msg("step %zu: outcome %d, %llu observations", i, item->outcome,
                     (unsigned long long)stats.observations);
    }
    make_what_is_left(f, 1); /* from 99 to 100 */
    assert_int_equal(support_verify(f->store), 0);
    assert_int_equal(support_reindex(f->store, 1), 0);
}
