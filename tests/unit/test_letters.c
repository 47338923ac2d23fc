#include "store/codec.h"
#include "store/letters.h"
#include "support.h"

static struct sillok_text text_of_buf(const struct buf *b)
{
    return text_make(b->ptr, b->len);
}

/* An alphabet of these code points, as bytes. */
static void add_alphabet(struct buf *out, const uint32_t *points, size_t n)
{
    assert_ok(buf_add_varint(out, n));
    for (size_t i = 0; i < n; i++) {
        uint8_t point[2];
        put_be(point, points[i], sizeof(point));
        assert_ok(buf_add(out, point, sizeof(point)));
    }
}

static void read_alphabet(const struct buf *bytes, struct letters **l,
                          struct letters_table **t)
{
    struct cursor c = cursor_of(bytes->ptr, bytes->len);
    assert_ok(letters_read(l, &c));
    assert_int_equal(cursor_left(&c), 0);
    assert_ok(letters_table_new(t, *l));
}

/* Coded and back, and within the bound. Appends the coded to @p coded, if any. */
static void comes_back(const struct letters *l, const struct letters_table *t,
                       struct sillok_text raw, struct buf *coded)
{
    CLEANUP(buf_release) struct buf mine = BUF_INIT, out = BUF_INIT;
    struct buf *to = coded ? coded : &mine;
    const size_t before = to->len;
    assert_ok(letters_encode(t, to, raw));
    const struct sillok_text got = { to->ptr + before, to->len - before };
    assert_true(got.len <= letters_bound(raw.len));
    assert_ok(buf_add_str(&out, "before"));
    assert_ok(letters_decode(l, &out, got, raw.len));
    assert_int_equal(out.len, 6 + raw.len);
    assert_memory_equal(out.ptr, "before", 6);
    assert_true(raw.len == 0 || memcmp(out.ptr + 6, raw.ptr, raw.len) == 0);
    /* Of any other length it is told. */
    assert_int_equal(letters_decode(l, &out, got, raw.len + 1), SILLOK_ECORRUPT);
    if (raw.len)
        assert_int_equal(letters_decode(l, &out, got, raw.len - 1), SILLOK_ECORRUPT);
}

static void frequent_letters_are_short(void **state)
{
    (void)state;
    CLEANUP(buf_release) struct buf sample = BUF_INIT, bytes = BUF_INIT, coded = BUF_INIT;
    CLEANUP(letters_free) struct letters *l = NULL;
    CLEANUP(letters_table_free) struct letters_table *t = NULL;
    for (int i = 0; i < 5; i++)
        assert_ok(buf_add_str(&sample, "다다다 시시é漢🚢\xed\xa0\x80\xe0\x9f\xbf"));
    assert_ok(buf_add_str(&sample, "둘둘 셋\xff\xfe\xe0\x80"));
    assert_ok(letters_make(&bytes, text_of_buf(&sample)));
    /* By how often: 다 15, 시 10, then é and 漢 with 5 each, the lower first. What comes
     * twice has no place, nor has what is no letter of two or three bytes. */
    assert_int_equal(bytes.len, 1 + 4 * 2);
    assert_memory_equal(bytes.ptr, "\x04\xb2\xe4\xc2\xdc\x00\xe9\x6f\x22", 9);
    read_alphabet(&bytes, &l, &t);
    comes_back(l, t, text_of("시다 é漢a"), &coded);
    assert_int_equal(coded.len, 6);
    assert_memory_equal(coded.ptr,
                        "\x81\x80 \x82\x83"
                        "a",
                        6);
    /* Others as they are, behind a mark: three bytes, or one after the other. */
    buf_clear(&coded);
    comes_back(l, t, text_of("둘ü🚢"), &coded);
    assert_int_equal(coded.len, 4 + 2 * 2 + 4 * 2);
    assert_memory_equal(coded.ptr, "\xfe\xeb\x91\x98\xff\xc3\xff\xbc\xff\xf0", 10);
}

