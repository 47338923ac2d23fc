/*
 * What is read ahead of the writer: chunks keep their order, sources that stall are given
 * up, and nothing that was told is in no batch.
 */
#include "support.h"

#include "ingest/chunk.h"

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

/* Whoever gives up an ingest does not wait for what a pipe brings: before it says what it
 * is, in a tar, in a line. So many folders that there is something to write meanwhile. */
static void a_source_that_stalls_is_given_up(void **state)
{
    static const char *const begins[] = { "", "001_1.md", "{\"oid\": \"001\"" };
    enum { FOLDERS = 3 * CHUNK_FOLDERS - 1 };
    (void)state;
    char *folder = support_folder(), *tree = support_path(folder, "tree");
    assert_int_equal(mkdir(tree, 0700), 0);
    for (int i = 0; i < FOLDERS; i++) {
        char name[16];
        snprintf(name, sizeof(name), "%d", i);
        char *below = support_path(tree, name), *path = support_path(below, "1.md");
        assert_int_equal(mkdir(below, 0700), 0);
        support_write(path, "x", 1);
        free(path);
        free(below);
    }
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
        cmocka_unit_test(a_path_that_comes_late_is_refused),
    };
    return cmocka_run_group_tests_name("ahead", tests, NULL, NULL);
}
