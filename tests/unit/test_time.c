/* Times: the calendar over all its years, what crawled_at may look like, and what people
 * say. */
#include "support.h"

#include "base/time.h"

#include <limits.h>
#include <string.h>
#include <time.h>

/* Our arithmetic and libc's gmtime_r() were written apart from each other. */
static void check_against_libc(int64_t time_s)
{
    struct time_civil c;
    struct tm tm;
    const time_t t = (time_t)time_s;
    assert_non_null(gmtime_r(&t, &tm));
    time_to_civil(&c, time_s);
    if (c.year != tm.tm_year + 1900 || c.month != tm.tm_mon + 1 || c.day != tm.tm_mday ||
        c.hour != tm.tm_hour || c.minute != tm.tm_min || c.second != tm.tm_sec)
        fail_msg("%lld is not %d-%d-%d", (long long)time_s, c.year, c.month, c.day);
    assert_true(time_from_civil(&c) == time_s);
}

static void test_every_day(void **state)
{
    (void)state;
    for (int64_t t = TIME_MIN_S; t <= TIME_MAX_S; t += TIME_DAY_S)
        check_against_libc(t);
    uint64_t seed = 1;
    for (int i = 0; i < 100000; i++)
        check_against_libc(
            TIME_MIN_S +
            (int64_t)(support_random(&seed) % (uint64_t)(TIME_MAX_S - TIME_MIN_S + 1)));
    check_against_libc(TIME_MAX_S);
}

static void test_month_days(void **state)
{
    (void)state;
    assert_int_equal(time_month_days(2024, 2), 29);
    assert_int_equal(time_month_days(2025, 2), 28);
    assert_int_equal(time_month_days(1900, 2), 28); /* a century is none */
    assert_int_equal(time_month_days(2000, 2), 29); /* but the fourth is */
    assert_int_equal(time_month_days(2026, 0), 0);
    assert_int_equal(time_month_days(2026, 13), 0);
}

