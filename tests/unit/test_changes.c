/* What is told of changes beyond the two texts: events, emptied articles, stamps,
 * reverts, crawls against crawls. All through the public functions, on files made up
 * here. */
#include "support.h"

#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Put a file into the folder of a crawl; @p stamp is a modified_at or NULL. */
static void add_file(struct support_fixture *f, const char *crawl,
                     const struct support_file *file, const char *stamp)
{
    struct buf b = BUF_INIT, with = BUF_INIT;
    char name[200];
    char *dir = support_path(f->folder, crawl);
    snprintf(name, sizeof(name), "mkdir -p '%s'", dir);
    assert_int_equal(system(name), 0);
    support_crawl_file(&b, file);
    if (stamp) {
        const char *at = memmem(b.ptr, b.len, "crawled_at:", 11);
        assert_ok(buf_add(&with, b.ptr, (size_t)(at - b.ptr)));
        assert_ok(buf_printf(&with, "modified_at: %s\n", stamp));
        assert_ok(buf_add(&with, at, b.len - (size_t)(at - b.ptr)));
    }
    const struct buf *use = stamp ? &with : &b;
    snprintf(name, sizeof(name), "%s_%s_%d.md", file->oid, file->aid, f->files++);
    char *path = support_path(dir, name);
    support_write(path, use->ptr, use->len);
    free(path);
    free(dir);
    buf_release(&b);
    buf_release(&with);
}

static void take_in(struct support_fixture *f, const char *crawl)
{
    char *dir = support_path(f->folder, crawl);
    const char *paths[] = { dir };
    const struct sillok_ingest_counts c = support_ingest(f->store, crawl, paths, 1);
    assert_int_equal(c.refused, 0);
    free(dir);
}

static struct sillok_changes *open_changes(struct support_fixture *f,
                                           const struct sillok_changes_options *o)
{
    struct sillok_changes *it;
    assert_ok(sillok_changes_open(&it, f->store, o));
    return it;
}

static int count(struct sillok_changes *it, struct sillok_change *last)
{
    struct sillok_change c;
    int n = 0, r;
    while ((r = sillok_changes_next(it, &c)) > 0) {
        n++;
        if (last)
            *last = c;
    }
    assert_ok(r);
    return n;
}

enum { ARTICLES = 60 };

static void article(struct support_fixture *f, const char *crawl, const char *oid, int i,
                    const char *day, int with_footer, int edited)
{
    char aid[16], at[32], body[600];
    snprintf(aid, sizeof(aid), "%d", i);
    snprintf(at, sizeof(at), "2026-01-%s 10:00:%02d", day, i % 60);
    snprintf(
        body, sizeof(body),
        "기사 %d의 첫 문장이다. 시는 예산 %d억원을 쓴다고 밝혔다. 셋째 문장은 그대로다.%s",
        i, edited ? 700 + i : 100 + i,
        with_footer ? "\n앱에서 더 많은 소식을 받아 보세요 ▶" : "");
    const struct support_file file = { oid, aid, at, "예산 발표", body, 0, NULL };
    add_file(f, crawl, &file, NULL);
}

/* The extractor of two publishers begins to take a footer line along; three articles were
 * really edited meanwhile, one of them of a publisher without the line. */
