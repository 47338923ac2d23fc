/*
 * The line of tasks that reading threads go through, and what an ingest makes of it: no
 * thread waits for another one's chunk, and still all is written in its order.
 */
#include "support.h"

#include "ingest/pool.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

enum { WAIT_S = 20 };

static void down(sem_t *s)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += WAIT_S;
    int r;
    do
        r = sem_timedwait(s, &until);
    while (r < 0 && errno == EINTR);
    assert_int_equal(r, 0);
}

struct work {
    sem_t begun, go, ended;
    atomic_int n_left; /* to be taken; the first one waits for `go` */
    atomic_int order;  /* in which it was begun */
};

static atomic_int n_begun;

static void work_init(struct work *w, int n, int goes)
{
    memset(w, 0, sizeof(*w));
    atomic_store(&w->n_left, n);
    sem_init(&w->begun, 0, 0);
    sem_init(&w->go, 0, (unsigned)goes);
    sem_init(&w->ended, 0, 0);
}

static void work(void *ctx, void *arg, int thread)
{
    struct work *w = arg;
    assert_ptr_equal(ctx, &n_begun);
    assert_in_range(thread, 0, 1);
    if (atomic_fetch_sub(&w->n_left, 1) <= 0)
        return;
    atomic_store(&w->order, atomic_fetch_add(&n_begun, 1) + 1);
    sem_post(&w->begun);
    down(&w->go);
    sem_post(&w->ended);
}

static void no_thread_waits_for_another(void **state)
{
    struct pool *p;
    struct work a, b;
    struct pool_task first = { .fn = work, .arg = &a },
                     second = { .fn = work, .arg = &b };
    (void)state;
    assert_ok(pool_new(&p, 2, &n_begun));
    work_init(&a, 1, 0);
    work_init(&b, 1, 1);
    pool_add(p, &first);
    pool_add(p, &second);
    pool_wait(p, &second); /* while one thread is still at the first */
    down(&b.ended);
    down(&a.begun);
    assert_int_equal(sem_trywait(&a.ended), -1);
    sem_post(&a.go);
    pool_wait(p, &first);
    down(&a.ended);
    pool_free(p);
}

static void what_is_put_first_is_begun_first(void **state)
{
    struct pool *p;
    struct work w[3];
    struct pool_task t[3];
    (void)state;
    atomic_store(&n_begun, 0);
    assert_ok(pool_new(&p, 1, &n_begun));
    for (int i = 0; i < 3; i++) {
        work_init(&w[i], 1, i != 0);
        t[i] = (struct pool_task){ .fn = work, .arg = &w[i] };
    }
    pool_add(p, &t[0]);
    down(&w[0].begun);
    pool_add(p, &t[1]);
    pool_add_first(p, &t[2]);
    sem_post(&w[0].go);
    for (int i = 0; i < 3; i++)
        pool_wait(p, &t[i]);
    assert_int_equal(atomic_load(&w[0].order), 1);
    assert_int_equal(atomic_load(&w[2].order), 2);
    assert_int_equal(atomic_load(&w[1].order), 3);
    pool_free(p);
}

static void *let_go(void *arg)
{
    sem_post(&((struct work *)arg)->go);
    return NULL;
}

static void the_end_comes_after_what_was_begun(void **state)
{
    struct pool *p;
    struct work a, b;
    struct pool_task first = { .fn = work, .arg = &a },
                     second = { .fn = work, .arg = &b };
    pthread_t other;
    (void)state;
    assert_ok(pool_new(&p, 1, &n_begun));
    work_init(&a, 1, 0);
    work_init(&b, 1, 1);
    pool_add(p, &first);
    down(&a.begun);
    pool_add(p, &second); /* begun or not */
    assert_int_equal(pthread_create(&other, NULL, let_go, &a), 0);
    pool_free(p);
    assert_int_equal(sem_trywait(&a.ended), 0);
    pthread_join(other, NULL);
}

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
    assert_ok(sillok_ingest_new(&in, store, NULL));
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_thread_waits_for_another),
        cmocka_unit_test(what_is_put_first_is_begun_first),
        cmocka_unit_test(the_end_comes_after_what_was_begun),
        cmocka_unit_test(a_chunk_that_is_cut_keeps_its_place),
    };
    return cmocka_run_group_tests_name("pool", tests, NULL, NULL);
}
