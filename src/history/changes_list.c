/*
 * Which changes there are, and in which order.
 *
 * By time: the change log says which revisions began in a span, and from which versions
 * to which. Between two crawls: every article whose content differs has an entry in the
 * log between the two, so the log gives the candidates, and the crawls' observations say
 * what each of them saw. The cost follows the changes, not the articles.
 */
#include "history/changes_internal.h"

#include "base/time.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SLICE = 4096, WHOLE_CRAWL_S = 2 * TIME_DAY_S };

/* --- candidates --- */

static int scan_log(struct sillok_changes *it, int64_t from_s, int64_t to_s)
{
    CLEANUP(buf_release) struct buf cursor = BUF_INIT, refs = BUF_INIT;
    int r = 1;
    while (r > 0) {
        buf_clear(&refs);
        r = changes_go_on(it);
        if (r < 0)
            return r;
        r = it->store->ops->change_scan(it->store, from_s, to_s, SLICE, &cursor, &refs);
        const struct change_ref *ref = (const struct change_ref *)(const void *)refs.ptr;
        for (size_t i = 0; r >= 0 && i < refs.len / sizeof(*ref); i++) {
            const struct candidate c = { .time_s = ref[i].time_s,
                                         .article = ref[i].article,
                                         .tie = ref[i].tie,
                                         .crawl = ref[i].crawl,
                                         .step = ref[i].step };
            const int rr = buf_add(&it->list, &c, sizeof(c));
            if (rr < 0)
                return rr;
        }
    }
    return r;
}

static int newest_first(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    if (x->time_s != y->time_s)
        return x->time_s > y->time_s ? -1 : 1;
    if (x->article != y->article)
        return x->article > y->article ? -1 : 1;
    return x->tie > y->tie ? -1 : x->tie < y->tie;
}

static int by_article(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    return x->article < y->article ? -1 : x->article > y->article;
}

/* --- between two crawls --- */

/* Revision, from 0, that the observation at (time, version) belongs to. */
static uint32_t revision_of(const struct chain *c, const struct chain_obs *o)
{
    for (size_t i = 0; i < c->n; i++) {
        const struct chain_revision *rev = chain_at(c, i);
        if (rev->link.version == o->version && rev->link.first_s <= o->time_s &&
            o->time_s <= rev->last_s)
            return (uint32_t)i;
    }
    return 0;
}

/* What crawl B saw last of the article, and what stood at A: A's own last observation,
 * or, where A did not see it, the last one not later than A. 0: nothing to compare. */
static int find_ends(const struct sillok_changes *it, const struct chain_obs *o, size_t n,
                     const struct chain_obs **a, const struct chain_obs **b)
{
    *a = *b = NULL;
    int a_saw = 0;
    for (size_t i = 0; i < n; i++) {
        if (o[i].crawl == it->crawl_b)
            *b = &o[i];
        if (o[i].crawl == it->crawl_a) {
            *a = &o[i];
            a_saw = 1;
        } else if (!a_saw && o[i].crawl != it->crawl_b && o[i].time_s <= it->a_last_s)
            *a = &o[i];
    }
    return *a && *b;
}

static int add_pair(struct sillok_changes *it, struct buf *out, uint32_t from,
                    uint32_t to)
{
    const struct chain_link *l = &chain_at(&it->chain, to)->link;
    struct candidate c = { .time_s = l->first_s,
                           .article = it->chain.article,
                           .tie = l->tie,
                           .crawl = l->crawl };
    const int r = changes_add_facts(it, &c, from, to);
    return r < 0 ? r : buf_add(out, &c, sizeof(c));
}

/* The sum of what happened between the ends, or every step of it. */
static int add_between(struct sillok_changes *it, struct buf *out, uint32_t from,
                       uint32_t to)
{
    if (!it->options.every) {
        const uint64_t v = chain_at(&it->chain, from)->link.version;
        return chain_at(&it->chain, to)->link.version == v ? 0
                                                           : add_pair(it, out, from, to);
    }
    int r = 0;
    for (uint32_t i = from < to ? from + 1 : to + 1;
         i <= (from < to ? to : from) && r == 0; i++)
        r = add_pair(it, out, i - 1, i);
    return r;
}

