/* Visits that show what was shown: see repeats.h. */
#include "history/repeats.h"

#include <stdlib.h>
#include <string.h>

#define NOT_EXPORTED UINT32_MAX /* of a crawl */

struct first {
    struct sillok_id shown; /* the hash of body and address */
    uint32_t rank;          /* of its crawl */
    size_t i;               /* among the visits to the article */
    int64_t time_s;
};

static struct first *first_at(const struct repeats *p, uint32_t i)
{
    return (struct first *)(void *)p->firsts.ptr + i;
}

int repeats_begin(struct repeats *p, struct sillok_store *store,
                  const struct store_crawl *crawls, size_t n, const char *only)
{
    p->store = store;
    buf_init(&p->firsts, BUF_CEILING);
    for (size_t i = 0; i < n; i++)
        if (crawls[i].no >= p->n_ranks)
            p->n_ranks = (size_t)crawls[i].no + 1;
    p->ranks = malloc((p->n_ranks + 1) * sizeof(*p->ranks));
    if (!p->ranks)
        return fail_memory();
    memset(p->ranks, 0xFF, (p->n_ranks + 1) * sizeof(*p->ranks)); /* NOT_EXPORTED */
    for (size_t i = 0; i < n; i++)
        if (!only || strcmp(crawls[i].name, only) == 0)
            p->ranks[crawls[i].no] = (uint32_t)i;
    return hasher_new(&p->hasher);
}

void repeats_release(struct repeats *p)
{
    hasher_free(p->hasher);
    free(p->ranks);
    map_release(&p->versions);
    map_release(&p->shown);
    buf_release(&p->firsts);
}

/* Body and address of a version, as one id. */
static int shown_of(struct repeats *p, uint64_t version, struct sillok_id *out)
{
    struct store_version v;
    store_version_init(&v);
    int r = p->store->ops->version_get(p->store, version, 0, &v);
    const struct sillok_id *body = &v.article.content_hash;
    const struct sillok_text url = v.article.fields[SILLOK_URL];
    if (r == 0)
        r = hasher_begin(p->hasher);
    if (r == 0)
        r = hasher_add(p->hasher, body->bytes, sizeof(body->bytes));
    if (r == 0)
        r = hasher_add(p->hasher, url.ptr, url.len);
    if (r == 0)
        r = hasher_end(p->hasher, out);
    store_version_release(&v);
    return r;
}

/* Index of what a version shows; @p now is put there where it is new. Two things whose ids
 * begin alike are told apart: the second is then new each time, which is never wrong. */
static int index_of(struct repeats *p, uint64_t version, struct first *now, uint32_t *out)
{
    uint64_t start;
    *out = map_get(&p->versions, version);
    if (*out != MAP_NONE)
        return 0;
    int r = shown_of(p, version, &now->shown);
    if (r < 0)
        return r;
    memcpy(&start, now->shown.bytes, sizeof(start));
    *out = map_get(&p->shown, start);
    if (*out == MAP_NONE || !sillok_id_equal(&first_at(p, *out)->shown, &now->shown)) {
        const int is_new = *out == MAP_NONE;
        *out = (uint32_t)(p->firsts.len / sizeof(*now));
        r = buf_add(&p->firsts, now, sizeof(*now));
        if (r == 0 && is_new)
            r = map_put(&p->shown, start, *out);
    }
    return r < 0 ? r : map_put(&p->versions, version, *out);
}

int repeats_load(struct repeats *p, uint32_t crawl_now, const struct chain_obs *visits,
                 size_t n)
{
    const uint32_t now_rank = p->ranks[crawl_now];
    map_clear(&p->versions);
    map_clear(&p->shown);
    buf_clear(&p->firsts);
    for (size_t i = 0; i < n; i++) {
        const uint32_t crawl = visits[i].crawl;
        struct first now = { .rank = crawl < p->n_ranks ? p->ranks[crawl] : NOT_EXPORTED,
                             .i = i,
                             .time_s = visits[i].time_s };
        uint32_t at;
        if (now.rank > now_rank) /* also those that are not exported */
            continue;
        const int r = index_of(p, visits[i].version, &now, &at);
        if (r < 0)
            return r;
        struct first *first = first_at(p, at);
        if (now.rank < first->rank) { /* visits of one crawl are in their order */
            now.shown = first->shown;
            *first = now;
        }
    }
    return 0;
}

int repeats_ask(const struct repeats *p, const struct chain_obs *visit, size_t i,
                int64_t *first_s)
{
    const struct first *first = first_at(p, map_get(&p->versions, visit->version));
    *first_s = first->time_s;
    return first->i != i;
}
