/* Crawls and what they did not see, refusals, publishers: the short lists. */
#include "history/chain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- crawls --- */

struct sillok_crawls {
    struct sillok_store *store;
    struct store_crawl *list;
    size_t n, next;
    struct buf before; /* bits of the articles that the crawl before saw */
};

/* By their last files: an old one that was left in the folder of a crawl makes it no
 * earlier, and none is of the future. */
static int by_last(const void *a, const void *b)
{
    const struct store_crawl *x = a, *y = b;
    /* A crawl that only refused has no times: it stands last, and before or behind none. */
    if (!x->observations != !y->observations)
        return x->observations ? -1 : 1;
    if (x->observations && x->last_s != y->last_s)
        return x->last_s < y->last_s ? -1 : 1;
    if (x->observations && x->first_s != y->first_s)
        return x->first_s < y->first_s ? -1 : 1;
    return strcmp(x->name, y->name);
}

/* All of them in order: store_crawls_free(). */
static int load_crawls(struct sillok_store *store, struct store_crawl **out, size_t *n)
{
    const int r = store->ops->crawls(store, out, n);
    if (r == 0 && *n)
        qsort(*out, *n, sizeof(**out), by_last);
    return r;
}

int sillok_crawls_open(struct sillok_crawls **out, struct sillok_store *store)
{
    struct sillok_crawls *it = calloc(1, sizeof(*it));
    if (!it)
        return fail_memory();
    it->store = store;
    buf_init(&it->before, BUF_CEILING);
    const int r = load_crawls(store, &it->list, &it->n);
    if (r < 0) {
        free(it);
        return r;
    }
    *out = it;
    return 0;
}

/* Leave of @p before, the articles that a crawl saw, what the next one, which saw @p now, did
 * not see. How many these are. */
static uint64_t keep_missing(struct buf *before, const struct buf *now)
{
    uint64_t n = 0;
    for (size_t i = 0; i < before->len; i++) {
        const unsigned seen = i < now->len ? (uint8_t)now->ptr[i] : 0;
        const unsigned missing = (uint8_t)before->ptr[i] & ~seen & 0xff;
        before->ptr[i] = (char)missing;
        n += (unsigned)__builtin_popcount(missing);
    }
    return n;
}

int sillok_crawls_next(struct sillok_crawls *it, struct sillok_crawl *out)
{
    if (it->next == it->n)
        return 0;
    const struct store_crawl *c = &it->list[it->next++];
    struct buf seen = BUF_INIT;
    const int r = it->store->ops->crawl_articles(it->store, c->no, &seen);
    if (r < 0) {
        buf_release(&seen);
        return r;
    }
    const struct store_crawl *before = it->next > 1 ? c - 1 : NULL;
    *out = (struct sillok_crawl){
        .name = c->name,
        .started_s = c->started_s,
        .files = c->observations + c->refused,
        .observations = c->observations,
        .new_articles = c->first_revisions,
        .changed = c->later_revisions,
        .unchanged = c->observations - c->first_revisions - c->later_revisions,
        .missing = c->observations ? keep_missing(&it->before, &seen) : 0,
        .refused = c->refused,
        .hash_mismatch = c->mismatches,
        .conflicts = c->conflicts,
        .first_s = c->first_s,
        .last_s = c->last_s,
        .gap_s = before && before->last_s < c->first_s ? c->first_s - before->last_s : 0,
    };
    buf_release(&it->before);
    it->before = seen;
    return 1;
}

void sillok_crawls_close(struct sillok_crawls *it)
{
    if (!it)
        return;
    store_crawls_free(it->list, it->n);
    buf_release(&it->before);
    free(it);
}

/* --- which crawl saw an article last --- */

static int has_visit_of(const struct buf *visits, uint32_t crawl)
{
    const struct chain_obs *o = (const struct chain_obs *)(const void *)visits->ptr;
    for (size_t i = visits->len / sizeof(*o); i > 0; i--)
        if (o[i - 1].crawl == crawl)
            return 1;
    return 0;
}

static int find_last(const struct store_crawl *list, size_t n, const struct buf *visits,
                     char **name, uint64_t *later)
{
    *later = 0;
    for (size_t i = n; i > 0; i--) {
        const struct store_crawl *c = &list[i - 1];
        if (!has_visit_of(visits, c->no)) {
            *later += c->observations > 0;
            continue;
        }
        free(*name);
        return (*name = strdup(c->name)) ? 0 : fail_memory();
    }
    return fail(SILLOK_ECORRUPT,
                "the store is damaged: an article has visits of no crawl");
}

