/*
 * stale-scan STORE: does `changes --stale` find what a scan of all articles finds?
 *
 * The scan takes every sentence that a change took out (diff/lost.h says which and what
 * holding one means) to the newest text of every article. Compared with it are the answer
 * of sillok_stale_open(), of all time and of the months around, and for comparison what
 * the articles that sillok_similar_open() finds for the old text would have given. All
 * sentences count, standing phrases too. near.mdb of STORE is made anew.
 */
#include "diff/lost.h"
#include "diff/normal.h"
#include "near/anchors.h"
#include "near/near.h"

#include "base/map.h"
#include "sillok.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define TOOL "stale-scan"
#include "tool.h"

/* --- the newest text of every article --- */

struct newest {
    struct article_key key;
    size_t at, len; /* in f1s */
    unsigned month;
};

static struct buf newests = { NULL, 0, 0, (size_t)1 << 36, 0 };
static struct buf f1s = { NULL, 0, 0, (size_t)1 << 36, 0 };

static const struct newest *newest_at(size_t i)
{
    return (const struct newest *)(const void *)newests.ptr + i;
}

static size_t n_newest(void)
{
    return newests.len / sizeof(struct newest);
}

static void load_all(struct sillok_store *store)
{
    struct newest row = { .at = 0 };
    struct store_version v;
    struct article_key after = { .len = 0 };
    uint64_t article;
    int r;
    store_version_init(&v);
    while ((r = store->ops->article_next(store, &after, &row.key, &article)) > 0) {
        CLEANUP(buf_release) struct buf links = BUF_INIT;
        DO(store->ops->chain_scan(store, article, 0, SIZE_MAX / 2, &links));
        const struct chain_link *l = (const struct chain_link *)(const void *)links.ptr;
        DO(store->ops->version_get(store, l[links.len / sizeof(*l) - 1].version, 1, &v));
        row.at = f1s.len;
        DO(normal_text(&f1s, v.article.body));
        row.len = f1s.len - row.at;
        row.month = near_month_of(v.article.fields[SILLOK_PUBLISHED_AT]);
        DO(buf_add(&newests, &row, sizeof(row)));
        after = row.key;
    }
    DO(r);
    store_version_release(&v);
}

/* --- one change --- */

struct sums {
    size_t changes, sentences, bare; /* bare: without an anchor */
    size_t all, all_found, all_bare, all_bare_found;
    size_t near, near_found, by_similar;
    size_t told_all, told_near; /* answers, right or wrong */
    double seconds;
};

/* Pairs of sentence and article as numbers. */
static uint64_t pair_of(size_t sentence, struct sillok_text oid, struct sillok_text aid)
{
    struct article_key key;
    article_key_make(&key, oid, aid);
    size_t from = 0, to = n_newest();
    while (from < to) {
        const size_t mid = from + (to - from) / 2;
        const int c =
            text_compare(article_key_text(&newest_at(mid)->key), article_key_text(&key));
        if (c == 0)
            return (uint64_t)sentence << 32 | mid;
        *(c < 0 ? &from : &to) = c < 0 ? mid + 1 : mid;
    }
    die("an article that is not there");
    return 0;
}

static void ask(struct sillok_near *near, const struct sillok_change *c, int all_time,
                struct map *found, size_t *told)
{
    const struct sillok_stale_options options = { .all_time = all_time, .standing = 1 };
    struct sillok_stale *it;
    struct sillok_stale_row row;
    int r;
    DO(sillok_stale_open(&it, near, c, &options));
    while ((r = sillok_stale_next(it, &row)) > 0) {
        DO(map_put(found, pair_of(row.sentence - 1, row.article.oid, row.article.aid),
                   0));
        ++*told;
    }
    DO(r);
    sillok_stale_close(it);
}

static void ask_similar(struct sillok_near *near, const struct sillok_change *c,
                        struct map *found)
{
    struct sillok_ref ref = { .kind = SILLOK_REF_NUMBER, .number = c->from.revision };
    struct sillok_near_rows *rows;
    struct sillok_near_row row;
    int r;
    snprintf(ref.oid, sizeof(ref.oid), "%.*s", (int)c->oid.len, c->oid.ptr);
    snprintf(ref.aid, sizeof(ref.aid), "%.*s", (int)c->aid.len, c->aid.ptr);
    DO(sillok_similar_open(&rows, near, &ref, NULL));
    while ((r = sillok_near_next(rows, &row)) > 0)
        DO(map_put(found, pair_of(0, row.article.oid, row.article.aid), 0));
    DO(r);
    sillok_near_rows_close(rows);
}

