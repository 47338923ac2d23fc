/*
 * What a store is asked of its history, each way of asking by itself: the list of changes
 * with every option, pages of it, the chain of an article. One store serves all; what
 * happened to its articles is written beside them, so that each answer can be told from
 * the table by hand.
 */
#include "store/store.h"
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { JAN_1 = 1767236400, DAY = 86400, HOUR = 3600 }; /* 2026-01-01 03:00:00 */

/* The moment @p s seconds after 03:00:00 of a day of January. */
static int64_t at(int day, int s)
{
    return JAN_1 + (int64_t)(day - 1) * DAY + s;
}

#define A "시장이 새 다리를 열었다. 다리는 300미터이다. 시민 천 명이 모였다."
#define B "시장이 새 다리를 닫았다. 다리는 500미터이다. 시민 만 명이 떠났다."
#define C "The mayor opens a museum. It has forty rooms. Nobody came to see it."

/* In the order in which they come in; of one crawl as one source. */
static const struct {
    const char *crawl, *oid, *aid;
    int day, s;
    const char *title, *body, *category;
} seen[] = {
    /* goes back to what it was */
    { "mon", "001", "1", 5, 1, "다리", A, "" },
    { "tue", "001", "1", 6, 1, "다리", B, "" },
    { "wed", "001", "1", 7, 1, "다리", A, "" },
    /* only the headline */
    { "mon", "001", "2", 5, 2, "다리를 연다", A, "" },
    { "tue", "001", "2", 6, 2, "박물관을 닫는다", A, "" },
    { "wed", "001", "2", 7, 2, "박물관을 닫는다", A, "" },
    /* only a blank; tue did not see it */
    { "mon", "001", "3", 5, 3, "다리", A, "" },
    { "wed", "001", "3", 7, 3, "다리", A " ", "" },
    /* twice in one crawl, which is the first that sees it */
    { "tue", "001", "4", 6, 4, "다리", A, "" },
    { "tue", "001", "4", 6, 2 * HOUR, "다리", B, "" },
    /* a visit before all others is told of last */
    { "mon", "001", "5", 5, 5, "다리", A, "" },
    { "wed", "001", "5", 7, 5, "다리", A, "" },
    { "old", "001", "5", 2, 5, "다리", B, "" },
    /* of another publisher, at the moments of 001/1 */
    { "mon", "002", "1", 5, 1, "다리", A, "" },
    { "tue", "002", "1", 6, 1, "다리", B, "" },
    /* two contents at one moment */
    { "mon", "002", "2", 5, 6, "다리", A, "" },
    { "tue", "002", "2", 6, 6, "다리", B, "" },
    { "tue", "002", "2", 6, 6, "다리", C, "" },
    /* never changes */
    { "mon", "002", "3", 5, 7, "다리", A, "" },
    /* the crawl before all: an article that only later crawls change, each by little */
    { "hist", "003", "1", 1, 0, "하나", A, "사회" },
    { "hist", "003", "1", 1, 1, "하나", A, "정치" },
    { "hist", "003", "1", 1, 2, "하나", A, "경제" },
    { "hist", "003", "1", 1, 3, "둘", A, "사회" },
    { "hist", "003", "1", 1, 4, "하나", A, "문화" },
    { "hist", "003", "1", 1, 5, "하나", A, "사회" },
    { "hist", "003", "1", 1, 6, "하나", B, "사회" },
    { "hist", "003", "1", 1, 7, "둘", B, "사회" },
    { "hist", "003", "1", 1, 8, "하나", B, "정치" },
};
enum { N_SEEN = sizeof(seen) / sizeof(seen[0]) };

static struct sillok_store *store;
static char *folder;

static void add_line(struct buf *lines, const char *oid, const char *aid, int64_t at_s,
                     const char *title, const char *body, const char *category)
{
    char when[SILLOK_TIME_LEN];
    sillok_time_format(at_s, 0, when);
    assert_ok(buf_printf(lines,
                         "{\"oid\":\"%s\",\"aid\":\"%s\",\"crawled_at\":\"%s\","
                         "\"published_at\":\"2026-01-01 09:00\",\"title\":\"%s\","
                         "\"category\":\"%s\",\"body\":\"%s\"}\n",
                         oid, aid, when, title, category, body));
}

