#include "ingest/classify.h"

#include <stdatomic.h>
#include <stdlib.h>

enum { STEPS_AT_ONCE = 1024 };

struct steps {
    const struct store_step *list;
    struct buf *rows;
    size_t n;
    atomic_size_t next;
    atomic_int failed;
};

static void make_classes(void *ctx, void *arg, int thread)
{
    struct ahead *a = ctx;
    struct steps *s = arg;
    stages_start(a->options.timings ? &a->stages[thread] : NULL);
    struct store_worker *w = a->workers[thread].worker;
    int r = a->ops->worker_begin(w);
    while (r == 0 && !atomic_load(&s->failed)) {
        const size_t i = atomic_fetch_add(&s->next, 1);
        if (i >= s->n)
            break;
        r = a->ops->class_make(w, &s->list[i], &s->rows[i]);
    }
    a->ops->worker_end(w);
    stages_stop();
    if (r < 0)
        atomic_store(&s->failed, r);
}

static int classify(struct ahead *a, const struct store_step *list, size_t n)
{
    struct steps s = { .list = list, .n = n };
    struct pool_task task = { .fn = make_classes, .arg = &s };
    s.rows = calloc(n, sizeof(*s.rows));
    if (!s.rows)
        return fail_memory();
    for (size_t i = 0; i < n; i++)
        buf_init(&s.rows[i], BUF_CEILING);
    pool_add(a->pool, &task);
    pool_wait(a->pool, &task);
    int r = atomic_load(&s.failed) ? atomic_load(&s.failed) : STORE_RETRY;
    while (r == STORE_RETRY) {
        r = a->ops->class_put(a->store, list, s.rows, n);
        if (r == 0)
            r = a->ops->commit(a->store);
    }
    for (size_t i = 0; i < n; i++)
        buf_release(&s.rows[i]);
    free(s.rows);
    return r;
}

void classify_left(struct ahead *a)
{
    CLEANUP(buf_release) struct buf left = BUF_INIT;
    int r = a->ops->class_left(a->store, &left);
    const struct store_step *list = (const struct store_step *)(const void *)left.ptr;
    const size_t n = left.len / sizeof(*list);
    for (size_t i = 0; i < n && r == 0 && !source_is_stopped(&a->stop);
         i += STEPS_AT_ONCE)
        r = classify(a, list + i, n - i < STEPS_AT_ONCE ? n - i : STEPS_AT_ONCE);
    if (r < 0)
        a->ops->abort(a->store);
}
