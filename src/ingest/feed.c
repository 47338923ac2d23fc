#include "ingest/feed.h"

#include "base/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int feed_init(struct feed *f, const struct sillok_ingest_options *options,
              const struct sillok_limits *limits, const struct source_stop *stop,
              struct statcache *cache, struct events *out)
{
    *f = (struct feed){
        .options = *options, .limits = limits, .stop = stop, .cache = cache, .out = out
    };
    entry_init(&f->entry);
    if (options->crawl && !(f->crawl = strdup(options->crawl)))
        return fail_memory();
    return 0;
}

void feed_release(struct feed *f)
{
    source_close(f->source);
    entry_release(&f->entry);
    for (size_t i = 0; i < f->n_froms; i++)
        free(f->froms[i].path);
    free(f->froms);
    free(f->crawl);
    free(f->last_crawl);
}

/* @p from.path becomes the feed's. */
static int add_from(struct feed *f, struct feed_from from)
{
    struct feed_from *froms = realloc(f->froms, (f->n_froms + 1) * sizeof(*froms));
    if (!froms) {
        free(from.path);
        return fail_memory();
    }
    f->froms = froms;
    froms[f->n_froms++] = from;
    return 0;
}

int feed_add_files(struct feed *f, sillok_ingest_pull *pull, void *ctx)
{
    if (!f->crawl)
        return fail(SILLOK_EINVALID,
                    "options.crawl has to name the crawl of these files");
    if (f->options.follow)
        return fail(SILLOK_EINVALID, "with options.follow one folder is followed, and no "
                                     "other files are taken in");
    return add_from(f, (struct feed_from){ .pull = pull, .ctx = ctx });
}

int feed_add(struct feed *f, const char *path)
{
    if (f->options.follow && f->n_froms)
        return fail(SILLOK_EINVALID, "one folder is followed at a time");
    if ((strcmp(path, "-") != 0 || f->options.follow) && access(path, F_OK) < 0)
        return errno == ENOENT || errno == ENOTDIR
                   ? fail(SILLOK_ENOTFOUND, "there is no '%s'", path)
                   : fail_errno("cannot look at '%s'", path);
    char *copy = strdup(path);
    return copy ? add_from(f, (struct feed_from){ .path = copy }) : fail_memory();
}

static const char *crawl_of(const struct feed *f)
{
    return f->crawl ? f->crawl : source_crawl(f->source);
}

static int knows(void *ctx, struct sillok_text path)
{
    struct feed *f = ctx;
    struct statcache_entry e;
    statcache_key(f->cache, &e, crawl_of(f), path);
    return statcache_find(f->cache, &e) != NULL;
}

/* Two visits of a crawler that write to folders of one name would silently be one crawl. */
static int note_same_name(struct feed *f, const char *path, enum name_kind kind)
{
    const char *crawl = source_crawl(f->source);
    const char *last = f->last_crawl;
    if (f->crawl || kind == NAME_CRAWL_FILE)
        return 0;
    if (last && strcmp(last, crawl) == 0)
        return events_add(f->out, SILLOK_INGEST_NOTE, "", text_of(path),
                          "one crawl with the path before it, which has the same name; "
                          "--crawl NAME keeps them apart",
                          crawl, NULL);
    free(f->last_crawl);
    f->last_crawl = strdup(crawl);
    return f->last_crawl ? 0 : fail_memory();
}

static int next_source(struct feed *f)
{
    if (f->next_from == f->n_froms)
        return 0;
    const struct feed_from *from = &f->froms[f->next_from++];
    if (from->pull) {
        const int opened = source_pull_open(&f->source, f->crawl, from->pull, from->ctx,
                                            f->limits, f->stop);
        return opened < 0 ? opened : 1;
    }
    const char *path = from->path;
    const enum name_kind kind = name_kind(text_of(path));
    int r = 0;
    if (f->options.atomic_archive && (kind == NAME_ARCHIVE || kind == NAME_ZIP))
        r = source_check(path, f->limits, f->stop);
    if (r == 0)
        r = source_open(&f->source, path, f->options.follow, f->limits, f->stop);
    if (r == 0 && f->crawl && strcmp(path, "-") == 0 && !f->options.follow)
        r = source_set_crawl(f->source, f->crawl);
    if (r == 0 && f->cache)
        source_set_knows(f->source, knows, f);
    if (r == 0)
        r = note_same_name(f, path, kind);
    if (r == 0)
        return 1;
    if (r == SILLOK_ENOMEM || r == SILLOK_ESTOPPED)
        return r;
    /* It was there when it was added; the others go on. */
    r = events_add(f->out, SILLOK_INGEST_SOURCE_FAILED, "", text_of(path),
                   sillok_error_message(), "", NULL);
    return r < 0 ? r : next_source(f);
}

/* Move an entry into the next job. */
static int add_job(struct chunk *c, struct entry *e)
{
    struct job *j = &c->jobs[c->n++];
    const struct buf path = j->path, bytes = j->bytes;
    j->kind = e->kind;
    j->state = e->kind == ENTRY_REFUSE ? JOB_REFUSED : JOB_TOLD;
    j->folder = e->folder;
    j->code = e->code;
    j->size_bytes = e->size_bytes;
    if (e->message[0])
        job_say(j, e->message);
    j->item = (struct store_item){ 0 };
    j->can_be_known = 0; /* nor is it the file that stood here before */
    j->file_bytes = 0;
    j->path = e->path;
    j->bytes = e->data;
    e->path = path;
    e->data = bytes;
    c->bytes += j->bytes.len;
    if (e->kind != ENTRY_FILE)
        return 0;
    c->folders += c->n < 2 || j[-1].folder != j->folder;
    /* What is opened is the end of the path, with its zero. */
    const int r = buf_add_char(&j->path, '\0');
    j->path.len -= r == 0;
    j->name = j->path.ptr + j->path.len - strlen(e->name);
    return r;
}

static int is_full(const struct chunk *c)
{
    return c->n == CHUNK_FILES || c->bytes >= CHUNK_BYTES || c->folders >= CHUNK_FOLDERS;
}

int feed_fill(struct feed *f, struct chunk *c)
{
    const double began = clock_s();
    int r = 0;
    while (!is_full(c)) {
        if (!f->source) {
            r = next_source(f);
            if (r <= 0)
                break;
            if (c->crawl && strcmp(c->crawl, crawl_of(f)) != 0)
                break;
        }
        if (!c->crawl && !(c->crawl = strdup(crawl_of(f))))
            return fail_memory();
        if (strcmp(c->crawl, crawl_of(f)) != 0)
            break;
        r = source_next(f->source, &f->entry);
        if (r < 0)
            return r;
        if (r == SOURCE_LATER) {
            if (!c->n)
                return r;
            break;
        } else if (r == 0) {
            source_close(STEAL(f->source));
        } else {
            if ((r = add_job(c, &f->entry)) < 0)
                return r;
            if (clock_s() - began > PATIENCE_S)
                break;
        }
    }
    if (r < 0)
        return r;
    return c->crawl != NULL;
}
