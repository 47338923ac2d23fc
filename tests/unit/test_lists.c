/*
 * The short lists: crawls with their figures and what they did not see, refusals,
 * articles, publishers; and bodies by the beginning of their hash.
 */
#include "sillok/history.h"
#include "store/store.h"

#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { JAN_1 = 1767236400, DAY = 86400 }; /* 2026-01-01 03:00:00 */

static int64_t at(int day, int s)
{
    return JAN_1 + (int64_t)(day - 1) * DAY + s;
}

static void see(struct support_fixture *f, const char *oid, int aid, int64_t at_s,
                const char *publisher, const char *body)
{
    char when[SILLOK_TIME_LEN];
    sillok_time_format(at_s, 0, when);
    assert_ok(buf_printf(&f->lines,
                         "{\"oid\":\"%s\",\"aid\":\"%d\",\"crawled_at\":\"%s\","
                         "\"title\":\"제목\",\"publisher\":\"%s\",\"body\":\"%s\"}\n",
                         oid, aid, when, publisher, body));
}

/* What was seen, as one crawl. */
static void take_in(struct support_fixture *f, const char *crawl)
{
    assert_int_equal(support_take_lines(f, crawl).refused, 0);
}

static void refuse(struct support_fixture *f, const char *crawl,
                   const struct store_refusal *list, size_t n)
{
    assert_ok(f->store->ops->begin(f->store, crawl));
    for (size_t i = 0; i < n; i++) {
        int is_new;
        assert_ok(f->store->ops->refuse(f->store, &list[i], &is_new));
    }
    assert_ok(f->store->ops->commit(f->store));
}

/* --- crawls --- */

static void take_in_crawls(struct support_fixture *f)
{
    static const struct store_refusal bad[] = {
        { .path = { "a.md", 4 }, .code = "empty", .reason = "the file is empty" },
        { .path = { "b.md", 4 }, .code = "empty", .reason = "the file is empty" },
    };
    refuse(f, "none b", bad, 2);
    refuse(f, "none a", bad, 1); /* known from the other crawl: it is of both */
    const struct store_refusal own = { .path = { "c.md", 4 },
                                       .code = "empty",
                                       .reason = "the file is empty" };
    refuse(f, "none a", &own, 1);
    for (int i = 1; i <= 3; i++)
        see(f, "001", i, at(6, i), "한빛", "다리가 열렸다.");
    see(f, "001", 1, at(6, 30), "한빛", "다리가 열렸다.");
    take_in(f, "late");
    see(f, "001", 1, at(5, 10), "한빛", "다리가 닫혔다.");
    for (int i = 21; i <= 40; i++)
        see(f, "001", i, at(5, i), "한빛", "다리가 열렸다.");
    take_in(f, "early");
    see(f, "001", 51, at(8, 0), "한빛", "박물관이 열렸다.");
    take_in(f, "same b");
    see(f, "001", 52, at(8, 0), "한빛", "박물관이 닫혔다.");
    see(f, "001", 52, at(8, 0), "한빛", "박물관이 없어졌다.");
    take_in(f, "same a");
    refuse(f, "late", bad, 2); /* of this one too */
}

