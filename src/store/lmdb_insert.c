/*
 * One more observation of an article, older than others, into its chain.
 *
 * Whoever takes in old crawls, the newest of them first or in any order, has an older
 * observation with each file. What it does to the chain follows from the two revisions
 * that it falls between, and nearly always it is nothing: the article showed then what it
 * showed before and after. So no segment of another time is read for it. Only where
 * several contents stand at one time do all observations have to tell.
 */
#include "store/lmdb.h"

#include <string.h>

/* The article showed what it shows before @p o again behind it, where it was seen between
 * it and the next link: then that is a revision of its own from there on. */
static int add_return(struct lmdb_store *s, const struct chain_place *p,
                      const struct obs *o, struct buf *new)
{
    CLEANUP(buf_release) struct buf between = BUF_INIT;
    const int64_t end_s = p->has_after ? p->after.first_s - 1 : INT64_MAX;
    const int r =
        obs_gather_within(s, s->txn, o->ordinal, o->time_s + 1, end_s, &between);
    return r < 0 ? r
                 : chain_derive(s, s->txn, (struct obs *)(void *)between.ptr,
                                between.len / sizeof(*o), new);
}

/* The chain around @p o before it came and with it. */
static int stretches(struct lmdb_store *s, const struct chain_place *p,
                     const struct obs *o, struct buf *old, struct buf *new)
{
    struct chain_link link;
    memset(&link, 0, sizeof(link));
    link.first_s = o->time_s;
    link.version = o->version;
    link.crawl = crawl_of_obs(s, o);
    int r = 0;
    if (p->has_before) {
        r = buf_add(old, &p->before, sizeof(link));
        if (r == 0)
            r = buf_add(new, &p->before, sizeof(link));
    }
    if (r == 0)
        r = buf_add(new, &link, sizeof(link));
    const size_t before = new->len;
    if (r == 0 && p->has_before)
        r = add_return(s, p, o, new);
    if (r < 0 || !p->has_after)
        return r;
    r = buf_add(old, &p->after, sizeof(link));
    const int moves = new->len == before && p->after.version == o->version;
    return r < 0 || moves ? r : buf_add(new, &p->after, sizeof(link));
}

/* Does the crawl of @p o come before that of @p link, by its name? Then a revision that
 * begins with both is of the crawl of @p o now. */
static int comes_first(struct lmdb_store *s, const struct chain_link *link,
                       const struct obs *o)
{
    const struct store_crawl *now = crawl_of(s, link->crawl);
    const struct store_crawl *mine = crawl_of(s, crawl_of_obs(s, o));
    return !now || !mine || strcmp(mine->name, now->name) < 0;
}

static int shows_other(const struct buf *all, uint64_t version)
{
    const struct obs *list = (const struct obs *)(const void *)all->ptr;
    int other = 0;
    for (size_t i = 0; i < all->len / sizeof(*list) && !other; i++)
        other = list[i].version != version;
    return other;
}

/* Where the next link has its time together with other contents, what stands before it
 * says which of them are revisions, and with which numbers: 1. */
static int is_tied(struct lmdb_store *s, const struct chain_place *p, const struct obs *o)
{
    CLEANUP(buf_release) struct buf there = BUF_INIT;
    const int64_t at = p->after.first_s;
    if (!p->has_after)
        return 0;
    const int r = obs_gather_within(s, s->txn, o->ordinal, at, at, &there);
    return r < 0 ? r : shows_other(&there, p->after.version);
}

int chain_insert(struct lmdb_store *s, const struct article_key *key,
                 struct article_row *row, const struct obs *o, const struct buf *here,
                 int *grew)
{
    CLEANUP(buf_release) struct buf old = BUF_INIT, new = BUF_INIT;
    struct chain_place p;
    *grew = 0;
    if (shows_other(here, o->version))
        return 0;
    int r = chain_place(s->txn, row, o->time_s, &p);
    if (r < 0)
        return r;
    if (p.has_before && p.before.version == o->version)
        return p.before.first_s < o->time_s || !comes_first(s, &p.before, o);
    if (here->len || !(p.has_before || p.has_after))
        return 0; /* the chain is not what its observations say */
    r = is_tied(s, &p, o);
    if (r != 0)
        return r < 0 ? r : 0;
    r = stretches(s, &p, o, &old, &new);
    if (r < 0)
        return r;
    const size_t n_new = new.len / sizeof(struct chain_link);
    struct article_row now = *row;
    now.is_lone = row->is_lone && chain_is_lone(s, n_new);
    if (now.is_lone)
        memcpy(&now.lone, new.ptr, sizeof(now.lone));
    *grew = new.len > old.len;
    r = chain_settle(s, key, row, &now, &old, &new);
    return r < 0 ? r : 1;
}
