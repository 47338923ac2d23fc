/*
 * What near duplicates are found by: shingles that layout does not touch, sketches that
 * estimate and their bands, bare headlines and months. All texts are made up.
 */
#include "support.h"

#include "near/follow.h"
#include "near/headline.h"
#include "near/near.h"
#include "near/shingle.h"
#include "near/sketch.h"

#include <stdlib.h>
#include <string.h>

/* --- shingles --- */

static void test_layout_makes_no_difference(void **state)
{
    static const struct {
        const char *name, *a, *b;
        int same_f1;
    } cases[] = {
        { "white space", "새 도서관이 문을 열었다.", "새도서관이\n문을\t열었다. ", 1 },
        { "no-break space", "새 도서관이 문을", "새\xC2\xA0도서관이\xE3\x80\x80문을", 1 },
        { "quotes", "“고맙다”고 ‘그’가", "\"고맙다\"고 '그'가", 1 },
        { "dots and dashes", "가·나…다–라", "가ㆍ나...다-라", 1 },
        { "full width", "ＡＢＣ１２３나라말", "ABC123나라말", 1 },
        { "case", "The Old Bridge", "the OLD bridge", 0 },
        { "case beyond ASCII", "ÉCOLE ΑΒΓ ДОМ", "école αβγ дом", 0 },
        { "conjoining jamo", "가나다라마", "\xE1\x84\x80\xE1\x85\xA1나다라마", 1 },
    };
    (void)state;
    struct shingles a, b;
    shingles_init(&a);
    shingles_init(&b);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_ok(shingles_read(&a, text_of(cases[i].a)));
        assert_ok(shingles_read(&b, text_of(cases[i].b)));
        if (a.n == 0 || a.n != b.n ||
            memcmp(a.hashes.ptr, b.hashes.ptr, a.hashes.len) != 0)
            fail_msg("%s: other shingles", cases[i].name);
        if ((a.f1_hash == b.f1_hash) != cases[i].same_f1)
            fail_msg("%s: F1", cases[i].name);
    }
    shingles_release(&a);
    shingles_release(&b);
}

static void test_shingles_of_any_bytes(void **state)
{
    static const struct {
        const char *name, *text;
        size_t len, n_chars, n;
    } cases[] = {
        { "nothing", "", 0, 0, 0 },
        { "blanks only", " \n\t ", 4, 0, 0 },
        { "four characters", "가나다라", 12, 4, 0 },
        { "five", "가나다라마", 15, 5, 1 },
        { "six, one twice", "aaaaaa", 6, 6, 1 },
        { "not UTF-8", "\xff\xfe\xfd\xfc\xfb\xfa", 6, 6, 2 },
        { "cut short", "가나다라\xEA\xB0", 14, 6, 2 },
        { "a zero byte", "ab\0cde", 6, 6, 2 },
        { "grows in lower case", "ȺȺȺȺȺ", 10, 5, 1 },
    };
    (void)state;
    struct shingles s;
    shingles_init(&s);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_ok(shingles_read(&s, text_make(cases[i].text, cases[i].len)));
        shingles_sort(&s);
        if (s.n_chars != cases[i].n_chars || s.n != cases[i].n)
            fail_msg("%s: %zu characters, %zu shingles", cases[i].name, s.n_chars, s.n);
    }
    shingles_release(&s);
}

static void test_jaccard(void **state)
{
    static const uint64_t a[] = { 1, 3, 5, 7 }, b[] = { 3, 4, 5, 9, 11 };
    (void)state;
    assert_true(shingles_jaccard(a, 4, a, 4) >= 1);
    assert_true(shingles_jaccard(a, 4, b, 5) * 7 - 2 < 1e-9);
    assert_true(shingles_jaccard(a, 4, b, 5) * 7 - 2 > -1e-9);
    assert_true(shingles_jaccard(a, 4, b, 0) <= 0);
    assert_true(shingles_jaccard(a, 0, b, 0) <= 0);
}

/* --- sketches --- */

enum { SET_MAX = 2000 };

