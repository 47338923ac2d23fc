/* Stored pieces: codecs, packed observations, metadata records; whole and damaged. */
#include "article/meta.h"
#include "store/obs.h"

#include "support.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

static struct codec_ctx *codec;

static int set_up(void **state)
{
    (void)state;
    return codec_new(&codec);
}

static int tear_down(void **state)
{
    (void)state;
    codec_free(codec);
    return 0;
}

static void make_obs(struct obs *list, size_t n, uint64_t seed)
{
    for (size_t i = 0; i < n; i++) {
        list[i] = (struct obs){
            .ordinal = i / 2 + support_random(&seed) % 3,
            .time_s = (int64_t)(support_random(&seed) % 4000000000u) - 1000000000,
            .version = support_random(&seed) % 1000 + 1,
            .dir = (uint32_t)(support_random(&seed) % 3),
            .form = (uint32_t)(support_random(&seed) % 2 ? OBS_MISMATCH : 1),
            .extra = support_random(&seed) % 5 ? 0 : support_random(&seed) >> 30,
        };
    }
    qsort(list, n, sizeof(*list), obs_compare);
}

static void blocks_come_back(void **state)
{
    static const size_t sizes[] = { 1, 2, 3, 100, OBS_PER_BLOCK, OBS_PER_BLOCK + 1 };
    static struct obs list[OBS_PER_BLOCK + 1];
    (void)state;
    for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
        CLEANUP(buf_release) struct buf block = BUF_INIT, out = BUF_INIT;
        make_obs(list, sizes[s], s + 1);
        assert_ok(obs_encode(codec, &block, list, sizes[s]));
        assert_ok(obs_decode(codec, &out, text_make(block.ptr, block.len), 9));
        assert_int_equal(out.len, sizes[s] * sizeof(struct obs));
        const struct obs *got = (const struct obs *)(void *)out.ptr;
        for (size_t i = 0; i < sizes[s]; i++) {
            assert_int_equal(got[i].ordinal, list[i].ordinal);
            assert_int_equal(got[i].time_s, list[i].time_s);
            assert_int_equal(got[i].version, list[i].version);
            assert_int_equal(got[i].dir, list[i].dir);
            assert_int_equal(got[i].form, list[i].form);
            assert_int_equal(got[i].extra, list[i].extra);
            assert_int_equal(got[i].crawl, 9);
        }
    }
}

static void every_flipped_bit_is_seen(void **state)
{
    static struct obs list[50];
    (void)state;
    CLEANUP(buf_release) struct buf block = BUF_INIT, out = BUF_INIT;
    make_obs(list, 50, 3);
    assert_ok(obs_encode(codec, &block, list, 50));
    for (size_t i = 0; i < block.len * 8; i++) {
        block.ptr[i / 8] ^= (char)(1 << (i % 8));
        buf_clear(&out);
        assert_int_equal(obs_decode(codec, &out, text_make(block.ptr, block.len), 1),
                         SILLOK_ECORRUPT);
        block.ptr[i / 8] ^= (char)(1 << (i % 8));
    }
    for (size_t len = 0; len < block.len; len++)
        assert_int_equal(obs_decode(codec, &out, text_make(block.ptr, len), 1),
                         SILLOK_ECORRUPT);
}

