/* Files that the program which takes them in has in its hands: see sillok_ingest_pull. */
#include "ingest/source.h"

#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct pull_source {
    struct source base;
    sillok_ingest_pull *pull;
    void *ctx;
    int ended;
};

static int failed(struct pull_source *s, struct entry *e, int code)
{
    s->ended = 1;
    e->kind = ENTRY_FAILED;
    snprintf(e->message, sizeof(e->message),
             "the program that gives the files says that it failed (%d)", code);
    const int r = buf_add_str(&e->path, s->base.name);
    return r < 0 ? r : 1;
}

/* Ask until something is there: 0 with what is said of @p file; SOURCE_LATER nothing came for
 * a while; SILLOK_ESTOPPED. */
static int ask(struct pull_source *s, struct sillok_ingest_file *file, int *said)
{
    static const struct timespec pause = { .tv_nsec = 20000000 };
    const double began = clock_s();
    for (;;) {
        if (source_is_stopped(s->base.stop))
            return fail(SILLOK_ESTOPPED, "stopped");
        *said = s->pull(s->ctx, file);
        if (*said != SILLOK_INGEST_LATER)
            return 0;
        if (clock_s() - began >= SOURCE_PATIENCE_MS / 1000.0)
            return SOURCE_LATER;
        nanosleep(&pause, NULL);
    }
}

static int pull_next(struct source *base, struct entry *e)
{
    struct pull_source *s = (struct pull_source *)(void *)base;
    struct sillok_ingest_file file = { 0 };
    if (s->ended)
        return 0;
    int said, r = ask(s, &file, &said);
    if (r != 0)
        return r;
    if (said != 1 && said != 0)
        return failed(s, e, said);
    s->ended = said == 0;
    if (s->ended)
        return 0;
    r = buf_add_str(&e->path, file.name && *file.name ? file.name : "(no name)");
    if (r < 0)
        return r;
    if (file.bytes.len > base->limits.file_bytes)
        return entry_too_large(e, file.bytes.len, base->limits.file_bytes);
    e->kind = ENTRY_BYTES;
    r = buf_add_text(&e->data, file.bytes);
    return r < 0 ? r : 1;
}

static void pull_close(struct source *base)
{
    free(base);
}

static const struct source_ops pull_ops = { pull_next, pull_close };

int source_pull_open(struct source **out, const char *crawl, sillok_ingest_pull *pull,
                     void *ctx, const struct sillok_limits *limits,
                     const struct source_stop *stop)
{
    struct pull_source *s = calloc(1, sizeof(*s));
    if (!s)
        return fail_memory();
    s->base = (struct source){ .ops = &pull_ops, .limits = *limits, .stop = stop };
    s->pull = pull;
    s->ctx = ctx;
    s->base.crawl = strdup(crawl);
    s->base.name = strdup(crawl);
    if (!s->base.crawl || !s->base.name) {
        source_close(&s->base);
        return fail_memory();
    }
    *out = &s->base;
    return 0;
}
