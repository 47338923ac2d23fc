/*
 * Near duplicates: shingles that layout does not touch, sketches that estimate, bands
 * that find, headlines without marks; and the index, which is the same however it came
 * about and is never trusted over the store. All texts are made up.
 */
#include "support.h"

#include "near/headline.h"
#include "near/index.h"
#include "near/near.h"
#include "near/shingle.h"
#include "near/sketch.h"

#include "base/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- texts --- */

static const char *const words[] = {
    "시청은",    "새",         "도서관을",  "다음 달",   "열기로",     "했다고",
    "밝혔다.",   "주민들은",   "강변에",    "나무를",    "심으며",     "봄을",
    "기다린다.", "The mayor",  "of the",    "harbour",   "town",       "opened a",
    "bridge",    "on Monday.", "시장은",    "회의에서",  "예산안을",   "설명하고",
    "의견을",    "들었다.",    "학생들이",  "만든",      "연극이",     "무대에",
    "올랐다.",   "Ferries",    "return in", "spring.",   "“고맙다”고", "말했다.",
    "비가",      "그치자",     "축제가",    "시작됐다.",
};
enum { N_WORDS = sizeof(words) / sizeof(words[0]) };

/* @p n words that @p seed chooses; each is replaced with a chance of @p edits in 1000. */
static void add_text(struct buf *b, uint64_t seed, int n, unsigned edits,
                     uint64_t edit_seed)
{
    uint64_t a = seed, e = edit_seed;
    buf_clear(b);
    for (int i = 0; i < n; i++) {
        const uint64_t mine = support_random(&a), other = support_random(&e);
        const int edited = other % 1000 < edits;
        assert_ok(
            buf_printf(b, "%s%s%llu", i ? " " : "",
                       words[(edited ? other >> 32 : mine >> 8) % N_WORDS],
                       (unsigned long long)((edited ? other >> 40 : mine >> 40) % 50)));
    }
    assert_ok(buf_add_char(b, '\0'));
    b->len--;
}

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

/* --- a store and its index --- */

struct box {
    char *folder, *path;
    struct sillok_store *store;
    struct buf lines; /* NDJSON, not taken in yet */
    int n_files;
};

static void box_open(struct box *b, const char *name)
{
    struct sillok_store_options o = SILLOK_STORE_OPTIONS_INIT;
    memset(b, 0, sizeof(*b));
    buf_init(&b->lines, BUF_CEILING);
    b->folder = support_folder();
    b->path = support_path(b->folder, name);
    o.create = 1;
    assert_ok(sillok_store_open(&b->store, b->path, &o));
}

static void box_close(struct box *b)
{
    sillok_store_close(b->store);
    support_remove(b->folder);
    free(b->path);
    buf_release(&b->lines);
}

/* One article; the texts hold nothing that JSON would escape but newlines. */
static void box_add(struct box *b, const char *oid, const char *aid, const char *at,
                    const char *title, const char *body)
{
    assert_ok(
        buf_printf(&b->lines,
                   "{\"oid\":\"%s\",\"aid\":\"%s\",\"crawled_at\":\"%s 03:00:00\","
                   "\"published_at\":\"%.7s-05 09:00\",\"title\":\"%s\",\"body\":\"",
                   oid, aid, at, at, title));
    for (; *body; body++)
        assert_ok(*body == '\n'  ? buf_add_str(&b->lines, "\\n")
                  : *body == '"' ? buf_add_str(&b->lines, "\\\"")
                                 : buf_add_char(&b->lines, *body));
    assert_ok(buf_add_str(&b->lines, "\"}\n"));
}

static void box_ingest(struct box *b)
{
    char name[32];
    snprintf(name, sizeof(name), "lines-%d.ndjson", b->n_files++);
    char *path = support_path(b->folder, name);
    support_write(path, b->lines.ptr, b->lines.len);
    const char *const paths[] = { path };
    const struct sillok_ingest_counts c = support_ingest(b->store, name, paths, 1);
    assert_int_equal(c.refused, 0);
    buf_clear(&b->lines);
    free(path);
}

