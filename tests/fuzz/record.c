/*
 * What the store keeps: the first byte says which record the others are. Oracle: bytes
 * that are no record are damage and nothing worse; what was decoded, encoded again,
 * decodes to the same; what is encoded is decoded.
 */
#include "fuzz.h"

#include "article/meta.h"
#include "store/letters.h"
#include "store/lmdb.h"
#include "store/obs.h"
#include "store/recognize.h"

#include <stdlib.h>
#include <xxhash.h>

static struct codec_ctx *codec;

static void read_meta(struct sillok_text record)
{
    static struct buf scratch = BUF_INIT, scratch2 = BUF_INIT, out = BUF_INIT;
    struct sillok_article a = { .oid = text_of("001"), .aid = text_of("0015812889") };
    struct sillok_article b = a;
    struct sillok_text name, again;
    int guessed;
    if (fuzz_failed(meta_decode(&a, &name, record, &scratch), SILLOK_ECORRUPT))
        return;
    buf_clear(&out);
    fuzz_done(meta_encode(&out, &a, name, &guessed), "a record");
    fuzz_done(meta_decode(&b, &again, fuzz_text(&out), &scratch2), "our own record");
    fuzz_equal(again, name, "the name");
    for (int i = 0; i < SILLOK_N_FIELDS; i++)
        fuzz_equal(b.fields[i], a.fields[i], "a field");
}

static void observations_come_back(const struct obs *list, size_t n)
{
    static struct buf packed = BUF_INIT, out = BUF_INIT;
    buf_clear(&packed);
    buf_clear(&out);
    fuzz_done(obs_encode(codec, &packed, list, n), "a block");
    fuzz_done(obs_decode(codec, &out, fuzz_text(&packed), 7), "our own block");
    fuzz_expect(out.len == n * sizeof(*list), "as many observations");
    const struct obs *got = (const struct obs *)(const void *)out.ptr;
    for (size_t i = 0; i < n; i++) {
        const uint64_t was[] = { list[i].ordinal, (uint64_t)list[i].time_s,
                                 list[i].version, list[i].dir,
                                 list[i].form,    list[i].extra };
        const uint64_t is[] = { got[i].ordinal, (uint64_t)got[i].time_s,
                                got[i].version, got[i].dir,
                                got[i].form,    got[i].extra };
        fuzz_equal(text_make((const char *)is, sizeof(is)),
                   text_make((const char *)was, sizeof(was)), "an observation");
    }
}

/* With a right checksum, or none would ever be looked into. */
static void read_block(struct sillok_text block)
{
    static struct buf sealed = BUF_INIT, out = BUF_INIT;
    buf_clear(&sealed);
    buf_clear(&out);
    fuzz_done(buf_add_text(&sealed, block), "memory");
    fuzz_done(row_seal(&sealed), "a checksum");
    if (fuzz_failed(obs_decode(codec, &out, fuzz_text(&sealed), 7), SILLOK_ECORRUPT))
        return;
    if (out.len)
        observations_come_back((const struct obs *)(const void *)out.ptr,
                               out.len / sizeof(struct obs));
}

static void make_block(struct sillok_text bytes)
{
    enum { OBS_BYTES = 16, OBS_MAX = 300 };
    static struct obs list[OBS_MAX];
    size_t n = 0;
    for (; n < OBS_MAX && bytes.len >= OBS_BYTES; n++) {
        const uint8_t *p = (const uint8_t *)bytes.ptr;
        list[n] = (struct obs){ .ordinal = get_be(p, 3),
                                .time_s = (int64_t)get_be(p + 3, 5) - (1LL << 36),
                                .version = get_be(p + 8, 4),
                                .dir = p[12],
                                .form = p[13],
                                .extra = get_be(p + 14, 2) };
        bytes = text_make(bytes.ptr + OBS_BYTES, bytes.len - OBS_BYTES);
    }
    if (!n)
        return;
    qsort(list, n, sizeof(*list), obs_compare);
    observations_come_back(list, n);
}