static int compare_crawls(struct sillok_changes *it, uint64_t article, struct buf *out)
{
    CLEANUP(buf_release) struct buf all = BUF_INIT;
    const struct chain_obs *a, *b;
    int r = it->store->ops->obs_scan(it->store, article, &all);
    if (r < 0)
        return r;
    const struct chain_obs *o = (const struct chain_obs *)(const void *)all.ptr;
    if (!find_ends(it, o, all.len / sizeof(*o), &a, &b))
        return 0;
    r = chain_make(&it->chain, article, o, all.len / sizeof(*o));
    return r < 0 ? r
                 : add_between(it, out, revision_of(&it->chain, a),
                               revision_of(&it->chain, b));
}

static int list_between(struct sillok_changes *it)
{
    struct store_crawl *crawls;
    const struct store_crawl *a = NULL, *b = NULL;
    size_t n;
    int r = it->store->ops->crawls(it->store, &crawls, &n);
    if (r < 0)
        return r;
    int64_t from_s = 0, to_s = 0;
    a = store_crawl_find(it->store, crawls, n, it->options.crawl_a);
    if (a)
        b = store_crawl_find(it->store, crawls, n, it->options.crawl_b);
    r = b ? 0 : SILLOK_ENOTFOUND;
    if (a && b) {
        it->crawl_a = a->no;
        it->crawl_b = b->no;
        it->a_last_s = a->last_s;
        from_s = a->first_s < b->first_s ? a->first_s : b->first_s;
        to_s = (a->last_s > b->last_s ? a->last_s : b->last_s) + 1;
    }
    store_crawls_free(crawls, n);
    if (r == 0)
        r = scan_log(it, from_s, to_s);
    if (r < 0)
        return r;
    CLEANUP(buf_release) struct buf out = BUF_INIT;
    if (n_candidates(it))
        qsort(it->list.ptr, n_candidates(it), sizeof(struct candidate), by_article);
    for (size_t i = 0; i < n_candidates(it) && r == 0; i++)
        if (i == 0 || candidate_at(it, i)->article != candidate_at(it, i - 1)->article)
            r = (r = changes_go_on(it)) < 0
                    ? r
                    : compare_crawls(it, candidate_at(it, i)->article, &out);
    const struct buf swap = it->list;
    it->list = out;
    out = swap;
    it->by_crawl = 1;
    return r;
}

/* --- order and resumption --- */

static int most_significant_first(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    if (x->significance < y->significance || x->significance > y->significance)
        return x->significance > y->significance ? -1 : 1;
    return newest_first(a, b);
}

static int rank(struct sillok_changes *it)
{
    for (size_t i = 0; i < n_candidates(it); i++) {
        struct sillok_change change;
        struct candidate *c = candidate_at(it, i);
        const int mine = changes_of_publisher(it, c);
        int r = changes_go_on(it);
        if (r == 0)
            r = mine > 0 ? changes_load(it, i, CHANGES_WINDOW, &change) : mine;
        if (r < 0)
            return r;
        c->significance = r ? change.what.significance : -1;
    }
    return 0;
}

struct keyed {
    struct article_key key;
    struct candidate candidate;
};

static int by_key(const void *a, const void *b)
{
    const struct keyed *x = a, *y = b;
    const int c = text_compare(article_key_text(&x->key), article_key_text(&y->key));
    return c ? c : newest_first(&x->candidate, &y->candidate);
}

/* 1 when change @p i stands before @p told in the order of the list. */
static int stands_before(struct sillok_changes *it, size_t i, const struct keyed *told)
{
    struct keyed mine = { .candidate = *candidate_at(it, i) };
    if (mine.candidate.time_s != told->candidate.time_s)
        return mine.candidate.time_s > told->candidate.time_s;
    const int r =
        it->store->ops->article_key_of(it->store, mine.candidate.article, &mine.key);
    return r < 0 ? r : by_key(&mine, told) < 0;
}

/* TIME, OID and AID of TIME/OID/AID/TIE; -1: it is no key. */
static int parse_key(const char *key, struct sillok_text parts[3], uint32_t *tie)
{
    struct sillok_text rest = text_of(key);
    uint64_t n;
    for (int i = 0; i < 3; i++) {
        const char *slash = memchr(rest.ptr, '/', rest.len);
        if (!slash || slash == rest.ptr || slash - rest.ptr > SILLOK_KEY_MAX_BYTES)
            return -1;
        parts[i] = text_make(rest.ptr, (size_t)(slash - rest.ptr));
        rest = text_make(slash + 1, rest.len - parts[i].len - 1);
    }
    if (text_number(rest, UINT32_MAX, &n) < 0)
        return -1;
    *tie = (uint32_t)n;
    return 0;
}

