#include "ingest/ahead.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A batch is three chunks: while it is committed, the next one is read. */
enum { AHEAD_CHUNKS = 4 };
/* Chunks that are read before the store is shown a sample: files come sorted, and what is
 * learned from the first publisher alone fits the others badly. */
enum { LEARN_CHUNKS = 4 };

/* --- the threads --- */

static void run(void *ctx, void *arg, int thread)
{
    struct ahead *a = ctx;
    struct chunk *c = arg;
    stages_start(a->options.timings ? &a->stages[thread] : NULL);
    c->fn(c, &a->workers[thread]);
    stages_stop();
}

static void set_task(struct chunk *c, chunk_fn *fn)
{
    c->fn = fn;
    c->task = (struct pool_task){ .fn = run, .arg = c };
    atomic_store(&c->next, 0);
    atomic_store(&c->kept, 0);
}

static void start(struct ahead *a, struct chunk *c, chunk_fn *fn)
{
    set_task(c, fn);
    chunk_push(&a->line, c);
    pool_add(a->pool, &c->task);
}

static int take_spare(struct ahead *a, struct chunk **out)
{
    *out = chunk_pop(&a->spare);
    return *out ? 0 : chunk_new(out);
}

/* Wait for the threads. Files are larger than was thought, perhaps: then only the first
 * ones of the chunk were taken, and the others come out as a chunk of their own. */
static int wait_for(struct ahead *a, struct chunk *c, struct chunk **rest)
{
    *rest = NULL;
    const int before = stage_enter(STAGE_WAIT);
    pool_wait(a->pool, &c->task);
    stage_leave(before);
    chunk_drop_folders(c);
    if (atomic_load(&c->next) >= c->n)
        return 0;
    int r = take_spare(a, rest);
    if (r == 0 && !((*rest)->crawl = strdup(c->crawl)))
        r = fail_memory();
    if (r == 0)
        chunk_rest(c, *rest);
    return r;
}

/* --- the feeder --- */

static void feed(void *ctx, void *arg, int thread)
{
    struct ahead *a = ctx;
    (void)arg, (void)thread;
    stages_start(a->options.timings ? &a->stages[MAX_JOBS] : NULL);
    (void)stage_enter(STAGE_SCAN);
    a->fed_r = feed_fill(&a->feed, a->fed);
    stages_stop();
    if (a->fed_r < 0) /* messages are the thread's own */
        snprintf(a->fed_why, sizeof(a->fed_why), "%s", sillok_error_message());
}

static int begin_feeding(struct ahead *a)
{
    const int r = take_spare(a, &a->fed);
    if (r < 0)
        return r;
    a->feeding = (struct pool_task){ .fn = feed };
    pool_add(a->feeder, &a->feeding);
    return 0;
}

/* Lay out one chunk more, if need be wait for it. */
static int read_on(struct ahead *a, chunk_fn *fn)
{
    if (a->has_ended)
        return 0;
    int r = a->fed ? 0 : begin_feeding(a);
    if (r < 0)
        return r;
    const int before = stage_enter(STAGE_WAIT);
    pool_wait(a->feeder, &a->feeding);
    stage_leave(before);
    struct chunk *c = STEAL(a->fed);
    const int fed = a->fed_r;
    if (fed == 1)
        start(a, c, fn);
    else
        ahead_give_back(a, c);
    a->has_ended = fed == 0;
    r = events_move(&a->told, a->out);
    if (r == 0 && fed < 0)
        r = fail(fed, "%s", a->fed_why);
    if (r == 0 && fed == 1 && a->line.n < AHEAD_CHUNKS)
        r = begin_feeding(a);
    return r < 0 ? r : fed;
}

/* --- learning --- */

/* For the first time once in a run: there may be too few. */
static int has_to_learn(const struct ahead *a)
{
    if (a->options.dry_run || a->options.bulk)
        return 0;
    const int wants = a->ops->wants_study(a->store);
    return wants == STUDY_AGAIN || (wants == STUDY_FIRST && !a->has_learned);
}

/* The items of the first chunks, mixed. */
static int show_sample(struct ahead *a)
{
    size_t n = 0;
    struct store_item **items =
        calloc((size_t)LEARN_CHUNKS * CHUNK_FILES, sizeof(*items));
    if (!items)
        return fail_memory();
    for (size_t i = 0; i < CHUNK_FILES; i++) {
        struct chunk *c = a->line.first;
        for (int k = 0; c && k < LEARN_CHUNKS; k++, c = c->link)
            if (i < c->n && c->jobs[i].state == JOB_READ)
                items[n++] = &c->jobs[i].item;
    }
    int r = a->ops->begin(a->store, a->line.first->crawl);
    if (r == 0)
        r = a->ops->study(a->store, items, n);
    if (r == 0)
        r = a->ops->commit(a->store);
    free(items);
    return r == STORE_RETRY ? 0 : r; /* to learn is no duty */
}

/* While the store still has to learn what these texts are like: read some, let it learn,
 * with the threads at one chunk more meanwhile. SOURCE_LATER: there are too few so far.
 */
