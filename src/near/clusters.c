/* sillok_clusters_open(): pairs that hold on the texts, and what hangs together by them.
 */
#include "near/follow.h"
#include "near/rows.h"

#include <stdlib.h>

/* --- sets that hang together --- */

/* Union-find over the numbers of infos, path halving; parents grow as infos do. */
static uint32_t root_of(uint32_t *parent, uint32_t i)
{
    while (parent[i] != i) {
        parent[i] = parent[parent[i]];
        i = parent[i];
    }
    return i;
}

static int grow(struct buf *parents, size_t n)
{
    int r = 0;
    for (uint32_t i = (uint32_t)(parents->len / sizeof(i)); i < n && r == 0; i++)
        r = buf_add(parents, &i, sizeof(i));
    return r;
}

/* --- pairs --- */

struct build {
    struct sillok_near_rows *rows;
    struct near_scope scope;
    struct near_runs runs;
    struct buf parents; /* uint32_t */
};

/* 1 when the two versions were not together yet and now are. */
static int join(struct build *b, uint32_t v, uint32_t w)
{
    const struct map *m = &b->rows->texts.by_version;
    uint32_t *p = (uint32_t *)(void *)b->parents.ptr;
    const uint32_t x = root_of(p, map_get(m, v)), y = root_of(p, map_get(m, w));
    if (x == y)
        return 0;
    p[x < y ? y : x] = x < y ? x : y;
    return 1;
}

static int are_together(struct build *b, uint32_t v, uint32_t w)
{
    const struct map *m = &b->rows->texts.by_version;
    uint32_t *p = (uint32_t *)(void *)b->parents.ptr;
    return root_of(p, map_get(m, v)) == root_of(p, map_get(m, w));
}

static const struct text_info *info_of(struct build *b, uint32_t version)
{
    return texts_at(&b->rows->texts, map_get(&b->rows->texts.by_version, version));
}

static int join_if_alike(struct build *b, uint32_t v, uint32_t w)
{
    const struct text_set *x, *y;
    if (are_together(b, v, w))
        return 0;
    const int r = texts_sets(&b->rows->texts, v, w, &x, &y);
    if (r == 0 && text_set_similarity(x, y) >= b->rows->options.min)
        (void)join(b, v, w); /* that they were apart is known */
    return r;
}

/* The estimate may be off by three times its deviation, 0.05. */
static double least_estimate(double min)
{
    return min - 0.15 < 0.55 ? min - 0.15 : 0.55;
}

static int join_alike(struct build *b)
{
    CLEANUP(buf_release) struct buf pairs = BUF_INIT;
    int r = near_pairs(&b->runs, least_estimate(b->rows->options.min), &pairs);
    if (r == 0)
        r = grow(&b->parents, texts_count(&b->rows->texts));
    const uint64_t *v = (const uint64_t *)(const void *)pairs.ptr;
    for (size_t i = 0; i < pairs.len / sizeof(*v) && r == 0; i++)
        r = join_if_alike(b, (uint32_t)(v[i] >> 32), (uint32_t)v[i]);
    return r;
}

static int join_run(struct build *b, const struct near_run *run,
                    int (*join_two)(struct build *, uint32_t, uint32_t))
{
    int r = grow(&b->parents, texts_count(&b->rows->texts));
    for (size_t i = 1; i < run->n && r == 0; i++) {
        const unsigned at = run->partitions[i];
        for (size_t k = i; k-- > 0 && i - k <= PAIRS_WINDOW && r == 0;) {
            const unsigned other = run->partitions[k];
            const unsigned apart = at < other ? other - at : at - other;
            if ((!at || !other || apart <= b->scope.apart) &&
                info_of(b, run->versions[i])->article !=
                    info_of(b, run->versions[k])->article)
                r = join_two(b, run->versions[i], run->versions[k]);
        }
    }
    return r;
}

