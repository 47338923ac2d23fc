#include "proof/gather.h"

#include <stdlib.h>

/* So many articles are sorted in memory, 18 MB; of more all keys are gone through. */
enum { SORTED_MAX = 1 << 17 };

struct known {
    uint64_t version;
    struct opening opening;
    struct sillok_id commitment;
};

void gather_init(struct gather *g, struct sillok_store *store, struct hasher *hasher,
                 const uint8_t *secret)
{
    memset(g, 0, sizeof(*g));
    g->store = store;
    g->hasher = hasher;
    g->secret = secret;
    chain_init(&g->chain);
    buf_init(&g->list, BUF_CEILING);
    buf_init(&g->obs, BUF_CEILING);
    buf_init(&g->known, BUF_CEILING);
    store_version_init(&g->version);
}

void gather_release(struct gather *g)
{
    chain_release(&g->chain);
    buf_release(&g->list);
    buf_release(&g->obs);
    buf_release(&g->known);
    store_version_release(&g->version);
}

size_t gather_count(const struct gather *g)
{
    return g->list.len / sizeof(struct gathered);
}

const struct gathered *gather_at(const struct gather *g, size_t i)
{
    return (const struct gathered *)(const void *)g->list.ptr + i;
}

static const struct known *find_known(const struct gather *g, uint64_t version)
{
    const struct known *k = (const struct known *)(const void *)g->known.ptr;
    for (size_t i = g->known.len / sizeof(*k); i-- > 0;) /* mostly the last */
        if (k[i].version == version)
            return &k[i];
    return NULL;
}

static int learn(struct gather *g, uint64_t version, const struct known **out)
{
    struct known k;
    memset(&k, 0, sizeof(k));
    k.version = version;
    int r = g->store->ops->version_get(g->store, version, 0, &g->version);
    if (r == 0)
        r = commitment_of(g->hasher, g->secret, &g->version.article, &k.opening,
                          &k.commitment);
    if (r == 0)
        r = buf_add(&g->known, &k, sizeof(k));
    if (r == 0)
        *out = (const struct known *)(const void *)(g->known.ptr + g->known.len) - 1;
    return r;
}

int gather_commitment(struct gather *g, uint64_t version, struct opening *opening,
                      struct sillok_id *out)
{
    const struct known *k = find_known(g, version);
    const int r = k ? 0 : learn(g, version, &k);
    if (r < 0 || !k)
        return r;
    if (opening)
        *opening = k->opening;
    *out = k->commitment;
    return 0;
}

static int by_time_and_commitment(const void *a, const void *b)
{
    const struct gathered *x = a, *y = b;
    if (x->time_s != y->time_s)
        return x->time_s < y->time_s ? -1 : 1;
    return memcmp(&x->commitment, &y->commitment, sizeof(x->commitment));
}

/* gather_names() has room for what a key may be, and not for what a store says. */
static int judge_key(const struct article_key *key)
{
    return article_key_oid(key).len <= SILLOK_KEY_MAX_BYTES &&
                   article_key_aid(key).len <= SILLOK_KEY_MAX_BYTES
               ? 0
               : fail(SILLOK_ECORRUPT,
                      "the store is damaged: an article has an id of more "
                      "than %d bytes",
                      SILLOK_KEY_MAX_BYTES);
}

int gather_article(struct gather *g, const struct article_key *key, uint64_t article)
{
    g->key = *key;
    buf_clear(&g->list);
    buf_clear(&g->obs);
    buf_clear(&g->known);
    int r = judge_key(key);
    if (r == 0)
        r = g->store->ops->obs_scan(g->store, article, &g->obs);
    const struct chain_obs *o = (const struct chain_obs *)(const void *)g->obs.ptr;
    const size_t n = g->obs.len / sizeof(*o);
    if (r == 0)
        r = chain_make(&g->chain, article, o, n);
    for (size_t i = 0; i < n && r == 0; i++) {
        struct gathered one;
        memset(&one, 0, sizeof(one));
        one.time_s = o[i].time_s;
        one.version = o[i].version;
        one.crawl = o[i].crawl;
        r = gather_commitment(g, one.version, NULL, &one.commitment);
        if (r == 0)
            r = buf_add(&g->list, &one, sizeof(one));
    }
    if (r == 0 && n > 1)
        qsort(g->list.ptr, n, sizeof(struct gathered), by_time_and_commitment);
    return r;
}