/* Step behind the change that was told last. It is found by its parts, so that a change
 * that is gone by now only means going on at its place. */
static int skip_told(struct sillok_changes *it)
{
    char oid[SILLOK_KEY_MAX_BYTES + 1], aid[SILLOK_KEY_MAX_BYTES + 1];
    struct sillok_text parts[3];
    struct keyed gone = { .candidate = { 0 } };
    struct candidate *told = &gone.candidate;
    if (parse_key(it->after, parts, &told->tie) < 0 ||
        sillok_time_parse(&told->time_s, parts[0].ptr, parts[0].len, 0, 0) < 0)
        return fail(SILLOK_EINVALID, "'%s' is not the key of a change", it->after);
    snprintf(oid, sizeof(oid), "%.*s", (int)parts[1].len, parts[1].ptr);
    snprintf(aid, sizeof(aid), "%.*s", (int)parts[2].len, parts[2].ptr);
    int r = article_find(it->store, oid, aid, &told->article);
    if (r < 0)
        return r;
    const size_t n = n_candidates(it);
    for (size_t i = 0; i < n; i++) {
        const struct candidate *c = candidate_at(it, i);
        if (c->article == told->article && c->time_s == told->time_s &&
            c->tie == told->tie) {
            it->next = i + 1;
            return 0;
        }
    }
    /* By time it is known where it would stand. */
    if (it->options.by_significance)
        return fail(SILLOK_ENOTFOUND,
                    "the change '%s' is not in this list any more, and by significance "
                    "there is no place to go on from: ask without it",
                    it->after);
    article_key_make(&gone.key, parts[1], parts[2]);
    while (it->next < n && (r = stands_before(it, it->next, &gone)) > 0)
        it->next++;
    return r < 0 ? r : 0;
}

static int order_run(struct sillok_changes *it, size_t from, size_t n)
{
    struct keyed *run = calloc(n, sizeof(*run));
    int r = run ? 0 : fail_memory();
    for (size_t i = 0; i < n && r == 0; i++) {
        run[i].candidate = *candidate_at(it, from + i);
        r = it->store->ops->article_key_of(it->store, run[i].candidate.article,
                                           &run[i].key);
    }
    if (r == 0) {
        qsort(run, n, sizeof(*run), by_key);
        for (size_t i = 0; i < n; i++)
            *candidate_at(it, from + i) = run[i].candidate;
    }
    free(run);
    return r;
}

/* Changes of one moment stand in the order of their articles' names: their numbers depend
 * on the order in which files came in. */
static int order_equals(struct sillok_changes *it)
{
    const size_t n = n_candidates(it);
    int r = 0;
    for (size_t i = 0, end; i < n && r == 0; i = end) {
        const struct candidate *c = candidate_at(it, i);
        for (end = i + 1; end < n; end++) {
            const struct candidate *o = candidate_at(it, end);
            if (o->time_s != c->time_s || o->significance < c->significance)
                break;
        }
        if (end - i > 1)
            r = order_run(it, i, end - i);
    }
    return r;
}

/* --- what the crawler or the site did --- */

static int sketch_of(void *ctx, size_t i, struct sillok_change_class *what,
                     struct place_sketch *sketch)
{
    struct sillok_changes *it = ctx;
    const int r = changes_go_on(it);
    return r < 0 ? r
                 : it->store->ops->class_get(it->store, &candidate_at(it, i)->step, what,
                                             sketch);
}

static int load_sides(void *ctx, size_t i, int bodies,
                      const struct sillok_article **before,
                      const struct sillok_article **after)
{
    struct sillok_changes *it = ctx;
    *before = &it->before.article;
    *after = &it->now.article;
    const int r = changes_go_on(it);
    return r < 0 ? r : changes_load_versions(it, &candidate_at(it, i)->step, bodies);
}

/* What the article's own edit is, without what the crawler or the site did. */
static int keep_edit(void *ctx, size_t i, struct sillok_text title,
                     struct sillok_text body)
{
    struct sillok_changes *it = ctx;
    struct sillok_article after = it->now.article;
    struct sillok_change_class what;
    after.fields[SILLOK_TITLE] = title;
    after.body = body;
    int r = sillok_change_classify(&what, &it->before.article, &after, NULL);
    if (r == 0)
        r = buf_add(&it->edits, &what, sizeof(what));
    if (r == 0)
        candidate_at(it, i)->edit = (uint32_t)(it->edits.len / sizeof(what));
    return r;
}

