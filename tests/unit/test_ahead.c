/*
 * What is read ahead of the writer: chunks keep their order, sources that stall are given
 * up, and nothing that was told is in no batch.
 */
#include "support.h"

#include "ingest/ahead.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Files so large that the threads leave off within a chunk: the rest is still of its
 * crawl, whatever was laid out behind it. */
static void a_chunk_that_is_cut_keeps_its_place(void **state)
{
    enum { N = 7, BYTES = 2 << 20 };
    char *folder = support_folder();
    const char *const crawls[2] = { "large", "small" };
    char *paths[2];
    (void)state;
    char *text = malloc(BYTES + 1);
    memset(text, 'a', BYTES);
    text[BYTES] = '\0';
    for (int c = 0; c < 2; c++) {
        paths[c] = support_path(folder, crawls[c]);
        assert_int_equal(mkdir(paths[c], 0700), 0);
        for (int i = 0; i < N; i++) {
            struct buf file = BUF_INIT;
            char aid[16], name[32];
            snprintf(aid, sizeof(aid), "%d", i);
            snprintf(name, sizeof(name), "001_%d.md", i);
            text[0] = (char)('a' + i);
            const struct support_file f = {
                "001", aid, "2026-01-05 10:00:00", "제목", c ? "짧은 글." : text, 0, NULL
            };
            support_crawl_file(&file, &f);
            char *path = support_path(paths[c], name);
            support_write(path, file.ptr, file.len);
            free(path);
            buf_release(&file);
        }
    }
    struct sillok_store *store = support_store(folder);
    struct sillok_ingest *in;
    struct sillok_ingest_event e;
    int n_done = 0, r;
    /* One thread: several could have one file each before anything is kept. */
    const struct sillok_ingest_options options = { .jobs = 1 };
    assert_ok(sillok_ingest_new(&in, store, &options));
    for (int c = 0; c < 2; c++)
        assert_ok(sillok_ingest_add(in, paths[c]));
    while ((r = sillok_ingest_next(in, &e)) > 0)
        if (e.kind == SILLOK_INGEST_CRAWL_DONE) {
            assert_in_range(n_done, 0, 1);
            assert_string_equal(e.crawl, crawls[n_done++]);
            assert_int_equal(e.counts.files, N);
        }
    assert_ok(r);
    assert_int_equal(n_done, 2);
    sillok_ingest_free(in);
    sillok_store_close(store);
    free(text);
    for (int c = 0; c < 2; c++)
        free(paths[c]);
    support_remove(folder);
}

/* Standard input is a pipe that brings @p text and then nothing. */
static int stall_input(const char *text, int *saved)
{
    int ends[2];
    *saved = dup(STDIN_FILENO);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], text, strlen(text)), (ssize_t)strlen(text));
    assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
    close(ends[0]);
    return ends[1];
}

static void restore_input(int end, int saved)
{
    close(end);
    dup2(saved, STDIN_FILENO);
    close(saved);
}

/* So many folders with a file in each, of which a chunk has a few. */
static char *make_tree(const char *folder, int n)
{
    char *tree = support_path(folder, "tree");
    assert_int_equal(mkdir(tree, 0700), 0);
    for (int i = 0; i < n; i++) {
        char name[16];
        snprintf(name, sizeof(name), "%d", i);
        char *below = support_path(tree, name), *path = support_path(below, "1.md");
        assert_int_equal(mkdir(below, 0700), 0);
        support_write(path, "x", 1);
        free(path);
        free(below);
    }
    return tree;
}

/* Whoever gives up an ingest does not wait for what a pipe brings: before it says what it
 * is, in a tar, in a line. So many folders that there is something to write meanwhile. */
static void a_source_that_stalls_is_given_up(void **state)
{
    static const char *const begins[] = { "", "001_1.md", "{\"oid\": \"001\"" };
    (void)state;
    char *folder = support_folder(), *tree = make_tree(folder, 3 * CHUNK_FOLDERS - 1);
    struct sillok_store *store = support_store(folder);
    for (size_t i = 0; i < sizeof(begins) / sizeof(begins[0]); i++) {
        const char *const paths[] = { "/dev/null", tree, "-" };
        const struct sillok_ingest_options options = { .dry_run = 1 }; /* no learning */
        struct sillok_ingest *in;
        struct sillok_ingest_event e;
        struct timespec before, after;
        int saved;
        const int end = stall_input(begins[i], &saved);
        assert_ok(sillok_ingest_new(&in, store, &options));
        for (int k = 0; k < 3; k++)
            assert_ok(sillok_ingest_add(in, paths[k]));
        assert_int_equal(sillok_ingest_next(in, &e), 1);
        assert_int_equal(e.kind, SILLOK_INGEST_SOURCE_FAILED); /* the first of them */
        clock_gettime(CLOCK_MONOTONIC, &before);
        sillok_ingest_free(in);
        clock_gettime(CLOCK_MONOTONIC, &after);
        assert_true(after.tv_sec - before.tv_sec < 20);
        restore_input(end, saved);
    }
    sillok_store_close(store);
    free(tree);
    support_remove(folder);
}

/* --- the line --- */

static int wants, n_studied;

static int say_wants(struct sillok_store *s)
{
    (void)s;
    return wants;
}

static int count_study(struct sillok_store *s, struct store_item *const *items, size_t n)
{
    (void)s, (void)items, (void)n;
    n_studied++;
    wants = 0;
    return 0;
}

