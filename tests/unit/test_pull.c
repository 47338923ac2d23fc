/* Files that a program gives from its memory. */
#include "support.h"

#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { MAX_GIVEN = 8 };

/** What is given, one after the other. */
struct giver {
    struct {
        const char *name;
        struct buf bytes;
    } files[MAX_GIVEN];
    int n, next;
    int fails_at; /* in place of this file; -1: never */
    int waits_at; /* from this file on SILLOK_INGEST_LATER is said while waits is set */
    int waits;    /* by two threads */
    int asked_after_end;
    int ages; /* before each file that is given but the first two days go by */
};

static int64_t gone_by_s; /* by two threads */

/** In place of libc's, for all of this program. */
int clock_gettime(clockid_t clock, struct timespec *t)
{
    const int r = (int)syscall(SYS_clock_gettime, clock, t);
    if (clock == CLOCK_REALTIME)
        t->tv_sec += __atomic_load_n(&gone_by_s, __ATOMIC_ACQUIRE);
    return r;
}

static int give(void *ctx, struct sillok_ingest_file *file)
{
    struct giver *g = ctx;
    if (g->next == g->fails_at)
        return -77;
    if (g->next >= g->waits_at && __atomic_load_n(&g->waits, __ATOMIC_ACQUIRE))
        return SILLOK_INGEST_LATER;
    if (g->next >= g->n) {
        g->asked_after_end += g->next > g->n;
        g->next++;
        return 0;
    }
    if (g->ages && g->next)
        __atomic_add_fetch(&gone_by_s, 2 * 86400, __ATOMIC_ACQ_REL);
    file->name = g->files[g->next].name;
    file->bytes = text_make(g->files[g->next].bytes.ptr, g->files[g->next].bytes.len);
    g->next++;
    return 1;
}

static void giver_init(struct giver *g)
{
    memset(g, 0, sizeof(*g));
    g->fails_at = -1;
    g->waits_at = MAX_GIVEN;
    for (int i = 0; i < MAX_GIVEN; i++)
        buf_init(&g->files[i].bytes, BUF_CEILING);
}

static void giver_release(struct giver *g)
{
    for (int i = 0; i < MAX_GIVEN; i++)
        buf_release(&g->files[i].bytes);
}

static struct buf *giver_add(struct giver *g, const char *name)
{
    assert_true(g->n < MAX_GIVEN);
    g->files[g->n].name = name;
    return &g->files[g->n++].bytes;
}

static void giver_articles(struct giver *g)
{
    static const struct {
        const char *name;
        struct support_file file;
    } articles[] = {
        { "005_0000000001.md",
          { "005", "0000000001", "2026-01-05 09:00:00", "항만 예산",
            "시의회는 항만 예산을 다시 살폈다.", 0, NULL } },
        { "둘째 \"글\".md",
          { "005", "0000000002", "2026-01-05 09:01:00", "Ferry & bridge",
            "The ferry <Gull> runs again.", 1, NULL } },
        { "005_0000000001 나중.md",
          { "005", "0000000001", "2026-01-05 10:00:00", "항만 예산",
            "시의회는 항만 예산을 줄였다.", 0, NULL } },
    };
    for (size_t i = 0; i < sizeof(articles) / sizeof(articles[0]); i++)
        support_crawl_file(giver_add(g, articles[i].name), &articles[i].file);
}

/** Two of them, and the third when nobody waits any more. */
static void giver_who_waits(struct giver *g)
{
    giver_init(g);
    giver_articles(g);
    g->waits_at = 2;
    g->waits = 1;
}

/** The events but for PROGRESS, a line each, and the counts of all. */
static struct sillok_ingest_counts take_in(struct sillok_ingest *in, struct buf *out)
{
    struct sillok_ingest_counts counts = { 0 };
    struct sillok_ingest_event e;
    int r;
    while ((r = sillok_ingest_next(in, &e)) > 0)
        if (e.kind == SILLOK_INGEST_DONE)
            counts = e.counts;
        else if (e.kind != SILLOK_INGEST_PROGRESS && e.kind != SILLOK_INGEST_CRAWL_DONE)
            (void)buf_printf(out, "%d %.*s %s|%s\n", (int)e.kind, (int)e.name.len,
                             e.name.ptr, e.code, e.message);
    assert_ok(r);
    (void)buf_add_char(out, '\0');
    assert_false(out->failed);
    return counts;
}

/** @p stop may be NULL. */
static struct sillok_ingest *begin(struct sillok_store *store, struct giver *g,
                                   const volatile int *stop)
{
    struct sillok_ingest_options o = SILLOK_INGEST_OPTIONS_INIT;
    struct sillok_ingest *in;
    o.crawl = "월요일";
    o.stop = stop;
    assert_ok(sillok_ingest_new(&in, store, &o));
    assert_ok(sillok_ingest_add_files(in, give, g));
    return in;
}