/* Five articles and their relatives:
 *   1/1 first, 2/1 a copy with other layout, 3/1 the very same body, 1/2 with a few words
 *   changed, 1/3 unlike; 1/4 a follow-up of 1/3; 1/5 and 2/5 short and equal; 2/6 short.
 */
static void box_fill(struct box *b)
{
    struct buf text = BUF_INIT, other = BUF_INIT;
    add_text(&text, 1, 60, 0, 0);
    box_add(b, "001", "1", "2026-01-05", "다리 보수 공사 다음 달에 시작", text.ptr);
    box_add(b, "003", "1", "2026-01-06", "Bridge repairs", text.ptr);
    for (size_t i = 0; i < text.len; i++)
        assert_ok(buf_add_char(&other, text.ptr[i] == ' ' ? '\n' : text.ptr[i]));
    assert_ok(buf_add_char(&other, '\0'));
    box_add(b, "002", "1", "2026-01-05", "다리 고친다", other.ptr);
    add_text(&text, 1, 60, 80, 98);
    box_add(b, "001", "2", "2026-01-07", "다리 보수 계획 확정", text.ptr);
    add_text(&text, 7, 60, 0, 0);
    box_add(b, "001", "3", "2026-01-07", "[속보] 야시장 주말마다 열린다", text.ptr);
    add_text(&text, 8, 90, 0, 0);
    box_add(b, "001", "4", "2026-01-07", "야시장 주말마다 열린다(종합)", text.ptr);
    box_add(b, "001", "5", "2026-01-08", "사진 한 장", "강변의 “봄꽃”이 피었다.");
    box_add(b, "002", "5", "2026-01-08", "사진", "강변의 \"봄꽃\"이  피었다.");
    box_add(b, "002", "6", "2026-01-08", "사진 둘", "강변의 \"봄꽃\"이 피었다!");
    buf_release(&text);
    buf_release(&other);
}

static void update_all(struct sillok_near *near)
{
    int r;
    struct sillok_near_progress p = { 0, 0 };
    while ((r = sillok_near_update(near, &p)) > 0)
        assert_true(p.done < p.total);
    assert_ok(r);
    assert_int_equal(p.done, p.total);
    assert_int_equal(sillok_near_behind(near), 0);
}

/* All rows of the index as text. */
static void dump_index(struct buf *out, struct sillok_near *near)
{
    struct index x;
    struct buf parts = BUF_INIT, slice = BUF_INIT;
    assert_ok(near_index_open(&x, near));
    assert_ok(index_parts(&x, 0, UINT16_MAX, &parts));
    const struct index_part *p = (const struct index_part *)(const void *)parts.ptr;
    for (size_t i = 0; i < parts.len / sizeof(*p); i++)
        for (int band = 0; band < N_BANDS; band++)
            for (unsigned s = 0; s < BAND_SLICES; s++) {
                buf_clear(&slice);
                assert_ok(index_slice(&x, &p[i], band, s, &slice));
                const uint64_t *v = (const uint64_t *)(const void *)slice.ptr;
                for (size_t k = 0; k < slice.len / sizeof(*v); k++)
                    assert_ok(buf_printf(out, "%u %u %d %u %016llx\n", p[i].segment,
                                         p[i].partition, band, s,
                                         (unsigned long long)v[k]));
            }
    for (uint32_t v = 1; v <= x.state.position; v++) {
        const uint8_t *sketch;
        const int r = index_sketch(&x, v, &sketch);
        assert_ok(r);
        assert_ok(buf_printf(out, "%u ", v));
        for (int i = 0; r > 0 && i < SKETCH_BYTES; i++)
            assert_ok(buf_printf(out, "%02x", sketch[i]));
        assert_ok(buf_add_char(out, '\n'));
    }
    index_close(&x);
    buf_release(&parts);
    buf_release(&slice);
}

