/*
 * Observations: segments, their blocks, and what is odd about single files.
 *
 *   extra     flags 1 (1: path, 2: residue) | [length varint, path] |
 *             [SHA-256[0..16) of the file, its length varint, zstd frame against the
 *             rendering]
 *
 * An observation needs an extra row only when its file is not what rendering gives, or
 * its name is not the one kept with the version.
 */
#include "store/lmdb.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum { OBS_KEY_BYTES = 4 + ID_BYTES };

static size_t n_segs(const struct lmdb_store *s)
{
    return s->state.segs.len / sizeof(struct seg);
}

static const struct seg *seg_at(const struct lmdb_store *s, size_t i)
{
    return (const struct seg *)(const void *)s->state.segs.ptr + i;
}

/* --- reading blocks --- */

static int covers(const struct seg *seg, uint64_t article)
{
    return article >= seg->first_ordinal && article <= seg->last_ordinal;
}

/* Questions go up through the articles: a segment that does not reach to @p article has
 * had its turn, and its memory serves the next. */
static void inherit_list(struct lmdb_store *s, uint64_t article, struct block_cache *to)
{
    for (size_t i = 0; !to->list.ptr && i < s->state.n_blocks; i++) {
        struct block_cache *from = &s->state.blocks[i];
        if (!from->list.ptr || covers(seg_at(s, i), article))
            continue;
        const struct buf swap = to->list;
        to->list = from->list;
        from->list = swap;
        from->valid = 0;
    }
}

/* Load the block of @p seg that answers for @p article: the last that begins at or before
 * it. What lies between two blocks belongs to the first. */
static int block_load(struct lmdb_store *s, struct kv_txn *txn, const struct seg *seg,
                      uint64_t article, struct block_cache *out)
{
    CLEANUP(kv_cursor_close) struct kv_cursor *c = NULL;
    uint8_t key[OBS_KEY_BYTES];
    struct sillok_text k, v;
    out->valid = 0;
    inherit_list(s, article, out);
    buf_clear(&out->list);
    put_be(key, seg->no, 4);
    put_be(key + 4, article + 1, ID_BYTES);
    int r = kv_cursor_open(&c, txn, T_OBS);
    if (r == 0)
        r = kv_seek(c, text_make((const char *)key, sizeof(key)), &k, &v);
    if (r < 0)
        return r;
    /* The next block, if it is this segment's, ends what this one answers for. */
    const int next = r > 0 && k.len == OBS_KEY_BYTES && memcmp(k.ptr, key, 4) == 0;
    out->end = next ? get_be((const uint8_t *)k.ptr + 4, ID_BYTES) : UINT64_MAX;
    r = r > 0 ? kv_prev(c, &k, &v) : kv_last(c, &k, &v);
    if (r < 0)
        return r;
    if (r == 0 || k.len != OBS_KEY_BYTES || memcmp(k.ptr, key, 4) != 0)
        return damaged("a block of segment %u is missing", seg->no);
    out->first = get_be((const uint8_t *)k.ptr + 4, ID_BYTES);
    r = obs_decode(s->codec, &out->list, v, seg->crawl);
    out->valid = r == 0;
    return r < 0 ? fail_context(r, "segment %u", seg->no) : 0;
}

/* The observations of an article in a segment: borrowed until the next call. */
static int seg_find(struct lmdb_store *s, struct kv_txn *txn, size_t i, uint64_t article,
                    const struct obs **out, size_t *n)
{
    *n = 0;
    *out = NULL;
    const struct seg *seg = seg_at(s, i);
    if (!covers(seg, article))
        return 0;
    struct block_cache *b = &s->state.blocks[i];
    if (!b->valid || article < b->first || article >= b->end) {
        const int r = block_load(s, txn, seg, article, b);
        if (r < 0)
            return r;
    }
    const struct obs *list = (const struct obs *)(const void *)b->list.ptr;
    size_t lo = 0, hi = b->list.len / sizeof(*list);
    const size_t end = hi;
    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;
        if (list[mid].ordinal < article)
            lo = mid + 1;
        else
            hi = mid;
    }
    *out = list + lo;
    while (lo + *n < end && list[lo + *n].ordinal == article)
        ++*n;
    return 0;
}

