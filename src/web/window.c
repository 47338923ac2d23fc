/*
 * Lists of the newest changes, without going through all there ever were.
 *
 * A list is made whole before its first row is told, because changes that are one event are
 * folded. So it is made of the last day alone, then of four, sixteen, ..., until there are
 * as many rows as are wanted; each is asked without texts, so most of the time is that of
 * the last.
 */
#include "web/site.h"

enum { DAY_S = 86400, SMALL = 2000 };

/* Rows of a window, up to those that are wanted. */
static int count(struct sillok_store *store, const struct sillok_changes_options *o,
                 uint64_t *n)
{
    struct sillok_changes *it = NULL;
    struct sillok_change c;
    struct sillok_changes_options probe = *o;
    probe.no_bodies = 1;
    *n = 0;
    int r = sillok_changes_open(&it, store, &probe);
    while (r == 0 && *n < o->limit && (r = sillok_changes_next(it, &c)) > 0) {
        ++*n;
        r = 0;
    }
    sillok_changes_close(it);
    return r;
}

/* A key begins with the time of its change. */
static int64_t time_of_key(const char *key, int64_t fallback)
{
    int64_t time_s;
    return key && sillok_time_parse(&time_s, key, strcspn(key, "/"), 0, 0) == 0
               ? time_s
               : fallback;
}

int web_narrow(struct sillok_store *store, struct sillok_changes_options *o)
{
    struct sillok_stats stats = { .format = 0 };
    uint64_t n = 0;
    if (o->from_s || o->to_s || o->crawl_a || o->by_significance || !o->limit)
        return 0;
    int r = sillok_store_stats(store, &stats);
    if (r < 0 || stats.changes <= SMALL)
        return r;
    const int64_t end_s = time_of_key(o->after, stats.last_s);
    o->to_s = end_s + 1;
    for (int64_t days = 1; r == 0; days *= 4) {
        o->from_s = end_s - days * DAY_S;
        if (o->from_s <= stats.first_s) {
            o->from_s = 0; /* all of it */
            break;
        }
        r = count(store, o, &n);
        if (n >= o->limit)
            break;
    }
    return r;
}
