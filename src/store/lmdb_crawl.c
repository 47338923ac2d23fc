/*
 * Crawls, refusals and refs.
 *
 *   crawl     started zigzag | observations, first revisions, later revisions, refused,
 *             mismatches, conflicts, bytes: varints | first, last: zigzag | name
 *   refusal   crawl varint | size varint | flags 1 (1: bytes are kept) | path, code,
 *             reason: length varint and bytes each | codec 1, raw length varint, payload
 *
 * A refusal's key is the hash of its path and bytes, so that the same file refused again
 * is the same row.
 */
#include "store/lmdb.h"

#include <stdlib.h>
#include <string.h>
#include <stdio.h>
#include <time.h>

static size_t n_crawls(const struct lmdb_store *s)
{
    return s->state.crawls.len / sizeof(struct store_crawl);
}

static struct store_crawl *crawl_at(const struct lmdb_store *s, size_t i)
{
    return (struct store_crawl *)(void *)s->state.crawls.ptr + i;
}

struct store_crawl *crawl_of(struct lmdb_store *s, uint32_t no)
{
    for (size_t i = n_crawls(s); i-- > 0;)
        if (crawl_at(s, i)->no == no)
            return crawl_at(s, i);
    return NULL;
}

/* The row of the batch's crawl, to be changed; made when the first thing is written into
 * it. */
int crawl_ensure(struct lmdb_store *s, struct store_crawl **out)
{
    if (s->crawl_no >= 0) {
        *out = crawl_of(s, (uint32_t)s->crawl_no);
        if (*out)
            (*out)->changed = 1;
        return *out ? 0 : damaged("crawl number %lld is missing", (long long)s->crawl_no);
    }
    struct store_crawl c = { .no = (uint32_t)++s->state.counters.crawls, .changed = 1 };
    c.started_s = (int64_t)time(NULL);
    c.name = strdup(s->crawl_name);
    if (!c.name)
        return fail_memory();
    const int r = buf_add(&s->state.crawls, &c, sizeof(c));
    if (r < 0) {
        free(c.name);
        return r;
    }
    s->crawl_no = c.no;
    s->dirty = 1;
    *out = crawl_at(s, n_crawls(s) - 1);
    return 0;
}

int crawl_save(struct lmdb_store *s, const struct store_crawl *c)
{
    CLEANUP(buf_release) struct buf row = BUF_INIT;
    uint8_t key[4];
    (void)buf_add_zigzag(&row, c->started_s);
    (void)buf_add_varint(&row, c->observations);
    (void)buf_add_varint(&row, c->first_revisions);
    (void)buf_add_varint(&row, c->later_revisions);
    (void)buf_add_varint(&row, c->refused);
    (void)buf_add_varint(&row, c->mismatches);
    (void)buf_add_varint(&row, c->conflicts);
    (void)buf_add_varint(&row, c->bytes);
    (void)buf_add_zigzag(&row, c->first_s);
    (void)buf_add_zigzag(&row, c->last_s);
    (void)buf_add_str(&row, c->name);
    if (row_seal(&row) < 0)
        return fail_memory();
    return kv_put(s->txn, T_CRAWL, key_u32(key, c->no), text_make(row.ptr, row.len), 0);
}

int crawl_parse(struct store_crawl *out, uint32_t no, struct sillok_text value,
                struct sillok_text *name)
{
    const int sealed = row_open(&value, "a crawl");
    struct cursor c = cursor_of(value.ptr, value.len);
    *out = (struct store_crawl){ .no = no };
    if (sealed < 0)
        return sealed;
    out->started_s = cursor_zigzag(&c);
    out->observations = cursor_varint(&c);
    out->first_revisions = cursor_varint(&c);
    out->later_revisions = cursor_varint(&c);
    out->refused = cursor_varint(&c);
    out->mismatches = cursor_varint(&c);
    out->conflicts = cursor_varint(&c);
    out->bytes = cursor_varint(&c);
    out->first_s = cursor_zigzag(&c);
    out->last_s = cursor_zigzag(&c);
    if (c.bad)
        return damaged("the row of crawl number %u is damaged", no);
    *name = text_make((const char *)c.ptr, cursor_left(&c));
    return 0;
}

