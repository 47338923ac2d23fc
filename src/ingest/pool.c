#include "ingest/pool.h"

#include "base/fail.h"
#include "base/thread.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct member {
    struct pool *pool;
    pthread_t thread;
    int number;
};

struct pool {
    pthread_mutex_t lock;
    pthread_cond_t work, done;
    void *ctx;
    struct pool_task *first; /* those of which something may be left to take */
    int stop, n;
    struct member members[];
};

/* There is nothing left of it: no other thread need come. */
static void leave_line(struct pool *p, struct pool_task *t)
{
    struct pool_task **at = &p->first;
    while (*at != t)
        at = &(*at)->next;
    *at = t->next;
    t->ended = 1;
}

static void *member_run(void *arg)
{
    struct member *m = arg;
    struct pool *p = m->pool;
    pthread_mutex_lock(&p->lock);
    while (!p->stop) {
        struct pool_task *t = p->first;
        if (!t) {
            pthread_cond_wait(&p->work, &p->lock);
            continue;
        }
        t->busy++;
        pthread_mutex_unlock(&p->lock);
        t->fn(p->ctx, t->arg, m->number);
        pthread_mutex_lock(&p->lock);
        if (!t->ended)
            leave_line(p, t);
        if (--t->busy == 0)
            pthread_cond_signal(&p->done);
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

int pool_new(struct pool **out, int n_threads, void *ctx)
{
    struct pool *p = calloc(1, sizeof(*p) + (size_t)n_threads * sizeof(p->members[0]));
    if (!p)
        return fail_memory();
    p->ctx = ctx;
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->work, NULL);
    pthread_cond_init(&p->done, NULL);
    int r = 0;
    for (; p->n < n_threads && r == 0; p->n += r == 0) {
        p->members[p->n].pool = p;
        p->members[p->n].number = p->n;
        r = thread_start(&p->members[p->n].thread, member_run, &p->members[p->n]);
    }
    if (p->n == 0) {
        pool_free(p);
        return fail(r == EAGAIN ? SILLOK_ENOMEM : SILLOK_EIO, "cannot start a thread: %s",
                    r == EAGAIN ? "no memory for it, or too many" : strerror(r));
    }
    *out = p; /* fewer threads than asked for only take longer */
    return 0;
}

void pool_free(struct pool *p)
{
    if (!p)
        return;
    pthread_mutex_lock(&p->lock);
    p->stop = 1;
    pthread_cond_broadcast(&p->work);
    pthread_mutex_unlock(&p->lock);
    for (int i = 0; i < p->n; i++)
        pthread_join(p->members[i].thread, NULL);
    pthread_mutex_destroy(&p->lock);
    pthread_cond_destroy(&p->work);
    pthread_cond_destroy(&p->done);
    free(p);
}

static void add_at(struct pool *p, struct pool_task **at, struct pool_task *t)
{
    t->busy = t->ended = 0;
    t->next = *at;
    *at = t;
    pthread_cond_broadcast(&p->work);
}

void pool_add(struct pool *p, struct pool_task *t)
{
    pthread_mutex_lock(&p->lock);
    struct pool_task **at = &p->first;
    while (*at)
        at = &(*at)->next;
    add_at(p, at, t);
    pthread_mutex_unlock(&p->lock);
}

void pool_add_first(struct pool *p, struct pool_task *t)
{
    pthread_mutex_lock(&p->lock);
    add_at(p, &p->first, t);
    pthread_mutex_unlock(&p->lock);
}

static int is_done(const struct pool_task *t)
{
    return t->ended && !t->busy;
}

void pool_wait(struct pool *p, const struct pool_task *t)
{
    pthread_mutex_lock(&p->lock);
    while (!is_done(t))
        pthread_cond_wait(&p->done, &p->lock);
    pthread_mutex_unlock(&p->lock);
}