/* "group oid/aid@revision jaccard flags" a line. */
static void dump_rows(struct buf *out, struct sillok_near_rows *rows)
{
    struct sillok_near_row row;
    int r;
    while ((r = sillok_near_next(rows, &row)) > 0)
        assert_ok(buf_printf(
            out, "%llu/%llu %.*s/%.*s@%u %d%s%s%s\n", (unsigned long long)row.group,
            (unsigned long long)row.size, (int)row.article.oid.len, row.article.oid.ptr,
            (int)row.article.aid.len, row.article.aid.ptr, row.revision,
            (int)(100 * row.jaccard), row.same_body ? " body" : "",
            row.same_text ? " text" : "", row.follow_up ? " follow_up" : ""));
    assert_ok(r);
    sillok_near_rows_close(rows);
}

static void ask(struct buf *out, struct sillok_near *near, const char *about,
                const struct sillok_near_options *options)
{
    struct sillok_near_rows *rows;
    struct sillok_ref ref;
    if (strcmp(about, "dups") == 0) {
        assert_ok(sillok_dups_open(&rows, near, options));
    } else if (strcmp(about, "clusters") == 0) {
        assert_ok(sillok_clusters_open(&rows, near, options));
    } else {
        assert_ok(sillok_ref_parse(&ref, about, 0, 0));
        assert_ok(sillok_similar_open(&rows, near, &ref, options));
    }
    dump_rows(out, rows);
}

static void expect(struct sillok_near *near, const char *about,
                   const struct sillok_near_options *options, const char *want)
{
    struct buf got = BUF_INIT;
    ask(&got, near, about, options);
    if (!text_is(text_make(got.ptr, got.len), want))
        fail_msg("%s:\n%.*s", about, (int)got.len, got.ptr ? got.ptr : "");
    buf_release(&got);
}

static void test_answers(void **state)
{
    struct box b;
    struct sillok_near *near;
    struct sillok_near_options o = SILLOK_NEAR_OPTIONS_INIT;
    struct sillok_near_rows *rows;
    struct sillok_ref ref;
    (void)state;
    box_open(&b, "store");
    box_fill(&b);
    box_ingest(&b);
    assert_ok(sillok_near_open(&near, b.store, 0));
    update_all(near);

    expect(near, "dups", NULL,
           "1/3 001/1@1 100 body text\n1/3 002/1@1 100 text\n1/3 003/1@1 100 body text\n"
           "2/2 001/5@1 100 body text\n2/2 002/5@1 100 text\n");
    o.same = SILLOK_NEAR_SAME_BODY;
    expect(near, "dups", &o, "1/2 001/1@1 100 body text\n1/2 003/1@1 100 body text\n");
    o = (struct sillok_near_options)SILLOK_NEAR_OPTIONS_INIT;
    expect(near, "001/5", NULL, "0/1 002/5@1 100 text\n");
    expect(near, "002/6", NULL, "");
    expect(near, "001/3", &o, "0/1 001/4@1 4 follow_up\n");
    o.no_follow_ups = 1;
    expect(near, "001/3", &o, "");

    struct buf got = BUF_INIT;
    ask(&got, near, "001/1", NULL);
    assert_ok(buf_add_char(&got, '\0'));
    assert_non_null(strstr(got.ptr, "0/3 002/1@1 100 text\n0/3 003/1@1 100 body text\n"));
    assert_non_null(strstr(got.ptr, "001/2@1 "));
    buf_clear(&got);
    o = (struct sillok_near_options)SILLOK_NEAR_OPTIONS_INIT;
    o.min = 0.6;
    ask(&got, near, "clusters", &o);
    assert_ok(buf_add_char(&got, '\0'));
    assert_non_null(strstr(got.ptr, "1/4 001/1@1 100 body text\n"));
    assert_non_null(
        strstr(got.ptr, "2/2 001/3@1 100 body text\n2/2 001/4@1 4 follow_up\n"));
    assert_non_null(strstr(got.ptr, "3/2 001/5@1 100 body text\n3/2 002/5@1 100 text\n"));
    buf_release(&got);

    o.across = 1;
    o.limit = 1;
    o.oid = "002";
    o.min = 0.9;
    expect(
        near, "clusters", &o,
        "1/3 001/1@1 100 body text\n1/3 002/1@1 100 text\n1/3 003/1@1 100 body text\n");
    o.min = 1.5;
    assert_int_equal(sillok_clusters_open(&rows, near, &o), SILLOK_EINVALID);
    assert_ok(sillok_ref_parse(&ref, "001/77", 0, 0));
    assert_int_equal(sillok_similar_open(&rows, near, &ref, NULL), SILLOK_ENOTFOUND);
    assert_ok(sillok_ref_parse(&ref, "001/1@2", 0, 0));
    assert_int_equal(sillok_similar_open(&rows, near, &ref, NULL), SILLOK_ENOTFOUND);
    sillok_near_close(near);
    box_close(&b);
}