static void whatever_it_is_comes_back(void **state)
{
    static const char *const odd[] = {
        "",
        "a",
        "다",
        "\xeb",
        "\xeb\x8b",
        "a\xeb\x8b",
        "\x80",
        "\xff\xfe\xfd",
        "\xc0\x80",
        "\xe0\x80\x80",
        "\xe0\x83\xa9",
        "\xed\xa0\x80",
        "\xef\xbf\xbf",
        "\xf4\x90\x80\x80",
        "\xc3",
        "é",
        "\xc3\xc3\xa9",
        "다\xeb\x8b\x8b\x8b",
        "가나다라 abc 漢字 🚢 é",
    };
    (void)state;
    CLEANUP(buf_release) struct buf bytes = BUF_INIT;
    CLEANUP(letters_free) struct letters *l = NULL;
    CLEANUP(letters_table_free) struct letters_table *t = NULL;
    const uint32_t points[] = { 0xb2e4, 0xe9, 0x80, 0xffff, 0x7ff, 0x800 };
    add_alphabet(&bytes, points, sizeof(points) / sizeof(points[0]));
    read_alphabet(&bytes, &l, &t);
    for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
        comes_back(l, t, text_of(odd[i]), NULL);
    comes_back(l, t, text_make("a\0b\0\0\0", 6), NULL);
    uint64_t seed = 3;
    for (int i = 0; i < 20000; i++) {
        static const char *const parts[] = { "다",       "é",           "\xe0\x80",
                                             "\xeb",     "x",           "\xef\xbf\xbf",
                                             "\x80",     "漢",          "🚢",
                                             "\xdf\xbf", "\xe0\xa0\x80" };
        CLEANUP(buf_release) struct buf raw = BUF_INIT;
        for (uint64_t n = support_random(&seed) % 9; n; n--)
            assert_ok(buf_add_str(&raw, parts[support_random(&seed) % 11]));
        for (uint64_t n = support_random(&seed) % 3; n; n--)
            assert_ok(buf_add_char(&raw, (char)support_random(&seed)));
        comes_back(l, t, text_of_buf(&raw), NULL);
    }
}

/* At each size at which the table of the header has another L. */
static void alphabets_of_all_sizes(void **state)
{
    static const size_t sizes[] = { 0,   1,   125, 126, 127,  379,  380,
                                    381, 635, 636, 637, 2000, 4095, 4096 };
    (void)state;
    for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
        CLEANUP(buf_release)
        struct buf bytes = BUF_INIT, all = BUF_INIT, coded = BUF_INIT;
        CLEANUP(letters_free) struct letters *l = NULL;
        CLEANUP(letters_table_free) struct letters_table *t = NULL;
        uint32_t points[4096];
        for (size_t i = 0; i < sizes[s]; i++) {
            points[i] = (uint32_t)(0xac00 + i);
            assert_ok(buf_printf(&all, "%c%c%c", (int)(0xe0 | points[i] >> 12),
                                 (int)(0x80 | (points[i] >> 6 & 63)),
                                 (int)(0x80 | (points[i] & 63))));
        }
        add_alphabet(&bytes, points, sizes[s]);
        read_alphabet(&bytes, &l, &t);
        comes_back(l, t, text_of_buf(&all), &coded);
        /* Each has a code of one byte or of two. */
        assert_true(coded.len >= sizes[s] && coded.len <= 2 * sizes[s]);
        assert_true(sizes[s] > 126 || coded.len == sizes[s]);
        comes_back(l, t, text_of("없는 글자 \xff"), NULL);
    }
}

static void damage_is_told(void **state)
{
    (void)state;
    CLEANUP(buf_release) struct buf bytes = BUF_INIT, out = BUF_INIT;
    CLEANUP(letters_free) struct letters *l = NULL, *none = NULL;
    CLEANUP(letters_table_free) struct letters_table *t = NULL;
    uint32_t points[200];
    for (size_t i = 0; i < 200; i++)
        points[i] = (uint32_t)(0xac00 + i);
    add_alphabet(&bytes, points, 200); /* 125 codes of one byte, then fd and a second */
    read_alphabet(&bytes, &l, &t);
    static const struct sillok_text bad[] = {
        { "\xfd", 1 }, { "\xfd\0", 2 },   { "\xfd\x4c", 2 },     { "\xfd\xff", 2 },
        { "\xfe", 1 }, { "\xfe\x41", 2 }, { "\xfe\x41\x41", 3 }, { "\xff", 1 },
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        for (size_t len = 0; len < 6; len++)
            assert_int_equal(letters_decode(l, &out, bad[i], len), SILLOK_ECORRUPT);
    assert_ok(letters_decode(l, &out, text_make("\xfd\x4b", 2), 3)); /* the last one */
    assert_int_equal(out.len, 3);
    /* Cut short, too many, or a letter of one byte. */
    for (size_t n = 0; n < bytes.len; n++) {
        struct cursor c = cursor_of(bytes.ptr, n);
        assert_int_equal(letters_read(&none, &c), SILLOK_ECORRUPT);
    }
    static const struct sillok_text heads[] = { { "\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
                                                  9 },
                                                { "\x81\x20\xac\0", 4 },
                                                { "\x01\x00\x41", 3 },
                                                { "\x01\xd8\x00", 3 } };
    for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
        struct cursor c = cursor_of(heads[i].ptr, heads[i].len);
        assert_int_equal(letters_read(&none, &c), SILLOK_ECORRUPT);
        assert_null(none);
    }
}