/* A field decides only where all before it are equal. */
static void order_of_observations(void **state)
{
    static const struct obs steps[] = {
        { .ordinal = 1 }, { .time_s = 1 }, { .version = 1 },
        { .extra = 1 },   { .dir = 1 },    { .form = 1 },
    };
    enum { N = sizeof(steps) / sizeof(steps[0]) };
    (void)state;
    for (size_t i = 0; i < N; i++) {
        struct obs low = { .crawl = 7 }, high = steps[i];
        assert_int_equal(obs_compare(&low, &high), -1);
        assert_int_equal(obs_compare(&high, &low), 1);
        for (size_t k = i + 1; k < N; k++) { /* all behind it say the contrary */
            low.time_s |= steps[k].time_s;
            low.version |= steps[k].version;
            low.extra |= steps[k].extra;
            low.dir |= steps[k].dir;
            low.form |= steps[k].form;
        }
        assert_int_equal(obs_compare(&low, &high), -1);
        assert_int_equal(obs_compare(&high, &low), 1);
        assert_int_equal(obs_compare(&high, &high), 0);
    }
    const struct obs before = { .time_s = -5 }, after = { .time_s = 5 };
    assert_int_equal(obs_compare(&before, &after), -1);
    const struct obs here = { .crawl = 1 }, there = { .crawl = 2 };
    assert_int_equal(obs_compare(&here, &there),
                     0); /* where it stands is no part of it */
}

