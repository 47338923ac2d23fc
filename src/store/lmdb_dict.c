/*
 * Dictionaries. Each stands in the file twice, because without it no text that was packed
 * with it can be read:
 *
 *   dict   number              kind 1, bytes; or, 128 added to the kind, raw length
 *                              varint and a zstd frame of the bytes
 *   meta   "dict " and number  codec 1, raw length varint, that row packed
 *
 * Each question unpacks them anew, 0.3 ms for what an ingest makes: only the long ones that
 * compact makes are packed in their first place too, and none in a store before format 4.
 *
 * The second one is written at the end of a later batch, or of a copy of the store, as a
 * rule behind all that came in between, so that one damaged stretch of the file hardly
 * takes both. It is read where the first cannot be; a store of a time before has none until
 * something is written into it.
 */
#include "store/lmdb.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* More than so many that were ever made are not asked for one by one. */
enum { DICTS_MAX = 1 << 16 };
enum { COPY_KEY_BYTES = 16, PACKED = 128, PACKED_FROM_BYTES = 128 << 10 };

/* --- rows --- */

static struct sillok_text copy_key(char out[COPY_KEY_BYTES], uint32_t id)
{
    const int n = snprintf(out, COPY_KEY_BYTES, "dict %u", id);
    return text_make(out, (size_t)n);
}

uint32_t dict_of_copy(struct sillok_text key)
{
    char again[COPY_KEY_BYTES];
    uint64_t id = 0;
    const size_t n = sizeof("dict ") - 1;
    for (size_t i = n; i < key.len && id <= UINT32_MAX; i++)
        id = id * 10 + (uint64_t)(uint8_t)key.ptr[i] - '0';
    return id <= UINT32_MAX && text_equal(key, copy_key(again, (uint32_t)id))
               ? (uint32_t)id
               : 0;
}

/* Take the sum off and see whether it can be a dictionary. */
static int open_row(struct sillok_text *row, uint32_t id)
{
    const int r = row_open(row, "a dictionary");
    if (r < 0)
        return r;
    return row->len < 1 || ((uint8_t)row->ptr[0] & ~(unsigned)PACKED) >= N_DICT_KINDS
               ? damaged("dictionary %u is damaged", id)
               : 1;
}

static int first_row(struct kv_txn *txn, uint32_t id, struct sillok_text *row)
{
    uint8_t key[4];
    const int r = kv_get(txn, T_DICT, key_u32(key, id), row);
    return r <= 0 ? r : open_row(row, id);
}

int dict_unpack(struct sillok_text packed, struct buf *out)
{
    CLEANUP(codec_free) struct codec_ctx *codec = NULL;
    int r = row_open(&packed, "the second copy of a dictionary");
    if (r < 0)
        return r;
    struct cursor c = cursor_of(packed.ptr, packed.len);
    const uint8_t *how = cursor_bytes(&c, 1);
    const uint64_t raw_len = cursor_varint(&c);
    if (c.bad || *how > CODEC_ZSTD || raw_len > SILLOK_TEXT_MAX_BYTES)
        return damaged("the second copy of a dictionary is damaged");
    r = codec_new(&codec);
    if (r == 0)
        r = codec_decode(codec, out, (enum codec) * how,
                         text_make((const char *)c.ptr, cursor_left(&c)), (size_t)raw_len,
                         NULL, text_make(NULL, 0));
    return r;
}

static int second_row(struct kv_txn *txn, uint32_t id, struct buf *space,
                      struct sillok_text *row)
{
    char key[COPY_KEY_BYTES];
    int r = kv_get(txn, T_META, copy_key(key, id), row);
    if (r <= 0)
        return r;
    r = dict_unpack(*row, space);
    *row = text_make(space->ptr, space->len);
    return r < 0 ? r : open_row(row, id);
}

/* 1 with the row, from one copy or the other and without its sum; 0 there is none. What
 * is told of damage is that of the first. */
static int any_row(struct kv_txn *txn, uint32_t id, struct buf *space,
                   struct sillok_text *row)
{
    struct failure first;
    const int r = first_row(txn, id, row);
    if (r > 0 || (r < 0 && r != SILLOK_ECORRUPT))
        return r;
    failure_keep(&first, r);
    const int second = second_row(txn, id, space, row);
    if (second > 0 || (second < 0 && second != SILLOK_ECORRUPT))
        return second;
    return r < 0 ? failure_tell(&first) : second;
}

