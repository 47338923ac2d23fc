/*
 * What changed.
 *
 * By time: the change log says which revisions began in a span, and from which versions
 * to which. Between two crawls: every article whose content differs has an entry in the
 * log between the two, so the log gives the candidates, and the crawls' observations say
 * what each of them saw. The cost follows the changes, not the articles.
 *
 * What a step is, the store knows as a rule (class_get); else the two texts are read and
 * compared, which gives the same. What the chain says besides (last seen, visits,
 * conflicts) is gathered in the order of the articles, which is the order of the blocks
 * of observations: all at once between crawls, else for a window of the list at a time.
 */
#include "history/chain.h"
#include "history/fold.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SLICE = 4096, KEY_MAX = 256, WINDOW = 4096 };

/* Years 1 to 9999. */
static const int64_t TIME_FIRST_S = -62135596800, TIME_END_S = 253402300800;

/* What the chain says about a change: revision @c to against revision @c from, from 0. */
struct facts {
    struct store_step step;
    uint32_t from, to; /* equal: the chain was rewritten, the change is gone */
    uint32_t reverted_to;
    int64_t from_first_s, from_last_s, to_last_s;
    int64_t after_s; /* where steps in between cancel, of the last step */
    uint64_t visits;
    int conflict;
    int to_two_crawls; /* saw the new revision, at least */
    int goes_back;     /* to what stood before @c from, which one crawl alone had seen */
};

/* A change to be told. */
struct candidate {
    int64_t time_s;
    uint64_t article;
    unsigned tie;
    uint32_t crawl; /* that saw the new revision first */
    struct store_step step;
    double significance;
    int marks;      /* partly a mark of extraction */
    uint32_t edit;  /* 1 + index of what it is without that; 0: unknown */
    uint32_t event; /* 1 + index of the event that it is folded into */
    uint32_t facts; /* 1 + index */
};

struct sillok_changes {
    struct sillok_store *store;
    struct sillok_changes_options options;
    char *oid, *after;
    uint32_t crawl_a, crawl_b;
    int64_t a_last_s;
    int by_crawl;
    struct buf list; /* struct candidate, in the order to be told */
    size_t next;
    struct buf facts;                /* struct facts */
    size_t window_start, window_end; /* the candidates that have them, if not by_crawl */
    uint64_t told, hidden, unconfirmed;
    struct buf events; /* struct fold_event */
    struct buf edits;  /* struct sillok_change_class: edits beside extraction */
    size_t next_event, next_article;
    struct store_crawl *crawls; /* for the names in events */
    size_t n_crawls;
    struct sillok_change sample;
    struct chain chain;
    struct article_key key;
    struct store_version before, now;
    char text_key[KEY_MAX];
};

static struct candidate *candidate_at(const struct sillok_changes *it, size_t i)
{
    return (struct candidate *)(void *)it->list.ptr + i;
}

static size_t n_candidates(const struct sillok_changes *it)
{
    return it->list.len / sizeof(struct candidate);
}

/* --- candidates --- */