static void a_new_extractor_makes_two_events(void **state)
{
    struct support_fixture *f = *state;
    static const char *const oids[] = { "001", "002", "003" };
    for (int p = 0; p < 3; p++)
        for (int i = 0; i < ARTICLES; i++) {
            article(f, "before", oids[p], i, "05", 0, 0);
            article(f, "after", oids[p], i, "06", p < 2, i == 7);
        }
    take_in(f, "before");
    take_in(f, "after");
    struct sillok_changes_options o = SILLOK_CHANGES_OPTIONS_INIT;
    struct sillok_change last = { .key = NULL };
    struct sillok_event e;
    struct sillok_text aid;
    o.all = 1;
    struct sillok_changes *it = open_changes(f, &o);
    assert_int_equal(count(it, &last), 3);
    assert_int_equal(sillok_changes_next_article(it, &aid), 0); /* of no event yet */
    int events = 0, r;
    while ((r = sillok_changes_next_event(it, &e)) > 0) {
        int articles = 0;
        assert_string_equal(e.crawl, "after");
        assert_true(text_is(e.oid, "001") || text_is(e.oid, "002"));
        assert_int_equal(e.n_articles, ARTICLES - 1);
        assert_int_not_equal(e.sample->to.revision, 0);
        while (sillok_changes_next_article(it, &aid) > 0) {
            assert_false(text_is(aid, "7"));
            articles++;
        }
        assert_int_equal(articles, ARTICLES - 1);
        events++;
    }
    assert_ok(r);
    assert_int_equal(events, 2);
    sillok_changes_close(it);

    o.oid = "002"; /* of one publisher, its own event */
    it = open_changes(f, &o);
    assert_int_equal(count(it, NULL), 1);
    assert_int_equal(sillok_changes_next_event(it, &e), 1);
    assert_true(text_is(e.oid, "002"));
    assert_int_equal(sillok_changes_next_event(it, &e), 0);
    sillok_changes_close(it);
    o.oid = NULL;

    /* What is left is an edit; where the line came with it, that is told. */
    it = open_changes(f, &o);
    struct sillok_change c;
    while ((r = sillok_changes_next(it, &c)) > 0)
        assert_int_equal((c.what.flags & SILLOK_FLAG_EXTRACTION) != 0,
                         !text_is(c.oid, "003"));
    assert_ok(r);
    sillok_changes_close(it);

    o.unfold = 1;
    it = open_changes(f, &o);
    assert_int_equal(count(it, NULL), 2 * ARTICLES + 1);
    assert_int_equal(sillok_changes_next_event(it, &e), 0);
    sillok_changes_close(it);
}

static int stop_at_last(void *arg)
{
    return --*(int *)arg == 0;
}

static void events_are_asked_for_again_once_given_up(void **state)
{
    struct support_fixture *f = *state;
    for (int i = 0; i < ARTICLES; i++) {
        article(f, "before", "001", i, "05", 0, 0);
        article(f, "after", "001", i, "06", 1, 0);
    }
    take_in(f, "before");
    take_in(f, "after");
    int left = 0;
    const struct sillok_changes_options o = { .kinds = 1u << SILLOK_KIND_NUMBER,
                                              .stop = stop_at_last,
                                              .stop_arg = &left };
    struct sillok_changes *it = open_changes(f, &o);
    struct sillok_event e;
    left = ARTICLES / 2;
    assert_int_equal(sillok_changes_next_event(it, &e), SILLOK_ESTOPPED);
    assert_int_equal(sillok_changes_next_event(it, &e), 0);
    sillok_changes_close(it);
}

/* Different edits in many articles are edits, however many. */
static void many_edits_are_no_event(void **state)
{
    struct support_fixture *f = *state;
    for (int i = 0; i < ARTICLES; i++) {
        article(f, "before", "001", i, "05", 0, 0);
        article(f, "after", "001", i, "06", 0, 1);
    }
    take_in(f, "before");
    take_in(f, "after");
    struct sillok_event e;
    struct sillok_changes *it = open_changes(f, NULL);
    assert_int_equal(count(it, NULL), ARTICLES);
    assert_int_equal(sillok_changes_next_event(it, &e), 0);
    sillok_changes_close(it);
}

static void see(struct support_fixture *f, const char *crawl, const char *at,
                const char *body, const char *stamp)
{
    const struct support_file file = { "001", "1", at, "제목", body, 0, NULL };
    add_file(f, crawl, &file, stamp);
    take_in(f, crawl);
}

static const char long_body[] =
    "정부는 4일 대책을 발표했다. 업계는 환영한다고 밝혔다. 시민 단체는 반대한다. 국회는 다음 주에 "
    "논의한다. 전문가들은 효과를 두고 엇갈린 전망을 내놓았다.";

/* Who asks for one article is told of the same doubt: of the step to revision @p n. */
static void step_is_unconfirmed(struct support_fixture *f, uint32_t n, int expected)
{
    const struct sillok_ref refs[] = {
        { "001", "1", SILLOK_REF_NUMBER, (int32_t)n - 1, 0 },
        { "001", "1", SILLOK_REF_NUMBER, (int32_t)n, 0 },
    };
    struct sillok_change_class what;
    struct sillok_snapshot *sides[2];
    struct sillok_log *log;
    struct sillok_revision rev = { .number = 0 };
    assert_ok(sillok_log_open(&log, f->store, "001", "1"));
    while (rev.number < n)
        assert_int_equal(sillok_log_next(log, &rev), 1);
    assert_int_equal((rev.change.flags & SILLOK_FLAG_UNCONFIRMED) != 0, expected);
    sillok_log_close(log);
    for (int i = 0; i < 2; i++)
        assert_ok(sillok_snapshot_open(&sides[i], f->store, &refs[i]));
    assert_ok(sillok_change_classify(&what, &sillok_snapshot_revision(sides[0])->article,
                                     &sillok_snapshot_revision(sides[1])->article, NULL));
    what.flags = 0;
    assert_ok(sillok_snapshot_complete(sides[1], sides[0], &what));
    assert_int_equal(what.flags, 0);
    assert_ok(sillok_snapshot_complete(sides[0], sides[1], &what));
    assert_int_equal(what.flags == SILLOK_FLAG_UNCONFIRMED, expected);
    sillok_snapshot_close(sides[0]);
    sillok_snapshot_close(sides[1]);
}

