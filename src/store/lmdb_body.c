/*
 * Bodies and versions.
 *
 *   body      lmdb_body_row.c
 *   version   body varint | article varint | digest 20 | codec 1 | [dict varint] |
 *             raw length varint | payload (a metadata record, article/meta.h); 128 in the
 *             codec byte: the name in the record is the guessed one
 *
 * The base of a delta is always a full body: one step to any text.
 */
#include "store/lmdb.h"

#include <stdlib.h>
#include <string.h>

/* --- rows of versions --- */

int version_row_parse(struct sillok_text value, struct version_row *out)
{
    const int sealed = row_open(&value, "a version");
    if (sealed < 0)
        return sealed;
    struct cursor c = cursor_of(value.ptr, value.len);
    out->body = cursor_varint(&c);
    out->article = cursor_varint(&c);
    const uint8_t *digest = cursor_bytes(&c, META_DIGEST_BYTES);
    const uint8_t *byte = cursor_bytes(&c, 1);
    const unsigned codec = byte ? *byte : 0;
    out->codec = (enum codec)(codec & ~(unsigned)NAME_IS_GUESSED);
    out->guessed_name = (codec & NAME_IS_GUESSED) != 0;
    out->dict = out->codec == CODEC_DICT ? (uint32_t)cursor_varint(&c) : 0;
    out->raw_len = cursor_varint(&c);
    if (c.bad)
        return damaged("the row of a version is damaged");
    memcpy(out->digest.bytes, digest, META_DIGEST_BYTES);
    out->payload = text_make((const char *)c.ptr, cursor_left(&c));
    return 0;
}

int version_row_get(struct kv_txn *txn, uint64_t version, struct version_row *out)
{
    uint8_t key[ID_BYTES];
    struct sillok_text value;
    int r = kv_get(txn, T_VERSION, key_id(key, version), &value);
    if (r == 0)
        return damaged("version number %llu is missing", (unsigned long long)version);
    if (r > 0)
        r = version_row_parse(value, out);
    return r < 0 ? fail_context(r, "version number %llu", (unsigned long long)version)
                 : 0;
}

/* --- reading --- */

int body_read(struct lmdb_store *s, struct kv_txn *txn, struct codec_ctx *c,
              uint64_t body, struct buf *out, struct sillok_id *id)
{
    struct body_row row;
    const struct dict *dict = NULL;
    CLEANUP(buf_release) struct buf base = BUF_INIT, joined = BUF_INIT;
    int r = body_row_get(txn, body, &row);
    if (r == 0)
        r = body_row_join(txn, body, &row, &joined);
    if (r == 0 && row.codec == CODEC_DICT)
        r = dict_get(s, txn, row.dict, &dict);
    if (r == 0 && row.codec == CODEC_DELTA) {
        struct body_row full;
        r = body_row_get(txn, row.base, &full);
        if (r == 0 && full.codec == CODEC_DELTA)
            r = damaged("body number %llu rests on a body that is not full",
                        (unsigned long long)body);
        if (r == 0)
            r = body_read(s, txn, c, row.base, &base, NULL);
    }
    if (r == 0)
        r = codec_decode(c, out, row.codec, row.payload, (size_t)row.raw_len, dict,
                         text_make(base.ptr, base.len));
    if (r < 0)
        return fail_context(r, "body number %llu", (unsigned long long)body);
    if (id)
        *id = row.id;
    return 0;
}

/* The stored bytes must be what their id says, or nobody gets them. */
static int read_checked(struct lmdb_store *s, struct kv_txn *txn, struct codec_ctx *c,
                        uint64_t body, struct buf *out, struct sillok_id *id)
{
    CLEANUP(hasher_free) struct hasher *h = NULL;
    struct sillok_id seen;
    const size_t start = out->len;
    int r = hasher_new(&h);
    if (r == 0)
        r = body_read(s, txn, c, body, out, id);
    if (r == 0)
        r = hasher_of(h, text_from(buf_text(out), start), &seen);
    if (r == 0 && !sillok_id_equal(&seen, id)) {
        char hex[SILLOK_ID_HEX_LEN + 1];
        sillok_id_format(id, hex);
        return damaged("body %s does not have its hash any more", hex);
    }
    return r;
}