int crawl_decode(struct store_crawl *out, uint32_t no, struct sillok_text value)
{
    struct sillok_text name;
    const int r = crawl_parse(out, no, value, &name);
    if (r < 0)
        return r;
    out->name = strndup(name.ptr, name.len);
    return out->name ? 0 : fail_memory();
}

void crawl_tallies_init(struct crawl_tallies *t)
{
    buf_init(&t->list, BUF_CEILING);
    t->of = (struct map){ 0 };
}

void crawl_tallies_release(struct crawl_tallies *t)
{
    buf_release(&t->list);
    map_release(&t->of);
}

struct crawl_tally *crawl_tally(struct crawl_tallies *t, uint32_t crawl)
{
    static const struct crawl_tally none = { 0 };
    uint32_t i = map_get(&t->of, crawl);
    if (i == MAP_NONE) {
        i = (uint32_t)(t->list.len / sizeof(none));
        if (buf_add(&t->list, &none, sizeof(none)) < 0 || map_put(&t->of, crawl, i) < 0)
            return NULL;
    }
    return (struct crawl_tally *)(void *)t->list.ptr + i;
}

int crawl_tally_links(struct crawl_tallies *t, const struct chain_link *links, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct crawl_tally *one = crawl_tally(t, links[i].crawl);
        if (!one)
            return fail_memory();
        ++*(i ? &one->later_revisions : &one->first_revisions);
    }
    return 0;
}

void store_crawls_free(struct store_crawl *list, size_t n)
{
    for (size_t i = 0; list && i < n; i++)
        free(list[i].name);
    free(list);
}

const struct store_crawl *store_crawl_find(const struct sillok_store *s,
                                           const struct store_crawl *list, size_t n,
                                           const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(list[i].name, name) == 0)
            return &list[i];
    (void)fail(SILLOK_ENOTFOUND,
               "there is no crawl '%s' in '%s' (sillok crawls lists them)", name,
               s->path);
    return NULL;
}

int lmdb_crawls(struct sillok_store *base, struct store_crawl **out, size_t *n)
{
    struct lmdb_store *s = lmdb_of(base);
    struct kv_txn *txn;
    int r = view_begin(s, &txn);
    if (r < 0)
        return r;
    view_end(s, txn); /* what is loaded is the state of that moment */
    *n = n_crawls(s);
    struct store_crawl *list = calloc(*n + 1, sizeof(*list));
    if (!list)
        return fail_memory();
    for (size_t i = 0; i < *n; i++) {
        list[i] = *crawl_at(s, i);
        list[i].name = strdup(list[i].name);
        if (!list[i].name) {
            store_crawls_free(list, i);
            return fail_memory();
        }
    }
    *out = list;
    return 0;
}

static int mark_block(struct lmdb_store *s, const struct seg *seg,
                      struct sillok_text block, struct buf *bits)
{
    CLEANUP(buf_release) struct buf list = BUF_INIT;
    const int r = obs_decode(s->codec, &list, block, seg->crawl);
    const struct obs *o = (const struct obs *)(const void *)list.ptr;
    for (size_t i = 0; r == 0 && i < list.len / sizeof(*o); i++) {
        if (o[i].ordinal / 8 >= bits->len)
            return damaged("segment %u names an article that does not exist", seg->no);
        buf_set_bit(bits, o[i].ordinal);
    }
    return r;
}

static int mark_segment(struct lmdb_store *s, struct kv_txn *txn, const struct seg *seg,
                        struct buf *bits)
{
    CLEANUP(kv_cursor_close) struct kv_cursor *c = NULL;
    uint8_t key[4];
    struct sillok_text k, v;
    int r = kv_cursor_open(&c, txn, T_OBS);
    if (r == 0)
        r = kv_seek(c, key_u32(key, seg->no), &k, &v);
    while (r > 0 && k.len > 4 && memcmp(k.ptr, key, 4) == 0) {
        const int rr = mark_block(s, seg, v, bits);
        r = rr < 0 ? rr : kv_next(c, &k, &v);
    }
    return r < 0 ? r : 0;
}