int dict_payload(struct sillok_text *row, size_t *raw_len)
{
    struct cursor c = cursor_of(row->ptr, row->len);
    const uint8_t *kind = cursor_bytes(&c, 1);
    *raw_len = 0;
    if (!kind || (*kind & ~(unsigned)PACKED) >= N_DICT_KINDS)
        return -1;
    if (*kind & PACKED)
        *raw_len = (size_t)cursor_varint(&c);
    *row = text_make((const char *)c.ptr, cursor_left(&c));
    return c.bad || *raw_len > SILLOK_TEXT_MAX_BYTES ? -1 : (*kind & PACKED) != 0;
}

/* The row as if it were not packed; @p row may be in @p space. */
static int unpack_row(struct sillok_text *row, struct buf *space)
{
    CLEANUP(codec_free) struct codec_ctx *codec = NULL;
    CLEANUP(buf_release) struct buf plain = BUF_INIT;
    const char kind = (char)((uint8_t)row->ptr[0] & ~(unsigned)PACKED);
    struct sillok_text frame = *row;
    size_t raw_len;
    const int is_packed = dict_payload(&frame, &raw_len);
    if (is_packed <= 0)
        return is_packed < 0 ? damaged("a dictionary is damaged") : 1;
    buf_init(&plain, BUF_CEILING);
    int r = codec_new(&codec);
    if (r == 0)
        r = buf_add_char(&plain, kind);
    if (r == 0)
        r = codec_decode(codec, &plain, CODEC_ZSTD, frame, raw_len, NULL,
                         text_make(NULL, 0));
    if (r < 0)
        return r;
    const struct buf swap = *space;
    *space = plain;
    plain = swap;
    *row = buf_text(space);
    return 1;
}

static int ids_of_rows(struct kv_txn *txn, struct buf *ids)
{
    CLEANUP(kv_cursor_close) struct kv_cursor *c = NULL;
    struct sillok_text k, v;
    int r = kv_cursor_open(&c, txn, T_DICT);
    for (r = r < 0 ? r : kv_first(c, &k, &v); r > 0; r = kv_next(c, &k, &v)) {
        if (k.len != 4)
            return damaged("the table of dictionaries is damaged");
        const uint32_t id = (uint32_t)get_be((const uint8_t *)k.ptr, 4);
        if (buf_add(ids, &id, sizeof(id)) < 0)
            return fail_memory();
    }
    return r;
}

/* The numbers, ascending, of those that are there, of @p made that there ever were: some
 * may be gone, which nothing needed any more, but never the newest. */
static int dict_ids(struct kv_txn *txn, uint64_t made, struct buf *ids)
{
    struct failure damage;
    char key[COPY_KEY_BYTES];
    struct sillok_text v;
    const int r = ids_of_rows(txn, ids);
    if (r != SILLOK_ECORRUPT)
        return r;
    failure_keep(&damage, r);
    buf_clear(ids);
    const uint64_t last = made < UINT32_MAX ? made : UINT32_MAX;
    for (uint64_t no = last < DICTS_MAX ? 1 : last - DICTS_MAX; no <= last; no++) {
        const uint32_t id = (uint32_t)no;
        const int there = kv_get(txn, T_META, copy_key(key, id), &v);
        if (there < 0 && there != SILLOK_ECORRUPT)
            return there;
        if (there && buf_add(ids, &id, sizeof(id)) < 0)
            return fail_memory();
    }
    /* An earlier program may have made the newest, or kept copies of what it left out. */
    const uint32_t *id = (const uint32_t *)(const void *)ids->ptr;
    const size_t n = ids->len / sizeof(*id);
    return n && id[n - 1] == last ? 0 : failure_tell(&damage);
}

int dict_row_put(struct kv_txn *txn, struct codec_ctx *codec, uint32_t id,
                 enum dict_kind kind, struct sillok_text bytes)
{
    CLEANUP(buf_release) struct buf row = BUF_INIT, frame = BUF_INIT;
    uint8_t key[4];
    enum codec how = CODEC_PLAIN;
    int r = codec && bytes.len >= PACKED_FROM_BYTES
                ? codec_encode(codec, &frame, bytes, NULL, &how)
                : 0;
    if (r < 0)
        return r;
    (void)buf_add_char(&row, (char)((unsigned)kind | (how == CODEC_ZSTD ? PACKED : 0)));
    if (how == CODEC_ZSTD)
        (void)buf_add_varint(&row, bytes.len);
    (void)buf_add_text(&row, how == CODEC_ZSTD ? buf_text(&frame) : bytes);
    r = row_seal(&row);
    return r < 0 ? r
                 : kv_put(txn, T_DICT, key_u32(key, id), text_make(row.ptr, row.len), 0);
}

