#include "history/chain.h"

#include "store/obs.h"

#include <string.h>
#include <xxhash.h>

/* How many revisions are read in search of an earlier one with the same text under other
 * metadata: a chain may be thousands long. The very same version is found at any
 * distance. */
enum { LOOK_BACK = 256 };

void chain_init(struct chain *c)
{
    memset(c, 0, sizeof(*c));
    buf_init(&c->revisions, BUF_CEILING);
    buf_init(&c->texts, BUF_CEILING);
}

void chain_release(struct chain *c)
{
    buf_release(&c->revisions);
    buf_release(&c->texts);
}

struct chain_revision *chain_at(const struct chain *c, size_t i)
{
    return (struct chain_revision *)(void *)c->revisions.ptr + i;
}

int article_find(struct sillok_store *store, const char *oid, const char *aid,
                 uint64_t *article)
{
    struct article_key key;
    if (strlen(oid) > SILLOK_KEY_MAX_BYTES || strlen(aid) > SILLOK_KEY_MAX_BYTES)
        return fail(SILLOK_ENOTFOUND, "there is no such article in '%s'", store->path);
    article_key_make(&key, text_of(oid), text_of(aid));
    const int r = store->ops->article_find(store, &key, article);
    return r == 0  ? fail(SILLOK_ENOTFOUND, "there is no article %s/%s in '%s'", oid, aid,
                          store->path)
           : r < 0 ? r
                   : 0;
}

/* Do visits from @p first_s to @p last_s say it twice? Of one crawl's files, which may all
 * have one name for ever, those of an hour later do: a fault of the network is over. */
static int agree(int64_t first_s, int64_t last_s, int several_crawls)
{
    enum { LATER_S = 3600 };
    return last_s > first_s && (several_crawls || last_s - first_s >= LATER_S);
}

/* Observations are in the order that the chain was derived from, so its runs follow from
 * walking them once more. */
int chain_make(struct chain *c, uint64_t article, const struct chain_obs *o, size_t n)
{
    int r = 0;
    c->article = article;
    c->n = 0;
    buf_clear(&c->revisions);
    buf_clear(&c->texts);
    for (size_t i = 0; i < n && r == 0; i++) {
        struct chain_revision *last = c->n ? chain_at(c, c->n - 1) : NULL;
        const int mismatch = (o[i].form & OBS_MISMATCH) != 0;
        if (last && last->link.version == o[i].version) {
            last->mismatch &= mismatch;
            last->several_crawls |= o[i].crawl != last->first.crawl;
            /* The same moment again is the same visit: another name, or another crawl
             * that holds the file too. */
            last->observations += o[i].time_s != last->last_s;
            last->last_s = o[i].time_s;
            last->is_confirmed =
                agree(last->link.first_s, last->last_s, last->several_crawls);
            continue;
        }
        struct chain_revision rev;
        memset(&rev, 0, sizeof(rev));
        rev.link = (struct chain_link){ o[i].time_s, 0, o[i].version, o[i].crawl };
        rev.last_s = o[i].time_s;
        rev.observations = 1;
        rev.mismatch = mismatch;
        rev.first = o[i];
        if (last && last->last_s == o[i].time_s) {
            rev.conflict = last->conflict = 1;
            rev.link.tie = last->link.first_s == o[i].time_s ? last->link.tie + 1 : 0;
        }
        r = buf_add(&c->revisions, &rev, sizeof(rev));
        c->n++;
    }
    if (r == 0 && c->n == 0)
        r = fail(SILLOK_ECORRUPT, "the store is damaged: an article has no observations");
    return r;
}

int chain_load(struct chain *c, struct sillok_store *store, uint64_t article)
{
    CLEANUP(buf_release) struct buf all = BUF_INIT;
    c->n = 0; /* whatever comes, it is not the old one any more */
    const int r = store->ops->obs_scan(store, article, &all);
    return r < 0 ? r
                 : chain_make(c, article, (const struct chain_obs *)(const void *)all.ptr,
                              all.len / sizeof(struct chain_obs));
}

size_t chain_find(const struct chain *c, int64_t time_s, unsigned tie)
{
    size_t lo = 0, hi = c->n;
    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;
        const struct chain_link *l = &chain_at(c, mid)->link;
        if (l->first_s < time_s || (l->first_s == time_s && l->tie < tie))
            lo = mid + 1;
        else
            hi = mid;
    }
    if (lo == c->n)
        return lo;
    const struct chain_link *l = &chain_at(c, lo)->link;
    return l->first_s == time_s && l->tie == tie ? lo : c->n;
}

