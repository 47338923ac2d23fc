/* sillok_dups_open(): versions under one fingerprint, told apart by their texts. */
#include "near/rows.h"

#include <stdlib.h>

/* A version of a run, and what has to be equal: of a run that is one text it is in memory
 * once. */
struct copy {
    char *text;    /* F1, or the content hash */
    int is_shared; /* with the one that was read before */
    size_t len;
    uint32_t info;
    uint64_t article;
};

static int is_same(const struct copy *x, const struct copy *y)
{
    return x->text == y->text ||
           text_equal(text_make(x->text, x->len), text_make(y->text, y->len));
}

static int by_text(const void *a, const void *b)
{
    const struct copy *x = a, *y = b;
    const int c = x->text == y->text ? 0
                                     : text_compare(text_make(x->text, x->len),
                                                    text_make(y->text, y->len));
    return c ? c : x->info < y->info ? -1 : x->info > y->info;
}

/* @p before: the one that was read before it; NULL: none was. */
static int load(struct sillok_near_rows *rows, uint32_t version,
                const struct copy *before, struct copy *out)
{
    struct sillok_store *store = rows->near->store;
    struct near_reader *reader = &rows->texts.reader;
    const int by_body = rows->options.same == SILLOK_NEAR_SAME_BODY;
    out->info = map_get(&rows->texts.by_version, version);
    out->article = texts_at(&rows->texts, out->info)->article;
    int r = store->ops->version_get(store, version, !by_body, &reader->version);
    if (r == 0 && !by_body)
        r = shingles_read(&reader->shingles, reader->version.article.body);
    if (r < 0)
        return r;
    const struct sillok_id *id = &reader->version.article.content_hash;
    const struct buf *f1 = &reader->shingles.f1;
    const void *from = by_body ? (const void *)id : (const void *)f1->ptr;
    out->len = by_body ? sizeof(*id) : f1->len;
    out->is_shared = before && before->len == out->len && out->len &&
                     memcmp(before->text, from, out->len) == 0;
    out->text = out->is_shared ? before->text : malloc(out->len + 1);
    if (!out->text)
        return fail_memory();
    if (out->len && !out->is_shared)
        memcpy(out->text, from, out->len);
    return 0;
}

static int add_equal(struct sillok_near_rows *rows, const struct copy *list, size_t n)
{
    CLEANUP(buf_release) struct buf infos = BUF_INIT;
    int spans = 0, r = 0;
    for (size_t i = 0; i < n && r == 0; i++) {
        spans |= list[i].article != list[0].article;
        r = buf_add(&infos, &list[i].info, sizeof(list[i].info));
    }
    return r < 0 || !spans ? r
                           : near_rows_add_group(rows, (uint32_t *)(void *)infos.ptr, n);
}

static int add_run(struct sillok_near_rows *rows, const struct near_run *run)
{
    struct copy *list = calloc(run->n, sizeof(*list));
    if (!list)
        return fail_memory();
    int r = 0;
    for (size_t i = 0; i < run->n && r == 0; i++)
        r = load(rows, run->versions[i], i ? &list[i - 1] : NULL, &list[i]);
    if (r == 0)
        qsort(list, run->n, sizeof(*list), by_text);
    for (size_t from = 0, to; from < run->n && r == 0; from = to) {
        to = from + 1;
        while (to < run->n && is_same(&list[to], &list[from]))
            to++;
        r = to - from > 1 ? add_equal(rows, list + from, to - from) : 0;
    }
    for (size_t i = 0; i < run->n; i++)
        if (!list[i].is_shared)
            free(list[i].text);
    free(list);
    return r;
}

static int find(struct sillok_near_rows *rows, struct index *x)
{
    const struct sillok_near_options *o = &rows->options;
    const struct near_scope scope = { .from =
                                          o->since_s ? near_month_since(o->since_s) : 0,
                                      .to = UINT16_MAX,
                                      .apart = UINT16_MAX,
                                      .revisions = o->revisions };
    struct near_runs runs;
    struct near_run run;
    int r = near_runs_init(&runs, x, &rows->texts, &scope);
    near_runs_band(&runs, BAND_TEXT);
    while (r == 0 && (r = near_runs_next(&runs, &run)) > 0)
        r = add_run(rows, &run);
    near_runs_release(&runs);
    near_rows_sort(rows);
    return r;
}

static int ask(struct sillok_near_rows **out, struct sillok_near *near,
               const struct sillok_near_options *options)
{
    struct sillok_near_rows *rows;
    struct index x;
    int r = near_rows_new(&rows, near, options, 1);
    if (r < 0)
        return r;
    r = near_index_open(&x, near);
    if (r == 0) {
        r = find(rows, &x);
        index_close(&x);
    }
    if (r < 0) {
        sillok_near_rows_close(rows);
        return r;
    }
    *out = rows;
    return 0;
}

int sillok_dups_open(struct sillok_near_rows **out, struct sillok_near *near,
                     const struct sillok_near_options *options)
{
    const int r = ask(out, near, options);
    return near_mend(near, r) ? ask(out, near, options) : r;
}