static const struct obs *pending_at(const struct lmdb_store *s, uint32_t i)
{
    return (const struct obs *)(const void *)s->pending.ptr + i;
}

static uint32_t pending_before(const struct lmdb_store *s, uint32_t i)
{
    uint32_t prev;
    memcpy(&prev, s->pending_prev.ptr + (size_t)i * sizeof(prev), sizeof(prev));
    return prev;
}

/* Which observations of an article are wanted. */
struct wanted {
    int64_t from_s, to_s;
    int64_t crawl; /* -1: any */
};

static int add_wanted(const struct wanted *w, const struct obs *list, size_t n,
                      struct buf *out)
{
    int r = 0;
    for (size_t i = 0; i < n && r == 0; i++)
        if (list[i].time_s >= w->from_s && list[i].time_s <= w->to_s)
            r = buf_add(out, &list[i], sizeof(*list));
    return r;
}

static int gather(struct lmdb_store *s, struct kv_txn *txn, uint64_t article,
                  const struct wanted *w, struct buf *out)
{
    int r = 0;
    for (size_t i = 0; i < n_segs(s) && r == 0; i++) {
        const struct seg *seg = seg_at(s, i);
        const struct obs *list;
        size_t n;
        if (seg->last_s < w->from_s || seg->first_s > w->to_s ||
            (w->crawl >= 0 && seg->crawl != w->crawl))
            continue;
        r = seg_find(s, txn, i, article, &list, &n);
        if (r == 0)
            r = add_wanted(w, list, n, out);
    }
    if (txn != s->txn || (w->crawl >= 0 && s->crawl_no != w->crawl))
        return r;
    for (uint32_t i = map_get(&s->pending_last, article); i != MAP_NONE && r == 0;
         i = pending_before(s, i))
        r = add_wanted(w, pending_at(s, i), 1, out);
    return r;
}

int obs_gather_within(struct lmdb_store *s, struct kv_txn *txn, uint64_t article,
                      int64_t from_s, int64_t to_s, struct buf *out)
{
    const struct wanted w = { from_s, to_s, -1 };
    return gather(s, txn, article, &w, out);
}

int obs_gather(struct lmdb_store *s, struct kv_txn *txn, uint64_t article, int64_t crawl,
               struct buf *out)
{
    const struct wanted w = { INT64_MIN, INT64_MAX, crawl };
    return gather(s, txn, article, &w, out);
}

int obs_seen_since(struct lmdb_store *s, struct kv_txn *txn, uint64_t article,
                   int64_t time_s)
{
    for (uint32_t i = map_get(&s->pending_last, article); i != MAP_NONE;
         i = pending_before(s, i))
        if (pending_at(s, i)->time_s >= time_s)
            return 1;
    for (size_t i = n_segs(s); i-- > 0;) {
        const struct obs *list;
        size_t n;
        if (seg_at(s, i)->last_s < time_s)
            continue;
        const int r = seg_find(s, txn, i, article, &list, &n);
        if (r < 0)
            return r;
        /* By time within an article, so the last one is the newest. */
        if (n && list[n - 1].time_s >= time_s)
            return 1;
    }
    return 0;
}

/* --- writing --- */

int obs_add(struct lmdb_store *s, const struct obs *o)
{
    const uint32_t prev = map_get(&s->pending_last, o->ordinal);
    const uint32_t at = (uint32_t)(s->pending.len / sizeof(*o));
    int r = buf_add(&s->pending, o, sizeof(*o));
    if (r == 0)
        r = buf_add(&s->pending_prev, &prev, sizeof(prev));
    if (r == 0)
        r = map_put(&s->pending_last, o->ordinal, at);
    s->dirty = 1;
    return r;
}

void obs_forget(struct lmdb_store *s)
{
    buf_clear(&s->pending);
    buf_clear(&s->pending_prev);
    map_clear(&s->pending_last);
}

/* Where the block that begins at @p from ends: full, and not inside an article. */
static size_t block_end(const struct obs *list, size_t from, size_t n)
{
    size_t end = from + OBS_PER_BLOCK < n ? from + OBS_PER_BLOCK : n;
    while (end < n && list[end].ordinal == list[end - 1].ordinal)
        end++;
    return end;
}

