#include "store/recognize.h"

#include "article/profile.h"
#include "base/utf8.h"
#include "store/lmdb.h"

#include <string.h>

static int has_checksum(struct sillok_text value)
{
    return row_open(&value, "") == 0;
}

static int is_article_key(struct sillok_text t)
{
    const char *zero = t.len ? memchr(t.ptr, 0, t.len) : NULL;
    if (!zero)
        return 0;
    const size_t n = (size_t)(zero - t.ptr);
    return profile_fits_key(text_make(t.ptr, n)) &&
           profile_fits_key(text_make(zero + 1, t.len - n - 1));
}

/* Length of the body row at the beginning of @p t, 0 it is none. */
size_t recognize_body(struct sillok_text t)
{
    struct cursor c = cursor_of(t.ptr, t.len);
    const uint8_t *codec = cursor_bytes(&c, 1);
    (void)cursor_bytes(&c, sizeof(struct sillok_id));
    const uint64_t raw_len = cursor_varint(&c);
    if (!codec || *codec > CODEC_DELTA || raw_len > SILLOK_TEXT_MAX_BYTES)
        return 0;
    if (*codec == CODEC_DICT || *codec == CODEC_DELTA)
        (void)cursor_varint(&c);
    const struct sillok_text payload = text_make((const char *)c.ptr, cursor_left(&c));
    const size_t n =
        c.bad ? 0 : codec_payload_len((enum codec) * codec, payload, (size_t)raw_len);
    return n || (!c.bad && raw_len == 0) ? t.len - payload.len + n : 0;
}

/* A body's row that parts follow. */
static int is_first_part(struct sillok_text v)
{
    struct body_row row;
    return body_row_parse(v, &row) == 0 && row.n_parts && row.codec <= CODEC_DELTA &&
           row.raw_len <= SILLOK_TEXT_MAX_BYTES;
}

/* Length of the block of observations at the beginning of @p t, 0 it is none. */
size_t recognize_block(struct sillok_text t)
{
    struct cursor c = cursor_of(t.ptr, t.len);
    (void)cursor_varint(&c);
    const uint8_t *codec = cursor_bytes(&c, 1);
    const uint64_t raw_len = cursor_varint(&c);
    if (c.bad || *codec > CODEC_ZSTD || raw_len > SILLOK_TEXT_MAX_BYTES)
        return 0;
    const struct sillok_text payload = text_make((const char *)c.ptr, cursor_left(&c));
    const size_t n = codec_payload_len((enum codec) * codec, payload, (size_t)raw_len);
    return n && payload.len - n >= 4 ? t.len - payload.len + n + 4 : 0;
}

/* Length of the row of a dictionary at the beginning of @p t where it is packed, which ends
 * with its frame and a sum; 0 it is not. */
static size_t packed_dict_len(struct sillok_text t)
{
    struct sillok_text frame = t;
    size_t raw_len;
    if (dict_payload(&frame, &raw_len) <= 0)
        return 0;
    const size_t n = codec_payload_len(CODEC_ZSTD, frame, raw_len);
    return n && frame.len >= n + ROW_SUM_BYTES ? t.len - frame.len + n + ROW_SUM_BYTES
                                               : 0;
}

static int is_plain_dict(struct sillok_text v)
{
    return v.len > 5 && (uint8_t)v.ptr[0] < N_DICT_KINDS &&
           dict_recognize(text_make(v.ptr + 1, v.len - 1));
}

static int is_seg(struct sillok_text v)
{
    struct seg seg;
    return row_open(&v, "") == 0 && seg_decode(&seg, 1, v) == 0 && seg.n > 0 &&
           seg.n_blocks > 0 && seg.n_blocks <= seg.n;
}

static int is_crawl(struct sillok_text v)
{
    struct store_crawl c;
    struct sillok_text name;
    return crawl_parse(&c, 1, v, &name) == 0 && name.len > 0 && name.ptr[0] != '\0';
}

/* Other rows have such keys, too. Where no sum tells whose page it is, a name is a text
 * without controls. */
static int is_dir(const struct rescue_row *row)
{
    struct sillok_text v = row->value;
    int r = row_open(&v, "") == 0 && v.len > 0 && (row->sealed || utf8_valid(v));
    for (size_t i = 0; r && i < v.len; i++)
        r = row->sealed ? v.ptr[i] != 0 : (uint8_t)v.ptr[i] >= 0x20;
    return r;
}

static int is_version(struct sillok_text v)
{
    struct version_row row;
    return version_row_parse(v, &row) == 0 && row.raw_len <= SILLOK_TEXT_MAX_BYTES &&
           row.codec <= CODEC_DICT && row.body > 0 && row.article > 0 &&
           codec_payload_len(row.codec, row.payload, (size_t)row.raw_len) ==
               row.payload.len;
}

static int is_dict_copy(const struct rescue_row *row)
{
    return dict_of_copy(row->key) && has_checksum(row->value);
}

/* Could it be a row of @p table? */
int recognize_fits(int table, const struct rescue_row *row)
{
    const size_t k = row->key.len;
    struct article_row article;
    switch (table) {
    case T_META:
        return is_dict_copy(row);
    case T_DICT:
        return k == 4 && has_checksum(row->value) &&
               (packed_dict_len(row->value) == row->value.len ||
                is_plain_dict(row->value));
    case T_BODY:
        return k == PART_KEY_BYTES
                   ? has_checksum(row->value)
                   : k == ID_BYTES && (is_first_part(row->value) ||
                                       recognize_body(row->value) == row->value.len);
    case T_VERSION:
        return k == ID_BYTES && is_version(row->value);
    case T_OBS:
        return k == 4 + ID_BYTES && recognize_block(row->value) == row->value.len;
    case T_SEG:
        return k == 4 && is_seg(row->value);
    case T_ORDINAL:
        return k == ID_BYTES && (names_is_row(row->value) || is_article_key(row->value));
    case T_ARTICLE:
        return is_article_key(row->key) && article_row_parse(row->value, &article) == 0;
    case T_EXTRA:
        return k == ID_BYTES && has_checksum(row->value) &&
               row->value.ptr[0] >= EXTRA_NAME && row->value.ptr[0] <= EXTRA_FLAGS;
    case T_DIR:
        return k == 4 && is_dir(row);
    case T_CRAWL:
        return k == 4 && is_crawl(row->value);
    case T_REFUSAL:
        return k == 16 && has_checksum(row->value);
    case T_REF:
        return row->sealed && row->current && k > 0;
    default:
        return 0;
    }
}

/* In an order in which the first that fits is right. */
int recognize_table(const struct rescue_row *row)
{
    static const int order[] = {
        T_META, T_OBS, T_VERSION, T_EXTRA, T_ORDINAL, T_BODY,
        T_DICT, T_SEG, T_CRAWL,   T_DIR,   T_REFUSAL, T_ARTICLE
    };
    for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
        if (recognize_fits(order[i], row))
            return order[i];
    return -1;
}

/* Length of the row of a dictionary at the beginning of @p t, 0 it is none: it ends with
 * its checksum, somewhere in its last page. */
size_t recognize_dict(struct sillok_text t)
{
    enum { SLACK = 4096 };
    const size_t packed = packed_dict_len(t);
    if (packed)
        return has_checksum(text_make(t.ptr, packed)) ? packed : 0;
    if (!is_plain_dict(t))
        return 0;
    for (size_t n = t.len; n > 5 && n + SLACK > t.len; n--)
        if (has_checksum(text_make(t.ptr, n)))
            return n;
    return 0;
}