void gather_names(const struct article_key *key, char oid[SILLOK_KEY_MAX_BYTES + 1],
                  char aid[SILLOK_KEY_MAX_BYTES + 1])
{
    const struct sillok_text o = article_key_oid(key), a = article_key_aid(key);
    memcpy(oid, o.ptr, o.len);
    oid[o.len] = '\0';
    memcpy(aid, a.ptr, a.len);
    aid[a.len] = '\0';
}

int gather_leaf(struct gather *g, const struct gathered *o, struct sillok_id *out)
{
    CLEANUP(buf_release) struct buf line = BUF_INIT;
    struct sighting s = { .crawled_at_s = o->time_s, .commitment = o->commitment };
    gather_names(&g->key, s.oid, s.aid);
    const int r = sighting_add(&line, &s);
    return r < 0 ? r : merkle_leaf(g->hasher, text_make(line.ptr, line.len), out);
}

/* --- walks --- */

static int by_key(const void *a, const void *b)
{
    return text_compare(article_key_text(a), article_key_text(b));
}

static uint64_t count_bits(const struct buf *bits)
{
    uint64_t n = 0;
    for (size_t i = 0; i < bits->len; i++)
        n += (uint64_t)__builtin_popcount((uint8_t)bits->ptr[i]);
    return n;
}

static int collect_keys(struct sillok_store *store, const struct buf *bits,
                        struct buf *keys)
{
    struct article_key key;
    int r = 0;
    for (uint64_t i = 0; i < (uint64_t)bits->len * 8 && r == 0; i++) {
        if (!buf_bit(bits, i))
            continue;
        memset(&key, 0, sizeof(key));
        r = store->ops->article_key_of(store, i, &key);
        if (r == 0)
            r = buf_add(keys, &key, sizeof(key));
    }
    return r;
}

static int walk_sorted(struct sillok_store *store, const struct buf *bits, gather_fn *fn,
                       void *arg)
{
    CLEANUP(buf_release) struct buf keys = BUF_INIT;
    int r = collect_keys(store, bits, &keys);
    const size_t n = keys.len / sizeof(struct article_key);
    if (r == 0 && n > 1)
        qsort(keys.ptr, n, sizeof(struct article_key), by_key);
    for (size_t i = 0; i < n && r == 0; i++) {
        const struct article_key *key =
            (const struct article_key *)(const void *)keys.ptr + i;
        uint64_t article;
        r = store->ops->article_find(store, key, &article);
        r = r > 0    ? fn(arg, key, article)
            : r == 0 ? fail(SILLOK_ECORRUPT, "the store is damaged: an article is in a "
                                             "crawl and not in the list of articles")
                     : r;
    }
    return r;
}

static int walk_all(struct sillok_store *store, const struct buf *bits, gather_fn *fn,
                    void *arg)
{
    struct article_key after = { .len = 0 }, key;
    uint64_t article;
    int r;
    memset(&key, 0, sizeof(key));
    while ((r = store->ops->article_next(store, &after, &key, &article)) > 0) {
        r = buf_bit(bits, article) ? fn(arg, &key, article) : 0;
        if (r < 0)
            return r;
        after = key;
    }
    return r;
}

int gather_articles(struct sillok_store *store, const struct buf *bits, gather_fn *fn,
                    void *arg)
{
    return count_bits(bits) <= SORTED_MAX ? walk_sorted(store, bits, fn, arg)
                                          : walk_all(store, bits, fn, arg);
}
