/*
 * sources -> chunks -> reading threads -> one writer.
 *
 * The calling thread is scanner and writer: it names a chunk of files, lets the threads
 * read, parse and prepare it, and meanwhile writes the chunk before it. Chunks stay in
 * memory until the batch that they belong to is committed, so that a batch that must be
 * done again (the map was full) can be.
 *
 * What is told is true: counts move, and events go out, only when the batch behind them
 * is on disk. Refusals and skips are the exception, because they hold either way.
 */
#include "base/clock.h"
#include "base/stages.h"
#include "ingest/chunk.h"
#include "ingest/events.h"
#include "ingest/feed.h"
#include "ingest/pool.h"
#include "sillok/ingest.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BATCH_FILES = 3072, BATCH_BYTES = 16 << 20, MAX_JOBS = 64, FUTURE_S = 86400 };
/* Chunks that are read before the store is shown a sample: files come sorted, and what is
 * learned from the first publisher alone fits the others badly. */
enum { LEARN_CHUNKS = 4 };

typedef void chunk_fn(struct chunk *c, struct chunk_worker *w);

/* A chunk, and what is to be done with it. */
struct todo {
    struct chunk *chunk;
    chunk_fn *fn;
};

struct sillok_ingest {
    struct sillok_store *store;
    const struct store_ops *ops;
    struct sillok_ingest_options options;
    struct pool *pool;
    struct chunk_worker workers[MAX_JOBS];
    int n_workers;

    struct feed feed;

    struct chunk *reading;              /* the threads are at it */
    struct todo todo[LEARN_CHUNKS + 4]; /* before anything new, in order */
    int n_todo;
    struct chunk **batch; /* written, not committed */
    size_t n_batch, cap_batch;
    struct chunk **spare;
    size_t n_spare, cap_spare;

    struct events out;  /* to be given out */
    struct events held; /* hold until the batch is committed */
    struct sillok_ingest_counts total, crawl_counts; /* committed */
    struct sillok_ingest_counts open;                /* of the open batch */
    int batch_writes; /* there is something in it for the store */
    uint64_t batch_bytes;
    size_t batch_files;
    double began_s, batch_began_s, crawl_began_s;
    struct statcache *cache; /* NULL: none is to be had */
    int has_committed;       /* a batch of this run */
    uint64_t store_bytes;
    char *open_crawl;        /* of the chunk written last */
    int crawl_is_open;       /* its end was not told yet */
    int64_t now_s, began_ns; /* by the wall clock */
    int done, failed, has_waited;
    struct chunk *chunk_at_work;
    chunk_fn *fn_at_work;
    struct stages stages[MAX_JOBS + 1]; /* of each thread, the last this one's */
    int has_learned;
};

/* --- counting --- */

static void add_counts(struct sillok_ingest_counts *to,
                       const struct sillok_ingest_counts *c)
{
    to->files += c->files;
    to->observations += c->observations;
    to->already += c->already;
    to->new_articles += c->new_articles;
    to->changed += c->changed;
    to->unchanged += c->unchanged;
    to->new_bodies += c->new_bodies;
    to->known_bodies += c->known_bodies;
    to->refused += c->refused;
    to->hash_mismatch += c->hash_mismatch;
    to->conflicts += c->conflicts;
    to->skipped += c->skipped;
    to->unknown_keys += c->unknown_keys;
    to->bytes_read += c->bytes_read;
    to->bytes_stored += c->bytes_stored;
    to->unread += c->unread;
}

static int hold_note(struct sillok_ingest *in, const struct job *j, const char *message)
{
    return events_add(&in->held, SILLOK_INGEST_NOTE, "", j->item.path, message,
                      in->open_crawl, NULL);
}

