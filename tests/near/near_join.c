/*
 * near-join STORE [J]: how good and how dear the search for near duplicates is, against
 * an exact join.
 *
 * The join shares nothing with src/near but the normal form F1: shingles are the code
 * points themselves, not hashes; texts are joined by prefix filtering (Bayardo, Ma,
 * Srikant 2007: of a set of n, one of its n - ceil(J n) + 1 rarest members is in every
 * set that is as similar as J) and each candidate is counted out. near.mdb of STORE is
 * made anew.
 *
 * Prints the pairs and recall and precision of the bands, of the estimate and of the
 * whole, then time and bytes per article.
 */
#include "near/pairs.h"

#include "cli/heap.h"
#include "diff/normal.h"

#include "base/utf8.h"
#include "sillok.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <utf8proc.h>

#define TOOL "near-join"
#include "tool.h"

/* --- texts as sets of shingles, without hashing --- */

struct gram {
    uint64_t hi, lo; /* five code points of 21 bits */
    uint32_t text, rank;
};

struct text {
    uint32_t version;
    unsigned partition;
    size_t n_chars, first, n; /* ranks, ascending: the rarest shingle first */
};

static struct buf grams = { NULL, 0, 0, (size_t)1 << 36, 0 };
static struct buf texts = { NULL, 0, 0, (size_t)1 << 36, 0 };
static struct buf ranks = { NULL, 0, 0, (size_t)1 << 36, 0 };

static struct text *text_at(size_t i)
{
    return (struct text *)(void *)texts.ptr + i;
}

static const uint32_t *ranks_at(size_t i)
{
    return (const uint32_t *)(const void *)ranks.ptr + i;
}

static void add_text(struct sillok_text body, struct text *t, uint32_t no)
{
    CLEANUP(buf_release) struct buf f1 = BUF_INIT;
    uint32_t last[5] = { 0 };
    DO(normal_text(&f1, body));
    for (size_t i = 0; i < f1.len; t->n_chars++) {
        uint32_t cp;
        i += utf8_decode(f1.ptr + i, f1.len - i, &cp);
        memmove(last, last + 1, 4 * sizeof(last[0]));
        last[4] = (uint32_t)utf8proc_tolower((utf8proc_int32_t)cp);
        if (t->n_chars < 4)
            continue;
        const struct gram g = { (uint64_t)last[0] << 21 | last[1],
                                (uint64_t)last[2] << 42 | (uint64_t)last[3] << 21 |
                                    last[4],
                                no, 0 };
        DO(buf_add(&grams, &g, sizeof(g)));
    }
}

static int by_gram(const void *a, const void *b)
{
    const struct gram *x = a, *y = b;
    if (x->hi != y->hi)
        return x->hi < y->hi ? -1 : 1;
    if (x->lo != y->lo)
        return x->lo < y->lo ? -1 : 1;
    return x->text < y->text ? -1 : x->text > y->text;
}

static int by_text_and_rank(const void *a, const void *b)
{
    const struct gram *x = a, *y = b;
    if (x->text != y->text)
        return x->text < y->text ? -1 : 1;
    return x->rank < y->rank ? -1 : x->rank > y->rank;
}

static int is_same_gram(const struct gram *a, const struct gram *b)
{
    return a->hi == b->hi && a->lo == b->lo;
}

struct kind {
    size_t first, n; /* of grams: those of one shingle, one per text */
};

static int by_frequency(const void *a, const void *b)
{
    const struct kind *x = a, *y = b;
    if (x->n != y->n)
        return x->n < y->n ? -1 : 1;
    return x->first < y->first ? -1 : x->first > y->first;
}

/* Gives every shingle a rank, the rarest first, and every text its ranks in order. */
static size_t rank_all(void)
{
    struct gram *g = (struct gram *)(void *)grams.ptr;
    size_t n = grams.len / sizeof(*g), kept = 0, n_kinds = 0;
    qsort(g, n, sizeof(*g), by_gram);
    for (size_t i = 0; i < n; i++)
        if (i == 0 || g[i].text != g[kept - 1].text || !is_same_gram(&g[i], &g[kept - 1]))
            g[kept++] = g[i];
    struct kind *kinds = malloc((kept + 1) * sizeof(*kinds));
    if (!kinds)
        die("memory");
    for (size_t i = 0; i < kept; i++) {
        if (i == 0 || !is_same_gram(&g[i], &g[i - 1]))
            kinds[n_kinds++] = (struct kind){ i, 0 };
        kinds[n_kinds - 1].n++;
    }
    qsort(kinds, n_kinds, sizeof(*kinds), by_frequency);
    for (size_t k = 0; k < n_kinds; k++)
        for (size_t i = 0; i < kinds[k].n; i++)
            g[kinds[k].first + i].rank = (uint32_t)k;
    free(kinds);
    qsort(g, kept, sizeof(*g), by_text_and_rank);
    for (size_t i = 0; i < kept; i++) {
        struct text *t = text_at(g[i].text);
        if (t->n++ == 0)
            t->first = i;
        DO(buf_add(&ranks, &g[i].rank, sizeof(g[i].rank)));
    }
    buf_release(&grams);
    return n_kinds;
}