static void emptied_waits_for_a_second_crawl(void **state)
{
    struct support_fixture *f = *state;
    struct sillok_change last = { .key = NULL };
    see(f, "c1", "2026-01-05 10:00:00", long_body, NULL);
    see(f, "c2", "2026-01-06 10:00:00", "", NULL);
    struct sillok_changes *it = open_changes(f, NULL);
    assert_int_equal(count(it, NULL), 0);
    assert_int_equal(sillok_changes_unconfirmed(it), 1);
    sillok_changes_close(it);
    step_is_unconfirmed(f, 2, 1);
    see(f, "c3", "2026-01-07 10:00:00", "", NULL);
    it = open_changes(f, NULL);
    assert_int_equal(count(it, &last), 1);
    assert_int_equal(last.what.kind, SILLOK_KIND_EMPTIED);
    assert_int_equal(last.what.flags & SILLOK_FLAG_UNCONFIRMED, 0);
    sillok_changes_close(it);
    step_is_unconfirmed(f, 2, 0);
}

static int lists_one_emptied(struct support_fixture *f)
{
    struct sillok_change last = { .key = NULL };
    struct sillok_changes *it = open_changes(f, NULL);
    const int listed = count(it, &last) == 1 && sillok_changes_unconfirmed(it) == 0 &&
                       last.what.kinds & 1u << SILLOK_KIND_EMPTIED;
    sillok_changes_close(it);
    return listed;
}

/* The file of the day that two crawls share came in with the later one first. */
static void emptied_where_crawls_overlap(void **state)
{
    struct support_fixture *f = *state;
    see(f, "week 2", "2026-01-06 10:00:00", "", NULL);
    see(f, "week 2", "2026-01-06 10:20:00", "", NULL);
    see(f, "week 1", "2026-01-05 10:00:00", long_body, NULL);
    assert_false(lists_one_emptied(f));
    see(f, "week 1", "2026-01-06 10:00:00", "", NULL);
    assert_true(lists_one_emptied(f));
    step_is_unconfirmed(f, 2, 0);
}

/* Another stamp, and then another, on what is empty still. */
static void emptied_under_other_metadata(void **state)
{
    struct support_fixture *f = *state;
    see(f, "c1", "2026-01-05 10:00:00", long_body, "2026-01-05 09:00");
    see(f, "c2", "2026-01-06 10:00:00", "", "2026-01-06 09:00");
    assert_false(lists_one_emptied(f));
    see(f, "c3", "2026-01-07 10:00:00", "", "2026-01-07 09:00");
    assert_true(lists_one_emptied(f));
    step_is_unconfirmed(f, 2, 0);
    /* and what comes back after that is told against what was empty */
    see(f, "c4", "2026-01-08 10:00:00", long_body, "2026-01-08 09:00");
    struct sillok_change last = { .key = NULL };
    struct sillok_changes *it = open_changes(f, NULL);
    assert_int_equal(count(it, &last), 2);
    sillok_changes_close(it);
}

/* Every visit under one name: a second one that is near may be of the same fault. */
static void emptied_in_a_crawl_without_end(void **state)
{
    struct support_fixture *f = *state;
    see(f, "all", "2026-01-05 10:00:00", long_body, NULL);
    see(f, "all", "2026-01-06 10:00:00", "", NULL);
    see(f, "all", "2026-01-06 10:59:59", "", NULL);
    assert_false(lists_one_emptied(f));
    see(f, "all", "2026-01-06 11:00:00", "", NULL);
    assert_true(lists_one_emptied(f));
}

