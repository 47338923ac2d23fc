#include "ingest/ahead.h"

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

/* With the lock, or nobody feeding. */
static void start(struct ahead *a, struct chunk *c, chunk_fn *fn)
{
    set_task(c, fn);
    chunk_push(&a->line, c);
    pool_add(a->pool, &c->task);
}

static int take_spare(struct ahead *a, struct chunk **out)
{
    pthread_mutex_lock(&a->lock);
    *out = chunk_pop(&a->spare);
    pthread_mutex_unlock(&a->lock);
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

/* What feed_fill() said of @p c, which is NULL where that is no memory. Is there more to do? */
static int pass_on(struct ahead *a, struct chunk *c, int r)
{
    if (r != 1 && c)
        ahead_give_back(a, c);
    pthread_mutex_lock(&a->lock);
    if (r == 1)
        start(a, c, a->fn);
    const int moved = events_move(&a->heard, &a->told);
    failure_keep(&a->fed, moved < 0 ? moved : r);
    const int goes_on = a->fed.code == 1 && a->line.n < a->most;
    a->is_feeding = goes_on;
    pthread_cond_signal(&a->came);
    pthread_mutex_unlock(&a->lock);
    return goes_on;
}

static int feed_one(struct ahead *a)
{
    struct chunk *c = NULL;
    const int before = stage_enter(STAGE_SCAN);
    int r = take_spare(a, &c);
    if (r == 0)
        r = feed_fill(&a->feed, c);
    stage_leave(before); /* what was measured is whole when the writer hears of it */
    return pass_on(a, c, r);
}

static void feed(void *ctx, void *arg, int thread)
{
    struct ahead *a = ctx;
    (void)arg, (void)thread;
    stages_start(a->options.timings ? &a->stages[MAX_JOBS] : NULL);
    while (feed_one(a))
        ;
    stages_stop();
}

/* With the lock: somebody feeds, or there is no use in it. */
static void feed_on(struct ahead *a)
{
    if (a->is_feeding || a->line.n >= a->most || a->fed.code != 1)
        return;
    a->is_feeding = 1;
    if (a->feeding.fn) /* it has nothing to do but to return */
        pool_wait(a->feeder, &a->feeding);
    a->feeding = (struct pool_task){ .fn = feed };
    pool_add(a->feeder, &a->feeding);
}

/* Lay out chunks for @p fn, at most @p most, and wait until there are @p least, or there is
 * nothing left. What ahead_fill() says of it. */
static int lay_out(struct ahead *a, chunk_fn *fn, size_t least, size_t most)
{
    const int before = stage_enter(STAGE_WAIT);
    pthread_mutex_lock(&a->lock);
    a->fn = fn;
    a->most = most;
    if (a->fed.code == SOURCE_LATER)
        a->fed.code = 1;
    feed_on(a);
    while (a->is_feeding && a->line.n < least)
        pthread_cond_wait(&a->came, &a->lock);
    const int fed = a->fed.code, is_enough = a->line.n >= least;
    const int moved = events_move(&a->told, a->out);
    pthread_mutex_unlock(&a->lock);
    stage_leave(before);
    if (moved < 0)
        return moved;
    if (fed < 0)
        return failure_tell(&a->fed);
    return is_enough ? 1 : fed;
}

/* The feeder is to rest behind the chunk it is at. */
static void let_rest(struct ahead *a)
{
    pthread_mutex_lock(&a->lock);
    a->most = 0;
    pthread_mutex_unlock(&a->lock);
}

/* And does: the line is the writer's. */
static void wait_for_rest(struct ahead *a)
{
    const int before = stage_enter(STAGE_WAIT);
    pthread_mutex_lock(&a->lock);
    while (a->is_feeding)
        pthread_cond_wait(&a->came, &a->lock);
    pthread_mutex_unlock(&a->lock);
    stage_leave(before);
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
    int r = lay_out(a, chunk_parse, LEARN_CHUNKS + 1, LEARN_CHUNKS + 1);
    wait_for_rest(a); /* which it does, with that many */
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
        /* It takes the threads, and a batch of its own. */
        let_rest(a);
        if (batch_is_open || !ahead_is_empty(a))
            return AHEAD_FIRST_COMMIT;
        wait_for_rest(a);
        if (!ahead_is_empty(a))
            return AHEAD_FIRST_COMMIT;
        r = learn(a);
        a->has_learned |= r != SOURCE_LATER;
    }
    return r == 1 ? lay_out(a, chunk_work, 2, AHEAD_CHUNKS) : r;
}

int ahead_is_empty(struct ahead *a)
{
    pthread_mutex_lock(&a->lock);
    const int is = a->line.n == 0;
    pthread_mutex_unlock(&a->lock);
    return is;
}

int ahead_take(struct ahead *a, int later, struct chunk **out)
{
    struct chunk *rest;
    pthread_mutex_lock(&a->lock);
    struct chunk *c = chunk_pop(&a->line);
    pthread_mutex_unlock(&a->lock);
    *out = NULL;
    if (!c)
        return 0;
    const int r = wait_for(a, c, &rest);
    if (r < 0) {
        chunk_free(rest, a->ops);
        chunk_free(c, a->ops);
        return r;
    }
    pthread_mutex_lock(&a->lock);
    if (rest) {
        set_task(rest, chunk_work);
        chunk_push_first(&a->line, rest);
        pool_add_first(a->pool, &rest->task);
    }
    const struct chunk *next = a->line.first;
    c->last_of_crawl = next ? strcmp(next->crawl, c->crawl) != 0 : !later;
    feed_on(a);
    pthread_mutex_unlock(&a->lock);
    *out = c;
    return 0;
}

void ahead_give_back(struct ahead *a, struct chunk *c)
{
    chunk_clear(c, a->ops);
    pthread_mutex_lock(&a->lock);
    chunk_push(&a->spare, c);
    pthread_mutex_unlock(&a->lock);
}

/* --- life --- */

static int worker_init(struct ahead *a, struct chunk_worker *w, struct statcache *cache)
{
    w->store = a->store;
    w->ops = a->ops;
    w->limit_bytes = a->store->limits.file_bytes;
    w->cache = cache;
    w->asks_cache = !a->options.no_cache;
    w->meets_settled = 1;
    w->follows = a->options.follow;
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
    a->fed.code = 1;
    pthread_mutex_init(&a->lock, NULL);
    pthread_cond_init(&a->came, NULL);
    events_init(&a->heard);
    events_init(&a->told);
    int r = feed_init(&a->feed, options, &store->limits, &a->stop,
                      options->no_cache ? NULL : cache, &a->heard);
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
    if (a->feeder)
        let_rest(a); /* or it would go on until the line is full */
    pool_free(a->feeder);
    pool_free(a->pool);
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
    events_release(&a->heard);
    events_release(&a->told);
    if (a->store) {
        pthread_cond_destroy(&a->came);
        pthread_mutex_destroy(&a->lock);
    }
}