static int notes(struct sillok_ingest *in, const struct job *j)
{
    const unsigned n = j->reading.notes;
    int r = 0;
    if (n & NOTE_BOM)
        r = hold_note(in, j, "begins with a byte order mark; kept");
    if (r == 0 && n & NOTE_UPPER_HASH)
        r = hold_note(in, j, "content_hash is in upper case; taken as lower case");
    if (r == 0 && n & NOTE_EMPTY_BODY)
        r = hold_note(in, j, "its body is empty");
    if (r == 0 && j->reading.article.crawled_at_s > in->now_s + FUTURE_S)
        r = hold_note(in, j, "crawled_at is more than a day in the future");
    return r;
}

static int count_mismatch(struct sillok_ingest *in, const struct job *j)
{
    char text[250], declared[SILLOK_ID_HEX_LEN + 1], computed[SILLOK_ID_HEX_LEN + 1];
    sillok_id_format(&j->reading.declared, declared);
    sillok_id_format(&j->reading.article.content_hash, computed);
    snprintf(text, sizeof(text),
             "claimed hash differs: claims %.16s..., the body is %.16s...; "
             "stored under the computed one",
             declared, computed);
    in->open.hash_mismatch++;
    return events_add(&in->held, SILLOK_INGEST_MISMATCH, "", j->item.path, text,
                      in->open_crawl, NULL);
}

static int count_conflict(struct sillok_ingest *in, const struct job *j)
{
    char text[250], at[SILLOK_TIME_LEN];
    const struct sillok_article *a = &j->reading.article;
    sillok_time_format(a->crawled_at_s, 0, at);
    snprintf(text, sizeof(text),
             "conflict: %.*s/%.*s has other content at %s; both are kept",
             (int)a->oid.len, a->oid.ptr, (int)a->aid.len, a->aid.ptr, at);
    in->open.conflicts++;
    return events_add(&in->held, SILLOK_INGEST_CONFLICT, "", j->item.path, text,
                      in->open_crawl, NULL);
}

static int count_item(struct sillok_ingest *in, const struct job *j)
{
    struct sillok_ingest_counts *c = &in->open;
    int r = 0;
    c->files++;
    c->bytes_read += j->file_bytes;
    c->unknown_keys += (j->reading.notes & NOTE_UNKNOWN_KEYS) != 0;
    if (j->item.outcome == OBS_ALREADY) {
        c->already++;
        return 0;
    }
    c->observations++;
    c->new_articles += j->item.outcome == OBS_NEW_ARTICLE;
    c->changed += j->item.outcome == OBS_CHANGED;
    c->unchanged += j->item.outcome == OBS_UNCHANGED;
    *(j->item.body_new ? &c->new_bodies : &c->known_bodies) += 1;
    if (j->item.mismatch)
        r = count_mismatch(in, j);
    if (r == 0 && j->item.conflict)
        r = count_conflict(in, j);
    return r < 0 ? r : notes(in, j);
}

static void count_unread(struct sillok_ingest *in, const struct job *j)
{
    const uint64_t flags = get_be(j->known.flags, sizeof(j->known.flags));
    in->open.files++;
    in->open.already++;
    in->open.unread++;
    in->open.bytes_read += j->file_bytes;
    in->open.unknown_keys += (flags & STATCACHE_UNKNOWN_KEYS) != 0;
}

/* --- writing --- */

static int write_refusal(struct sillok_ingest *in, struct job *j)
{
    /* What was too large or unreadable has no bytes to keep. */
    const int kept = strcmp(j->code, "too_large") != 0 &&
                     strcmp(j->code, "unreadable") != 0 &&
                     strcmp(j->code, "changed_while_read") != 0;
    const struct store_refusal refusal = {
        .path = text_make(j->path.ptr, j->path.len),
        .code = j->code,
        .reason = j->message,
        .original = kept ? text_make(j->bytes.ptr ? j->bytes.ptr : "", j->bytes.len)
                         : text_make(NULL, 0),
        .size_bytes = j->size_bytes,
    };
    int is_new;
    const int r = in->ops->refuse(in->store, &refusal, &is_new);
    if (r < 0)
        return r;
    in->open.files++;
    in->open.refused++;
    in->open.bytes_read += j->file_bytes;
    return events_add(&in->held, SILLOK_INGEST_REFUSED, j->code, refusal.path, j->message,
                      in->open_crawl, NULL);
}