int chain_last_crawl(struct sillok_store *store, uint64_t article, char **name,
                     uint64_t *later)
{
    CLEANUP(buf_release) struct buf visits = BUF_INIT;
    struct store_crawl *list = NULL;
    size_t n = 0;
    int r = store->ops->obs_scan(store, article, &visits);
    r = r < 0 ? r : load_crawls(store, &list, &n);
    r = r < 0 ? r : find_last(list, n, &visits, name, later);
    store_crawls_free(list, n);
    return r;
}

/* --- what a crawl did not see ---
 *
 * The bits of two crawls say which articles. They are told in the order of their names by
 * going through the table of articles, so that no list of them has to be held and sorted.
 */

struct sillok_missing {
    struct sillok_store *store;
    char *before; /* name of the crawl before; NULL: there is none */
    uint32_t before_no;
    struct buf bits; /* of the articles */
    uint64_t n_left; /* that are not told yet */
    struct article_key key;
    struct buf visits; /* struct chain_obs of the article at hand */
    struct store_version version;
};

/* Compare crawl @p c of the list with the one before it. */
static int find_missing(struct sillok_missing *it, const struct store_crawl *list,
                        const struct store_crawl *c)
{
    CLEANUP(buf_release) struct buf seen = BUF_INIT;
    if (c == list || !c->observations)
        return 0;
    it->before = strdup(c[-1].name);
    it->before_no = c[-1].no;
    if (!it->before)
        return fail_memory();
    int r = it->store->ops->crawl_articles(it->store, it->before_no, &it->bits);
    if (r == 0)
        r = it->store->ops->crawl_articles(it->store, c->no, &seen);
    if (r == 0)
        it->n_left = keep_missing(&it->bits, &seen);
    return r;
}

static int find_missing_of(struct sillok_missing *it, const char *crawl)
{
    struct store_crawl *list = NULL;
    size_t n = 0;
    int r = it->store->ops->view_hold(it->store);
    if (r < 0)
        return r;
    r = load_crawls(it->store, &list, &n);
    if (r == 0) {
        const struct store_crawl *c = store_crawl_find(it->store, list, n, crawl);
        r = c ? find_missing(it, list, c) : SILLOK_ENOTFOUND;
        store_crawls_free(list, n);
    }
    it->store->ops->view_release(it->store);
    return r;
}

int sillok_missing_open(struct sillok_missing **out, struct sillok_store *store,
                        const char *crawl)
{
    struct sillok_missing *it = calloc(1, sizeof(*it));
    if (!it)
        return fail_memory();
    it->store = store;
    buf_init(&it->bits, BUF_CEILING);
    buf_init(&it->visits, BUF_CEILING);
    store_version_init(&it->version);
    const int r = find_missing_of(it, crawl);
    if (r < 0) {
        sillok_missing_close(it);
        return r;
    }
    *out = it;
    return 0;
}

const char *sillok_missing_before(const struct sillok_missing *it)
{
    return it->before;
}

/* Revisions are counted as in the chain: a visit that shows another version than the one
 * before it begins one. */
static int tell_missing(struct sillok_missing *it, uint64_t article,
                        struct sillok_missing_article *out)
{
    buf_clear(&it->visits);
    int r = it->store->ops->obs_scan(it->store, article, &it->visits);
    if (r < 0)
        return r;
    const struct chain_obs *o = (const struct chain_obs *)(const void *)it->visits.ptr;
    const struct chain_obs *last = NULL;
    uint32_t revision = 0;
    *out = (struct sillok_missing_article){ .revision = 0 };
    for (size_t i = 0; i < it->visits.len / sizeof(*o); i++) {
        revision += i == 0 || o[i].version != o[i - 1].version;
        if (o[i].crawl == it->before_no) {
            last = &o[i];
            out->revision = revision;
            out->seen_again_s = 0;
        } else if (last && !out->seen_again_s && o[i].time_s > last->time_s)
            out->seen_again_s = o[i].time_s;
    }
    if (!last)
        return fail(SILLOK_ECORRUPT,
                    "the store is damaged: an article lacks its visit in crawl '%s'",
                    it->before);
    r = it->store->ops->version_get(it->store, last->version, 0, &it->version);
    out->last_seen_s = last->time_s;
    out->article = it->version.article;
    out->article.crawled_at_s = last->time_s;
    return r < 0 ? r : 1;
}

static int next_missing(struct sillok_missing *it, struct sillok_missing_article *out)
{
    uint64_t article = 0;
    int r = 1;
    if (it->n_left == 0)
        return 0;
    do
        r = it->store->ops->article_next(it->store, &it->key, &it->key, &article);
    while (r > 0 && !buf_bit(&it->bits, article));
    if (r == 0)
        r = fail(
            SILLOK_ECORRUPT,
            "the store is damaged: crawl '%s' saw an article that is not in the table "
            "of articles (sillok reindex mends this)",
            it->before);
    if (r < 0)
        return r;
    it->n_left--;
    return tell_missing(it, article, out);
}

