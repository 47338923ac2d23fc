/*
 * The JSON API. Each answer is the output of a verb with --json, row for row:
 *
 *   /api/changes     from to crawl oid kind flag all every unfold sort limit after
 *   /api/log/OID/AID          /api/show/OID/AID[@R]          /api/diff/OID/AID[@R[..R2]]
 *   /api/find        q removed added any_blanks oid from to limit
 *   /api/crawls      /api/missing?crawl=NAME      /api/publishers      /api/stats
 *   /api/body/HASH            the bytes of a text
 *
 * Lists are one object a line, at most limit of them (100, up to 500); where there may be more,
 * the header "Sillok-After" has what to go on with. What is found has no such place to go on
 * from: there "Sillok-More" says that there may be more. What `changes` hides or folds is told
 * by "Sillok-Hidden" (how many so far) and "Sillok-Folded".
 */
#include "cli/api.h"

#include "cli/found.h"
#include "cli/objects.h"
#include "cli/pair.h"
#include "web/search.h"
#include "web/site.h"

#include <stdio.h>
#include <string.h>

struct api {
    struct cli *cli;
    struct sillok_store *store;
    const struct web_request *q;
    struct web_response *a;
    struct out out;
};

static int begin(struct api *x, const struct listing *l)
{
    const int r = listing_open(&x->out, x->cli, OUT_JSON, l);
    x->out.into = &x->a->body;
    return r;
}

/* --- changes --- */

static int take_times(struct api *x, int64_t *from_s, int64_t *to_s)
{
    const char *from = web_param(x->q, "from"), *to = web_param(x->q, "to");
    const int r = cli_span(x->cli, from, to, from_s, to_s);
    return r == 0 && from && to && *from_s > *to_s
               ? fail(SILLOK_EINVALID, "from is later than to")
               : r;
}

/* "A..B"; @p room is for A. */
static int take_crawls(struct api *x, struct sillok_changes_options *o, char room[1024])
{
    const char *crawl = web_param(x->q, "crawl");
    size_t at = 0;
    if (!crawl)
        return 0;
    const int r = cli_part_crawls(&at, x->store, crawl);
    if (r < 0)
        return r;
    if (r == 0 || at >= 1024)
        return fail(SILLOK_EINVALID, "crawl is A..B, two names of crawls");
    memcpy(room, crawl, at);
    room[at] = '\0';
    o->crawl_a = room;
    o->crawl_b = crawl + at + 2;
    return 0;
}

/* A comma list of @p what, each one bit. */
static int take_bits(struct api *x, const char *what,
                     int (*parse)(const char *word, size_t len), uint32_t *out)
{
    const char *list = web_param(x->q, what);
    while (list) { /* nothing is no word: it would be answered with all there is */
        const size_t n = strcspn(list, ",");
        const int bit = parse(list, n);
        if (bit < 0)
            return fail(SILLOK_EINVALID, "there is no %s '%.*s'", what,
                        n > 40 ? 40 : (int)n, list);
        *out |= 1u << bit;
        list = list[n] ? list + n + 1 : NULL;
    }
    return 0;
}

static int take_options(struct api *x, struct sillok_changes_options *o, char room[1024])
{
    const char *sort = web_param(x->q, "sort");
    int r = web_params_known(
        x->q, "from to crawl oid kind flag all every unfold sort limit after");
    if (r == 0)
        r = web_param_number(x->q, "limit", 1, WEB_LIMIT_MAX, WEB_LIMIT, &o->limit);
    if (r == 0)
        r = web_param_flag(x->q, "all", &o->all);
    if (r == 0)
        r = web_param_flag(x->q, "every", &o->every);
    if (r == 0)
        r = web_param_flag(x->q, "unfold", &o->unfold);
    if (r == 0 && sort && strcmp(sort, "significance") != 0 && strcmp(sort, "time") != 0)
        r = fail(SILLOK_EINVALID, "sort is time or significance");
    o->by_significance = sort && strcmp(sort, "significance") == 0;
    o->oid = web_param(x->q, "oid");
    o->after = web_param(x->q, "after");
    o->no_bodies = 1;
    o->stop = web_is_late;
    o->stop_arg = (void *)(uintptr_t)x->q;
    if (r == 0)
        r = take_times(x, &o->from_s, &o->to_s);
    if (r == 0)
        r = take_crawls(x, o, room);
    if (r == 0)
        r = take_bits(x, "kind", sillok_kind_parse, &o->kinds);
    return r < 0 ? r : take_bits(x, "flag", sillok_flag_parse, &o->flags);
}