/* Two sets of @p n hashes each with the Jaccard @p share; returns the exact one. */
static double make_sets(uint64_t *random, double share, size_t n, uint64_t *a,
                        uint64_t *b)
{
    const size_t both = (size_t)(2 * share / (1 + share) * (double)n + 0.5);
    for (size_t i = 0; i < n; i++) {
        a[i] = support_random(random);
        b[i] = i < both ? a[i] : support_random(random);
    }
    return (double)both / (double)(2 * n - both);
}

static double estimate_of(const uint64_t *a, size_t n_a, const uint64_t *b, size_t n_b)
{
    struct sketch x, y;
    uint8_t p[SKETCH_BYTES], q[SKETCH_BYTES];
    sketch_make(&x, a, n_a);
    sketch_make(&y, b, n_b);
    sketch_pack(p, &x);
    sketch_pack(q, &y);
    return sketch_estimate(p, q);
}

static void test_sketch_of_a_set(void **state)
{
    uint64_t random = 1, a[100], b[200];
    struct sketch x, y;
    (void)state;
    for (int i = 0; i < 100; i++)
        a[i] = support_random(&random);
    for (int i = 0; i < 200; i++)
        b[i] = a[(i * 37 + 11) % 100];
    sketch_make(&x, a, 100);
    sketch_make(&y, b, 200);
    assert_memory_equal(&x, &y, sizeof(x));
    assert_true(estimate_of(a, 100, b, 200) >= 1);
}

static void test_packing(void **state)
{
    struct sketch s;
    uint8_t p[SKETCH_BYTES], q[SKETCH_BYTES];
    (void)state;
    for (uint32_t i = 0; i < SKETCH_BINS; i++)
        s.bins[i] = 0xabcdef00 | (i * 7 & 0xff);
    sketch_pack(p, &s);
    for (uint32_t i = 0; i < SKETCH_BINS; i++)
        assert_int_equal(p[i / 2] >> (i % 2 * 4) & 15, i * 7 & 15);
    for (unsigned differ = 0; differ <= SKETCH_BINS; differ += 16) {
        memcpy(q, p, sizeof(q));
        for (unsigned i = 0; i < differ; i++)
            q[i / 2] ^= (uint8_t)(1 << (i % 2 * 4 + i % 4));
        const double want = (1 - (double)differ / SKETCH_BINS - 1.0 / 16) / (15.0 / 16);
        assert_true(sketch_estimate(p, q) - want < 1e-9);
        assert_true(sketch_estimate(p, q) - want > -1e-9);
    }
}

static void test_estimates(void **state)
{
    static const double shares[] = { 0, 0.3, 0.5, 0.7, 0.9, 1 };
    enum { ROUNDS = 200 };
    static uint64_t a[SET_MAX], b[SET_MAX];
    uint64_t random = 2;
    (void)state;
    for (size_t i = 0; i < sizeof(shares) / sizeof(shares[0]); i++) {
        double sum = 0;
        for (int round = 0; round < ROUNDS; round++) {
            const size_t n = 100 + support_random(&random) % (SET_MAX - 100);
            const double exact = make_sets(&random, shares[i], n, a, b);
            const double error = estimate_of(a, n, b, n) - exact;
            if (error > 0.25 || error < -0.25)
                fail_msg("off by %.2f at %.2f of %zu", error, exact, n);
            sum += error;
        }
        if (sum / ROUNDS > 0.02 || sum / ROUNDS < -0.02)
            fail_msg("leans by %.3f at %.2f", sum / ROUNDS, shares[i]);
    }
}

static void test_empty_bins_are_filled_alike(void **state)
{
    uint64_t random = 3, a[64], b[64];
    struct sketch s;
    (void)state;
    for (size_t n = 1; n <= 64; n++) {
        for (size_t i = 0; i < n; i++)
            a[i] = support_random(&random);
        sketch_make(&s, a, n);
        for (int i = 0; i < SKETCH_BINS; i++) {
            int known = 0;
            for (size_t k = 0; k < n; k++)
                known |= s.bins[i] == (uint32_t)a[k];
            assert_true(known);
        }
    }
    double sum = 0;
    for (int round = 0; round < 300; round++) {
        const double exact = make_sets(&random, 0.6, 40, a, b);
        sum += estimate_of(a, 40, b, 40) - exact;
    }
    assert_true(sum / 300 < 0.03 && sum / 300 > -0.03);
}

