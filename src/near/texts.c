#include "near/texts.h"

#include <stdlib.h>

static const size_t set_bytes_max = (size_t)48 << 20;

void texts_init(struct texts *t, struct sillok_store *store)
{
    memset(t, 0, sizeof(*t));
    t->store = store;
    buf_init(&t->infos, BUF_CEILING);
    buf_init(&t->sets, BUF_CEILING);
    buf_init(&t->links, BUF_CEILING);
    near_reader_init(&t->reader);
}

static struct text_set *set_at(const struct texts *t, size_t i)
{
    return (struct text_set *)(void *)t->sets.ptr + i;
}

static void drop_sets(struct texts *t)
{
    const size_t n = t->sets.len / sizeof(struct text_set);
    for (size_t i = 0; i < n; i++) {
        free((void *)(uintptr_t)set_at(t, i)->hashes);
        free((void *)(uintptr_t)set_at(t, i)->f1.ptr);
    }
    buf_clear(&t->sets);
    map_clear(&t->set_of);
    t->set_bytes = 0;
}

void texts_release(struct texts *t)
{
    drop_sets(t);
    buf_release(&t->infos);
    buf_release(&t->sets);
    buf_release(&t->links);
    map_release(&t->by_version);
    map_release(&t->set_of);
    near_reader_release(&t->reader);
}

struct text_info *texts_at(const struct texts *t, size_t i)
{
    return (struct text_info *)(void *)t->infos.ptr + i;
}

size_t texts_count(const struct texts *t)
{
    return t->infos.len / sizeof(struct text_info);
}

/* The last link of the chain that shows the version. */
static int place_in_chain(struct texts *t, struct text_info *info)
{
    buf_clear(&t->links);
    const int r =
        t->store->ops->chain_scan(t->store, info->article, 0, SIZE_MAX / 2, &t->links);
    const struct chain_link *l = (const struct chain_link *)(const void *)t->links.ptr;
    const size_t n = t->links.len / sizeof(*l);
    for (size_t i = n; i-- > 0 && r == 0;)
        if (l[i].version == info->version) {
            info->revision = (uint32_t)i + 1;
            info->newest = i + 1 == n;
            info->first_s = l[i].first_s;
            return 0;
        }
    return r < 0 ? r
                 : fail(SILLOK_ECORRUPT,
                        "the store is damaged: version number %u is in no chain",
                        info->version);
}

int64_t texts_info(struct texts *t, uint32_t version)
{
    struct store_version *v = &t->reader.version;
    struct text_info info;
    const uint32_t known = map_get(&t->by_version, version);
    if (known != MAP_NONE)
        return known;
    memset(&info, 0, sizeof(info));
    info.version = version;
    int r = t->store->ops->version_get(t->store, version, 0, v);
    if (r == 0) {
        r = t->store->ops->article_find(t->store, &v->key, &info.article);
        r = r == 0 ? fail(SILLOK_ECORRUPT, "the store is damaged: an article is missing")
                   : r;
    }
    if (r > 0)
        r = place_in_chain(t, &info);
    const size_t n = texts_count(t);
    if (r == 0)
        r = buf_add(&t->infos, &info, sizeof(info));
    if (r == 0)
        r = map_put(&t->by_version, version, (uint32_t)n);
    return r < 0 ? r : (int64_t)n;
}

static void *copy(const void *ptr, size_t len)
{
    void *p = malloc(len + 1);
    if (p && len)
        memcpy(p, ptr, len);
    return p;
}

static int load_set(struct texts *t, uint32_t version, size_t *at)
{
    struct shingles *s = &t->reader.shingles;
    const uint32_t known = map_get(&t->set_of, version);
    *at = known;
    if (known != MAP_NONE)
        return 0;
    int r = t->store->ops->version_get(t->store, version, 1, &t->reader.version);
    if (r == 0)
        r = shingles_read(s, t->reader.version.article.body);
    if (r < 0)
        return r;
    shingles_sort(s);
    struct text_set set;
    memset(&set, 0, sizeof(set));
    set.is_short = s->n_chars < SHINGLE_TEXT_MIN;
    set.f1_hash = s->f1_hash;
    set.n = s->n;
    set.hashes = copy(s->hashes.ptr, s->hashes.len);
    if (set.is_short)
        set.f1 = text_make(copy(s->f1.ptr, s->f1.len), s->f1.len);
    *at = t->sets.len / sizeof(set);
    r = set.hashes && (!set.is_short || set.f1.ptr) ? 0 : fail_memory();
    if (r == 0)
        r = buf_add(&t->sets, &set, sizeof(set));
    if (r < 0) {
        free((void *)(uintptr_t)set.hashes);
        free((void *)(uintptr_t)set.f1.ptr);
        return r;
    }
    t->set_bytes += s->hashes.len + set.f1.len + sizeof(set);
    return map_put(&t->set_of, version, (uint32_t)*at);
}

int texts_sets(struct texts *t, uint32_t a, uint32_t b, const struct text_set **set_a,
               const struct text_set **set_b)
{
    size_t at_a = 0, at_b = 0;
    if (t->set_bytes > set_bytes_max)
        drop_sets(t);
    int r = load_set(t, a, &at_a);
    if (r == 0)
        r = load_set(t, b, &at_b);
    if (r < 0)
        return r;
    *set_a = set_at(t, at_a);
    *set_b = set_at(t, at_b);
    return 0;
}

double text_set_similarity(const struct text_set *a, const struct text_set *b)
{
    if (a->is_short || b->is_short)
        return a->is_short && b->is_short && text_equal(a->f1, b->f1);
    return shingles_jaccard(a->hashes, a->n, b->hashes, b->n);
}
