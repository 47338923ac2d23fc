#include "proof/crawltree.h"

#include "base/utf8.h"

#include <inttypes.h>
#include <stdlib.h>

enum { NAME_MAX_BYTES = 1024 };

static int by_name(const void *a, const void *b)
{
    const struct store_crawl *x = a, *y = b;
    return strcmp(x->name, y->name);
}

int crawl_trees_load(struct crawl_trees *t, struct sillok_store *store)
{
    memset(t, 0, sizeof(*t));
    t->store = store;
    const int r = store->ops->crawls(store, &t->crawls, &t->n);
    if (r < 0)
        return r;
    if (t->n > 1)
        qsort(t->crawls, t->n, sizeof(*t->crawls), by_name);
    for (size_t i = 0; i < t->n; i++)
        if (t->crawls[i].no > t->top)
            t->top = t->crawls[i].no;
    t->trees = calloc(t->n + 1, sizeof(*t->trees));
    t->by_number = calloc((size_t)t->top + 1, sizeof(*t->by_number));
    if (!t->trees || !t->by_number)
        return fail_memory();
    for (size_t i = 0; i < t->n; i++) {
        t->trees[i].crawl = &t->crawls[i];
        t->by_number[t->crawls[i].no] = (uint32_t)i + 1;
    }
    return 0;
}

void crawl_trees_release(struct crawl_trees *t)
{
    store_crawls_free(t->crawls, t->n);
    free(t->trees);
    free(t->by_number);
    memset(t, 0, sizeof(*t));
}

struct crawl_tree *crawl_trees_of(const struct crawl_trees *t, uint32_t number)
{
    const uint32_t i = number <= t->top ? t->by_number[number] : 0;
    return i && t->trees[i - 1].wanted ? &t->trees[i - 1] : NULL;
}

int crawl_trees_articles(const struct crawl_trees *t, struct buf *bits)
{
    int r = 0;
    for (size_t i = 0; i < t->n && r == 0; i++)
        if (t->trees[i].wanted)
            r = t->store->ops->crawl_articles(t->store, t->crawls[i].no, bits);
    return r;
}

int crawl_trees_take(struct crawl_trees *t, struct gather *g)
{
    int r = 0;
    for (size_t i = 0; i < gather_count(g) && r == 0; i++) {
        const struct gathered *o = gather_at(g, i);
        struct crawl_tree *tree = crawl_trees_of(t, o->crawl);
        struct sillok_id leaf;
        if (!tree)
            continue;
        r = gather_leaf(g, o, &leaf);
        if (r == 0)
            r = merkle_append(&tree->observations, g->hasher, &leaf);
    }
    return r;
}

static struct crawl_tree *tree_named(const struct crawl_trees *t, const char *name)
{
    size_t lo = 0, hi = t->n;
    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;
        const int c = strcmp(t->crawls[mid].name, name);
        if (c == 0)
            return t->trees[mid].wanted ? &t->trees[mid] : NULL;
        if (c < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return NULL;
}

int crawl_trees_refusals(struct crawl_trees *t, struct hasher *h)
{
    CLEANUP(buf_release) struct buf cursor = BUF_INIT;
    CLEANUP(buf_release) struct buf record = BUF_INIT;
    CLEANUP(buf_release) struct buf line = BUF_INIT;
    struct sillok_refusal refusal;
    char key[33];
    int any = 0, r = 0;
    for (size_t i = 0; i < t->n; i++)
        any |= t->trees[i].wanted && t->crawls[i].refused;
    while (any && (r = t->store->ops->refusal_scan(t->store, &cursor, &record, &refusal,
                                                   key)) > 0) {
        struct crawl_tree *tree = tree_named(t, refusal.crawl);
        struct sillok_id leaf;
        if (!tree)
            continue;
        buf_clear(&line);
        r = refusal_line_add(&line, key, refusal.code);
        if (r == 0)
            r = merkle_leaf(h, text_make(line.ptr, line.len), &leaf);
        if (r == 0)
            r = merkle_append(&tree->refused, h, &leaf);
        if (r < 0)
            break;
    }
    return r;
}

int crawl_entry_name(struct buf *out, struct hasher *h, const char *name)
{
    const struct sillok_text t = text_of(name);
    struct sillok_id id;
    char hex[17];
    if (t.len <= NAME_MAX_BYTES && utf8_valid(t))
        return buf_add_text(out, t);
    int r = hasher_of(h, t, &id);
    if (r == 0)
        r = utf8_add_valid(out, utf8_cut(t, NAME_MAX_BYTES));
    put_hex(hex, id.bytes, 8);
    return r < 0 ? r : buf_printf(out, "#%s", hex);
}

int crawl_tree_leaf(const struct crawl_tree *tree, struct hasher *h, struct leaf *out)
{
    const struct store_crawl *c = tree->crawl;
    if (tree->observations.n != c->observations || tree->refused.n != c->refused)
        return fail(
            SILLOK_ECORRUPT,
            "the store is damaged: of crawl '%.80s' there are %" PRIu64
            " observations and %" PRIu64 " refusals, not %" PRIu64 " and %" PRIu64,
            c->name, tree->observations.n, tree->refused.n, c->observations, c->refused);
    buf_clear(&out->name);
    out->kind = LEAF_CRAWL;
    out->observations = c->observations;
    out->refused = c->refused;
    int r = crawl_entry_name(&out->name, h, c->name);
    if (r == 0)
        r = merkle_root(&tree->observations, h, &out->observations_root);
    return r < 0 ? r : merkle_root(&tree->refused, h, &out->refused_root);
}
