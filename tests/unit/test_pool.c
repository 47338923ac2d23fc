/* The line of tasks that threads go through: no thread waits for what another is at. */
#include "support.h"

#include "ingest/pool.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

enum { WAIT_S = 20 };

/* 0; -1: nobody came. */
static int down(sem_t *s)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += WAIT_S;
    int r;
    do
        r = sem_timedwait(s, &until);
    while (r < 0 && errno == EINTR);
    return r;
}

struct work {
    sem_t begun, go, ended;
    atomic_int n_left; /* to be taken; the first one waits for `go` */
    atomic_int order;  /* in which it was begun */
};

static atomic_int n_begun, n_wrong; /* no assertion on another thread than cmocka's */

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
    if (ctx != &n_begun || thread < 0 || thread > 1)
        atomic_fetch_add(&n_wrong, 1);
    if (atomic_fetch_sub(&w->n_left, 1) <= 0)
        return;
    atomic_store(&w->order, atomic_fetch_add(&n_begun, 1) + 1);
    sem_post(&w->begun);
    if (down(&w->go) < 0)
        atomic_fetch_add(&n_wrong, 1);
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
    assert_int_equal(down(&b.ended), 0);
    assert_int_equal(down(&a.begun), 0);
    assert_int_equal(sem_trywait(&a.ended), -1);
    sem_post(&a.go);
    pool_wait(p, &first);
    assert_int_equal(down(&a.ended), 0);
    pool_free(p);
    assert_int_equal(atomic_load(&n_wrong), 0);
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
    assert_int_equal(down(&w[0].begun), 0);
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
    assert_int_equal(down(&a.begun), 0);
    pool_add(p, &second); /* begun or not */
    assert_int_equal(pthread_create(&other, NULL, let_go, &a), 0);
    pool_free(p);
    assert_int_equal(sem_trywait(&a.ended), 0);
    pthread_join(other, NULL);
}

static void look_at_signals(void *ctx, void *arg, int thread)
{
    sigset_t blocked;
    (void)ctx, (void)thread;
    if (pthread_sigmask(SIG_SETMASK, NULL, &blocked) == 0)
        *(int *)arg =
            sigismember(&blocked, SIGINT) == 1 && sigismember(&blocked, SIGTERM) == 1 &&
            sigismember(&blocked, SIGBUS) == 0 && sigismember(&blocked, SIGSEGV) == 0;
}

/* A user's signals are for the program's own thread. A page of a map that is gone is told
 * by whoever touches it. */
static void threads_take_the_signals_of_their_own_doing(void **state)
{
    int right = 0;
    struct pool *p;
    struct pool_task t = { .fn = look_at_signals, .arg = &right };
    (void)state;
    assert_ok(pool_new(&p, 1, NULL));
    pool_add(p, &t);
    pool_wait(p, &t);
    assert_int_equal(right, 1);
    pool_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_thread_waits_for_another),
        cmocka_unit_test(what_is_put_first_is_begun_first),
        cmocka_unit_test(the_end_comes_after_what_was_begun),
        cmocka_unit_test(threads_take_the_signals_of_their_own_doing),
    };
    return cmocka_run_group_tests_name("pool", tests, NULL, NULL);
}