static void make_dictionary(struct buf *bytes, struct dict **dict, int letters)
{
    CLEANUP(dict_samples_release) struct dict_samples samples = DICT_SAMPLES_INIT;
    static const char *const words[] = { "시장은", "다리를",   "고쳤다.", "어민들은",
                                         "등대를", "학교에서", "기록을",  "찾았다.",
                                         "바람이", "불었다." };
    uint64_t seed = 11;
    for (int i = 0; i < 600; i++) {
        const size_t before = samples.bytes.len;
        for (int k = 0; k < 30; k++)
            assert_ok(
                buf_printf(&samples.bytes, "%s ", words[support_random(&seed) % 10]));
        assert_ok(dict_samples_end(&samples, before));
    }
    const struct dict_plan plan = { .capacity = 4096, .letters = letters };
    assert_ok(dict_train(bytes, &samples, &plan));
    assert_true(bytes->len > 0);
    assert_ok(dict_new(dict, 1, text_of_buf(bytes)));
}

/* A dictionary with an alphabet begins with 'L', packs smaller, and leaves a text of another
 * script to a frame without it. */
static void dictionaries_with_an_alphabet(void **state)
{
    (void)state;
    CLEANUP(buf_release) struct buf with = BUF_INIT, without = BUF_INIT;
    CLEANUP(dict_free) struct dict *letters = NULL, *plain = NULL;
    CLEANUP(codec_free) struct codec_ctx *c = NULL;
    make_dictionary(&with, &letters, 1);
    make_dictionary(&without, &plain, 0);
    assert_int_equal(with.ptr[0], 'L');
    assert_memory_equal(without.ptr, "\x37\xa4\x30\xec", 4);
    assert_ok(codec_new(&c));
    static const struct {
        const char *text;
        enum codec codec;
    } rows[] = {
        { "쳤시장은를어민등대학교고다리바람서록기이불었찾았에들쳤은장시를민어등학대교다고"
          "리람바서기록불이었았찾들에시쳤은장어를민대등교학고다바리람록서기이었불찾았에들",
          CODEC_DICT },
        { "Nothing of this was in any sample, but for the blanks. Nothing of this was.",
          CODEC_DICT },
        { "It cost £40 at the café 🚢. Nothing of this was in any sample, but for the "
          "blanks. Nothing of this was in any sample, but for the blanks.",
          CODEC_DICT },
        { "", CODEC_PLAIN },
        { "さくらもみじうめつばきあさがおひまわりすみれたんぽぽゆりばらきくはすなのはな"
          "さくらもみじうめつばきあさがおひまわりすみれたんぽぽゆりばらきくはすなのはな",
          CODEC_ZSTD },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        CLEANUP(buf_release) struct buf a = BUF_INIT, b = BUF_INIT, out = BUF_INIT;
        const struct sillok_text raw = text_of(rows[i].text);
        enum codec how, other;
        assert_ok(codec_encode(c, &a, raw, letters, &how));
        assert_ok(codec_encode(c, &b, raw, plain, &other));
        assert_int_equal(how, rows[i].codec);
        if (i == 0)
            assert_true(a.len < b.len);
        assert_ok(codec_decode(c, &out, how, text_of_buf(&a), raw.len, letters,
                               text_make(NULL, 0)));
        assert_true(text_equal(raw, buf_text(&out)));
        if (i)
            continue;
        /* By another dictionary, or of another length, it is never what it was. */
        assert_int_equal(codec_decode(c, &out, how, text_of_buf(&a), raw.len + 1, letters,
                                      text_make(NULL, 0)),
                         SILLOK_ECORRUPT);
        assert_int_equal(codec_decode(c, &out, how, text_of_buf(&b), raw.len, letters,
                                      text_make(NULL, 0)),
                         SILLOK_ECORRUPT);
    }
    /* A damaged alphabet is no dictionary. */
    struct dict *none = NULL;
    with.ptr[1] = '\xff';
    assert_int_equal(dict_new(&none, 1, text_make(with.ptr, 2)), SILLOK_ECORRUPT);
    assert_null(none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frequent_letters_are_short),
        cmocka_unit_test(whatever_it_is_comes_back),
        cmocka_unit_test(alphabets_of_all_sizes),
        cmocka_unit_test(damage_is_told),
        cmocka_unit_test(dictionaries_with_an_alphabet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