static int copy_one(struct kv_txn *txn, struct codec_ctx *codec, uint32_t id)
{
    CLEANUP(buf_release) struct buf payload = BUF_INIT, packed = BUF_INIT;
    uint8_t key[4];
    char second[COPY_KEY_BYTES];
    struct sillok_text row, there;
    enum codec how = CODEC_PLAIN;
    int r = kv_get(txn, T_META, copy_key(second, id), &there);
    if (r != 0)
        return r < 0 ? r : 0;
    r = kv_get(txn, T_DICT, key_u32(key, id), &row);
    there = row;
    if (r > 0)
        r = open_row(&there, id);
    if (r > 0)
        r = codec_encode(codec, &payload, row, NULL, &how);
    if (r < 0)
        return r;
    (void)buf_add_char(&packed, (char)how);
    (void)buf_add_varint(&packed, row.len);
    (void)buf_add(&packed, payload.ptr, payload.len);
    r = row_seal(&packed);
    return r < 0 ? r
                 : kv_put(txn, T_META, copy_key(second, id),
                          text_make(packed.ptr, packed.len), 0);
}

int dicts_copy(struct kv_txn *txn, struct codec_ctx *codec, uint64_t made)
{
    CLEANUP(buf_release) struct buf ids = BUF_INIT;
    int r = dict_ids(txn, made, &ids);
    const uint32_t *id = (const uint32_t *)(const void *)ids.ptr;
    for (size_t i = 0; i < ids.len / sizeof(*id) && r == 0 && id[i] <= made; i++) {
        r = copy_one(txn, codec, id[i]);
        if (r == SILLOK_ECORRUPT)
            r = 0; /* verify tells it; a batch need not fail for it */
    }
    return r == SILLOK_ECORRUPT ? 0 : r;
}

static int check_one(struct kv_txn *txn, uint32_t id, dict_told_fn *told, void *arg)
{
    CLEANUP(buf_release) struct buf space = BUF_INIT;
    char what[600], why[400] = "it is missing";
    struct sillok_text first, second;
    buf_init(&space, BUF_CEILING);
    const int a = first_row(txn, id, &first);
    if (a < 0 && a != SILLOK_ECORRUPT)
        return a;
    if (a < 0) {
        const struct sillok_text t = damage_told();
        snprintf(why, sizeof(why), "%.*s", (int)t.len, t.ptr);
    }
    const int b = second_row(txn, id, &space, &second);
    if (b < 0 && b != SILLOK_ECORRUPT)
        return b;
    if (a > 0 && (b == 0 || (b > 0 && text_equal(first, second))))
        return 0;
    if (a > 0)
        snprintf(what, sizeof(what),
                 "the second copy of dictionary %u is damaged; the first is whole "
                 "(compact mends this)",
                 id);
    else if (b > 0)
        snprintf(what, sizeof(what),
                 "dictionary %u: %s; its second copy is whole and is used (compact mends "
                 "this)",
                 id, why);
    else
        snprintf(what, sizeof(what),
                 "dictionary %u: %s; %s: what was packed with it cannot be read", id, why,
                 b < 0 ? "its second copy is damaged too" : "there is no second copy");
    return told(arg, what);
}

int dicts_check(struct kv_txn *txn, uint64_t made, dict_told_fn *told, void *arg)
{
    CLEANUP(buf_release) struct buf ids = BUF_INIT;
    int r = dict_ids(txn, made, &ids);
    const uint32_t *id = (const uint32_t *)(const void *)ids.ptr;
    for (size_t i = 0; i < ids.len / sizeof(*id) && r == 0; i++)
        r = check_one(txn, id[i], told, arg);
    return r;
}

int dicts_each(struct kv_txn *txn, uint64_t made, dict_fn *fn, void *arg)
{
    CLEANUP(buf_release) struct buf ids = BUF_INIT, space = BUF_INIT;
    buf_init(&space, BUF_CEILING);
    int r = dict_ids(txn, made, &ids);
    const uint32_t *id = (const uint32_t *)(const void *)ids.ptr;
    for (size_t i = 0; i < ids.len / sizeof(*id) && r == 0; i++) {
        struct sillok_text row;
        buf_clear(&space);
        r = any_row(txn, id[i], &space, &row);
        if (r > 0)
            r = unpack_row(&row, &space);
        if (r > 0)
            r = fn(arg, id[i], (enum dict_kind)row.ptr[0],
                   text_make(row.ptr + 1, row.len - 1));
    }
    return r;
}