static int learn(struct ahead *a)
{
    int r = 1, n = 0;
    while (r == 1 && n++ <= LEARN_CHUNKS)
        r = read_on(a, chunk_parse);
    struct chunk *c = a->line.first;
    for (int i = 0; c && i < LEARN_CHUNKS; i++, c = c->link)
        pool_wait(a->pool, &c->task);
    if (r >= 0 && r != SOURCE_LATER && a->line.n) {
        const int rr = show_sample(a);
        r = rr < 0 ? rr : r;
    }
    struct chunk_list parsed = a->line;
    a->line = (struct chunk_list){ 0 };
    while ((c = chunk_pop(&parsed))) {
        struct chunk *rest;
        const int rr = wait_for(a, c, &rest);
        start(a, c, chunk_prepare);
        if (rr == 0 && rest)
            start(a, rest, chunk_work);
        else if (rest)
            chunk_free(rest, a->ops);
        r = rr < 0 ? rr : r;
    }
    return r;
}

/* --- the line --- */

int ahead_fill(struct ahead *a, int batch_is_open)
{
    int r = 1;
    if (has_to_learn(a)) {
        if (a->line.n || batch_is_open)
            return SOURCE_LATER; /* it takes the threads, and a batch of its own */
        r = learn(a);
        a->has_learned |= r != SOURCE_LATER;
    }
    while (r == 1 && (a->line.n < 2 || (a->fed && pool_is_done(a->feeder, &a->feeding))))
        r = read_on(a, chunk_work);
    if (r == 1 && !a->fed && a->line.n < AHEAD_CHUNKS)
        if ((r = begin_feeding(a)) == 0)
            r = 1;
    return r;
}

int ahead_take(struct ahead *a, int later, struct chunk **out)
{
    struct chunk *rest, *c = chunk_pop(&a->line);
    *out = NULL;
    if (!c)
        return 0;
    const int r = wait_for(a, c, &rest);
    if (r < 0) {
        chunk_free(rest, a->ops);
        chunk_free(c, a->ops);
        return r;
    }
    if (rest) {
        set_task(rest, chunk_work);
        chunk_push_first(&a->line, rest);
        pool_add_first(a->pool, &rest->task);
    }
    const struct chunk *next = a->line.first;
    c->last_of_crawl = next ? strcmp(next->crawl, c->crawl) != 0 : !later;
    *out = c;
    return 0;
}

void ahead_give_back(struct ahead *a, struct chunk *c)
{
    chunk_clear(c, a->ops);
    chunk_push(&a->spare, c);
}

/* --- life --- */

static int worker_init(struct ahead *a, struct chunk_worker *w, struct statcache *cache)
{
    w->store = a->store;
    w->ops = a->ops;
    w->limit_bytes = a->store->limits.file_bytes;
    w->cache = cache;
    w->asks_cache = !a->options.no_cache;
    buf_init(&w->rendered, BUF_CEILING);
    buf_init(&w->file, BUF_CEILING);
    const int r = reader_new(&w->reader, a->options.profile, &a->store->limits);
    return r < 0 ? r : a->ops->worker_new(a->store, a->options.bulk, &w->worker);
}

static int n_jobs(const struct sillok_ingest_options *o)
{
    const long n = o->jobs > 0 ? o->jobs : sysconf(_SC_NPROCESSORS_ONLN);
    return n < 1 ? 1 : n > MAX_JOBS ? MAX_JOBS : (int)n;
}

int ahead_init(struct ahead *a, struct sillok_store *store,
               const struct sillok_ingest_options *options, struct statcache *cache,
               struct events *out)
{
    *a = (struct ahead){
        .store = store, .ops = store->ops, .options = *options, .out = out
    };
    a->stop.asked = options->stop;
    events_init(&a->told);
    int r = feed_init(&a->feed, options, &store->limits, &a->stop,
                      options->no_cache ? NULL : cache, &a->told);
    for (int n = n_jobs(options); a->n_workers < n && r == 0; a->n_workers++)
        r = worker_init(a, &a->workers[a->n_workers], cache);
    if (r == 0)
        r = pool_new(&a->pool, a->n_workers, a);
    return r < 0 ? r : pool_new(&a->feeder, 1, a);
}

static void free_list(struct ahead *a, struct chunk_list *l)
{
    for (struct chunk *c; (c = chunk_pop(l));)
        chunk_free(c, a->ops);
}

void ahead_release(struct ahead *a)
{
    atomic_store(&a->stop.given_up, 1);
    pool_free(a->feeder);
    pool_free(a->pool);
    chunk_free(a->fed, a->ops);
    free_list(a, &a->line);
    free_list(a, &a->spare);
    for (int i = 0; i < a->n_workers; i++) {
        reader_free(a->workers[i].reader);
        a->ops->worker_free(a->workers[i].worker);
        buf_release(&a->workers[i].rendered);
        buf_release(&a->workers[i].file);
        pieces_release(&a->workers[i].texts);
    }
    feed_release(&a->feed);
    events_release(&a->told);
}