/* One headline is that of a follow-up where only one of both says when it came out. */
static void test_a_follow_up_without_a_day(void **state)
{
    struct box b;
    struct sillok_near *near;
    struct buf text = BUF_INIT;
    (void)state;
    box_open(&b, "store");
    add_text(&text, 31, 60, 0, 0);
    box_add(&b, "001", "1", "2026-01-07", "[속보] 야시장 주말마다 열린다", text.ptr);
    assert_ok(buf_add_str(&b.lines, "{\"oid\":\"001\",\"aid\":\"2\","
                                    "\"crawled_at\":\"2026-01-07 03:00:00\","
                                    "\"title\":\"야시장 주말마다 열린다(종합)\","
                                    "\"body\":\"다음 달부터 강변에 장이 선다.\"}\n"));
    box_ingest(&b);
    assert_ok(sillok_near_open(&near, b.store, 0));
    update_all(near);
    expect(near, "001/1", NULL, "0/1 001/2@1 0 follow_up\n");
    expect(near, "001/2", NULL, "0/1 001/1@1 0 follow_up\n");
    sillok_near_close(near);
    box_close(&b);
    buf_release(&text);
}

/* The newest revision counts, old ones on request; a partition is a month. */
static void test_revisions_and_months(void **state)
{
    struct box b;
    struct sillok_near *near;
    struct sillok_near_options o = SILLOK_NEAR_OPTIONS_INIT;
    struct buf text = BUF_INIT, other = BUF_INIT;
    (void)state;
    add_text(&text, 21, 60, 0, 0);
    add_text(&other, 22, 60, 0, 0);
    box_open(&b, "store");
    box_add(&b, "001", "1", "2026-01-05", "첫 제목이 이렇게 길다", text.ptr);
    box_add(&b, "002", "1", "2026-01-06", "다른 제목도 이렇게 길다", text.ptr);
    box_add(&b, "003", "1", "2026-03-06", "늦게 나온 같은 기사", text.ptr);
    box_ingest(&b);
    assert_ok(sillok_near_open(&near, b.store, 0));
    update_all(near);
    expect(near, "001/1", NULL, "0/1 002/1@1 100 body text\n");
    o.all_time = 1;
    expect(near, "001/1", &o, "0/2 002/1@1 100 body text\n0/2 003/1@1 100 body text\n");
    expect(near, "clusters", NULL, "");
    expect(near, "clusters", &o,
           "1/3 001/1@1 100 body text\n1/3 002/1@1 100 body text\n"
           "1/3 003/1@1 100 body text\n");
    o.all_time = 0;
    o.since_s = 1767225600;
    expect(near, "clusters", &o,
           "1/2 001/1@1 100 body text\n1/2 002/1@1 100 body text\n");

    box_add(&b, "002", "1", "2026-01-08", "다른 제목도 이렇게 길다", other.ptr);
    box_ingest(&b);
    update_all(near);
    expect(near, "001/1", NULL, "");
    expect(near, "002/1@1", NULL, "0/1 001/1@1 100 body text\n");
    o = (struct sillok_near_options)SILLOK_NEAR_OPTIONS_INIT;
    o.revisions = 1;
    expect(near, "001/1", &o, "0/1 002/1@1 100 body text\n");
    expect(near, "002/1", &o, "");
    sillok_near_close(near);
    box_close(&b);
    buf_release(&text);
    buf_release(&other);
}