static void crawls_have_their_figures(void **state)
{
    static const struct sillok_crawl want[] = {
        { .name = "early",
          .files = 21,
          .observations = 21,
          .new_articles = 21, /* of 001/1 too: it saw it before */
          .first_s = JAN_1 + 4 * DAY + 10,
          .last_s = JAN_1 + 4 * DAY + 40 },
        { .name = "late",
          .files = 6,
          .observations = 4,
          .new_articles = 2,
          .changed = 1,
          .unchanged = 1,
          .missing = 20,
          .refused = 2,
          .first_s = JAN_1 + 5 * DAY + 1,
          .last_s = JAN_1 + 5 * DAY + 30,
          .gap_s = DAY - 39 },
        { .name = "same a",
          .files = 2,
          .observations = 2,
          .new_articles = 1,
          .changed = 1,
          .missing = 3,
          .conflicts = 2, /* both files */
          .first_s = JAN_1 + 7 * DAY,
          .last_s = JAN_1 + 7 * DAY,
          .gap_s = 2 * DAY - 30 },
        { .name = "same b", /* no gap: nothing lies between the two */
          .files = 1,
          .observations = 1,
          .new_articles = 1,
          .missing = 1,
          .first_s = JAN_1 + 7 * DAY,
          .last_s = JAN_1 + 7 * DAY },
        { .name = "none a", .files = 2, .refused = 2 }, /* it has no place in time */
        { .name = "none b", .files = 2, .refused = 2 },
    };
    struct support_fixture *f = *state;
    struct sillok_crawls *it;
    struct sillok_crawl c;
    take_in_crawls(f);
    assert_ok(sillok_crawls_open(&it, f->store));
    for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
        assert_int_equal(sillok_crawls_next(it, &c), 1);
        assert_string_equal(c.name, want[i].name);
        assert_true(c.started_s > JAN_1);
        const uint64_t got[] = { c.files,   c.observations,  c.new_articles,
                                 c.changed, c.unchanged,     c.missing,
                                 c.refused, c.hash_mismatch, c.conflicts };
        const uint64_t wanted[] = { want[i].files,        want[i].observations,
                                    want[i].new_articles, want[i].changed,
                                    want[i].unchanged,    want[i].missing,
                                    want[i].refused,      want[i].hash_mismatch,
                                    want[i].conflicts };
        for (size_t k = 0; k < sizeof(got) / sizeof(got[0]); k++)
            if (got[k] != wanted[k])
                fail_msg("%s: figure %zu: %llu, want %llu", c.name, k,
                         (unsigned long long)got[k], (unsigned long long)wanted[k]);
        assert_int_equal(c.first_s, want[i].first_s);
        assert_int_equal(c.last_s, want[i].last_s);
        assert_int_equal(c.gap_s, want[i].gap_s);
    }
    assert_int_equal(sillok_crawls_next(it, &c), 0);
    assert_int_equal(sillok_crawls_next(it, &c), 0);
    sillok_crawls_close(it);
}

/* --- what a crawl did not see --- */

struct want_missing {
    const char *crawl, *oid, *aid, *publisher;
    uint32_t revision;
    int64_t last_seen_s, seen_again_s;
};

/* All that is missing from each crawl, and that it is as much as is counted. */
static void assert_missing(const struct support_fixture *f,
                           const struct want_missing *want, size_t n)
{
    struct sillok_crawls *crawls;
    struct sillok_crawl c;
    struct sillok_missing_article m;
    char before[16] = "";
    size_t i = 0;
    assert_ok(sillok_crawls_open(&crawls, f->store));
    while (sillok_crawls_next(crawls, &c) > 0) {
        struct sillok_missing *it;
        uint64_t rows = 0;
        int r;
        assert_ok(sillok_missing_open(&it, f->store, c.name));
        if (before[0] && c.observations)
            assert_string_equal(sillok_missing_before(it), before);
        else
            assert_null(sillok_missing_before(it));
        for (; (r = sillok_missing_next(it, &m)) > 0; i++, rows++) {
            assert_true(i < n);
            if (strcmp(c.name, want[i].crawl) != 0 ||
                !text_is(m.article.oid, want[i].oid) ||
                !text_is(m.article.aid, want[i].aid) ||
                !text_is(m.article.fields[SILLOK_PUBLISHER], want[i].publisher) ||
                m.revision != want[i].revision || m.last_seen_s != want[i].last_seen_s ||
                m.seen_again_s != want[i].seen_again_s)
                fail_msg("row %zu: %s lacks %.*s/%.*s@%u, last seen %lld, again %lld", i,
                         c.name, (int)m.article.oid.len, m.article.oid.ptr,
                         (int)m.article.aid.len, m.article.aid.ptr, m.revision,
                         (long long)m.last_seen_s, (long long)m.seen_again_s);
            assert_int_equal(m.article.crawled_at_s, m.last_seen_s);
            assert_int_equal(m.article.body.len, 0);
            assert_true(text_is(m.article.fields[SILLOK_TITLE], "제목"));
        }
        assert_ok(r);
        assert_ok(sillok_missing_next(it, &m));
        assert_int_equal(rows, c.missing);
        sillok_missing_close(it);
        snprintf(before, sizeof(before), "%s", c.name);
    }
    sillok_crawls_close(crawls);
    assert_int_equal(i, n);
}

