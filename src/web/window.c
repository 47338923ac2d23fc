/*
 * Lists of the newest changes, without going through all there ever were.
 *
 * A list is made whole before its first row is told, because changes that are one event are
 * folded. So it is made of the last day alone, then of four, sixteen, ..., until there are
 * as many rows as are wanted; each is asked without texts, so most of the time is that of
 * the last. Where what is wanted is so rare that time is short, a list may be of the last
 * span that was looked through, and says so: there is a way on from there.
 */
#include "web/site.h"

#include <time.h>

enum { DAY_S = 86400, SMALL = 2000 };

/* Rows of a window, up to those that are wanted. */
static int count(struct sillok_store *store, const struct sillok_changes_options *o,
                 const struct web_window *w, uint64_t *n)
{
    struct sillok_changes *it = NULL;
    struct sillok_change c;
    struct sillok_changes_options probe = *o;
    probe.no_bodies = 1;
    if (w) {
        probe.stop = w->stop;
        probe.stop_arg = w->arg;
    }
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

int web_param_to(const struct web_request *q, int zone_min, int64_t *out)
{
    const char *to = web_param(q, "to");
    if (!to || sillok_time_parse(out, to, strlen(to), time(NULL), zone_min) == 0)
        return 0;
    return fail_context(SILLOK_EINVALID, "to");
}

/* The second from which on nothing is wanted. */
static int64_t end_of(const struct sillok_changes_options *o, int64_t last_s)
{
    int64_t end_s = last_s + 1;
    if (o->to_s && o->to_s < end_s)
        end_s = o->to_s;
    const int64_t after_s = time_of_key(o->after, end_s - 1) + 1;
    return after_s < end_s ? after_s : end_s;
}

int web_narrow(struct sillok_store *store, struct sillok_changes_options *o,
               struct web_window *w)
{
    struct sillok_stats stats = { .format = 0 };
    uint64_t n = 0;
    if (w)
        w->since_s = 0;
    if (o->from_s || o->crawl_a || o->by_significance || !o->limit)
        return 0;
    int r = sillok_store_stats(store, &stats);
    if (r < 0 || stats.changes <= SMALL)
        return r;
    const int64_t end_s = end_of(o, stats.last_s);
    o->to_s = end_s;
    for (int64_t days = 1; r == 0; days *= 4) {
        const int64_t before_s = o->from_s;
        o->from_s = end_s - days * DAY_S;
        if (o->from_s <= stats.first_s)
            o->from_s = 0; /* all of it */
        if (!o->from_s && !w)
            break;
        r = count(store, o, before_s ? w : NULL, &n);
        if (r == SILLOK_ESTOPPED && w && before_s) {
            o->from_s = w->since_s = before_s;
            return 0;
        }
        if (n >= o->limit || !o->from_s)
            break;
    }
    return r;
}

int web_has_folded(struct sillok_changes *it)
{
    struct sillok_event event;
    const int r = sillok_changes_next_event(it, &event);
    return r == SILLOK_ESTOPPED ? 1 : r; /* time is over before all were looked through */
}
