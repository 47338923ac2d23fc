#include "near/rows.h"

#include "near/follow.h"
#include "near/headline.h"

#include <stdlib.h>
#include <xxhash.h>

/* --- making --- */

int near_rows_new(struct sillok_near_rows **out, struct sillok_near *near,
                  const struct sillok_near_options *options, double min)
{
    static const struct sillok_near_options none = SILLOK_NEAR_OPTIONS_INIT;
    const struct sillok_near_options *o = options ? options : &none;
    if (!(o->min >= 0 && o->min <= 1))
        return fail(SILLOK_EINVALID, "a similarity is above 0 and at most 1, not %g",
                    o->min);
    struct sillok_near_rows *rows = calloc(1, sizeof(*rows));
    if (!rows)
        return fail_memory();
    rows->near = near;
    rows->options = *o;
    if (o->min <= 0)
        rows->options.min = min;
    texts_init(&rows->texts, near->store);
    buf_init(&rows->members, BUF_CEILING);
    buf_init(&rows->groups, BUF_CEILING);
    buf_init(&rows->reference.f1, BUF_CEILING);
    buf_init(&rows->reference.hashes, BUF_CEILING);
    *out = rows;
    return 0;
}

void sillok_near_rows_close(struct sillok_near_rows *rows)
{
    if (!rows)
        return;
    texts_release(&rows->texts);
    buf_release(&rows->members);
    buf_release(&rows->groups);
    map_release(&rows->headlines);
    buf_release(&rows->reference.f1);
    buf_release(&rows->reference.hashes);
    free(rows);
}

/* One member while its group is being sorted. */
struct named {
    struct article_key key;
    int64_t first_s;
    uint32_t info, revision;
};

static int by_time_and_name(const void *a, const void *b)
{
    const struct named *x = a, *y = b;
    if (x->first_s != y->first_s)
        return x->first_s < y->first_s ? -1 : 1;
    const int c = text_compare(article_key_text(&x->key), article_key_text(&y->key));
    return c ? c : x->revision < y->revision ? -1 : x->revision > y->revision;
}

static int by_name(const void *a, const void *b)
{
    const struct named *x = a, *y = b;
    return text_compare(article_key_text(&x->key), article_key_text(&y->key));
}

static int name_all(struct sillok_near_rows *rows, const uint32_t *infos, size_t n,
                    struct named *list)
{
    struct sillok_store *store = rows->near->store;
    for (size_t i = 0; i < n; i++) {
        const struct text_info *info = texts_at(&rows->texts, infos[i]);
        const int r = store->ops->article_key_of(store, info->article, &list[i].key);
        if (r < 0)
            return r;
        list[i].first_s = info->first_s;
        list[i].info = infos[i];
        list[i].revision = info->revision;
    }
    return 0;
}

/* How many publishers a list has; is @p oid (NULL: any) one of them? Sorts it. */
static uint64_t count_publishers(struct named *list, size_t n, const char *oid, int *has)
{
    uint64_t publishers = 0;
    qsort(list, n, sizeof(*list), by_name);
    *has = oid == NULL;
    for (size_t i = 0; i < n; i++) {
        const struct sillok_text mine = article_key_oid(&list[i].key);
        publishers += i == 0 || !text_equal(mine, article_key_oid(&list[i - 1].key));
        *has |= oid && text_is(mine, oid);
    }
    return publishers;
}

int near_rows_add_group(struct sillok_near_rows *rows, uint32_t *infos, size_t n)
{
    int has = 0;
    struct named *list = calloc(n + 1, sizeof(*list));
    if (!list)
        return fail_memory();
    int r = name_all(rows, infos, n, list);
    struct near_group g;
    memset(&g, 0, sizeof(g));
    g.first = rows->members.len / sizeof(uint32_t);
    g.n = n;
    if (r == 0)
        g.publishers = count_publishers(list, n, rows->options.oid, &has);
    if (r == 0 && has && (!rows->options.across || g.publishers > 1)) {
        qsort(list, n, sizeof(*list), by_time_and_name);
        g.first_s = list[0].first_s;
        g.key = list[0].key;
        for (size_t i = 0; i < n && r == 0; i++)
            r = buf_add(&rows->members, &list[i].info, sizeof(list[i].info));
        if (r == 0)
            r = buf_add(&rows->groups, &g, sizeof(g));
    }
    free(list);
    return r;
}

static int by_size(const void *a, const void *b)
{
    const struct near_group *x = a, *y = b;
    if (x->n != y->n)
        return x->n > y->n ? -1 : 1;
    if (x->first_s != y->first_s)
        return x->first_s < y->first_s ? -1 : 1;
    return text_compare(article_key_text(&x->key), article_key_text(&y->key));
}

void near_rows_sort(struct sillok_near_rows *rows)
{
    const size_t n = rows->groups.len / sizeof(struct near_group);
    if (n)
        qsort(rows->groups.ptr, n, sizeof(struct near_group), by_size);
}

int near_rows_scope(struct sillok_near_rows *rows, struct near_scope *out)
{
    const struct sillok_near_options *o = &rows->options;
    struct sillok_stats stats;
    const int r = rows->near->store->ops->stats(rows->near->store, &stats);
    const unsigned last = r == 0 ? near_month_at(stats.last_s) : 0;
    *out = (struct near_scope){ .from = o->all_time  ? 0
                                        : o->since_s ? near_month_since(o->since_s)
                                        : last       ? last - 1
                                                     : 0,
                                .to = UINT16_MAX,
                                .apart = o->all_time ? UINT16_MAX : 1,
                                .revisions = o->revisions };
    return r;
}