/* Empty and back: a fault of the crawl, and neither step is announced. */
static void flap_waits(struct support_fixture *f)
{
    struct sillok_changes_options o = SILLOK_CHANGES_OPTIONS_INIT;
    struct sillok_changes *it = open_changes(f, &o);
    assert_int_equal(count(it, NULL), 0);
    assert_int_equal(sillok_changes_unconfirmed(it), 2);
    sillok_changes_close(it);
    step_is_unconfirmed(f, 2, 1);
    step_is_unconfirmed(f, 3, 1);
    o.all = 1;
    it = open_changes(f, &o);
    assert_int_equal(count(it, NULL), 2);
    sillok_changes_close(it);
}

static void flap(struct support_fixture *f, const char *body)
{
    see(f, "c1", "2026-01-05 10:00:00", body, NULL);
    see(f, "c2", "2026-01-06 10:00:00", "", NULL);
    see(f, "c3", "2026-01-07 10:00:00", body, NULL);
    flap_waits(f);
    see(f, "c4", "2026-01-08 10:00:00", body, NULL);
    flap_waits(f);
}

static void a_flap_is_not_told(void **state)
{
    flap(*state, long_body);
}

/* Of the caption of a photo all or nothing is left. */
static void a_flap_of_a_short_text_is_not_told(void **state)
{
    flap(*state, "도서관이 4일 문을 연다. 사진=하늘시");
}

/* Empty, and back with an edit: that edit is told, against what stood before. */
static void an_edit_behind_an_empty_visit_is_told(void **state)
{
    struct support_fixture *f = *state;
    struct sillok_change c = { .key = NULL };
    CLEANUP(buf_release) struct buf edited = BUF_INIT;
    assert_ok(buf_add_str(&edited, long_body));
    char *day = strstr(edited.ptr, "4일");
    *day = '5';
    assert_ok(buf_add_char(&edited, '\0'));
    see(f, "c1", "2026-01-04 10:00:00", long_body, NULL);
    see(f, "c2", "2026-01-05 10:00:00", long_body, NULL);
    see(f, "c3", "2026-01-06 10:00:00", "", NULL);
    see(f, "c4", "2026-01-07 10:00:00", edited.ptr, NULL);
    struct sillok_changes_options o = SILLOK_CHANGES_OPTIONS_INIT;
    for (int crawls = 0; crawls < 3; crawls++) {
        o.crawl_a = crawls == 1 ? "c2" : crawls ? "c3" : NULL;
        o.crawl_b = crawls ? "c4" : NULL;
        struct sillok_changes *it = open_changes(f, &o);
        assert_int_equal(count(it, &c), 1);
        assert_int_equal(c.what.kind, SILLOK_KIND_NUMBER);
        assert_int_equal(c.from.revision, 1);
        assert_int_equal(c.to.revision, 3);
        assert_int_equal(c.visits_before, 2);
        assert_int_equal(c.after_s, c.from.last_seen_s);
        assert_int_equal(c.before_s, c.to.first_seen_s);
        sillok_changes_close(it);
    }
    o = (struct sillok_changes_options){ .all = 1 };
    struct sillok_changes *it = open_changes(f, &o);
    assert_int_equal(count(it, &c), 2); /* the older one last */
    assert_int_equal(c.what.kind, SILLOK_KIND_EMPTIED);
    sillok_changes_close(it);
    /* Two crawls agree: then it was empty, and what came is new. */
    see(f, "c3b", "2026-01-06 11:00:00", "", NULL);
    it = open_changes(f, NULL);
    assert_int_equal(count(it, NULL), 2);
    sillok_changes_close(it);
    o = (struct sillok_changes_options){ .kinds = 1u << SILLOK_KIND_ADDED };
    it = open_changes(f, &o);
    assert_int_equal(count(it, &c), 1);
    assert_int_equal(c.from.revision, 2);
    sillok_changes_close(it);
}

/* Empty, and back with the same text and another reporter: nothing was taken back, whether
 * that is seen from one crawl to another or in the list. */
static void what_is_as_it_was_is_no_revert(void **state)
{
    struct support_fixture *f = *state;
    struct sillok_change c = { .key = NULL };
    static const char *const crawls[] = { "c1", "c2", "c3" };
    static const char *const stamps[] = { NULL, NULL, "2026-01-07 09:00:00" };
    for (int day = 0; day < 3; day++) {
        char at[40];
        snprintf(at, sizeof(at), "2026-01-%02d 10:00:00", 5 + day);
        see(f, crawls[day], at, day == 1 ? "" : long_body, stamps[day]);
    }
    struct sillok_changes_options o = { .kinds = UINT32_MAX };
    for (int by_crawl = 0; by_crawl < 2; by_crawl++) {
        o.crawl_a = by_crawl ? "c1" : NULL;
        o.crawl_b = by_crawl ? "c3" : NULL;
        struct sillok_changes *it = open_changes(f, &o);
        int n = 0, r;
        while ((r = sillok_changes_next(it, &c)) > 0)
            if (c.to.revision == 3) {
                n++;
                assert_int_equal(c.from.revision, 1);
                assert_int_equal(c.reverted_to, 0);
                assert_int_equal(c.what.kinds & 1u << SILLOK_KIND_REVERTED, 0);
            }
        assert_ok(r);
        assert_int_equal(n, 1);
        sillok_changes_close(it);
    }
}

