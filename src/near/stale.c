/*
 * sillok_stale_open(): who still carries what an article no longer says.
 *
 * The anchors of a lost sentence (near/anchors.h) rule out nearly all texts; what is left
 * is compared in F1. A sentence that has no anchor is looked for in the texts that share
 * a band with the old one. Of an article the newest text alone is read: in one that was
 * changed a thousand times each change has nearly all the others' texts for candidates.
 */
#include "near/anchors.h"
#include "near/texts.h"

#include "diff/lost.h"
#include "diff/normal.h"

#include <stdlib.h>

/* One answer. */
struct carrier {
    int64_t since_s;
    struct article_key key;
    uint32_t sentence, version, revision;
    int broken; /* while looking back: an earlier revision did not hold it */
};

struct sillok_stale {
    struct sillok_near *near;
    uint64_t article;  /* that changed */
    unsigned from, to; /* partitions */
    struct buf old_text;
    struct lost lost;
    struct near_reader reader; /* of what is compared */
    struct texts texts;
    struct buf carriers; /* struct carrier */
    size_t next, n_standing;
};

/* What is only needed while asking. */
struct question {
    struct sillok_stale *it;
    struct index *index;
    struct buf anchors, needles; /* uint64_t; struct index_needle */
    struct buf anchored, bare;   /* uint32_t: sentences with anchors, and without */
    struct buf parts, segments;  /* struct index_part; uint32_t */
    struct buf hits;             /* struct index_hit, of sentences */
    struct buf links;            /* struct chain_link */
    struct map passed;           /* versions that count for nothing */
    struct buf held;             /* bits: sentences that a version holds */
    struct near_keys keys;       /* of the old text */
};

static void question_init(struct question *q, struct sillok_stale *it, struct index *x)
{
    memset(q, 0, sizeof(*q));
    q->it = it;
    q->index = x;
    struct buf *const bufs[] = { &q->anchors, &q->needles, &q->anchored,
                                 &q->bare,    &q->parts,   &q->segments,
                                 &q->hits,    &q->links,   &q->held };
    for (size_t i = 0; i < sizeof(bufs) / sizeof(bufs[0]); i++)
        buf_init(bufs[i], BUF_CEILING);
}

static void question_release(struct question *q)
{
    struct buf *const bufs[] = { &q->anchors, &q->needles, &q->anchored,
                                 &q->bare,    &q->parts,   &q->segments,
                                 &q->hits,    &q->links,   &q->held };
    for (size_t i = 0; i < sizeof(bufs) / sizeof(bufs[0]); i++)
        buf_release(bufs[i]);
    map_release(&q->passed);
}

static uint32_t number_at(const struct buf *b, size_t i)
{
    return ((const uint32_t *)(const void *)b->ptr)[i];
}

/* --- what is looked for --- */

/* The anchors of all sentences. They may move while they are found, so needles hold
 * numbers of anchors until all are there. */
static int find_anchors(struct question *q)
{
    struct sillok_stale *it = q->it;
    struct shingles *s = &it->reader.shingles;
    int r = 0;
    for (uint32_t i = 0; i < lost_count(&it->lost) && r == 0; i++) {
        const size_t start = q->anchors.len;
        r = shingles_read(s, lost_needle(&it->lost, i));
        if (r == 0)
            r = anchors_find(&q->anchors, text_make(s->lower.ptr, s->lower.len));
        const struct index_needle needle = { NULL, (q->anchors.len - start) /
                                                       sizeof(uint64_t) };
        if (r == 0)
            r = buf_add(needle.n ? &q->anchored : &q->bare, &i, sizeof(i));
        if (r == 0 && needle.n)
            r = buf_add(&q->needles, &needle, sizeof(needle));
    }
    const uint64_t *anchor = (const uint64_t *)(const void *)q->anchors.ptr;
    struct index_needle *needles = (struct index_needle *)(void *)q->needles.ptr;
    for (size_t i = 0; i < q->needles.len / sizeof(*needles); i++) {
        needles[i].anchors = anchor;
        anchor += needles[i].n;
    }
    return r;
}