static int join_if_follow(struct build *b, uint32_t v, uint32_t w)
{
    struct sillok_store *store = b->rows->near->store;
    struct store_version *version = &b->rows->texts.reader.version;
    struct follow x, y;
    if (are_together(b, v, w))
        return 0;
    follow_init(&x);
    follow_init(&y);
    int r = store->ops->version_get(store, v, 0, version);
    if (r == 0)
        r = follow_of(&x, &version->article);
    if (r == 0)
        r = store->ops->version_get(store, w, 0, version);
    if (r == 0)
        r = follow_of(&y, &version->article);
    if (r == 0 && follow_links(&x, &y))
        (void)join(b, v, w); /* that they were apart is known */
    follow_release(&x);
    follow_release(&y);
    return r;
}

static int join_band(struct build *b, int band,
                     int (*join_two)(struct build *, uint32_t, uint32_t))
{
    struct near_run run;
    int r;
    near_runs_band(&b->runs, band);
    while ((r = near_runs_next(&b->runs, &run)) > 0)
        if ((r = join_run(b, &run, join_two)) < 0)
            break;
    return r;
}

/* --- groups --- */

struct placed {
    uint32_t root, info;
};

static int by_root(const void *a, const void *b)
{
    const struct placed *x = a, *y = b;
    if (x->root != y->root)
        return x->root < y->root ? -1 : 1;
    return x->info < y->info ? -1 : x->info > y->info;
}

static int add_groups(struct build *b, struct placed *list, size_t n)
{
    CLEANUP(buf_release) struct buf infos = BUF_INIT;
    int r = 0;
    qsort(list, n, sizeof(*list), by_root);
    for (size_t from = 0, to; from < n && r == 0; from = to) {
        buf_clear(&infos);
        for (to = from; to < n && list[to].root == list[from].root && r == 0; to++)
            r = buf_add(&infos, &list[to].info, sizeof(list[to].info));
        if (r == 0 && to - from > 1)
            r = near_rows_add_group(b->rows, (uint32_t *)(void *)infos.ptr, to - from);
    }
    near_rows_sort(b->rows);
    return r;
}

static int group(struct build *b)
{
    uint32_t *p = (uint32_t *)(void *)b->parents.ptr;
    const size_t n = b->parents.len / sizeof(*p);
    struct placed *list = calloc(n + 1, sizeof(*list));
    if (!list)
        return fail_memory();
    for (uint32_t i = 0; i < n; i++)
        list[i] = (struct placed){ root_of(p, i), i };
    const int r = add_groups(b, list, n);
    free(list);
    return r;
}

static int ask(struct sillok_near_rows **out, struct sillok_near *near,
               const struct sillok_near_options *options)
{
    struct build b = { .parents = BUF_INIT };
    struct index x;
    int r = near_rows_new(&b.rows, near, options, 0.7);
    if (r < 0)
        return r;
    r = near_rows_scope(b.rows, &b.scope);
    if (r == 0)
        r = near_index_open(&x, near);
    if (r < 0) {
        sillok_near_rows_close(b.rows);
        return r;
    }
    r = near_runs_init(&b.runs, &x, &b.rows->texts, &b.scope);
    if (r == 0)
        r = join_alike(&b);
    if (r == 0)
        r = join_band(&b, BAND_TEXT, join_if_alike);
    if (r == 0 && !b.rows->options.no_follow_ups)
        r = join_band(&b, BAND_HEADLINE, join_if_follow);
    near_runs_release(&b.runs);
    index_close(&x);
    if (r == 0)
        r = group(&b);
    buf_release(&b.parents);
    if (r < 0) {
        sillok_near_rows_close(b.rows);
        return r;
    }
    *out = b.rows;
    return 0;
}

int sillok_clusters_open(struct sillok_near_rows **out, struct sillok_near *near,
                         const struct sillok_near_options *options)
{
    const int r = ask(out, near, options);
    return near_mend(near, r) ? ask(out, near, options) : r;
}
