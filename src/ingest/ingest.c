/*
 * sources -> feeder -> chunks -> reading threads -> one writer.
 *
 * The calling thread is the writer: what comes is read, parsed and prepared ahead of it
 * (ingest/ahead.h), and it writes what is ready. Chunks stay in memory until the batch
 * that they belong to is committed, so that a batch that must be done again (the map was
 * full) can be.
 *
 * What is told is true: counts move, and events go out, only when the batch behind them
 * is on disk. Refusals and skips are the exception, because they hold either way.
 */
#include "base/clock.h"
#include "ingest/classify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BATCH_FILES = 3072, BATCH_BYTES = 16 << 20, FUTURE_S = 3600 };

struct sillok_ingest {
    struct sillok_store *store;
    const struct store_ops *ops;
    pid_t owner; /* a child of this process has a copy of this, and none of the threads */
    struct sillok_ingest_options options;
    struct ahead ahead;
    struct chunk_list batch; /* written, not committed */

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
    char *open_crawl;           /* of the chunk written last */
    int crawl_is_open;          /* its end was not told yet */
    int crawl_is_named;         /* by the caller */
    uint64_t files_before;      /* of the open crawl, before this run */
    struct store_crawl *crawls; /* as they were then, by name */
    size_t n_crawls;
    int crawls_are_read;
    int64_t now_s, began_ns; /* by the wall clock */
    int has_begun, done, failed, has_waited;
    struct stages stages; /* of this thread */
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

/* More than clocks differ by: a time of day in Korea that is taken for UTC, say. The clock
 * is asked anew where that matters, because an ingest may go on for weeks. */
static int is_in_future(struct sillok_ingest *in, int64_t crawled_at_s)
{
    if (crawled_at_s > in->now_s + FUTURE_S)
        in->now_s = clock_ns(CLOCK_REALTIME) / 1000000000;
    return crawled_at_s > in->now_s + FUTURE_S;
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
    if (r == 0 && n & NOTE_NOT_UTF8)
        r = hold_note(
            in, j,
            "its title is not UTF-8; kept as it is (iconv -f CP949 makes UTF-8 of "
            "older Korean files)");
    if (r == 0 && n & NOTE_OTHER_HASH)
        r = hold_note(in, j, "content_hash is not 64 hex digits; passed over");
    if (r == 0 && n & NOTE_OTHER_ID)
        r = hold_note(
            in, j,
            "its id is another article's than its oid and aid, which are what counts");
    if (r == 0 && n & NOTE_SECOND)
        r = hold_note(
            in, j,
            "what looks like another article begins further down: a file is one "
            "article");
    if (r == 0 && is_in_future(in, j->reading.article.crawled_at_s))
        r = hold_note(in, j,
                      "crawled_at is more than an hour in the future: a wrong clock, or "
                      "another zone than the profile's");
    return r;
}

static int count_mismatch(struct sillok_ingest *in, const struct job *j)
{
    char text[250], declared[SILLOK_ID_HEX_LEN + 1], computed[SILLOK_ID_HEX_LEN + 1];
    sillok_id_format(&j->reading.declared, declared);
    sillok_id_format(&j->reading.article.content_hash, computed);
    /* As many digits as tell them apart. */
    const int whole = memcmp(declared, computed, 16) == 0;
    const int n = whole ? SILLOK_ID_HEX_LEN : 16;
    const char *more = whole ? "" : "...";
    snprintf(text, sizeof(text),
             "claimed hash differs: claims %.*s%s, the body is %.*s%s; "
             "stored under the computed one",
             n, declared, more, n, computed, more);
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
        .reason = job_message(j),
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
    return events_add(&in->held, SILLOK_INGEST_REFUSED, j->code, refusal.path,
                      refusal.reason, in->open_crawl, NULL);
}

/* The bytes of a file that the template gives back, whose texts may be gone. */
static int render_again(struct sillok_ingest *in, struct job *j)
{
    const struct store_item *item = &j->item;
    struct store_version v;
    if (!item->exact)
        return 0; /* they are there */
    if (!item->known)
        return render_file(&j->bytes, item->article, item->form);
    store_version_init(&v);
    int r = in->ops->version_get(in->store, item->known, 1, &v);
    v.article.crawled_at_s = item->article->crawled_at_s;
    if (r == 0)
        r = render_file(&j->bytes, &v.article, item->form);
    store_version_release(&v);
    return r;
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
            job_say(j, sillok_error_message());
            /* The store takes nothing of it, so its bytes are wanted after all. */
            r = render_again(in, j);
            return r < 0 ? r : write_refusal(in, j);
        }
        return r < 0 ? r : count_item(in, j);
    case JOB_REFUSED:
        return write_refusal(in, j);
    case JOB_UNREAD:
        count_unread(in, j);
        return 0;
    case JOB_BROKEN:
        return fail(j->rc, "%.*s: %s", (int)j->path.len, j->path.ptr, job_message(j));
    case JOB_TOLD:
    default:
        in->open.skipped += j->kind == ENTRY_SKIP;
        return events_add(&in->held,
                          j->kind == ENTRY_SKIP   ? SILLOK_INGEST_SKIPPED
                          : j->kind == ENTRY_NOTE ? SILLOK_INGEST_NOTE
                                                  : SILLOK_INGEST_SOURCE_FAILED,
                          "", text_make(j->path.ptr, j->path.len), job_message(j),
                          in->open_crawl, NULL);
    }
}