/* A text that was composed otherwise for a day, or lacked its byline, is nobody's edit, and
 * neither is that it reads as before; who asks for what goes back has it. */
static void layout_that_goes_back_is_not_told(void **state)
{
    struct support_fixture *f = *state;
    struct sillok_change c = { .key = NULL };
    const struct sillok_changes_options reverted = { .kinds = 1u
                                                              << SILLOK_KIND_REVERTED };
    static const struct {
        const char *before, *meanwhile;
        enum sillok_kind kind;
    } cases[] = {
        { "비가 왔다. 길이 젖었다.", "비가  왔다.\n길이 젖었다.", SILLOK_KIND_COSMETIC },
        { "It rained all day.\nBy Jane Doe", "It rained all day.", SILLOK_KIND_BYLINE },
    };
    for (int i = 0; i < 2; i++) {
        for (int day = 0; day < 3; day++) {
            char crawl[8], at[40];
            snprintf(crawl, sizeof(crawl), "c%d%d", i, day);
            snprintf(at, sizeof(at), "2026-%02d-%02d 10:00:00", 1 + i, 5 + day);
            see(f, crawl, at, day == 1 ? cases[i].meanwhile : cases[i].before, NULL);
        }
        struct sillok_changes *it = open_changes(f, &reverted);
        assert_int_equal(count(it, NULL), 1 + i);
        sillok_changes_close(it);
        const struct sillok_changes_options newest = { .all = 1, .limit = 1 };
        it = open_changes(f, &newest);
        assert_int_equal(count(it, &c), 1);
        assert_int_equal(c.what.kind, cases[i].kind);
        assert_true(c.what.significance <= 2);
        assert_int_not_equal(c.reverted_to, 0);
        sillok_changes_close(it);
        /* between the two: another story */
        it = open_changes(f, NULL);
        assert_int_equal(count(it, NULL), i);
        sillok_changes_close(it);
    }
}

/* But a short text may well become a shorter one. */
static void a_flap_of_little_text_is_told(void **state)
{
    static const struct {
        int chars, told; /* of the body that goes to one and back */
    } cases[] = { { 99, 1 }, { 100, 0 } };
    struct support_fixture *f = *state;
    for (int i = 0; i < 2; i++) {
        char aid[8], body[400] = "";
        const int64_t days = 5 + 3 * i;
        snprintf(aid, sizeof(aid), "%d", i + 1);
        for (int k = 0; k < cases[i].chars; k++)
            strcat(body, "가");
        for (int day = 0; day < 3; day++) {
            char crawl[8], at[40];
            snprintf(crawl, sizeof(crawl), "c%d-%d", i, day);
            snprintf(at, sizeof(at), "2026-01-%02d 10:00:00", (int)days + day);
            const struct support_file file = {
                "001", aid, at, "제목", day == 1 ? "나" : body, 0, NULL
            };
            add_file(f, crawl, &file, NULL);
            take_in(f, crawl);
        }
    }
    struct sillok_change c;
    struct sillok_changes *it = open_changes(f, NULL);
    int n[2] = { 0 }, r;
    while ((r = sillok_changes_next(it, &c)) > 0)
        if (c.to.revision == 3)
            n[text_is(c.aid, "2")]++;
    assert_ok(r);
    for (int i = 0; i < 2; i++)
        if (n[i] != cases[i].told)
            fail_msg("%d characters: %d", cases[i].chars, n[i]);
    sillok_changes_close(it);
}