int sillok_missing_next(struct sillok_missing *it, struct sillok_missing_article *out)
{
    int r = it->store->ops->view_hold(it->store);
    if (r < 0)
        return r;
    r = next_missing(it, out);
    it->store->ops->view_release(it->store);
    return r;
}

void sillok_missing_close(struct sillok_missing *it)
{
    if (!it)
        return;
    free(it->before);
    buf_release(&it->bits);
    buf_release(&it->visits);
    store_version_release(&it->version);
    free(it);
}

/* --- publishers --- */

static int begin_publisher(struct buf *list, const struct article_key *key)
{
    struct sillok_publisher_stats p = { .articles = 0 };
    const struct sillok_text oid = article_key_oid(key);
    memcpy(p.oid, oid.ptr, oid.len < sizeof(p.oid) ? oid.len : sizeof(p.oid) - 1);
    return buf_add(list, &p, sizeof(p));
}

static int name_publisher(struct sillok_store *store, struct sillok_publisher_stats *p,
                          uint64_t version)
{
    struct store_version v;
    store_version_init(&v);
    const int r = store->ops->version_get(store, version, 0, &v);
    if (r == 0) {
        free(p->publisher);
        p->publisher = strndup(v.article.fields[SILLOK_PUBLISHER].len
                                   ? v.article.fields[SILLOK_PUBLISHER].ptr
                                   : "",
                               v.article.fields[SILLOK_PUBLISHER].len);
    }
    store_version_release(&v);
    return r < 0 ? r : p->publisher ? 0 : fail_memory();
}

static int count_article(struct sillok_store *store, struct buf *list,
                         const struct article_key *key, uint64_t article,
                         int64_t *newest_s)
{
    CLEANUP(buf_release) struct buf links = BUF_INIT;
    const size_t n = list->len / sizeof(struct sillok_publisher_stats);
    struct sillok_publisher_stats *p = (struct sillok_publisher_stats *)(void *)list->ptr;
    int r = 0;
    if (n == 0 || !text_is(article_key_oid(key), p[n - 1].oid)) {
        r = begin_publisher(list, key);
        *newest_s = INT64_MIN;
    }
    if (r == 0)
        r = store->ops->chain_scan(store, article, 0, SIZE_MAX / 2, &links);
    if (r < 0)
        return r;
    p = (struct sillok_publisher_stats *)(void *)(list->ptr + list->len) - 1;
    const size_t n_links = links.len / sizeof(struct chain_link);
    const struct chain_link *l = (const struct chain_link *)(const void *)links.ptr;
    p->articles++;
    p->changed_articles += n_links > 1;
    p->changes += n_links ? n_links - 1 : 0;
    if (n_links == 0 || l[n_links - 1].first_s <= *newest_s)
        return 0;
    *newest_s = l[n_links - 1].first_s;
    return name_publisher(store, p, l[n_links - 1].version);
}

static int count_articles(struct sillok_store *store, struct buf *list)
{
    struct article_key key = { .len = 0 };
    uint64_t article;
    int64_t newest_s = INT64_MIN;
    int r;
    while ((r = store->ops->article_next(store, &key, &key, &article)) > 0)
        if ((r = count_article(store, list, &key, article, &newest_s)) < 0)
            break;
    return r;
}

int sillok_store_publishers(struct sillok_store *store,
                            struct sillok_publisher_stats **out, size_t *n)
{
    struct buf list = BUF_INIT;
    int r = store->ops->view_hold(store); /* one for all articles, not two for each */
    if (r == 0) {
        r = count_articles(store, &list);
        store->ops->view_release(store);
    }
    *n = list.len / sizeof(**out);
    if (r == 0 && !list.ptr)
        r = buf_reserve(&list, sizeof(**out)); /* an empty list is a list */
    *out = (struct sillok_publisher_stats *)(void *)list.ptr;
    if (r < 0) {
        sillok_publishers_free(*out, *n);
        *out = NULL;
        *n = 0;
    }
    return r;
}

int sillok_store_has_publisher(struct sillok_store *store, const char *oid)
{
    const struct sillok_text wanted = text_of(oid);
    struct article_key before, key;
    uint64_t article;
    if (!wanted.len || wanted.len > SILLOK_KEY_MAX_BYTES)
        return 0; /* no id is so */
    article_key_make(&before, wanted,
                     text_make("", 0)); /* the publisher's would be next */
    const int r = store->ops->article_next(store, &before, &key, &article);
    return r <= 0 ? r : text_equal(article_key_oid(&key), wanted);
}

void sillok_publishers_free(struct sillok_publisher_stats *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(list[i].publisher);
    free(list);
}