/* --- */

static void they_are_taken_in_like_those_of_a_folder(void **state)
{
    const struct support_fixture *f = *state;
    CLEANUP(buf_release) struct buf lines = BUF_INIT, mine = BUF_INIT, others = BUF_INIT;
    struct giver g;
    giver_init(&g);
    giver_articles(&g);
    struct sillok_ingest *in = begin(f->store, &g, NULL);
    struct sillok_ingest_counts c = take_in(in, &lines);
    sillok_ingest_free(in);
    assert_string_equal(lines.ptr, "");
    assert_int_equal(c.files, 3);
    assert_int_equal(c.new_articles, 2);
    assert_int_equal(c.changed, 1);
    assert_int_equal(g.asked_after_end, 0);

    g.next = 0;
    in = begin(f->store, &g, NULL);
    c = take_in(in, &lines);
    sillok_ingest_free(in);
    assert_int_equal(c.already, 3);

    struct giver again;
    giver_init(&again);
    giver_articles(&again);
    char *paper = support_path(f->folder, "paper"),
         *other = support_path(f->folder, "other");
    assert_int_equal(mkdir(paper, 0700), 0);
    assert_int_equal(mkdir(other, 0700), 0);
    for (int i = 0; i < again.n; i++) {
        char *path = support_path(paper, again.files[i].name);
        support_write(path, again.files[i].bytes.ptr, again.files[i].bytes.len);
        free(path);
    }
    struct sillok_store *store = support_store(other);
    (void)support_ingest(store, "월요일", (const char *const *)&paper, 1);
    support_dump(&mine, f->store);
    support_dump(&others, store);
    (void)buf_add_char(&mine, '\0');
    (void)buf_add_char(&others, '\0');
    assert_string_equal(mine.ptr, others.ptr);
    assert_non_null(strstr(mine.ptr, "둘째"));
    sillok_store_close(store);
    free(paper);
    free(other);
    giver_release(&again);
    giver_release(&g);
}

static void what_cannot_be_taken_in_is_refused_under_its_name(void **state)
{
    const struct support_fixture *f = *state;
    CLEANUP(buf_release) struct buf lines = BUF_INIT;
    char want[400];
    struct giver g;
    giver_init(&g);
    (void)buf_add_str(giver_add(&g, "../쪽지.txt"), "장보기: 두부\n");
    struct buf *large = giver_add(&g, "large.md");
    assert_ok(buf_reserve(large, f->store->limits.file_bytes + 1));
    memset(large->ptr, 'x', f->store->limits.file_bytes + 1);
    large->len = f->store->limits.file_bytes + 1;
    giver_add(&g, NULL);
    giver_add(&g, "empty.md");
    giver_articles(&g);
    struct sillok_ingest *in = begin(f->store, &g, NULL);
    const struct sillok_ingest_counts c = take_in(in, &lines);
    sillok_ingest_free(in);
    snprintf(want, sizeof(want),
             "2 ../쪽지.txt no_front_matter|the first line is not '---'\n"
             "2 large.md too_large|too large (limit %llu bytes, see limits.file_bytes)\n"
             "2 (no name) empty|the file is empty\n2 empty.md empty|the file is empty\n",
             (unsigned long long)f->store->limits.file_bytes);
    assert_string_equal(lines.ptr, want);
    assert_int_equal(c.refused, 4);
    assert_int_equal(c.observations, 3);
    giver_release(&g);
}

/* A crawler that is at work gives what it has, and that is safe while it looks for more. */
static void what_was_given_is_committed_while_more_is_waited_for(void **state)
{
    const struct support_fixture *f = *state;
    struct sillok_ingest_event e;
    uint64_t before = 0;
    struct giver g;
    int r;
    giver_who_waits(&g);
    struct sillok_ingest *in = begin(f->store, &g, NULL);
    while ((r = sillok_ingest_next(in, &e)) > 0)
        if (e.kind == SILLOK_INGEST_PROGRESS && g.waits) {
            before = e.counts.observations;
            __atomic_store_n(&g.waits, 0, __ATOMIC_RELEASE);
        }
    assert_ok(r);
    assert_int_equal(before, 2);
    assert_int_equal(e.counts.observations, 3);
    sillok_ingest_free(in);
    giver_release(&g);
}

static void one_that_fails_is_told_and_the_others_go_on(void **state)
{
    const struct support_fixture *f = *state;
    CLEANUP(buf_release) struct buf lines = BUF_INIT;
    struct giver failing, whole;
    giver_init(&failing);
    giver_init(&whole);
    giver_articles(&failing);
    giver_articles(&whole);
    failing.fails_at = 1;
    struct sillok_ingest *in = begin(f->store, &failing, NULL);
    assert_ok(sillok_ingest_add_files(in, give, &whole));
    const struct sillok_ingest_counts c = take_in(in, &lines);
    sillok_ingest_free(in);
    assert_string_equal(
        lines.ptr,
        "7 월요일 |the program that gives the files says that it failed (-77)\n");
    assert_int_equal(c.files, 4);
    assert_int_equal(c.observations, 3);
    giver_release(&failing);
    giver_release(&whole);
}