/* How long the line is when the feeder has no more to do. */
static size_t line_at_rest(struct ahead *a)
{
    for (;;) {
        pthread_mutex_lock(&a->lock);
        const int is_feeding = a->is_feeding;
        const size_t n = a->line.n;
        pthread_mutex_unlock(&a->lock);
        if (!is_feeding)
            return n;
        const struct timespec nap = { .tv_nsec = 1000000 };
        nanosleep(&nap, NULL);
    }
}

/* Take the first chunk: its files, and whether it is the last of its crawl. */
static size_t take(struct ahead *a, int later, int *last)
{
    struct chunk *c;
    assert_ok(ahead_take(a, later, &c));
    assert_non_null(c);
    const size_t n = c->n;
    *last = c->last_of_crawl;
    ahead_give_back(a, c);
    return n;
}

/* The feeder goes on by itself until the line is full. When the store is to learn, that waits
 * until all of the line is taken, and then what follows is laid out as ever. */
static void the_line_is_laid_out_and_put_off(void **state)
{
    enum { CHUNKS = 16, FILES = CHUNKS * CHUNK_FOLDERS };
    (void)state;
    char *folder = support_folder(), *tree = make_tree(folder, FILES);
    struct sillok_store *store = support_store(folder);
    struct store_ops ops = *store->ops;
    const struct store_ops *real = store->ops;
    const struct sillok_ingest_options options = { .jobs = 2,
                                                   .profile =
                                                       sillok_profile_builtin("naver") };
    struct ahead a;
    struct events out;
    size_t n = 0;
    int last = 0;
    ops.wants_study = say_wants;
    ops.study = count_study;
    store->ops = &ops;
    wants = n_studied = 0;
    events_init(&out);
    assert_ok(ops.lock(store));
    assert_ok(ahead_init(&a, store, &options, NULL, &out));
    assert_ok(feed_add(&a.feed, tree));
    assert_int_equal(ahead_fill(&a, 0), 1);
    const size_t full = line_at_rest(&a);
    assert_in_range(full, 3, CHUNKS / 4);
    n += take(&a, 0, &last);
    assert_int_equal(last, 0);
    assert_int_equal(line_at_rest(&a),
                     full); /* for the one that was taken came another */

    wants = STUDY_AGAIN;
    assert_int_equal(ahead_fill(&a, 0), AHEAD_FIRST_COMMIT);
    for (size_t i = 0; i < full; i++) {
        n += take(&a, 1, &last);
        assert_int_equal(last, 0);
    }
    assert_true(ahead_is_empty(&a));
    assert_int_equal(ahead_fill(&a, 1), AHEAD_FIRST_COMMIT); /* a batch is open */
    assert_int_equal(n_studied, 0);
    assert_int_equal(ahead_fill(&a, 0), 1);
    assert_int_equal(n_studied, 1);
    int r;
    while ((r = ahead_fill(&a, 0)) == 1 || !ahead_is_empty(&a)) {
        assert_int_equal(last, 0);
        n += take(&a, 0, &last);
    }
    assert_int_equal(r, 0);
    assert_int_equal(last, 1);
    assert_int_equal(n, FILES);
    assert_int_equal(n_studied, 1);
    ahead_release(&a);
    events_release(&out);
    store->ops = real;
    sillok_store_close(store);
    free(tree);
    support_remove(folder);
}

/* Given up with a line that is full, and with one that is not. */
static void a_line_is_given_up(void **state)
{
    (void)state;
    char *folder = support_folder(), *tree = make_tree(folder, 16 * CHUNK_FOLDERS);
    struct sillok_store *store = support_store(folder);
    for (int waits = 0; waits < 2; waits++) {
        const struct sillok_ingest_options options = {
            .dry_run = 1, .profile = sillok_profile_builtin("naver")
        };
        struct ahead a;
        struct events out;
        events_init(&out);
        assert_ok(ahead_init(&a, store, &options, NULL, &out));
        assert_ok(feed_add(&a.feed, tree));
        assert_int_equal(ahead_fill(&a, 0), 1);
        if (waits)
            assert_in_range(line_at_rest(&a), 3, 16);
        ahead_release(&a);
        events_release(&out);
    }
    sillok_store_close(store);
    free(tree);
    support_remove(folder);
}

static void a_path_that_comes_late_is_refused(void **state)
{
    char *folder = support_folder();
    struct sillok_store *store = support_store(folder);
    struct sillok_ingest *in;
    struct sillok_ingest_event e;
    (void)state;
    assert_ok(sillok_ingest_new(&in, store, NULL));
    assert_ok(sillok_ingest_add(in, folder));
    assert_int_equal(sillok_ingest_next(in, &e), 1);
    assert_int_equal(sillok_ingest_add(in, folder), SILLOK_EINVALID);
    sillok_ingest_free(in);
    sillok_store_close(store);
    support_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chunk_that_is_cut_keeps_its_place),
        cmocka_unit_test(a_source_that_stalls_is_given_up),
        cmocka_unit_test(the_line_is_laid_out_and_put_off),
        cmocka_unit_test(a_line_is_given_up),
        cmocka_unit_test(a_path_that_comes_late_is_refused),
    };
    return cmocka_run_group_tests_name("ahead", tests, NULL, NULL);
}
