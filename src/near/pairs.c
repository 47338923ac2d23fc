#include "near/pairs.h"

#include <stdlib.h>

struct entry {
    uint32_t number, version;
    uint16_t partition;
};

int near_runs_init(struct near_runs *it, struct index *x, struct texts *texts,
                   const struct near_scope *scope)
{
    memset(it, 0, sizeof(*it));
    it->index = x;
    it->texts = texts;
    it->scope = scope;
    it->slice = BAND_SLICES;
    buf_init(&it->parts, BUF_CEILING);
    buf_init(&it->values, BUF_CEILING);
    buf_init(&it->entries, BUF_CEILING);
    buf_init(&it->versions, BUF_CEILING);
    buf_init(&it->at, BUF_CEILING);
    int r = scope->from > 0 ? index_parts(x, 0, 0, &it->parts) : 0;
    if (r == 0)
        r = index_parts(x, scope->from, scope->to, &it->parts);
    return r;
}

void near_runs_release(struct near_runs *it)
{
    buf_release(&it->parts);
    buf_release(&it->values);
    buf_release(&it->entries);
    buf_release(&it->versions);
    buf_release(&it->at);
}

void near_runs_band(struct near_runs *it, int band)
{
    it->band = band;
    it->slice = 0;
    it->next = 0;
    buf_clear(&it->entries);
}

static int by_number(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    if (x->number != y->number)
        return x->number < y->number ? -1 : 1;
    return x->version < y->version ? -1 : x->version > y->version;
}

/* The next slice of all partitions, sorted by number. */
static int load_slice(struct near_runs *it)
{
    const struct index_part *p = (const struct index_part *)(const void *)it->parts.ptr;
    const size_t n = it->parts.len / sizeof(*p);
    int r = 0;
    it->next = 0;
    buf_clear(&it->entries);
    for (size_t i = 0; i < n && r == 0; i++) {
        buf_clear(&it->values);
        r = index_slice(it->index, &p[i], it->band, it->slice, &it->values);
        const uint64_t *v = (const uint64_t *)(const void *)it->values.ptr;
        for (size_t k = 0; k < it->values.len / sizeof(*v) && r == 0; k++) {
            struct entry e;
            memset(&e, 0, sizeof(e));
            e.number = (uint32_t)(v[k] >> 32);
            e.version = (uint32_t)v[k];
            e.partition = p[i].partition;
            r = buf_add(&it->entries, &e, sizeof(e));
        }
    }
    it->slice++;
    if (r == 0 && n > 1 && it->entries.len)
        qsort(it->entries.ptr, it->entries.len / sizeof(struct entry),
              sizeof(struct entry), by_number);
    return r;
}

/* Keep what counts of entries [from, to) as a run. 1 when it spans articles. */
static int take_run(struct near_runs *it, size_t from, size_t to, struct near_run *run)
{
    const struct entry *e = (const struct entry *)(const void *)it->entries.ptr;
    uint64_t first_article = 0;
    int spans = 0, r = 0;
    buf_clear(&it->versions);
    buf_clear(&it->at);
    for (size_t i = from; i < to && r == 0; i++) {
        const int64_t at = texts_info(it->texts, e[i].version);
        if (at < 0)
            return (int)at;
        const struct text_info *info = texts_at(it->texts, (size_t)at);
        if (!info->newest && !it->scope->revisions)
            continue;
        spans |= first_article && first_article != info->article;
        first_article = first_article ? first_article : info->article;
        r = buf_add(&it->versions, &e[i].version, sizeof(e[i].version));
        if (r == 0)
            r = buf_add(&it->at, &e[i].partition, sizeof(e[i].partition));
    }
    run->versions = (const uint32_t *)(const void *)it->versions.ptr;
    run->partitions = (const uint16_t *)(const void *)it->at.ptr;
    run->n = it->versions.len / sizeof(uint32_t);
    return r < 0 ? r : spans;
}

int near_runs_next(struct near_runs *it, struct near_run *run)
{
    for (;;) {
        const struct entry *e = (const struct entry *)(const void *)it->entries.ptr;
        const size_t n = it->entries.len / sizeof(*e);
        const size_t from = it->next;
        if (from == n) {
            if (it->slice >= BAND_SLICES)
                return 0;
            const int r = load_slice(it);
            if (r < 0)
                return r;
            continue;
        }
        size_t to = from + 1;
        while (to < n && e[to].number == e[from].number)
            to++;
        it->next = to;
        const int r = to - from > 1 ? take_run(it, from, to, run) : 0;
        if (r != 0)
            return r;
    }
}

/* --- pairs --- */

static int are_near(const struct near_scope *scope, unsigned a, unsigned b)
{
    return !a || !b || (a < b ? b - a : a - b) <= scope->apart;
}

static int add_run(struct near_runs *it, const struct near_run *run, double estimate,
                   struct buf *out)
{
    int r = 0;
    for (size_t i = 1; i < run->n; i++) {
        const uint8_t *a, *b;
        const uint64_t article =
            texts_at(it->texts, map_get(&it->texts->by_version, run->versions[i]))
                ->article;
        if ((r = index_sketch(it->index, run->versions[i], &a)) <= 0)
            return r;
        for (size_t k = i; k-- > 0 && i - k <= PAIRS_WINDOW;) {
            if (!are_near(it->scope, run->partitions[i], run->partitions[k]) ||
                texts_at(it->texts, map_get(&it->texts->by_version, run->versions[k]))
                        ->article == article)
                continue;
            if ((r = index_sketch(it->index, run->versions[k], &b)) <= 0)
                return r;
            if (sketch_estimate(a, b) < estimate)
                continue;
            const uint64_t pair = pair_of(run->versions[i], run->versions[k]);
            if ((r = buf_add(out, &pair, sizeof(pair))) < 0)
                return r;
        }
    }
    return 0;
}

int near_pairs(struct near_runs *it, double estimate, struct buf *out)
{
    struct near_run run;
    int r = 0;
    for (int band = 0; band < SKETCH_BANDS && r == 0; band++) {
        near_runs_band(it, band);
        while ((r = near_runs_next(it, &run)) > 0)
            if ((r = add_run(it, &run, estimate, out)) < 0)
                break;
        buf_sort_u64(out);
    }
    return r;
}