/* --- the index is never trusted over the store --- */

static void copy_file(const char *from, const char *to)
{
    struct buf b = BUF_INIT;
    assert_ok(file_read(&b, from, (size_t)1 << 30));
    support_write(to, b.ptr, b.len);
    buf_release(&b);
}

static void test_wrong_index_is_made_anew(void **state)
{
    struct box b, foreign;
    struct sillok_near *near, *other, *read_only;
    struct sillok_near_rows *rows;
    struct buf want = BUF_INIT, got = BUF_INIT;
    char junk[20000];
    (void)state;
    box_open(&b, "store");
    box_open(&foreign, "store");
    box_fill(&b);
    box_ingest(&b);
    box_add(&foreign, "009", "1", "2026-01-05", "낯선 곳의 기사 하나",
            "낯선 곳에서 온 글이다.");
    box_ingest(&foreign);
    assert_ok(sillok_near_open(&near, b.store, 0));
    assert_ok(sillok_near_open(&other, foreign.store, 0));
    assert_ok(sillok_near_open(&read_only, b.store, SILLOK_NEAR_NO_UPDATE));
    char *file = support_path(b.path, "near.mdb");
    char *lock = support_path(b.path, "near.mdb-lock");
    char *foreign_file = support_path(foreign.path, "near.mdb");

    /* There is none, and none is to be made. */
    assert_int_equal(sillok_near_update(read_only, NULL), 0);
    assert_int_equal(sillok_dups_open(&rows, read_only, NULL), SILLOK_ENOTFOUND);
    assert_int_equal(access(file, F_OK), -1);

    update_all(near);
    update_all(other);
    dump_index(&want, near);
    assert_true(want.len > 1000);
    for (size_t i = 0; i < sizeof(junk); i++)
        junk[i] = (char)(i * i >> 3);
    for (int damage = 0; damage < 8; damage++) {
        struct stat st;
        assert_int_equal(stat(file, &st), 0);
        switch (damage) {
        case 0: /* deleted, with and without LMDB's table of readers */
            assert_int_equal(unlink(file), 0);
            assert_int_equal(unlink(lock), 0);
            break;
        case 1:
            assert_int_equal(unlink(file), 0);
            break;
        case 2:
            assert_int_equal(truncate(file, 0), 0);
            break;
        case 3:
            assert_int_equal(truncate(file, 100), 0);
            break;
        case 4:
            assert_int_equal(truncate(file, st.st_size / 2), 0);
            break;
        case 5:
            support_write(file, junk, sizeof(junk));
            break;
        case 6:
            support_write(file, "", 0);
            support_write(lock, junk, 100);
            break;
        default:
            copy_file(foreign_file, file);
            break;
        }
        if (sillok_dups_open(&rows, read_only, NULL) != SILLOK_ENOTFOUND)
            fail_msg("damage %d was not seen", damage);
        update_all(near);
        buf_clear(&got);
        dump_index(&got, near);
        if (!text_equal(text_make(want.ptr, want.len), text_make(got.ptr, got.len)))
            fail_msg("damage %d: another index", damage);
        assert_ok(sillok_dups_open(&rows, read_only, NULL));
        sillok_near_rows_close(rows);
    }
    sillok_near_close(near);
    sillok_near_close(other);
    sillok_near_close(read_only);
    box_close(&b);
    box_close(&foreign);
    free(file);
    free(lock);
    free(foreign_file);
    buf_release(&want);
    buf_release(&got);
}

