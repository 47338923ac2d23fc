/*
 * Near duplicates of a store: whose text is the same, like it, or under the same headline.
 * All texts are made up.
 */
#include "near_box.h"

#include <string.h>

static void open_updated(struct box *b, struct sillok_near **near)
{
    box_ingest(b);
    assert_ok(sillok_near_open(near, b->store, 0));
    update_all(*near);
}

static void test_answers(void **state)
{
    struct box b;
    struct sillok_near *near;
    struct sillok_near_options o = SILLOK_NEAR_OPTIONS_INIT;
    struct sillok_near_rows *rows;
    struct sillok_ref ref;
    (void)state;
    box_open(&b, "store");
    box_fill(&b);
    open_updated(&b, &near);

    expect(near, "dups", NULL,
           "1/3 001/1@1 100 body text\n1/3 002/1@1 100 text\n1/3 003/1@1 100 body text\n"
           "2/2 001/5@1 100 body text\n2/2 002/5@1 100 text\n");
    o.same = SILLOK_NEAR_SAME_BODY;
    expect(near, "dups", &o, "1/2 001/1@1 100 body text\n1/2 003/1@1 100 body text\n");
    o = (struct sillok_near_options)SILLOK_NEAR_OPTIONS_INIT;
    expect(near, "001/5", NULL, "0/1 002/5@1 100 text\n");
    expect(near, "002/6", NULL, "");
    expect(near, "001/3", &o, "0/1 001/4@1 4 follow_up\n");
    o.no_follow_ups = 1;
    expect(near, "001/3", &o, "");

    struct buf got = BUF_INIT;
    ask(&got, near, "001/1", NULL);
    assert_ok(buf_add_char(&got, '\0'));
    assert_non_null(strstr(got.ptr, "0/3 002/1@1 100 text\n0/3 003/1@1 100 body text\n"));
    assert_non_null(strstr(got.ptr, "001/2@1 "));
    buf_clear(&got);
    o = (struct sillok_near_options)SILLOK_NEAR_OPTIONS_INIT;
    o.min = 0.6;
    ask(&got, near, "clusters", &o);
    assert_ok(buf_add_char(&got, '\0'));
    assert_non_null(strstr(got.ptr, "1/4 001/1@1 100 body text\n"));
    assert_non_null(
        strstr(got.ptr, "2/2 001/3@1 100 body text\n2/2 001/4@1 4 follow_up\n"));
    assert_non_null(strstr(got.ptr, "3/2 001/5@1 100 body text\n3/2 002/5@1 100 text\n"));
    buf_release(&got);

    o.across = 1;
    o.limit = 1;
    o.oid = "002";
    o.min = 0.9;
    expect(
        near, "clusters", &o,
        "1/3 001/1@1 100 body text\n1/3 002/1@1 100 text\n1/3 003/1@1 100 body text\n");
    o.min = 1.5;
    assert_int_equal(sillok_clusters_open(&rows, near, &o), SILLOK_EINVALID);
    assert_ok(sillok_ref_parse(&ref, "001/77", 0, 0));
    assert_int_equal(sillok_similar_open(&rows, near, &ref, NULL), SILLOK_ENOTFOUND);
    assert_ok(sillok_ref_parse(&ref, "001/1@2", 0, 0));
    assert_int_equal(sillok_similar_open(&rows, near, &ref, NULL), SILLOK_ENOTFOUND);
    sillok_near_close(near);
    box_close(&b);
}

/* The weather of another week has the same headline, and much of the text. */
static void test_no_follow_up_after_days(void **state)
{
    struct box b;
    struct sillok_near *near;
    struct buf text = BUF_INIT;
    (void)state;
    box_open(&b, "store");
    add_text(&text, 31, 60, 0, 0);
    box_add_published(&b, "001", "1", "2026-01-10", "2026-01-01",
                      "오늘의 날씨와 미세먼지", text.ptr);
    box_add_published(&b, "001", "2", "2026-01-10", "2026-01-04",
                      "오늘의 날씨와 미세먼지", text.ptr);
    box_add_published(&b, "001", "3", "2026-01-10", "2026-01-09",
                      "오늘의 날씨와 미세먼지", text.ptr);
    open_updated(&b, &near);
    expect(near, "001/1", NULL,
           "0/2 001/2@1 100 body text follow_up\n0/2 001/3@1 100 body text\n");
    expect(near, "clusters", NULL,
           "1/3 001/1@1 100 body text\n1/3 001/2@1 100 body text follow_up\n"
           "1/3 001/3@1 100 body text\n");
    sillok_near_close(near);
    box_close(&b);
    buf_release(&text);
}

