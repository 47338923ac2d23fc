/*
 * Articles and their chains.
 *
 * A chain is what its article's observations say, in order of (time, digest): every run
 * of one version is a revision. Usually an observation is newer than all others of its
 * article, and the chain only grows at its end or not at all. An older one changes what
 * stands beside it in the chain (lmdb_insert.c), and where other contents have the same
 * time, the chain is derived anew from all observations of that article: nothing about
 * the result depends on the order in which files came.
 *
 * Most articles are never changed. A chain of one revision stands in its article's row,
 *
 *   article   ordinal 5, newest version 5 [, time 5, crawl varint]
 *
 * and has no row in `rev` until there is a second one. Stores before format 4 have a row
 * there for each.
 */
#include "store/lmdb.h"

#include <stdlib.h>
#include <string.h>

/* --- keys --- */

void article_key_make(struct article_key *out, struct sillok_text oid,
                      struct sillok_text aid)
{
    if (oid.len > SILLOK_KEY_MAX_BYTES || aid.len > SILLOK_KEY_MAX_BYTES)
        oid.len = aid.len = 0;
    memcpy(out->bytes, oid.ptr, oid.len);
    out->bytes[oid.len] = '\0';
    memcpy(out->bytes + oid.len + 1, aid.ptr, aid.len);
    out->len = oid.len + 1 + aid.len;
}

struct sillok_text article_key_oid(const struct article_key *key)
{
    return text_make(key->bytes, strnlen(key->bytes, key->len));
}

struct sillok_text article_key_aid(const struct article_key *key)
{
    const size_t oid = strnlen(key->bytes, key->len);
    return oid < key->len ? text_make(key->bytes + oid + 1, key->len - oid - 1)
                          : text_make(key->bytes + key->len, 0);
}

struct sillok_text article_key_text(const struct article_key *key)
{
    return text_make(key->bytes, key->len);
}

static struct sillok_text rev_key(uint8_t out[REV_KEY_BYTES], uint64_t article,
                                  int64_t time_s, unsigned tie)
{
    put_be(out, article, ID_BYTES);
    key_time(out + ID_BYTES, time_s);
    put_be(out + ID_BYTES + TIME_BYTES, tie, TIE_BYTES);
    return text_make((const char *)out, REV_KEY_BYTES);
}

struct sillok_text log_key(uint8_t out[LOG_KEY_BYTES], uint64_t article, int64_t time_s,
                           unsigned tie)
{
    key_time(out, time_s);
    put_be(out + TIME_BYTES, article, ID_BYTES);
    put_be(out + ID_BYTES + TIME_BYTES, tie, TIE_BYTES);
    return text_make((const char *)out, LOG_KEY_BYTES);
}

/* --- rows --- */

int article_row_parse(struct sillok_text value, struct article_row *out)
{
    struct cursor c = cursor_of(value.ptr, value.len);
    const uint8_t *head = cursor_bytes(&c, ARTICLE_ROW_BYTES);
    memset(out, 0, sizeof(*out));
    out->is_lone = cursor_left(&c) > 0;
    const uint8_t *time = out->is_lone ? cursor_bytes(&c, TIME_BYTES) : NULL;
    const uint64_t crawl = out->is_lone ? cursor_varint(&c) : 0;
    if (c.bad || cursor_left(&c) || crawl > UINT32_MAX)
        return damaged("the row of an article has %zu bytes", value.len);
    out->article = get_be(head, ID_BYTES);
    out->newest = get_be(head + ID_BYTES, ID_BYTES);
    if (out->is_lone)
        out->lone = (struct chain_link){ .first_s = time_of_key(time),
                                         .version = out->newest,
                                         .crawl = (uint32_t)crawl };
    return 0;
}

int article_row_get(struct kv_txn *txn, const struct article_key *key,
                    struct article_row *out)
{
    struct sillok_text v;
    int r = kv_get(txn, T_ARTICLE, article_key_text(key), &v);
    if (r <= 0)
        return r;
    r = article_row_parse(v, out);
    return r < 0 ? r : 1;
}