/* What `changes` says at its end: that there is more than is listed. */
static int tell_left_out(struct api *x, struct sillok_changes *it,
                         const struct sillok_changes_options *o)
{
    char number[24];
    const uint64_t hidden = sillok_changes_hidden(it) + sillok_changes_unconfirmed(it);
    snprintf(number, sizeof(number), "%llu", (unsigned long long)hidden);
    int r = hidden && !o->all ? web_header(x->a, "Sillok-Hidden", number) : 0;
    if (r == 0 && (r = web_has_folded(it)) > 0)
        r = web_header(x->a, "Sillok-Folded", "yes");
    return r;
}

static int changes(struct api *x)
{
    CLEANUP(buf_release) struct buf key = BUF_INIT;
    struct sillok_changes_options o = SILLOK_CHANGES_OPTIONS_INIT;
    struct sillok_changes *it = NULL;
    struct sillok_change c;
    char room[1024];
    uint64_t n = 0;
    int r = take_options(x, &o, room);
    if (r == 0)
        r = begin(x, &listing_changes);
    if (r == 0)
        r = web_narrow(x->store, &o, NULL);
    if (r == 0)
        r = sillok_changes_open(&it, x->store, &o);
    while (r == 0 && (r = sillok_changes_next(it, &c)) > 0) {
        r = put_change_row(&x->out, &c);
        if (r == 0)
            r = web_in_time(x->q);
        buf_clear(&key);
        if (r == 0 && ++n == o.limit)
            r = buf_add(&key, c.key, strlen(c.key) + 1);
    }
    if (r == 0)
        r = tell_left_out(x, it, &o);
    sillok_changes_close(it);
    return r == 0 && key.len ? web_header(x->a, "Sillok-After", key.ptr) : r;
}

/* --- what is found --- */

static int find(struct api *x)
{
    CLEANUP(web_search_release) struct web_search s = WEB_SEARCH_INIT;
    struct sillok_find_row row;
    uint64_t n = 0;
    int r = web_search_open(&s, x->store, x->q, x->cli->zone_min);
    if (r == 0)
        return fail(SILLOK_EINVALID, "say what to find: q=WORDS");
    while (r >= 0 && (r = web_search_next(&s, &row)) > 0) {
        r = add_json(x->cli, &x->a->body, object_of_found(&row));
        n++;
    }
    return r == 0 && n == s.options.limit ? web_header(x->a, "Sillok-More", "yes") : r;
}

/* --- one article --- */

/* The rows of @p lines, the last first, as `log` prints them. */
static int add_turned(struct buf *out, const struct buf *lines)
{
    size_t end = lines->len;
    int r = 0;
    while (end > 0 && r == 0) {
        size_t from = end - 1; /* its newline */
        while (from > 0 && lines->ptr[from - 1] != '\n')
            from--;
        r = buf_add(out, lines->ptr + from, end - from);
        end = from;
    }
    return r;
}

static int log_of(struct api *x, const char *name)
{
    CLEANUP(buf_release) struct buf lines = BUF_INIT;
    struct sillok_log *log = NULL;
    struct sillok_revision rev;
    struct sillok_ref ref;
    int64_t after_s = 0;
    int r = cli_ref(x->cli, name, &ref);
    if (r == 0 && ref.kind != SILLOK_REF_NEWEST)
        r = fail(SILLOK_EINVALID, "the chain is of an article: OID/AID");
    if (r == 0)
        r = begin(x, &listing_revisions);
    x->out.into = &lines;
    if (r == 0)
        r = sillok_log_open(&log, x->store, ref.oid, ref.aid);
    while (r == 0 && (r = sillok_log_next(log, &rev)) > 0) {
        r = put_revision_row(&x->out, &rev, after_s);
        after_s = rev.last_seen_s;
        if (r == 0)
            r = web_in_time(x->q);
    }
    sillok_log_close(log);
    return r < 0 ? r : add_turned(&x->a->body, &lines);
}

static int show(struct api *x, const char *name)
{
    struct sillok_snapshot *snapshot = NULL;
    struct sillok_ref ref;
    int r = cli_ref(x->cli, name, &ref);
    if (r == 0)
        r = sillok_snapshot_open(&snapshot, x->store, &ref);
    if (r == 0)
        r = add_json(x->cli, &x->a->body,
                     object_of_snapshot(sillok_snapshot_revision(snapshot),
                                        sillok_snapshot_chain(snapshot)));
    sillok_snapshot_close(snapshot);
    return r;
}

static int diff(struct api *x, const char *name)
{
    CLEANUP(pair_release) struct pair p = PAIR_INIT;
    int r = pair_open(&p, x->cli, x->store, name);
    if (r == 0)
        r = pair_compare(&p);
    return r < 0 ? r : pair_json(&x->a->body, x->cli, &p);
}

