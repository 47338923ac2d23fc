/* Files that could not be understood: the list of them, and their bytes. */
#include "history/paths.h"
#include "sillok/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct kept_refusal {
    char key[33];
    char *crawl;
    struct buf record;
    struct sillok_refusal refusal; /* borrows from the two above */
};

struct sillok_refused {
    struct sillok_store *store;
    struct store_crawl *crawls;
    size_t n_crawls;
    struct buf list; /* struct kept_refusal */
    size_t next;
};

static struct kept_refusal *kept_at(const struct sillok_refused *it, size_t i)
{
    return (struct kept_refusal *)(void *)it->list.ptr + i;
}

static int by_crawl_and_name(const void *a, const void *b)
{
    const struct kept_refusal *x = a, *y = b;
    int c = strcmp(x->crawl, y->crawl);
    if (c == 0)
        c = text_compare(x->refusal.name, y->refusal.name);
    return c ? c : strcmp(x->key, y->key);
}

static int load_refusals(struct sillok_refused *it, struct sillok_store *store)
{
    CLEANUP(buf_release) struct buf cursor = BUF_INIT;
    const int got = store->ops->crawls(store, &it->crawls, &it->n_crawls);
    if (got < 0)
        return got;
    for (;;) {
        struct kept_refusal k = { .record = BUF_INIT };
        int r = store->ops->refusal_scan(store, &cursor, &k.record, &k.refusal, k.key);
        if (r > 0) {
            k.crawl = strdup(k.refusal.crawl);
            if (!k.crawl || buf_add(&it->list, &k, sizeof(k)) < 0)
                r = fail_memory();
        }
        if (r <= 0) {
            buf_release(&k.record);
            free(k.crawl);
            return r;
        }
    }
}

int sillok_refused_open(struct sillok_refused **out, struct sillok_store *store)
{
    struct sillok_refused *it = calloc(1, sizeof(*it));
    if (!it)
        return fail_memory();
    it->store = store;
    buf_init(&it->list, BUF_CEILING);
    const int r = load_refusals(it, store);
    if (r < 0) {
        sillok_refused_close(it);
        return r;
    }
    const size_t n = it->list.len / sizeof(struct kept_refusal);
    if (n)
        qsort(it->list.ptr, n, sizeof(struct kept_refusal), by_crawl_and_name);
    *out = it;
    return 0;
}

/* Is a file of this name in the crawl too? A crawler that was still writing when somebody
 * read has one, after the next run. */
static int find_taken_in(struct sillok_refused *it, const struct kept_refusal *k)
{
    CLEANUP(buf_release) struct buf all = BUF_INIT;
    struct article_key key;
    uint64_t article;
    const struct store_crawl *crawl =
        store_crawl_find(it->store, it->crawls, it->n_crawls, k->crawl);
    if (!crawl || !path_owner(&key, k->refusal.name))
        return 0;
    int r = it->store->ops->article_find(it->store, &key, &article);
    if (r > 0)
        r = it->store->ops->obs_scan_crawl(it->store, article, crawl->no, &all);
    const struct chain_obs *o = (const struct chain_obs *)(const void *)all.ptr;
    for (size_t i = 0; r == 0 && i < all.len / sizeof(*o); i++)
        r = path_is_of(it->store, &o[i], k->refusal.name);
    return r;
}

int sillok_refused_next(struct sillok_refused *it, struct sillok_refusal *out)
{
    if (it->next == it->list.len / sizeof(struct kept_refusal))
        return 0;
    const struct kept_refusal *k = kept_at(it, it->next++);
    const int taken_in = find_taken_in(it, k);
    if (taken_in < 0)
        return taken_in;
    *out = k->refusal;
    out->key = k->key;
    out->crawl = k->crawl;
    out->taken_in = taken_in;
    return 1;
}

void sillok_refused_close(struct sillok_refused *it)
{
    if (!it)
        return;
    for (size_t i = 0; i < it->list.len / sizeof(struct kept_refusal); i++) {
        buf_release(&kept_at(it, i)->record);
        free(kept_at(it, i)->crawl);
    }
    buf_release(&it->list);
    store_crawls_free(it->crawls, it->n_crawls);
    free(it);
}

int sillok_refused_get(struct sillok_store *store, const char *key, char **data,
                       size_t *len)
{
    struct sillok_refused *it;
    char full[33] = "";
    int hits = 0, kept = 0;
    const size_t n = strlen(key);
    int r = n >= 4 ? sillok_refused_open(&it, store)
                   : fail(SILLOK_EINVALID,
                          "'%s' is not the key of a refusal: 4 to 32 hex digits", key);
    if (r < 0)
        return r;
    for (size_t i = 0; i < it->list.len / sizeof(struct kept_refusal); i++) {
        const struct kept_refusal *k = kept_at(it, i);
        if (strncmp(k->key, key, n) == 0 && hits++ == 0) {
            snprintf(full, sizeof(full), "%s", k->key);
            kept = k->refusal.has_bytes;
        }
    }
    sillok_refused_close(it);
    if (hits == 0)
        return fail(SILLOK_ENOTFOUND, "there is no refusal %s in '%s'", key, store->path);
    if (hits > 1)
        return fail(SILLOK_EAMBIGUOUS, "%s fits %d refusals", key, hits);
    if (!kept)
        return fail(
            SILLOK_ENOTFOUND,
            "the bytes of refusal %s were not kept: the file was too large or could not "
            "be read",
            key);
    CLEANUP(buf_release) struct buf out = BUF_INIT;
    r = store->ops->refusal_get(store, full, &out);
    if (r < 0)
        return r;
    *data = buf_take(&out, len);
    return *data ? 0 : fail_memory();
}