static int article_row_put(struct lmdb_store *s, const struct article_key *key,
                           const struct article_row *row)
{
    uint8_t v[ARTICLE_ROW_BYTES + TIME_BYTES];
    put_be(v, row->article, ID_BYTES);
    put_be(v + ID_BYTES, row->newest, ID_BYTES);
    key_time(v + ARTICLE_ROW_BYTES, row->lone.first_s);
    buf_clear(&s->row);
    int r = buf_add(&s->row, v, row->is_lone ? sizeof(v) : ARTICLE_ROW_BYTES);
    if (r == 0 && row->is_lone)
        r = buf_add_varint(&s->row, row->lone.crawl);
    s->dirty = 1;
    return r < 0 ? r
                 : kv_put(s->txn, T_ARTICLE, article_key_text(key), buf_text(&s->row), 0);
}

int chain_is_lone(const struct lmdb_store *s, size_t n_links)
{
    return n_links == 1 && s->format >= FORMAT_LETTERS;
}

static int link_read(struct chain_link *out, struct sillok_text key,
                     struct sillok_text value)
{
    if (key.len != REV_KEY_BYTES || value.len != ID_BYTES + 4)
        return damaged("a row of the revision table is damaged");
    const uint8_t *k = (const uint8_t *)key.ptr, *v = (const uint8_t *)value.ptr;
    memset(out, 0, sizeof(*out));
    out->first_s = time_of_key(k + ID_BYTES);
    out->tie = (unsigned)get_be(k + ID_BYTES + TIME_BYTES, TIE_BYTES);
    out->version = get_be(v, ID_BYTES);
    out->crawl = (uint32_t)get_be(v + ID_BYTES, 4);
    return 0;
}

int chain_rows(struct kv_txn *txn, uint64_t article, size_t from, size_t limit,
               struct buf *out)
{
    CLEANUP(kv_cursor_close) struct kv_cursor *c = NULL;
    uint8_t prefix[ID_BYTES];
    struct sillok_text k, v;
    int r = kv_cursor_open(&c, txn, T_REV);
    if (r < 0)
        return r;
    put_be(prefix, article, ID_BYTES);
    r = kv_seek(c, text_make((const char *)prefix, sizeof(prefix)), &k, &v);
    for (size_t i = 0; r > 0 && i < from + limit; i++, r = kv_next(c, &k, &v)) {
        struct chain_link link;
        if (k.len < ID_BYTES || memcmp(k.ptr, prefix, ID_BYTES) != 0)
            return 0;
        int rr = link_read(&link, k, v);
        if (rr == 0 && i >= from)
            rr = buf_add(out, &link, sizeof(link));
        if (rr < 0)
            return rr;
    }
    return r < 0 ? r : 0;
}

/* 1 where the chain of an article that has no rows stands in the article's own. */
static int lone_link(struct kv_txn *txn, uint64_t article, struct chain_link *out)
{
    struct article_key key;
    struct article_row row = { 0 };
    int r = names_get(txn, article, &key);
    if (r > 0)
        r = article_row_get(txn, &key, &row);
    if (r <= 0 || !row.is_lone || row.article != article)
        return r < 0 ? r : 0;
    *out = row.lone;
    return 1;
}

int chain_links(struct kv_txn *txn, uint64_t article, size_t from, size_t limit,
                struct buf *out)
{
    const size_t before = out->len;
    struct chain_link link;
    int r = chain_rows(txn, article, from, limit, out);
    if (r < 0 || out->len > before || from > 0 || limit == 0)
        return r;
    r = lone_link(txn, article, &link);
    return r > 0 ? buf_add(out, &link, sizeof(link)) : r;
}

int chain_last(struct kv_txn *txn, const struct article_row *row, struct chain_link *out)
{
    CLEANUP(kv_cursor_close) struct kv_cursor *c = NULL;
    uint8_t next[ID_BYTES];
    struct sillok_text k, v;
    *out = row->lone;
    if (row->is_lone)
        return 1;
    int r = kv_cursor_open(&c, txn, T_REV);
    if (r < 0)
        return r;
    put_be(next, row->article + 1, ID_BYTES);
    r = kv_seek(c, text_make((const char *)next, sizeof(next)), &k, &v);
    if (r >= 0)
        r = r ? kv_prev(c, &k, &v) : kv_last(c, &k, &v);
    if (r <= 0)
        return r;
    r = link_read(out, k, v);
    return r < 0 ? r : get_be((const uint8_t *)k.ptr, ID_BYTES) == row->article;
}