static int write_job(struct sillok_ingest *in, struct job *j)
{
    struct store_item *item = &j->item;
    int r;
    switch (j->state) {
    case JOB_READ:
        r = in->ops->body_put(in->store, &item, 1);
        if (r == 0)
            r = in->ops->obs_append(in->store, &item, 1);
        if (r == SILLOK_ECONFLICT || r == SILLOK_EINVALID) {
            j->state = JOB_REFUSED;
            j->code = r == SILLOK_ECONFLICT ? "hash_collision" : "too_many_contents";
            j->size_bytes = j->file_bytes;
            snprintf(j->message, sizeof(j->message), "%s", sillok_error_message());
            /* The store takes nothing of it, so its bytes are wanted after all. */
            r = item->exact ? render_file(&j->bytes, item->article, item->form) : 0;
            return r < 0 ? r : write_refusal(in, j);
        }
        return r < 0 ? r : count_item(in, j);
    case JOB_REFUSED:
        return write_refusal(in, j);
    case JOB_UNREAD:
        count_unread(in, j);
        return 0;
    case JOB_BROKEN:
        return fail(j->rc, "%.*s: %s", (int)j->path.len, j->path.ptr, j->message);
    case JOB_TOLD:
    default:
        in->open.skipped += j->kind == ENTRY_SKIP;
        return events_add(
            &in->held,
            j->kind == ENTRY_SKIP ? SILLOK_INGEST_SKIPPED : SILLOK_INGEST_SOURCE_FAILED,
            "", text_make(j->path.ptr, j->path.len), j->message, in->open_crawl, NULL);
    }
}

static int write_chunk(struct sillok_ingest *in, struct chunk *c)
{
    const int before = stage_enter(STAGE_WRITE);
    free(in->open_crawl);
    in->open_crawl = strdup(c->crawl);
    if (!in->open_crawl)
        return fail_memory();
    int r = 0, has_begun = 0;
    for (size_t i = 0; i < c->n && r == 0; i++) {
        const int writes =
            c->jobs[i].state == JOB_READ || c->jobs[i].state == JOB_REFUSED;
        if (writes && !has_begun)
            r = in->ops->begin(in->store, c->crawl);
        has_begun |= writes;
        in->batch_writes |= writes;
        if (r == 0)
            r = write_job(in, &c->jobs[i]);
    }
    stage_leave(before);
    return r;
}

/* The batch was rolled back: what it had counted and held does not hold. */
static void forget_batch(struct sillok_ingest *in)
{
    in->open = (struct sillok_ingest_counts){ 0 };
    events_clear(&in->held);
}

/* Prepared work may name rows of the batch that is gone. */
static void unprepare(struct sillok_ingest *in, struct chunk *c)
{
    for (size_t i = 0; i < c->n; i++)
        in->ops->prepared_free(STEAL(c->jobs[i].item.prepared));
}

static int rewrite_batch(struct sillok_ingest *in)
{
    int r = STORE_RETRY;
    while (r == STORE_RETRY) {
        forget_batch(in);
        r = 0;
        for (size_t i = 0; i < in->n_batch && r == 0; i++) {
            unprepare(in, in->batch[i]);
            r = write_chunk(in, in->batch[i]);
        }
    }
    return r;
}

static int store_size(struct sillok_ingest *in, uint64_t *bytes)
{
    struct sillok_stats s;
    const int r = in->ops->stats(in->store, &s);
    *bytes = r < 0 ? 0 : s.store_bytes;
    return r;
}

static int push_chunk(struct chunk ***list, size_t *n, size_t *cap, struct chunk *c)
{
    if (*n == *cap) {
        const size_t more = *cap ? 2 * *cap : 16;
        struct chunk **grown = realloc(*list, more * sizeof(*grown));
        if (!grown)
            return fail_memory();
        *list = grown;
        *cap = more;
    }
    (*list)[(*n)++] = c;
    return 0;
}