static void a_stop_is_seen_between_two_files(void **state)
{
    const struct support_fixture *f = *state;
    volatile int stop = 0;
    struct sillok_ingest_event e;
    struct giver g;
    int r;
    giver_who_waits(&g);
    struct sillok_stats stats;
    struct sillok_ingest *in = begin(f->store, &g, &stop);
    while ((r = sillok_ingest_next(in, &e)) > 0)
        if (e.kind == SILLOK_INGEST_PROGRESS) {
            assert_int_equal(e.counts.files, 2);
            __atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
        }
    assert_int_equal(r, SILLOK_ESTOPPED);
    sillok_ingest_free(in);
    assert_ok(sillok_store_stats(f->store, &stats));
    assert_int_equal(stats.observations, 2);
    giver_release(&g);
}

/* That of the moment, however long the ingest has been going on by then. */
static void what_is_in_the_future_the_clock_says(void **state)
{
    static const struct {
        const char *aid;
        int64_t after_s; /* the beginning */
    } files[] = { { "now", 0 },
                  { "skewed", 2 * 86400 + 1800 },
                  { "korean", 4 * 86400 + 9 * 3600 } };
    const struct support_fixture *f = *state;
    const int64_t began_s = time(NULL);
    CLEANUP(buf_release) struct buf lines = BUF_INIT;
    struct giver g;
    giver_init(&g);
    g.ages = 1;
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        char at[SILLOK_TIME_LEN];
        sillok_time_format(began_s + files[i].after_s, 0, at);
        const struct support_file file = {
            "005", files[i].aid, at, "항만 예산", "시의회는 항만 예산을 살폈다.", 0, NULL
        };
        support_crawl_file(giver_add(&g, files[i].aid), &file);
    }
    struct sillok_ingest *in = begin(f->store, &g, NULL);
    const struct sillok_ingest_counts c = take_in(in, &lines);
    sillok_ingest_free(in);
    assert_int_equal(c.new_articles, 3);
    assert_string_equal(lines.ptr, "6 korean |crawled_at is more than an hour in the "
                                   "future: a wrong clock, or another zone than the "
                                   "profile's\n");
    giver_release(&g);
}

static void it_is_refused_where_it_makes_no_sense(void **state)
{
    const struct support_fixture *f = *state;
    struct sillok_ingest_options o = SILLOK_INGEST_OPTIONS_INIT;
    struct sillok_ingest *in;
    struct sillok_ingest_event e;
    struct giver g;
    giver_init(&g);
    assert_ok(sillok_ingest_new(&in, f->store, &o));
    assert_int_equal(sillok_ingest_add_files(in, give, &g), SILLOK_EINVALID);
    assert_string_equal(sillok_error_message(),
                        "options.crawl has to name the crawl of these files");
    sillok_ingest_free(in);

    o.crawl = "";
    assert_int_equal(sillok_ingest_new(&in, f->store, &o), SILLOK_EINVALID);

    o.crawl = "월요일";
    o.follow = 1;
    assert_ok(sillok_ingest_new(&in, f->store, &o));
    assert_int_equal(sillok_ingest_add_files(in, give, &g), SILLOK_EINVALID);
    sillok_ingest_free(in);

    o.follow = 0;
    assert_ok(sillok_ingest_new(&in, f->store, &o));
    assert_int_equal(sillok_ingest_add_files(in, NULL, NULL), SILLOK_EINVALID);
    sillok_ingest_free(in);

    in = begin(f->store, &g, NULL);
    assert_int_equal(sillok_ingest_next(in, &e), 1);
    assert_int_equal(sillok_ingest_add_files(in, give, &g), SILLOK_EINVALID);
    assert_non_null(strstr(sillok_error_message(), "too late"));
    sillok_ingest_free(in);
    giver_release(&g);
}

int main(void)
{
#define FRESH(test)                                                                      \
    cmocka_unit_test_setup_teardown(test, support_set_up, support_tear_down)
    const struct CMUnitTest tests[] = {
        FRESH(they_are_taken_in_like_those_of_a_folder),
        FRESH(what_cannot_be_taken_in_is_refused_under_its_name),
        FRESH(what_was_given_is_committed_while_more_is_waited_for),
        FRESH(one_that_fails_is_told_and_the_others_go_on),
        FRESH(a_stop_is_seen_between_two_files),
        FRESH(what_is_in_the_future_the_clock_says),
        FRESH(it_is_refused_where_it_makes_no_sense),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