static void test_bands(void **state)
{
    static const struct {
        double share, least, most;
    } cases[] = { { 0, 0, 0.01 }, { 0.3, 0.04, 0.25 }, { 0.7, 0.97, 1 }, { 0.9, 1, 1 } };
    enum { ROUNDS = 400 };
    static uint64_t a[SET_MAX], b[SET_MAX];
    uint64_t random = 4;
    struct sketch x, y;
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int hits = 0;
        for (int round = 0; round < ROUNDS; round++) {
            (void)make_sets(&random, cases[i].share, 800, a, b);
            sketch_make(&x, a, 800);
            sketch_make(&y, b, 800);
            int shared = 0;
            for (int k = 0; k < SKETCH_BANDS; k++) {
                assert_true(sketch_band(&x, k) < (uint64_t)1 << SKETCH_BAND_BITS);
                shared |= sketch_band(&x, k) == sketch_band(&y, k);
            }
            hits += shared;
        }
        if (hits < cases[i].least * ROUNDS || hits > cases[i].most * ROUNDS)
            fail_msg("at %.1f %d of %d are found", cases[i].share, hits, ROUNDS);
    }
}

/* What is on disk must not change without a new INDEX_FORMAT. */
static void test_golden(void **state)
{
    struct shingles s;
    struct sketch x;
    (void)state;
    shingles_init(&s);
    assert_ok(shingles_read(&s, text_of("시립 도서관이 New Building에서 문을 열었다.")));
    sketch_make(&x, shingles_hashes(&s), s.n);
    if (s.f1_hash != 0xd7b3684c3602f2dcu || sketch_band(&x, 3) != 0x89036c619bu)
        fail_msg("F1 %016llx, band %010llx", (unsigned long long)s.f1_hash,
                 (unsigned long long)sketch_band(&x, 3));
    shingles_release(&s);
}

/* --- headlines and months --- */