static void assert_last(const struct support_fixture *f, const char *oid, const char *aid,
                        const char *crawl, uint64_t later)
{
    struct sillok_log *log;
    struct sillok_last_crawl last;
    assert_ok(sillok_log_open(&log, f->store, oid, aid));
    for (int i = 0; i < 2;
         i++) { /* asked twice it is the same, and the first name is gone */
        assert_ok(sillok_log_last_crawl(log, &last));
        assert_string_equal(last.name, crawl);
        assert_int_equal(last.later, later);
    }
    sillok_log_close(log);
}

static void what_is_missing_is_what_is_counted(void **state)
{
    enum { EARLY = 20 };
    static const struct want_missing last[] = {
        { "same a", "001", "1", "한빛", 2, JAN_1 + 5 * DAY + 30, 0 },
        { "same a", "001", "2", "한빛", 1, JAN_1 + 5 * DAY + 2, 0 },
        { "same a", "001", "3", "한빛", 1, JAN_1 + 5 * DAY + 3, 0 },
        { "same b", "001", "52", "한빛", 2, JAN_1 + 7 * DAY, 0 }, /* of two contents */
    };
    struct support_fixture *f = *state;
    struct want_missing want[EARLY + sizeof(last) / sizeof(last[0])];
    char aids[EARLY][4];
    for (int i = 0; i < EARLY; i++) {
        snprintf(aids[i], sizeof(aids[i]), "%d", 21 + i);
        want[i] =
            (struct want_missing){ "late", "001", aids[i], "한빛", 1, at(5, 21 + i), 0 };
    }
    memcpy(want + EARLY, last, sizeof(last));
    take_in_crawls(f);
    assert_missing(f, want, sizeof(want) / sizeof(want[0]));
}

/* Names that sort otherwise than they came, revisions of later, an article that comes back,
 * a file that two crawls hold. */
static void it_is_told_as_the_crawl_before_saw_it(void **state)
{
    static const struct want_missing want[] = {
        { "b", "001", "10", "새 이름", 2, JAN_1 + 20, JAN_1 + 4 * DAY },
        { "b", "001", "9", "한빛", 1, JAN_1 + 9, 0 },
        { "b", "002", "1", "한빛", 1, JAN_1 + 3, JAN_1 + 2 * DAY },
        { "c", "001", "5", "한빛", 1, JAN_1 + 5, 0 }, /* seen by a, and b holds it too */
        { "c", "001", "7", "한빛", 1, JAN_1 + DAY, 0 },
        { "d", "002", "1", "새 이름", 2, JAN_1 + 2 * DAY, 0 },
    };
    struct support_fixture *f = *state;
    struct sillok_missing *it = NULL;
    see(f, "001", 10, at(5, 0), "더 새 이름", "다리가 열렸다.");
    take_in(f, "d");
    see(f, "002", 1, at(3, 0), "새 이름", "다리가 닫혔다.");
    take_in(f, "c");
    see(f, "001", 5, at(1, 5), "한빛", "다리가 열렸다.");
    see(f, "002", 1, at(1, 3), "한빛", "다리가 열렸다.");
    see(f, "001", 9, at(1, 9), "한빛", "다리가 열렸다.");
    see(f, "001", 10, at(1, 10), "한빛", "다리가 열렸다.");
    see(f, "001", 10, at(1, 20), "새 이름", "다리가 열렸다.");
    take_in(f, "a");
    see(f, "001", 5, at(1, 5), "한빛", "다리가 열렸다.");
    see(f, "001", 7, at(2, 0), "한빛", "다리가 열렸다.");
    take_in(f, "b");
    assert_missing(f, want, sizeof(want) / sizeof(want[0]));
    assert_last(f, "001", "9", "a", 3);
    assert_last(f, "001", "5", "b", 2); /* seen by a, and b holds it too */
    assert_last(f, "001", "7", "b", 2);
    assert_last(f, "002", "1", "c", 1);
    assert_last(f, "001", "10", "d", 0); /* came back */
    assert_int_equal(sillok_missing_open(&it, f->store, "e"), SILLOK_ENOTFOUND);
    assert_non_null(strstr(sillok_error_message(), "there is no crawl 'e'"));
    assert_null(it);
    sillok_missing_close(it);
}