int lmdb_body_get(struct sillok_store *base, const struct sillok_id *id, struct buf *out)
{
    struct lmdb_store *s = lmdb_of(base);
    struct kv_txn *txn;
    uint64_t body;
    struct sillok_id found;
    int r = view_begin(s, &txn);
    if (r < 0)
        return r;
    r = body_lookup(s, txn, id, &body);
    if (r == 0)
        r = fail(SILLOK_ENOTFOUND, "there is no such body");
    if (r > 0)
        r = read_checked(s, txn, s->codec, body, out, &found);
    view_end(s, txn);
    return r;
}

int lmdb_body_has(struct sillok_store *base, const struct sillok_id *ids, size_t n,
                  int *has)
{
    struct lmdb_store *s = lmdb_of(base);
    struct kv_txn *txn;
    int r = view_begin(s, &txn);
    if (r < 0)
        return r;
    for (size_t i = 0; i < n && r >= 0; i++) {
        uint64_t body;
        r = body_lookup(s, txn, &ids[i], &body);
        has[i] = r > 0;
    }
    view_end(s, txn);
    return r < 0 ? r : 0;
}

int version_read(struct lmdb_store *s, struct kv_txn *txn, struct codec_ctx *c,
                 uint64_t version, int with_body, struct store_version *out)
{
    struct version_row row;
    const struct dict *dict = NULL;
    int r = version_row_get(txn, version, &row);
    if (r == 0 && row.codec == CODEC_DICT)
        r = dict_get(s, txn, row.dict, &dict);
    buf_clear(&out->record);
    if (r == 0)
        r = codec_decode(c, &out->record, row.codec, row.payload, (size_t)row.raw_len,
                         dict, text_make(NULL, 0));
    if (r == 0 && (!row.article || out->number != row.article)) {
        r = article_key_read(txn, row.article, &out->key);
        out->number = r == 0 ? row.article : 0;
    }
    if (r < 0)
        return fail_context(r, "version number %llu", (unsigned long long)version);
    struct sillok_article *a = &out->article;
    a->oid = article_key_oid(&out->key);
    a->aid = article_key_aid(&out->key);
    out->digest = row.digest;
    r = meta_decode(a, &out->name, text_make(out->record.ptr, out->record.len),
                    &out->derived);
    buf_clear(&out->body);
    struct body_row body = { 0 };
    if (r == 0)
        r = body_row_get(txn, row.body, &body);
    a->content_hash = body.id;
    out->body_bytes = body.raw_len;
    if (r == 0 && with_body)
        r = kv_has_sums(txn) ? body_read(s, txn, c, row.body, &out->body, NULL)
                             : read_checked(s, txn, c, row.body, &out->body, &body.id);
    a->body = text_make(out->body.ptr, out->body.len);
    return r;
}

/* --- writing --- */

/* As the item's body will be stored. */
static struct body_row row_of_item(const struct store_item *item)
{
    const struct store_prepared *p = item->prepared;
    return (struct body_row){ .codec = p->codec,
                              .dict = p->dict,
                              .base = p->base,
                              .raw_len = item->article->body.len,
                              .id = item->article->content_hash,
                              .payload = p->as_is ? item->article->body : p->payload };
}

static int put_new(struct lmdb_store *s, const struct store_item *item, uint64_t *body)
{
    const struct body_row row = row_of_item(item);
    struct counters *n = &s->state.counters;
    size_t stored;
    *body = ++n->bodies;
    int r = body_row_put(s->txn, &s->fill, *body, &row, &s->row, &stored);
    if (r == 0)
        r = hash_remember(s, &row.id, *body);
    if (r < 0)
        return r;
    n->body_bytes += row.raw_len;
    body_row_count(n, &row, stored, 1);
    if (row.codec != CODEC_DELTA && !item->prepared->as_is)
        age_note(s, row.raw_len, row.payload.len);
    s->dirty = 1;
    return 0;
}

/* The hash is known: are the bytes? A second text with the same SHA-256 must never pass
 * as the first. */