static void segments_come_back(void **state)
{
    static const struct seg segs[] = {
        { 1, 1, 1, 1, 1, 1, 0, 0 },
        { 2, 300, 5000, 3, 7, 200000, -86400, 1767323733 },
        { 3, UINT32_MAX, (uint64_t)1 << 40, 1 << 20, 9, (uint64_t)1 << 39, 5, 5 },
        { 4, 1, 2, 1, 0, UINT64_MAX, INT64_MIN / 2, INT64_MAX / 2 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(segs) / sizeof(segs[0]); i++) {
        CLEANUP(buf_release) struct buf b = BUF_INIT;
        struct seg got;
        const struct seg *s = &segs[i];
        assert_ok(seg_encode(&b, s));
        assert_ok(seg_decode(&got, s->no, text_make(b.ptr, b.len)));
        assert_true(got.no == s->no && got.crawl == s->crawl && got.n == s->n &&
                    got.n_blocks == s->n_blocks &&
                    got.first_ordinal == s->first_ordinal &&
                    got.last_ordinal == s->last_ordinal && got.first_s == s->first_s &&
                    got.last_s == s->last_s);
        for (size_t len = 0; len < b.len; len++)
            assert_int_equal(seg_decode(&got, 1, text_make(b.ptr, len)), SILLOK_ECORRUPT);
        assert_ok(buf_add_char(&b, 0));
        assert_int_equal(seg_decode(&got, 1, text_make(b.ptr, b.len)), SILLOK_ECORRUPT);
    }
}

/* A block with a right sum that claims what it likes. */
static void put_block(struct buf *block, uint64_t n, int as, uint64_t raw_len,
                      const struct buf *payload)
{
    uint8_t sum[4];
    buf_clear(block);
    assert_ok(buf_add_varint(block, n));
    assert_ok(buf_add_char(block, (char)as));
    assert_ok(buf_add_varint(block, raw_len));
    assert_ok(buf_add(block, payload->ptr, payload->len));
    put_be(sum, (uint32_t)XXH3_64bits(block->ptr, block->len), 4);
    assert_ok(buf_add(block, sum, 4));
}

/* Sums guard against accidents, not against whoever writes them. */
static void claims_of_a_block_are_checked(void **state)
{
    (void)state;
    CLEANUP(buf_release) struct buf block = BUF_INIT, raw = BUF_INIT, out = BUF_INIT;
    for (int i = 0; i < 12; i++) /* two observations, six bytes each */
        assert_ok(buf_add_char(&raw, 1));
    put_block(&block, 2, CODEC_PLAIN, 12, &raw);
    assert_ok(obs_decode(codec, &out, text_make(block.ptr, block.len), 1));
    assert_int_equal(out.len, 2 * sizeof(struct obs));
    const struct {
        const char *name;
        uint64_t n;
        int as;
        uint64_t raw_len;
        size_t payload;
    } cases[] = {
        { "more observations than bytes", 3, CODEC_PLAIN, 12, 12 },
        { "fewer observations than bytes", 1, CODEC_PLAIN, 12, 12 },
        { "none at all, but bytes", 0, CODEC_PLAIN, 12, 12 },
        { "a payload that is too short", 2, CODEC_PLAIN, 12, 11 },
        { "too many for a block", OBS_BLOCK_MAX + 1, CODEC_PLAIN, 12, 12 },
        { "a number that overflows", UINT64_MAX / 6 + 2, CODEC_PLAIN, 12, 12 },
        { "more bytes than a text may have", 2, CODEC_ZSTD, SILLOK_TEXT_MAX_BYTES + 1,
          12 },
        { "no frame", 2, CODEC_ZSTD, 12, 12 },
        { "a dictionary that is not there", 2, CODEC_DICT, 12, 12 },
        { "a form that there is not", 2, CODEC_DELTA + 1, 12, 12 },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buf part = raw;
        part.len = cases[i].payload;
        put_block(&block, cases[i].n, cases[i].as, cases[i].raw_len, &part);
        buf_clear(&out);
        if (obs_decode(codec, &out, text_make(block.ptr, block.len), 1) !=
            SILLOK_ECORRUPT)
            fail_msg("%s was taken", cases[i].name);
        assert_int_equal(out.len, 0);
    }
    raw.ptr[11] = (char)0x81; /* the last number goes on, but the bytes end */
    put_block(&block, 2, CODEC_PLAIN, 12, &raw);
    assert_int_equal(obs_decode(codec, &out, text_make(block.ptr, block.len), 1),
                     SILLOK_ECORRUPT);
    assert_int_equal(obs_decode(codec, &out, text_make("", 0), 1), SILLOK_ECORRUPT);
}

/* A recrawl without news is what observations are packed for. */
static void unchanged_ones_are_small(void **state)
{
    static struct obs list[OBS_PER_BLOCK];
    (void)state;
    CLEANUP(buf_release) struct buf block = BUF_INIT;
    uint64_t seed = 5;
    for (size_t i = 0; i < OBS_PER_BLOCK; i++)
        list[i] =
            (struct obs){ .ordinal = i + 1,
                          .time_s = 1767323733 + (int64_t)(support_random(&seed) % 3600),
                          .version = i + 1 };
    assert_ok(obs_encode(codec, &block, list, OBS_PER_BLOCK));
    assert_true(block.len < 3 * OBS_PER_BLOCK);
}

static void texts_come_back(void **state)
{
    static const size_t sizes[] = { 0, 1, 99, 100, 101, 2000, 100000 };
    (void)state;
    CLEANUP(buf_release) struct buf dict_bytes = BUF_INIT;
    CLEANUP(dict_samples_release) struct dict_samples samples = DICT_SAMPLES_INIT;
    const struct dict_plan plan = { .capacity = 4096 };
    for (int i = 0; i < 400; i++) {
        const size_t before = samples.bytes.len;
        assert_ok(buf_printf(&samples.bytes, "시험 문장 %d번은 지난해보다 %d%% 늘었다. ",
                             i, i * 7 % 100));
        assert_ok(dict_samples_end(&samples, before));
    }
    assert_ok(dict_train(&dict_bytes, &samples, &plan));
    assert_true(dict_bytes.len > 0);
    struct dict *dict;
    assert_ok(dict_new(&dict, 7, text_make(dict_bytes.ptr, dict_bytes.len)));
    for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
        CLEANUP(buf_release) struct buf raw = BUF_INIT, packed = BUF_INIT, out = BUF_INIT;
        for (int i = 0; raw.len < sizes[s]; i++)
            assert_ok(buf_printf(&raw, "문장 %d. ", i));
        raw.len = sizes[s];
        const struct sillok_text t = { raw.ptr, raw.len };
        for (int with = 0; with < 2; with++) {
            enum codec c;
            buf_clear(&packed);
            buf_clear(&out);
            assert_ok(codec_encode(codec, &packed, t, with ? dict : NULL, &c));
            assert_true(packed.len <= raw.len);
            /* RFC 8878 3.1.1.1.1: neither length nor dictionary stand in the frame too.
             */
            if (c != CODEC_PLAIN)
                assert_int_equal(packed.ptr[4] & 0xe3, 0);
            assert_ok(codec_decode(codec, &out, c, text_make(packed.ptr, packed.len),
                                   raw.len, with ? dict : NULL, text_make(NULL, 0)));
            assert_true(text_equal(t, text_make(out.ptr, out.len)));
            /* A length that is not its own is never believed. */
            buf_clear(&out);
            assert_int_equal(codec_decode(codec, &out, c,
                                          text_make(packed.ptr, packed.len), raw.len + 1,
                                          with ? dict : NULL, text_make(NULL, 0)),
                             SILLOK_ECORRUPT);
        }
    }
    dict_free(dict);
}