static int body(struct api *x, const char *hash)
{
    struct sillok_id id;
    char *data = NULL;
    size_t len = 0;
    int r = sillok_body_get(x->store, hash, &data, &len, &id);
    if (r == 0)
        r = buf_add(&x->a->body, data, len);
    sillok_free(data);
    x->a->type = "text/plain; charset=utf-8";
    return r;
}

/* --- lists of all --- */

static int crawls(struct api *x)
{
    struct sillok_crawls *it = NULL;
    struct sillok_crawl c;
    int r = begin(x, &listing_crawls);
    if (r == 0)
        r = sillok_crawls_open(&it, x->store);
    while (r == 0 && (r = sillok_crawls_next(it, &c)) > 0) {
        r = put_crawl_row(&x->out, &c);
        if (r == 0)
            r = web_in_time(x->q);
    }
    sillok_crawls_close(it);
    return r;
}

static int articles(struct api *x)
{
    struct sillok_articles_options o = SILLOK_ARTICLES_OPTIONS_INIT;
    struct sillok_articles *it = NULL;
    struct sillok_listed_article article;
    o.oid = web_param(x->q, "oid");
    int r = web_params_known(x->q, "oid from to");
    if (r == 0)
        r = take_times(x, &o.from_s, &o.to_s);
    if (r == 0)
        r = begin(x, &listing_articles);
    if (r == 0)
        r = sillok_articles_open(&it, x->store, &o);
    while (r == 0 && (r = sillok_articles_next(it, &article)) > 0) {
        r = put_article_row(&x->out, &article);
        if (r == 0)
            r = web_in_time(x->q);
    }
    sillok_articles_close(it);
    return r;
}

static int missing(struct api *x)
{
    struct sillok_missing *it = NULL;
    struct sillok_missing_article m;
    const char *crawl = web_param(x->q, "crawl");
    int r = web_params_known(x->q, "crawl");
    if (r == 0 && !crawl)
        return fail(SILLOK_EINVALID, "say of which crawl: crawl=NAME");
    if (r == 0)
        r = begin(x, &listing_missing);
    if (r == 0)
        r = sillok_missing_open(&it, x->store, crawl);
    while (r == 0 && (r = sillok_missing_next(it, &m)) > 0) {
        r = put_missing_row(&x->out, &m);
        if (r == 0)
            r = web_in_time(x->q);
    }
    sillok_missing_close(it);
    return r;
}

static int publishers(struct api *x)
{
    struct sillok_publisher_stats *list = NULL;
    size_t n = 0;
    int r = begin(x, &listing_publishers);
    if (r == 0)
        r = sillok_store_publishers(x->store, &list, &n);
    for (size_t i = 0; i < n && r == 0; i++)
        r = put_publisher_row(&x->out, &list[i]);
    sillok_publishers_free(list, n);
    return r;
}

static int stats(struct api *x)
{
    struct sillok_stats s;
    int r = begin(x, &listing_stats);
    if (r == 0)
        r = sillok_store_stats(x->store, &s);
    return r < 0 ? r : put_stats_row(&x->out, sillok_store_path(x->store), &s);
}

/* --- the route --- */

static const struct {
    const char *path;
    int (*all)(struct api *x);
    int (*named)(struct api *x, const char *name); /* with more behind the path */
    int takes_params;
} routes[] = {
    { "/api/changes", changes, NULL, 1 },   { "/api/find", find, NULL, 1 },
    { "/api/articles", articles, NULL, 1 }, { "/api/crawls", crawls, NULL, 0 },
    { "/api/missing", missing, NULL, 1 },   { "/api/publishers", publishers, NULL, 0 },
    { "/api/stats", stats, NULL, 0 },       { "/api/log/", NULL, log_of, 0 },
    { "/api/show/", NULL, show, 0 },        { "/api/diff/", NULL, diff, 0 },
    { "/api/body/", NULL, body, 0 },
};

static int go(struct api *x, size_t i)
{
    const int r = routes[i].takes_params ? 0 : web_params_known(x->q, "");
    if (r < 0)
        return r;
    if (routes[i].all)
        return routes[i].all(x);
    return routes[i].named ? routes[i].named(x, x->q->path + strlen(routes[i].path)) : 0;
}

int api_answer(struct cli *cli, struct sillok_store *store, const struct web_request *q,
               struct web_response *a)
{
    struct api x = { .cli = cli, .store = store, .q = q, .a = a };
    a->type = "application/x-ndjson; charset=utf-8";
    for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
        const size_t n = strlen(routes[i].path);
        if (routes[i].named ? strncmp(q->path, routes[i].path, n) == 0
                            : strcmp(q->path, routes[i].path) == 0) {
            const int r = go(&x, i);
            out_release(&x.out);
            return r < 0 ? r : 1;
        }
    }
    return 0;
}