static int has_anchor(struct sillok_text needle)
{
    CLEANUP(buf_release) struct buf anchors = BUF_INIT;
    struct shingles s;
    shingles_init(&s);
    DO(shingles_read(&s, needle));
    DO(anchors_find(&anchors, text_make(s.lower.ptr, s.lower.len)));
    shingles_release(&s);
    return anchors.len > 0;
}

static int is_found(const struct map *m, uint64_t pair)
{
    return map_get(m, pair) != MAP_NONE;
}

static void compare(const struct lost *lost, size_t changed, const struct map found[3],
                    struct sums *s)
{
    const unsigned mine = newest_at(changed)->month;
    for (size_t i = 0; i < lost_count(lost); i++) {
        const size_t bare = (size_t)!has_anchor(lost_needle(lost, i));
        s->sentences++;
        s->bare += bare;
        for (size_t k = 0; k < n_newest(); k++) {
            const struct newest *n = newest_at(k);
            if (k == changed ||
                !lost_is_in(text_make(f1s.ptr + n->at, n->len), lost_needle(lost, i)))
                continue;
            const uint64_t pair = (uint64_t)i << 32 | k;
            const size_t hit = (size_t)is_found(&found[0], pair);
            s->all++;
            s->all_found += hit;
            s->all_bare += bare;
            s->all_bare_found += bare && hit;
            if (mine && n->month && (n->month + 1 < mine || n->month > mine + 1))
                continue;
            s->near++;
            s->near_found += (size_t)is_found(&found[1], pair);
            s->by_similar += (size_t)is_found(&found[2], k);
        }
    }
}

static void measure(struct sillok_near *near, const struct sillok_change *c,
                    struct sums *s)
{
    struct map found[3] = { { 0 } };
    struct lost lost;
    lost_init(&lost);
    s->changes++;
    const double start = seconds();
    ask(near, c, 1, &found[0], &s->told_all);
    s->seconds += seconds() - start;
    ask(near, c, 0, &found[1], &s->told_near);
    ask_similar(near, c, &found[2]);
    DO(lost_find(&lost, c->from.article.body, c->to.article.body));
    compare(&lost, (size_t)(uint32_t)pair_of(0, c->oid, c->aid), found, s);
    lost_release(&lost);
    for (int i = 0; i < 3; i++)
        map_release(&found[i]);
}

static double share(size_t part, size_t of)
{
    return of ? (double)part / (double)of : 1;
}

int main(int argc, char **argv)
{
    const struct sillok_changes_options all = { .all = 1, .unfold = 1 };
    struct sillok_store_options options = SILLOK_STORE_OPTIONS_INIT;
    struct sillok_store *store;
    struct sillok_near *near;
    struct sillok_changes *it;
    struct sillok_change change;
    struct sums s = { 0 };
    int r;
    if (argc < 2) {
        fprintf(stderr, "usage: stale-scan STORE\n");
        return 2;
    }
    options.read_only = 1;
    DO(sillok_store_open(&store, argv[1], &options));
    DO(sillok_near_open(&near, store, 0));
    (void)unlink(near->place.file);
    while ((r = sillok_near_update(near, NULL)) > 0)
        continue;
    DO(r);
    load_all(store);
    DO(sillok_changes_open(&it, store, &all));
    while ((r = sillok_changes_next(it, &change)) > 0)
        measure(near, &change, &s);
    DO(r);
    printf("%zu articles, %zu changes, %zu sentences taken out, %zu without an anchor\n",
           n_newest(), s.changes, s.sentences, s.bare);
    printf("all time:      %zu pairs by scanning, recall %.4f, precision %.4f\n", s.all,
           share(s.all_found, s.all), share(s.all_found, s.told_all));
    printf("  no anchor:   %zu pairs, recall %.4f\n", s.all_bare,
           share(s.all_bare_found, s.all_bare));
    printf("months around: %zu pairs, recall %.4f, precision %.4f\n", s.near,
           share(s.near_found, s.near), share(s.near_found, s.told_near));
    printf("  of these in articles that 'similar' finds: %.4f\n",
           share(s.by_similar, s.near));
    printf("%.2f ms a change, of all time\n",
           1e3 * s.seconds / (double)(s.changes ? s.changes : 1));
    sillok_changes_close(it);
    sillok_near_close(near);
    sillok_store_close(store);
    return 0;
}