static int put_blocks(struct lmdb_store *s, struct seg *seg, const struct obs *list,
                      size_t n)
{
    CLEANUP(buf_release) struct buf block = BUF_INIT;
    int r = 0;
    for (size_t i = 0; i < n && r == 0;) {
        const size_t end = block_end(list, i, n);
        uint8_t key[OBS_KEY_BYTES];
        put_be(key, seg->no, 4);
        put_be(key + 4, list[i].ordinal, ID_BYTES);
        buf_clear(&block);
        r = obs_encode(s->codec, &block, list + i, end - i);
        if (r == 0)
            r = kv_put(s->txn, T_OBS, text_make((const char *)key, sizeof(key)),
                       text_make(block.ptr, block.len), KV_APPEND);
        seg->n_blocks++;
        i = end;
    }
    return r;
}

/* The last segment's only block goes back into what is pending: 1; 0 it stays, being
 * another crawl's, or long, or damaged. */
static int take_back_last(struct lmdb_store *s)
{
    const size_t n = s->pending.len / sizeof(struct obs);
    if (!n_segs(s))
        return 0;
    const struct seg last = *seg_at(s, n_segs(s) - 1);
    if (last.crawl != (uint32_t)s->crawl_no || last.n > n || last.n + n > OBS_PER_BLOCK ||
        last.n_blocks != 1)
        return 0;
    uint8_t key[OBS_KEY_BYTES], no[4];
    struct sillok_text block;
    put_be(key, last.no, 4);
    put_be(key + 4, last.first_ordinal, ID_BYTES);
    const struct sillok_text k = text_make((const char *)key, sizeof(key));
    int r = kv_get(s->txn, T_OBS, k, &block);
    if (r > 0)
        r = obs_decode(s->codec, &s->pending, block, 0);
    if (r == 0 && s->pending.len / sizeof(struct obs) == n + last.n)
        r = kv_delete(s->txn, T_OBS, k);
    if (r == 0 || r == SILLOK_ECORRUPT) {
        s->pending.len = n * sizeof(struct obs);
        return 0;
    }
    if (r > 0)
        r = kv_delete(s->txn, T_SEG, key_u32(no, last.no));
    if (r < 0)
        return r;
    s->state.counters.segs--;
    s->state.segs.len -= sizeof(last);
    buf_release(&s->state.blocks[--s->state.n_blocks].list);
    return 1;
}

/* A crawler at work brings a few observations a second, and who asks for an article looks
 * into each segment that spans it. So short segments are merged as they come, those of
 * like length (a log-structured merge tree: O'Neil and others, 1996): of a block's worth
 * of them some log2(OBS_PER_BLOCK) are left, and none is written more often. The longer one
 * has a number of its own: a row that was ever written under one says nothing else later,
 * so salvage may believe a page of any commit. */
static int merge_last(struct lmdb_store *s)
{
    int r = 1;
    while (r > 0)
        r = take_back_last(s);
    return r;
}

int obs_flush(struct lmdb_store *s)
{
    if (!s->pending.len)
        return 0;
    const uint32_t last = n_segs(s) ? seg_at(s, n_segs(s) - 1)->no : 0;
    const int merged = merge_last(s);
    if (merged < 0)
        return merged;
    const size_t n = s->pending.len / sizeof(struct obs);
    struct obs *list = (struct obs *)(void *)s->pending.ptr;
    qsort(list, n, sizeof(*list), obs_compare);
    struct seg seg = {
        .no = last + 1,
        .crawl = (uint32_t)s->crawl_no,
        .n = n,
        .first_ordinal = list[0].ordinal,
        .last_ordinal = list[n - 1].ordinal,
        .first_s = list[0].time_s,
        .last_s = list[0].time_s,
    };
    for (size_t i = 1; i < n; i++) {
        seg.first_s = list[i].time_s < seg.first_s ? list[i].time_s : seg.first_s;
        seg.last_s = list[i].time_s > seg.last_s ? list[i].time_s : seg.last_s;
    }
    CLEANUP(buf_release) struct buf value = BUF_INIT;
    uint8_t key[4];
    int r = put_blocks(s, &seg, list, n);
    if (r == 0)
        r = seg_encode(&value, &seg);
    if (r == 0)
        r = row_seal(&value);
    if (r == 0)
        r = kv_put(s->txn, T_SEG, key_u32(key, seg.no), text_make(value.ptr, value.len),
                   KV_APPEND);
    if (r < 0)
        return r;
    s->state.counters.segs++;
    obs_forget(s);
    struct block_cache *blocks =
        realloc(s->state.blocks, (s->state.n_blocks + 1) * sizeof(*blocks));
    if (!blocks)
        return fail_memory();
    s->state.blocks = blocks;
    blocks[s->state.n_blocks++] = (struct block_cache){ .list = BUF_INIT };
    return buf_add(&s->state.segs, &seg, sizeof(seg));
}

