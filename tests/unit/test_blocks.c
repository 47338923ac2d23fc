/* Stored pieces: codecs, packed observations, metadata records; whole and damaged. */
#include "article/meta.h"
#include "store/obs.h"

#include "support.h"

#include <stdlib.h>
#include <string.h>

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
            assert_int_equal(got[i].seg, 9);
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
    CLEANUP(buf_release) struct buf samples = BUF_INIT, dict_bytes = BUF_INIT;
    size_t lens[400];
    for (int i = 0; i < 400; i++) {
        const size_t before = samples.len;
        assert_ok(buf_printf(&samples, "시험 문장 %d번은 지난해보다 %d%% 늘었다. ", i,
                             i * 7 % 100));
        lens[i] = samples.len - before;
    }
    assert_ok(dict_train(&dict_bytes, samples.ptr, lens, 400, 4096));
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
    struct buf base = BUF_INIT,
               raw = BUF_INIT, packed = BUF_INIT, out = BUF_INIT;
    for (int i = 0; i < 200; i++) {
        assert_ok(buf_printf(&base, "기사 %d의 문장이다. ", i * 31));
        assert_ok(buf_printf(
            &raw, i == 100 ? "고친 문장 %d이다. " : "기사 %d의 문장이다. ", i * 31));
    }
    const struct sillok_text b = { base.ptr, base.len }, t = { raw.ptr, raw.len };
    assert_ok(codec_encode_delta(codec, &packed, t, b));
    assert_true(packed.len < 100);
    assert_ok(codec_decode(codec, &out, CODEC_DELTA, text_make(packed.ptr, packed.len),
                           raw.len, NULL, b));
    assert_true(text_equal(t, text_make(out.ptr, out.len)));
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
        cmocka_unit_test(unchanged_ones_are_small),
        cmocka_unit_test(texts_come_back),
        cmocka_unit_test(deltas_are_small),
        cmocka_unit_test(records_come_back),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