/* One headline is that of a follow-up where only one of both says when it came out. */
static void test_a_follow_up_without_a_day(void **state)
{
    struct box b;
    struct sillok_near *near;
    struct buf text = BUF_INIT;
    (void)state;
    box_open(&b, "store");
    add_text(&text, 31, 60, 0, 0);
    box_add(&b, "001", "1", "2026-01-07", "[속보] 야시장 주말마다 열린다", text.ptr);
    assert_ok(buf_add_str(&b.lines, "{\"oid\":\"001\",\"aid\":\"2\","
                                    "\"crawled_at\":\"2026-01-07 03:00:00\","
                                    "\"title\":\"야시장 주말마다 열린다(종합)\","
                                    "\"body\":\"다음 달부터 강변에 장이 선다.\"}\n"));
    open_updated(&b, &near);
    expect(near, "001/1", NULL, "0/1 001/2@1 0 follow_up\n");
    expect(near, "001/2", NULL, "0/1 001/1@1 0 follow_up\n");
    sillok_near_close(near);
    box_close(&b);
    buf_release(&text);
}

/* The newest revision counts, old ones on request; a partition is a month. */
static void test_revisions_and_months(void **state)
{
    struct box b;
    struct sillok_near *near;
    struct sillok_near_options o = SILLOK_NEAR_OPTIONS_INIT;
    struct buf text = BUF_INIT, other = BUF_INIT;
    (void)state;
    add_text(&text, 21, 60, 0, 0);
    add_text(&other, 22, 60, 0, 0);
    box_open(&b, "store");
    box_add(&b, "001", "1", "2026-01-05", "첫 제목이 이렇게 길다", text.ptr);
    box_add(&b, "002", "1", "2026-01-06", "다른 제목도 이렇게 길다", text.ptr);
    box_add(&b, "003", "1", "2026-03-06", "늦게 나온 같은 기사", text.ptr);
    open_updated(&b, &near);
    expect(near, "001/1", NULL, "0/1 002/1@1 100 body text\n");
    o.all_time = 1;
    expect(near, "001/1", &o, "0/2 002/1@1 100 body text\n0/2 003/1@1 100 body text\n");
    expect(near, "clusters", NULL, "");
    expect(near, "clusters", &o,
           "1/3 001/1@1 100 body text\n1/3 002/1@1 100 body text\n"
           "1/3 003/1@1 100 body text\n");
    o.all_time = 0;
    o.since_s = 1772323200; /* since March, and in its own month */
    expect(near, "001/1", &o, "0/2 002/1@1 100 body text\n0/2 003/1@1 100 body text\n");
    o.since_s = 1767225600;
    expect(near, "clusters", &o,
           "1/2 001/1@1 100 body text\n1/2 002/1@1 100 body text\n");
    o.since_s = 253370764800; /* the year 9999: nothing was published since */
    expect(near, "clusters", &o, "");
    expect(near, "dups", &o, "");

    box_add(&b, "002", "1", "2026-01-08", "다른 제목도 이렇게 길다", other.ptr);
    box_ingest(&b);
    update_all(near);
    expect(near, "001/1", NULL, "");
    expect(near, "002/1@1", NULL, "0/1 001/1@1 100 body text\n");
    o = (struct sillok_near_options)SILLOK_NEAR_OPTIONS_INIT;
    o.revisions = 1;
    expect(near, "001/1", &o, "0/1 002/1@1 100 body text\n");
    expect(near, "002/1", &o, "");
    sillok_near_close(near);
    box_close(&b);
    buf_release(&text);
    buf_release(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_a_follow_up_without_a_day),
        cmocka_unit_test(test_no_follow_up_after_days),
        cmocka_unit_test(test_revisions_and_months),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