static int fold_candidates(struct sillok_changes *it)
{
    const struct fold_source source = { sketch_of, load_sides, keep_edit, it };
    const size_t n = n_candidates(it);
    CLEANUP(buf_release) struct buf oids = BUF_INIT;
    struct fold_item *items = calloc(n + 1, sizeof(*items));
    int r = items ? buf_reserve(&oids, n * SILLOK_KEY_MAX_BYTES + 1) : fail_memory();
    for (size_t i = 0; i < n && r == 0; i++) {
        r = it->store->ops->article_key_of(it->store, candidate_at(it, i)->article,
                                           &it->key);
        const struct sillok_text oid = article_key_oid(&it->key);
        items[i].oid = text_make(oids.ptr + oids.len, oid.len);
        if (r == 0)
            r = buf_add_text(&oids, oid); /* reserved above: it does not move */
        items[i].crawl = candidate_at(it, i)->crawl;
        items[i].article = candidate_at(it, i)->article;
    }
    if (r == 0)
        r = fold(items, n, &source, &it->events);
    for (size_t i = 0; i < n && r == 0; i++) {
        candidate_at(it, i)->marks = items[i].marks;
        candidate_at(it, i)->event = items[i].event;
    }
    free(items);
    return r;
}

static int64_t from_of(const struct sillok_changes_options *o)
{
    return o->from_s ? o->from_s : TIME_MIN_S;
}

static int64_t to_of(const struct sillok_changes_options *o)
{
    return o->to_s ? o->to_s : TIME_MAX_S + 1;
}

/* An event is of a crawl: those that begin or end outside the span are looked at as a whole,
 * but for long ones, since one name may be given to all that ever comes. */
static int widen(struct sillok_changes *it, int64_t *from_s, int64_t *to_s)
{
    const int64_t from = *from_s, to = *to_s;
    struct store_crawl *crawls;
    size_t n;
    const int r = it->store->ops->crawls(it->store, &crawls, &n);
    if (r < 0)
        return r;
    for (size_t i = 0; i < n; i++) {
        const struct store_crawl *c = &crawls[i];
        if (c->last_s < from || c->first_s >= to ||
            c->last_s - c->first_s > WHOLE_CRAWL_S)
            continue;
        *from_s = c->first_s < *from_s ? c->first_s : *from_s;
        *to_s = c->last_s >= *to_s ? c->last_s + 1 : *to_s;
    }
    store_crawls_free(crawls, n);
    return 0;
}

/* What was looked at for the sake of its crawl, or of two crawls, alone. */
static void leave_out(struct sillok_changes *it, int64_t from_s, int64_t to_s)
{
    struct fold_event *events = (struct fold_event *)(void *)it->events.ptr;
    size_t kept = 0;
    for (size_t i = 0; i < n_candidates(it); i++) {
        const struct candidate c = *candidate_at(it, i);
        if (c.time_s >= from_s && c.time_s < to_s)
            *candidate_at(it, kept++) = c;
        else if (c.event)
            events[c.event - 1].n--;
    }
    it->list.len = kept * sizeof(struct candidate);
}

static int list_span(struct sillok_changes *it)
{
    const struct sillok_changes_options *o = &it->options;
    int64_t from_s = from_of(o), to_s = to_of(o);
    if (!o->unfold && (o->from_s || o->to_s)) {
        const int r = widen(it, &from_s, &to_s);
        if (r < 0)
            return r;
    }
    return scan_log(it, from_s, to_s);
}

int changes_list(struct sillok_changes *it)
{
    const struct sillok_changes_options *o = &it->options;
    int r = o->crawl_a ? list_between(it) : list_span(it);
    if (r == 0 && !o->unfold && n_candidates(it) >= FOLD_MIN)
        r = fold_candidates(it);
    if (r == 0)
        leave_out(it, from_of(o), to_of(o));
    if (r == 0 && o->by_significance)
        r = rank(it);
    changes_drop_window(it);
    if (r == 0 && n_candidates(it))
        qsort(it->list.ptr, n_candidates(it), sizeof(struct candidate),
              o->by_significance ? most_significant_first : newest_first);
    if (r == 0)
        r = order_equals(it);
    return r == 0 && it->after ? skip_told(it) : r;
}