/* What the batch holds need not be read again. Without memory it will be. */
static void remember_batch(struct sillok_ingest *in)
{
    int r = 0;
    if (!in->cache || in->options.dry_run)
        return;
    for (size_t i = 0; i < in->n_batch; i++)
        for (size_t k = 0; k < in->batch[i]->n && r == 0; k++)
            if (in->batch[i]->jobs[k].state == JOB_READ &&
                in->batch[i]->jobs[k].can_be_known)
                r = statcache_add(in->cache, &in->batch[i]->jobs[k].known);
    in->has_committed = 1;
}

static int release_batch(struct sillok_ingest *in)
{
    int r = 0;
    for (size_t i = 0; i < in->n_batch; i++) {
        chunk_clear(in->batch[i], in->ops);
        if (push_chunk(&in->spare, &in->n_spare, &in->cap_spare, in->batch[i]) < 0) {
            chunk_free(in->batch[i], in->ops);
            r = SILLOK_ENOMEM;
        }
    }
    in->n_batch = 0;
    in->batch_writes = 0;
    in->batch_bytes = 0;
    in->batch_files = 0;
    return r;
}

/* Make the batch durable; a dry run rolls it back and counts it all the same. */
static int commit(struct sillok_ingest *in)
{
    uint64_t size = in->store_bytes;
    int r = 0;
    const int before = stage_enter(STAGE_WRITE);
    if (in->options.dry_run)
        in->ops->abort(in->store);
    else
        while ((r = in->ops->commit(in->store)) == STORE_RETRY)
            if ((r = rewrite_batch(in)) < 0)
                break;
    stage_leave(before);
    if (r == 0 && !in->options.dry_run)
        r = store_size(in, &size);
    if (r < 0)
        return r;
    in->open.bytes_stored = size > in->store_bytes ? size - in->store_bytes : 0;
    in->store_bytes = size;
    add_counts(&in->total, &in->open);
    add_counts(&in->crawl_counts, &in->open);
    in->open = (struct sillok_ingest_counts){ 0 };
    in->total.seconds = clock_s() - in->began_s;
    remember_batch(in);
    r = events_move(&in->held, &in->out);
    if (r == 0)
        r = release_batch(in);
    return r < 0 ? r
                 : events_add(&in->out, SILLOK_INGEST_PROGRESS, "", text_make("", 0), "",
                              in->open_crawl, &in->total);
}

static int end_crawl(struct sillok_ingest *in)
{
    in->crawl_is_open = 0;
    in->crawl_counts.seconds = clock_s() - in->crawl_began_s;
    const int r = events_add(&in->out, SILLOK_INGEST_CRAWL_DONE, "", text_make("", 0), "",
                             in->open_crawl, &in->crawl_counts);
    in->crawl_counts = (struct sillok_ingest_counts){ 0 };
    in->crawl_began_s = clock_s();
    return r;
}

/* A crawl that was left open has ended after all. */
static int end_open_crawl(struct sillok_ingest *in)
{
    if (!in->crawl_is_open)
        return 0;
    const int r = in->n_batch ? commit(in) : 0;
    return r < 0 ? r : end_crawl(in);
}

static int write_and_commit(struct sillok_ingest *in, struct chunk *c)
{
    int r =
        in->open_crawl && strcmp(in->open_crawl, c->crawl) != 0 ? end_open_crawl(in) : 0;
    if (r == 0)
        r = push_chunk(&in->batch, &in->n_batch, &in->cap_batch, c);
    if (r < 0) {
        chunk_free(c, in->ops);
        return r;
    }
    if (in->n_batch == 1)
        in->batch_began_s = clock_s();
    const int last = c->last_of_crawl;
    in->batch_bytes += c->bytes;
    in->batch_files += c->n;
    for (size_t i = 0; i < c->n; i++)
        in->batch_bytes += c->jobs[i].kind == ENTRY_FILE ? c->jobs[i].file_bytes : 0;
    in->crawl_is_open = 1;
    r = write_chunk(in, c);
    if (r == STORE_RETRY)
        r = rewrite_batch(in);
    if (r == 0 &&
        (last || !in->batch_writes || in->batch_bytes >= BATCH_BYTES ||
         in->batch_files >= BATCH_FILES || clock_s() - in->batch_began_s > PATIENCE_S))
        r = commit(in);
    return r == 0 && last ? end_crawl(in) : r;
}