/* --- folders and extras --- */

struct sillok_text dir_text(const struct lmdb_store *s, uint32_t id)
{
    char *const *dirs = (char *const *)(const void *)s->state.dirs.ptr;
    const size_t n = s->state.dirs.len / sizeof(*dirs);
    return id && id <= n ? text_of(dirs[id - 1]) : text_make("", 0);
}

static int dir_append(struct lmdb_store *s, struct sillok_text dir, uint32_t id)
{
    char *copy = strndup(dir.ptr, dir.len);
    uint8_t key[4];
    if (!copy)
        return fail_memory();
    int r = buf_add(&s->state.dirs, &copy, sizeof(copy));
    if (r < 0) {
        free(copy);
        return r;
    }
    s->state.counters.dirs++;
    s->dirty = 1;
    CLEANUP(buf_release) struct buf row = BUF_INIT;
    (void)buf_add_text(&row, dir);
    r = row_seal(&row);
    return r < 0 ? r
                 : kv_put(s->txn, T_DIR, key_u32(key, id), text_make(row.ptr, row.len),
                          KV_APPEND);
}

/* Only who writes looks a folder up: what was loaded since is put into the map then. */
static int learn_dirs(struct lmdb_store *s, uint32_t n)
{
    struct state *st = &s->state;
    int r = 0;
    while (r == 0 && st->n_dirs_known < n) {
        const uint32_t id = (uint32_t)++st->n_dirs_known;
        const struct sillok_text dir = dir_text(s, id);
        r = map_put(&st->dir_of, XXH3_64bits(dir.ptr, dir.len), id);
    }
    return r;
}

/* 0 with *id 0: no number for this folder. There are too many of them, or another one has
 * its hash, and to look further could take long with names made for that. */
int dir_id(struct lmdb_store *s, struct sillok_text dir, uint32_t *id)
{
    const uint32_t n = (uint32_t)(s->state.dirs.len / sizeof(char *));
    *id = 0;
    if (dir.len == 0 || memchr(dir.ptr, 0, dir.len))
        return 0;
    const int r = learn_dirs(s, n);
    if (r < 0)
        return r;
    const uint32_t known = map_get(&s->state.dir_of, XXH3_64bits(dir.ptr, dir.len));
    if (known != MAP_NONE) {
        *id = text_equal(dir_text(s, known), dir) ? known : 0;
        return 0;
    }
    if (n >= DIRS_MAX)
        return 0;
    *id = n + 1;
    return dir_append(s, dir, n + 1);
}

int extra_get(struct kv_txn *txn, uint64_t extra, struct extra_row *out)
{
    uint8_t key[ID_BYTES];
    struct sillok_text v;
    *out = (struct extra_row){ 0 };
    const int r = kv_get(txn, T_EXTRA, key_id(key, extra), &v);
    if (r <= 0)
        return r < 0 ? r
                     : damaged("extra row %llu is missing", (unsigned long long)extra);
    const int sealed = row_open(&v, "a file's extra");
    if (sealed < 0)
        return sealed;
    struct cursor c = cursor_of(v.ptr, v.len);
    const uint8_t *flags = cursor_bytes(&c, 1);
    out->has_name = flags && *flags & EXTRA_NAME;
    out->has_residue = flags && *flags & EXTRA_RESIDUE;
    if (out->has_name) {
        const uint64_t len = cursor_varint(&c);
        out->name.ptr = (const char *)cursor_bytes(&c, (size_t)len);
        out->name.len = out->name.ptr ? (size_t)len : 0;
    }
    if (out->has_residue) {
        out->file_digest = cursor_bytes(&c, 16);
        out->raw_len = cursor_varint(&c);
        out->residue = text_make((const char *)c.ptr, cursor_left(&c));
    }
    return c.bad ? damaged("extra row %llu is damaged", (unsigned long long)extra) : 0;
}