int chain_place(struct kv_txn *txn, const struct article_row *row, int64_t time_s,
                struct chain_place *out)
{
    CLEANUP(kv_cursor_close) struct kv_cursor *c = NULL;
    uint8_t key[REV_KEY_BYTES];
    struct sillok_text k, v;
    memset(out, 0, sizeof(*out));
    if (row->is_lone) {
        out->has_before = row->lone.first_s <= time_s;
        out->has_after = !out->has_before;
        out->before = out->after = row->lone;
        return 0;
    }
    int r = kv_cursor_open(&c, txn, T_REV);
    if (r == 0)
        r = kv_seek(c, rev_key(key, row->article, time_s, TIE_MAX + 1), &k, &v);
    if (r > 0 && k.len == REV_KEY_BYTES && memcmp(k.ptr, key, ID_BYTES) == 0) {
        out->has_after = 1;
        r = link_read(&out->after, k, v) < 0 ? SILLOK_ECORRUPT : r;
    }
    if (r >= 0)
        r = r ? kv_prev(c, &k, &v) : kv_last(c, &k, &v);
    if (r > 0 && k.len == REV_KEY_BYTES && memcmp(k.ptr, key, ID_BYTES) == 0) {
        out->has_before = 1;
        r = link_read(&out->before, k, v);
    }
    return r < 0 ? r : 0;
}

/* --- deriving --- */

struct tied {
    struct meta_digest digest;
    struct obs obs;
};

static int compare_tied(const void *a, const void *b)
{
    const struct tied *x = a, *y = b;
    const int c = memcmp(x->digest.bytes, y->digest.bytes, META_DIGEST_BYTES);
    return c ? c : obs_compare(&x->obs, &y->obs);
}

static int order_run(struct kv_txn *txn, struct obs *list, size_t n)
{
    struct tied *tied = calloc(n, sizeof(*tied));
    int r = tied ? 0 : fail_memory();
    for (size_t i = 0; i < n && r == 0; i++) {
        struct version_row row;
        tied[i].obs = list[i];
        if (i && list[i].version == list[i - 1].version) {
            tied[i].digest = tied[i - 1].digest;
            continue;
        }
        r = version_row_get(txn, list[i].version, &row);
        tied[i].digest = row.digest;
    }
    if (r == 0) {
        qsort(tied, n, sizeof(*tied), compare_tied);
        for (size_t i = 0; i < n; i++)
            list[i] = tied[i].obs;
    }
    free(tied);
    return r;
}

/* Observations at one time are ordered by the digest of their version, which does not
 * depend on when it came. @p list is sorted by obs_compare(). */
static int order_ties(struct kv_txn *txn, struct obs *list, size_t n)
{
    int r = 0;
    for (size_t i = 0, end; i < n && r == 0; i = end) {
        int differ = 0;
        for (end = i + 1; end < n && list[end].time_s == list[i].time_s; end++)
            differ |= list[end].version != list[i].version;
        if (differ)
            r = order_run(txn, list + i, end - i);
    }
    return r;
}

uint32_t crawl_of_obs(const struct lmdb_store *s, const struct obs *o)
{
    return o->crawl ? o->crawl : (uint32_t)s->crawl_no;
}

/* A file may stand in several crawls: its revision is of the one whose name comes first,
 * so that it does not matter which was taken in first. */
static uint32_t crawl_of_first(struct lmdb_store *s, const struct obs *list, size_t i,
                               size_t n)
{
    uint32_t best = crawl_of_obs(s, &list[i]);
    for (size_t k = i + 1;
         k < n && list[k].time_s == list[i].time_s && list[k].version == list[i].version;
         k++) {
        const uint32_t other = crawl_of_obs(s, &list[k]);
        const struct store_crawl *a = crawl_of(s, best), *b = crawl_of(s, other);
        if (other != best && a && b && strcmp(b->name, a->name) < 0)
            best = other;
    }
    return best;
}