static void take_in(const char *crawl, const struct buf *lines)
{
    char *file = support_path(folder, "in.ndjson");
    const char *const paths[] = { file };
    support_write(file, lines->ptr, lines->len);
    assert_int_equal(support_ingest(store, crawl, paths, 1).refused, 0);
    free(file);
}

static int set_up(void **state)
{
    static const char *const crawls[] = { "mon", "tue", "wed", "old", "hist" };
    (void)state;
    folder = support_folder();
    store = support_store(folder);
    for (size_t k = 0; k < sizeof(crawls) / sizeof(crawls[0]); k++) {
        CLEANUP(buf_release) struct buf lines = BUF_INIT;
        for (int i = 0; i < N_SEEN; i++)
            if (strcmp(seen[i].crawl, crawls[k]) == 0)
                add_line(&lines, seen[i].oid, seen[i].aid, at(seen[i].day, seen[i].s),
                         seen[i].title, seen[i].body, seen[i].category);
        take_in(crawls[k], &lines);
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    sillok_store_close(store);
    support_remove(folder);
    return 0;
}

/* --- changes --- */

/* "001/1 2>3, ..." of what is told, and the key of the last. */
static void tell(struct buf *out, struct sillok_changes *it, char last[300])
{
    struct sillok_change c;
    int r;
    while ((r = sillok_changes_next(it, &c)) > 0) {
        assert_ok(buf_printf(out, "%s%.*s/%.*s %u>%u", out->len ? ", " : "",
                             (int)c.oid.len, c.oid.ptr, (int)c.aid.len, c.aid.ptr,
                             c.from.revision, c.to.revision));
        snprintf(last, 300, "%s", c.key);
    }
    assert_ok(r);
    assert_int_equal(sillok_changes_next(it, &c), 0); /* the end is the end */
}

#define HEADLINE (1u << SILLOK_KIND_HEADLINE)
#define COSMETIC (1u << SILLOK_KIND_COSMETIC)
#define REVERTED (1u << SILLOK_KIND_REVERTED)
#define MON_5    "001/5 1>2"
#define TUE_1    "001/1 1>2, 002/1 1>2"

static const struct {
    const char *name;
    struct sillok_changes_options o;
    const char *want;
    uint64_t hidden;
} lists[] = {
    { "newest first; of one moment by their names",
      { .from_s = JAN_1 + DAY },
      "001/1 2>3, 001/4 1>2, 002/2 2>3, 002/2 1>2, 001/2 1>2, " TUE_1 ", " MON_5,
      1 },
    { "the quiet ones too",
      { .from_s = JAN_1 + DAY, .all = 1 },
      "001/3 1>2, 001/1 2>3, 001/4 1>2, 002/2 2>3, 002/2 1>2, 001/2 1>2, " TUE_1
      ", " MON_5,
      0 },
    { "of one publisher", { .oid = "002" }, "002/2 2>3, 002/2 1>2, 002/1 1>2", 0 },
    { "of none", { .oid = "00" }, "", 0 },
    { "from the moment of one",
      { .from_s = JAN_1 + 5 * DAY + 2 },
      "001/1 2>3, 001/4 1>2, 002/2 2>3, 002/2 1>2, 001/2 1>2",
      1 },
    { "up to the moment of some",
      { .from_s = JAN_1 + DAY, .to_s = JAN_1 + 5 * DAY + 1 },
      MON_5,
      0 },
    { "and just behind it",
      { .from_s = JAN_1 + DAY, .to_s = JAN_1 + 5 * DAY + 2 },
      TUE_1 ", " MON_5,
      0 },
    { "no time at all",
      { .from_s = JAN_1 + 5 * DAY + 1, .to_s = JAN_1 + 5 * DAY + 1 },
      "",
      0 },
    { "one", { .limit = 1 }, "001/1 2>3", 1 },
    { "three", { .limit = 3 }, "001/1 2>3, 001/4 1>2, 002/2 2>3", 1 },
    { "one of a publisher that others stand before",
      { .oid = "002", .limit = 1 },
      "002/2 2>3",
      0 },
    { "after the newest but one",
      { .after = "2026-01-07T03:00:01Z/001/1/0", .limit = 2 },
      "001/4 1>2, 002/2 2>3",
      0 },
    { "after the second of one moment",
      { .after = "2026-01-06T03:00:06Z/002/2/1", .limit = 2 },
      "002/2 1>2, 001/2 1>2",
      0 },
    { "after one that is gone",
      { .after = "2026-01-06T03:00:03Z/001/1/0", .from_s = JAN_1 + DAY },
      "001/2 1>2, " TUE_1 ", " MON_5,
      0 },
    { "after one that would be before all",
      { .after = "2026-02-06T03:00:03Z/001/1/0", .limit = 1 },
      "001/1 2>3",
      1 },
    { "after the last of all",
      { .after = "2026-01-01T03:00:01Z/003/1/0", .all = 1 },
      "",
      0 },
    { "headlines", { .kinds = HEADLINE, .from_s = JAN_1 + DAY }, "001/2 1>2", 0 },
    { "a quiet kind that is asked for",
      { .kinds = COSMETIC, .from_s = JAN_1 + DAY },
      "001/3 1>2",
      0 },
    { "either of two kinds",
      { .kinds = HEADLINE | REVERTED, .from_s = JAN_1 + DAY },
      "001/1 2>3, 001/2 1>2",
      0 },
    { "between two crawls",
      { .crawl_a = "mon", .crawl_b = "tue" },
      "002/2 1>3, 001/2 1>2, " TUE_1,
      0 },
    { "each step between them",
      { .crawl_a = "mon", .crawl_b = "tue", .every = 1 },
      "002/2 2>3, 002/2 1>2, 001/2 1>2, " TUE_1,
      0 },
    { "what went and came back is no change",
      { .crawl_a = "mon", .crawl_b = "wed" },
      "001/2 1>2",
      1 },
    { "but two steps",
      { .crawl_a = "mon", .crawl_b = "wed", .every = 1 },
      "001/1 2>3, 001/2 1>2, 001/1 1>2",
      1 },
    { "what the first did not see is as the one before saw it",
      { .crawl_a = "tue", .crawl_b = "wed", .all = 1 },
      "001/3 1>2, 001/1 2>3",
      0 },
    { "backwards",
      { .crawl_a = "tue", .crawl_b = "mon", .oid = "002" },
      "002/2 3>1, 002/1 2>1",
      0 },
    { "backwards, each step",
      { .crawl_a = "tue", .crawl_b = "mon", .oid = "002", .every = 1 },
      "002/2 2>3, 002/2 1>2, 002/1 1>2",
      0 },
    { "a crawl and itself", { .crawl_a = "tue", .crawl_b = "tue" }, "", 0 },
    { "an older crawl that came later",
      { .crawl_a = "old", .crawl_b = "mon" },
      MON_5,
      0 },
    { "over the one between", { .crawl_a = "old", .crawl_b = "wed" }, MON_5, 0 },
    { "between crawls, from a moment on",
      { .crawl_a = "mon", .crawl_b = "tue", .from_s = JAN_1 + 5 * DAY + 2 },
      "002/2 1>3, 001/2 1>2",
      0 },
    { "between crawls, up to it",
      { .crawl_a = "mon", .crawl_b = "tue", .to_s = JAN_1 + 5 * DAY + 2 },
      TUE_1,
      0 },
    { "between crawls, some",
      { .crawl_a = "mon", .crawl_b = "tue", .limit = 2 },
      "002/2 1>3, 001/2 1>2",
      0 },
    { "between crawls, of a publisher, after one",
      { .crawl_a = "mon",
        .crawl_b = "tue",
        .oid = "001",
        .after = "2026-01-06T03:00:06Z/002/2/1" },
      "001/2 1>2, 001/1 1>2",
      0 },
};

static void each_option_by_itself(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        CLEANUP(buf_release) struct buf told = BUF_INIT;
        struct sillok_changes *it;
        char last[300];
        if (sillok_changes_open(&it, store, &lists[i].o) < 0)
            fail_msg("%s: %s", lists[i].name, sillok_error_message());
        tell(&told, it, last);
        assert_ok(buf_add_char(&told, '\0'));
        if (strcmp(told.ptr, lists[i].want) != 0 ||
            sillok_changes_hidden(it) != lists[i].hidden)
            fail_msg("%s:\n%s (%llu hidden), want\n%s (%llu)", lists[i].name, told.ptr,
                     (unsigned long long)sillok_changes_hidden(it), lists[i].want,
                     (unsigned long long)lists[i].hidden);
        assert_int_equal(sillok_changes_unconfirmed(it), 0);
        sillok_changes_close(it);
    }
}