static void read_segment(struct sillok_text value)
{
    static struct buf out = BUF_INIT;
    struct seg a, b;
    if (fuzz_failed(seg_decode(&a, 3, value), SILLOK_ECORRUPT))
        return;
    buf_clear(&out);
    fuzz_done(seg_encode(&out, &a), "a segment");
    fuzz_done(seg_decode(&b, 3, fuzz_text(&out)), "our own segment");
    const uint64_t was[] = { a.crawl,
                             a.n,
                             a.first_ordinal,
                             a.last_ordinal,
                             (uint64_t)a.first_s,
                             (uint64_t)a.last_s,
                             a.n_blocks };
    const uint64_t is[] = { b.crawl,
                            b.n,
                            b.first_ordinal,
                            b.last_ordinal,
                            (uint64_t)b.first_s,
                            (uint64_t)b.last_s,
                            b.n_blocks };
    fuzz_equal(text_make((const char *)is, sizeof(is)),
               text_make((const char *)was, sizeof(was)), "a segment");
}

/* codec, length, and a payload made by nobody. */
static void unpack(struct sillok_text t)
{
    static struct buf out = BUF_INIT;
    if (t.len < 3)
        return;
    const uint8_t *p = (const uint8_t *)t.ptr;
    const size_t raw_len = (size_t)get_be(p + 1, 2);
    const struct sillok_text payload = { t.ptr + 3, t.len - 3 };
    buf_clear(&out);
    if (fuzz_failed(codec_decode(codec, &out, (enum codec)(p[0] & 7), payload, raw_len,
                                 NULL, text_of("the text that a difference is against")),
                    SILLOK_ECORRUPT))
        return;
    fuzz_expect(out.len == raw_len, "as long as was said");
}

static void pack(struct sillok_text t)
{
    static struct buf packed = BUF_INIT, out = BUF_INIT;
    const struct sillok_text base = fuzz_part(&t, '\x1e');
    enum codec how;
    buf_clear(&packed);
    buf_clear(&out);
    fuzz_done(codec_encode(codec, &packed, t, NULL, &how), "packing");
    fuzz_done(codec_decode(codec, &out, how, fuzz_text(&packed), t.len, NULL, base),
              "unpacking");
    fuzz_equal(fuzz_text(&out), t, "what was packed");
    buf_clear(&packed);
    buf_clear(&out);
    fuzz_done(codec_encode_delta(codec, &packed, t, base), "a difference");
    fuzz_done(
        codec_decode(codec, &out, CODEC_DELTA, fuzz_text(&packed), t.len, NULL, base),
        "a difference undone");
    fuzz_equal(fuzz_text(&out), t, "what it was made of");
}

/* The value of a row of table `crawl`; and a sealed row is opened, a damaged one is not.
 */
static void read_rows(struct sillok_text t)
{
    static struct buf row = BUF_INIT;
    struct store_crawl crawl = { 0 };
    struct sillok_text opened;
    if (!fuzz_failed(crawl_decode(&crawl, 1, t), SILLOK_ECORRUPT))
        fuzz_expect(crawl.name != NULL, "a crawl has a name");
    free(crawl.name);
    buf_clear(&row);
    fuzz_done(buf_add_text(&row, t), "memory");
    fuzz_done(row_seal(&row), "a seal");
    opened = fuzz_text(&row);
    fuzz_done(row_open(&opened, "row"), "our own seal");
    fuzz_equal(opened, t, "the row");
    row.ptr[t.len / 2] = (char)(row.ptr[t.len / 2] ^ 1);
    opened = fuzz_text(&row);
    fuzz_expect(row_open(&opened, "row") == SILLOK_ECORRUPT, "one bit is noticed");
}

static void numbers(struct sillok_text t)
{
    static struct buf out = BUF_INIT;
    struct cursor c = cursor_of(t.ptr, t.len);
    while (cursor_left(&c) && !c.bad) {
        const uint64_t v = cursor_varint(&c);
        if (c.bad)
            break;
        buf_clear(&out);
        fuzz_done(buf_add_varint(&out, v), "memory");
        fuzz_done(buf_add_zigzag(&out, (int64_t)v), "memory");
        struct cursor again = cursor_of(out.ptr, out.len);
        const uint64_t both[] = { cursor_varint(&again),
                                  (uint64_t)cursor_zigzag(&again) };
        const uint64_t want[] = { v, v };
        fuzz_equal(text_make((const char *)both, sizeof(both)),
                   text_make((const char *)want, sizeof(want)), "a number");
        fuzz_expect(!again.bad && !cursor_left(&again), "and nothing more");
    }
}

