#include "corpus.h"

#include "rng.h"

static const int64_t first_crawl_s = 1772409600; /* 2026-03-02T00:00:00Z */
enum {
    DAY_S = 86400,
    CRAWL_S = 61200, /* one crawl takes 17 hours */
    LATE_S = 108000  /* how much too early a late visit is: before the visit of the crawl
                        before, but not before that crawl began */
};

static const struct {
    const char *name;
    unsigned weight;
} kinds[N_EDIT_KINDS] = {
    [EDIT_NONE] = { "none", 0 },
    [EDIT_TYPO] = { "typo", 26 },
    [EDIT_NUMBER] = { "number", 12 },
    [EDIT_APPEND] = { "append", 14 },
    [EDIT_INSERT] = { "insert", 8 },
    [EDIT_DELETE] = { "delete", 6 },
    [EDIT_REWRITE] = { "rewrite", 5 },
    [EDIT_BYLINE] = { "byline", 5 },
    [EDIT_TITLE] = { "title", 14 },
    [EDIT_SPACE] = { "space", 3 },
    [EDIT_MOVE] = { "move", 2 },
    [EDIT_EMPTIED] = { "emptied", 2 },
    [EDIT_CORRECTION] = { "correction", 3 },
    [EDIT_REVERT] = { "revert", 0 },
};

const char *edit_name(enum edit_kind kind)
{
    return kinds[kind].name;
}

static uint64_t fresh_per_crawl(const struct corpus *c)
{
    return (uint64_t)((double)c->n_articles * c->fresh);
}

uint64_t corpus_articles(const struct corpus *c, unsigned crawl)
{
    return c->n_articles + crawl * fresh_per_crawl(c);
}

unsigned corpus_birth(const struct corpus *c, uint64_t article)
{
    return article < c->n_articles
               ? 0
               : 1 + (unsigned)((article - c->n_articles) / fresh_per_crawl(c));
}

static enum edit_kind choose_kind(struct rng *rng)
{
    unsigned sum = 0;
    for (int k = 0; k < N_EDIT_KINDS; k++)
        sum += kinds[k].weight;
    unsigned left = rng_below(rng, sum);
    int k = 0;
    while (left >= kinds[k].weight)
        left -= kinds[k++].weight;
    return (enum edit_kind)k;
}

/* What an editor does to an article that the crawl before showed as in @p v. */
static enum edit_kind choose_edit(const struct corpus *c, const struct visit *v,
                                  struct rng *rng)
{
    const double dice = rng_unit(rng);
    if (v->n && v->edits[v->n - 1].kind == EDIT_EMPTIED)
        return dice < 0.5 ? EDIT_REVERT : EDIT_NONE;
    if (v->changed != EDIT_NONE && v->changed != EDIT_REVERT && v->n && dice < 0.06)
        return EDIT_REVERT;
    if (dice >= 1 - c->edit && v->n < MAX_EDITS)
        return choose_kind(rng);
    return EDIT_NONE;
}

/* Where in a crawl the article comes, from 0 to 1. */
static double place_of(const struct corpus *c, uint64_t article)
{
    return (double)(article % c->n_articles) / (double)c->n_articles;
}

int corpus_visit(const struct corpus *c, uint64_t article, unsigned crawl,
                 struct visit *out)
{
    const unsigned birth = corpus_birth(c, article);
    int before = 0, seen = 0; /* did the crawl before, and this one, see it? */
    out->n = 0;
    out->changed = EDIT_NONE;
    out->late = 0;
    if (birth > crawl)
        return 0;
    for (unsigned k = birth; k <= crawl; k++) {
        struct rng rng = rng_of(c->seed, article, k, USE_VISIT);
        before = seen;
        seen = k == birth || rng_chance(&rng, c->only);
        if (!seen || k == birth)
            continue;
        const int quiet = before && !out->late && out->changed == EDIT_NONE;
        out->late = rng_chance(&rng, 0.001) && quiet && k >= birth + 2 &&
                    place_of(c, article) > 0.4;
        out->changed = out->late ? EDIT_NONE : choose_edit(c, out, &rng);
        if (out->changed == EDIT_REVERT)
            out->n--;
        else if (out->changed != EDIT_NONE)
            out->edits[out->n++] = (struct edit){ k, out->changed };
    }
    return seen;
}

int64_t corpus_time(const struct corpus *c, uint64_t article, unsigned crawl, int late)
{
    struct rng rng = rng_of(c->seed, article, crawl, USE_PLAN);
    return first_crawl_s + (int64_t)crawl * DAY_S +
           (int64_t)(place_of(c, article) * CRAWL_S) + rng_below(&rng, 60) -
           (late ? LATE_S : 0);
}