/* --- the run --- */

static void run_worker(void *ctx, int thread)
{
    struct sillok_ingest *in = ctx;
    stages_start(in->options.timings ? &in->stages[thread] : NULL);
    in->fn_at_work(in->chunk_at_work, &in->workers[thread]);
    stages_stop();
}

/* Let the threads loose on a chunk. */
static void run(struct sillok_ingest *in, struct chunk *c, chunk_fn *fn)
{
    in->fn_at_work = fn;
    in->chunk_at_work = c;
    atomic_store(&c->next, 0);
    atomic_store(&c->kept, 0);
    pool_start(in->pool, run_worker, in);
}

static int take_spare(struct sillok_ingest *in, struct chunk **out)
{
    if (!in->n_spare)
        return chunk_new(out);
    *out = in->spare[--in->n_spare];
    return 0;
}

/* 1; 0 there is none; SOURCE_LATER none for now. */
static int next_chunk(struct sillok_ingest *in, struct chunk **out)
{
    *out = NULL;
    int r = take_spare(in, out);
    if (r < 0)
        return r;
    const int before = stage_enter(STAGE_SCAN);
    r = feed_fill(&in->feed, *out);
    stage_leave(before);
    if (r != 1) {
        chunk_free(*out, in->ops);
        *out = NULL;
    }
    return r;
}

/* Does the crawl of @p c end with it? Known when the next chunk is; if that is to come
 * @p later, it is left open. */
static void mark_end(struct chunk *c, const struct chunk *next, int later)
{
    c->last_of_crawl = next ? strcmp(next->crawl, c->crawl) != 0 : !later;
}

/* --- what steps are
 * The threads find out what kind of change an observation is before it is written, where
 * they can. The steps that are left (two new versions of an article in one batch, an
 * older crawl that comes later) are looked at when everything else is on disk. */

enum { STEPS_AT_ONCE = 1024 };

struct steps {
    struct sillok_ingest *in;
    const struct store_step *list;
    struct buf *rows;
    size_t n;
    atomic_size_t next;
    atomic_int failed;
};

static void make_classes(void *ctx, int thread)
{
    struct steps *s = ctx;
    stages_start(s->in->options.timings ? &s->in->stages[thread] : NULL);
    struct store_worker *w = s->in->workers[thread].worker;
    int r = s->in->ops->worker_begin(w);
    while (r == 0 && !atomic_load(&s->failed)) {
        const size_t i = atomic_fetch_add(&s->next, 1);
        if (i >= s->n)
            break;
        r = s->in->ops->class_make(w, &s->list[i], &s->rows[i]);
    }
    s->in->ops->worker_end(w);
    stages_stop();
    if (r < 0)
        atomic_store(&s->failed, r);
}

static int classify(struct sillok_ingest *in, const struct store_step *list, size_t n)
{
    struct steps s = { .in = in, .list = list, .n = n };
    s.rows = calloc(n, sizeof(*s.rows));
    if (!s.rows)
        return fail_memory();
    for (size_t i = 0; i < n; i++)
        buf_init(&s.rows[i], BUF_CEILING);
    pool_start(in->pool, make_classes, &s);
    pool_wait(in->pool);
    int r = atomic_load(&s.failed) ? atomic_load(&s.failed) : STORE_RETRY;
    while (r == STORE_RETRY) {
        r = in->ops->class_put(in->store, list, s.rows, n);
        if (r == 0)
            r = in->ops->commit(in->store);
    }
    for (size_t i = 0; i < n; i++)
        buf_release(&s.rows[i]);
    free(s.rows);
    return r;
}

static int is_stopped(const struct sillok_ingest *in)
{
    return in->options.stop && __atomic_load_n(in->options.stop, __ATOMIC_RELAXED);
}

/* All files are in, and stay so whatever happens here: a class that is not stored is
 * computed when somebody asks. */