/* --- refusals --- */

static void refusals_stand_in_order(void **state)
{
    static const struct store_refusal later[] = {
        { .path = { "b.md", 4 }, .code = "empty", .reason = "r", .original = { "x", 1 } },
        { .path = { "a.md", 4 }, .code = "empty", .reason = "r", .original = { "", 0 } },
    };
    static const struct store_refusal first = {
        .path = { "z.md", 4 }, .code = "too_large", .reason = "r", .size_bytes = 7000000
    };
    static const char *const want[] = { "one z.md", "two a.md", "two b.md" };
    struct support_fixture *f = *state;
    struct sillok_refused *it;
    struct sillok_refusal r;
    char *data = NULL;
    size_t len = 9;
    refuse(f, "two", later, 2);
    refuse(f, "one", &first, 1);
    assert_ok(sillok_refused_open(&it, f->store));
    for (int i = 0; i < 3; i++) {
        char got[80], key[33];
        assert_int_equal(sillok_refused_next(it, &r), 1);
        snprintf(got, sizeof(got), "%s %.*s", r.crawl, (int)r.name.len, r.name.ptr);
        assert_string_equal(got, want[i]);
        assert_int_equal(r.has_bytes, i != 0);
        assert_int_equal(r.size_bytes, i ? 0 : 7000000);
        snprintf(key, sizeof(key), "%s", r.key);
        assert_int_equal(strlen(key), 32);
        if (i == 0) {
            assert_int_equal(sillok_refused_get(f->store, key, &data, &len),
                             SILLOK_ENOTFOUND);
            assert_non_null(strstr(sillok_error_message(), "were not kept"));
            continue;
        }
        assert_ok(sillok_refused_get(f->store, key, &data, &len));
        assert_int_equal(len, i - 1);
        assert_true(len == 0 || data[0] == 'x');
        sillok_free(data);
    }
    assert_int_equal(sillok_refused_next(it, &r), 0);
    sillok_refused_close(it);
}

/* Of that very name, in that crawl; the name has to say whose it is. */
static void a_refused_file_was_taken_in_too(void **state)
{
    static const struct support_file whole = {
        "001", "7", "2026-01-05 10:00:00", "다리", "다리를 놓는다.", 0, NULL
    };
    static const struct {
        const char *crawl, *name;
        int taken_in;
    } want[] = {
        { "one", "001_7_다리.md", 0 },     { "two", "001_7.md", 0 },
        { "two", "001_7_다리.md", 1 },     { "two", "001_8_다리.md", 0 },
        { "two", "sub/001_7_다리.md", 0 }, { "two", "다리.md", 0 },
    };
    struct support_fixture *f = *state;
    CLEANUP(buf_release) struct buf file = BUF_INIT;
    struct sillok_refused *it;
    struct sillok_refusal r;
    for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
        const struct store_refusal bad = { .path = text_of(want[i].name),
                                           .code = "no_footer",
                                           .reason = "r",
                                           .original = { "---", 3 } };
        refuse(f, want[i].crawl, &bad, 1);
    }
    char *path = support_path(f->folder, "001_7_다리.md");
    const char *const paths[] = { path };
    support_crawl_file(&file, &whole);
    support_write(path, file.ptr, file.len);
    assert_int_equal(support_ingest(f->store, "two", paths, 1).refused, 0);
    free(path);
    assert_ok(sillok_refused_open(&it, f->store));
    for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
        assert_int_equal(sillok_refused_next(it, &r), 1);
        assert_string_equal(r.crawl, want[i].crawl);
        assert_true(text_is(r.name, want[i].name));
        assert_int_equal(r.taken_in, want[i].taken_in);
    }
    assert_int_equal(sillok_refused_next(it, &r), 0);
    sillok_refused_close(it);
}

