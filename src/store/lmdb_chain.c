/*
 * Articles and their chains.
 *
 * A chain is what its article's observations say, in order of (time, digest): every run
 * of one version is a revision. Usually an observation is newer than all others of its
 * article, and the chain only grows at its end or not at all. An older one, or one at an
 * equal time, makes the chain be derived anew from all observations of that article:
 * nothing about the result can then depend on the order in which files came.
 */
#include "store/lmdb.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

/* --- keys --- */

void article_key_make(struct article_key *out, struct sillok_text oid,
                      struct sillok_text aid)
{
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

int article_row_get(struct kv_txn *txn, const struct article_key *key,
                    struct article_row *out)
{
    struct sillok_text v;
    const int r = kv_get(txn, T_ARTICLE, article_key_text(key), &v);
    if (r <= 0)
        return r;
    if (v.len != ARTICLE_ROW_BYTES)
        return damaged("the row of an article has %zu bytes", v.len);
    out->article = get_be((const uint8_t *)v.ptr, ID_BYTES);
    out->newest = get_be((const uint8_t *)v.ptr + ID_BYTES, ID_BYTES);
    return 1;
}

int article_row_put(struct lmdb_store *s, const struct article_key *key,
                    const struct article_row *row)
{
    uint8_t v[2 * ID_BYTES];
    put_be(v, row->article, ID_BYTES);
    put_be(v + ID_BYTES, row->newest, ID_BYTES);
    s->dirty = 1;
    return kv_put(s->txn, T_ARTICLE, article_key_text(key),
                  text_make((const char *)v, sizeof(v)), 0);
}

int article_key_read(struct kv_txn *txn, uint64_t article, struct article_key *key)
{
    uint8_t k[ID_BYTES];
    struct sillok_text v;
    const int r = kv_get(txn, T_ORDINAL, key_id(k, article), &v);
    if (r < 0)
        return r;
    if (r == 0 || v.len < 3 || v.len > ARTICLE_KEY_MAX || !memchr(v.ptr, 0, v.len))
        return damaged("the key of article number %llu is missing or damaged",
                       (unsigned long long)article);
    memcpy(key->bytes, v.ptr, v.len);
    key->len = v.len;
    return 0;
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

int chain_links(struct kv_txn *txn, uint64_t article, size_t from, size_t limit,
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

int chain_last(struct kv_txn *txn, uint64_t article, struct chain_link *out)
{
    CLEANUP(kv_cursor_close) struct kv_cursor *c = NULL;
    uint8_t next[ID_BYTES];
    struct sillok_text k, v;
    int r = kv_cursor_open(&c, txn, T_REV);
    if (r < 0)
        return r;
    put_be(next, article + 1, ID_BYTES);
    r = kv_seek(c, text_make((const char *)next, sizeof(next)), &k, &v);
    if (r >= 0)
        r = r ? kv_prev(c, &k, &v) : kv_last(c, &k, &v);
    if (r <= 0)
        return r;
    r = link_read(out, k, v);
    return r < 0 ? r : get_be((const uint8_t *)k.ptr, ID_BYTES) == article;
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

static uint32_t crawl_of_obs(const struct lmdb_store *s, const struct obs *o)
{
    if (!o->seg)
        return (uint32_t)s->crawl_no;
    const struct seg *segs = (const struct seg *)(const void *)s->state.segs.ptr;
    return segs[o->seg - 1].crawl;
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

int link_put(struct lmdb_store *s, uint64_t article, const struct chain_link *l,
             size_t number)
{
    uint8_t rk[REV_KEY_BYTES], lk[LOG_KEY_BYTES], v[ID_BYTES + 4];
    put_be(v, l->version, ID_BYTES);
    put_be(v + ID_BYTES, l->crawl, 4);
    const int r = kv_put(s->txn, T_REV, rev_key(rk, article, l->first_s, l->tie),
                         text_make((const char *)v, sizeof(v)), 0);
    return r < 0 || number == 0
               ? r
               : kv_put(s->txn, T_LOG, log_key(lk, article, l->first_s, l->tie),
                        text_make("", 0), 0);
}

static int link_remove(struct lmdb_store *s, uint64_t article, const struct chain_link *l,
                       size_t number)
{
    uint8_t rk[REV_KEY_BYTES], lk[LOG_KEY_BYTES];
    const int r = kv_delete(s->txn, T_REV, rev_key(rk, article, l->first_s, l->tie));
    return r < 0 || number == 0
               ? r
               : kv_delete(s->txn, T_LOG, log_key(lk, article, l->first_s, l->tie));
}

/* Write or remove one revision's rows and count it. @p number from 0. */
static int link_change(struct lmdb_store *s, uint64_t article, const struct chain_link *l,
                       size_t number, int put)
{
    const int r =
        put ? link_put(s, article, l, number) : link_remove(s, article, l, number);
    struct store_crawl *crawl = crawl_of(s, l->crawl);
    if (r < 0 || !crawl)
        return r < 0 ? r : damaged("crawl number %u is missing", l->crawl);
    const uint64_t one = put ? 1 : UINT64_MAX; /* minus one */
    s->state.counters.revisions += one;
    *(number ? &crawl->later_revisions : &crawl->first_revisions) += one;
    crawl->changed = 1;
    s->dirty = 1;
    return 0;
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

/* Replace the stored chain by the derived one: only the links that differ are written.
 * The first link of either is never taken for equal at another place, since only later
 * ones stand in the log. *grew: there are more revisions than before. */
static int chain_replace(struct lmdb_store *s, uint64_t article, struct buf *all,
                         struct article_row *row, int *grew)
{
    CLEANUP(buf_release) struct buf before = BUF_INIT, after = BUF_INIT;
    int r = chain_links(s->txn, article, 0, SIZE_MAX / 2, &before);
    if (r == 0)
        r = chain_derive(s, s->txn, (struct obs *)(void *)all->ptr,
                         all->len / sizeof(struct obs), &after);
    const size_t n_old = before.len / sizeof(struct chain_link);
    const size_t n_new = after.len / sizeof(struct chain_link);
    const struct chain_link *old = (const struct chain_link *)(void *)before.ptr;
    const struct chain_link *new = (const struct chain_link *)(void *)after.ptr;
    *grew = n_new > n_old;
    size_t head = 0, tail = 0;
    while (head < n_old && head < n_new && link_equal(&old[head], &new[head]))
        head++;
    while (head + tail + 1 < n_old && head + tail + 1 < n_new &&
           link_equal(&old[n_old - 1 - tail], &new[n_new - 1 - tail]))
        tail++;
    for (size_t i = head; i + tail < n_old && r == 0; i++)
        r = link_change(s, article, &old[i], i, 0);
    for (size_t i = head; i + tail < n_new && r == 0; i++)
        r = link_change(s, article, &new[i], i, 1);
    /* The first of the tail has another neighbour than before. */
    for (size_t i = head ? head : 1; i + tail <= n_new && i < n_new && r == 0; i++)
        r = class_remember(s, new[i - 1].version, new[i].version);
    if (r == 0)
        row->newest = new[n_new - 1].version;
    return r;
}

/* --- appending --- */

struct incoming {
    struct store_item *item;
    struct article_key key;
    struct article_row row; /* article 0: not there yet */
    uint64_t version;       /* 0: not there yet */
    struct obs obs;
    struct sillok_text dir, name;
};

/* --- versions of an article, by digest
 * An article whose versions were looked through in this batch has them all here, so that
 * a batch with n revisions of one article does not read its chain n times. */

struct known_version {
    uint64_t article, version; /* version 0: the article's are all here */
    struct meta_digest digest;
    uint32_t prev; /* the one before under the same hash, MAP_NONE */
};

static const struct meta_digest no_digest;

static uint64_t known_hash(uint64_t article, const struct meta_digest *digest)
{
    return XXH3_64bits_withSeed(digest->bytes, META_DIGEST_BYTES, article);
}

static const struct known_version *
known_find(const struct lmdb_store *s, uint64_t article, const struct meta_digest *digest)
{
    const struct known_version *list =
        (const struct known_version *)(const void *)s->known.ptr;
    uint32_t i = map_get(&s->known_of, known_hash(article, digest));
    for (; i != MAP_NONE; i = list[i].prev)
        if (list[i].article == article &&
            memcmp(list[i].digest.bytes, digest->bytes, META_DIGEST_BYTES) == 0)
            return &list[i];
    return NULL;
}

static int known_add(struct lmdb_store *s, uint64_t article,
                     const struct meta_digest *digest, uint64_t version)
{
    const uint64_t hash = known_hash(article, digest);
    const struct known_version fresh = { .article = article,
                                         .version = version,
                                         .digest = *digest,
                                         .prev = map_get(&s->known_of, hash) };
    const uint32_t at = (uint32_t)(s->known.len / sizeof(fresh));
    const int r = buf_add(&s->known, &fresh, sizeof(fresh));
    return r < 0 ? r : map_put(&s->known_of, hash, at);
}

void chain_forget(struct lmdb_store *s)
{
    buf_clear(&s->known);
    map_clear(&s->known_of);
}

static int known_load(struct lmdb_store *s, uint64_t article)
{
    CLEANUP(buf_release) struct buf links = BUF_INIT;
    struct version_row v;
    int r = chain_links(s->txn, article, 0, SIZE_MAX / 2, &links);
    const struct chain_link *l = (const struct chain_link *)(const void *)links.ptr;
    for (size_t i = 0; i < links.len / sizeof(*l) && r == 0; i++) {
        r = version_row_get(s->txn, l[i].version, &v);
        if (r == 0)
            r = known_add(s, article, &v.digest, l[i].version);
    }
    return r < 0 ? r : known_add(s, article, &no_digest, 0);
}

/* A version that is new; only where its article's are here. */
static int known_extend(struct lmdb_store *s, const struct incoming *in)
{
    return known_find(s, in->row.article, &no_digest)
               ? known_add(s, in->row.article, &in->item->digest, in->version)
               : 0;
}

/* A version of this article with the item's digest, from its chain. */
static int find_version(struct lmdb_store *s, struct incoming *in)
{
    struct version_row v;
    int r = version_row_get(s->txn, in->row.newest, &v);
    if (r == 0 && memcmp(v.digest.bytes, in->item->digest.bytes, META_DIGEST_BYTES) == 0)
        in->version = in->row.newest;
    if (r < 0 || in->version)
        return r;
    if (!known_find(s, in->row.article, &no_digest))
        r = known_load(s, in->row.article);
    const struct known_version *known =
        r < 0 ? NULL : known_find(s, in->row.article, &in->item->digest);
    in->version = known ? known->version : 0;
    return r;
}

static int resolve(struct lmdb_store *s, struct incoming *in)
{
    const struct store_prepared *p = in->item->prepared;
    article_key_make(&in->key, in->item->article->oid, in->item->article->aid);
    in->row.article = 0;
    in->version = 0;
    const int r = article_row_get(s->txn, &in->key, &in->row);
    if (r <= 0)
        return r;
    if (p->version && p->article == in->row.article) {
        in->version = p->version;
        return 0;
    }
    return find_version(s, in);
}

static void split_path(struct incoming *in)
{
    const struct sillok_text path = in->item->path;
    const char *slash = path.len ? memrchr(path.ptr, '/', path.len) : NULL;
    in->dir =
        slash ? text_make(path.ptr, (size_t)(slash - path.ptr)) : text_make(path.ptr, 0);
    in->name = slash ? text_make(slash + 1, path.len - in->dir.len - 1) : path;
}

/* The path of a stored file. */
static int path_of(struct lmdb_store *s, const struct obs *o, const struct extra_row *e,
                   struct buf *path)
{
    if (e->has_name)
        return buf_add_text(path, e->name);
    struct store_version v;
    store_version_init(&v);
    int r = version_read(s, s->txn, s->codec, o->version, 0, &v);
    (void)buf_add_text(path, dir_text(s, o->dir));
    if (path->len)
        (void)buf_add_char(path, '/');
    if (r == 0)
        r = buf_add_text(path, v.name);
    store_version_release(&v);
    return r;
}

static struct sillok_text last_part(struct sillok_text path)
{
    const char *slash = path.len ? memrchr(path.ptr, '/', path.len) : NULL;
    return slash ? text_make(slash + 1, path.len - (size_t)(slash + 1 - path.ptr)) : path;
}

enum same_file { SAME_NOT = 0, SAME_HERE = 1, SAME_ELSEWHERE = 2 };

/* Is @p o the very file that comes in? Its bytes must be the same, and its name: in this
 * crawl the whole path; in another the last part of it, because an archive unpacked
 * elsewhere brings the same files. */
static int is_same_file(struct lmdb_store *s, const struct incoming *in,
                        const struct obs *o)
{
    const struct store_item *item = in->item;
    if (o->time_s != in->obs.time_s || o->version != in->version ||
        o->form != in->obs.form)
        return SAME_NOT;
    struct extra_row e = { 0 };
    int r = o->extra ? extra_get(s->txn, o->extra, &e) : 0;
    if (r < 0)
        return r;
    if (e.has_residue != !item->exact ||
        (e.has_residue && (e.raw_len != item->file_bytes ||
                           memcmp(e.file_digest, item->prepared->file_digest, 16) != 0)))
        return SAME_NOT;
    CLEANUP(buf_release) struct buf path = BUF_INIT;
    r = path_of(s, o, &e, &path);
    if (r < 0)
        return r;
    const struct sillok_text stored = { path.ptr, path.len };
    if (s->crawl_no >= 0 && crawl_of_obs(s, o) == (uint32_t)s->crawl_no)
        return text_equal(stored, item->path) ? SAME_HERE : SAME_NOT;
    return text_equal(last_part(stored), in->name) ? SAME_ELSEWHERE : SAME_NOT;
}

/* Find the same file here or elsewhere, and whether other content stands at its time. */
static int compare_all(struct lmdb_store *s, struct incoming *in, const struct buf *all,
                       enum same_file *same)
{
    const struct obs *list = (const struct obs *)(const void *)all->ptr;
    const size_t n = all->len / sizeof(*list);
    *same = SAME_NOT;
    for (size_t i = 0; i < n; i++) {
        if (list[i].time_s != in->obs.time_s)
            continue;
        if (list[i].version != in->version)
            in->item->conflict = 1;
        const int r = *same == SAME_HERE ? SAME_NOT : is_same_file(s, in, &list[i]);
        if (r < 0)
            return r;
        if (r != SAME_NOT)
            *same = (enum same_file)r;
    }
    return 0;
}

/* Nobody writes an article a hundred times a second: such input is refused before it
 * makes every later question about the article slow. */
static int check_tie(const struct incoming *in, const struct buf *all)
{
    const struct obs *list = (const struct obs *)(const void *)all->ptr;
    size_t n = 0;
    for (size_t i = 0; i < all->len / sizeof(*list); i++)
        n += list[i].time_s == in->obs.time_s && list[i].version != in->version;
    return in->version || n < TIE_MAX
               ? 0
               : fail(SILLOK_EINVALID,
                      "its article has more than %d contents at one time", TIE_MAX);
}

/* The name that was kept with a version fits most of its files; others get an extra row.
 */
static int settle_name(struct lmdb_store *s, struct incoming *in, int version_is_new)
{
    struct sillok_text odd = { NULL, 0 };
    const struct store_prepared *p = in->item->prepared;
    int same = version_is_new || (p->version == in->version && p->same_name);
    int r = 0;
    if (!same && p->version != in->version) {
        struct store_version v;
        store_version_init(&v);
        r = version_read(s, s->txn, s->codec, in->version, 0, &v);
        same = r == 0 && text_equal(v.name, in->name);
        store_version_release(&v);
    }
    if (r == 0 && same)
        r = dir_id(s, in->dir, &in->obs.dir);
    if (r < 0)
        return r;
    const int rooted = in->item->path.len && in->item->path.ptr[0] == '/';
    if (!same || rooted || (in->dir.len && !in->obs.dir)) {
        odd = in->item->path;
        if (!odd.ptr)
            odd.ptr = "";
        in->obs.dir = 0;
    }
    if (!odd.ptr && in->item->exact)
        return 0;
    return extra_put(s, odd, in->item, &in->obs.extra);
}

/* @p known: the same file stands in another crawl; then it is of this crawl too, and
 * nothing else about the store is new. */
static int record(struct lmdb_store *s, struct incoming *in, int version_is_new,
                  int known)
{
    struct store_crawl *crawl;
    const struct store_item *item = in->item;
    int r = settle_name(s, in, version_is_new);
    if (r == 0)
        r = crawl_ensure(s, &crawl);
    if (r == 0)
        r = obs_add(s, &in->obs);
    if (r < 0)
        return r;
    struct counters *n = &s->state.counters;
    const int64_t at = in->obs.time_s;
    n->first_s = n->observations == 0 || at < n->first_s ? at : n->first_s;
    n->last_s = n->observations == 0 || at > n->last_s ? at : n->last_s;
    crawl->first_s =
        crawl->observations == 0 || at < crawl->first_s ? at : crawl->first_s;
    crawl->last_s = crawl->observations == 0 || at > crawl->last_s ? at : crawl->last_s;
    if (!known) {
        n->observations++;
        n->file_bytes += item->file_bytes;
        n->body_bytes_seen += item->article->body.len;
    }
    crawl->observations++;
    crawl->bytes += item->file_bytes;
    crawl->mismatches += item->mismatch != 0;
    crawl->conflicts += item->conflict != 0;
    return 0;
}

static int append_new_article(struct lmdb_store *s, struct incoming *in)
{
    struct store_crawl *crawl;
    uint8_t k[ID_BYTES];
    in->row.article = in->obs.ordinal = ++s->state.counters.articles;
    int r = crawl_ensure(s, &crawl);
    if (r == 0)
        r = version_put(s, in->item, in->item->prepared->body, in->row.article,
                        &in->version);
    in->obs.version = in->row.newest = in->version;
    if (r == 0)
        r = kv_put(s->txn, T_ORDINAL, key_id(k, in->row.article),
                   article_key_text(&in->key), KV_APPEND);
    if (r == 0)
        r = article_row_put(s, &in->key, &in->row);
    const struct chain_link link = { in->obs.time_s, 0, in->version,
                                     (uint32_t)s->crawl_no };
    if (r == 0)
        r = link_change(s, in->row.article, &link, 0, 1);
    if (r == 0)
        r = record(s, in, 1, 0);
    in->item->outcome = OBS_NEW_ARTICLE;
    return r;
}

/* What the step from the newest version is, was found out ahead, if that is still the
 * newest. */
static int put_class(struct lmdb_store *s, const struct incoming *in, uint64_t from)
{
    const struct store_prepared *p = in->item->prepared;
    const struct store_step step = { from, in->version };
    return p->newest == from && p->class_row.len ? class_row_put(s, &step, &p->class_row)
                                                 : class_remember(s, from, in->version);
}

/* Newer than everything known of its article: the chain can only grow at its end. */
static int append_newest(struct lmdb_store *s, struct incoming *in, int version_is_new)
{
    struct store_crawl *crawl;
    int r = crawl_ensure(s, &crawl);
    in->item->outcome = OBS_UNCHANGED;
    if (r == 0 && in->version != in->row.newest) {
        const struct chain_link link = { in->obs.time_s, 0, in->version,
                                         (uint32_t)s->crawl_no };
        in->item->outcome = OBS_CHANGED;
        r = put_class(s, in, in->row.newest);
        in->row.newest = in->version;
        if (r == 0)
            r = link_change(s, in->row.article, &link, 1, 1);
        if (r == 0)
            r = article_row_put(s, &in->key, &in->row);
    }
    return r < 0 ? r : record(s, in, version_is_new, 0);
}

/* At or before a time that is known already. */
static int append_older(struct lmdb_store *s, struct incoming *in, int version_is_new,
                        int known, struct buf *all)
{
    struct store_crawl *crawl;
    struct article_row row = in->row;
    int grew = 0;
    int r = crawl_ensure(s, &crawl);
    if (r == 0)
        r = record(s, in, version_is_new, known);
    if (r == 0)
        r = buf_add(all, &in->obs, sizeof(in->obs));
    if (r == 0)
        r = chain_replace(s, in->row.article, all, &row, &grew);
    if (r == 0 && row.newest != in->row.newest)
        r = article_row_put(s, &in->key, &row);
    in->item->outcome = known ? OBS_ALREADY : grew ? OBS_CHANGED : OBS_UNCHANGED;
    return r;
}

static int append_known(struct lmdb_store *s, struct incoming *in)
{
    CLEANUP(buf_release) struct buf all = BUF_INIT;
    enum same_file same = SAME_NOT;
    in->obs.ordinal = in->row.article;
    in->obs.version = in->version;
    const int older = obs_seen_since(s, s->txn, in->row.article, in->obs.time_s);
    int r = older < 0 ? older : 0;
    if (older > 0) {
        r = obs_gather(s, s->txn, in->row.article, &all);
        if (r == 0)
            r = compare_all(s, in, &all, &same);
        if (r == 0)
            r = check_tie(in, &all);
        if (r < 0)
            return r;
        if (same != SAME_NOT)
            in->item->conflict = 0; /* told when it came in first */
        if (same == SAME_HERE) {
            in->item->outcome = OBS_ALREADY;
            return 0;
        }
    }
    const int version_is_new = !in->version;
    if (r == 0 && version_is_new) {
        r = version_put(s, in->item, in->item->prepared->body, in->row.article,
                        &in->version);
        in->obs.version = in->version;
        if (r == 0)
            r = known_extend(s, in);
    }
    if (r < 0)
        return r;
    return older ? append_older(s, in, version_is_new, same == SAME_ELSEWHERE, &all)
                 : append_newest(s, in, version_is_new);
}

static int append_one(struct lmdb_store *s, struct store_item *item)
{
    if (!item->prepared || !item->prepared->body)
        return fail(SILLOK_EINVALID, "an observation needs its body to be put first");
    struct incoming in = { .item = item };
    item->conflict = 0;
    in.obs.time_s = item->article->crawled_at_s;
    in.obs.form = item->form | (item->mismatch ? OBS_MISMATCH : 0);
    split_path(&in);
    const int r = resolve(s, &in);
    if (r < 0)
        return r;
    return in.row.article ? append_known(s, &in) : append_new_article(s, &in);
}

int lmdb_obs_append(struct sillok_store *base, struct store_item *const *items, size_t n)
{
    struct lmdb_store *s = lmdb_of(base);
    int r = 0;
    for (size_t i = 0; i < n && r == 0; i++)
        r = append_one(s, items[i]);
    return batch_result(s, r);
}

/* --- questions --- */

int lmdb_article_find(struct sillok_store *base, const struct article_key *key,
                      uint64_t *article)
{
    struct lmdb_store *s = lmdb_of(base);
    struct kv_txn *txn;
    struct article_row row = { 0, 0 };
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
    int r = view_begin(s, &txn);
    if (r < 0)
        return r;
    r = kv_cursor_open(&c, txn, T_ARTICLE);
    if (r == 0)
        r = kv_seek(c, article_key_text(after), &k, &v);
    if (r > 0 && after->len && text_equal(k, article_key_text(after)))
        r = kv_next(c, &k, &v);
    if (r > 0 && (k.len > ARTICLE_KEY_MAX || v.len != ARTICLE_ROW_BYTES))
        r = damaged("a row of the article table is damaged");
    if (r > 0) {
        memcpy(key->bytes, k.ptr, k.len);
        key->len = k.len;
        *article = get_be((const uint8_t *)v.ptr, ID_BYTES);
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

int lmdb_obs_scan(struct sillok_store *base, uint64_t article, struct buf *out)
{
    struct lmdb_store *s = lmdb_of(base);
    struct kv_txn *txn;
    CLEANUP(buf_release) struct buf all = BUF_INIT;
    int r = view_begin(s, &txn);
    if (r < 0)
        return r;
    r = obs_gather(s, txn, article, &all);
    struct obs *list = (struct obs *)(void *)all.ptr;
    const size_t n = all.len / sizeof(*list);
    if (n)
        qsort(list, n, sizeof(*list), obs_compare);
    if (r == 0)
        r = order_ties(txn, list, n);
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
        r = kv_seek(c, from, &k, &v);
    if (r > 0 && cursor->len && text_equal(k, from))
        r = kv_next(c, &k, &v);
    for (size_t n = 0; r > 0 && n < limit; n++) {
        const uint8_t *p = (const uint8_t *)k.ptr;
        if (k.len != LOG_KEY_BYTES) {
            r = damaged("a row of the change log is damaged");
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
        r = rr < 0 ? rr : kv_next(c, &k, &v);
    }
    kv_cursor_close(revs);
    kv_cursor_close(c);
    view_end(s, txn);
    return r;
}