/* The segments that have texts of the months asked about, or of none, each once. */
static int find_segments(struct question *q)
{
    int r = q->it->from > 0 ? index_parts(q->index, 0, 0, &q->parts) : 0;
    if (r == 0)
        r = index_parts(q->index, q->it->from, q->it->to, &q->parts);
    const struct index_part *p = (const struct index_part *)(const void *)q->parts.ptr;
    for (size_t i = 0; i < q->parts.len / sizeof(*p) && r == 0; i++)
        r = buf_add(&q->segments, &p[i].segment, sizeof(p[i].segment));
    buf_sort_u32(&q->segments);
    return r;
}

/* --- candidates --- */

static int find_by_anchors(struct question *q)
{
    const struct index_needle *needles =
        (const struct index_needle *)(const void *)q->needles.ptr;
    const size_t n = q->needles.len / sizeof(*needles);
    int r = 0;
    for (size_t i = 0; n && i < q->segments.len / sizeof(uint32_t) && r == 0; i++)
        r = index_holding(q->index, number_at(&q->segments, i), needles, n, &q->hits);
    struct index_hit *h = (struct index_hit *)(void *)q->hits.ptr;
    for (size_t i = 0; i < q->hits.len / sizeof(*h); i++)
        h[i].needle = number_at(&q->anchored, h[i].needle);
    return r;
}

static int find_in_band(struct question *q, int band, uint64_t number, struct buf *out)
{
    const struct index_part *p = (const struct index_part *)(const void *)q->parts.ptr;
    int r = 0;
    for (size_t i = 0; i < q->parts.len / sizeof(*p) && r == 0; i++)
        r = index_find(q->index, &p[i], band, number, out);
    return r;
}

static int find_by_bands(struct question *q)
{
    CLEANUP(buf_release) struct buf found = BUF_INIT;
    int r = 0;
    if (!q->bare.len)
        return 0;
    for (int band = 0; band < SKETCH_BANDS && r == 0 && q->keys.has_sketch; band++)
        r = find_in_band(q, band, sketch_band(&q->keys.sketch, band), &found);
    if (r == 0 && q->keys.has_text)
        r = find_in_band(q, BAND_TEXT, q->keys.text, &found);
    if (r == 0 && q->keys.has_headline)
        r = find_in_band(q, BAND_HEADLINE, q->keys.headline, &found);
    for (size_t i = 0; i < found.len / sizeof(uint32_t); i++)
        for (size_t k = 0; k < q->bare.len / sizeof(uint32_t) && r == 0; k++) {
            const struct index_hit hit = { number_at(&found, i), number_at(&q->bare, k) };
            r = buf_add(&q->hits, &hit, sizeof(hit));
        }
    return r;
}

static int by_version(const void *a, const void *b)
{
    const struct index_hit *x = a, *y = b;
    if (x->version != y->version)
        return x->version < y->version ? -1 : 1;
    return x->needle < y->needle ? -1 : x->needle > y->needle;
}

static size_t sort_hits(struct question *q)
{
    struct index_hit *h = (struct index_hit *)(void *)q->hits.ptr;
    const size_t n = q->hits.len / sizeof(*h);
    size_t kept = 0;
    if (n)
        qsort(h, n, sizeof(*h), by_version);
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || by_version(&h[i], &h[kept - 1]) != 0)
            h[kept++] = h[i];
    return kept;
}

/* --- which of them count --- */

/* All versions of an article but its newest are passed over; of the one that changed that
 * one too. */