static int not_asked(struct sillok_store *s, uint64_t article, struct buf *out)
{
    (void)s;
    (void)article;
    (void)out;
    fail_msg("the visits of all crawls are read");
    return SILLOK_ERR;
}

/* That is found in its own crawl: to read what years of others have of the article takes as
 * long for each refusal as its log. */
static void of_a_refused_file_its_own_crawl_is_asked(void **state)
{
    static const char *const crawls[] = { "one", "two", "three" };
    static const struct store_refusal bad = { .path = { "001_7.md", 8 },
                                              .code = "no_footer",
                                              .reason = "r",
                                              .original = { "---", 3 } };
    struct support_fixture *f = *state;
    struct sillok_refused *it;
    struct sillok_refusal r;
    CLEANUP(buf_release) struct buf all = BUF_INIT, some = BUF_INIT;
    refuse(f, "two", &bad, 1);
    char *path = support_path(f->folder, "001_7.md");
    const char *const paths[] = { path };
    for (size_t i = 0; i < 3; i++) {
        CLEANUP(buf_release) struct buf file = BUF_INIT;
        char at[] = "2026-01-05 10:00:00";
        at[18] = (char)('0' + i);
        const struct support_file whole = { "001", "7", at, "다리", "다리를 놓는다.",
                                            0,     NULL };
        support_crawl_file(&file, &whole);
        support_write(path, file.ptr, file.len);
        assert_int_equal(support_ingest(f->store, crawls[i], paths, 1).refused, 0);
    }
    assert_ok(f->store->ops->obs_scan(f->store, 1, &all));
    assert_int_equal(all.len, 3 * sizeof(struct chain_obs));
    const struct chain_obs *o = (const struct chain_obs *)(const void *)all.ptr;
    for (size_t i = 0; i < 3; i++) {
        buf_clear(&some);
        assert_ok(f->store->ops->obs_scan_crawl(f->store, 1, o[i].crawl, &some));
        assert_int_equal(some.len, sizeof(*o));
        const struct chain_obs *one = (const struct chain_obs *)(const void *)some.ptr;
        assert_true(one->time_s == o[i].time_s && one->crawl == o[i].crawl);
    }
    const struct store_ops *real = f->store->ops;
    struct store_ops watched = *real;
    watched.obs_scan = not_asked;
    f->store->ops = &watched;
    assert_ok(sillok_refused_open(&it, f->store));
    assert_int_equal(sillok_refused_next(it, &r), 1);
    assert_int_equal(r.taken_in, 1);
    sillok_refused_close(it);
    f->store->ops = real;
    free(path);
}

