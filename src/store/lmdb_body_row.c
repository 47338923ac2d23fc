/*
 * Rows of bodies.
 *
 *   id         codec 1 | SHA-256 32 | raw length varint | [dict or base varint] | payload
 *   id, part   more of the payload, | checksum 4
 *
 * LMDB gives a row that is longer than half a page pages of its own, and what is left of the
 * last one is lost: a third, of articles of such length. So a row of up to CUT_MAX bytes is
 * cut into parts, the first as long as the last page has room for. The high half of
 * the codec byte is how many parts follow, numbered from 1; where some do, the row ends
 * with a checksum too, since no frame in it tells where it ends. Stores before format 4 have
 * whole rows only.
 */
#include "store/lmdb.h"

#include <string.h>

/* PART_LEAST: of the room that is worth a first part, which has all before the payload. */
enum { CODEC_BITS = 4, CUT_MAX = 16 << 10, PART_LEAST = 128 };

static struct sillok_text part_key(uint8_t out[PART_KEY_BYTES], uint64_t body,
                                   unsigned part)
{
    put_be(out, body, ID_BYTES);
    out[ID_BYTES] = (uint8_t)part;
    return text_make((const char *)out, PART_KEY_BYTES);
}

/* --- reading --- */

int body_row_parse(struct sillok_text value, struct body_row *out)
{
    const unsigned byte = value.len ? (uint8_t)value.ptr[0] : 0;
    *out = (struct body_row){ .codec = (enum codec)(byte & ((1 << CODEC_BITS) - 1)),
                              .n_parts = byte >> CODEC_BITS };
    const int r = out->n_parts ? row_open(&value, "a body") : 0;
    if (r < 0)
        return r;
    struct cursor c = cursor_of(value.ptr, value.len);
    (void)cursor_bytes(&c, 1);
    const uint8_t *id = cursor_bytes(&c, sizeof(out->id.bytes));
    out->raw_len = cursor_varint(&c);
    if (out->codec == CODEC_DICT)
        out->dict = (uint32_t)cursor_varint(&c);
    else if (out->codec == CODEC_DELTA)
        out->base = cursor_varint(&c);
    if (c.bad)
        return damaged("the row of a body is damaged");
    memcpy(out->id.bytes, id, sizeof(out->id.bytes));
    out->payload = text_make((const char *)c.ptr, cursor_left(&c));
    return 0;
}

int body_row_get(struct kv_txn *txn, uint64_t body, struct body_row *out)
{
    uint8_t key[ID_BYTES];
    struct sillok_text value;
    int r = kv_get(txn, T_BODY, key_id(key, body), &value);
    if (r == 0)
        return damaged("body number %llu is missing", (unsigned long long)body);
    if (r > 0)
        r = body_row_parse(value, out);
    return r < 0 ? fail_context(r, "body number %llu", (unsigned long long)body) : 0;
}

int body_row_join(struct kv_txn *txn, uint64_t body, struct body_row *row,
                  struct buf *space)
{
    if (!row->n_parts)
        return 0;
    buf_clear(space);
    int r = buf_add_text(space, row->payload);
    for (unsigned part = 1; part <= row->n_parts && r == 0; part++) {
        uint8_t key[PART_KEY_BYTES];
        struct sillok_text value;
        r = kv_get(txn, T_BODY, part_key(key, body, part), &value);
        if (r == 0)
            return damaged("part %u of body number %llu is missing", part,
                           (unsigned long long)body);
        if (r > 0)
            r = row_open(&value, "a part of a body");
        if (r == 0)
            r = buf_add_text(space, value);
    }
    row->payload = buf_text(space);
    return r;
}

/* --- writing --- */

/* Behind its length stands the number of a dictionary, of a base, or none. */
static int has_number(const struct body_row *row)
{
    return row->codec == CODEC_DICT || row->codec == CODEC_DELTA;
}

static uint64_t number_in(const struct body_row *row)
{
    return row->codec == CODEC_DICT ? row->dict : row->base;
}

size_t body_row_bytes(const struct body_row *row)
{
    return 1 + sizeof(row->id.bytes) + varint_bytes(row->raw_len) +
           (has_number(row) ? varint_bytes(number_in(row)) : 0) + row->payload.len;
}