static int pass_over(struct question *q, uint64_t article)
{
    struct sillok_store *store = q->it->near->store;
    buf_clear(&q->links);
    int r = store->ops->chain_scan(store, article, 0, SIZE_MAX / 2, &q->links);
    const struct chain_link *l = (const struct chain_link *)(const void *)q->links.ptr;
    const size_t n = q->links.len / sizeof(*l);
    const int is_own = article == q->it->article;
    for (size_t i = 0; i < n && r == 0; i++)
        if (is_own || l[i].version != l[n - 1].version)
            r = map_put(&q->passed, l[i].version, 1);
    return r;
}

/* 1 when the version is the newest of another article than the one that changed. */
static int is_candidate(struct question *q, uint64_t version)
{
    struct sillok_store *store = q->it->near->store;
    struct store_version *v = &q->it->reader.version;
    uint64_t article = 0;
    if (map_get(&q->passed, version) != MAP_NONE)
        return 0;
    int r = store->ops->version_get(store, version, 0, v);
    if (r == 0)
        r = store->ops->article_find(store, &v->key, &article);
    if (r > 0 && article != q->it->article)
        r = pass_over(q, article);
    return r < 0 ? r : map_get(&q->passed, version) == MAP_NONE;
}

/* --- exactly --- */

/* The version with its F1 into the reader. */
static int read_version(struct sillok_stale *it, uint64_t version)
{
    struct sillok_store *store = it->near->store;
    struct near_reader *reader = &it->reader;
    const int r = store->ops->version_get(store, version, 1, &reader->version);
    buf_clear(&reader->scratch);
    return r < 0 ? r : normal_text(&reader->scratch, reader->version.article.body);
}

/* Which sentences the version holds that was read last. */
static int find_held(struct question *q)
{
    const struct buf *f1 = &q->it->reader.scratch;
    return lost_held(&q->it->lost, text_make(f1->ptr, f1->len), &q->held);
}

/* Since when the newest revision, which holds them all, and those before it without a
 * break, hold the sentences of the carriers from @p first on. */
static int find_since(struct question *q, uint64_t article, size_t first)
{
    struct sillok_store *store = q->it->near->store;
    struct carrier *c = (struct carrier *)(void *)q->it->carriers.ptr;
    const size_t n = q->it->carriers.len / sizeof(*c);
    buf_clear(&q->links);
    int r = store->ops->chain_scan(store, article, 0, SIZE_MAX / 2, &q->links);
    const struct chain_link *l = (const struct chain_link *)(const void *)q->links.ptr;
    const size_t n_links = q->links.len / sizeof(*l);
    size_t holding = n - first;
    for (size_t i = n_links; r == 0 && holding && i-- > 0;) {
        const int other = i + 1 < n_links && l[i].version != l[i + 1].version;
        if (other)
            r = read_version(q->it, l[i].version);
        if (r == 0 && other)
            r = find_held(q);
        holding = 0;
        for (size_t k = first; r == 0 && k < n; k++) {
            if (other && !buf_bit(&q->held, c[k].sentence))
                c[k].broken = 1;
            if (!c[k].broken)
                c[k].since_s = l[i].first_s;
            holding += !c[k].broken;
        }
    }
    return r;
}

static int is_in_scope(const struct sillok_stale *it)
{
    const struct sillok_article *a = &it->reader.version.article;
    const unsigned month = near_month_of(a->fields[SILLOK_PUBLISHED_AT]);
    return !month || (month >= it->from && month <= it->to);
}