static void stamps_tell_silent_from_announced(void **state)
{
    static const struct {
        const char *name, *body, *stamp;
        enum sillok_kind kind;
        uint32_t flag;
    } steps[] = {
        { "silent", "시는 예산 200억원을 쓴다고 밝혔다. 둘째 문장이다.",
          "2026-01-05 09:00", SILLOK_KIND_NUMBER, SILLOK_FLAG_SILENT },
        { "announced", "시는 예산 300억원을 쓴다고 밝혔다. 둘째 문장이다.",
          "2026-01-07 09:00", SILLOK_KIND_NUMBER, SILLOK_FLAG_ANNOUNCED },
        { "only the stamp", "시는 예산 300억원을 쓴다고 밝혔다. 둘째 문장이다.",
          "2026-01-08 09:00", SILLOK_KIND_COSMETIC, 0 },
    };
    struct support_fixture *f = *state;
    see(f, "c0", "2026-01-05 10:00:00",
        "시는 예산 100억원을 쓴다고 밝혔다. 둘째 문장이다.", "2026-01-05 09:00");
    for (int i = 0; i < 3; i++) {
        char crawl[8], at[32];
        struct sillok_changes_options o = SILLOK_CHANGES_OPTIONS_INIT;
        struct sillok_change last = { .key = NULL };
        snprintf(crawl, sizeof(crawl), "c%d", i + 1);
        snprintf(at, sizeof(at), "2026-01-%02d 10:00:00", 6 + i);
        see(f, crawl, at, steps[i].body, steps[i].stamp);
        o.all = 1;
        o.limit = 1;
        struct sillok_changes *it = open_changes(f, &o);
        assert_int_equal(count(it, &last), 1);
        if (last.what.kind != steps[i].kind ||
            (last.what.flags & (SILLOK_FLAG_SILENT | SILLOK_FLAG_ANNOUNCED)) !=
                steps[i].flag)
            fail_msg("%s: %s %x", steps[i].name, sillok_kind_name(last.what.kind),
                     last.what.flags);
        sillok_changes_close(it);
    }
}

static void a_revert_names_its_revision(void **state)
{
    struct support_fixture *f = *state;
    struct sillok_change last = { .key = NULL };
    struct sillok_changes_options o = SILLOK_CHANGES_OPTIONS_INIT;
    see(f, "c1", "2026-01-05 10:00:00", long_body, NULL);
    see(f, "c2", "2026-01-06 10:00:00", "정부는 5일 대책을 거뒀다. 업계는 반발했다.",
        NULL);
    see(f, "c3", "2026-01-07 10:00:00", long_body, NULL);
    o.limit = 1;
    struct sillok_changes *it = open_changes(f, &o);
    assert_int_equal(count(it, &last), 1);
    assert_int_equal(last.what.kind, SILLOK_KIND_REVERTED);
    assert_int_equal(last.reverted_to, 1);
    assert_int_equal(last.visits_before, 1);
    assert_int_equal(last.before_s - last.after_s, 86400);
    sillok_changes_close(it);

    /* Between two crawls, or in a time, that saw no change there is nothing to list. */
    see(f, "c4", "2026-02-07 10:00:00", long_body, NULL);
    see(f, "c5", "2026-02-08 10:00:00", long_body, NULL);
    o = (struct sillok_changes_options){ .crawl_a = "c4", .crawl_b = "c5" };
    it = open_changes(f, &o);
    assert_int_equal(count(it, NULL), 0);
    sillok_changes_close(it);

    /* Between the first crawl and the last nothing differs; step by step it does. */
    o = (struct sillok_changes_options){ .crawl_a = "c1", .crawl_b = "c3" };
    it = open_changes(f, &o);
    assert_int_equal(count(it, NULL), 0);
    sillok_changes_close(it);
    o.every = 1;
    it = open_changes(f, &o);
    assert_int_equal(count(it, NULL), 2);
    sillok_changes_close(it);
    o.crawl_a = o.crawl_b = NULL;
    assert_int_equal(sillok_changes_open(&it, f->store, &o), SILLOK_EINVALID);
}

/* The sum of several steps was made from the last sight of the old text on, not in the last
 * step: a number that changed in the first is not dated by a comma that changed after it. */