/* What is only seen when it is asked: rows that name versions which there are not. */
static void test_wrong_rows(void **state)
{
    struct box b;
    struct sillok_near *near, *read_only;
    struct sillok_near_rows *rows;
    struct buf data = BUF_INIT, want = BUF_INIT, got = BUF_INIT;
    (void)state;
    box_open(&b, "store");
    box_fill(&b);
    box_ingest(&b);
    assert_ok(sillok_near_open(&near, b.store, 0));
    assert_ok(sillok_near_open(&read_only, b.store, SILLOK_NEAR_NO_UPDATE));
    update_all(near);
    ask(&want, near, "dups", NULL);
    char *file = support_path(b.path, "near.mdb");
    assert_ok(file_read(&data, file, (size_t)1 << 30));
    struct shingles s;
    shingles_init(&s);
    assert_ok(shingles_read(&s, text_of("강변의 \"봄꽃\"이 피었다.")));
    uint8_t number[4];
    put_be(number, s.f1_hash >> (64 - SKETCH_BAND_BITS) & UINT32_MAX, 4);
    int n = 0;
    for (size_t i = 0; i + 8 <= data.len; i++)
        if (memcmp(data.ptr + i, number, sizeof(number)) == 0) {
            data.ptr[i + 5] = 77;
            n++;
        }
    assert_true(n > 0);
    support_write(file, data.ptr, data.len);
    assert_int_equal(sillok_dups_open(&rows, read_only, NULL), SILLOK_ECORRUPT);
    assert_non_null(strstr(sillok_error_message(), "near.mdb' is damaged"));
    ask(&got, near, "dups", NULL);
    assert_true(text_equal(text_make(want.ptr, want.len), text_make(got.ptr, got.len)));
    sillok_near_close(near);
    sillok_near_close(read_only);
    box_close(&b);
    shingles_release(&s);
    free(file);
    buf_release(&data);
    buf_release(&want);
    buf_release(&got);
}

/* A store that came back from a backup has other texts under the same numbers. */
static void test_another_past(void **state)
{
    struct box b;
    struct sillok_near *near;
    struct sillok_store_options o = SILLOK_STORE_OPTIONS_INIT;
    struct buf text = BUF_INIT;
    (void)state;
    box_open(&b, "store");
    char *data = support_path(b.path, "data.mdb"),
         *saved = support_path(b.folder, "saved"),
         *seal = support_path(b.path, "data.mdb-seal"),
         *saved_seal = support_path(b.folder, "saved-seal");
    add_text(&text, 31, 60, 0, 0);
    box_add(&b, "001", "1", "2026-01-05", "처음부터 있던 기사", text.ptr);
    box_ingest(&b);
    sillok_store_close(b.store);
    copy_file(data, saved);
    copy_file(seal, saved_seal);
    for (int way = 0; way < 2; way++) {
        assert_ok(sillok_store_open(&b.store, b.path, &o));
        box_add(&b, way ? "003" : "002", "1", "2026-01-06", "나중에 온 기사", text.ptr);
        box_ingest(&b);
        assert_ok(sillok_near_open(&near, b.store, 0));
        update_all(near);
        expect(near, "001/1", NULL,
               way ? "0/1 003/1@1 100 body text\n" : "0/1 002/1@1 100 body text\n");
        sillok_near_close(near);
        if (way == 0) {
            sillok_store_close(b.store);
            copy_file(saved, data);
            copy_file(saved_seal, seal);
        }
    }
    box_close(&b);
    free(data);
    free(saved);
    free(seal);
    free(saved_seal);
    buf_release(&text);
}

/* --- piece by piece --- */

