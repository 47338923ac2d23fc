/* sillok_similar_open(): one article against all others. */
#include "near/follow.h"
#include "near/headline.h"
#include "near/rows.h"

#include <stdlib.h>

struct search {
    struct sillok_near_rows *rows;
    struct index *index;
    uint64_t article;          /* asked about */
    struct near_reader reader; /* its version */
    struct near_keys keys;
    uint8_t packed[SKETCH_BYTES];
    struct follow follow;
    struct buf parts, found; /* struct index_part, uint32_t */
    struct buf hits;         /* struct hit */
    struct map seen;         /* versions that were looked at */
};

struct hit {
    double jaccard;
    int64_t first_s;
    struct article_key key;
    uint32_t info, revision;
};

/* --- the article asked about --- */

static int choose(const struct sillok_ref *ref, const struct chain_link *l, size_t n,
                  uint64_t *version)
{
    size_t i = n;
    if (ref->kind == SILLOK_REF_NUMBER) {
        const int64_t k = ref->number > 0 ? ref->number : (int64_t)n + ref->number + 1;
        i = k >= 1 && k <= (int64_t)n ? (size_t)k : 0;
    } else if (ref->kind == SILLOK_REF_TIME) {
        while (i > 0 && l[i - 1].first_s > ref->time_s)
            i--;
    }
    if (i == 0)
        return fail(SILLOK_ENOTFOUND,
                    ref->kind == SILLOK_REF_TIME
                        ? "%s/%s was not seen yet at that time: it has %zu revisions"
                        : "%s/%s has no such revision: it has %zu",
                    ref->oid, ref->aid, n);
    *version = l[i - 1].version;
    return 0;
}

static int resolve(struct search *s, const struct sillok_ref *ref, uint64_t *version)
{
    struct sillok_store *store = s->rows->near->store;
    CLEANUP(buf_release) struct buf links = BUF_INIT;
    struct article_key key;
    article_key_make(&key, text_of(ref->oid), text_of(ref->aid));
    int r = store->ops->article_find(store, &key, &s->article);
    if (r == 0)
        return fail(SILLOK_ENOTFOUND, "there is no article %s/%s in '%s'", ref->oid,
                    ref->aid, store->path);
    if (r > 0)
        r = store->ops->chain_scan(store, s->article, 0, SIZE_MAX / 2, &links);
    return r < 0 ? r
                 : choose(ref, (const struct chain_link *)(const void *)links.ptr,
                          links.len / sizeof(struct chain_link), version);
}

static int load(struct search *s, const struct sillok_ref *ref)
{
    struct sillok_store *store = s->rows->near->store;
    const struct sillok_article *a = &s->reader.version.article;
    struct near_headline headline;
    uint64_t version = 0;
    int r = resolve(s, ref, &version);
    if (r == 0)
        r = store->ops->version_get(store, version, 1, &s->reader.version);
    if (r == 0)
        r = near_keys_of(&s->keys, &s->reader);
    if (r == 0 && s->keys.has_sketch)
        sketch_pack(s->packed, &s->keys.sketch);
    if (r == 0)
        r = follow_of(&s->follow, a);
    if (r == 0)
        r = near_headline_of(&headline, &s->reader.scratch, a);
    if (r == 0 && headline.name && !s->rows->options.no_follow_ups)
        r = near_rows_remember(s->rows, &headline);
    return r < 0 ? r : near_rows_refer(s->rows, &s->reader);
}

/* --- candidates --- */

/* The month of the article and those beside it, and what the options add. */
static int find_parts(struct search *s)
{
    const struct sillok_near_options *o = &s->rows->options;
    struct near_scope last;
    int r = near_rows_scope(s->rows, &last);
    const unsigned mine = s->keys.partition;
    unsigned from = last.from, to = last.to;
    if (mine && !o->all_time && (!o->since_s || mine - 1 < from))
        from = mine - 1;
    if (mine && !o->all_time && !o->since_s)
        to = mine + 1;
    if (r == 0 && from > 0)
        r = index_parts(s->index, 0, 0, &s->parts);
    return r < 0 ? r : index_parts(s->index, from, to, &s->parts);
}

static int find_in_band(struct search *s, int band, uint64_t number)
{
    const struct index_part *p = (const struct index_part *)(const void *)s->parts.ptr;
    int r = 0;
    for (size_t i = 0; i < s->parts.len / sizeof(*p) && r == 0; i++)
        r = index_find(s->index, &p[i], band, number, &s->found);
    return r;
}

static double least_estimate(double min)
{
    return min - 0.15 < 0.55 ? min - 0.15 : 0.55;
}

/* Is a version like the one asked about? 1 with the exact similarity. */
static int is_like(struct search *s, uint32_t version, double *jaccard)
{
    struct shingles *mine = &s->reader.shingles, *other = &s->rows->texts.reader.shingles;
    struct sillok_store *store = s->rows->near->store;
    struct store_version *v = &s->rows->texts.reader.version;
    const uint8_t *packed;
    struct follow follow;
    int r = index_sketch(s->index, version, &packed);
    if (r < 0)
        return r;
    const int may_be =
        r > 0 && s->keys.has_sketch &&
        sketch_estimate(packed, s->packed) >= least_estimate(s->rows->options.min);
    r = store->ops->version_get(store, version, 1, v);
    if (r == 0)
        r = shingles_read(other, v->article.body);
    if (r < 0)
        return r;
    follow_init(&follow);
    r = follow_of(&follow, &v->article);
    const int follows =
        r == 0 && !s->rows->options.no_follow_ups && follow_links(&s->follow, &follow);
    follow_release(&follow);
    shingles_sort(other);
    const int same = text_equal(text_make(mine->f1.ptr, mine->f1.len),
                                text_make(other->f1.ptr, other->f1.len));
    *jaccard = same ? 1
                    : shingles_jaccard(shingles_hashes(mine), mine->n,
                                       shingles_hashes(other), other->n);
    return r < 0 ? r
                 : (same && mine->f1.len) || follows ||
                       (may_be && *jaccard >= s->rows->options.min);
}