static void a_refusal_by_the_beginning_of_its_key(void **state)
{
    enum { N = 1200 }; /* some keys of so many begin alike */
    struct support_fixture *f = *state;
    static char names[N][16], keys[N][33];
    static struct store_refusal list[N];
    struct sillok_refused *it;
    struct sillok_refusal r;
    char *data;
    size_t len;
    int n = 0, ambiguous = 0;
    for (int i = 0; i < N; i++) {
        snprintf(names[i], sizeof(names[i]), "%d", i);
        list[i] = (struct store_refusal){ .path = text_of("x.md"),
                                          .code = "empty",
                                          .reason = "r",
                                          .original = text_of(names[i]) };
    }
    refuse(f, "many", list, N);
    assert_ok(sillok_refused_open(&it, f->store));
    while (sillok_refused_next(it, &r) > 0) {
        snprintf(keys[n++], 33, "%s", r.key);
        assert_true(n < 2 || strcmp(keys[n - 2], keys[n - 1]) < 0); /* of one name */
    }
    sillok_refused_close(it);
    assert_int_equal(n, N);
    for (int i = 0; i < N; i++) {
        char start[5] = "";
        memcpy(start, keys[i], 4);
        int alike = 0;
        for (int k = 0; k < N; k++)
            alike += strncmp(keys[k], start, 4) == 0;
        if (alike == 1 && i % 100) /* each is a list of all */
            continue;
        const int got = sillok_refused_get(f->store, start, &data, &len);
        if (got != (alike > 1 ? SILLOK_EAMBIGUOUS : 0))
            fail_msg("%s fits %d: %d", start, alike, got);
        if (alike > 1) {
            char said[64];
            snprintf(said, sizeof(said), "%s fits %d refusals", start, alike);
            assert_string_equal(sillok_error_message(), said);
            ambiguous++;
        } else
            sillok_free(data);
        assert_ok(sillok_refused_get(f->store, keys[i], &data, &len));
        sillok_free(data);
    }
    assert_true(ambiguous > 0);
    assert_int_equal(sillok_refused_get(f->store, "abc", &data, &len), SILLOK_EINVALID);
    assert_int_equal(sillok_refused_get(f->store, "zzzz", &data, &len), SILLOK_ENOTFOUND);
    assert_non_null(strstr(sillok_error_message(), "no refusal zzzz"));
    char longer[40];
    snprintf(longer, sizeof(longer), "%s0", keys[0]);
    assert_int_equal(sillok_refused_get(f->store, longer, &data, &len), SILLOK_ENOTFOUND);
}

/* --- articles --- */

struct want_article {
    const char *oid, *aid, *body;
    uint32_t revisions;
    uint64_t observations;
    int64_t first_s, last_s;
};

static void assert_articles(const struct support_fixture *f,
                            const struct sillok_articles_options *options,
                            const struct want_article *want, size_t n)
{
    struct sillok_articles *it;
    struct sillok_listed_article a;
    const struct sillok_id none = { { 0 } };
    const int bodies = options && options->bodies;
    assert_ok(sillok_articles_open(&it, f->store, options));
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(sillok_articles_next(it, &a), 1);
        assert_true(text_is(a.article.oid, want[i].oid));
        assert_true(text_is(a.article.aid, want[i].aid));
        assert_true(text_is(a.article.body, bodies ? want[i].body : ""));
        assert_int_equal(a.revisions, want[i].revisions);
        assert_int_equal(a.observations, want[i].observations);
        assert_int_equal(a.first_seen_s, want[i].first_s);
        assert_int_equal(a.last_seen_s, want[i].last_s);
        assert_false(sillok_id_equal(&a.article.content_hash, &none));
    }
    assert_int_equal(sillok_articles_next(it, &a), 0);
    assert_int_equal(sillok_articles_next(it, &a), 0);
    sillok_articles_close(it);
}

/* One that goes back to what it was, one that two crawls hold the same file of, ids of which one
 * begins another, and an older crawl that comes last. */