/* --- the join --- */

static double jaccard(const struct text *a, const struct text *b)
{
    const uint32_t *x = ranks_at(a->first), *y = ranks_at(b->first);
    size_t i = 0, k = 0, both = 0;
    while (i < a->n && k < b->n) {
        if (x[i] == y[k]) {
            both++;
            i++;
            k++;
        } else if (x[i] < y[k]) {
            i++;
        } else {
            k++;
        }
    }
    return (double)both / (double)(a->n + b->n - both);
}

struct posting {
    uint32_t text, next; /* + 1 */
};

static void join_all(size_t n_kinds, double min, struct buf *out)
{
    const size_t n = texts.len / sizeof(struct text);
    uint32_t *heads = calloc(n_kinds + 1, sizeof(*heads));
    uint32_t *seen = calloc(n + 1, sizeof(*seen));
    CLEANUP(buf_release) struct buf postings = BUF_INIT;
    if (!heads || !seen)
        die("memory");
    for (size_t i = 0; i < n; i++) {
        const struct text *t = text_at(i);
        const size_t prefix =
            t->n ? t->n - (size_t)ceil(min * (double)t->n - 1e-9) + 1 : 0;
        for (size_t k = 0; k < prefix; k++) {
            const uint32_t rank = ranks_at(t->first)[k];
            const struct posting *p = (const struct posting *)(const void *)postings.ptr;
            for (uint32_t at = heads[rank]; at; at = p[at - 1].next) {
                const uint32_t other = p[at - 1].text;
                if (seen[other] == i + 1)
                    continue;
                seen[other] = (uint32_t)i + 1;
                if (jaccard(t, text_at(other)) < min)
                    continue;
                const uint64_t pair = pair_of(t->version, text_at(other)->version);
                DO(buf_add(out, &pair, sizeof(pair)));
            }
            const struct posting mine = { (uint32_t)i, heads[rank] };
            DO(buf_add(&postings, &mine, sizeof(mine)));
            heads[rank] = (uint32_t)(postings.len / sizeof(mine));
        }
    }
    free(heads);
    free(seen);
}

/* --- figures --- */