static int look_at(struct search *s, uint32_t version)
{
    struct hit hit;
    memset(&hit, 0, sizeof(hit));
    if (map_get(&s->seen, version) != MAP_NONE)
        return 0;
    int r = map_put(&s->seen, version, 0);
    const int64_t at = r == 0 ? texts_info(&s->rows->texts, version) : r;
    if (at < 0)
        return (int)at;
    const struct text_info info = *texts_at(&s->rows->texts, (size_t)at);
    if (info.article == s->article || (!info.newest && !s->rows->options.revisions))
        return 0;
    r = is_like(s, version, &hit.jaccard);
    if (r <= 0)
        return r;
    const struct sillok_text oid = s->rows->texts.reader.version.article.oid;
    if (s->rows->options.oid && !text_is(oid, s->rows->options.oid))
        return 0;
    if (s->rows->options.across && text_equal(oid, s->reader.version.article.oid))
        return 0;
    hit.key = s->rows->texts.reader.version.key;
    hit.first_s = info.first_s;
    hit.info = (uint32_t)at;
    hit.revision = info.revision;
    return buf_add(&s->hits, &hit, sizeof(hit));
}

static int find(struct search *s)
{
    int r = find_parts(s);
    for (int band = 0; band < SKETCH_BANDS && r == 0 && s->keys.has_sketch; band++)
        r = find_in_band(s, band, sketch_band(&s->keys.sketch, band));
    if (r == 0 && s->keys.has_text)
        r = find_in_band(s, BAND_TEXT, s->keys.text);
    if (r == 0 && s->keys.has_headline && !s->rows->options.no_follow_ups)
        r = find_in_band(s, BAND_HEADLINE, s->keys.headline);
    const uint32_t *v = (const uint32_t *)(const void *)s->found.ptr;
    for (size_t i = 0; i < s->found.len / sizeof(*v) && r == 0; i++)
        r = look_at(s, v[i]);
    return r;
}

/* --- order --- */

static int by_likeness(const void *a, const void *b)
{
    const struct hit *x = a, *y = b;
    if (x->jaccard < y->jaccard || x->jaccard > y->jaccard)
        return x->jaccard > y->jaccard ? -1 : 1;
    if (x->first_s != y->first_s)
        return x->first_s < y->first_s ? -1 : 1;
    const int c = text_compare(article_key_text(&x->key), article_key_text(&y->key));
    return c ? c : x->revision < y->revision ? -1 : x->revision > y->revision;
}

static int take_hits(struct search *s)
{
    struct sillok_near_rows *rows = s->rows;
    struct hit *h = (struct hit *)(void *)s->hits.ptr;
    const size_t n = s->hits.len / sizeof(*h);
    struct near_group g;
    int r = 0;
    memset(&g, 0, sizeof(g));
    g.n = n;
    if (n)
        qsort(h, n, sizeof(*h), by_likeness);
    for (size_t i = 0; i < n && r == 0; i++)
        r = buf_add(&rows->members, &h[i].info, sizeof(h[i].info));
    return r < 0 || !n ? r : buf_add(&rows->groups, &g, sizeof(g));
}

static void search_init(struct search *s, struct index *x)
{
    memset(s, 0, sizeof(*s));
    s->index = x;
    near_reader_init(&s->reader);
    follow_init(&s->follow);
    buf_init(&s->parts, BUF_CEILING);
    buf_init(&s->found, BUF_CEILING);
    buf_init(&s->hits, BUF_CEILING);
}

static void search_release(struct search *s)
{
    near_reader_release(&s->reader);
    follow_release(&s->follow);
    buf_release(&s->parts);
    buf_release(&s->found);
    buf_release(&s->hits);
    map_release(&s->seen);
}

static int ask(struct sillok_near_rows **out, struct sillok_near *near,
               const struct sillok_ref *ref, const struct sillok_near_options *options)
{
    struct search s;
    struct index x;
    search_init(&s, &x);
    int r = near_rows_new(&s.rows, near, options, 0.5);
    if (r < 0)
        return r;
    s.rows->is_similar = 1;
    r = load(&s, ref);
    if (r == 0)
        r = near_index_open(&x, near);
    if (r == 0) {
        r = find(&s);
        index_close(&x);
    }
    if (r == 0)
        r = take_hits(&s);
    search_release(&s);
    if (r < 0)
        sillok_near_rows_close(s.rows);
    else
        *out = s.rows;
    return r;
}

int sillok_similar_open(struct sillok_near_rows **out, struct sillok_near *near,
                        const struct sillok_ref *ref,
                        const struct sillok_near_options *options)
{
    const int r = ask(out, near, ref, options);
    return near_mend(near, r) ? ask(out, near, ref, options) : r;
}