int lmdb_crawl_articles(struct sillok_store *base, uint32_t crawl, struct buf *bits)
{
    struct lmdb_store *s = lmdb_of(base);
    struct kv_txn *txn;
    int r = view_begin(s, &txn);
    if (r < 0)
        return r;
    const size_t need = (size_t)(s->state.counters.articles / 8 + 1);
    if (bits->len < need) {
        const size_t more = need - bits->len;
        r = buf_reserve(bits, more);
        if (r == 0) {
            memset(bits->ptr + bits->len, 0, more);
            bits->len = need;
        }
    }
    const struct seg *segs = (const struct seg *)(const void *)s->state.segs.ptr;
    for (size_t i = 0; i < s->state.segs.len / sizeof(*segs) && r == 0; i++)
        if (segs[i].crawl == crawl)
            r = mark_segment(s, txn, &segs[i], bits);
    view_end(s, txn);
    return r;
}

/* --- refusals --- */

static void add_string(struct buf *out, struct sillok_text t)
{
    (void)buf_add_varint(out, t.len);
    (void)buf_add_text(out, t);
    (void)buf_add_char(out, '\0'); /* so that a reader may borrow it as a C string */
}

/* @p crawl is part of it, @p times times, where the keys with fewer are other refusals'. */
static int refusal_key(const struct store_refusal *r, const char *crawl, unsigned times,
                       uint8_t key[16])
{
    CLEANUP(hasher_free) struct hasher *h = NULL;
    struct sillok_id id;
    int rc = hasher_new(&h);
    if (rc == 0)
        rc = hasher_begin(h);
    if (rc == 0)
        rc = hasher_add(h, r->path.ptr, r->path.len);
    if (rc == 0)
        rc = hasher_add(h, "", 1);
    if (rc == 0)
        rc = hasher_add(h, r->original.ptr, r->original.len);
    for (unsigned i = 0; i < times && rc == 0; i++)
        rc = hasher_add(h, crawl, strlen(crawl));
    if (rc == 0)
        rc = hasher_peek(h, &id);
    if (rc == 0)
        memcpy(key, id.bytes, 16);
    return rc;
}

static int refusal_row(struct lmdb_store *s, const struct store_refusal *r,
                       struct buf *row)
{
    CLEANUP(buf_release) struct buf packed = BUF_INIT;
    enum codec codec;
    const int rc = codec_encode(s->codec, &packed, r->original, NULL, &codec);
    if (rc < 0)
        return rc;
    (void)buf_add_varint(row, (uint64_t)s->crawl_no);
    (void)buf_add_varint(row, r->size_bytes);
    (void)buf_add_char(row, r->original.ptr ? 1 : 0);
    add_string(row, r->path);
    add_string(row, text_of(r->code));
    add_string(row, text_of(r->reason));
    (void)buf_add_char(row, (char)codec);
    (void)buf_add_varint(row, r->original.len);
    (void)buf_add(row, packed.ptr, packed.len);
    return row_seal(row);
}

static const char *take_string(struct cursor *c, struct sillok_text *out)
{
    const uint64_t len = cursor_varint(c);
    const uint8_t *p = cursor_bytes(c, (size_t)len);
    const uint8_t *zero = cursor_bytes(c, 1);
    if (!p || !zero || *zero)
        c->bad = 1;
    *out = text_make((const char *)p, c->bad ? 0 : (size_t)len);
    return c->bad ? "" : (const char *)p;
}