static void an_article_is_told_as_a_whole(void **state)
{
    static const struct want_article want[] = {
        { "00", "1", "다리가 닫혔다.", 1, 1, JAN_1 + 3 * DAY, JAN_1 + 3 * DAY },
        { "001", "1", "다리가 열렸다.", 3, 4, JAN_1, JAN_1 + 3 * DAY },
        { "001", "2", "박물관이 열렸다.", 1, 1, JAN_1 + DAY, JAN_1 + DAY },
        { "0011", "1", "다리가 닫혔다.", 1, 1, JAN_1 + 2 * DAY, JAN_1 + 2 * DAY },
    };
    struct support_fixture *f = *state;
    struct sillok_articles_options o = SILLOK_ARTICLES_OPTIONS_INIT;
    struct sillok_articles *it = NULL;
    see(f, "0011", 1, at(3, 0), "한빛", "다리가 닫혔다.");
    see(f, "001", 1, at(3, 0), "한빛", "다리가 닫혔다.");
    see(f, "001", 1, at(4, 0), "한빛", "다리가 열렸다.");
    see(f, "00", 1, at(4, 0), "한빛", "다리가 닫혔다.");
    take_in(f, "late");
    see(f, "001", 2, at(2, 0), "한빛", "박물관이 열렸다.");
    see(f, "001", 1, at(2, 0), "한빛", "다리가 열렸다.");
    see(f, "001", 1, at(4, 0), "한빛", "다리가 열렸다.");
    take_in(f, "second");
    see(f, "001", 1, at(1, 0), "한빛", "다리가 열렸다.");
    take_in(f, "early");
    assert_articles(f, NULL, want, 4);
    assert_articles(f, &o, want, 4);
    o.bodies = 1;
    assert_articles(f, &o, want, 4);
    o.from_s = at(2, 0); /* that moment too */
    o.to_s = at(4, 0);   /* and not that one */
    assert_articles(f, &o, want + 2, 2);
    o.oid = "001";
    assert_articles(f, &o, want + 2, 1);
    o.from_s = at(4, 1);
    assert_int_equal(sillok_articles_open(&it, f->store, &o), SILLOK_EINVALID);
    assert_null(it);
    o.from_s = o.to_s = 0;
    assert_articles(f, &o, want + 1, 2);
    o.oid = "";
    assert_articles(f, &o, NULL, 0);
    o.oid = "002";
    assert_articles(f, &o, NULL, 0);
}

/* --- publishers --- */

static void publishers_are_counted(void **state)
{
    static const struct sillok_publisher_stats want[] = {
        { "002", (char *)(uintptr_t) "새 이름", 3, 1, 2 },
        { "010", (char *)(uintptr_t) "첫 이름", 2, 0, 0 },
        { "1", (char *)(uintptr_t) "", 1, 0, 0 },
    };
    struct support_fixture *f = *state;
    struct sillok_publisher_stats *list;
    size_t n = 9;
    assert_ok(sillok_store_publishers(f->store, &list, &n));
    assert_int_equal(n, 0); /* an empty store */
    assert_non_null(list);
    sillok_publishers_free(list, n);
    assert_int_equal(sillok_store_has_publisher(f->store, "1"), 0);
    see(f, "1", 1, at(1, 0), "", "다리가 열렸다.");
    see(f, "002", 1, at(1, 0), "옛 이름", "다리가 열렸다.");
    see(f, "002", 1, at(2, 0), "옛 이름", "다리가 닫혔다.");
    see(f, "002", 1, at(3, 0), "옛 이름", "다리가 열렸다.");
    see(f, "002", 2, at(4, 0), "새 이름", "다리가 열렸다."); /* the newest has the name */
    see(f, "002", 3, at(2, 0), "옛 이름", "다리가 열렸다.");
    see(f, "010", 1, at(2, 0), "첫 이름", "다리가 열렸다."); /* of one time: the first */
    see(f, "010", 2, at(2, 0), "둘째 이름", "다리가 열렸다.");
    take_in(f, "a");
    assert_ok(sillok_store_publishers(f->store, &list, &n));
    assert_int_equal(n, sizeof(want) / sizeof(want[0]));
    for (size_t i = 0; i < n; i++) {
        assert_string_equal(list[i].oid, want[i].oid);
        assert_string_equal(list[i].publisher, want[i].publisher);
        assert_int_equal(list[i].articles, want[i].articles);
        assert_int_equal(list[i].changed_articles, want[i].changed_articles);
        assert_int_equal(list[i].changes, want[i].changes);
    }
    sillok_publishers_free(list, n);
    static const char *const there[] = { "1", "002", "010" }, *const not_there[] = {
        "", "0", "00", "003", "0020", "9", "10"
    };
    for (size_t i = 0; i < sizeof(there) / sizeof(there[0]); i++)
        assert_int_equal(sillok_store_has_publisher(f->store, there[i]), 1);
    for (size_t i = 0; i < sizeof(not_there) / sizeof(not_there[0]); i++)
        assert_int_equal(sillok_store_has_publisher(f->store, not_there[i]), 0);
    char too_long[SILLOK_KEY_MAX_BYTES + 2] = "";
    memset(too_long, '1', sizeof(too_long) - 1);
    assert_int_equal(sillok_store_has_publisher(f->store, too_long), 0);
}