static void classify_left(struct sillok_ingest *in)
{
    CLEANUP(buf_release) struct buf left = BUF_INIT;
    int r = in->ops->class_left(in->store, &left);
    const struct store_step *list = (const struct store_step *)(const void *)left.ptr;
    const size_t n = left.len / sizeof(*list);
    for (size_t i = 0; i < n && r == 0 && !is_stopped(in); i += STEPS_AT_ONCE)
        r = classify(in, list + i, n - i < STEPS_AT_ONCE ? n - i : STEPS_AT_ONCE);
    if (r < 0)
        in->ops->abort(in->store);
}

/* A cache that cannot be written is none: the next run reads all. */
static void save_cache(struct sillok_ingest *in)
{
    char why[1024]; /* what is told is why the run ended, not what this meets */
    snprintf(why, sizeof(why), "%s", sillok_error_message());
    if (in->cache && in->has_committed && statcache_save(in->cache) < 0)
        (void)fail(0, "%s", why);
    in->has_committed = 0;
}

static int finish(struct sillok_ingest *in)
{
    classify_left(in);
    save_cache(in);
    in->done = 1;
    in->total.seconds = clock_s() - in->began_s;
    return events_add(&in->out, SILLOK_INGEST_DONE, "", text_make("", 0), "", "",
                      &in->total);
}

/* Wait for the threads. Files are larger than was thought, perhaps: then only the first
 * ones of the chunk were taken, and the others come out as a chunk of their own. */
static int wait_for(struct sillok_ingest *in, struct chunk *c, struct chunk **rest)
{
    *rest = NULL;
    const int before = stage_enter(STAGE_WAIT);
    pool_wait(in->pool);
    stage_leave(before);
    chunk_drop_folders(c);
    if (atomic_load(&c->next) >= c->n)
        return 0;
    int r = take_spare(in, rest);
    if (r == 0 && !((*rest)->crawl = strdup(c->crawl)))
        r = fail_memory();
    if (r < 0)
        return r;
    (void)chunk_rest(c, *rest);
    return 0;
}

static void todo_push(struct sillok_ingest *in, struct chunk *c, chunk_fn *fn)
{
    in->todo[in->n_todo++] = (struct todo){ c, fn };
}

/* The items of the chunks that were read ahead, mixed. */
static int show_sample(struct sillok_ingest *in)
{
    size_t n = 0;
    struct store_item **items = calloc((size_t)in->n_todo * CHUNK_FILES, sizeof(*items));
    if (!items)
        return fail_memory();
    for (size_t i = 0; i < CHUNK_FILES; i++)
        for (int c = 0; c < in->n_todo; c++) {
            struct chunk *chunk = in->todo[c].chunk;
            if (in->todo[c].fn == chunk_prepare && i < chunk->n &&
                chunk->jobs[i].state == JOB_READ)
                items[n++] = &chunk->jobs[i].item;
        }
    int r = in->ops->begin(in->store, in->todo[0].chunk->crawl);
    if (r == 0)
        r = in->ops->study(in->store, items, n);
    if (r == 0)
        r = in->ops->commit(in->store);
    free(items);
    return r == STORE_RETRY ? 0 : r; /* to learn is no duty */
}

/* While the store still has to learn what these texts are like: read some, let it learn,
 * and read one chunk more meanwhile. SOURCE_LATER: there are too few so far. */
static int learn(struct sillok_ingest *in)
{
    struct chunk *c, *next, *rest = NULL;
    int is_shown = 0;
    int r = next_chunk(in, &c);
    if (r != 1)
        return r;
    for (int i = 0; r == 1 && !rest && !is_shown; i++) {
        run(in, c, chunk_parse);
        is_shown = i == LEARN_CHUNKS;
        r = is_shown ? show_sample(in)
                     : next_chunk(in, &next); /* listed while that is read */
        const int rr = wait_for(in, c, &rest);
        todo_push(in, c, chunk_prepare);
        if (rest)
            todo_push(in, rest, chunk_work);
        if (r == 1 && (rest || rr < 0))
            todo_push(in, next, chunk_work);
        if (rr < 0)
            return rr;
        c = next;
    }
    return r < 0 || r == SOURCE_LATER || is_shown ? r : show_sample(in);
}