/* All that stands before the payload. */
static int head_make(struct buf *out, const struct body_row *row)
{
    buf_clear(out);
    (void)buf_add_char(out, (char)row->codec);
    (void)buf_add(out, row->id.bytes, sizeof(row->id.bytes));
    (void)buf_add_varint(out, row->raw_len);
    if (has_number(row))
        (void)buf_add_varint(out, number_in(row));
    return out->failed ? fail_memory() : 0;
}

static int put(struct kv_txn *txn, struct fill *fill, struct sillok_text key,
               struct sillok_text value, size_t *stored)
{
    const int r = kv_put(txn, T_BODY, key, value, KV_APPEND);
    *stored += value.len;
    return r < 0 ? r : fill_put(fill, txn, key.len, value.len);
}

/* As several; @p value begins as the head. */
static int put_parts(struct kv_txn *txn, struct fill *fill, uint64_t body,
                     struct sillok_text payload, struct buf *value, size_t *stored)
{
    uint8_t id[ID_BYTES], key[PART_KEY_BYTES];
    const size_t most = fill_most(fill, PART_KEY_BYTES) - ROW_SUM_BYTES;
    size_t room = fill_room(fill, ID_BYTES);
    if (room < PART_LEAST)
        room = fill_most(fill, ID_BYTES);
    size_t at = room - ROW_SUM_BYTES - value->len;
    const unsigned n_parts = (unsigned)((payload.len - at + most - 1) / most);
    value->ptr[0] = (char)((uint8_t)value->ptr[0] | n_parts << CODEC_BITS);
    int r = buf_add(value, payload.ptr, at);
    if (r == 0)
        r = row_seal(value);
    if (r == 0)
        r = put(txn, fill, key_id(id, body), buf_text(value), stored);
    for (unsigned part = 1; part <= n_parts && r == 0; part++) {
        const size_t left = payload.len - at, n = left < most ? left : most;
        buf_clear(value);
        r = buf_add(value, payload.ptr + at, n);
        if (r == 0)
            r = row_seal(value);
        if (r == 0)
            r = put(txn, fill, part_key(key, body, part), buf_text(value), stored);
        at += n;
    }
    return r;
}

int body_row_put(struct kv_txn *txn, struct fill *fill, uint64_t body,
                 const struct body_row *row, struct buf *space, size_t *stored)
{
    uint8_t key[ID_BYTES];
    int r = head_make(space, row);
    *stored = 0;
    if (r == 0 && body_row_is_cut(fill, body_row_bytes(row)))
        return put_parts(txn, fill, body, row->payload, space, stored);
    if (r == 0)
        r = buf_add_text(space, row->payload);
    return r < 0 ? r : put(txn, fill, key_id(key, body), buf_text(space), stored);
}

int body_row_is_cut(const struct fill *fill, size_t row_bytes)
{
    return fill->cuts && row_bytes > fill_most(fill, ID_BYTES) && row_bytes <= CUT_MAX;
}

int body_row_delete(struct kv_txn *txn, uint64_t body, size_t *stored)
{
    uint8_t key[PART_KEY_BYTES];
    struct body_row row = { 0 };
    struct sillok_text value;
    int r = body_row_get(txn, body, &row);
    *stored = 0;
    for (unsigned part = 0; r >= 0 && part <= row.n_parts; part++) {
        struct sillok_text k = part_key(key, body, part);
        k.len = part ? PART_KEY_BYTES : ID_BYTES;
        r = kv_get(txn, T_BODY, k, &value);
        if (r > 0) {
            *stored += value.len;
            r = kv_delete(txn, T_BODY, k);
        }
    }
    return r < 0 ? r : 0;
}

void body_row_count(struct counters *n, const struct body_row *row, size_t stored, int by)
{
    const uint64_t one = by > 0 ? 1 : UINT64_MAX; /* minus one */
    n->body_bytes_stored += one * stored;
    n->plain += one * (row->codec == CODEC_PLAIN || row->codec == CODEC_ZSTD);
    n->dictionary += one * (row->codec == CODEC_DICT);
    if (row->codec == CODEC_DELTA) {
        n->delta += one;
        n->delta_bytes += one * row->raw_len;
        n->delta_bytes_stored += one * stored;
    }
}