int chain_derive(struct lmdb_store *s, struct kv_txn *txn, struct obs *list, size_t n,
                 struct buf *out)
{
    if (n)
        qsort(list, n, sizeof(*list), obs_compare);
    int r = order_ties(txn, list, n);
    struct chain_link *last = NULL;
    for (size_t i = 0; i < n && r == 0; i++) {
        if (last && last->version == list[i].version)
            continue;
        struct chain_link link;
        memset(&link, 0, sizeof(link));
        link.first_s = list[i].time_s;
        link.tie = last && last->first_s == list[i].time_s ? last->tie + 1 : 0;
        link.version = list[i].version;
        link.crawl = crawl_of_first(s, list, i, n);
        if (link.tie > TIE_MAX)
            return fail(SILLOK_EINVALID,
                        "an article has more than %d contents at one time", TIE_MAX);
        r = buf_add(out, &link, sizeof(link));
        last = r < 0 ? NULL : (struct chain_link *)(void *)(out->ptr + out->len) - 1;
    }
    return r;
}

/* --- writing --- */

static int rev_put(struct lmdb_store *s, uint64_t article, const struct chain_link *l)
{
    uint8_t k[REV_KEY_BYTES], v[ID_BYTES + 4];
    put_be(v, l->version, ID_BYTES);
    put_be(v + ID_BYTES, l->crawl, 4);
    return kv_put(s->txn, T_REV, rev_key(k, article, l->first_s, l->tie),
                  text_make((const char *)v, sizeof(v)), 0);
}

/* Rows of a revision, @p number from 0: of the log where it is not the first. */
static int link_put(struct lmdb_store *s, uint64_t article, const struct chain_link *l,
                    size_t number)
{
    uint8_t k[LOG_KEY_BYTES];
    const int r = rev_put(s, article, l);
    return r < 0 || number == 0
               ? r
               : kv_put(s->txn, T_LOG, log_key(k, article, l->first_s, l->tie),
                        text_make("", 0), 0);
}

static int link_remove(struct lmdb_store *s, uint64_t article, const struct chain_link *l,
                       size_t number)
{
    uint8_t rk[REV_KEY_BYTES], lk[LOG_KEY_BYTES];
    int r = kv_delete(s->txn, T_REV, rev_key(rk, article, l->first_s, l->tie));
    if (r >= 0 && number)
        r = kv_delete(s->txn, T_LOG, log_key(lk, article, l->first_s, l->tie));
    return r < 0 ? r : 0;
}

/* A revision is there (@p by 1) or no longer (-1): into the figures. */
static int link_count(struct lmdb_store *s, const struct chain_link *l, size_t number,
                      int by)
{
    struct store_crawl *crawl = crawl_of(s, l->crawl);
    if (!crawl)
        return damaged("crawl number %u is missing", l->crawl);
    const uint64_t one = by > 0 ? 1 : UINT64_MAX; /* minus one */
    s->state.counters.revisions += one;
    *(number ? &crawl->later_revisions : &crawl->first_revisions) += one;
    crawl->changed = 1;
    s->dirty = 1;
    return 0;
}

int chain_put(struct lmdb_store *s, const struct article_key *key, uint64_t article,
              const struct chain_link *links, size_t n)
{
    struct article_row row = { .article = article, .is_lone = chain_is_lone(s, n) };
    int r = 0;
    for (size_t i = 0; i < n && !row.is_lone && r == 0; i++)
        r = link_put(s, article, &links[i], i);
    if (row.is_lone)
        row.lone = links[0];
    row.newest = n ? links[n - 1].version : 0;
    return r < 0 ? r : article_row_put(s, key, &row);
}

int chain_begin(struct lmdb_store *s, const struct article_key *key,
                struct article_row *row, const struct chain_link *first)
{
    row->newest = first->version;
    const int r = chain_put(s, key, row->article, first, 1);
    return r < 0 ? r : link_count(s, first, 0, 1);
}