/* The texts of a chunk before anything else of it. One that is refused is met again, and
 * told, with its file. */
static int write_bodies(struct sillok_ingest *in, struct chunk *c)
{
    CLEANUP(buf_release) struct buf items = BUF_INIT;
    int r = 0;
    for (size_t i = 0; i < c->n && r == 0; i++) {
        struct store_item *item = &c->jobs[i].item;
        if (c->jobs[i].state == JOB_READ)
            r = buf_add(&items, &item, sizeof(item));
    }
    if (r < 0 || !items.len)
        return r;
    r = in->ops->body_put(in->store, (struct store_item *const *)(const void *)items.ptr,
                          items.len / sizeof(struct store_item *));
    return r == SILLOK_ECONFLICT ? 0 : r;
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
        if (writes && !has_begun) {
            r = in->ops->begin(in->store, c->crawl);
            if (r == 0)
                r = write_bodies(in, c);
        }
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

/* Prepared work may name rows of the batch that is gone, unless all was stored before. */
static void unprepare(struct sillok_ingest *in, struct chunk *c)
{
    for (size_t i = 0; i < c->n; i++)
        if (!c->jobs[i].item.known)
            in->ops->prepared_free(STEAL(c->jobs[i].item.prepared));
}

static int rewrite_batch(struct sillok_ingest *in)
{
    int r = STORE_RETRY;
    while (r == STORE_RETRY) {
        forget_batch(in);
        r = 0;
        for (struct chunk *c = in->batch.first; c && r == 0; c = c->link) {
            unprepare(in, c);
            r = write_chunk(in, c);
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

/* By how much the store has grown since it was asked last. */
static int take_growth(struct sillok_ingest *in, uint64_t *bytes)
{
    uint64_t size = in->store_bytes;
    const int r = in->options.dry_run ? 0 : store_size(in, &size);
    *bytes = size > in->store_bytes ? size - in->store_bytes : 0;
    in->store_bytes = size;
    return r;
}

/* What the batch holds need not be read again. Without memory it will be. */
static void remember_batch(struct sillok_ingest *in)
{
    int r = 0;
    if (!in->cache || in->options.dry_run)
        return;
    for (const struct chunk *c = in->batch.first; c; c = c->link)
        for (size_t i = 0; i < c->n && r == 0; i++)
            if (c->jobs[i].state == JOB_READ && c->jobs[i].can_be_known)
                r = statcache_add(in->cache, &c->jobs[i].known);
    in->has_committed = 1;
}

static void release_batch(struct sillok_ingest *in)
{
    for (struct chunk *c; (c = chunk_pop(&in->batch));)
        ahead_give_back(&in->ahead, c);
    in->batch_writes = 0;
    in->batch_bytes = 0;
    in->batch_files = 0;
}

/* Make the batch durable; a dry run rolls it back and counts it all the same. */
static int commit(struct sillok_ingest *in)
{
    int r = 0;
    const int before = stage_enter(STAGE_WRITE);
    if (in->options.dry_run)
        in->ops->abort(in->store);
    else
        while ((r = in->ops->commit(in->store)) == STORE_RETRY)
            if ((r = rewrite_batch(in)) < 0)
                break;
    stage_leave(before);
    if (r == 0)
        r = take_growth(in, &in->open.bytes_stored);
    if (r < 0)
        return r;
    add_counts(&in->total, &in->open);
    add_counts(&in->crawl_counts, &in->open);
    in->open = (struct sillok_ingest_counts){ 0 };
    in->total.seconds = clock_s() - in->began_s;
    remember_batch(in);
    release_batch(in);
    r = events_move(&in->held, &in->out);
    return r < 0 ? r
                 : events_add(&in->out, SILLOK_INGEST_PROGRESS, "", text_make("", 0), "",
                              in->open_crawl, &in->total);
}

static int by_name(const void *a, const void *b)
{
    const struct store_crawl *x = a, *y = b;
    return strcmp(x->name, y->name);
}

/* How many files the crawl had before this run. */
static int count_before(struct sillok_ingest *in, char *crawl)
{
    const struct store_crawl key = { .name = crawl };
    int r = 0;
    if (!in->crawls_are_read) {
        r = in->ops->crawls(in->store, &in->crawls, &in->n_crawls);
        if (r == 0 && in->n_crawls)
            qsort(in->crawls, in->n_crawls, sizeof(key), by_name);
    }
    in->crawls_are_read = r == 0;
    const struct store_crawl *there =
        r == 0 && in->n_crawls
            ? bsearch(&key, in->crawls, in->n_crawls, sizeof(key), by_name)
            : NULL;
    in->files_before = there ? there->observations : 0;
    return r;
}

/* The same over several runs as note_same_name() of feed.c within one. */
static int note_crawl_before(struct sillok_ingest *in)
{
    CLEANUP(buf_release) struct buf text = BUF_INIT;
    if (in->crawl_is_named || !in->files_before || !in->crawl_counts.observations)
        return 0;
    (void)buf_add_str(&text, "a crawl of this name was there before, with ");
    (void)buf_add_grouped(&text, in->files_before);
    (void)buf_add_str(&text, in->files_before == 1 ? " file" : " files");
    (void)buf_add_str(&text,
                      ", and has the new ones too now; --crawl NAME keeps them apart");
    const int r = buf_add_char(&text, '\0');
    return r < 0 ? r
                 : events_add(&in->out, SILLOK_INGEST_NOTE, "", text_of(in->open_crawl),
                              text.ptr, in->open_crawl, NULL);
}

static int end_crawl(struct sillok_ingest *in)
{
    uint64_t bytes;
    in->crawl_is_open = 0;
    /* Kinds that were not computed beside the batches are stored now, and counted. */
    classify_left(&in->ahead);
    if (take_growth(in, &bytes) == 0) {
        in->crawl_counts.bytes_stored += bytes;
        in->total.bytes_stored += bytes;
    }
    in->crawl_counts.seconds = clock_s() - in->crawl_began_s;
    int r = note_crawl_before(in);
    if (r == 0)
        r = events_add(&in->out, SILLOK_INGEST_CRAWL_DONE, "", text_make("", 0), "",
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
    const int r = in->batch.n ? commit(in) : 0;
    return r < 0 ? r : end_crawl(in);
}

static int write_and_commit(struct sillok_ingest *in, struct chunk *c)
{
    int r =
        in->open_crawl && strcmp(in->open_crawl, c->crawl) != 0 ? end_open_crawl(in) : 0;
    if (r == 0 && !in->crawl_is_open && !in->crawl_is_named)
        r = count_before(in, c->crawl);
    if (r < 0) {
        chunk_free(c, in->ops);
        return r;
    }
    chunk_push(&in->batch, c);
    if (in->batch.n == 1)
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

/* A cache that cannot be written is none: the next run reads all. */
static void save_cache(struct sillok_ingest *in)
{
    struct failure end; /* what is told is why the run ended, not what this meets */
    failure_keep(&end, 0);
    if (in->cache && in->has_committed && statcache_save(in->cache) < 0)
        (void)failure_tell(&end);
    in->has_committed = 0;
}

static int finish(struct sillok_ingest *in)
{
    classify_left(&in->ahead);
    in->done = 1;
    in->total.seconds = clock_s() - in->began_s;
    return events_add(&in->out, SILLOK_INGEST_DONE, "", text_make("", 0), "", "",
                      &in->total);
}

/* A time to finish what was begun. @p waits: nothing comes for now. */
static int rest(struct sillok_ingest *in, int waits)
{
    const int r = in->batch.n ? commit(in) : 0;
    if (r < 0)
        return r;
    classify_left(&in->ahead);
    if (!waits || !in->options.follow || in->has_waited)
        return 0;
    in->has_waited = 1;
    return events_add(&in->out, SILLOK_INGEST_WAITING, "", text_make("", 0), "",
                      in->open_crawl, &in->total);
}

/* One turn: lay out work for the threads, write what they have done. */
static int turn(struct sillok_ingest *in)
{
    struct chunk *c = NULL;
    const int left = ahead_fill(&in->ahead, in->batch.n > 0);
    const int later = left == SOURCE_LATER || left == AHEAD_FIRST_COMMIT;
    int r = left < 0 ? left : ahead_take(&in->ahead, later, &c);
    if (r < 0)
        return r;
    if (c)
        r = write_and_commit(in, c);
    if (r < 0)
        return r;
    if (later)
        return ahead_is_empty(&in->ahead) ? rest(in, left == SOURCE_LATER) : 0;
    if (c)
        return 0;
    r = end_open_crawl(in);
    return r < 0 ? r : finish(in);
}

int sillok_ingest_next(struct sillok_ingest *in, struct sillok_ingest_event *event)
{
    if (in->owner != getpid())
        return fail(SILLOK_ERR, "an ingest cannot be used after fork()");
    in->has_begun = 1; /* the paths are the feeder's from now on */
    while (!events_take(&in->out, event)) {
        if (in->failed || in->done)
            return in->failed;
        stages_start(in->options.timings ? &in->stages : NULL);
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
    stages_add(&all, &in->stages);
    for (int i = 0; i <= MAX_JOBS; i++)
        stages_add(&all, &in->ahead.stages[i]);
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

static int set_up(struct sillok_ingest *in)
{
    int r = in->ops->lock(in->store);
    if (r == 0)
        r = store_size(in, &in->store_bytes);
    if (r == 0 && in->ops->mark)
        r = statcache_open(&in->cache, in->store, in->options.profile, in->began_ns);
    return r < 0 ? r
                 : ahead_init(&in->ahead, in->store, &in->options, in->cache, &in->out);
}

int sillok_ingest_new(struct sillok_ingest **out, struct sillok_store *store,
                      const struct sillok_ingest_options *options)
{
    static const struct sillok_ingest_options none = SILLOK_INGEST_OPTIONS_INIT;
    if (options && options->crawl && !*options->crawl)
        return fail(SILLOK_EINVALID, "the name of the crawl is empty");
    struct sillok_ingest *in = calloc(1, sizeof(*in));
    if (!in)
        return fail_memory();
    in->store = store;
    in->ops = store->ops;
    in->owner = getpid();
    in->options = options ? *options : none;
    if (!in->options.profile)
        in->options.profile = sillok_profile_builtin("naver");
    in->crawl_is_named = in->options.crawl != NULL;
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
    if (in->has_begun)
        return fail(SILLOK_EINVALID, "'%s' is added too late: the ingest has begun",
                    path);
    return feed_add(&in->ahead.feed, path);
}

int sillok_ingest_add_files(struct sillok_ingest *in, sillok_ingest_pull *pull, void *ctx)
{
    if (in->has_begun)
        return fail(SILLOK_EINVALID, "files are added too late: the ingest has begun");
    if (!pull)
        return fail(SILLOK_EINVALID, "there is nobody to ask for files");
    return feed_add_files(&in->ahead.feed, pull, ctx);
}

void sillok_ingest_free(struct sillok_ingest *in)
{
    /* To wait for its threads in a child would be for ever. */
    if (!in || in->owner != getpid())
        return;
    ahead_release(&in->ahead);
    in->ops->abort(in->store);
    save_cache(in); /* of a run that was stopped, what was committed; last, for the state
                       that the store is left in */
    statcache_free(in->cache);
    for (struct chunk *c; (c = chunk_pop(&in->batch));)
        chunk_free(c, in->ops);
    events_release(&in->out);
    events_release(&in->held);
    free(in->open_crawl);
    store_crawls_free(in->crawls, in->n_crawls);
    free(in);
}