static void a_sum_is_dated_as_a_whole(void **state)
{
    struct support_fixture *f = *state;
    struct sillok_change c = { .key = NULL };
    struct sillok_changes_options o = SILLOK_CHANGES_OPTIONS_INIT;
    const char *const first = "정부는 5일 대책을 냈다. 업계는 반발했다.";
    see(f, "c1", "2026-01-05 10:00:00", first, NULL);
    see(f, "c2", "2026-01-06 10:00:00", "정부는 6일 대책을 냈다. 업계는 반발했다.", NULL);
    see(f, "c3", "2026-01-07 10:00:00", "정부는 6일 대책을 냈다. 업계는, 반발했다.",
        NULL);
    o.crawl_a = "c1";
    o.crawl_b = "c3";
    struct sillok_changes *it = open_changes(f, &o);
    assert_int_equal(count(it, &c), 1);
    assert_int_equal(c.what.kind, SILLOK_KIND_NUMBER);
    assert_int_equal(c.after_s, c.from.last_seen_s);
    assert_int_equal(c.before_s - c.after_s, 2 * 86400);
    sillok_changes_close(it);

    /* Taken back meanwhile: then it read as before until later. */
    see(f, "c4", "2026-01-08 10:00:00", first, NULL);
    see(f, "c5", "2026-01-09 10:00:00", "정부는 9일 대책을 냈다. 업계는 반발했다.", NULL);
    o.crawl_b = "c5";
    it = open_changes(f, &o);
    assert_int_equal(count(it, &c), 1);
    assert_int_equal(c.from.revision, 1);
    assert_int_equal(c.before_s - c.after_s, 86400);
    sillok_changes_close(it);
}

/* What is no news is counted, and told to whoever asks for all or for its kind. */
static void quiet_changes_are_hidden(void **state)
{
    static const struct {
        const char *name, *field;
        enum sillok_kind kind;
    } cases[] = {
        { "author", "\"author\":\"김가나 기자\"", SILLOK_KIND_BYLINE },
        { "category", "\"category\":\"사회\"", SILLOK_KIND_METADATA },
        { "title", "\"title\":\"다른 이야기\"", SILLOK_KIND_HEADLINE },
    };
    enum { N = sizeof(cases) / sizeof(cases[0]) };
    struct support_fixture *f = *state;
    CLEANUP(buf_release) struct buf lines = BUF_INIT;
    char *path = support_path(f->folder, "in.ndjson");
    const char *const paths[] = { path };
    for (int day = 5; day < 7; day++)
        for (int i = 0; i < N; i++)
            assert_ok(buf_printf(&lines,
                                 "{\"oid\":\"001\",\"aid\":\"%d\",\"crawled_at\":"
                                 "\"2026-01-0%d 10:00:00\",\"body\":\"%s\",%s}\n",
                                 i, day, long_body,
                                 day == 5 ? i == 2 ? "\"title\":\"제목\"" : "\"url\":\"\""
                                          : cases[i].field));
    support_write(path, lines.ptr, lines.len);
    assert_int_equal(support_ingest(f->store, "c", paths, 1).refused, 0);
    free(path);
    struct sillok_change last = { .key = NULL };
    struct sillok_changes *it = open_changes(f, NULL);
    assert_int_equal(count(it, &last), 1);
    assert_int_equal(sillok_changes_hidden(it), N - 1);
    assert_true(text_is(last.aid, "2"));
    sillok_changes_close(it);
    for (int i = 0; i < N; i++) {
        const struct sillok_changes_options o = { .kinds = 1u << cases[i].kind };
        it = open_changes(f, &o);
        if (count(it, &last) != 1 || last.what.kind != cases[i].kind)
            fail_msg("%s: not found as %s", cases[i].name,
                     sillok_kind_name(cases[i].kind));
        assert_int_equal(sillok_changes_hidden(it), 0);
        sillok_changes_close(it);
    }
    const struct sillok_changes_options all = { .all = 1 };
    it = open_changes(f, &all);
    assert_int_equal(count(it, NULL), N);
    sillok_changes_close(it);
}

static void the_parts_make_the_sum(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < SILLOK_N_KINDS * 512; i++) {
        const struct sillok_change_class c = { .kind = (enum sillok_kind)(i / 512),
                                               .kinds = 1u << i / 512 |
                                                        (i & 1) << SILLOK_KIND_HEADLINE,
                                               .flags = i % 512,
                                               .similarity = 0.5 };
        struct sillok_significance_part parts[SILLOK_MAX_PARTS];
        const int n = sillok_change_parts(&c, parts, SILLOK_MAX_PARTS);
        double sum = 0;
        assert_in_range(n, 1, SILLOK_MAX_PARTS);
        for (int k = 0; k < n; k++) {
            assert_non_null(parts[k].what);
            sum += parts[k].points;
        }
        const double want = sum > 100 ? 100 : sum, got = sillok_change_significance(&c);
        assert_true(got > want - 0.001 && got < want + 0.001);
    }
}

/* --- how often chains are read --- */

static const struct store_ops *real_ops;
static size_t n_chains; /* that were read */

static int scan_counted(struct sillok_store *s, uint64_t article, struct buf *out)
{
    n_chains++;
    return real_ops->obs_scan(s, article, out);
}

