/*
 * An answer: candidates become articles, the latest first; one article after the other is
 * read in the store, its sentences are followed (sillok/blame.h), and those that have all
 * the words are told.
 *
 * A word is looked for in the whole body of the revision in which a sentence stood last,
 * so that one over the end of a sentence is found; a sentence has it when the two touch.
 */
#include "find/find.h"

#include "base/map.h"
#include "find/fold.h"

#include <stdlib.h>

/* An article to look into. */
struct candidate {
    int64_t time_s; /* its newest revision began then */
    uint64_t article;
    size_t key;         /* in `keys` */
    const char *key_at; /* there, once all are in */
    size_t key_len;
};

/* A sentence that has been found. */
struct hit {
    struct sillok_blame_sentence sentence; /* its spans are in `spans` */
    size_t first_span, first_mark, n_marks;
    size_t order;
    int keeps; /* has all the words */
};

struct sillok_find_rows {
    struct sillok_find *find;
    struct sillok_find_options options;
    char *oid;
    struct buf words;      /* folded, one after the other */
    struct buf word_list;  /* struct sillok_text into it */
    struct buf keys;       /* of articles */
    struct buf candidates; /* struct candidate */
    size_t next_candidate;
    uint64_t n_rows;
    /* of the article at hand */
    struct sillok_blame *blame;
    struct buf hits;  /* struct hit */
    struct buf spans; /* struct sillok_blame_span */
    struct buf marks; /* struct sillok_span */
    size_t next_hit;
    struct buf links; /* struct chain_link */
    struct store_version version;
    struct folded folded;
    struct buf places; /* struct sillok_span: of all words in a text, word by word */
    struct buf ends;   /* size_t: where those of each word end */
};

static const struct sillok_text *words_of(const struct sillok_find_rows *rows, size_t *n)
{
    *n = rows->word_list.len / sizeof(struct sillok_text);
    return (const struct sillok_text *)(const void *)rows->word_list.ptr;
}

static struct hit *hit_at(const struct sillok_find_rows *rows, size_t i)
{
    return (struct hit *)(void *)rows->hits.ptr + i;
}

static size_t count_hits(const struct sillok_find_rows *rows)
{
    return rows->hits.len / sizeof(struct hit);
}

static const struct chain_link *link_at(const struct sillok_find_rows *rows, size_t i)
{
    return (const struct chain_link *)(const void *)rows->links.ptr + i;
}

/* --- the question --- */

static int in_window(const struct sillok_find_rows *rows, int64_t time_s)
{
    const struct sillok_find_options *o = &rows->options;
    return (!o->from_s || time_s >= o->from_s) && (!o->to_s || time_s < o->to_s);
}

/* Is it one of those that were asked for, whatever its words? One that was put back is
 * not removed, but it went all the same: who asks about that time is told. */
static int is_asked(const struct sillok_find_rows *rows,
                    const struct sillok_blame_sentence *s)
{
    const struct sillok_find_options *o = &rows->options;
    const int went = o->removed ? s->gone : !o->added;
    const int came = o->added || !o->removed;
    if (!o->removed && !o->added && !o->from_s && !o->to_s)
        return 1;
    for (size_t i = 0; i < s->n_spans; i++) {
        const struct sillok_blame_span *span = &s->spans[i];
        if (went && span->went.how != SILLOK_BLAME_NOT &&
            in_window(rows, span->went.before_s))
            return 1;
        if (came && (span->came.how != SILLOK_BLAME_NOT || !o->added) &&
            in_window(rows, span->first_seen_s))
            return 1;
    }
    return 0;
}