/* One version and the hits [0, n) on it. */
static int check_version(struct question *q, const struct index_hit *h, size_t n)
{
    struct sillok_stale *it = q->it;
    const size_t before = it->carriers.len;
    struct carrier carrier;
    int r = is_candidate(q, h[0].version);
    if (r <= 0)
        return r;
    r = read_version(it, h[0].version);
    if (r < 0 || !is_in_scope(it))
        return r;
    r = find_held(q);
    memset(&carrier, 0, sizeof(carrier));
    carrier.key = it->reader.version.key;
    carrier.version = h[0].version;
    for (size_t i = 0; i < n && r == 0; i++) {
        carrier.sentence = h[i].needle;
        if (buf_bit(&q->held, h[i].needle))
            r = buf_add(&it->carriers, &carrier, sizeof(carrier));
    }
    if (r < 0 || it->carriers.len == before)
        return r;
    const int64_t at = texts_info(&it->texts, h[0].version);
    if (at < 0)
        return (int)at;
    const struct text_info *info = texts_at(&it->texts, (size_t)at);
    if (!info->newest || info->article == it->article) {
        it->carriers.len = before;
        return 0;
    }
    struct carrier *c = (struct carrier *)(void *)it->carriers.ptr;
    for (size_t i = before / sizeof(*c); i < it->carriers.len / sizeof(*c); i++)
        c[i].revision = info->revision;
    return find_since(q, info->article, before / sizeof(*c));
}

static int by_sentence_and_key(const void *a, const void *b)
{
    const struct carrier *x = a, *y = b;
    if (x->sentence != y->sentence)
        return x->sentence < y->sentence ? -1 : 1;
    return text_compare(article_key_text(&x->key), article_key_text(&y->key));
}

static int by_sentence_and_time(const void *a, const void *b)
{
    const struct carrier *x = a, *y = b;
    if (x->sentence == y->sentence && x->since_s != y->since_s)
        return x->since_s < y->since_s ? -1 : 1;
    return by_sentence_and_key(a, b);
}

/* Of one sentence, in the order of keys, which is that of publishers. */
static int is_standing(const struct carrier *c, size_t n)
{
    size_t in_a_row = 0;
    for (size_t i = 0; i < n && in_a_row <= SILLOK_STALE_STANDING_MAX; i++)
        in_a_row =
            i && text_equal(article_key_oid(&c[i].key), article_key_oid(&c[i - 1].key))
                ? in_a_row + 1
                : 1;
    return in_a_row > SILLOK_STALE_STANDING_MAX;
}

static void leave_out_standing(struct sillok_stale *it)
{
    struct carrier *c = (struct carrier *)(void *)it->carriers.ptr;
    const size_t n = it->carriers.len / sizeof(*c);
    size_t kept = 0;
    for (size_t from = 0, to; from < n; from = to) {
        for (to = from + 1; to < n && c[to].sentence == c[from].sentence;)
            to++;
        if (is_standing(c + from, to - from)) {
            it->n_standing++;
            continue;
        }
        memmove(c + kept, c + from, (to - from) * sizeof(*c));
        kept += to - from;
    }
    it->carriers.len = kept * sizeof(*c);
}

static void sort_carriers(struct sillok_stale *it, int standing)
{
    struct carrier *c = (struct carrier *)(void *)it->carriers.ptr;
    if (!it->carriers.len)
        return;
    qsort(c, it->carriers.len / sizeof(*c), sizeof(*c), by_sentence_and_key);
    if (!standing)
        leave_out_standing(it);
    qsort(c, it->carriers.len / sizeof(*c), sizeof(*c), by_sentence_and_time);
}

/* In one view of the store: where many articles lost one sentence each of them has the old
 * texts of all others for candidates. */
static int check_all(struct question *q)
{
    struct sillok_store *store = q->it->near->store;
    const size_t n = sort_hits(q);
    const struct index_hit *h = (const struct index_hit *)(const void *)q->hits.ptr;
    int r = store->ops->view_hold(store);
    if (r < 0)
        return r;
    r = pass_over(q, q->it->article);
    for (size_t from = 0, to; from < n && r == 0; from = to) {
        for (to = from + 1; to < n && h[to].version == h[from].version;)
            to++;
        r = check_version(q, h + from, to - from);
    }
    store->ops->view_release(store);
    return r;
}

/* --- asking --- */

static int answer(struct question *q)
{
    int r = find_anchors(q);
    if (r == 0)
        r = find_segments(q);
    if (r == 0)
        r = find_by_anchors(q);
    if (r == 0)
        r = find_by_bands(q);
    return r < 0 ? r : check_all(q);
}