static int compare_bytes(struct lmdb_store *s, const struct store_item *item,
                         uint64_t body)
{
    CLEANUP(buf_release) struct buf stored = BUF_INIT;
    const int r = body_read(s, s->txn, s->codec, body, &stored, NULL);
    if (r < 0)
        return r;
    if (text_equal(item->article->body, text_make(stored.ptr, stored.len)))
        return 0;
    char hex[SILLOK_ID_HEX_LEN + 1];
    sillok_id_format(&item->article->content_hash, hex);
    return fail(SILLOK_ECONFLICT,
                "two different texts have the SHA-256 %s: the second was not stored",
                hex);
}

static int put_one(struct lmdb_store *s, struct store_item *item)
{
    struct store_prepared *p = item->prepared;
    uint64_t body = 0;
    int r = hash_lookup_in_batch(s, &item->article->content_hash, &body);
    if (r == 0 && !recent_lacks(&s->recent, &item->article->content_hash, p->lacking_at))
        r = body_lookup(s, s->txn, &item->article->content_hash, &body);
    if (r > 0)
        r = compare_bytes(s, item, body);
    else if (r == 0) {
        r = put_new(s, item, &body);
        item->body_new = r == 0;
    }
    if (r == 0) /* else it would be taken for known, should it come again */
        p->body = body;
    return r;
}

/* Items whose bodies are not known, in the order that fills pages. */
static int put_wanting(struct lmdb_store *s, struct store_item **items, size_t n)
{
    size_t row_bytes[FILL_WINDOW], n_window = 0;
    int r = 0;
    for (size_t next = 0; r == 0 && n; n--) {
        for (; n_window < FILL_WINDOW && n_window < n; next++) {
            const struct body_row row = row_of_item(items[next]);
            row_bytes[n_window++] = body_row_bytes(&row);
        }
        /* The window is the last that were taken, from `first` on. */
        struct store_item **first = items + next - n_window;
        const size_t at = fill_choose(&s->fill, row_bytes, n_window);
        struct store_item *item = first[at];
        memmove(first + 1, first, at * sizeof(*first));
        memmove(row_bytes + at, row_bytes + at + 1,
                (--n_window - at) * sizeof(*row_bytes));
        r = put_one(s, item);
    }
    return r;
}

int lmdb_body_put(struct sillok_store *base, struct store_item *const *items, size_t n)
{
    struct lmdb_store *s = lmdb_of(base);
    CLEANUP(buf_release) struct buf wanting = BUF_INIT; /* struct store_item * */
    int r = 0;
    for (size_t i = 0; i < n && r == 0; i++) {
        if (!items[i]->prepared && !s->self)
            r = lmdb_worker_new(base, 0, &s->self); /* who only reads needs none */
        if (r == 0 && !items[i]->prepared)
            r = lmdb_prepare(s->self, items[i]);
        if (r == 0 && !items[i]->prepared->version && !items[i]->prepared->body)
            r = buf_add(&wanting, &items[i], sizeof(items[i]));
    }
    if (r == 0 && wanting.len)
        r = put_wanting(s, (struct store_item **)(void *)wanting.ptr,
                        wanting.len / sizeof(*items));
    return batch_result(s, r);
}

int version_put(struct lmdb_store *s, const struct store_item *item, uint64_t body,
                uint64_t article, uint64_t *version)
{
    struct buf *row = &s->row;
    buf_clear(row);
    (void)buf_add_varint(row, body);
    (void)buf_add_varint(row, article);
    (void)buf_add(row, item->digest.bytes, META_DIGEST_BYTES);
    (void)buf_add(row, item->prepared->record.ptr, item->prepared->record.len);
    if (row_seal(row) < 0)
        return fail_memory();
    uint8_t key[ID_BYTES];
    *version = ++s->state.counters.versions;
    s->dirty = 1;
    return kv_put(s->txn, T_VERSION, key_id(key, *version), text_make(row->ptr, row->len),
                  KV_APPEND);
}

/* --- questions --- */

int lmdb_version_get(struct sillok_store *base, uint64_t version, int with_body,
                     struct store_version *out)
{
    struct lmdb_store *s = lmdb_of(base);
    struct kv_txn *txn;
    int r = view_begin(s, &txn);
    if (r < 0)
        return r;
    r = version_read(s, txn, s->codec, version, with_body, out);
    view_end(s, txn);
    return r;
}

