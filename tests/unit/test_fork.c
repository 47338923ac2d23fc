/*
 * What a child has of its parent at fork(): it can close all of it, nothing of that is the
 * parent's loss, and it cannot go on with it.
 */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* One work of several steps in the parent. */
struct work {
    struct sillok_store *store;
    struct sillok_copy *copy;
    struct sillok_salvage *salvage;
    struct sillok_ingest *ingest;
};

static int step(struct work *w)
{
    struct sillok_copy_event copied;
    struct sillok_salvage_event saved;
    struct sillok_ingest_event taken;
    return w->copy      ? sillok_copy_next(w->copy, &copied)
           : w->salvage ? sillok_salvage_next(w->salvage, &saved)
                        : sillok_ingest_next(w->ingest, &taken);
}

static void close_all(struct work *w)
{
    sillok_copy_close(w->copy);
    sillok_salvage_close(w->salvage);
    sillok_ingest_free(w->ingest);
    sillok_store_close(w->store);
}

static void close_in_a_child(struct work *w)
{
    int status;
    const pid_t child = fork();
    if (child == 0) {
        alarm(20); /* it would wait for threads that only the parent has */
        const int is_refused = step(w) == SILLOK_ERR &&
                               strstr(sillok_error_message(), "after fork()") != NULL;
        close_all(w);
        _exit(is_refused ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* A child after each step that the work has, and the work is done all the same. */
static void go_through(struct work *w)
{
    int r;
    close_in_a_child(w);
    while ((r = step(w)) > 0)
        close_in_a_child(w);
    if (r < 0)
        fail_msg("%d: %s", r, sillok_error_message());
    close_all(w);
}

static void is_whole(const char *path)
{
    struct sillok_store *store;
    struct sillok_stats stats;
    assert_ok(sillok_store_open(&store, path, NULL));
    assert_ok(sillok_store_stats(store, &stats));
    assert_int_equal(stats.articles, 3);
    assert_int_equal(support_verify(store), 0);
    sillok_store_close(store);
}

/* Files of a crawl in a folder CRAWL below @p folder; its path. */
static char *make_crawl(const char *folder)
{
    static const char *const bodies[] = { "다리를 새로 놓는다.", "It opens in May.",
                                          "시장은 토요일에 선다." };
    char *crawl = support_path(folder, "mon");
    assert_int_equal(mkdir(crawl, 0700), 0);
    for (int i = 0; i < 3; i++) {
        CLEANUP(buf_release) struct buf text = BUF_INIT;
        char aid[2] = { (char)('1' + i), '\0' }, name[12];
        const struct support_file f = { "001",  aid,       "2026-01-05 03:00:00",
                                        "소식", bodies[i], 0,
                                        NULL };
        snprintf(name, sizeof(name), "mon/%d.md", i);
        char *path = support_path(folder, name);
        support_crawl_file(&text, &f);
        support_write(path, text.ptr, text.len);
        free(path);
    }
    return crawl;
}

static void a_child_takes_nothing_from_its_parent(void **state)
{
    (void)state;
    char *folder = support_folder(), *path = support_path(folder, "store"),
         *to = support_path(folder, "backup"), *rescued = support_path(folder, "rescued"),
         *crawl = make_crawl(folder);
    struct work w = { 0 };
    assert_ok(sillok_store_create(path));

    assert_ok(sillok_store_open(&w.store, path, NULL));
    assert_ok(sillok_ingest_new(&w.ingest, w.store, NULL));
    assert_ok(sillok_ingest_add(w.ingest, crawl));
    go_through(&w);
    is_whole(path);

    w = (struct work){ 0 };
    assert_ok(sillok_store_open(&w.store, path, NULL));
    assert_ok(sillok_backup_open(&w.copy, w.store, to));
    go_through(&w);
    is_whole(to);

    w = (struct work){ 0 };
    assert_ok(sillok_store_open(&w.store, path, NULL));
    assert_ok(sillok_compact_open(&w.copy, w.store, NULL));
    go_through(&w);
    is_whole(path);

    w = (struct work){ 0 };
    assert_ok(sillok_salvage_open(&w.salvage, path, rescued));
    go_through(&w);
    is_whole(rescued);

    free(crawl);
    free(rescued);
    free(to);
    free(path);
    support_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_child_takes_nothing_from_its_parent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