/* --- bodies --- */

static void a_body_by_the_beginning_of_its_hash(void **state)
{
    enum { N = 700 };
    static const size_t lens[] = { 4, 5, 31, 32, 33, 63, 64 };
    struct support_fixture *f = *state;
    static struct sillok_id ids[N];
    static char hex[N][SILLOK_ID_HEX_LEN + 1];
    CLEANUP(buf_release) struct buf cursor = BUF_INIT, body = BUF_INIT;
    int ambiguous = 0;
    for (int i = 0; i < N; i++) {
        char text[40];
        snprintf(text, sizeof(text), "%d번째 글이다.", i);
        see(f, "001", i, at(1, i), "한빛", text);
    }
    take_in(f, "a");
    for (int i = 0; i < N; i++) {
        assert_int_equal(f->store->ops->body_scan(f->store, &cursor, &ids[i], &body), 1);
        sillok_id_format(&ids[i], hex[i]);
    }
    for (int i = 0; i < N; i++) {
        for (size_t k = 0; k < sizeof(lens) / sizeof(lens[0]); k++) {
            char start[SILLOK_ID_HEX_LEN + 1] = "", *data = NULL;
            size_t len;
            struct sillok_id id;
            int alike = 0;
            memcpy(start, hex[i], lens[k]);
            for (int o = 0; o < N; o++)
                alike += memcmp(hex[o], start, lens[k]) == 0;
            const int r = sillok_body_get(f->store, start, &data, &len, &id);
            if (r != (alike > 1 ? SILLOK_EAMBIGUOUS : 0))
                fail_msg("%s fits %d: %d", start, alike, r);
            ambiguous += alike > 1;
            if (alike > 1)
                continue;
            assert_true(sillok_id_equal(&id, &ids[i]));
            buf_clear(&body);
            assert_ok(f->store->ops->body_get(f->store, &ids[i], &body));
            assert_int_equal(len, body.len);
            assert_memory_equal(data, body.ptr, len);
            sillok_free(data);
        }
    }
    assert_true(ambiguous > 0);
    assert_non_null(strstr(sillok_error_message(), "fits more than one body"));
}

static void what_is_no_hash(void **state)
{
    static const char all[] =
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0";
    static const struct {
        const char *text;
        int error;
    } cases[] = {
        { "", SILLOK_EINVALID },       { "012", SILLOK_EINVALID },
        { all, SILLOK_EINVALID }, /* one too many */
        { all + 1, SILLOK_ENOTFOUND }, { "012g", SILLOK_EINVALID },
        { "0123", SILLOK_ENOTFOUND },  { " 123", SILLOK_EINVALID },
    };
    struct support_fixture *f = *state;
    char *data;
    size_t len;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const int r = sillok_body_get(f->store, cases[i].text, &data, &len, NULL);
        if (r != cases[i].error || !strstr(sillok_error_message(), cases[i].text))
            fail_msg("'%s': %d: %s", cases[i].text, r, sillok_error_message());
    }
    see(f, "001", 1, at(1, 0), "한빛", "");
    take_in(f, "a");
    assert_ok(sillok_body_get(f->store, "e3b0c442", &data, &len, NULL)); /* of nothing */
    assert_int_equal(len, 0);
    sillok_free(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(fn) cmocka_unit_test_setup_teardown(fn, support_set_up, support_tear_down)
        T(crawls_have_their_figures),
        T(what_is_missing_is_what_is_counted),
        T(it_is_told_as_the_crawl_before_saw_it),
        T(refusals_stand_in_order),
        T(a_refused_file_was_taken_in_too),
        T(of_a_refused_file_its_own_crawl_is_asked),
        T(a_refusal_by_the_beginning_of_its_key),
        T(an_article_is_told_as_a_whole),
        T(publishers_are_counted),
        T(a_body_by_the_beginning_of_its_hash),
        T(what_is_no_hash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
