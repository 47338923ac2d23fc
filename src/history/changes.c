/*
 * What changed: one change, and the iterator over the list (changes_list.c).
 *
 * What a step is, the store knows as a rule (class_get); else the two texts are read and
 * compared, which gives the same. What the chain says besides (last seen, visits,
 * conflicts) is gathered in the order of the articles, which is the order of the blocks
 * of observations: all at once between crawls, else for a window of the list at a time.
 */
#include "history/changes_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- the two texts of a step --- */

/* Both sides; their texts only where they are needed. */
int changes_load_versions(struct sillok_changes *it, const struct store_step *step,
                          int bodies)
{
    const int r = it->store->ops->version_get(it->store, step->from, bodies, &it->before);
    if (r < 0)
        return r;
    it->now.number = it->before.number; /* its key need not be looked up */
    it->now.key = it->before.key;
    return it->store->ops->version_get(it->store, step->to, bodies, &it->now);
}

/* What a step is, and its two versions. */
static int load_class(struct sillok_changes *it, const struct store_step *step,
                      struct sillok_change_class *what)
{
    int r = it->store->ops->class_get(it->store, step, what, NULL);
    if (r != 0)
        return r < 0 ? r : changes_load_versions(it, step, !it->options.no_bodies);
    r = changes_load_versions(it, step, 1);
    return r < 0 ? r
                 : sillok_change_classify(what, &it->before.article, &it->now.article,
                                          NULL);
}

/* --- what the chain says --- */

/* What an article says after a crawl that found it empty, and that no other crawl agrees
 * with, is compared with what it said before: the edit is between those two. With `all`
 * each step is told as it is. */
static int pass_over_empty(struct sillok_changes *it, uint32_t *from, uint32_t to)
{
    const struct chain *chain = &it->chain;
    struct chain_doubt doubt;
    if (it->options.all || *from == 0 || *from >= to ||
        chain_at(chain, *from)->is_confirmed)
        return 0;
    if (chain_at(chain, *from - 1)->link.version == chain_at(chain, to)->link.version)
        return 0; /* it says the same again, which is not told */
    int r = chain_is_emptied(it->store, chain, *from);
    if (r <= 0)
        return r;
    r = chain_doubt_of(&doubt, it->store, chain, *from - 1, *from);
    *from -= r == 0 && !doubt.to_confirmed;
    return r;
}

/* The last sight of what revision @p from says before revision @p to: where other steps lie
 * between, and some of them took it back, that is a later one than its own. */
static int64_t last_sight(const struct chain *chain, uint32_t from, uint32_t to)
{
    const uint64_t version = chain_at(chain, from)->link.version;
    uint32_t i = to > from ? to - 1 : from;
    while (i > from && chain_at(chain, i)->link.version != version)
        i--;
    return chain_at(chain, i)->last_s;
}

/* The step @p from - @p to of the chain that is loaded. */
int changes_add_facts(struct sillok_changes *it, struct candidate *c, uint32_t from,
                      uint32_t to)
{
    struct chain *chain = &it->chain;
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
        .after_s = last_sight(chain, from, to),
        .before_s = b->link.first_s,
        .visits = a->observations,
    };
    if (from > to) { /* two crawls, the later one first: when it ceased to show that */
        f.after_s = b->last_s;
        f.before_s = chain_at(chain, to + 1)->link.first_s;
    }
    r = chain_reverted_to(it->store, chain, from, to, &f.reverted_to);
    if (r == 0 && from != to)
        r = chain_doubt_of(&f.doubt, it->store, chain, from, to);
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
void changes_drop_window(struct sillok_changes *it)
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
    return changes_add_facts(it, c, gone ? 0 : (uint32_t)i - 1, gone ? 0 : (uint32_t)i);
}

/* Facts for candidate @p i, and for at most @p n from it on while at it. */
static int need_facts(struct sillok_changes *it, size_t i, size_t n)
{
    if (candidate_at(it, i)->facts)
        return 0;
    changes_drop_window(it);
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

int changes_load(struct sillok_changes *it, size_t i, size_t window,
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
        .before_s = f->before_s,
        .visits_before = f->visits,
        .reverted_to = chain_goes_back(what.fields) ? f->reverted_to : 0,
        .what = what,
    };
    if (out->reverted_to)
        chain_tell_reverted(&out->what);
    out->what.flags |= chain_doubt_flags(&f->doubt, out->what.kinds);
    if (c->marks)
        out->what.flags |= SILLOK_FLAG_EXTRACTION;
    char at[SILLOK_TIME_LEN];
    sillok_time_format(c->time_s, 0, at);
    snprintf(it->text_key, sizeof(it->text_key), "%s/%.*s/%.*s/%u", at, (int)out->oid.len,
             out->oid.ptr, (int)out->aid.len, out->aid.ptr, c->tie);
    out->key = it->text_key;
    return 1;
}