static void test_headlines(void **state)
{
    static const struct {
        const char *title, *bare;
    } cases[] = {
        { "시립 도서관 새로 문 열어", "시립 도서관 새로 문 열어" },
        { "[속보] 시립 도서관 새로 문 열어", "시립 도서관 새로 문 열어" },
        { "[단독][종합] 시립 도서관 새로 문 열어(종합)", "시립 도서관 새로 문 열어" },
        { "시립 도서관 새로 문 열어 (2보)", "시립 도서관 새로 문 열어" },
        { "【사진】시립 도서관 새로 문 열어〈상보〉", "시립 도서관 새로 문 열어" },
        { "시립 도서관(옛 시청) 문 열어", "시립 도서관(옛 시청) 문 열어" },
        { "[이것은 아주 긴 괄호라서 표시가 아니다] 제목",
          "[이것은 아주 긴 괄호라서 표시가 아니다] 제목" },
        { "[속보]", "" },
        { "[끝이 없다", "[끝이 없다" },
        { "", "" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct sillok_text got = headline_without_marks(text_of(cases[i].title));
        if (!text_is(got, cases[i].bare))
            fail_msg("'%s' -> '%.*s'", cases[i].title, (int)got.len, got.ptr);
    }
    struct buf b = BUF_INIT;
    uint64_t x, y, z;
    assert_ok(
        headline_hash(&x, &b, text_of("001"), text_of("[속보] 도서관, 새로 문 열어")));
    assert_ok(headline_hash(&y, &b, text_of("001"), text_of("도서관 새로 문열어(종합)")));
    assert_ok(headline_hash(&z, &b, text_of("002"), text_of("도서관 새로 문열어(종합)")));
    assert_true(x != 0 && x == y && x != z);
    assert_ok(headline_hash(&x, &b, text_of("001"), text_of("[인사] 하늘시청")));
    assert_true(x == 0);
    buf_release(&b);
}

static void test_months(void **state)
{
    static const struct {
        const char *text;
        unsigned month;
    } cases[] = {
        { "2026-01-02 00:00", 24312 },
        { "2026.12.31", 24323 },
        { "20260102", 24312 },
        { "2026-13-01", 0 },
        { "", 0 },
        { "2026-1", 0 },
        { "어제 입력함", 0 },
        { "9999-01-01", 0 },
        { "2026-0", 0 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        if (near_month_of(text_of(cases[i].text)) != cases[i].month)
            fail_msg("'%s': %u", cases[i].text, near_month_of(text_of(cases[i].text)));
    assert_int_equal(near_month_at(1767225599), 24311);
    assert_int_equal(near_month_at(1767225600), 24312);
}

/* In the forms that a month is read in, and in no others. */
static void test_days(void **state)
{
    static const struct {
        const char *text;
        int64_t day;
    } cases[] = {
        { "2026-01-02 00:00", 20455 },  { "2026-01-02", 20455 },
        { "2026.01.02. 10:11", 20455 }, { "2026/01/02", 20455 },
        { "20260102", 20455 },          { "202601021011", 20455 },
        { "1969-12-31", -1 },           { "2024-02-29", 19782 },
        { "2026-02-29", NEAR_NO_DAY },  { "2026-01", NEAR_NO_DAY },
        { "2026-01-0", NEAR_NO_DAY },   { "2026-01-00", NEAR_NO_DAY },
        { "2026-01.02", NEAR_NO_DAY },  { "202601", NEAR_NO_DAY },
        { "9999-01-01", NEAR_NO_DAY },  { "3 days ago", NEAR_NO_DAY }, /* of what day? */
        { "@123456789", NEAR_NO_DAY },  { "", NEAR_NO_DAY },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        if (near_day_of(text_of(cases[i].text)) != cases[i].day)
            fail_msg("'%s': %lld", cases[i].text,
                     (long long)near_day_of(text_of(cases[i].text)));
}

/* What is three days apart follows, however the days are written. */
static void test_follow_ups(void **state)
{
    static const struct {
        const char *a, *b;
        int links;
    } cases[] = {
        { "2026-01-02 10:00", "2026-01-05 09:00", 1 },
        { "2026-01-02 10:00", "2026-01-06 09:00", 0 },
        { "2026.01.02", "2026.01.05", 1 },
        { "2026.01.02", "2026.01.06", 0 },
        { "20260102", "2026-01-06", 0 },
        { "", "2026-01-06", 1 },
    };
    struct follow a, b;
    struct sillok_article article = { .oid = text_of("001") };
    (void)state;
    follow_init(&a);
    follow_init(&b);
    article.fields[SILLOK_TITLE] = text_of("도서관 새로 문 열어");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        article.fields[SILLOK_PUBLISHED_AT] = text_of(cases[i].a);
        assert_ok(follow_of(&a, &article));
        article.fields[SILLOK_PUBLISHED_AT] = text_of(cases[i].b);
        assert_ok(follow_of(&b, &article));
        if (follow_links(&a, &b) != cases[i].links)
            fail_msg("'%s' and '%s'", cases[i].a, cases[i].b);
    }
    follow_release(&a);
    follow_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_layout_makes_no_difference),
        cmocka_unit_test(test_shingles_of_any_bytes),
        cmocka_unit_test(test_jaccard),
        cmocka_unit_test(test_sketch_of_a_set),
        cmocka_unit_test(test_packing),
        cmocka_unit_test(test_estimates),
        cmocka_unit_test(test_empty_bins_are_filled_alike),
        cmocka_unit_test(test_bands),
        cmocka_unit_test(test_golden),
        cmocka_unit_test(test_headlines),
        cmocka_unit_test(test_months),
        cmocka_unit_test(test_days),
        cmocka_unit_test(test_follow_ups),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