static void deltas_are_small(void **state)
{
    (void)state;
    CLEANUP(buf_release)
    struct buf base = BUF_INIT, raw = BUF_INIT, packed = BUF_INIT, out = BUF_INIT;
    for (int i = 0; i < 200; i++) {
        assert_ok(buf_printf(&base, "기사 %d의 문장이다. ", i * 31));
        assert_ok(buf_printf(
            &raw, i == 100 ? "고친 문장 %d이다. " : "기사 %d의 문장이다. ", i * 31));
    }
    const struct sillok_text b = { base.ptr, base.len }, t = { raw.ptr, raw.len };
    assert_ok(codec_encode_delta(codec, &packed, t, b));
    assert_true(packed.len < 100);
    assert_int_equal(packed.ptr[4] & 0xe0, 0); /* without its length */
    assert_ok(codec_decode(codec, &out, CODEC_DELTA, text_make(packed.ptr, packed.len),
                           raw.len, NULL, b));
    assert_true(text_equal(t, text_make(out.ptr, out.len)));
}

/* Bases and texts of more than a window: what is old is found all the same. */
static void deltas_reach_far(void **state)
{
    (void)state;
    CLEANUP(buf_release)
    struct buf base = BUF_INIT, raw = BUF_INIT, packed = BUF_INIT, out = BUF_INIT;
    uint64_t seed = 9;
    for (size_t i = 0; i < 3 << 17; i++) { /* 3 MiB that cannot be packed */
        const uint64_t v = support_random(&seed);
        assert_ok(buf_add(&base, &v, sizeof(v)));
    }
    assert_ok(buf_add(&raw, base.ptr, base.len));
    raw.ptr[1000] ^= 1;
    const struct sillok_text b = { base.ptr, base.len }, t = { raw.ptr, raw.len };
    assert_ok(codec_encode_delta(codec, &packed, t, b));
    assert_true(packed.len < raw.len / 100);
    assert_ok(buf_add_str(&out, "before"));
    assert_ok(codec_decode(codec, &out, CODEC_DELTA, text_make(packed.ptr, packed.len),
                           raw.len, NULL, b));
    assert_int_equal(out.len, raw.len + 6);
    assert_memory_equal(out.ptr + 6, raw.ptr, raw.len);
    /* Against another base it is something else, and that is told. */
    base.ptr[3000] ^= 1;
    buf_clear(&out);
    const int r = codec_decode(codec, &out, CODEC_DELTA,
                               text_make(packed.ptr, packed.len), raw.len, NULL, b);
    assert_true(r == SILLOK_ECORRUPT || !text_equal(t, text_make(out.ptr, out.len)));
}