/* Read the head of a refusal row; what is left in @p c is codec, length, payload. */
static int refusal_head(struct lmdb_store *s, struct cursor *c,
                        struct sillok_refusal *out)
{
    struct sillok_text ignored;
    const struct store_crawl *crawl = crawl_of(s, (uint32_t)cursor_varint(c));
    out->size_bytes = cursor_varint(c);
    const uint8_t *flags = cursor_bytes(c, 1);
    out->has_bytes = flags && *flags;
    (void)take_string(c, &out->name);
    out->code = take_string(c, &ignored);
    out->reason = take_string(c, &ignored);
    out->crawl = crawl ? crawl->name : "";
    return c->bad ? damaged("a refusal's row is damaged") : 0;
}

/* Whether @p row is of @p r in the crawl at hand. Its key is that of the path and of the
 * bytes, and of names of crawls behind them: a file that is as long as what came before is
 * that. One of which no bytes are kept has the key of an empty one. */
static int is_refusal(struct lmdb_store *s, struct sillok_text row,
                      const struct store_refusal *r)
{
    struct sillok_refusal head;
    struct cursor c = cursor_of(row.ptr, row.len);
    if (refusal_head(s, &c, &head) < 0 || strcmp(head.crawl, s->crawl_name) != 0 ||
        head.has_bytes != (r->original.ptr != NULL))
        return 0;
    return head.has_bytes ? head.size_bytes == r->size_bytes
                          : strcmp(head.code, r->code) == 0;
}

/* The key of a refusal in the crawl at hand: 1 where it is there. */
static int find_refusal(struct lmdb_store *s, const struct store_refusal *refusal,
                        uint8_t key[16])
{
    const struct sillok_text k = { (const char *)key, 16 };
    for (unsigned times = 0;; times++) {
        struct sillok_text v = { NULL, 0 };
        int r = refusal_key(refusal, s->crawl_name, times, key);
        if (r == 0)
            r = kv_get(s->txn, T_REFUSAL, k, &v);
        if (r <= 0 || is_refusal(s, v, refusal))
            return r;
    }
}

int lmdb_refuse(struct sillok_store *base, const struct store_refusal *refusal,
                int *is_new)
{
    struct lmdb_store *s = lmdb_of(base);
    CLEANUP(buf_release) struct buf row = BUF_INIT;
    uint8_t key[16];
    struct store_crawl *crawl;
    const struct sillok_text k = { (const char *)key, sizeof(key) };
    int r = find_refusal(s, refusal, key);
    *is_new = r == 0;
    if (r != 0)
        return batch_result(s, r < 0 ? r : 0);
    r = crawl_ensure(s, &crawl);
    if (r == 0)
        r = refusal_row(s, refusal, &row);
    if (r == 0)
        r = kv_put(s->txn, T_REFUSAL, k, text_make(row.ptr, row.len), 0);
    if (r == 0) {
        crawl->refused++;
        s->state.counters.refused++;
        s->dirty = 1;
    }
    return batch_result(s, r);
}

/* Only the head of the row is kept: what was refused may be megabytes. */
static int keep_head(struct lmdb_store *s, struct sillok_text row, struct buf *record,
                     struct sillok_refusal *out)
{
    struct cursor c = cursor_of(row.ptr, row.len);
    int r = refusal_head(s, &c, out);
    buf_clear(record);
    if (r == 0)
        r = buf_add(record, row.ptr, row.len - cursor_left(&c));
    struct cursor again = cursor_of(record->ptr, record->len);
    return r < 0 ? r : refusal_head(s, &again, out);
}

int refusal_next(struct lmdb_store *s, struct kv_txn *txn, struct buf *cursor,
                 struct buf *record, struct sillok_refusal *out, char key_hex[33])
{
    CLEANUP(kv_cursor_close) struct kv_cursor *c = NULL;
    struct sillok_text k, v, from = { cursor->ptr, cursor->len };
    int r = kv_cursor_open(&c, txn, T_REFUSAL);
    if (r == 0)
        r = kv_after(c, from, &k, &v);
    if (r <= 0)
        return r;
    put_hex(key_hex, k.ptr, k.len < REFUSAL_KEY_BYTES ? k.len : REFUSAL_KEY_BYTES);
    buf_clear(cursor);
    r = buf_add_text(cursor, k);
    if (r == 0 && k.len != REFUSAL_KEY_BYTES)
        r = damaged("the key of a refusal is damaged");
    if (r == 0)
        r = row_open(&v, "a refusal");
    if (r == 0)
        r = keep_head(s, v, record, out);
    return r < 0 ? r : 1;
}