static void what_cannot_be_asked(void **state)
{
    static const struct {
        const char *name;
        struct sillok_changes_options o;
        int error;
        const char *said;
    } cases[] = {
        { "a crawl that is not there",
          { .crawl_a = "sun", .crawl_b = "mon" },
          SILLOK_ENOTFOUND,
          "no crawl 'sun'" },
        { "nor is the second",
          { .crawl_a = "mon", .crawl_b = "mo" },
          SILLOK_ENOTFOUND,
          "no crawl 'mo'" },
        { "one crawl alone", { .crawl_a = "mon" }, SILLOK_EINVALID, "two crawls" },
        { "the second alone", { .crawl_b = "mon" }, SILLOK_EINVALID, "two crawls" },
        { "a span turned round",
          { .from_s = JAN_1 + 1, .to_s = JAN_1 },
          SILLOK_EINVALID,
          "ends before it begins" },
        { "no key", { .after = "x" }, SILLOK_EINVALID, "'x' is not the key" },
        { "an empty key", { .after = "" }, SILLOK_EINVALID, "not the key" },
        { "a key without its number",
          { .after = "2026-01-07T03:00:01Z/001/1" },
          SILLOK_EINVALID,
          "not the key" },
        { "a key with more behind it",
          { .after = "2026-01-07T03:00:01Z/001/1/0x" },
          SILLOK_EINVALID,
          "not the key" },
        { "a key without a time",
          { .after = "once/001/1/0" },
          SILLOK_EINVALID,
          "not the key" },
        { "a key of an article that is not there",
          { .after = "2026-01-07T03:00:01Z/001/99/0" },
          SILLOK_ENOTFOUND,
          "no article 001/99" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct sillok_changes *it = NULL;
        const int r = sillok_changes_open(&it, store, &cases[i].o);
        if (r != cases[i].error || !strstr(sillok_error_message(), cases[i].said))
            fail_msg("%s: %d: %s", cases[i].name, r, sillok_error_message());
        assert_null(it);
    }
}

/* However the list is cut into pages, they make the whole. */
static void pages_make_the_whole(void **state)
{
    static const struct sillok_changes_options ways[] = {
        { .all = 1 },
        { .from_s = JAN_1 + DAY },
        { .all = 1, .by_significance = 1 },
        { .by_significance = 1, .oid = "002" },
        { .crawl_a = "mon", .crawl_b = "wed", .every = 1, .all = 1 },
        { .crawl_a = "mon", .crawl_b = "tue", .by_significance = 1, .all = 1 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
        for (uint64_t limit = 1; limit < 5; limit++) {
            CLEANUP(buf_release) struct buf all = BUF_INIT, pages = BUF_INIT;
            struct sillok_changes_options o = ways[i];
            struct sillok_changes *it;
            char last[300], after[300];
            assert_ok(sillok_changes_open(&it, store, &o));
            tell(&all, it, last);
            sillok_changes_close(it);
            assert_true(all.len > 20);
            o.limit = limit;
            for (size_t before = SIZE_MAX; before != pages.len;) {
                before = pages.len;
                assert_ok(sillok_changes_open(&it, store, &o));
                tell(&pages, it, last);
                sillok_changes_close(it);
                memcpy(after, last, sizeof(after));
                o.after = after;
            }
            if (!text_equal(text_make(all.ptr, all.len), text_make(pages.ptr, pages.len)))
                fail_msg("way %zu, pages of %llu:\n%.*s, want\n%.*s", i,
                         (unsigned long long)limit, (int)pages.len, pages.ptr,
                         (int)all.len, all.ptr);
        }
}

/* Behind a change that is not there any more the list goes on where it would stand; by
 * significance that is not known, and it begins anew. */
static void behind_what_is_gone(void **state)
{
    static const struct {
        const char *name;
        struct sillok_changes_options o;
        const char *first; /* "": nothing is left */
    } cases[] = {
        /* 001/1 and 002/1 change at that moment */
        { "a number that no change has",
          { .all = 1, .after = "2026-01-06T03:00:01Z/001/1/7" },
          "001/1" },
        { "at the moment of others, behind them by its name",
          { .all = 1, .after = "2026-01-06T03:00:01Z/003/1/0" },
          "001/5" },
        { "at the moment of others, between them",
          { .all = 1, .after = "2026-01-06T03:00:01Z/001/2/0" },
          "002/1" },
        { "older than all", { .all = 1, .after = "2025-01-01T03:00:00Z/001/1/0" }, "" },
        { "younger than all",
          { .all = 1, .after = "2027-01-01T03:00:00Z/001/1/0" },
          "*" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct sillok_changes_options o = cases[i].o;
        struct sillok_changes *it;
        struct sillok_change c;
        char got[100] = "", whole[100] = "";
        assert_ok(sillok_changes_open(&it, store, &o));
        if (sillok_changes_next(it, &c) > 0)
            snprintf(got, sizeof(got), "%.*s/%.*s", (int)c.oid.len, c.oid.ptr,
                     (int)c.aid.len, c.aid.ptr);
        sillok_changes_close(it);
        o.after = NULL;
        assert_ok(sillok_changes_open(&it, store, &o));
        assert_int_equal(sillok_changes_next(it, &c), 1);
        snprintf(whole, sizeof(whole), "%.*s/%.*s", (int)c.oid.len, c.oid.ptr,
                 (int)c.aid.len, c.aid.ptr);
        sillok_changes_close(it);
        if (strcmp(got, cases[i].first[0] == '*' ? whole : cases[i].first) != 0)
            fail_msg("%s: '%s'", cases[i].name, got);
    }
}

/* Where a change that is no more stood among those by significance nobody knows, and to begin
 * anew would tell what was told. */
static void by_significance_one_that_is_no_more_is_said(void **state)
{
    const struct sillok_changes_options o = { .all = 1,
                                              .by_significance = 1,
                                              .after = "2025-01-01T03:00:00Z/001/1/0" };
    struct sillok_changes *it = NULL;
    struct sillok_change c;
    (void)state;
    int r = sillok_changes_open(&it, store, &o);
    if (r == 0)
        r = sillok_changes_next(it, &c);
    assert_int_equal(r, SILLOK_ENOTFOUND);
    assert_non_null(strstr(sillok_error_message(), "ask without it"));
    sillok_changes_close(it);
}

static void the_most_significant_comes_first(void **state)
{
    struct sillok_changes_options o = { .by_significance = 1, .all = 1 };
    struct sillok_changes *it;
    struct sillok_change c;
    double last = 101, first = -1;
    int64_t last_s = INT64_MAX;
    int n = 0, r;
    (void)state;
    assert_ok(sillok_changes_open(&it, store, &o));
    while ((r = sillok_changes_next(it, &c)) > 0) {
        assert_true(c.what.significance <= last);
        assert_true(c.what.significance < last || c.before_s <= last_s);
        last = c.what.significance;
        last_s = c.before_s;
        if (n++ == 0)
            first = last;
    }
    assert_ok(r);
    assert_int_equal(n, 17);
    assert_true(first > last);
    sillok_changes_close(it);
}

static void next_of(struct sillok_change *c, struct sillok_changes **it,
                    const struct sillok_changes_options *o)
{
    assert_ok(sillok_changes_open(it, store, o));
    assert_int_equal(sillok_changes_next(*it, c), 1);
}

static void what_is_told_of_a_change(void **state)
{
    struct sillok_changes_options o = { .limit = 1, .from_s = JAN_1 + 5 * DAY + 7 };
    struct sillok_changes *it;
    struct sillok_change c;
    (void)state;
    /* 001/4, the last but the revert */
    o.to_s = at(7, 0);
    next_of(&c, &it, &o);
    assert_string_equal(c.key, "2026-01-06T05:00:00Z/001/4/0");
    assert_true(text_is(c.oid, "001") && text_is(c.aid, "4"));
    assert_int_equal(c.from.first_seen_s, at(6, 4));
    assert_int_equal(c.from.last_seen_s, at(6, 4));
    assert_int_equal(c.to.first_seen_s, at(6, 2 * HOUR));
    assert_int_equal(c.to.article.crawled_at_s, at(6, 2 * HOUR));
    assert_int_equal(c.after_s, at(6, 4));
    assert_int_equal(c.before_s, at(6, 2 * HOUR));
    assert_int_equal(c.visits_before, 1);
    assert_int_equal(c.reverted_to, 0);
    assert_int_equal(c.what.flags & SILLOK_FLAG_CONFLICT, 0);
    assert_true(text_is(c.from.article.body, A) && text_is(c.to.article.body, B));
    const struct sillok_id hash = c.to.article.content_hash;
    sillok_changes_close(it);
    /* who asks for no texts gets all but them */
    o.no_bodies = 1;
    next_of(&c, &it, &o);
    assert_int_equal(c.from.article.body.len + c.to.article.body.len, 0);
    assert_true(text_is(c.to.article.fields[SILLOK_TITLE], "다리"));
    assert_true(sillok_id_equal(&c.to.article.content_hash, &hash));
    sillok_changes_close(it);
    /* the headline was seen again later, and so was the text of 001/5 */
    o = (struct sillok_changes_options){ .crawl_a = "mon", .crawl_b = "tue" };
    o.kinds = HEADLINE;
    next_of(&c, &it, &o);
    assert_int_equal(c.to.last_seen_s, at(7, 2));
    assert_int_equal(c.what.fields, 1u << SILLOK_TITLE);
    sillok_changes_close(it);
    o = (struct sillok_changes_options){ .to_s = at(6, 0), .limit = 1 };
    next_of(&c, &it, &o);
    assert_true(text_is(c.aid, "5"));
    assert_int_equal(c.from.first_seen_s, at(2, 5));
    assert_int_equal(c.to.first_seen_s, at(5, 5));
    assert_int_equal(c.to.last_seen_s, at(7, 5));
    sillok_changes_close(it);
    /* both that stand at one moment say so */
    o = (struct sillok_changes_options){ .oid = "002", .limit = 2 };
    next_of(&c, &it, &o);
    for (int i = 2; i > 0; i--) {
        assert_int_equal(c.to.revision, i + 1);
        assert_int_not_equal(c.what.flags & SILLOK_FLAG_CONFLICT, 0);
        assert_int_equal(sillok_changes_next(it, &c), i - 1);
    }
    sillok_changes_close(it);
}

/* What a crawl itself saw last is what stood for it, even where another crawl saw more
 * before it ended. */
static void what_a_crawl_saw_itself_counts(void **state)
{
    static const struct {
        const char *crawl, *aid, *body;
        int day, s;
    } visits[] = {
        { "six", "1", A, 5, 0 },       { "six", "2", A, 5, 100 },
        { "between", "1", B, 5, 50 },  { "between", "3", A, 5, 50 },
        { "between", "2", B, 5, 101 }, { "later six", "1", B, 6, 0 },
        { "later six", "2", B, 6, 1 }, { "later six", "3", B, 6, 2 },
    };
    CLEANUP(buf_release) struct buf told = BUF_INIT;
    const struct sillok_changes_options o = { .crawl_a = "six", .crawl_b = "later six" };
    struct sillok_changes *it;
    char last[300];
    (void)state;
    for (size_t i = 0; i < sizeof(visits) / sizeof(visits[0]); i++) {
        CLEANUP(buf_release) struct buf line = BUF_INIT;
        add_line(&line, "006", visits[i].aid, at(visits[i].day, visits[i].s), "다리",
                 visits[i].body, "");
        take_in(visits[i].crawl, &line);
    }
    assert_ok(sillok_changes_open(&it, store, &o));
    tell(&told, it, last);
    assert_ok(buf_add_char(&told, '\0'));
    assert_string_equal(told.ptr, "006/3 1>2, 006/2 1>2, 006/1 1>2");
    sillok_changes_close(it);
}

/* A step that an older crawl took away between the list and its turn is left out; what
 * else the list has goes on. */
static void a_chain_is_rewritten_meanwhile(void **state)
{
    CLEANUP(buf_release) struct buf first = BUF_INIT, older = BUF_INIT, told = BUF_INIT;
    const struct sillok_changes_options o = { .oid = "005" };
    struct sillok_changes *it;
    char last[300];
    (void)state;
    add_line(&first, "005", "1", at(5, 0), "다리", A, "");
    add_line(&first, "005", "1", at(7, 0), "다리", B, "");
    add_line(&first, "005", "2", at(5, 1), "다리", A, "");
    add_line(&first, "005", "2", at(7, 1), "다리", B, "");
    take_in("five", &first);
    assert_ok(sillok_changes_open(&it, store, &o));
    add_line(&older, "005", "1", at(6, 0), "다리", B, ""); /* it began a day before */
    add_line(&older, "005", "2", at(4, 0), "다리", C, ""); /* all move by one */
    take_in("older five", &older);
    tell(&told, it, last);
    assert_ok(buf_add_char(&told, '\0'));
    assert_string_equal(told.ptr, "005/2 2>3");
    sillok_changes_close(it);
}

/* --- chains --- */

static void earlier_revisions_are_named(void **state)
{
    /* Of 003/1: title and text, and what stood there before. */
    static const uint32_t same_as[] = {
        0, /* the first */
        0, /* only other metadata than the one before: no going back */
        0, /* and again */
        0, /* a new headline */
        3, /* the old one again, under metadata that there never was: the newest such */
        0, /* the very version of the first, but title and text stood right before */
        0, /* a new text */
        0, /* both titles stood there, but not with this text */
        7, /* back */
    };
    struct sillok_log *it;
    struct sillok_revision rev;
    uint32_t n = 0;
    int r;
    (void)state;
    assert_ok(sillok_log_open(&it, store, "003", "1"));
    assert_int_equal(sillok_log_count(it), sizeof(same_as) / sizeof(same_as[0]));
    while ((r = sillok_log_next(it, &rev)) > 0) {
        assert_int_equal(rev.number, n + 1);
        if (rev.same_as != same_as[n])
            fail_msg("revision %u: %u, want %u", rev.number, rev.same_as, same_as[n]);
        assert_int_equal((rev.change.kinds & REVERTED) != 0, rev.same_as != 0);
        assert_int_equal(rev.first_seen_s, at(1, (int)n));
        assert_int_equal(rev.article.crawled_at_s, rev.first_seen_s);
        assert_int_equal(rev.observations, 1);
        n++;
    }
    assert_ok(r);
    assert_int_equal(n, sizeof(same_as) / sizeof(same_as[0]));
    assert_int_equal(sillok_log_next(it, &rev), 0);
    sillok_log_close(it);
    /* The list says the same. */
    const struct sillok_changes_options o = { .oid = "003", .all = 1 };
    struct sillok_changes *list;
    struct sillok_change c;
    assert_ok(sillok_changes_open(&list, store, &o));
    while ((r = sillok_changes_next(list, &c)) > 0) {
        assert_int_equal(c.to.revision, n);
        assert_int_equal(c.from.revision, n - 1);
        assert_int_equal(c.reverted_to, same_as[--n]);
    }
    assert_ok(r);
    assert_int_equal(n, 1);
    sillok_changes_close(list);
}

static const struct store_ops *real_ops;
static size_t n_read;

static int counted_get(struct sillok_store *s, uint64_t version, int with_body,
                       struct store_version *out)
{
    n_read++;
    return real_ops->version_get(s, version, with_body, out);
}

/* A text under other metadata is looked for 256 revisions back and no further, because
 * each is read; the very same version is found at any distance. Who goes through the
 * chain reads each revision a few times, not 256 times. */
static void how_far_back_is_looked(void **state)
{
    enum { FAR = 257, N = FAR + 2 };
    CLEANUP(buf_release) struct buf lines = BUF_INIT;
    struct sillok_log *it;
    struct sillok_revision rev;
    (void)state;
    add_line(&lines, "004", "1", at(1, 0), "하나", A, "사회");
    add_line(&lines, "004", "1", at(1, 1), "둘", B, "사회");
    for (int i = 2; i < FAR; i++) {
        char body[64];
        snprintf(body, sizeof(body), "%d번째 판이다.", i);
        add_line(&lines, "004", "1", at(1, i), "셋", body, "사회");
    }
    add_line(&lines, "004", "1", at(1, FAR), "둘", B, "경제");
    add_line(&lines, "004", "1", at(1, FAR + 1), "셋", A, "경제");
    add_line(&lines, "004", "1", at(1, FAR + 2), "하나", A, "사회");
    take_in("far", &lines);
    assert_ok(sillok_log_open(&it, store, "004", "1"));
    assert_int_equal(sillok_log_count(it), N + 1);
    struct store_ops counted = *store->ops;
    real_ops = store->ops;
    counted.version_get = counted_get;
    store->ops = &counted;
    for (int i = 0; i <= N; i++) {
        assert_int_equal(sillok_log_next(it, &rev), 1);
        assert_int_equal(rev.same_as, i == FAR ? 2 : i == N ? 1 : 0);
    }
    store->ops = real_ops;
    assert_in_range(n_read, N, 8 * N);
    sillok_log_close(it);
}

static void articles_that_are_not_there(void **state)
{
    char name[SILLOK_KEY_MAX_BYTES + 2];
    struct sillok_log *it = NULL;
    struct sillok_blame *blame = NULL;
    struct sillok_ref ref = { .oid = "001", .aid = "77" };
    struct sillok_snapshot *snapshot = NULL;
    (void)state;
    memset(name, '1', sizeof(name));
    name[SILLOK_KEY_MAX_BYTES + 1] = '\0'; /* longer than any */
    assert_int_equal(sillok_log_open(&it, store, name, "1"), SILLOK_ENOTFOUND);
    assert_int_equal(sillok_log_open(&it, store, "001", name), SILLOK_ENOTFOUND);
    assert_int_equal(sillok_log_open(&it, store, "001", "77"), SILLOK_ENOTFOUND);
    assert_non_null(strstr(sillok_error_message(), "001/77"));
    assert_int_equal(sillok_log_open(&it, store, "", ""), SILLOK_ENOTFOUND);
    assert_int_equal(sillok_blame_open(&blame, store, "001", name), SILLOK_ENOTFOUND);
    assert_int_equal(sillok_snapshot_open(&snapshot, store, &ref), SILLOK_ENOTFOUND);
    assert_true(!it && !blame && !snapshot);
    /* As long as a name may be, they are found. */
    CLEANUP(buf_release) struct buf lines = BUF_INIT;
    name[SILLOK_KEY_MAX_BYTES] = '\0';
    add_line(&lines, name, name, at(1, 0), "하나", A, "");
    take_in("long", &lines);
    assert_ok(sillok_log_open(&it, store, name, name));
    assert_int_equal(sillok_log_count(it), 1);
    sillok_log_close(it);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_option_by_itself),
        cmocka_unit_test(what_cannot_be_asked),
        cmocka_unit_test(pages_make_the_whole),
        cmocka_unit_test(behind_what_is_gone),
        cmocka_unit_test(by_significance_one_that_is_no_more_is_said),
        cmocka_unit_test(the_most_significant_comes_first),
        cmocka_unit_test(what_is_told_of_a_change),
        cmocka_unit_test(earlier_revisions_are_named),
        cmocka_unit_test(
            a_chain_is_rewritten_meanwhile), /* from here on they bring some */
        cmocka_unit_test(what_a_crawl_saw_itself_counts),
        cmocka_unit_test(how_far_back_is_looked),
        cmocka_unit_test(articles_that_are_not_there),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