static int by_pair(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static size_t count(const struct buf *pairs)
{
    return pairs->len / sizeof(uint64_t);
}

static void print_quality(const char *what, const struct buf *truth,
                          const struct buf *found)
{
    const uint64_t *v = (const uint64_t *)(const void *)found->ptr;
    size_t hits = 0;
    for (size_t i = 0; i < count(found); i++)
        hits += count(truth) &&
                bsearch(&v[i], truth->ptr, count(truth), sizeof(*v), by_pair) != NULL;
    printf("%-34s %8zu pairs  recall %.4f  precision %.4f\n", what, count(found),
           count(truth) ? (double)hits / (double)count(truth) : 1,
           count(found) ? (double)hits / (double)count(found) : 1);
}

static void verify_pairs(struct texts *t, const struct buf *in, double min,
                         struct buf *out)
{
    const uint64_t *v = (const uint64_t *)(const void *)in->ptr;
    for (size_t i = 0; i < count(in); i++) {
        const struct text_set *a, *b;
        DO(texts_sets(t, (uint32_t)(v[i] >> 32), (uint32_t)v[i], &a, &b));
        if (text_set_similarity(a, b) >= min)
            DO(buf_add(out, &v[i], sizeof(v[i])));
    }
}

/* The texts that are found by equality only. */
static void print_short(const struct buf *truth, const struct map *number)
{
    const uint64_t *v = (const uint64_t *)(const void *)truth->ptr;
    size_t n = 0, apart = 0;
    for (size_t i = 0; i < count(truth); i++) {
        const struct text *a = text_at(map_get(number, v[i] >> 32));
        const struct text *b = text_at(map_get(number, v[i] & UINT32_MAX));
        n += a->n_chars < SHINGLE_TEXT_MIN || b->n_chars < SHINGLE_TEXT_MIN;
        apart += a->partition + 1 < b->partition || b->partition + 1 < a->partition;
    }
    printf("of the true pairs %zu have a side under %d characters, %zu are more than a "
           "month apart\n",
           n, SHINGLE_TEXT_MIN, apart);
}

static void measure_quality(struct sillok_store *store, struct sillok_near *near,
                            double min)
{
    const struct near_scope scope = { 0, UINT16_MAX, 1, 0 };
    struct map number = { NULL, NULL, 0, 0 };
    struct buf truth = BUF_INIT, truth_long = BUF_INIT, bands = BUF_INIT,
               estimated = BUF_INIT, exact = BUF_INIT;
    struct texts cache;
    struct near_runs runs;
    struct index x;
    struct store_version v;
    struct sillok_stats stats;
    store_version_init(&v);
    texts_init(&cache, store);
    DO(sillok_store_stats(store, &stats));
    for (uint32_t no = 1; no <= stats.versions; no++) {
        const int64_t at = texts_info(&cache, no);
        DO(at);
        if (!texts_at(&cache, (size_t)at)->newest)
            continue;
        DO(store->ops->version_get(store, no, 1, &v));
        struct text t = { .version = no };
        t.partition = near_month_of(v.article.fields[SILLOK_PUBLISHED_AT]);
        const uint32_t i = (uint32_t)(texts.len / sizeof(t));
        add_text(v.article.body, &t, i);
        DO(map_put(&number, no, i));
        DO(buf_add(&texts, &t, sizeof(t)));
    }
    double start = seconds();
    join_all(rank_all(), min, &truth);
    qsort(truth.ptr, count(&truth), sizeof(uint64_t), by_pair);
    const uint64_t *pairs = (const uint64_t *)(const void *)truth.ptr;
    for (size_t i = 0; i < count(&truth); i++)
        if (text_at(map_get(&number, pairs[i] >> 32))->n_chars >= SHINGLE_TEXT_MIN &&
            text_at(map_get(&number, pairs[i] & UINT32_MAX))->n_chars >= SHINGLE_TEXT_MIN)
            DO(buf_add(&truth_long, &pairs[i], sizeof(pairs[i])));
    printf("%zu texts, %zu pairs of at least %.2f by exact join (%.2f s)\n",
           texts.len / sizeof(struct text), count(&truth), min, seconds() - start);
    print_short(&truth, &number);

    DO(near_index_open(&x, near));
    DO(near_runs_init(&runs, &x, &cache, &scope));
    DO(near_pairs(&runs, -1, &bands));
    start = seconds();
    DO(near_pairs(&runs, min - 0.15 < 0.55 ? min - 0.15 : 0.55, &estimated));
    verify_pairs(&cache, &estimated, min, &exact);
    const double spent = seconds() - start;
    index_close(&x);
    print_quality("bands", &truth_long, &bands);
    print_quality("bands, estimate", &truth_long, &estimated);
    print_quality("bands, estimate, exact", &truth_long, &exact);
    print_quality("the same, of short texts too", &truth, &exact);
    printf("all pairs of the index in %.3f s\n", spent);
    near_runs_release(&runs);
    texts_release(&cache);
    store_version_release(&v);
    map_release(&number);
    buf_release(&truth);
    buf_release(&truth_long);
    buf_release(&bands);
    buf_release(&estimated);
    buf_release(&exact);
    buf_release(&texts);
    buf_release(&ranks);
}

static double best_of(double best, double now)
{
    return best <= 0 || now < best ? now : best;
}

static void measure_cost(struct sillok_store *store, struct sillok_near *near)
{
    enum { ROUNDS = 5 };
    double whole = 0, reading = 0, keys = 0;
    struct sillok_stats stats;
    struct near_reader reader;
    struct near_keys k;
    near_reader_init(&reader);
    DO(sillok_store_stats(store, &stats));
    for (int round = 0; round < ROUNDS; round++) {
        int r;
        (void)unlink(near->place.file);
        double start = seconds();
        while ((r = sillok_near_update(near, NULL)) > 0)
            continue;
        DO(r);
        whole = best_of(whole, seconds() - start);
        start = seconds();
        for (uint64_t no = 1; no <= stats.versions; no++)
            DO(store->ops->version_get(store, no, 1, &reader.version));
        reading = best_of(reading, seconds() - start);
        start = seconds();
        for (uint64_t no = 1; no <= stats.versions; no++) {
            DO(store->ops->version_get(store, no, 1, &reader.version));
            DO(near_keys_of(&k, &reader));
        }
        keys = best_of(keys, seconds() - start);
    }
    near_reader_release(&reader);
    struct sillok_near_stats figures;
    DO(sillok_near_stats(near, &figures));
    const double n = (double)stats.versions;
    printf("us per article: F1 and sketch %.2f, rows of the index %.2f, together %.2f; "
           "reading the store %.2f\n",
           (keys - reading) / n * 1e6, (whole - keys) / n * 1e6,
           (whole - reading) / n * 1e6, reading / n * 1e6);
    printf("bytes per article: %.1f in use, %.1f with free pages; %llu of %llu have a "
           "sketch\n",
           (double)figures.used_bytes / n,
           (double)(figures.used_bytes + figures.free_bytes) / n,
           (unsigned long long)figures.texts, (unsigned long long)figures.versions);
}

int main(int argc, char **argv)
{
    struct sillok_store_options options = SILLOK_STORE_OPTIONS_INIT;
    struct sillok_store *store;
    struct sillok_near *near;
    const double min = argc > 2 ? strtod(argv[2], NULL) : 0.7;
    if (argc < 2 || !(min > 0 && min <= 1)) {
        fprintf(stderr, "usage: near-join STORE [J]\n");
        return 2;
    }
    heap_tune(); /* as the program does: fresh memory is part of what is measured */
    heap_widen(1);
    options.read_only = 1;
    DO(sillok_store_open(&store, argv[1], &options));
    DO(sillok_near_open(&near, store, 0));
    measure_cost(store, near);
    measure_quality(store, near, min);
    sillok_near_close(near);
    sillok_store_close(store);
    return 0;
}