static int has_to_learn(const struct sillok_ingest *in)
{
    return !in->has_learned && !in->options.dry_run && in->ops->wants_study(in->store);
}

/* The next chunk and what is to be done with it: 1; 0 there is none; SOURCE_LATER none
 * for now. */
static int get_todo(struct sillok_ingest *in, struct todo *out)
{
    if (in->n_todo) {
        *out = in->todo[0];
        memmove(in->todo, in->todo + 1, (size_t)--in->n_todo * sizeof(in->todo[0]));
        return 1;
    }
    out->fn = chunk_work;
    if (in->reading && has_to_learn(in))
        return SOURCE_LATER; /* the threads are needed for that */
    return next_chunk(in, &out->chunk);
}

/* Wait for the chunk that is being read. If it had to be cut, its rest comes before
 * @p next, which waits. */
static int take_ready(struct sillok_ingest *in, struct todo *next, struct chunk **ready)
{
    struct chunk *rest = NULL;
    *ready = in->reading;
    if (!in->reading)
        return 0;
    const int r = wait_for(in, in->reading, &rest);
    if (rest) {
        memmove(in->todo + 1, in->todo, (size_t)in->n_todo * sizeof(in->todo[0]));
        in->todo[0] = *next;
        in->n_todo += next->chunk != NULL;
        *next = (struct todo){ rest, chunk_work };
    }
    return r;
}

/* Nothing comes for now: a time to finish what was begun. */
static int rest(struct sillok_ingest *in)
{
    const int r = in->n_batch ? commit(in) : 0;
    if (r < 0)
        return r;
    classify_left(in);
    if (!in->options.follow || in->has_waited)
        return 0;
    in->has_waited = 1;
    return events_add(&in->out, SILLOK_INGEST_WAITING, "", text_make("", 0), "",
                      in->open_crawl, &in->total);
}

/* One turn: hand the next chunk to the threads, write the one before. */
static int turn(struct sillok_ingest *in)
{
    struct todo next = { NULL, NULL };
    struct chunk *ready = NULL;
    int r = 0;
    if (!in->reading) {
        r = has_to_learn(in) ? learn(in) : 0;
        in->has_learned |= r != SOURCE_LATER;
    }
    if (r >= 0)
        r = get_todo(in, &next);
    const int later = r == SOURCE_LATER;
    const int rr = take_ready(in, &next, &ready);
    in->reading = next.chunk;
    if (r < 0 || rr < 0) {
        chunk_free(ready, in->ops);
        return r < 0 ? r : rr;
    }
    if (ready)
        mark_end(ready, next.chunk, later);
    if (next.chunk)
        run(in, next.chunk, next.fn);
    r = ready ? write_and_commit(in, ready) : 0;
    if (r < 0 || next.chunk)
        return r;
    if (later)
        return rest(in);
    r = end_open_crawl(in);
    return r < 0 ? r : finish(in);
}

int sillok_ingest_next(struct sillok_ingest *in, struct sillok_ingest_event *event)
{
    while (!events_take(&in->out, event)) {
        if (in->failed || in->done)
            return in->failed;
        stages_start(in->options.timings ? &in->stages[MAX_JOBS] : NULL);
        const int r = turn(in);
        stages_stop();
        if (r < 0) {
            in->failed = r;
            in->ops->abort(in->store);
        }
    }
    return 1;
}

int sillok_ingest_timings(const struct sillok_ingest *in,
                          struct sillok_ingest_timing *out, int max)
{
    struct stages all = { .now = 0 };
    for (int i = 0; i <= MAX_JOBS; i++)
        stages_add(&all, &in->stages[i]);
    for (int i = 0; i < N_STAGES && i < max; i++) {
        /* STAGE_OTHER, which is 0, comes last. */
        const int stage = (i + 1) % N_STAGES;
        out[i] = (struct sillok_ingest_timing){
            .stage = stage_name(stage),
            .wall_s = (double)all.wall_ns[stage] / 1e9,
            .cpu_s = (double)all.cpu_ns[stage] / 1e9,
        };
    }
    return N_STAGES;
}

