#include "store/obs.h"

#include <xxhash.h>

static int compare_u64(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

int obs_compare(const void *a, const void *b)
{
    const struct obs *x = a, *y = b;
    int c = compare_u64(x->ordinal, y->ordinal);
    if (c == 0)
        c = x->time_s < y->time_s ? -1 : x->time_s > y->time_s;
    if (c == 0)
        c = compare_u64(x->version, y->version);
    if (c == 0)
        c = compare_u64(x->extra, y->extra);
    if (c == 0)
        c = compare_u64(x->dir, y->dir);
    return c ? c : compare_u64(x->form, y->form);
}

uint64_t obs_hash(const struct obs *o)
{
    const uint64_t all[] = { o->ordinal, (uint64_t)o->time_s, o->version, o->dir, o->form,
                             o->extra };
    return XXH3_64bits(all, sizeof(all));
}

static uint32_t checksum(const void *ptr, size_t len)
{
    return (uint32_t)XXH3_64bits(ptr, len);
}

static void add_columns(struct buf *out, const struct obs *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        (void)buf_add_varint(out,
                             i ? list[i].ordinal - list[i - 1].ordinal : list[i].ordinal);
    for (size_t i = 0; i < n; i++)
        (void)buf_add_zigzag(out,
                             i ? list[i].time_s - list[i - 1].time_s : list[i].time_s);
    for (size_t i = 0; i < n; i++)
        (void)buf_add_zigzag(out, (int64_t)(list[i].version -
                                            (i ? list[i - 1].version + 1 : (uint64_t)0)));
    for (size_t i = 0; i < n; i++)
        (void)buf_add_varint(out, list[i].dir);
    for (size_t i = 0; i < n; i++)
        (void)buf_add_varint(out, list[i].form);
    for (size_t i = 0; i < n; i++)
        (void)buf_add_varint(out, list[i].extra);
}

int obs_encode(struct codec_ctx *c, struct buf *out, const struct obs *list, size_t n)
{
    CLEANUP(buf_release) struct buf raw = BUF_INIT, packed = BUF_INIT;
    add_columns(&raw, list, n);
    if (raw.failed)
        return fail_memory();
    enum codec codec;
    int r = codec_encode(c, &packed, text_make(raw.ptr, raw.len), NULL, &codec);
    if (r < 0)
        return r;
    const size_t start = out->len;
    (void)buf_add_varint(out, n);
    (void)buf_add_char(out, (char)codec);
    (void)buf_add_varint(out, raw.len);
    (void)buf_add(out, packed.ptr, packed.len);
    if (out->failed)
        return fail_memory();
    uint8_t sum[4];
    put_be(sum, checksum(out->ptr + start, out->len - start), 4);
    return buf_add(out, sum, sizeof(sum));
}

static int damaged(void)
{
    return fail(SILLOK_ECORRUPT, "a block of observations is damaged");
}

static void take_columns(struct cursor *c, struct obs *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        list[i].ordinal = cursor_varint(c) + (i ? list[i - 1].ordinal : 0);
    for (size_t i = 0; i < n; i++)
        list[i].time_s = (int64_t)((uint64_t)cursor_zigzag(c) +
                                   (i ? (uint64_t)list[i - 1].time_s : 0));
    for (size_t i = 0; i < n; i++)
        list[i].version = (uint64_t)cursor_zigzag(c) + (i ? list[i - 1].version + 1 : 0);
    for (size_t i = 0; i < n; i++)
        list[i].dir = (uint32_t)cursor_varint(c);
    for (size_t i = 0; i < n; i++)
        list[i].form = (uint32_t)cursor_varint(c);
    for (size_t i = 0; i < n; i++)
        list[i].extra = cursor_varint(c);
}

int obs_decode(struct codec_ctx *c, struct buf *out, struct sillok_text block,
               uint32_t crawl)
{
    if (block.len < 4 || get_be((const uint8_t *)block.ptr + block.len - 4, 4) !=
                             checksum(block.ptr, block.len - 4))
        return damaged();
    struct cursor in = cursor_of(block.ptr, block.len - 4);
    const uint64_t n = cursor_varint(&in);
    const uint8_t *codec = cursor_bytes(&in, 1);
    const uint64_t raw_len = cursor_varint(&in);
    if (in.bad || n > OBS_BLOCK_MAX || raw_len > SILLOK_TEXT_MAX_BYTES || raw_len < 6 * n)
        return damaged();
    CLEANUP(buf_release) struct buf raw = BUF_INIT;
    const struct sillok_text payload = { (const char *)in.ptr, cursor_left(&in) };
    int r = codec_decode(c, &raw, (enum codec) * codec, payload, (size_t)raw_len, NULL,
                         text_make(NULL, 0));
    if (r == 0)
        r = buf_reserve(out, (size_t)n * sizeof(struct obs));
    if (r < 0)
        return r;
    struct obs *list = (struct obs *)(void *)(out->ptr + out->len);
    struct cursor columns = cursor_of(raw.ptr, raw.len);
    take_columns(&columns, list, (size_t)n);
    if (columns.bad || cursor_left(&columns))
        return damaged();
    for (size_t i = 0; i < n; i++)
        list[i].crawl = crawl;
    out->len += (size_t)n * sizeof(struct obs);
    return 0;
}

int seg_encode(struct buf *out, const struct seg *s)
{
    (void)buf_add_varint(out, s->crawl);
    (void)buf_add_varint(out, s->n);
    (void)buf_add_varint(out, s->first_ordinal);
    (void)buf_add_varint(out, s->last_ordinal - s->first_ordinal);
    (void)buf_add_zigzag(out, s->first_s);
    (void)buf_add_varint(out, (uint64_t)(s->last_s - s->first_s));
    (void)buf_add_varint(out, s->n_blocks);
    return out->failed ? SILLOK_ENOMEM : 0;
}

int seg_decode(struct seg *out, uint32_t no, struct sillok_text value)
{
    struct cursor c = cursor_of(value.ptr, value.len);
    out->no = no;
    out->crawl = (uint32_t)cursor_varint(&c);
    out->n = cursor_varint(&c);
    out->first_ordinal = cursor_varint(&c);
    out->last_ordinal = out->first_ordinal + cursor_varint(&c);
    out->first_s = cursor_zigzag(&c);
    out->last_s = (int64_t)((uint64_t)out->first_s + cursor_varint(&c));
    out->n_blocks = cursor_varint(&c);
    if (c.bad || cursor_left(&c))
        return fail(SILLOK_ECORRUPT, "segment %u is damaged", no);
    return 0;
}