static void add_many(struct box *b, int from, int to)
{
    struct buf text = BUF_INIT;
    char aid[16], title[64];
    for (int i = from; i < to; i++) {
        snprintf(aid, sizeof(aid), "%07d", i);
        snprintf(title, sizeof(title), "제목이 제법 긴 기사 번호 %d", i);
        add_text(&text, (uint64_t)i / 2 + 100, 26, 0, 0);
        box_add(b, i % 3 ? "001" : "002", aid, i % 2 ? "2026-01-05" : "2025-12-05", title,
                text.ptr);
    }
    buf_release(&text);
}

static void test_piece_by_piece(void **state)
{
    static const int steps[] = { 0, 1, 2, 40, 700, 8191, 8192, 8193, 8500 };
    struct box b;
    struct sillok_near *near;
    struct buf piecewise = BUF_INIT, whole = BUF_INIT;
    (void)state;
    box_open(&b, "store");
    char *file = support_path(b.path, "near.mdb");
    assert_ok(sillok_near_open(&near, b.store, 0));
    update_all(near);
    for (size_t i = 1; i < sizeof(steps) / sizeof(steps[0]); i++) {
        add_many(&b, steps[i - 1], steps[i]);
        box_ingest(&b);
        if (i == 3) /* what is behind is said, and known ones are found */
            assert_int_equal(sillok_near_behind(near), 0);
        update_all(near);
    }
    dump_index(&piecewise, near);
    assert_int_equal(unlink(file), 0);
    update_all(near);
    dump_index(&whole, near);
    assert_true(text_equal(text_make(piecewise.ptr, piecewise.len),
                           text_make(whole.ptr, whole.len)));
    struct sillok_near_stats stats;
    assert_ok(sillok_near_stats(near, &stats));
    assert_int_equal(stats.versions, 8500);
    assert_true(stats.texts == 8500);
    assert_true(stats.used_bytes / stats.versions <= 300);

    /* Even and odd neighbours are copies, a month apart. */
    struct sillok_near_rows *rows;
    struct sillok_near_row row;
    struct sillok_near_options o = SILLOK_NEAR_OPTIONS_INIT;
    int r, n = 0;
    o.all_time = 1;
    o.no_follow_ups = 1;
    o.min = 0.95;
    assert_ok(sillok_clusters_open(&rows, near, &o));
    while ((r = sillok_near_next(rows, &row)) > 0)
        n += row.jaccard >= 1;
    assert_ok(r);
    assert_int_equal(n, 8500);
    sillok_near_rows_close(rows);
    sillok_near_close(near);
    box_close(&b);
    free(file);
    buf_release(&piecewise);
    buf_release(&whole);
}

static void test_behind(void **state)
{
    struct box b;
    struct sillok_near *near, *still;
    (void)state;
    box_open(&b, "store");
    box_fill(&b);
    box_ingest(&b);
    assert_ok(sillok_near_open(&near, b.store, 0));
    assert_ok(sillok_near_open(&still, b.store, SILLOK_NEAR_NO_UPDATE));
    update_all(near);
    box_add(&b, "004", "5", "2026-01-09", "사진", "강변의 \"봄꽃\"이 피었다.");
    box_ingest(&b);
    assert_int_equal(sillok_near_update(still, NULL), 0);
    expect(still, "001/5", NULL, "0/1 002/5@1 100 text\n");
    assert_int_equal(sillok_near_behind(still), 1);
    expect(still, "004/5", NULL, "0/2 001/5@1 100 text\n0/2 002/5@1 100 text\n");
    update_all(near);
    expect(still, "001/5", NULL, "0/2 002/5@1 100 text\n0/2 004/5@1 100 text\n");
    assert_int_equal(sillok_near_behind(still), 0);
    sillok_near_close(near);
    sillok_near_close(still);
    box_close(&b);
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
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_a_follow_up_without_a_day),
        cmocka_unit_test(test_revisions_and_months),
        cmocka_unit_test(test_wrong_index_is_made_anew),
        cmocka_unit_test(test_wrong_rows),
        cmocka_unit_test(test_another_past),
        cmocka_unit_test(test_piece_by_piece),
        cmocka_unit_test(test_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
