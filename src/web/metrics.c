/* Figures for Prometheus, text format 0.0.4. */
#include "web/site.h"

static void gauge(struct buf *b, const char *name, const char *help, uint64_t value)
{
    (void)buf_printf(b, "# HELP sillok_%s %s\n# TYPE sillok_%s gauge\nsillok_%s %llu\n",
                     name, help, name, name, (unsigned long long)value);
}

int web_metrics(struct web_site *s, const struct web_request *q, struct web_response *a)
{
    struct sillok_stats stats = { .format = 0 };
    struct buf *b = &a->body;
    int r = web_params_known(q, "");
    if (r == 0)
        r = sillok_store_stats(s->store, &stats);
    if (r < 0)
        return r;
    a->type = "text/plain; version=0.0.4; charset=utf-8";
    gauge(b, "articles", "Articles in the store.", stats.articles);
    gauge(b, "revisions", "Revisions of all articles.", stats.revisions);
    gauge(b, "changes", "Revisions that are not the first.", stats.changes);
    gauge(b, "bodies", "Distinct texts.", stats.bodies);
    gauge(b, "observations", "Visits of articles.", stats.observations);
    gauge(b, "crawls", "Crawls.", stats.crawls);
    gauge(b, "refused", "Files that were refused.", stats.refused);
    gauge(b, "files_bytes", "Bytes of all crawl files taken in.", stats.files_bytes);
    gauge(b, "store_bytes", "Bytes of the store in use.", stats.store_bytes);
    gauge(b, "last_crawled_seconds", "Newest crawled_at, seconds since 1970.",
          stats.observations && stats.last_s > 0 ? (uint64_t)stats.last_s : 0);
    return 1;
}