int extra_put(struct lmdb_store *s, struct sillok_text name,
              const struct store_item *item, uint64_t *extra)
{
    const struct store_prepared *p = item->prepared;
    CLEANUP(buf_release) struct buf row = BUF_INIT;
    (void)buf_add_char(
        &row, (char)((name.ptr ? EXTRA_NAME : 0) | (item->exact ? 0 : EXTRA_RESIDUE)));
    if (name.ptr) {
        (void)buf_add_varint(&row, name.len);
        (void)buf_add_text(&row, name);
    }
    if (!item->exact) {
        (void)buf_add(&row, p->file_digest, sizeof(p->file_digest));
        (void)buf_add_varint(&row, item->original.len);
        (void)buf_add(&row, p->residue.ptr, p->residue.len);
    }
    if (row_seal(&row) < 0)
        return fail_memory();
    uint8_t key[ID_BYTES];
    *extra = ++s->state.counters.extras;
    s->dirty = 1;
    return kv_put(s->txn, T_EXTRA, key_id(key, *extra), text_make(row.ptr, row.len),
                  KV_APPEND);
}

/* --- files --- */

static int add_path(const struct lmdb_store *s, uint32_t dir, struct sillok_text name,
                    struct buf *path)
{
    const struct sillok_text d = dir_text(s, dir);
    int r = buf_add_text(path, d);
    if (r == 0 && d.len)
        r = buf_add_char(path, '/');
    return r < 0 ? r : buf_add_text(path, name);
}

static int undo_residue(struct lmdb_store *s, const struct extra_row *e, struct buf *data)
{
    CLEANUP(buf_release) struct buf rendered = *data;
    CLEANUP(hasher_free) struct hasher *h = NULL;
    struct sillok_id id;
    buf_init(data, BUF_CEILING);
    int r = codec_decode(s->codec, data, CODEC_DELTA, e->residue, (size_t)e->raw_len,
                         NULL, text_make(rendered.ptr, rendered.len));
    if (r == 0)
        r = hasher_new(&h);
    if (r == 0)
        r = hasher_of(h, text_make(data->ptr, data->len), &id);
    if (r == 0 && memcmp(id.bytes, e->file_digest, 16) != 0)
        return damaged("a file does not have its hash any more");
    return r;
}

int obs_file_read(struct lmdb_store *s, struct kv_txn *txn, const struct chain_obs *o,
                  const struct store_version *v, struct buf *path, struct buf *data)
{
    struct extra_row e = { 0 };
    struct sillok_article a = v->article;
    a.crawled_at_s = o->time_s;
    int r = o->extra ? extra_get(txn, o->extra, &e) : 0;
    if (r == 0 && path)
        r = e.has_name ? buf_add_text(path, e.name) : add_path(s, o->dir, v->name, path);
    if (r == 0 && data) {
        buf_clear(data);
        r = render_file(data, &a, o->form & ~(uint32_t)OBS_MISMATCH);
        if (r == 0 && e.has_residue)
            r = undo_residue(s, &e, data);
    }
    return r < 0 ? fail_context(r, "a file of %.*s/%.*s", (int)a.oid.len, a.oid.ptr,
                                (int)a.aid.len, a.aid.ptr)
                 : 0;
}

int lmdb_file_get(struct sillok_store *base, const struct chain_obs *o,
                  const struct store_version *v, struct buf *path, struct buf *data)
{
    struct lmdb_store *s = lmdb_of(base);
    struct kv_txn *txn;
    int r = view_begin(s, &txn);
    if (r < 0)
        return r;
    r = obs_file_read(s, txn, o, v, path, data);
    view_end(s, txn);
    return r;
}