/* --- of a handle --- */

static int dict_remember(struct lmdb_store *s, uint32_t id, enum dict_kind kind,
                         struct sillok_text bytes, const struct dict **out)
{
    struct loaded_dict *list = realloc(s->dicts, (s->n_dicts + 1) * sizeof(*list));
    if (!list)
        return fail_memory();
    s->dicts = list;
    struct loaded_dict d = { id, kind, NULL };
    const int r = dict_new(&d.dict, id, bytes);
    if (r < 0)
        return r;
    s->dicts[s->n_dicts++] = d;
    *out = d.dict;
    return 0;
}

int dict_get(struct lmdb_store *s, struct kv_txn *txn, uint32_t id,
             const struct dict **out)
{
    CLEANUP(buf_release) struct buf space = BUF_INIT;
    struct sillok_text row;
    int r = 0;
    buf_init(&space, BUF_CEILING);
    *out = NULL;
    pthread_mutex_lock(&s->dict_lock);
    for (size_t i = 0; i < s->n_dicts; i++)
        if (s->dicts[i].id == id)
            *out = s->dicts[i].dict;
    if (!*out) {
        r = any_row(txn, id, &space, &row);
        if (r == 0)
            r = damaged("dictionary %u is missing", id);
        if (r > 0)
            r = unpack_row(&row, &space);
        if (r > 0)
            r = dict_remember(s, id, (enum dict_kind)row.ptr[0],
                              text_make(row.ptr + 1, row.len - 1), out);
    }
    pthread_mutex_unlock(&s->dict_lock);
    return r;
}

/* The newest of each kind is the one that new rows are made with. */
int dicts_load(struct lmdb_store *s, struct kv_txn *txn)
{
    CLEANUP(buf_release) struct buf ids = BUF_INIT;
    const struct dict *d;
    const uint64_t made = s->state.counters.dicts;
    int r = s->n_loaded == made ? 0 : dict_ids(txn, made, &ids);
    const uint32_t *id = (const uint32_t *)(const void *)ids.ptr;
    for (size_t i = 0; i < ids.len / sizeof(*id) && r == 0; i++)
        r = dict_get(s, txn, id[i], &d);
    if (r < 0)
        return r;
    s->n_loaded = made;
    const struct dict *newest[N_DICT_KINDS] = { NULL };
    for (size_t i = 0; i < s->n_dicts; i++) {
        const struct dict **best = &newest[s->dicts[i].kind];
        if (!*best || dict_id(*best) < s->dicts[i].id)
            *best = s->dicts[i].dict;
    }
    /* Written only when they differ: workers may be reading. */
    for (int kind = 0; kind < N_DICT_KINDS; kind++)
        if (s->current[kind] != newest[kind])
            s->current[kind] = newest[kind];
    return 0;
}

void dicts_forget(struct lmdb_store *s, uint64_t committed)
{
    pthread_mutex_lock(&s->dict_lock);
    size_t kept = 0;
    /* Numbers only grow: without one from this batch there is nothing to do, and other
     * threads may be using what is there. */
    if (!s->n_dicts || s->dicts[s->n_dicts - 1].id <= committed) {
        pthread_mutex_unlock(&s->dict_lock);
        return;
    }
    memset(s->current, 0, sizeof(s->current));
    for (size_t i = 0; i < s->n_dicts; i++) {
        if (s->dicts[i].id > committed) {
            dict_free(s->dicts[i].dict);
            continue;
        }
        s->dicts[kept++] = s->dicts[i];
        s->current[s->dicts[i].kind] = s->dicts[i].dict;
    }
    s->n_dicts = kept;
    pthread_mutex_unlock(&s->dict_lock);
}

int dict_put(struct lmdb_store *s, enum dict_kind kind, struct sillok_text bytes)
{
    const struct dict *d;
    const uint32_t id = (uint32_t)++s->state.counters.dicts;
    int r = dict_row_put(s->txn, s->format < FORMAT_LETTERS ? NULL : s->codec, id, kind,
                         bytes);
    if (r < 0)
        return r;
    s->state.counters.dict_bytes += bytes.len;
    s->dirty = 1;
    if (!s->first_dict)
        s->first_dict = id;
    pthread_mutex_lock(&s->dict_lock);
    r = dict_remember(s, id, kind, bytes, &d);
    pthread_mutex_unlock(&s->dict_lock);
    if (r == 0)
        s->current[kind] = d;
    return r;
}