int chain_extend(struct lmdb_store *s, const struct article_key *key,
                 struct article_row *row, const struct chain_link *next)
{
    int r = row->is_lone ? rev_put(s, row->article, &row->lone) : 0;
    if (r == 0)
        r = link_put(s, row->article, next, 1);
    if (r == 0)
        r = link_count(s, next, 1, 1);
    row->is_lone = 0;
    row->newest = next->version;
    return r < 0 ? r : article_row_put(s, key, row);
}

/* Member by member: between them a link has bytes that mean nothing. */
static int link_equal(const struct chain_link *a, const struct chain_link *b)
{
    return a->first_s == b->first_s && a->tie == b->tie && a->version == b->version &&
           a->crawl == b->crawl;
}

int chain_equal(const struct buf *a, const struct buf *b)
{
    const struct chain_link *x = (const struct chain_link *)(const void *)a->ptr;
    const struct chain_link *y = (const struct chain_link *)(const void *)b->ptr;
    int same = a->len == b->len;
    for (size_t i = 0; same && i < a->len / sizeof(*x); i++)
        same = link_equal(&x[i], &y[i]);
    return same;
}

int article_row_fits(const struct lmdb_store *s, const struct article_row *row,
                     uint64_t article, const struct chain_link *links, size_t n)
{
    return row->article == article && row->newest == links[n - 1].version &&
           row->is_lone == chain_is_lone(s, n) &&
           (!row->is_lone || link_equal(&row->lone, &links[0]));
}

/* The links that differ, @p head of them from the first on and @p tail from the last not:
 * rows, unless the chain was and stays @p lone, and figures. */
static int links_replace(struct lmdb_store *s, uint64_t article, int lone,
                         const struct chain_link *old, size_t n_old,
                         const struct chain_link *new, size_t n_new)
{
    size_t head = 0, tail = 0;
    while (head < n_old && head < n_new && link_equal(&old[head], &new[head]))
        head++;
    /* The first of either is never taken for equal at another place: only later ones
     * stand in the log. */
    while (head + tail + 1 < n_old && head + tail + 1 < n_new &&
           link_equal(&old[n_old - 1 - tail], &new[n_new - 1 - tail]))
        tail++;
    int r = 0;
    for (size_t i = head; i + tail < n_old && r == 0; i++) {
        r = lone ? 0 : link_remove(s, article, &old[i], i);
        if (r == 0)
            r = link_count(s, &old[i], i, -1);
    }
    for (size_t i = head; i + tail < n_new && r == 0; i++) {
        r = lone ? 0 : link_put(s, article, &new[i], i);
        if (r == 0)
            r = link_count(s, &new[i], i, 1);
    }
    /* The first of the tail has another neighbour than before. */
    for (size_t i = head ? head : 1; i + tail <= n_new && i < n_new && r == 0; i++)
        r = class_remember(s, new[i - 1].version, new[i].version);
    return r;
}

int chain_settle(struct lmdb_store *s, const struct article_key *key,
                 struct article_row *row, const struct article_row *now,
                 const struct buf *old, const struct buf *new)
{
    const struct chain_link *x = (const struct chain_link *)(const void *)old->ptr;
    const struct chain_link *y = (const struct chain_link *)(const void *)new->ptr;
    int r = 0;
    if (row->is_lone && !now->is_lone) /* the other way round is never: versions stay */
        r = rev_put(s, row->article, &row->lone);
    if (r == 0)
        r = links_replace(s, row->article, row->is_lone && now->is_lone, x,
                          old->len / sizeof(*x), y, new->len / sizeof(*y));
    const int same = now->newest == row->newest && now->is_lone == row->is_lone &&
                     (!now->is_lone || link_equal(&now->lone, &row->lone));
    *row = *now;
    return r < 0 || same ? r : article_row_put(s, key, row);
}