int lmdb_refusal_scan(struct sillok_store *base, struct buf *cursor, struct buf *record,
                      struct sillok_refusal *out, char key_hex[33])
{
    struct lmdb_store *s = lmdb_of(base);
    struct kv_txn *txn;
    int r = view_begin(s, &txn);
    if (r < 0)
        return r;
    r = refusal_next(s, txn, cursor, record, out, key_hex);
    view_end(s, txn);
    return r;
}

int refusal_read(struct lmdb_store *s, struct kv_txn *txn, const char *key_hex,
                 struct buf *out)
{
    struct sillok_text v;
    struct sillok_refusal head;
    uint8_t key[16];
    if (strlen(key_hex) != 2 * sizeof(key) || get_hex(key, key_hex, sizeof(key)) < 0)
        return fail(SILLOK_EINVALID, "a refusal's key has 32 hex digits");
    int r = kv_get(txn, T_REFUSAL, text_make((const char *)key, sizeof(key)), &v);
    if (r <= 0)
        return r < 0 ? r : fail(SILLOK_ENOTFOUND, "there is no such refusal");
    r = row_open(&v, "a refusal");
    struct cursor c = cursor_of(v.ptr, v.len);
    if (r == 0)
        r = refusal_head(s, &c, &head);
    const uint8_t *codec = cursor_bytes(&c, 1);
    const uint64_t raw_len = cursor_varint(&c);
    if (r < 0)
        return r;
    return c.bad ? damaged("a refusal's row is damaged")
                 : codec_decode(s->codec, out, (enum codec)codec[0],
                                text_make((const char *)c.ptr, cursor_left(&c)),
                                (size_t)raw_len, NULL, text_make(NULL, 0));
}

int lmdb_refusal_get(struct sillok_store *base, const char *key_hex, struct buf *out)
{
    struct lmdb_store *s = lmdb_of(base);
    struct kv_txn *txn;
    int r = view_begin(s, &txn);
    if (r < 0)
        return r;
    r = refusal_read(s, txn, key_hex, out);
    view_end(s, txn);
    return r;
}

/* --- refs --- */

int lmdb_ref_get(struct sillok_store *base, const char *name, struct buf *out)
{
    struct lmdb_store *s = lmdb_of(base);
    struct kv_txn *txn;
    struct sillok_text v;
    int r = view_begin(s, &txn);
    if (r < 0)
        return r;
    r = kv_get(txn, T_REF, text_of(name), &v);
    if (r > 0)
        r = buf_add_text(out, v);
    else if (r == 0)
        r = fail(SILLOK_ENOTFOUND, "there is no ref '%s'", name);
    view_end(s, txn);
    return r;
}

int lmdb_ref_cas(struct sillok_store *base, const char *name,
                 struct sillok_text old_value, struct sillok_text new_value)
{
    struct lmdb_store *s = lmdb_of(base);
    struct kv_txn *txn;
    struct sillok_text v = { NULL, 0 };
    int r = lmdb_lock(base);
    if (r == 0)
        r = kv_write(s->env, &txn);
    if (r < 0)
        return r;
    r = kv_get(txn, T_REF, text_of(name), &v);
    if (r >= 0)
        r = text_equal(v, old_value)
                ? 0
                : fail(SILLOK_ECONFLICT, "ref '%s' has another value by now", name);
    if (r == 0 && new_value.len)
        r = kv_put(txn, T_REF, text_of(name), new_value, 0);
    else if (r == 0)
        r = kv_delete(txn, T_REF, text_of(name));
    if (r < 0)
        kv_abort(txn);
    else
        r = kv_commit(txn); /* which lists free pages, and may find no room for that */
    if (r == KV_FULL && (r = kv_grow(s->env)) == 0)
        r = STORE_RETRY;
    return r;
}