/* What is asked of stored texts that are not what they claim. */
static void claims_of_a_text_are_checked(void **state)
{
    (void)state;
    CLEANUP(buf_release) struct buf raw = BUF_INIT, packed = BUF_INIT, out = BUF_INIT;
    const struct sillok_text none = { NULL, 0 };
    enum codec c;
    for (int i = 0; i < 300; i++)
        assert_ok(buf_add_str(&raw, "같은 말 "));
    assert_ok(buf_add_str(&packed, "before"));
    assert_ok(codec_encode(codec, &packed, text_make(raw.ptr, raw.len), NULL, &c));
    assert_int_equal(c, CODEC_ZSTD);
    assert_true(packed.len < 6 + raw.len / 10);
    const struct sillok_text frame = { packed.ptr + 6, packed.len - 6 };
    assert_int_equal(codec_payload_len(c, frame, raw.len), frame.len);
    assert_int_equal(codec_payload_len(c, text_make(frame.ptr, frame.len - 1), raw.len),
                     0);
    assert_int_equal(codec_payload_len(CODEC_PLAIN, frame, frame.len), frame.len);
    assert_int_equal(codec_payload_len(CODEC_PLAIN, frame, 3), 3);
    assert_int_equal(codec_payload_len(CODEC_PLAIN, frame, frame.len + 1), 0);

    assert_int_equal(codec_decode(codec, &out, c, frame, raw.len - 1, NULL, none),
                     SILLOK_ECORRUPT);
    assert_int_equal(codec_decode(codec, &out, c, frame, raw.len + 1, NULL, none),
                     SILLOK_ECORRUPT);
    assert_int_equal(
        codec_decode(codec, &out, c, frame, SILLOK_TEXT_MAX_BYTES + 1, NULL, none),
        SILLOK_ECORRUPT);
    assert_int_equal(codec_decode(codec, &out, CODEC_DICT, frame, raw.len, NULL, none),
                     SILLOK_ECORRUPT);
    assert_int_equal(codec_decode(codec, &out, (enum codec)(CODEC_DELTA + 1), frame,
                                  raw.len, NULL, none),
                     SILLOK_ECORRUPT);
    assert_int_equal(codec_decode(codec, &out, CODEC_PLAIN, frame, 3, NULL, none),
                     SILLOK_ECORRUPT);
    assert_int_equal(out.len, 0); /* a failure appends nothing */
}

static void records_come_back(void **state)
{
    static const char *const names[] = { "001_12_제목_a-b.md", "다른 이름.md", "",
                                         "001_12.md" };
    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct sillok_article a = { .oid = text_of("001"), .aid = text_of("12") }, b = a;
        CLEANUP(buf_release) struct buf record = BUF_INIT, scratch = BUF_INIT;
        struct sillok_text name;
        a.fields[SILLOK_TITLE] = text_of("제목, A-B!");
        a.fields[SILLOK_AUTHOR] = text_of("\n\t\t기자\n");
        a.fields[SILLOK_URL] =
            text_of(i % 2 ? "https://n.news.naver.com/mnews/article/001/12"
                          : "https://example.org/x?a=1");
        int guessed;
        assert_ok(meta_encode(&record, &a, text_of(names[i]), &guessed));
        assert_int_equal(guessed, i == 0);
        assert_ok(meta_decode(&b, &name, text_make(record.ptr, record.len), &scratch));
        for (int f = 0; f < SILLOK_N_FIELDS; f++)
            assert_true(text_equal(a.fields[f], b.fields[f]));
        assert_true(text_is(name, names[i]));
        for (size_t len = 0; len < record.len; len++)
            assert_int_equal(meta_decode(&b, &name, text_make(record.ptr, len), &scratch),
                             SILLOK_ECORRUPT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_come_back),
        cmocka_unit_test(every_flipped_bit_is_seen),
        cmocka_unit_test(order_of_observations),
        cmocka_unit_test(segments_come_back),
        cmocka_unit_test(claims_of_a_block_are_checked),
        cmocka_unit_test(unchanged_ones_are_small),
        cmocka_unit_test(texts_come_back),
        cmocka_unit_test(deltas_are_small),
        cmocka_unit_test(deltas_reach_far),
        cmocka_unit_test(claims_of_a_text_are_checked),
        cmocka_unit_test(records_come_back),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
