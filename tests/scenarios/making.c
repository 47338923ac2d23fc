/* What makes something: exports, ingests, copies. */
#include "scenarios/parts.h"

#include <stdio.h>
#include <string.h>

/* Again, it finds the same files there. */
int do_export(struct sillok_store *s, const struct world *w, struct buf *out)
{
    const struct sillok_export_options all = SILLOK_EXPORT_OPTIONS_INIT;
    uint64_t n = 0;
    int r = sillok_export_folder(s, NULL, w->to, 0, &n);
    if (r == 0)
        r = sillok_export_folder(s, &all, w->to, 0, &n);
    return r < 0 ? r : buf_printf(out, "%llu files\n", (unsigned long long)n);
}

int do_report(struct sillok_store *s, const struct world *w, struct buf *out)
{
    struct sillok_report_options o = SILLOK_REPORT_OPTIONS_INIT;
    struct sillok_report_counts counts;
    o.force = 1;
    const int r = sillok_report_write(s, w->to, &o, &counts);
    if (r == 0)
        sillok_free(counts.aside);
    return r < 0 ? r : buf_printf(out, "%llu pages\n", (unsigned long long)counts.pages);
}

int ingest(struct sillok_store *s, const char *crawl, const char *path)
{
    struct sillok_ingest_options o = SILLOK_INGEST_OPTIONS_INIT;
    struct sillok_ingest *in = NULL;
    struct sillok_ingest_event e;
    o.crawl = crawl;
    o.jobs = 2;
    int r = sillok_ingest_new(&in, s, &o), left_out = 0;
    if (r == 0)
        r = sillok_ingest_add(in, path);
    while (r == 0 && (r = sillok_ingest_next(in, &e)) > 0) {
        /* A source that could not be read, or a file, is told and left out. */
        if (e.kind == SILLOK_INGEST_SOURCE_FAILED ||
            (e.kind == SILLOK_INGEST_REFUSED && strcmp(e.code, "unreadable") == 0))
            left_out = (fail)(SILLOK_EIO, "%s", e.message); /* not the macro */
        r = 0;
    }
    sillok_ingest_free(in);
    return r < 0 ? r : left_out;
}

int do_ingest(struct sillok_store *s, const struct world *w, struct buf *out)
{
    (void)out;
    return ingest(s, "tue", w->tue);
}

int do_ingest_older(struct sillok_store *s, const struct world *w, struct buf *out)
{
    (void)out;
    return ingest(s, "older", w->older);
}

int do_ingest_tar(struct sillok_store *s, const struct world *w, struct buf *out)
{
    (void)out;
    return ingest(s, "tue", w->tar);
}

int do_reindex(struct sillok_store *s, const struct world *w, struct buf *out)
{
    (void)w;
    return ask_reindex(s, 0, out);
}

static int run_copy(struct sillok_copy *it)
{
    struct sillok_copy_event e;
    int r;
    while ((r = sillok_copy_next(it, &e)) > 0)
        ;
    return r;
}

int do_backup(struct sillok_store *s, const struct world *w, struct buf *out)
{
    struct sillok_copy *it = NULL;
    (void)out;
    int r = sillok_backup_open(&it, s, w->to);
    if (r == 0)
        r = run_copy(it);
    sillok_copy_close(it);
    return r;
}

int do_compact(struct sillok_store *s, const struct world *w, struct buf *out)
{
    struct sillok_copy *it = NULL;
    (void)w;
    (void)out;
    int r = sillok_compact_open(&it, s, NULL);
    if (r == 0)
        r = run_copy(it);
    sillok_copy_close(it);
    return r;
}

int do_migrate(struct sillok_store *s, const struct world *w, struct buf *out)
{
    struct sillok_copy *it = NULL;
    (void)s;
    (void)out;
    int r = sillok_migrate_open(&it, w->store, w->to, NULL);
    if (r == 0)
        r = run_copy(it);
    sillok_copy_close(it);
    return r;
}

enum { SUM_BYTES = 100 };

int do_salvage(struct sillok_store *s, const struct world *w, struct buf *out)
{
    struct sillok_salvage *it = NULL;
    struct sillok_salvage_event e;
    (void)s;
    int r = sillok_salvage_open(&it, w->store, w->to);
    while (r == 0 && (r = sillok_salvage_next(it, &e)) > 0)
        r = e.lost ? buf_printf(out, "%s\n", e.what) : buf_reserve(out, SUM_BYTES);
    if (r == 0) { /* into the room that is there: a failure here is none of the salvage */
        const struct sillok_salvage_sum *sum = sillok_salvage_sum(it);
        out->len += (size_t)snprintf(
            out->ptr + out->len, SUM_BYTES, "%llu %llu %llu %llu\n",
            (unsigned long long)sum->observations, (unsigned long long)sum->bodies,
            (unsigned long long)sum->damaged_pages, (unsigned long long)sum->files_lost);
    }
    sillok_salvage_close(it);
    return r;
}

int do_create(struct sillok_store *s, const struct world *w, struct buf *out)
{
    (void)s;
    (void)out;
    return sillok_store_create(w->to);
}