int chain_choose(const struct chain *c, const struct sillok_ref *ref, size_t *i)
{
    const size_t n = c->n;
    char at[SILLOK_TIME_LEN];
    *i = n - 1;
    if (ref->kind == SILLOK_REF_NUMBER) {
        const int64_t k = ref->number > 0 ? ref->number - 1 : (int64_t)n + ref->number;
        if (k < 0 || k >= (int64_t)n)
            return fail(SILLOK_ENOTFOUND, "%s/%s has no revision %lld: it has %zu",
                        ref->oid, ref->aid, (long long)ref->number, n);
        *i = (size_t)k;
    } else if (ref->kind == SILLOK_REF_TIME) {
        while (*i > 0 && chain_at(c, *i)->link.first_s > ref->time_s)
            --*i;
        if (chain_at(c, *i)->link.first_s > ref->time_s) {
            sillok_time_format(chain_at(c, 0)->link.first_s, 0, at);
            return fail(SILLOK_ENOTFOUND, "%s/%s was first seen at %s", ref->oid,
                        ref->aid, at);
        }
    }
    return 0;
}

/* Title and body of two versions are equal. */
static int same_text(const struct store_version *a, const struct store_version *b)
{
    return sillok_id_equal(&a->article.content_hash, &b->article.content_hash) &&
           text_equal(a->article.fields[SILLOK_TITLE], b->article.fields[SILLOK_TITLE]);
}

/* The newest earlier revision that is the very same version. No reading, so any length.
 */
static uint32_t same_version(const struct chain *c, size_t i)
{
    for (size_t k = i - 1; k-- > 0;)
        if (chain_at(c, k)->link.version == chain_at(c, i)->link.version)
            return (uint32_t)k + 1;
    return 0;
}

/* A hash of title and content_hash; not known before it is asked for. */
struct chain_text {
    XXH128_hash_t hash;
    int known;
};

static XXH128_hash_t hash_of_text(const struct store_version *v)
{
    const struct sillok_text title = v->article.fields[SILLOK_TITLE];
    XXH64_hash_t seed;
    memcpy(&seed, v->article.content_hash.bytes, sizeof(seed));
    return XXH3_128bits_withSeed(title.len ? title.ptr : "", title.len, seed);
}

static int need_text(struct sillok_store *store, struct chain *c, size_t k,
                     struct store_version *room, struct chain_text *out)
{
    static const struct chain_text unknown;
    int r = 0;
    while (c->texts.len < c->n * sizeof(*out) && r == 0)
        r = buf_add(&c->texts, &unknown, sizeof(unknown));
    if (r < 0)
        return r;
    struct chain_text *t = (struct chain_text *)(void *)c->texts.ptr + k;
    if (!t->known) {
        r = store->ops->version_get(store, chain_at(c, k)->link.version, 0, room);
        if (r == 0)
            *t = (struct chain_text){ hash_of_text(room), 1 };
    }
    *out = *t;
    return r;
}

struct two_versions {
    struct store_version a, b;
};

/* Title and body of two revisions are equal: 1. Where the hashes say so it is looked at. */
static int same_texts(struct sillok_store *store, struct chain *c, size_t i, size_t k,
                      struct two_versions *room)
{
    struct chain_text mine, other;
    int r = need_text(store, c, i, &room->a, &mine);
    if (r == 0)
        r = need_text(store, c, k, &room->b, &other);
    if (r < 0 || !XXH128_isEqual(mine.hash, other.hash))
        return r;
    r = store->ops->version_get(store, chain_at(c, i)->link.version, 0, &room->a);
    if (r == 0)
        r = store->ops->version_get(store, chain_at(c, k)->link.version, 0, &room->b);
    return r < 0 ? r : same_text(&room->a, &room->b);
}

int chain_same_as(struct sillok_store *store, struct chain *c, size_t i, uint32_t *number)
{
    struct two_versions room;
    *number = 0;
    if (i < 2 || (*number = same_version(c, i)) != 0)
        return 0;
    store_version_init(&room.a);
    store_version_init(&room.b);
    /* The text of the revision right before, under other metadata, is no going back. */
    int r = same_texts(store, c, i, i - 1, &room);
    const int is_news = r == 0;
    const size_t end = i > LOOK_BACK ? i - LOOK_BACK : 0;
    for (size_t k = i - 1; is_news && k-- > end && r == 0;) {
        r = same_texts(store, c, i, k, &room);
        if (r > 0)
            *number = (uint32_t)k + 1;
    }
    store_version_release(&room.a);
    store_version_release(&room.b);
    return r < 0 ? r : 0;
}

int chain_reverted_to(struct sillok_store *store, struct chain *c, size_t from, size_t to,
                      uint32_t *number)
{
    *number = 0;
    const int r = from == to ? 0 : chain_same_as(store, c, to, number);
    if (*number == from + 1)
        *number = 0;
    return r;
}

int chain_goes_back(uint32_t fields)
{
    return (fields & (1u << SILLOK_TITLE | SILLOK_FIELD_BODY)) != 0;
}