int chain_replace(struct lmdb_store *s, const struct article_key *key,
                  struct article_row *row, struct buf *all, int *grew)
{
    CLEANUP(buf_release) struct buf before = BUF_INIT, after = BUF_INIT;
    int r = row->is_lone ? buf_add(&before, &row->lone, sizeof(row->lone))
                         : chain_rows(s->txn, row->article, 0, SIZE_MAX / 2, &before);
    if (r == 0)
        r = chain_derive(s, s->txn, (struct obs *)(void *)all->ptr,
                         all->len / sizeof(struct obs), &after);
    if (r < 0)
        return r;
    const size_t n_new = after.len / sizeof(struct chain_link);
    const struct chain_link *new = (const struct chain_link *)(void *)after.ptr;
    struct article_row now = { .article = row->article,
                               .newest = new[n_new - 1].version,
                               .is_lone = chain_is_lone(s, n_new) };
    if (now.is_lone)
        now.lone = new[0];
    *grew = after.len > before.len;
    return chain_settle(s, key, row, &now, &before, &after);
}

/* --- questions --- */

int lmdb_article_find(struct sillok_store *base, const struct article_key *key,
                      uint64_t *article)
{
    struct lmdb_store *s = lmdb_of(base);
    struct kv_txn *txn;
    struct article_row row = { 0 };
    int r = view_begin(s, &txn);
    if (r < 0)
        return r;
    r = article_row_get(txn, key, &row);
    view_end(s, txn);
    *article = row.article;
    return r;
}

int lmdb_article_key_of(struct sillok_store *base, uint64_t article,
                        struct article_key *key)
{
    struct lmdb_store *s = lmdb_of(base);
    struct kv_txn *txn;
    int r = view_begin(s, &txn);
    if (r < 0)
        return r;
    r = article_key_read(txn, article, key);
    view_end(s, txn);
    return r;
}

int lmdb_article_next(struct sillok_store *base, const struct article_key *after,
                      struct article_key *key, uint64_t *article)
{
    struct lmdb_store *s = lmdb_of(base);
    struct kv_txn *txn;
    struct kv_cursor *c = NULL;
    struct sillok_text k, v;
    struct article_row row = { 0 };
    int r = view_begin(s, &txn);
    if (r < 0)
        return r;
    r = kv_cursor_open(&c, txn, T_ARTICLE);
    if (r == 0)
        r = kv_after(c, article_key_text(after), &k, &v);
    if (r > 0 && k.len > ARTICLE_KEY_MAX)
        r = damaged("a key of the article table is damaged");
    if (r > 0)
        r = article_row_parse(v, &row) < 0 ? SILLOK_ECORRUPT : 1;
    if (r > 0) {
        memcpy(key->bytes, k.ptr, k.len);
        key->len = k.len;
        *article = row.article;
    }
    kv_cursor_close(c);
    view_end(s, txn);
    return r;
}

int lmdb_chain_scan(struct sillok_store *base, uint64_t article, size_t from,
                    size_t limit, struct buf *out)
{
    struct lmdb_store *s = lmdb_of(base);
    struct kv_txn *txn;
    int r = view_begin(s, &txn);
    if (r < 0)
        return r;
    r = chain_links(txn, article, from, limit, out);
    view_end(s, txn);
    return r;
}

/* Of files that say the same at one time, the one first whose crawl's name is: see
 * crawl_of_first(). */
static void order_crawls(struct lmdb_store *s, struct obs *list, size_t n)
{
    for (size_t i = 0, end; i < n; i = end) {
        const uint32_t first = crawl_of_first(s, list, i, n);
        size_t at = i;
        for (end = i + 1; end < n && list[end].time_s == list[i].time_s &&
                          list[end].version == list[i].version;
             end++)
            if (crawl_of_obs(s, &list[at]) != first)
                at = end;
        const struct obs its = list[at]; /* the others stay in their order */
        memmove(&list[i + 1], &list[i], (at - i) * sizeof(*list));
        list[i] = its;
    }
}

static int scan(struct sillok_store *base, uint64_t article, int64_t crawl,
                struct buf *out)
{
    struct lmdb_store *s = lmdb_of(base);
    struct kv_txn *txn;
    CLEANUP(buf_release) struct buf all = BUF_INIT;
    int r = view_begin(s, &txn);
    if (r < 0)
        return r;
    r = obs_gather(s, txn, article, crawl, &all);
    struct obs *list = (struct obs *)(void *)all.ptr;
    const size_t n = all.len / sizeof(*list);
    if (n)
        qsort(list, n, sizeof(*list), obs_compare);
    if (r == 0)
        r = order_ties(txn, list, n);
    if (r == 0)
        order_crawls(s, list, n);
    for (size_t i = 0; i < n && r == 0; i++) {
        const struct chain_obs o = {
            list[i].time_s, list[i].version, crawl_of_obs(s, &list[i]),
            list[i].dir,    list[i].form,    list[i].extra
        };
        r = buf_add(out, &o, sizeof(o));
    }
    view_end(s, txn);
    return r;
}