static void test_format(void **state)
{
    static const struct {
        const char *name;
        int64_t time_s;
        int zone_min;
        const char *out;
    } cases[] = {
        { "epoch", 0, 0, "1970-01-01T00:00:00Z" },
        { "before it", -1, 0, "1969-12-31T23:59:59Z" },
        { "seed", 1767323733, 0, "2026-01-02T03:15:33Z" },
        { "Seoul", 1767323733, 540, "2026-01-02T12:15:33+09:00" },
        { "Newfoundland", 1767323733, -210, "2026-01-01T23:45:33-03:30" },
        { "first", TIME_MIN_S, 0, "0001-01-01T00:00:00Z" },
        { "last", TIME_MAX_S, 0, "9999-12-31T23:59:59Z" },
        { "saturates upwards", INT64_MAX, 540, "9999-12-31T23:59:59+09:00" },
        { "saturates downwards", INT64_MIN, -540, "0001-01-01T00:00:00-09:00" },
        { "no such zone", 0, INT_MAX, "1970-01-01T23:59:00+23:59" },
        { "no such zone, west", 0, INT_MIN, "1969-12-31T00:01:00-23:59" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char out[SILLOK_TIME_LEN];
        sillok_time_format(cases[i].time_s, cases[i].zone_min, out);
        if (strcmp(out, cases[i].out) != 0)
            fail_msg("%s: %s, not %s", cases[i].name, out, cases[i].out);
    }
}

/* NULL: refused. The zone is Seoul's, so what has none becomes nine hours less. */
struct parse_case {
    const char *text, *out;
};

static void check_parse(const struct parse_case *c, int crawl)
{
    int64_t time_s = 7;
    char out[SILLOK_TIME_LEN] = "";
    const size_t len = strlen(c->text);
    const int r = crawl ? time_parse_crawl(&time_s, c->text, len, 540)
                        : sillok_time_parse(&time_s, c->text, len, 1767323733, 540);
    if (r == 0)
        sillok_time_format(time_s, 0, out);
    if (!c->out && (r != SILLOK_EINVALID || time_s != 7))
        fail_msg("'%s' is refused and leaves the result alone, but: %s", c->text, out);
    if (c->out && (r != 0 || strcmp(out, c->out) != 0))
        fail_msg("'%s': %s, not %s", c->text, out, c->out);
}

static void test_crawl(void **state)
{
    static const struct parse_case cases[] = {
        { "2026-01-02 03:15:33", "2026-01-01T18:15:33Z" },
        { "2026-01-02T03:15:33", "2026-01-01T18:15:33Z" },
        { "2026-01-02T03:15:33Z", "2026-01-02T03:15:33Z" },
        { "2026-01-02 03:15:33.123456", "2026-01-01T18:15:33Z" },
        { "2026-01-02T03:15:33.5+01:00", "2026-01-02T02:15:33Z" },
        { "2026-01-02T03:15:33-00:30", "2026-01-02T03:45:33Z" },
        /* As languages print it: Ruby and Python, Rust, date(1). */
        { "2026-01-02 03:15:33 +0900", "2026-01-01T18:15:33Z" },
        { "2026-01-02 03:15:33.123456789 UTC", "2026-01-02T03:15:33Z" },
        { "2026-01-02 03:15:33 +09:00", "2026-01-01T18:15:33Z" },
        { "2026-01-02 03:15:33 KST", "2026-01-01T18:15:33Z" },
        { "2026-01-02 03:15:33UTC", "2026-01-02T03:15:33Z" },
        { "2024-02-29 00:00:00", "2024-02-28T15:00:00Z" },
        { "9999-12-31 23:59:59", "9999-12-31T14:59:59Z" },
        { "", NULL },
        { "2026-01-02", NULL },
        { "2026-01-02 03:15", NULL },    /* seconds are required */
        { "2026-02-29 03:15:33", NULL }, /* no leap year */
        { "2026-02-30 03:15:33", NULL },
        { "2026-13-01 03:15:33", NULL },
        { "2026-00-01 03:15:33", NULL },
        { "2026-01-00 03:15:33", NULL },
        { "0000-01-01 03:15:33", NULL },
        { "2026-01-02 24:00:00", NULL },
        { "2026-01-02 23:60:00", NULL },
        { "2026-01-02 23:59:60", NULL },
        { "2026-1-2 3:15:33", NULL },
        { " 2026-01-02 03:15:33", NULL },
        { "2026-01-02 03:15:33 ", NULL },
        { "2026-01-02  03:15:33", NULL },
        { "2026-01-02 03:15:33.", NULL },
        { "2026-01-02 03:15:33,5", NULL },
        { "2026-01-02 03:15:33+9", NULL },
        { "2026-01-02 03:15:33+24:00", NULL },
        { "2026-01-02 03:15:33  UTC", NULL },
        { "2026-01-02 03:15:33 UTC ", NULL },
        { "2026-01-02 03:15:33 UTC+9", NULL },
        { "2026-01-02 03:15:33 KSTX", NULL },
        { "2026-01-02 03:15:33 EST", NULL },        /* of America or of Australia */
        { "2026-01-02 03:15:3\xEF\xBC\x93", NULL }, /* a full-width 3 */
        { "12026-01-02 03:15:33", NULL },
        { "0001-01-01 00:00:00", NULL }, /* in Seoul, so a year earlier in UTC */
        { "now", NULL },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        check_parse(&cases[i], 1);
}

/* A zero byte ends nothing: the length does. */
static void test_crawl_bytes(void **state)
{
    int64_t time_s;
    (void)state;
    assert_int_equal(time_parse_crawl(&time_s, "2026-01-02 03:15:33\0", 20, 0),
                     SILLOK_EINVALID);
    assert_int_equal(time_parse_crawl(&time_s,
                                      "2026-01-02\0"
                                      "03:15:33",
                                      19, 0),
                     SILLOK_EINVALID);
    assert_int_equal(time_parse_crawl(&time_s, "2026-01-02 03:15:33xx", 19, 0), 0);
    assert_int_equal(time_parse_crawl(&time_s, NULL, 0, 0), SILLOK_EINVALID);
}

static void test_people(void **state)
{
    /* Now is 2026-01-02 03:15:33Z, 12:15:33 in Seoul. */
    static const struct parse_case cases[] = {
        { "2026-01-02", "2026-01-01T15:00:00Z" },
        { "2026-01-02 03:15", "2026-01-01T18:15:00Z" },
        { "2026-01-02T03:15:33Z", "2026-01-02T03:15:33Z" },
        { "2026-01-02 03:15:33 +09:00", "2026-01-01T18:15:33Z" },
        { "2026-01-02T03:15:33+0900", "2026-01-01T18:15:33Z" },
        { "  2026-01-02  ", "2026-01-01T15:00:00Z" },
        { "now", "2026-01-02T03:15:33Z" },
        { "NOW", "2026-01-02T03:15:33Z" },
        { "today", "2026-01-01T15:00:00Z" },
        { "yesterday", "2025-12-31T15:00:00Z" },
        { "3 days ago", "2025-12-30T03:15:33Z" },
        { "1 day ago", "2026-01-01T03:15:33Z" },
        { "3d", "2025-12-30T03:15:33Z" },
        { "2w", "2025-12-19T03:15:33Z" },
        { "2w ago", "2025-12-19T03:15:33Z" },
        { "90 minutes ago", "2026-01-02T01:45:33Z" },
        { "5 hours ago", "2026-01-01T22:15:33Z" },
        { "1 month ago", "2025-12-02T03:15:33Z" },
        { "2 years ago", "2024-01-02T03:15:33Z" },
        { "@0", "1970-01-01T00:00:00Z" },
        { "@-1", "1969-12-31T23:59:59Z" },
        { "", NULL },
        { "tomorrow", NULL },
        { "now ago", NULL },
        { "3m", NULL }, /* minutes or months? */
        { "3 days", NULL },
        { "days ago", NULL },
        { "3 dayss ago", NULL },
        { "-3 days ago", NULL },
        { "9999999999 days ago", NULL },
        { "99999 years ago", NULL },
        { "@", NULL },
        { "@9999999999999999999999", NULL },
        { "@253402300800", NULL }, /* year 10000 */
        { "2026-02-30", NULL },
        { "2026-01-02Z", NULL },
        { "2026-01", NULL },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        check_parse(&cases[i], 0);
}

/* A day that the month before does not have becomes its last. */
static void test_short_months(void **state)
{
    struct time_civil c = { 2026, 3, 31, 12, 0, 0 };
    int64_t time_s;
    char out[SILLOK_TIME_LEN];
    (void)state;
    assert_int_equal(
        sillok_time_parse(&time_s, "1 month ago", 11, time_from_civil(&c), 0), 0);
    sillok_time_format(time_s, 0, out);
    assert_string_equal(out, "2026-02-28T12:00:00Z");
}

/* The year before the first has no name, even where its last evening is the first day in
 * UTC. */
static void test_no_year_zero(void **state)
{
    const struct time_civil c = { 2026, 12, 31, 23, 0, 0 };
    const int zone_min = -9 * 60;
    const int64_t now_s = time_from_civil(&c) - (int64_t)zone_min * 60;
    int64_t time_s = 7;
    char out[SILLOK_TIME_LEN];
    (void)state;
    assert_ok(sillok_time_parse(&time_s, "2025 years ago", 14, now_s, zone_min));
    sillok_time_format(time_s, zone_min, out);
    assert_string_equal(out, "0001-12-31T23:00:00-09:00");
    assert_ok(sillok_time_parse(&time_s, "yesterday", 9, INT64_MAX, INT_MAX));
    assert_int_equal(sillok_time_parse(&time_s, "yesterday", 9, INT64_MIN, INT_MIN),
                     SILLOK_EINVALID);
    assert_int_equal(sillok_time_parse(&time_s, "2026 years ago", 14, now_s, zone_min),
                     SILLOK_EINVALID);
}

static void test_round_trip(void **state)
{
    static const int zones[] = { 0, 540, -210, 1439, -1439 };
    uint64_t seed = 2;
    (void)state;
    for (int i = 0; i < 20000; i++) {
        /* A day inside both ends, so that no zone leads out of the years. */
        const int64_t t =
            TIME_MIN_S + TIME_DAY_S +
            (int64_t)(support_random(&seed) %
                      (uint64_t)(TIME_MAX_S - TIME_MIN_S - 2 * (int64_t)TIME_DAY_S));
        char out[SILLOK_TIME_LEN];
        int64_t back;
        sillok_time_format(t, zones[i % 5], out);
        assert_int_equal(sillok_time_parse(&back, out, strlen(out), 0, 77), 0);
        assert_true(back == t);
    }
}

static void test_zone(void **state)
{
    static const struct {
        const char *text;
        int r, zone_min;
    } cases[] = {
        { "UTC", 0, 0 },
        { "z", 0, 0 },
        { "KST", 0, 540 },
        { "+09:00", 0, 540 },
        { "+0900", 0, 540 },
        { "+09", 0, 540 },
        { "+9", 0, 540 },
        { "-03:30", 0, -210 },
        { "+00:00", 0, 0 },
        { "", -1, 0 },
        { "09:00", -1, 0 },
        { "+24:00", -1, 0 },
        { "+09:60", -1, 0 },
        { "+09:0", -1, 0 },
        { "asia/seoul", 0, 540 },
        { "Asia/Tokyo", 0, 540 },
        { "Europe/Berlin", -1, 0 },
        { "+", -1, 0 },
        { "+09:00x", -1, 0 },
        { "+99", -1, 0 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int zone_min = 0;
        const int r = time_parse_zone(&zone_min, cases[i].text);
        if ((r < 0) != (cases[i].r < 0) || (r == 0 && zone_min != cases[i].zone_min))
            fail_msg("'%s': %d, %d", cases[i].text, r, zone_min);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_day),    cmocka_unit_test(test_month_days),
        cmocka_unit_test(test_format),       cmocka_unit_test(test_crawl),
        cmocka_unit_test(test_crawl_bytes),  cmocka_unit_test(test_people),
        cmocka_unit_test(test_short_months), cmocka_unit_test(test_no_year_zero),
        cmocka_unit_test(test_round_trip),   cmocka_unit_test(test_zone),
    };
    return cmocka_run_group_tests_name("base/time", tests, NULL, NULL);
}