/* What the change took out, the months to look into, and the keys of the old text. */
static int read_change(struct question *q, const struct sillok_change *change,
                       int all_time)
{
    struct sillok_stale *it = q->it;
    struct sillok_store *store = it->near->store;
    const struct sillok_article *before = &change->from.article;
    struct article_key key;
    article_key_make(&key, change->oid, change->aid);
    int r = store->ops->article_find(store, &key, &it->article);
    if (r == 0)
        return fail(SILLOK_ENOTFOUND, "there is no such article in '%s'", store->path);
    if (r > 0)
        r = buf_add_text(&it->old_text, before->body);
    if (r == 0)
        r = lost_find(&it->lost, text_make(it->old_text.ptr, it->old_text.len),
                      change->to.article.body);
    it->reader.version.article = *before;
    if (r == 0)
        r = near_keys_of(&q->keys, &it->reader);
    const unsigned mine = q->keys.partition;
    it->from = all_time || !mine ? 0 : mine - 1;
    it->to = all_time || !mine ? UINT16_MAX : mine + 1;
    return r;
}

static struct sillok_stale *new_stale(struct sillok_near *near)
{
    struct sillok_stale *it = calloc(1, sizeof(*it));
    if (!it)
        return NULL;
    it->near = near;
    buf_init(&it->old_text, BUF_CEILING);
    buf_init(&it->carriers, BUF_CEILING);
    lost_init(&it->lost);
    near_reader_init(&it->reader);
    texts_init(&it->texts, near->store);
    return it;
}

static int ask(struct sillok_stale **out, struct sillok_near *near,
               const struct sillok_change *change,
               const struct sillok_stale_options *options)
{
    struct sillok_stale *it = new_stale(near);
    struct question q;
    struct index x;
    if (!it)
        return fail_memory();
    question_init(&q, it, &x);
    int r = read_change(&q, change, options->all_time);
    if (r == 0 && lost_count(&it->lost)) {
        r = near_index_open(&x, near);
        if (r == 0) {
            r = answer(&q);
            index_close(&x);
        }
    }
    question_release(&q);
    if (r == 0)
        sort_carriers(it, options->standing);
    if (r < 0)
        sillok_stale_close(it);
    else
        *out = it;
    return r;
}

int sillok_stale_open(struct sillok_stale **out, struct sillok_near *near,
                      const struct sillok_change *change,
                      const struct sillok_stale_options *options)
{
    static const struct sillok_stale_options none = SILLOK_STALE_OPTIONS_INIT;
    const struct sillok_stale_options *o = options ? options : &none;
    const int r = ask(out, near, change, o);
    return near_mend(near, r) ? ask(out, near, change, o) : r;
}

size_t sillok_stale_sentences(const struct sillok_stale *it)
{
    return lost_count(&it->lost);
}

size_t sillok_stale_standing(const struct sillok_stale *it)
{
    return it->n_standing;
}

int sillok_stale_next(struct sillok_stale *it, struct sillok_stale_row *row)
{
    const struct carrier *c =
        (const struct carrier *)(const void *)it->carriers.ptr + it->next;
    if (it->next == it->carriers.len / sizeof(*c))
        return 0;
    const int r = read_version(it, c->version);
    if (r < 0)
        return r;
    it->next++;
    *row = (struct sillok_stale_row){
        .sentence = c->sentence + 1,
        .text = lost_at(&it->lost, c->sentence)->text,
        .revision = c->revision,
        .since_s = c->since_s,
        .article = it->reader.version.article,
    };
    row->article.crawled_at_s = c->since_s;
    return 1;
}

void sillok_stale_close(struct sillok_stale *it)
{
    if (!it)
        return;
    buf_release(&it->old_text);
    buf_release(&it->carriers);
    lost_release(&it->lost);
    near_reader_release(&it->reader);
    texts_release(&it->texts);
    free(it);
}