/* --- life --- */

static const struct sillok_profile *profile_of(const struct sillok_ingest *in)
{
    return in->options.profile ? in->options.profile : sillok_profile_builtin("naver");
}

static int worker_init(struct sillok_ingest *in, struct chunk_worker *w)
{
    w->store = in->store;
    w->ops = in->ops;
    w->limit_bytes = in->store->limits.file_bytes;
    w->cache = in->cache;
    w->asks_cache = !in->options.no_cache;
    buf_init(&w->rendered, BUF_CEILING);
    buf_init(&w->file, BUF_CEILING);
    int r = reader_new(&w->reader, profile_of(in), &in->store->limits);
    return r < 0 ? r : in->ops->worker_new(in->store, &w->worker);
}

static int n_jobs(const struct sillok_ingest_options *o)
{
    const long n = o->jobs > 0 ? o->jobs : sysconf(_SC_NPROCESSORS_ONLN);
    return n < 1 ? 1 : n > MAX_JOBS ? MAX_JOBS : (int)n;
}

static int set_up(struct sillok_ingest *in)
{
    int r = feed_init(&in->feed, &in->options, &in->store->limits, &in->out);
    if (r == 0)
        r = in->ops->lock(in->store);
    if (r == 0)
        r = store_size(in, &in->store_bytes);
    if (r == 0 && in->ops->mark)
        r = statcache_open(&in->cache, in->store, profile_of(in), in->began_ns);
    for (int n = n_jobs(&in->options); in->n_workers < n && r == 0; in->n_workers++)
        r = worker_init(in, &in->workers[in->n_workers]);
    if (r == 0)
        r = pool_new(&in->pool, in->n_workers);
    return r;
}

int sillok_ingest_new(struct sillok_ingest **out, struct sillok_store *store,
                      const struct sillok_ingest_options *options)
{
    static const struct sillok_ingest_options none = SILLOK_INGEST_OPTIONS_INIT;
    struct sillok_ingest *in = calloc(1, sizeof(*in));
    if (!in)
        return fail_memory();
    in->store = store;
    in->ops = store->ops;
    in->options = options ? *options : none;
    in->began_s = in->crawl_began_s = clock_s();
    in->began_ns = clock_ns(CLOCK_REALTIME);
    in->now_s = in->began_ns / 1000000000;
    events_init(&in->out);
    events_init(&in->held);
    const int r = set_up(in);
    if (r < 0) {
        sillok_ingest_free(in);
        return r;
    }
    *out = in;
    return 0;
}

int sillok_ingest_add(struct sillok_ingest *in, const char *path)
{
    return feed_add(&in->feed, path);
}

void sillok_ingest_free(struct sillok_ingest *in)
{
    if (!in)
        return;
    if (in->reading)
        pool_wait(in->pool);
    pool_free(in->pool);
    in->ops->abort(in->store);
    save_cache(in); /* of a run that was stopped, what was committed */
    statcache_free(in->cache);
    chunk_free(in->reading, in->ops);
    while (in->n_todo)
        chunk_free(in->todo[--in->n_todo].chunk, in->ops);
    for (size_t i = 0; i < in->n_batch; i++)
        chunk_free(in->batch[i], in->ops);
    for (size_t i = 0; i < in->n_spare; i++)
        chunk_free(in->spare[i], in->ops);
    free(in->batch);
    free(in->spare);
    for (int i = 0; i < in->n_workers; i++) {
        reader_free(in->workers[i].reader);
        in->ops->worker_free(in->workers[i].worker);
        buf_release(&in->workers[i].rendered);
        buf_release(&in->workers[i].file);
    }
    feed_release(&in->feed);
    events_release(&in->out);
    events_release(&in->held);
    free(in->open_crawl);
    free(in);
}