static int scan_log(struct sillok_changes *it, int64_t from_s, int64_t to_s)
{
    CLEANUP(buf_release) struct buf cursor = BUF_INIT, refs = BUF_INIT;
    int r = 1;
    while (r > 0) {
        buf_clear(&refs);
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

/* --- the two texts of a step --- */

/* Both sides; their texts only where they are needed. */
static int load_versions(struct sillok_changes *it, const struct store_step *step,
                         int bodies)
{
    const int r = it->store->ops->version_get(it->store, step->from, bodies, &it->before);
    return r < 0 ? r : it->store->ops->version_get(it->store, step->to, bodies, &it->now);
}

static int load_class(struct sillok_changes *it, const struct store_step *step,
                      struct sillok_change_class *what)
{
    const int known = it->store->ops->class_get(it->store, step, what);
    int r = known < 0 ? known : load_versions(it, step, !known || !it->options.no_bodies);
    if (r == 0 && !known)
        r = sillok_change_classify(what, &it->before.article, &it->now.article, NULL);
    return r;
}

/* --- what the chain says --- */

/* What an article says after a crawl that found it empty, and that no other crawl agrees
 * with, is compared with what it said before: the edit is between those two. With `all`
 * each step is told as it is. */
static int pass_over_empty(struct sillok_changes *it, uint32_t *from, uint32_t to)
{
    const struct chain *chain = &it->chain;
    struct sillok_change_class what;
    if (it->options.all || *from == 0 || *from >= to ||
        chain_at(chain, *from)->two_crawls)
        return 0;
    const struct store_step emptied = { chain_at(chain, *from - 1)->link.version,
                                        chain_at(chain, *from)->link.version };
    if (emptied.from == chain_at(chain, to)->link.version)
        return 0; /* it says the same again, which is not told */
    const int r = load_class(it, &emptied, &what);
    if (r == 0 && what.kinds & 1u << SILLOK_KIND_EMPTIED)
        --*from;
    return r;
}

/* The step @p from - @p to of the chain that is loaded. */
static int add_facts(struct sillok_changes *it, struct candidate *c, uint32_t from,
                     uint32_t to)
{
    const struct chain *chain = &it->chain;
    const uint32_t next_to = to > 0 ? to - 1 : 0; /* the last step begins there */
    const int was_next = from == next_to;
    int r = pass_over_empty(it, &from, to);
    if (r < 0)
        return r;
    const struct chain_revision *a = chain_at(chain, from), *b = chain_at(chain, to);
    struct facts f = {
        .step = { a->link.version, b->link.version },
        .from = from,
        .to = to,
        .from_first_s = a->link.first_s,
        .from_last_s = a->last_s,
        .to_last_s = b->last_s,
        .after_s = to > from && !was_next ? chain_at(chain, next_to)->last_s : a->last_s,
        .visits = a->observations,
        .conflict = b->conflict,
        .to_two_crawls = b->two_crawls,
        .goes_back = from > 0 && !a->two_crawls &&
                     chain_at(chain, from - 1)->link.version == b->link.version,
    };
    r = from == to ? 0 : chain_same_as(it->store, chain, to, &f.reverted_to);
    if (r == 0)
        r = buf_add(&it->facts, &f, sizeof(f));
    c->step = f.step;
    c->facts = (uint32_t)(it->facts.len / sizeof(f));
    return r;
}

static const struct facts *facts_of(const struct sillok_changes *it,
                                    const struct candidate *c)
{
    return (const struct facts *)(const void *)it->facts.ptr + c->facts - 1;
}

/* Before the list is put into another order, too. */
static void drop_window(struct sillok_changes *it)
{
    if (it->by_crawl)
        return;
    for (size_t i = it->window_start; i < it->window_end; i++)
        candidate_at(it, i)->facts = 0;
    it->window_start = it->window_end = 0;
    buf_clear(&it->facts);
}

struct of_article {
    uint64_t article;
    size_t i;
};

static int by_article_number(const void *a, const void *b)
{
    const struct of_article *x = a, *y = b;
    if (x->article != y->article)
        return x->article < y->article ? -1 : 1;
    return x->i < y->i ? -1 : x->i > y->i;
}

static int locate(struct sillok_changes *it, struct candidate *c)
{
    if (it->chain.article != c->article || !it->chain.n) {
        const int r = chain_load(&it->chain, it->store, c->article);
        if (r < 0)
            return r;
    }
    const size_t i = chain_find(&it->chain, c->time_s, c->tie);
    /* The chain was rewritten since the list was made: this step is gone. */
    const int gone = i == it->chain.n || i == 0;
    return add_facts(it, c, gone ? 0 : (uint32_t)i - 1, gone ? 0 : (uint32_t)i);
}

/* Facts for candidate @p i, and for at most @p n from it on while at it. */
static int need_facts(struct sillok_changes *it, size_t i, size_t n)
{
    if (candidate_at(it, i)->facts)
        return 0;
    drop_window(it);
    if (n > n_candidates(it) - i)
        n = n_candidates(it) - i;
    struct of_article *order = calloc(n, sizeof(*order));
    if (!order)
        return fail_memory();
    for (size_t k = 0; k < n; k++)
        order[k] = (struct of_article){ candidate_at(it, i + k)->article, i + k };
    qsort(order, n, sizeof(*order), by_article_number);
    it->window_start = i;
    it->window_end = i + n;
    it->chain.n = 0; /* what is loaded may be of another moment */
    int r = 0;
    for (size_t k = 0; k < n && r == 0; k++)
        r = locate(it, candidate_at(it, order[k].i));
    free(order);
    return r;
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
    const int r = add_facts(it, &c, from, to);
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

static int find_crawl(struct sillok_store *store, const struct store_crawl *list,
                      size_t n, const char *name, const struct store_crawl **out)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(list[i].name, name) == 0)
            return *out = &list[i], 0;
    return fail(SILLOK_ENOTFOUND,
                "there is no crawl '%s' in '%s' (sillok crawls lists them)", name,
                store->path);
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
    r = find_crawl(it->store, crawls, n, it->options.crawl_a, &a);
    if (r == 0)
        r = find_crawl(it->store, crawls, n, it->options.crawl_b, &b);
    if (r == 0) {
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
            r = compare_crawls(it, candidate_at(it, i)->article, &out);
    const struct buf swap = it->list;
    it->list = out;
    out = swap;
    it->by_crawl = 1;
    return r;
}

/* --- one change --- */

static struct sillok_change_side side_of(const struct sillok_changes *it, uint32_t i,
                                         int64_t first_s, int64_t last_s,
                                         const struct store_version *v)
{
    struct sillok_change_side side = { i + 1, first_s, last_s, v->article };
    side.article.crawled_at_s = first_s;
    /* Whether they were read after all must not show. */
    if (it->options.no_bodies)
        side.article.body = text_make("", 0);
    return side;
}

static int nearly_empty(const struct store_version *v, const struct store_version *than)
{
    return v->body_bytes * 10 < than->body_bytes && than->body_bytes >= 100;
}

/* An article that comes back empty is a fault of the crawl far more often than a
 * retraction: until a second crawl agrees it is not announced, and neither is its coming
 * back. */
static int is_unconfirmed(const struct sillok_changes *it, const struct facts *f,
                          const struct sillok_change *change)
{
    if (change->what.kinds & 1u << SILLOK_KIND_EMPTIED)
        return !f->to_two_crawls;
    return f->goes_back && nearly_empty(&it->before, &it->now);
}

static int load(struct sillok_changes *it, size_t i, size_t window,
                struct sillok_change *out)
{
    int r = need_facts(it, i, window);
    const struct candidate *c = candidate_at(it, i);
    const struct facts *f = r < 0 ? NULL : facts_of(it, c);
    if (r < 0 || f->from == f->to)
        return r;
    struct sillok_change_class what;
    r = load_class(it, &f->step, &what);
    if (r < 0)
        return r;
    if (c->edit && c->step.from == f->step.from && c->step.to == f->step.to) {
        const uint32_t fields = what.fields;
        what = ((const struct sillok_change_class *)(const void *)
                    it->edits.ptr)[c->edit - 1];
        what.fields = fields;
    }
    *out = (struct sillok_change){
        .oid = it->now.article.oid,
        .aid = it->now.article.aid,
        .from = side_of(it, f->from, f->from_first_s, f->from_last_s, &it->before),
        .to = side_of(it, f->to, c->time_s, f->to_last_s, &it->now),
        .after_s = f->after_s,
        .before_s = c->time_s,
        .visits_before = f->visits,
        .reverted_to = f->reverted_to,
        .what = what,
    };
    if (out->reverted_to) {
        out->what.kind = SILLOK_KIND_REVERTED;
        out->what.kinds |= 1u << SILLOK_KIND_REVERTED;
        out->what.significance = sillok_change_significance(&out->what);
    }
    if (f->conflict)
        out->what.flags |= SILLOK_FLAG_CONFLICT;
    if (c->marks)
        out->what.flags |= SILLOK_FLAG_EXTRACTION;
    if (is_unconfirmed(it, f, out))
        out->what.flags |= SILLOK_FLAG_UNCONFIRMED;
    char at[SILLOK_TIME_LEN];
    sillok_time_format(c->time_s, 0, at);
    snprintf(it->text_key, sizeof(it->text_key), "%s/%.*s/%.*s/%u", at, (int)out->oid.len,
             out->oid.ptr, (int)out->aid.len, out->aid.ptr, c->tie);
    out->key = it->text_key;
    return 1;
}

static int wanted(struct sillok_changes *it, const struct sillok_change *c)
{
    static const uint32_t quiet = 1u << SILLOK_KIND_COSMETIC | 1u << SILLOK_KIND_BYLINE |
                                  1u << SILLOK_KIND_METADATA;
    if (it->options.kinds)
        return (c->what.kinds & it->options.kinds) != 0;
    if (!it->options.all && c->what.flags & SILLOK_FLAG_UNCONFIRMED) {
        it->unconfirmed++;
        return 0;
    }
    const int layout = c->what.kind == SILLOK_KIND_HEADLINE &&
                       c->what.flags & SILLOK_FLAG_HEADLINE_COSMETIC;
    if (it->options.all || (!layout && !(1u << c->what.kind & quiet)))
        return 1;
    it->hidden++;
    return 0;
}

static int of_publisher(struct sillok_changes *it, const struct candidate *c)
{
    if (!it->oid)
        return 1;
    const int r = it->store->ops->article_key_of(it->store, c->article, &it->key);
    return r < 0 ? r : text_is(article_key_oid(&it->key), it->oid);
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
        const int mine = of_publisher(it, c);
        const int r = mine > 0 ? load(it, i, WINDOW, &change) : mine;
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
    article_key_make(&gone.key, parts[1], parts[2]);
    while (!it->options.by_significance && it->next < n &&
           (r = stands_before(it, it->next, &gone)) > 0)
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

static int load_sides(void *ctx, size_t i, const struct sillok_article **before,
                      const struct sillok_article **after)
{
    struct sillok_changes *it = ctx;
    *before = &it->before.article;
    *after = &it->now.article;
    return load_versions(it, &candidate_at(it, i)->step, 1);
}

/* What the article's own edit is, without what the crawler or the site did. */
static int keep_edit(void *ctx, size_t i, struct sillok_text body)
{
    struct sillok_changes *it = ctx;
    struct sillok_article after = it->now.article;
    struct sillok_change_class what;
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
    }
    if (r == 0)
        r = fold(items, n, load_sides, keep_edit, it, &it->events);
    for (size_t i = 0; i < n && r == 0; i++) {
        candidate_at(it, i)->marks = items[i].marks;
        candidate_at(it, i)->event = items[i].event;
    }
    free(items);
    return r;
}

static int prepare_list(struct sillok_changes *it)
{
    const struct sillok_changes_options *o = &it->options;
    int r;
    if (o->crawl_a)
        r = list_between(it);
    else
        r = scan_log(it, o->from_s ? o->from_s : TIME_FIRST_S,
                     o->to_s ? o->to_s : TIME_END_S);
    if (r == 0 && !o->unfold && n_candidates(it) >= FOLD_MIN)
        r = fold_candidates(it);
    if (r == 0 && o->by_significance)
        r = rank(it);
    drop_window(it);
    if (r == 0 && n_candidates(it))
        qsort(it->list.ptr, n_candidates(it), sizeof(struct candidate),
              o->by_significance ? most_significant_first : newest_first);
    if (r == 0)
        r = order_equals(it);
    return r == 0 && it->after ? skip_told(it) : r;
}

static int prepare(struct sillok_changes *it)
{
    int r = it->store->ops->view_hold(it->store);
    if (r < 0)
        return r;
    r = prepare_list(it);
    it->store->ops->view_release(it->store);
    return r;
}

/* --- the iterator --- */

static int keep_strings(struct sillok_changes *it)
{
    const struct sillok_changes_options *o = &it->options;
    it->oid = o->oid ? strdup(o->oid) : NULL;
    it->after = o->after ? strdup(o->after) : NULL;
    return (o->oid && !it->oid) || (o->after && !it->after) ? fail_memory() : 0;
}

int sillok_changes_open(struct sillok_changes **out, struct sillok_store *store,
                        const struct sillok_changes_options *options)
{
    static const struct sillok_changes_options none = SILLOK_CHANGES_OPTIONS_INIT;
    struct sillok_changes *it = calloc(1, sizeof(*it));
    if (!it)
        return fail_memory();
    it->store = store;
    it->options = options ? *options : none;
    buf_init(&it->list, BUF_CEILING);
    buf_init(&it->events, BUF_CEILING);
    buf_init(&it->edits, BUF_CEILING);
    buf_init(&it->facts, BUF_CEILING);
    chain_init(&it->chain);
    store_version_init(&it->before);
    store_version_init(&it->now);
    const struct sillok_changes_options *o = &it->options;
    int r = keep_strings(it);
    if (r == 0 && !o->crawl_a != !o->crawl_b)
        r = fail(SILLOK_EINVALID, "two crawls are compared, or none: A..B");
    if (r == 0 && o->from_s && o->to_s && o->from_s > o->to_s)
        r = fail(SILLOK_EINVALID, "the span ends before it begins");
    if (r == 0)
        r = prepare(it);
    if (r < 0) {
        sillok_changes_close(it);
        return r;
    }
    *out = it;
    return 0;
}

/* Who wants few changes does not wait for the facts of many. */
static size_t window_size(const struct sillok_changes *it)
{
    const uint64_t left = it->options.limit ? it->options.limit - it->told : WINDOW;
    return left < WINDOW ? (size_t)left : WINDOW;
}

static int next_change(struct sillok_changes *it, struct sillok_change *out)
{
    while (it->next < n_candidates(it)) {
        if (it->options.limit && it->told == it->options.limit)
            return 0;
        const size_t i = it->next++;
        struct candidate *c = candidate_at(it, i);
        const int64_t at = c->time_s;
        if (c->event)
            continue;
        if (it->by_crawl && ((it->options.from_s && at < it->options.from_s) ||
                             (it->options.to_s && at >= it->options.to_s)))
            continue;
        int r = of_publisher(it, c);
        if (r > 0)
            r = load(it, i, window_size(it), out);
        if (r < 0)
            return r;
        if (r > 0 && wanted(it, out)) {
            it->told++;
            return 1;
        }
    }
    return 0;
}

int sillok_changes_next(struct sillok_changes *it, struct sillok_change *out)
{
    int r = it->store->ops->view_hold(it->store);
    if (r < 0)
        return r;
    r = next_change(it, out);
    it->store->ops->view_release(it->store);
    return r;
}

uint64_t sillok_changes_hidden(const struct sillok_changes *it)
{
    return it->hidden;
}

uint64_t sillok_changes_unconfirmed(const struct sillok_changes *it)
{
    return it->unconfirmed;
}

/* --- events --- */

static const char *crawl_name(struct sillok_changes *it, uint32_t no)
{
    for (size_t i = 0; i < it->n_crawls; i++)
        if (it->crawls[i].no == no)
            return it->crawls[i].name;
    return "";
}

/* The list was sorted since events were made: their members are found by their mark. */
static struct candidate *next_member(struct sillok_changes *it, size_t *from,
                                     uint32_t event)
{
    while (*from < n_candidates(it)) {
        struct candidate *c = candidate_at(it, (*from)++);
        if (c->event == event)
            return c;
    }
    return NULL;
}

int sillok_changes_next_event(struct sillok_changes *it, struct sillok_event *out)
{
    const struct fold_event *events =
        (const struct fold_event *)(const void *)it->events.ptr;
    while (it->next_event < it->events.len / sizeof(*events)) {
        const struct fold_event *e = &events[it->next_event++];
        it->next_article = 0;
        size_t from = 0;
        struct candidate *c = next_member(it, &from, (uint32_t)it->next_event);
        int r = c ? of_publisher(it, c) : 0;
        if (r > 0)
            r = load(it, from - 1, 1, &it->sample);
        if (r > 0 && !it->crawls) {
            const int rr = it->store->ops->crawls(it->store, &it->crawls, &it->n_crawls);
            r = rr < 0 ? rr : 1;
        }
        if (r < 0)
            return r;
        if (r == 0)
            continue;
        *out = (struct sillok_event){ it->sample.oid, crawl_name(it, e->crawl), e->n,
                                      &it->sample };
        return 1;
    }
    return 0;
}

int sillok_changes_next_article(struct sillok_changes *it, struct sillok_text *aid)
{
    const struct candidate *c =
        it->next_event ? next_member(it, &it->next_article, (uint32_t)it->next_event)
                       : NULL;
    if (!c)
        return 0;
    const int r = it->store->ops->article_key_of(it->store, c->article, &it->key);
    *aid = article_key_aid(&it->key);
    return r < 0 ? r : 1;
}

void sillok_changes_close(struct sillok_changes *it)
{
    if (!it)
        return;
    free(it->oid);
    free(it->after);
    buf_release(&it->list);
    buf_release(&it->events);
    buf_release(&it->edits);
    buf_release(&it->facts);
    store_crawls_free(it->crawls, it->n_crawls);
    chain_release(&it->chain);
    store_version_release(&it->before);
    store_version_release(&it->now);
    free(it);
}