static int take_words(struct sillok_find_rows *rows, const char *const *words, size_t n)
{
    size_t ends[SILLOK_FIND_WORDS_MAX];
    if (!n || n > SILLOK_FIND_WORDS_MAX)
        return fail(SILLOK_EINVALID, "%zu words to find: 1 to %d can be asked for", n,
                    SILLOK_FIND_WORDS_MAX);
    for (size_t i = 0; i < n; i++) {
        CLEANUP(buf_release) struct buf one = BUF_INIT;
        int r = fold_add(&one, text_of(words[i]));
        if (r == 0 && !one.len)
            return fail(SILLOK_EINVALID,
                        "there is nothing to find in '%.80s': write at least one letter",
                        words[i]);
        if (rows->options.any_blanks)
            fold_squeeze(&one);
        if (r == 0)
            r = buf_add(&rows->words, one.ptr, one.len);
        if (r < 0)
            return r;
        ends[i] = rows->words.len;
    }
    int r = 0;
    for (size_t i = 0; i < n && r == 0; i++) {
        const size_t start = i ? ends[i - 1] : 0;
        const struct sillok_text t = text_make(rows->words.ptr + start, ends[i] - start);
        r = buf_add(&rows->word_list, &t, sizeof(t));
    }
    return r;
}

/* 0, or SILLOK_ESTOPPED where the caller wants no more. */
static int goes_on(const struct sillok_find_rows *rows)
{
    const struct sillok_find_options *o = &rows->options;
    return o->stop && o->stop(o->stop_arg)
               ? fail(SILLOK_ESTOPPED, "the search was given up")
               : 0;
}

/* --- candidates --- */

/* Did anything happen to the article in the window? Its links are in `links`. */
static int is_in_time(const struct sillok_find_rows *rows)
{
    const struct sillok_find_options *o = &rows->options;
    const size_t n = rows->links.len / sizeof(struct chain_link);
    const int changes_only = o->removed || o->added;
    for (size_t i = changes_only ? 1 : 0; i < n; i++)
        if (in_window(rows, link_at(rows, i)->first_s))
            return 1;
    return 0;
}

static int add_candidate(struct sillok_find_rows *rows, struct map *seen,
                         uint32_t version)
{
    struct sillok_store *store = rows->find->store;
    struct candidate c;
    memset(&c, 0, sizeof(c));
    int r = store->ops->version_get(store, version, 0, &rows->version);
    if (r < 0)
        return r;
    const struct article_key *key = &rows->version.key;
    if (rows->oid && !text_is(article_key_oid(key), rows->oid))
        return 0;
    r = store->ops->article_find(store, key, &c.article);
    if (r == 0)
        return fail(SILLOK_ECORRUPT, "the store is damaged: an article is missing");
    if (r < 0 || map_get(seen, c.article) != MAP_NONE)
        return r < 0 ? r : 0;
    r = map_put(seen, c.article, 0);
    buf_clear(&rows->links);
    if (r == 0)
        r = store->ops->chain_scan(store, c.article, 0, SIZE_MAX / 2, &rows->links);
    const size_t n = rows->links.len / sizeof(struct chain_link);
    if (r < 0 || !n || !is_in_time(rows))
        return r;
    c.time_s = link_at(rows, n - 1)->first_s;
    c.key = rows->keys.len;
    c.key_len = key->len;
    r = buf_add(&rows->keys, key->bytes, key->len);
    return r < 0 ? r : buf_add(&rows->candidates, &c, sizeof(c));
}

static int by_time_and_name(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    if (x->time_s != y->time_s)
        return x->time_s > y->time_s ? -1 : 1;
    return text_compare(text_make(x->key_at, x->key_len),
                        text_make(y->key_at, y->key_len));
}

/* The articles of @p versions, in one view of the store: a common word has a version in
 * ten. */
static int add_candidates(struct sillok_find_rows *rows, const struct buf *versions)
{
    struct sillok_store *store = rows->find->store;
    struct map seen = { 0 };
    const uint32_t *v = (const uint32_t *)(const void *)versions->ptr;
    int r = store->ops->view_hold(store);
    if (r < 0)
        return r;
    for (size_t i = 0; i < versions->len / sizeof(*v) && r == 0; i++) {
        r = goes_on(rows);
        if (r == 0)
            r = add_candidate(rows, &seen, v[i]);
    }
    store->ops->view_release(store);
    map_release(&seen);
    return r;
}

