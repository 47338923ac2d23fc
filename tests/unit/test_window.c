/*
 * How far back lists of the server look: as far as they have to, and where time is short
 * as far as they came, with a way on from there. One store of 70 articles that change every
 * day for a month, one of them once in its headline.
 */
#include "support.h"

#include "web/site.h"

enum { START = 1767236400, DAY = 86400, DAYS = 31, ARTICLES = 70, HEADLINE_DAY = 5 };

#define HEADLINE (1u << SILLOK_KIND_HEADLINE)

static int set_up(void **state)
{
    const int r = support_set_up(state);
    struct support_fixture *f = *state;
    for (int day = 0; day < DAYS; day++)
        for (int i = 0; i < ARTICLES; i++) {
            char when[SILLOK_TIME_LEN];
            sillok_time_format(START + (int64_t)day * DAY + i, 0, when);
            assert_ok(buf_printf(
                &f->lines,
                "{\"oid\":\"001\",\"aid\":\"%d\",\"crawled_at\":\"%s\",\"title\":\"%s\","
                "\"body\":\"값은 %d원이다.\"}\n",
                i, when, i == 7 && day >= HEADLINE_DAY ? "새 값" : "값",
                1000 * i + (i == 7 && day == HEADLINE_DAY ? day - 1 : day)));
        }
    assert_int_equal(support_take_lines(f, "all").refused, 0);
    return r;
}

static int always(void *arg)
{
    ++*(int *)arg;
    return 1;
}

static int never(void *arg)
{
    ++*(int *)arg;
    return 0;
}

static size_t count(struct sillok_store *store, const struct sillok_changes_options *o)
{
    struct sillok_changes *it;
    struct sillok_change c;
    size_t n = 0;
    int r;
    assert_ok(sillok_changes_open(&it, store, o));
    while ((r = sillok_changes_next(it, &c)) > 0)
        n++;
    assert_ok(r);
    sillok_changes_close(it);
    return n;
}

static const int64_t last = START + (DAYS - 1) * (int64_t)DAY + ARTICLES - 1;

static void as_far_as_they_have_to(void **state)
{
    struct support_fixture *f = *state;
    static const struct {
        const char *name;
        uint32_t kinds;
        int64_t to_s, from_s; /* asked; where it ends */
        uint64_t limit;
        size_t rows;
    } cases[] = {
        { "the last day is enough", 0, 0, last + 1 - DAY, 70, 70 },
        { "four are", 0, 0, last + 1 - 4 * DAY, 71, 71 },
        { "of days before one that is named", 0, START + 10 * DAY, START + 9 * DAY, 50,
          50 },
        { "the end is later than all", 0, last + 99 * DAY, last + 1 - DAY, 70, 70 },
        { "one that is rare", HEADLINE, 0, 0, 1, 1 },
        { "more than there are", HEADLINE, 0, 0, 2, 1 },
        { "none", 1u << SILLOK_KIND_EMPTIED, 0, 0, 2, 0 },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        for (int with = 0; with < 2; with++) {
            int n = 0;
            struct web_window w = { .stop = never, .arg = &n, .since_s = 1 };
            struct sillok_changes_options o = { .kinds = cases[i].kinds,
                                                .to_s = cases[i].to_s,
                                                .limit = cases[i].limit };
            assert_ok(web_narrow(f->store, &o, with ? &w : NULL));
            if (o.from_s != cases[i].from_s || (with && w.since_s))
                fail_msg("%s: from %lld", cases[i].name, (long long)o.from_s);
            if (count(f->store, &o) != cases[i].rows)
                fail_msg("%s: other rows", cases[i].name);
        }
}

/* The first day is looked at in any case; then it goes on from its start. */
static void as_far_as_they_come(void **state)
{
    struct support_fixture *f = *state;
    int64_t to_s = 0;
    size_t rows = 0;
    int pages = 0, n = 0;
    do {
        struct web_window w = { .stop = always, .arg = &n };
        struct sillok_changes_options o = { .kinds = HEADLINE, .to_s = to_s, .limit = 2 };
        assert_ok(web_narrow(f->store, &o, &w));
        assert_int_equal(o.from_s, w.since_s);
        if (w.since_s)
            assert_int_equal(w.since_s, (to_s ? to_s : last + 1) - DAY);
        rows += count(f->store, &o);
        to_s = w.since_s;
        pages++;
    } while (to_s && pages < 99);
    assert_int_equal(rows, 1);
    assert_int_equal(pages, DAYS);
    assert_true(n >= DAYS - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_far_as_they_have_to),
        cmocka_unit_test(as_far_as_they_come),
    };
    return cmocka_run_group_tests(tests, set_up, support_tear_down);
}