int chain_is_quiet(const struct sillok_change_class *what)
{
    static const uint32_t quiet = 1u << SILLOK_KIND_COSMETIC | 1u << SILLOK_KIND_BYLINE |
                                  1u << SILLOK_KIND_METADATA;
    return (1u << what->kind & quiet) != 0 ||
           (what->kind == SILLOK_KIND_HEADLINE &&
            what->flags & SILLOK_FLAG_HEADLINE_COSMETIC);
}

void chain_tell_reverted(struct sillok_change_class *what)
{
    what->kinds |= 1u << SILLOK_KIND_REVERTED;
    if (chain_is_quiet(what))
        return;
    what->kind = SILLOK_KIND_REVERTED;
    what->significance = sillok_change_significance(what);
}

/* --- doubt --- */

static int nearly_empty(const struct store_version *v, const struct store_version *than)
{
    return v->body_bytes * 10 < than->body_bytes && than->body_bytes >= 100;
}

/* An emptied article that gets another headline, or another stamp, is emptied still: the
 * visits of all revisions that follow and have as little agree with each other. */
static int confirm_emptied(int *confirmed, struct sillok_store *store,
                           const struct chain *c, size_t from, size_t to)
{
    const struct chain_revision *first = chain_at(c, to);
    const size_t end = to + LOOK_BACK < c->n ? to + LOOK_BACK : c->n;
    struct store_version before, v;
    int several_crawls = 0;
    if (to + 1 == end)
        return 0;
    store_version_init(&before);
    store_version_init(&v);
    int r = store->ops->version_get(store, chain_at(c, from)->link.version, 0, &before);
    for (size_t i = to; i < end && r == 0 && !*confirmed; i++) {
        const struct chain_revision *rev = chain_at(c, i);
        r = store->ops->version_get(store, rev->link.version, 0, &v);
        if (r < 0 || (i > to && v.body_bytes && !nearly_empty(&v, &before)))
            break;
        several_crawls |= rev->several_crawls || rev->first.crawl != first->first.crawl;
        *confirmed = agree(first->link.first_s, rev->last_s, several_crawls);
    }
    store_version_release(&before);
    store_version_release(&v);
    return r;
}

static int classify(struct sillok_store *store, const struct store_step *step,
                    struct sillok_change_class *what)
{
    struct store_version before, now;
    store_version_init(&before);
    store_version_init(&now);
    int r = store->ops->version_get(store, step->from, 1, &before);
    if (r == 0)
        r = store->ops->version_get(store, step->to, 1, &now);
    if (r == 0)
        r = sillok_change_classify(what, &before.article, &now.article, NULL);
    store_version_release(&before);
    store_version_release(&now);
    return r;
}

int chain_is_emptied(struct sillok_store *store, const struct chain *c, size_t i)
{
    const struct store_step step = { chain_at(c, i - 1)->link.version,
                                     chain_at(c, i)->link.version };
    struct sillok_change_class what;
    int r = store->ops->class_get(store, &step, &what, NULL);
    if (r == 0)
        r = classify(store, &step, &what);
    return r < 0 ? r : (what.kinds & 1u << SILLOK_KIND_EMPTIED) != 0;
}

/* Whether @p to says what stood before @p from, which emptied the article and which no
 * second crawl has seen. */
static int goes_back(struct sillok_store *store, const struct chain *c, size_t from,
                     size_t to)
{
    return from == 0 || chain_at(c, from)->is_confirmed ||
                   chain_at(c, from - 1)->link.version != chain_at(c, to)->link.version
               ? 0
               : chain_is_emptied(store, c, from);
}

int chain_doubt_of(struct chain_doubt *out, struct sillok_store *store,
                   const struct chain *c, size_t from, size_t to)
{
    const struct chain_revision *a = chain_at(c, from), *b = chain_at(c, to);
    *out = (struct chain_doubt){
        .conflict = b->conflict,
        .mismatch = a->mismatch || b->mismatch,
        .to_confirmed = b->is_confirmed,
    };
    int r = goes_back(store, c, from, to);
    out->goes_back = r > 0;
    if (r >= 0)
        r = out->to_confirmed ? 0
                              : confirm_emptied(&out->to_confirmed, store, c, from, to);
    return r;
}

uint32_t chain_doubt_flags(const struct chain_doubt *d, uint32_t kinds)
{
    /* An article that comes back empty is a fault of the crawl far more often than a
     * retraction: until a second crawl agrees it is not announced, and neither is what comes
     * back right after it. */
    const int unconfirmed =
        kinds & 1u << SILLOK_KIND_EMPTIED ? !d->to_confirmed : d->goes_back;
    return (d->conflict ? SILLOK_FLAG_CONFLICT : 0) |
           (d->mismatch ? SILLOK_FLAG_MISMATCH : 0) |
           (unconfirmed ? SILLOK_FLAG_UNCONFIRMED : 0);
}