static int take_candidates(struct sillok_find_rows *rows)
{
    CLEANUP(buf_release) struct buf versions = BUF_INIT;
    const struct sillok_find_options *o = &rows->options;
    struct find_question question = { .any_blanks = o->any_blanks,
                                      .only_many = o->removed || o->added };
    question.words = words_of(rows, &question.n_words);
    int r = find_candidates(rows->find, &question, &versions);
    if (r == 0)
        r = add_candidates(rows, &versions);
    struct candidate *c = (struct candidate *)(void *)rows->candidates.ptr;
    const size_t n = rows->candidates.len / sizeof(*c);
    for (size_t i = 0; i < n; i++)
        c[i].key_at = rows->keys.ptr + c[i].key;
    if (n && r == 0)
        qsort(c, n, sizeof(*c), by_time_and_name);
    return r;
}

/* --- words in a text --- */

/* Find all words in @p text; 0: one of them is not in it. */
static int find_places(struct sillok_find_rows *rows, struct sillok_text text)
{
    size_t n;
    const struct sillok_text *words = words_of(rows, &n);
    buf_clear(&rows->places);
    buf_clear(&rows->ends);
    int r = folded_read(&rows->folded, text);
    for (size_t i = 0; i < n && r == 0; i++) {
        const size_t before = rows->places.len;
        r = folded_find(&rows->folded, words[i], &rows->places);
        if (r == 0 && rows->places.len == before)
            return 0;
        const size_t end = rows->places.len / sizeof(struct sillok_span);
        if (r == 0)
            r = buf_add(&rows->ends, &end, sizeof(end));
    }
    return r < 0 ? r : 1;
}

/* The first of places [from, end) that ends past @p at. */
static size_t first_past(const struct sillok_span *places, size_t from, size_t end,
                         size_t at)
{
    while (from < end) {
        const size_t middle = from + (end - from) / 2;
        if (places[middle].end > at)
            end = middle;
        else
            from = middle + 1;
    }
    return from;
}

static int by_start(const void *a, const void *b)
{
    const struct sillok_span *x = a, *y = b;
    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    return x->end < y->end ? -1 : x->end > y->end;
}

/* Sort marks [first, ...) and make one of those that touch. */
static void merge_marks(struct buf *marks, size_t first)
{
    struct sillok_span *v = (struct sillok_span *)(void *)marks->ptr;
    const size_t n = marks->len / sizeof(*v);
    size_t k = first;
    qsort(v + first, n - first, sizeof(*v), by_start);
    for (size_t i = first + 1; i < n; i++) {
        if (v[i].start > v[k].end)
            v[++k] = v[i];
        else if (v[i].end > v[k].end)
            v[k].end = v[i].end;
    }
    marks->len = (k + 1) * sizeof(*v);
}

/* Mark the words in a sentence of the text at hand; drop the marks when one is missing.
 */
static int mark_words(struct sillok_find_rows *rows, struct hit *hit)
{
    const struct sillok_span *places =
        (const struct sillok_span *)(const void *)rows->places.ptr;
    const size_t *ends = (const size_t *)(const void *)rows->ends.ptr;
    const size_t n = rows->ends.len / sizeof(*ends);
    const struct sillok_span range = hit->sentence.range;
    const size_t first = rows->marks.len / sizeof(*places);
    int r = 0, missing = 0;
    for (size_t i = 0; i < n && r == 0 && !missing; i++) {
        size_t k = first_past(places, i ? ends[i - 1] : 0, ends[i], range.start);
        missing = k == ends[i] || places[k].start >= range.end;
        for (; k < ends[i] && places[k].start < range.end && r == 0; k++) {
            const size_t from =
                places[k].start > range.start ? places[k].start : range.start;
            const size_t to = places[k].end < range.end ? places[k].end : range.end;
            const struct sillok_span mark = { from - range.start, to - range.start };
            r = buf_add(&rows->marks, &mark, sizeof(mark));
        }
    }
    if (r < 0)
        return r;
    if (missing) {
        rows->marks.len = first * sizeof(*places);
        return 0;
    }
    merge_marks(&rows->marks, first);
    hit->keeps = 1;
    hit->first_mark = first;
    hit->n_marks = rows->marks.len / sizeof(*places) - first;
    return 0;
}

/* --- one article --- */