static void add_line(struct support_fixture *f, int oid, int aid, int64_t at_s,
                     const char *body)
{
    char at[SILLOK_TIME_LEN];
    sillok_time_format(at_s, 0, at);
    assert_ok(buf_printf(&f->lines,
                         "{\"oid\":\"%d\",\"aid\":\"%d\",\"crawled_at\":\"%s\","
                         "\"title\":\"값\",\"body\":\"%s\"}\n",
                         oid, aid, at, body));
}

enum { START_S = 1767236400 };

/* Who asks for one change of a kind of an article that has hundreds of others: its chain is
 * not read for each of them. */
static void few_are_asked_of_a_long_chain(void **state)
{
    enum { N = 300, MOST = 12 };
    struct support_fixture *f = *state;
    for (int i = 0; i < N; i++) {
        char body[64];
        snprintf(body, sizeof(body), "값은 %d원이다.", i);
        add_line(f, 1, 1, START_S + i, body);
    }
    assert_int_equal(support_take_lines(f, "all").refused, 0);
    struct sillok_changes_options o = SILLOK_CHANGES_OPTIONS_INIT;
    struct store_ops ops = *(real_ops = f->store->ops);
    ops.obs_scan = scan_counted;
    f->store->ops = &ops;
    for (int none = 0; none < 2; none++) {
        o.limit = 1;
        o.kinds = 1u << (none ? SILLOK_KIND_CORRECTION : SILLOK_KIND_NUMBER);
        n_chains = 0;
        struct sillok_changes *it = open_changes(f, &o);
        assert_int_equal(count(it, NULL), !none);
        assert_in_range(n_chains, 1, none ? MOST : 1);
        sillok_changes_close(it);
    }
    f->store->ops = real_ops;
}

/* Events whose members stand among each other's, more of them than facts are gathered of at
 * once: those of a kind are chosen in one go through the list. */
static void events_of_a_kind_are_chosen_at_once(void **state)
{
    enum { PUBLISHERS = 210, EACH = 20, N = PUBLISHERS * EACH };
    struct support_fixture *f = *state;
    for (int visit = 0; visit < 2; visit++) {
        for (int i = 0; i < N; i++) {
            char body[200];
            snprintf(body, sizeof(body), "기사 %d의 문장이다.%s", i,
                     visit ? "\\n앱에서 더 많은 소식을 받아 보세요" : "");
            add_line(f, i % PUBLISHERS, i / PUBLISHERS, START_S + i + visit * 86400,
                     body);
        }
        assert_int_equal(support_take_lines(f, visit ? "after" : "before").refused, 0);
    }
    struct sillok_changes_options o = SILLOK_CHANGES_OPTIONS_INIT;
    struct store_ops ops = *(real_ops = f->store->ops);
    struct sillok_event e;
    int n = 0, r;
    ops.obs_scan = scan_counted;
    f->store->ops = &ops;
    n_chains = 0;
    o.kinds = 1u << SILLOK_KIND_ADDED | 1u << SILLOK_KIND_BYLINE;
    struct sillok_changes *it = open_changes(f, &o);
    while ((r = sillok_changes_next_event(it, &e)) > 0) {
        assert_int_equal(e.n_articles, EACH);
        n++;
    }
    assert_ok(r);
    assert_int_equal(n, PUBLISHERS);
    assert_in_range(n_chains, N, 2 * N);
    sillok_changes_close(it);
    f->store->ops = real_ops;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(fn) cmocka_unit_test_setup_teardown(fn, support_set_up, support_tear_down)
        T(a_new_extractor_makes_two_events),
        T(events_are_asked_for_again_once_given_up),
        T(many_edits_are_no_event),
        T(emptied_waits_for_a_second_crawl),
        T(emptied_where_crawls_overlap),
        T(emptied_under_other_metadata),
        T(emptied_in_a_crawl_without_end),
        T(a_flap_is_not_told),
        T(a_flap_of_a_short_text_is_not_told),
        T(an_edit_behind_an_empty_visit_is_told),
        T(what_is_as_it_was_is_no_revert),
        T(layout_that_goes_back_is_not_told),
        T(a_flap_of_little_text_is_told),
        T(stamps_tell_silent_from_announced),
        T(a_revert_names_its_revision),
        T(a_sum_is_dated_as_a_whole),
        T(quiet_changes_are_hidden),
        T(the_parts_make_the_sum),
        T(few_are_asked_of_a_long_chain),
        T(events_of_a_kind_are_chosen_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