/* Of a kind, and with a flag, that was asked for. */
static int is_chosen(const struct sillok_changes *it, const struct sillok_change *c)
{
    const struct sillok_changes_options *o = &it->options;
    return (!o->kinds || c->what.kinds & o->kinds) &&
           (!o->flags || c->what.flags & o->flags);
}

static int wanted(struct sillok_changes *it, const struct sillok_change *c)
{
    const uint32_t asked = it->options.kinds;
    const uint32_t flags = it->options.flags;
    if (!is_chosen(it, c))
        return 0;
    if (!it->options.all && c->what.flags & SILLOK_FLAG_UNCONFIRMED &&
        !(asked & 1u << SILLOK_KIND_EMPTIED) && !(flags & SILLOK_FLAG_UNCONFIRMED)) {
        it->unconfirmed++;
        return 0;
    }
    if (asked || it->options.all || !chain_is_quiet(&c->what))
        return 1;
    it->hidden++;
    return 0;
}

int changes_of_publisher(struct sillok_changes *it, const struct candidate *c)
{
    if (!it->oid)
        return 1;
    const int r = it->store->ops->article_key_of(it->store, c->article, &it->key);
    return r < 0 ? r : text_is(article_key_oid(&it->key), it->oid);
}

static int prepare(struct sillok_changes *it)
{
    int r = it->store->ops->view_hold(it->store);
    if (r < 0)
        return r;
    r = changes_list(it);
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
    buf_init(&it->members, BUF_CEILING);
    buf_init(&it->first_members, BUF_CEILING);
    buf_init(&it->edits, BUF_CEILING);
    buf_init(&it->facts, BUF_CEILING);
    chain_init(&it->chain);
    store_version_init(&it->before);
    store_version_init(&it->now);
    const struct sillok_changes_options *o = &it->options;
    int r = keep_strings(it);
    if (r == 0 && !o->crawl_a != !o->crawl_b)
        r = fail(SILLOK_EINVALID, "two crawls are compared, or none: A..B");
    if (r == 0 && o->every && !o->crawl_a)
        r = fail(SILLOK_EINVALID, "every step is listed between two crawls: name them");
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

/* Who wants few changes does not wait for the facts of many. But where few of the first are
 * of what was asked for the next window is twice as large: an article that has many of them
 * would have its chain read for each. */
static size_t window_size(const struct sillok_changes *it)
{
    const uint64_t twice = 2 * (it->window_end - it->window_start);
    uint64_t size = it->options.limit ? it->options.limit - it->told : CHANGES_WINDOW;
    size = size < twice ? twice : size;
    return size < CHANGES_WINDOW ? (size_t)size : CHANGES_WINDOW;
}

static int next_change(struct sillok_changes *it, struct sillok_change *out)
{
    while (it->next < n_candidates(it)) {
        if (it->options.limit && it->told == it->options.limit)
            return 0;
        const size_t i = it->next++;
        struct candidate *c = candidate_at(it, i);
        if (c->event)
            continue;
        int r = changes_go_on(it);
        if (r == 0)
            r = changes_of_publisher(it, c);
        if (r > 0)
            r = changes_load(it, i, window_size(it), out);
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

/* Where kinds or flags are asked for an event has of its members those that would be listed
 * without it. The others are of no event that is told. In the order of the list, for all
 * events at once: the members of one may stand anywhere in it. */
static int choose_members(struct sillok_changes *it)
{
    struct fold_event *events = (struct fold_event *)(void *)it->events.ptr;
    int r = it->store->ops->view_hold(it->store);
    if (r < 0)
        return r;
    for (size_t i = 0; i < n_candidates(it) && r >= 0; i++) {
        struct candidate *c = candidate_at(it, i);
        if (!c->event || c->event == EVENT_NOT_CHOSEN) /* since it failed before */
            continue;
        r = changes_go_on(it);
        if (r == 0)
            r = changes_of_publisher(it, c);
        if (r <= 0)
            continue;
        r = changes_load(it, i, CHANGES_WINDOW, &it->sample);
        if (r < 0 || (r > 0 && is_chosen(it, &it->sample)))
            continue;
        events[c->event - 1].n--;
        c->event = EVENT_NOT_CHOSEN;
    }
    it->store->ops->view_release(it->store);
    return r < 0 ? r : 0;
}

static uint32_t *numbers_of(const struct buf *b)
{
    return (uint32_t *)(void *)b->ptr;
}

static int reserve_numbers(struct buf *b, size_t n)
{
    const int r = buf_reserve(b, n * sizeof(uint32_t));
    if (r == 0) {
        b->len = n * sizeof(uint32_t);
        memset(b->ptr, 0, b->len);
    }
    return r;
}

/* The list was sorted since events were made: their members are found by their mark. */
static int gather_members(struct sillok_changes *it)
{
    const size_t n_events = it->events.len / sizeof(struct fold_event);
    const size_t n = n_candidates(it);
    int r = reserve_numbers(&it->first_members, n_events + 2);
    r = r < 0 ? r : reserve_numbers(&it->members, n + 1);
    if (r < 0)
        return r;
    /* At e + 1 how many event e has, then where it begins is at e; and each that is put in
     * moves that on, to where the next one begins. */
    uint32_t *first = numbers_of(&it->first_members);
    for (size_t i = 0; i < n; i++)
        if (candidate_at(it, i)->event && candidate_at(it, i)->event <= n_events)
            first[candidate_at(it, i)->event + 1]++;
    for (size_t e = 1; e <= n_events + 1; e++)
        first[e] += first[e - 1];
    for (size_t i = 0; i < n; i++)
        if (candidate_at(it, i)->event && candidate_at(it, i)->event <= n_events)
            numbers_of(&it->members)[first[candidate_at(it, i)->event]++] = (uint32_t)i;
    return 0;
}

static int prepare_events(struct sillok_changes *it)
{
    const int r = it->options.kinds || it->options.flags ? choose_members(it) : 0;
    return r < 0 ? r : gather_members(it);
}

static void list_from_start(struct sillok_changes *it)
{
    it->next_article = numbers_of(&it->first_members)[it->next_event - 1];
    map_clear(&it->listed);
}

/* The next article of the event told last, each once: it may have several of its changes. */
static int next_listed(struct sillok_changes *it, uint64_t *article)
{
    while (it->next_article < numbers_of(&it->first_members)[it->next_event]) {
        const uint32_t i = numbers_of(&it->members)[it->next_article++];
        *article = candidate_at(it, i)->article;
        if (map_get(&it->listed, *article) != MAP_NONE)
            continue;
        const int r = map_put(&it->listed, *article, 0);
        return r < 0 ? r : 1;
    }
    return 0;
}

static int count_articles(struct sillok_changes *it, uint64_t *n)
{
    uint64_t article;
    int r;
    list_from_start(it);
    for (*n = 0; (r = next_listed(it, &article)) > 0; ++*n)
        ;
    list_from_start(it);
    return r;
}

static int need_crawls(struct sillok_changes *it)
{
    return it->crawls ? 0 : it->store->ops->crawls(it->store, &it->crawls, &it->n_crawls);
}

/* Event it->next_event: 1; 0: it is none of the publisher's, or has no members. */
static int load_event(struct sillok_changes *it, struct sillok_event *out)
{
    const struct fold_event *e =
        (const struct fold_event *)(const void *)it->events.ptr + it->next_event - 1;
    uint64_t n_articles = 0;
    list_from_start(it);
    if (it->next_article == numbers_of(&it->first_members)[it->next_event])
        return 0;
    const size_t i = numbers_of(&it->members)[it->next_article];
    int r = changes_of_publisher(it, candidate_at(it, i));
    if (r > 0)
        r = changes_load(it, i, 1, &it->sample);
    if (r <= 0)
        return r;
    r = need_crawls(it);
    r = r < 0 ? r : count_articles(it, &n_articles);
    if (r < 0)
        return r;
    *out = (struct sillok_event){ it->sample.oid, crawl_name(it, e->crawl), n_articles,
                                  &it->sample, e->n };
    return 1;
}

int sillok_changes_next_event(struct sillok_changes *it, struct sillok_event *out)
{
    int r = it->next_event ? 0 : prepare_events(it);
    while (r == 0 && it->next_event < it->events.len / sizeof(struct fold_event)) {
        it->next_event++;
        r = load_event(it, out);
    }
    return r;
}

int sillok_changes_next_article(struct sillok_changes *it, struct sillok_text *aid)
{
    uint64_t article;
    int r = it->next_event ? next_listed(it, &article) : 0;
    if (r <= 0)
        return r;
    r = it->store->ops->article_key_of(it->store, article, &it->key);
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
    buf_release(&it->members);
    buf_release(&it->first_members);
    buf_release(&it->edits);
    buf_release(&it->facts);
    map_release(&it->listed);
    store_crawls_free(it->crawls, it->n_crawls);
    chain_release(&it->chain);
    store_version_release(&it->before);
    store_version_release(&it->now);
    free(it);
}