static int add_hit(struct sillok_find_rows *rows, const struct sillok_blame_sentence *s)
{
    struct hit hit;
    memset(&hit, 0, sizeof(hit));
    hit.sentence = *s;
    hit.order = count_hits(rows);
    hit.first_span = rows->spans.len / sizeof(*s->spans);
    const int r = buf_add(&rows->spans, s->spans, s->n_spans * sizeof(*s->spans));
    return r < 0 ? r : buf_add(&rows->hits, &hit, sizeof(hit));
}

static int by_revision(const void *a, const void *b)
{
    const struct hit *x = a, *y = b;
    if (x->sentence.where != y->sentence.where)
        return x->sentence.where < y->sentence.where ? -1 : 1;
    if (x->sentence.revision != y->sentence.revision)
        return x->sentence.revision < y->sentence.revision ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

static int by_order(const void *a, const void *b)
{
    const struct hit *x = a, *y = b;
    return x->order < y->order ? -1 : x->order > y->order;
}

static int load_version(struct sillok_find_rows *rows, uint32_t revision, int with_body)
{
    struct sillok_store *store = rows->find->store;
    if (revision > rows->links.len / sizeof(struct chain_link))
        return fail(SILLOK_ECORRUPT, "the store is damaged: a revision has no link");
    return store->ops->version_get(store, link_at(rows, revision - 1)->version, with_body,
                                   &rows->version);
}

/* Hits [from, to) are sentences of one text: of the body of one revision, or a headline.
 */
static int look_into(struct sillok_find_rows *rows, size_t from, size_t to)
{
    struct hit *first = hit_at(rows, from);
    const int is_title = first->sentence.where == SILLOK_BLAME_TITLE;
    int r = load_version(rows, first->sentence.revision, !is_title);
    if (r < 0)
        return r;
    const struct sillok_article *a = &rows->version.article;
    const struct sillok_text text = is_title ? a->fields[SILLOK_TITLE] : a->body;
    r = find_places(rows, text);
    for (size_t i = from; i < to && r > 0; i++) {
        struct hit *hit = hit_at(rows, i);
        if (hit->sentence.range.end > text.len)
            return fail(SILLOK_ECORRUPT,
                        "the store is damaged: a text changed its length");
        const int marked = mark_words(rows, hit);
        r = marked < 0 ? marked : r;
    }
    return r < 0 ? r : 0;
}

static int look_into_all(struct sillok_find_rows *rows)
{
    const size_t n = count_hits(rows);
    int r = 0;
    if (n)
        qsort(rows->hits.ptr, n, sizeof(struct hit), by_revision);
    for (size_t from = 0, to; from < n && r == 0; from = to) {
        const struct sillok_blame_sentence *s = &hit_at(rows, from)->sentence;
        for (to = from + 1; to < n; to++) {
            const struct sillok_blame_sentence *t = &hit_at(rows, to)->sentence;
            if (t->where != s->where || t->revision != s->revision)
                break;
        }
        r = goes_on(rows);
        if (r == 0)
            r = look_into(rows, from, to);
    }
    if (n)
        qsort(rows->hits.ptr, n, sizeof(struct hit), by_order);
    return r;
}

static int open_article(struct sillok_find_rows *rows, const struct candidate *c)
{
    struct sillok_store *store = rows->find->store;
    struct sillok_blame_sentence s;
    const struct sillok_text key = text_make(c->key_at, c->key_len);
    const char *zero = memchr(key.ptr, 0, key.len);
    char oid[SILLOK_KEY_MAX_BYTES + 1] = "", aid[SILLOK_KEY_MAX_BYTES + 1] = "";
    if (zero) {
        memcpy(oid, key.ptr, (size_t)(zero - key.ptr));
        memcpy(aid, zero + 1, key.len - (size_t)(zero + 1 - key.ptr));
    }
    sillok_blame_close(rows->blame);
    rows->blame = NULL;
    rows->next_hit = 0;
    buf_clear(&rows->hits);
    buf_clear(&rows->spans);
    buf_clear(&rows->marks);
    buf_clear(&rows->links);
    int r = sillok_blame_open(&rows->blame, store, oid, aid);
    if (r == 0)
        r = store->ops->chain_scan(store, c->article, 0, SIZE_MAX / 2, &rows->links);
    while (r == 0 && (r = sillok_blame_next(rows->blame, &s)) > 0) {
        r = goes_on(rows);
        if (r == 0 && is_asked(rows, &s))
            r = add_hit(rows, &s);
    }
    return r < 0 ? r : look_into_all(rows);
}

static int fill_row(struct sillok_find_rows *rows, struct hit *hit,
                    struct sillok_find_row *row)
{
    const int r = load_version(rows, hit->sentence.revision, 0);
    memset(row, 0, sizeof(*row));
    row->article = rows->version.article;
    row->sentence = hit->sentence;
    row->sentence.spans =
        (const struct sillok_blame_span *)(const void *)rows->spans.ptr + hit->first_span;
    row->marks =
        (const struct sillok_span *)(const void *)rows->marks.ptr + hit->first_mark;
    row->n_marks = hit->n_marks;
    return r;
}

int sillok_find_next(struct sillok_find_rows *rows, struct sillok_find_row *row)
{
    const struct candidate *c =
        (const struct candidate *)(const void *)rows->candidates.ptr;
    const size_t n = rows->candidates.len / sizeof(*c);
    if (rows->options.limit && rows->n_rows == rows->options.limit)
        return 0;
    for (;;) {
        while (rows->next_hit < count_hits(rows)) {
            struct hit *hit = hit_at(rows, rows->next_hit++);
            if (!hit->keeps)
                continue;
            rows->n_rows++;
            const int r = fill_row(rows, hit, row);
            return r < 0 ? r : 1;
        }
        if (rows->next_candidate == n)
            return 0;
        int r = goes_on(rows);
        if (r == 0)
            r = open_article(rows, &c[rows->next_candidate++]);
        if (r < 0)
            return r;
    }
}

/* --- open and close --- */

static int rows_new(struct sillok_find_rows **out, struct sillok_find *find,
                    const struct sillok_find_options *options)
{
    static const struct sillok_find_options none = SILLOK_FIND_OPTIONS_INIT;
    struct sillok_find_rows *rows = calloc(1, sizeof(*rows));
    if (!rows)
        return fail_memory();
    struct buf *all[] = { &rows->words,      &rows->word_list, &rows->keys,
                          &rows->candidates, &rows->hits,      &rows->spans,
                          &rows->marks,      &rows->links,     &rows->places,
                          &rows->ends };
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        buf_init(all[i], BUF_CEILING);
    rows->find = find;
    rows->options = options ? *options : none;
    store_version_init(&rows->version);
    folded_init(&rows->folded, rows->options.any_blanks);
    if (rows->options.oid && !(rows->oid = strdup(rows->options.oid))) {
        sillok_find_rows_close(rows);
        return fail_memory();
    }
    *out = rows;
    return 0;
}

void sillok_find_rows_close(struct sillok_find_rows *rows)
{
    if (!rows)
        return;
    struct buf *all[] = { &rows->words,      &rows->word_list, &rows->keys,
                          &rows->candidates, &rows->hits,      &rows->spans,
                          &rows->marks,      &rows->links,     &rows->places,
                          &rows->ends };
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        buf_release(all[i]);
    sillok_blame_close(rows->blame);
    store_version_release(&rows->version);
    folded_release(&rows->folded);
    free(rows->oid);
    free(rows);
}

int sillok_find_ask(struct sillok_find_rows **out, struct sillok_find *find,
                    const char *const *words, size_t n,
                    const struct sillok_find_options *options)
{
    struct sillok_find_rows *rows = NULL;
    if (options && options->from_s && options->to_s && options->from_s > options->to_s)
        return fail(SILLOK_EINVALID,
                    "the time to find from is after the time to find to");
    int r = rows_new(&rows, find, options);
    if (r == 0)
        r = take_words(rows, words, n);
    if (r == 0)
        r = take_candidates(rows);
    if (r < 0) {
        sillok_find_rows_close(rows);
        return r;
    }
    *out = rows;
    return 0;
}