/* --- reading --- */

int near_rows_refer(struct sillok_near_rows *rows, struct near_reader *reader)
{
    struct near_reference *ref = &rows->reference;
    struct shingles *s = &reader->shingles;
    shingles_sort(s);
    buf_clear(&ref->f1);
    buf_clear(&ref->hashes);
    ref->content_hash = reader->version.article.content_hash;
    const int r = buf_add(&ref->f1, s->f1.ptr, s->f1.len);
    return r < 0 ? r : buf_add(&ref->hashes, s->hashes.ptr, s->hashes.len);
}

int near_headline_of(struct near_headline *out, struct buf *scratch,
                     const struct sillok_article *a)
{
    out->day = near_day_of(a->fields[SILLOK_PUBLISHED_AT]);
    return headline_hash(&out->name, scratch, a->oid, a->fields[SILLOK_TITLE]);
}

/* A headline of a day, or of any: of a large group each row has its own. */
#define ANY_DAY INT64_MAX

static uint64_t key_of(uint64_t name, int64_t day)
{
    const uint64_t both[] = { name, (uint64_t)day };
    return XXH3_64bits(both, sizeof(both));
}

static int is_known(const struct sillok_near_rows *rows, uint64_t name, int64_t day)
{
    return map_get(&rows->headlines, key_of(name, day)) != MAP_NONE;
}

int near_rows_remember(struct sillok_near_rows *rows, const struct near_headline *h)
{
    const int r = map_put(&rows->headlines, key_of(h->name, h->day), 1);
    return r < 0 ? r : map_put(&rows->headlines, key_of(h->name, ANY_DAY), 1);
}

/* As follow_in_time() says, of any that is known. */
static int follows(const struct sillok_near_rows *rows, const struct near_headline *h)
{
    if (!h->name || !is_known(rows, h->name, ANY_DAY))
        return 0;
    if (h->day == NEAR_NO_DAY)
        return 1;
    for (int64_t day = h->day - FOLLOW_DAYS; day <= h->day + FOLLOW_DAYS; day++)
        if (is_known(rows, h->name, day))
            return 1;
    return is_known(rows, h->name, NEAR_NO_DAY);
}

static void compare(const struct sillok_near_rows *rows, struct near_reader *reader,
                    struct sillok_near_row *row)
{
    const struct near_reference *ref = &rows->reference;
    struct shingles *s = &reader->shingles;
    shingles_sort(s);
    row->same_body =
        sillok_id_equal(&ref->content_hash, &reader->version.article.content_hash);
    row->same_text =
        text_equal(text_make(ref->f1.ptr, ref->f1.len), text_make(s->f1.ptr, s->f1.len));
    row->jaccard = row->same_text
                       ? 1
                       : shingles_jaccard((const uint64_t *)(const void *)ref->hashes.ptr,
                                          ref->hashes.len / sizeof(uint64_t),
                                          shingles_hashes(s), s->n);
}

static int fill_row(struct sillok_near_rows *rows, const struct near_group *g,
                    const struct text_info *info, struct sillok_near_row *row)
{
    struct near_reader *reader = &rows->texts.reader;
    struct sillok_article *a = &reader->version.article;
    const int is_first = !rows->is_similar && rows->at == 0;
    struct near_headline headline;
    int r = rows->near->store->ops->version_get(rows->near->store, info->version, 1,
                                                &reader->version);
    if (r == 0)
        r = shingles_read(&reader->shingles, a->body);
    if (r == 0)
        r = near_headline_of(&headline, &reader->scratch, a);
    if (r == 0 && is_first) {
        map_clear(&rows->headlines);
        r = near_rows_refer(rows, reader);
    }
    if (r < 0)
        return r;
    memset(row, 0, sizeof(*row));
    compare(rows, reader, row);
    row->follow_up = follows(rows, &headline);
    r = headline.name && !rows->is_similar ? near_rows_remember(rows, &headline) : 0;
    row->group = rows->is_similar ? 0 : rows->group + 1;
    row->size = g->n;
    row->publishers = g->publishers;
    row->revision = info->revision;
    row->newest = info->newest;
    row->first_seen_s = info->first_s;
    row->article = *a;
    row->article.crawled_at_s = info->first_s;
    return r;
}

int sillok_near_next(struct sillok_near_rows *rows, struct sillok_near_row *row)
{
    const struct near_group *g =
        (const struct near_group *)(const void *)rows->groups.ptr;
    const size_t n = rows->groups.len / sizeof(*g);
    if (rows->group < n)
        g += rows->group;
    const uint64_t limit = rows->options.limit;
    if (rows->group < n && rows->at == g->n) {
        rows->group++;
        rows->at = 0;
        g++;
    }
    if (rows->group >= n || (limit && !rows->is_similar && rows->group >= limit) ||
        (limit && rows->is_similar && rows->n_rows >= limit))
        return 0;
    const uint32_t *members = (const uint32_t *)(const void *)rows->members.ptr;
    const struct text_info *info = texts_at(&rows->texts, members[g->first + rows->at]);
    const int r = fill_row(rows, g, info, row);
    rows->at++;
    rows->n_rows++;
    return r < 0 ? r : 1;
}