int lmdb_obs_scan(struct sillok_store *base, uint64_t article, struct buf *out)
{
    return scan(base, article, -1, out);
}

int lmdb_obs_scan_crawl(struct sillok_store *base, uint64_t article, uint32_t crawl,
                        struct buf *out)
{
    return scan(base, article, crawl, out);
}

/* The revision that a row of the log tells of, and the one before it. */
static int fill_ref(struct kv_cursor *revs, struct change_ref *ref)
{
    uint8_t key[REV_KEY_BYTES];
    struct chain_link link = { 0 }, before = { 0 };
    struct sillok_text k, v;
    const struct sillok_text want = rev_key(key, ref->article, ref->time_s, ref->tie);
    int r = kv_seek(revs, want, &k, &v);
    if (r > 0 && !text_equal(k, want))
        r = 0;
    if (r > 0)
        r = link_read(&link, k, v) < 0 ? SILLOK_ECORRUPT : kv_prev(revs, &k, &v);
    if (r > 0 && k.len == REV_KEY_BYTES && memcmp(k.ptr, key, ID_BYTES) != 0)
        r = 0;
    if (r > 0)
        r = link_read(&before, k, v) < 0 ? SILLOK_ECORRUPT : 1;
    if (r == 0)
        return damaged(
            "a change is logged that no chain has (sillok reindex mends this)");
    if (r < 0)
        return r;
    ref->crawl = link.crawl;
    ref->step = (struct store_step){ before.version, link.version };
    return 0;
}

int lmdb_change_scan(struct sillok_store *base, int64_t from_s, int64_t to_s,
                     size_t limit, struct buf *cursor, struct buf *out)
{
    struct lmdb_store *s = lmdb_of(base);
    struct kv_txn *txn;
    struct kv_cursor *c = NULL, *revs = NULL;
    uint8_t first[LOG_KEY_BYTES];
    struct sillok_text k, v, from = log_key(first, 0, from_s, 0);
    if (cursor->len != 0 && cursor->len != LOG_KEY_BYTES)
        return fail(SILLOK_EINVALID, "this is not a cursor of this store");
    if (cursor->len)
        from = text_make(cursor->ptr, cursor->len);
    int r = view_begin(s, &txn);
    if (r < 0)
        return r;
    r = kv_cursor_open(&c, txn, T_LOG);
    if (r == 0)
        r = kv_cursor_open(&revs, txn, T_REV);
    if (r == 0)
        r = cursor->len ? kv_after(c, from, &k, &v) : kv_seek(c, from, &k, &v);
    for (size_t n = 0; r > 0 && n < limit; n++) {
        const uint8_t *p = (const uint8_t *)k.ptr;
        if (k.len != LOG_KEY_BYTES || (cursor->len && text_compare(k, from) <= 0)) {
            r = k.len == LOG_KEY_BYTES ? kv_disordered(c)
                                       : damaged("a row of the change log is damaged");
            break;
        }
        struct change_ref ref = {
            .time_s = time_of_key(p),
            .article = get_be(p + TIME_BYTES, ID_BYTES),
            .tie = (unsigned)get_be(p + TIME_BYTES + ID_BYTES, TIE_BYTES),
        };
        if (ref.time_s >= to_s) {
            r = 0;
            break;
        }
        buf_clear(cursor);
        int rr = fill_ref(revs, &ref);
        if (rr == 0)
            rr = buf_add(out, &ref, sizeof(ref));
        if (rr == 0)
            rr = buf_add_text(cursor, k);
        from = text_make(cursor->ptr, cursor->len);
        r = rr < 0 ? rr : kv_next(c, &k, &v);
    }
    kv_cursor_close(revs);
    kv_cursor_close(c);
    view_end(s, txn);
    return r;
}