/* An alphabet, made of the bytes or said by them; then a text, which comes back, and
 * letters made by nobody, which stand for a text or are damage. */
static void spell(struct sillok_text t)
{
    static struct buf bytes = BUF_INIT, coded = BUF_INIT, out = BUF_INIT;
    const struct sillok_text first = fuzz_part(&t, '\x1e');
    CLEANUP(letters_free) struct letters *letters = NULL;
    CLEANUP(letters_table_free) struct letters_table *table = NULL;
    const int made = first.len && first.ptr[0] & 1;
    buf_clear(&bytes);
    buf_clear(&coded);
    buf_clear(&out);
    fuzz_done(made ? letters_make(&bytes, first) : buf_add_text(&bytes, first), "memory");
    struct cursor c = cursor_of(bytes.ptr, bytes.len);
    const int r = letters_read(&letters, &c);
    fuzz_expect(r == 0 || !made, "our own alphabet is one");
    if (fuzz_failed(r, SILLOK_ECORRUPT))
        return;
    fuzz_done(letters_table_new(&table, letters), "a table");
    fuzz_done(letters_encode(table, &coded, t), "spelling");
    fuzz_expect(coded.len <= letters_bound(t.len), "no longer than it may be");
    fuzz_done(letters_decode(letters, &out, fuzz_text(&coded), t.len), "reading");
    fuzz_equal(fuzz_text(&out), t, "what was spelled");
    for (size_t len = 0; len <= 3 * t.len && len < 64; len++) {
        buf_clear(&out);
        if (!fuzz_failed(letters_decode(letters, &out, t, len), SILLOK_ECORRUPT))
            fuzz_expect(out.len == len, "as long as was said");
    }
}

static int is_within(struct sillok_text part, struct sillok_text whole)
{
    return part.ptr >= whole.ptr && part.ptr + part.len <= whole.ptr + whole.len;
}

/* The rows of bodies, versions, articles, keys and dictionaries, as they are and with a
 * right checksum: what is taken out of one lies in it; and none is what a salvage cannot
 * look at. */
static void take_rows_apart(struct sillok_text t)
{
    static struct buf sealed = BUF_INIT;
    struct body_row body;
    struct version_row version;
    struct article_row article;
    buf_clear(&sealed);
    fuzz_done(buf_add_text(&sealed, t), "memory");
    fuzz_done(row_seal(&sealed), "a seal");
    const struct sillok_text forms[] = { t, fuzz_text(&sealed) };
    for (size_t i = 0; i < 2; i++) {
        const struct sillok_text row = forms[i];
        if (!fuzz_failed(body_row_parse(row, &body), SILLOK_ECORRUPT))
            fuzz_expect(is_within(body.payload, row), "a body's payload");
        if (!fuzz_failed(version_row_parse(row, &version), SILLOK_ECORRUPT))
            fuzz_expect(is_within(version.payload, row), "a version's payload");
        if (!fuzz_failed(article_row_parse(row, &article), SILLOK_ECORRUPT))
            fuzz_expect(!article.is_lone || article.lone.version == article.newest,
                        "the revision of an article with one");
        fuzz_expect(!names_extends(row, row), "no row has more keys than itself");
        struct sillok_text frame = row;
        size_t raw_len;
        if (dict_payload(&frame, &raw_len) >= 0)
            fuzz_expect(is_within(frame, row), "a dictionary's payload");
        fuzz_expect(recognize_dict(row) <= row.len, "a dictionary ends");
        fuzz_expect(recognize_body(row) <= row.len, "a body ends");
        fuzz_expect(recognize_block(row) <= row.len, "a block ends");
        for (size_t key = 0; key < 17; key++) {
            const struct rescue_row named = { RESCUE_NO_TABLE, (int)i, 0,
                                              text_make("0123456789abcdefg", key), row };
            const int table = recognize_table(&named);
            fuzz_expect(table < 0 || recognize_fits(table, &named), "it is of its table");
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const kinds[])(struct sillok_text) = {
        read_meta, read_block, make_block, read_segment, unpack,
        pack,      read_rows,  numbers,    spell,        take_rows_apart
    };
    if (!codec)
        fuzz_done(codec_new(&codec), "a codec");
    if (size)
        kinds[data[0] % (sizeof(kinds) / sizeof(kinds[0]))](
            text_make((const char *)data + 1, size - 1));
    return 0;
}