int lmdb_body_scan(struct sillok_store *base, struct buf *cursor, struct sillok_id *id,
                   struct buf *out)
{
    struct lmdb_store *s = lmdb_of(base);
    struct kv_txn *txn;
    struct kv_cursor *c = NULL;
    struct sillok_text k, v;
    if (cursor->len != 0 && cursor->len != ID_BYTES)
        return fail(SILLOK_EINVALID, "this is not a cursor of this store");
    int r = view_begin(s, &txn);
    if (r < 0)
        return r;
    r = kv_cursor_open(&c, txn, T_BODY);
    if (r == 0)
        r = kv_after(c, text_make(cursor->ptr, cursor->len), &k, &v);
    while (r > 0 && k.len == PART_KEY_BYTES)
        r = kv_next(c, &k, &v);
    if (r > 0) {
        buf_clear(out);
        buf_clear(cursor);
        int rr = buf_add_text(cursor, k);
        if (rr == 0)
            rr = k.len == ID_BYTES
                     ? read_checked(s, txn, s->codec,
                                    get_be((const uint8_t *)k.ptr, ID_BYTES), out, id)
                     : damaged("a row of the body table is damaged");
        r = rr < 0 ? rr : 1;
    }
    kv_cursor_close(c);
    view_end(s, txn);
    return r;
}

/* --- removal --- */

static int mark_bit(struct buf *bits, uint64_t i)
{
    if (i / 8 >= bits->len)
        return damaged("body number %llu is referred to and was never made",
                       (unsigned long long)i);
    buf_set_bit(bits, i);
    return 0;
}

/* Bits of the bodies that a version or a delta needs. */
static int mark_needed(struct lmdb_store *s, struct buf *bits)
{
    const size_t n = (size_t)(s->state.counters.bodies / 8 + 1);
    int r = buf_reserve(bits, n);
    if (r < 0)
        return r;
    memset(bits->ptr, 0, n);
    bits->len = n;
    for (uint64_t v = 1; v <= s->state.counters.versions && r == 0; v++) {
        struct version_row version;
        struct body_row body;
        r = version_row_get(s->txn, v, &version);
        if (r == 0)
            r = mark_bit(bits, version.body);
        if (r == 0)
            r = body_row_get(s->txn, version.body, &body);
        if (r == 0 && body.codec == CODEC_DELTA)
            r = mark_bit(bits, body.base);
    }
    return r;
}

static int drop_body(struct lmdb_store *s, uint64_t body)
{
    struct body_row row;
    struct counters *n = &s->state.counters;
    size_t stored = 0;
    int r = body_row_get(s->txn, body, &row);
    if (r == 0)
        r = body_row_delete(s->txn, body, &stored);
    if (r < 0)
        return r;
    n->body_bytes -= row.raw_len;
    body_row_count(n, &row, stored, -1);
    s->dirty = 1;
    return 0;
}

static int drop_unreferenced(struct lmdb_store *s, uint64_t *n)
{
    CLEANUP(buf_release) struct buf needed = BUF_INIT;
    int r = mark_needed(s, &needed);
    for (uint64_t body = 1; body <= s->state.counters.bodies && r == 0; body++) {
        uint8_t key[ID_BYTES];
        struct sillok_text v;
        if (buf_bit(&needed, body))
            continue;
        r = kv_get(s->txn, T_BODY, key_id(key, body), &v);
        if (r > 0) {
            r = drop_body(s, body);
            ++*n;
        }
    }
    return r == 0 && *n ? hashes_rebuild(s) : r;
}

int lmdb_delete_unreferenced(struct sillok_store *base, uint64_t *n)
{
    struct lmdb_store *s = lmdb_of(base);
    *n = 0;
    if (s->txn)
        return fail(SILLOK_EINVALID, "a batch is open");
    int r = lmdb_begin(base, "");
    if (r == 0)
        r = batch_result(s, drop_unreferenced(s, n));
    if (r == 0)
        return lmdb_commit(base);
    lmdb_abort(base);
    return r;
}
