/*
 * Diffs: where sentences end, what a token is, the shortest script, rows and edits that
 * cover both texts whatever they are, what the formats print, and how long it may take.
 */
#include "diff/lcs.h"
#include "diff/sentence.h"
#include "diff/token.h"

#include "sillok/diff.h"
#include "sillok/store.h" /* sillok_free() */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#endif

/* --- made-up numbers --- */

static uint64_t seed;

static uint32_t random_below(uint32_t n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)(seed >> 11) % n;
}

/* --- sentences and tokens --- */

/* Pieces joined with '|'. */
static void expect_pieces(const char *name, const struct buf *got, const char *want)
{
    if (!text_is(text_make(got->ptr, got->len), want))
        fail_msg("%s:\n got '%.*s'\nwant '%s'", name, (int)got->len, got->ptr, want);
}

static void test_sentences(void **state)
{
    static const struct {
        const char *name, *pieces;
    } cases[] = {
        { "Korean, spaced", "비가 왔다. |길이 젖었다." },
        { "Korean, glued", "비가 왔다.|길이 젖었다." },
        { "polite ending, glued", "비가 왔어요.|길이 젖었죠.|우산 있나요?" },
        { "glued before a number", "비가 왔다.|12일에도 온다." },
        { "glued before a quotation", "비가 왔다.|“또 온다”고 했다." },
        { "a particle after the quotation", "“비가 왔다.”고 말했다. |끝." },
        { "a quotation that ends the sentence", "그는 \"비가 왔다.\" |그리고 떠났다." },
        { "not an ending", "주식회사 한빛.강 사장이 왔다." },
        { "decimal", "성장률은 3.5%다. |전년은 2.1%였다." },
        { "a number ends it", "모두 12. |그다음." },
        { "ellipsis", "그런데… 비가 왔다. |끝." },
        { "three dots", "그런데... 비가 왔다." },
        { "English", "It rained. |The road was wet! |Why? |Nobody knows." },
        { "English, glued", "It rained.|The road was wet." },
        { "title before a name", "Mr. Hill met Dr. Lake. |They left." },
        { "initials", "J. Hill of the U.S. team won." },
        { "before lower case", "It cost approx. five won." },
        { "address", "Write to a.hill@example.com or see www.example.com now." },
        { "line break without a mark", "제목\n|첫 문장이다. |둘째다.\n\n|셋째" },
        { "leading break", "\n\n첫 문장이다." },
        { "full-width marks", "雨が降った。|道が濡れた。" },
        { "marks only", "?!" },
        { "blanks only", " \n " },
        { "question in a quotation", "\"Why?\" he asked. |Nobody knew." },
        { "bracket after the mark", "비가 왔다.) |길이 젖었다." },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        CLEANUP(buf_release) struct buf text = BUF_INIT;
        CLEANUP(buf_release) struct buf got = BUF_INIT;
        for (const char *p = cases[i].pieces; *p; p++)
            if (*p != '|')
                assert_int_equal(buf_add_char(&text, *p), 0);
        struct sentences s;
        assert_int_equal(sentences_split(&s, text_make(text.ptr, text.len)), 0);
        for (size_t k = 0; k < s.n; k++) {
            if (k)
                assert_int_equal(buf_add_char(&got, '|'), 0);
            assert_int_equal(
                buf_add(&got, text.ptr + s.v[k].start, s.v[k].end - s.v[k].start), 0);
        }
        sentences_release(&s);
        expect_pieces(cases[i].name, &got, cases[i].pieces);
    }
}

static void test_tokens(void **state)
{
    static const struct {
        const char *name, *pieces;
    } cases[] = {
        { "number and unit", "15|일| |2|조|800|억" },
        { "grouped and decimal", "1,234.5|%| |3|.| |4" },
        { "scripts", "CJ|그룹의| |ENM|사" },
        { "apostrophe", "don't| |'|quoted|'| |don’t" },
        { "Hanja one by one", "李|在| |대통령" },
        { "blanks together", "a| \n |b" },
        { "combining mark", "e\xCC\x81t\xC3\xA9| |x" },
        { "signs one by one", ".|.|.|“|”" },
        { "emoji with a joiner", "\xF0\x9F\x91\xA9\xE2\x80\x8D|\xF0\x9F\x92\xBB" },
        { "invalid bytes", "\xFF|\xFE|a" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        CLEANUP(buf_release) struct buf text = BUF_INIT;
        CLEANUP(buf_release) struct buf got = BUF_INIT;
        struct tokens t = { 0 };
        for (const char *p = cases[i].pieces; *p; p++)
            if (*p != '|')
                assert_int_equal(buf_add_char(&text, *p), 0);
        assert_int_equal(tokens_add(&t, text_make(text.ptr, text.len), 0, text.len), 0);
        for (size_t k = 0; k < t.n; k++) {
            if (k)
                assert_int_equal(buf_add_char(&got, '|'), 0);
            assert_int_equal(buf_add(&got, text.ptr + t.v[k].start, t.v[k].len), 0);
        }
        tokens_release(&t);
        expect_pieces(cases[i].name, &got, cases[i].pieces);
    }
}

/* --- the shortest script --- */

enum { SEQ_MAX = 40 };

static size_t longest_common(const uint32_t *a, size_t n, const uint32_t *b, size_t m)
{
    size_t best[SEQ_MAX + 1][SEQ_MAX + 1] = { { 0 } };
    for (size_t i = 1; i <= n; i++)
        for (size_t j = 1; j <= m; j++) {
            const size_t x = best[i - 1][j], y = best[i][j - 1];
            best[i][j] = a[i - 1] == b[j - 1] ? best[i - 1][j - 1] + 1 : x > y ? x : y;
        }
    return best[n][m];
}

/* How many elements stay; fails where the k-th of both sides differ. */
static size_t count_kept(struct lcs_seq a, struct lcs_seq b)
{
    size_t i = 0, j = 0, kept = 0;
    for (;;) {
        while (i < a.n && a.changed[i])
            i++;
        while (j < b.n && b.changed[j])
            j++;
        if (i >= a.n || j >= b.n) {
            assert_true(i >= a.n && j >= b.n);
            return kept;
        }
        assert_int_equal(a.ids[i++], b.ids[j++]);
        kept++;
    }
}

static void test_lcs(void **state)
{
    (void)state;
    struct lcs w;
    lcs_init(&w, INT64_MAX);
    seed = 20240101;
    for (int round = 0; round < 20000; round++) {
        uint32_t x[SEQ_MAX], y[SEQ_MAX];
        uint8_t cx[SEQ_MAX], cy[SEQ_MAX];
        const uint32_t ids = 1 + random_below(12);
        const struct lcs_seq a = { x, random_below(SEQ_MAX), cx };
        const struct lcs_seq b = { y, random_below(SEQ_MAX), cy };
        for (size_t i = 0; i < a.n; i++)
            x[i] = random_below(ids);
        for (size_t i = 0; i < b.n; i++)
            y[i] = random_below(ids);
        assert_int_equal(lcs_align(&w, a, b, ids, 0), 0);
        assert_int_equal(count_kept(a, b), longest_common(x, a.n, y, b.n));
        assert_int_equal(lcs_align(&w, a, b, ids, 1), 0);
        (void)count_kept(a, b);
    }
    assert_int_equal(w.coarse, 0);
    lcs_release(&w);
}

static void test_lcs_patience(void **state)
{
    /* Myers would keep the three 0; patience keeps what is unique */
    const uint32_t x[] = { 0, 0, 0, 7, 8 }, y[] = { 7, 8, 0, 0, 0 };
    uint8_t cx[5], cy[5];
    struct lcs w;
    (void)state;
    lcs_init(&w, INT64_MAX);
    const struct lcs_seq a = { x, 5, cx }, b = { y, 5, cy };
    assert_int_equal(lcs_align(&w, a, b, 9, 0), 0);
    assert_int_equal(count_kept(a, b), 3);
    assert_int_equal(lcs_align(&w, a, b, 9, 1), 0);
    assert_int_equal(count_kept(a, b), 2);
    assert_int_equal(cx[3], 0);
    lcs_release(&w);
}

static void test_lcs_budget(void **state)
{
    enum { N = 20000 };
    (void)state;
    uint32_t *x = calloc(2 * N, sizeof(*x));
    uint8_t *c = calloc(2 * N, 1);
    assert_non_null(x);
    assert_non_null(c);
    seed = 5;
    for (size_t i = 0; i < 2 * N; i++)
        x[i] = random_below(2);
    struct lcs w;
    lcs_init(&w, 100000);
    const struct lcs_seq a = { x, N, c }, b = { x + N, N, c + N };
    assert_int_equal(lcs_align(&w, a, b, 2, 0), 0);
    assert_int_equal(w.coarse, 1);
    assert_true(w.budget > -4 * N); /* stopped soon after it ran out */
    (void)count_kept(a, b);
    lcs_release(&w);
    free(x);
    free(c);
}

/* --- invariants of every diff --- */

static struct sillok_text slice(struct sillok_text t, struct sillok_span s)
{
    return text_make(t.ptr + s.start, s.end - s.start);
}

static void check_span(struct sillok_span s, size_t *at)
{
    assert_int_equal(s.start, *at);
    assert_true(s.end >= s.start);
    *at = s.end;
}

static void check_edits(const struct sillok_diff *d, const struct sillok_row *row,
                        struct sillok_text a, struct sillok_text b)
{
    size_t n, i = row->old_span.start, j = row->new_span.start;
    const struct sillok_edit *edits = sillok_diff_edits(d, &n);
    assert_true(row->first_edit + row->n_edits <= n);
    for (size_t k = 0; k < row->n_edits; k++) {
        const struct sillok_edit *e = &edits[row->first_edit + k];
        check_span(e->old_span, &i);
        check_span(e->new_span, &j);
        if (e->op == SILLOK_EDIT_SAME)
            assert_true(sentence_same(slice(a, e->old_span), slice(b, e->new_span)));
        if (e->op == SILLOK_EDIT_REMOVED)
            assert_true(e->old_span.end > e->old_span.start &&
                        e->new_span.end == e->new_span.start);
        if (e->op == SILLOK_EDIT_ADDED)
            assert_true(e->new_span.end > e->new_span.start &&
                        e->old_span.end == e->old_span.start);
    }
    assert_int_equal(i, row->old_span.end);
    assert_int_equal(j, row->new_span.end);
}

static void check_row(const struct sillok_diff *d, size_t k, struct sillok_text a,
                      struct sillok_text b)
{
    size_t n;
    const struct sillok_row *rows = sillok_diff_rows(d, &n), *row = &rows[k];
    const size_t old_len = row->old_span.end - row->old_span.start;
    const size_t new_len = row->new_span.end - row->new_span.start;
    if (row->op == SILLOK_ROW_CHANGED)
        check_edits(d, row, a, b);
    else
        assert_int_equal(row->n_edits, 0);
    if (row->op == SILLOK_ROW_SAME)
        assert_true(sentence_same(slice(a, row->old_span), slice(b, row->new_span)));
    if (row->op == SILLOK_ROW_REMOVED || row->op == SILLOK_ROW_MOVED_FROM)
        assert_true(old_len > 0 && new_len == 0);
    if (row->op == SILLOK_ROW_ADDED || row->op == SILLOK_ROW_MOVED_TO)
        assert_true(new_len > 0 && old_len == 0);
    if (row->op == SILLOK_ROW_MOVED_FROM) {
        assert_true(row->other < n);
        assert_int_equal(rows[row->other].op, SILLOK_ROW_MOVED_TO);
        assert_int_equal(rows[row->other].other, k);
        assert_true(
            sentence_same(slice(a, row->old_span), slice(b, rows[row->other].new_span)));
    }
}

/* All that must hold for any two texts. The new text read off rows and edits is the new
 * text by check_span(): no gap, no overlap, in order, from end to end. */
static void check_diff(struct sillok_text a, struct sillok_text b)
{
    struct sillok_diff *d = NULL;
    assert_int_equal(sillok_diff_new(&d, a, b), 0);
    size_t n, i = 0, j = 0;
    const struct sillok_row *rows = sillok_diff_rows(d, &n);
    for (size_t k = 0; k < n; k++) {
        check_span(rows[k].old_span, &i);
        check_span(rows[k].new_span, &j);
        check_row(d, k, a, b);
    }
    assert_int_equal(i, a.len);
    assert_int_equal(j, b.len);
    const struct sillok_diff_figures *f = sillok_diff_figures(d);
    assert_true(f->similarity >= 0 && f->similarity <= 1);
    assert_int_equal(f->similarity == 1.0, text_equal(a, b));
    if (text_equal(a, b))
        assert_true(f->n_hunks == 0 && f->added_chars == 0 && f->removed_chars == 0);
    else
        assert_true(f->n_hunks > 0);
    sillok_diff_free(d);
}

static const char *const parts[] = {
    "비가 왔다. ",
    "길이 젖었다.",
    "시장은 “예산을 늘리겠다”고 했다. ",
    "It rained. ",
    "The road closed.",
    "공사비는 1,200억 원이다.\n",
    "3.5% 늘었다. ",
    "\n\n",
    " ",
    "나무 ",
    "강 ",
    "산 ",
    "(사진=가나일보) ",
    "a@example.com",
    "\xFF\xFE",
    "끝.",
    "?",
    "e\xCC\x81 ",
    "긴 문장이 하나 여기에 있고 자리를 옮길 수 있다. ",
};

static void random_text(struct buf *out, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        assert_int_equal(
            buf_add_str(out, parts[random_below(sizeof(parts) / sizeof(parts[0]))]), 0);
}

/* Copies a text with a few places overwritten, cut out or put in, at any byte. */
static void mutate(struct buf *out, struct sillok_text t)
{
    size_t at = 0;
    for (uint32_t k = random_below(6); k > 0 && at < t.len; k--) {
        const size_t keep = random_below((uint32_t)(t.len - at) + 1);
        assert_int_equal(buf_add(out, t.ptr + at, keep), 0);
        at += keep;
        if (random_below(3))
            random_text(out, 1 + random_below(3));
        if (at < t.len && random_below(3))
            at += random_below((uint32_t)(t.len - at < 60 ? t.len - at : 60) + 1);
    }
    assert_int_equal(buf_add(out, t.ptr + at, t.len - at), 0);
}

static void test_invariants(void **state)
{
    (void)state;
    seed = 88172645463325252;
    for (int round = 0; round < 6000; round++) {
        CLEANUP(buf_release) struct buf a = BUF_INIT;
        CLEANUP(buf_release) struct buf b = BUF_INIT;
        random_text(&a, random_below(40));
        if (random_below(4))
            mutate(&b, text_make(a.ptr, a.len));
        else
            random_text(&b, random_below(40));
        check_diff(text_make(a.ptr, a.len), text_make(b.ptr, b.len));
    }
}

static void test_invariants_bytes(void **state)
{
    (void)state;
    seed = 31415926535;
    for (int round = 0; round < 3000; round++) {
        char a[64], b[64];
        const uint32_t n = random_below(sizeof(a)), m = random_below(sizeof(b));
        const uint32_t from = random_below(3); /* few sorts of bytes, many, or all */
        const uint32_t sorts = from == 0 ? 4 : from == 1 ? 100 : 256;
        for (uint32_t i = 0; i < n; i++)
            a[i] = (char)(random_below(sorts) + (from ? 0 : ' '));
        for (uint32_t i = 0; i < m; i++)
            b[i] = (char)(random_below(sorts) + (from ? 0 : ' '));
        check_diff(text_make(a, n), text_make(b, m));
    }
}

/* --- what the method says --- */

/* Running words with marks, all context. The caller frees it. */
static char *render(const char *old_text, const char *new_text,
                    const struct sillok_render_options *o)
{
    struct sillok_diff *d = NULL;
    char *out = NULL;
    size_t len;
    const struct sillok_text a = text_of(old_text), b = text_of(new_text);
    assert_int_equal(sillok_diff_new(&d, a, b), 0);
    assert_int_equal(sillok_diff_render(&out, &len, d, a, b, o), 0);
    assert_int_equal(strlen(out), len);
    sillok_diff_free(d);
    return out;
}

static void expect_render(const char *name, const char *old_text, const char *new_text,
                          const struct sillok_render_options *o, const char *want)
{
    char *got = render(old_text, new_text, o);
    if (strcmp(got, want) != 0)
        fail_msg("%s:\n got:\n%s\nwant:\n%s", name, got, want);
    sillok_free(got);
}

static void test_words(void **state)
{
    static const struct {
        const char *name, *old_text, *new_text, *want;
    } cases[] = {
        { "one word", "위원회는 정량 평가를 한다.", "위원회는 정성 평가를 한다.",
          "위원회는 [-정량-]{+정성+} 평가를 한다.\n" },
        { "a number apart from its unit", "회의는 15일 열린다.", "회의는 16일 열린다.",
          "회의는 [-15-]{+16+}일 열린다.\n" },
        { "neighbouring changes are joined", "이익이 1조9150억원으로 늘었다.",
          "이익이 2조800억 원으로 늘었다.",
          "이익이 [-1-]{+2+}조[-9150억원으로-]{+800억 원으로+} 늘었다.\n" },
        { "a word put in, with the blank behind it", "책을 늘리겠다고 했다.",
          "책을 많이 늘리겠다고 했다.", "책을 {+많이 +}늘리겠다고 했다.\n" },
        { "a sentence between two that share words",
          "시는 길을 넓힌다. 시는 강을 판다. 끝이다.",
          "시는 길을 넓힌다. 시는 산을 깎지 않는다. 시는 강을 판다. 끝이다.",
          "시는 길을 넓힌다. {+시는 산을 깎지 않는다. +}시는 강을 판다. 끝이다.\n" },
        { "a sentence taken out", "비가 왔다. 길이 젖었다. 해가 났다.",
          "비가 왔다. 해가 났다.", "비가 왔다. [-길이 젖었다. -]해가 났다.\n" },
        { "glued sentences", "비가 왔다.길이 젖었다.해가 났다.",
          "비가 왔다.길이 얼었다.해가 났다.",
          "비가 왔다.길이 [-젖었다-]{+얼었다+}.해가 났다.\n" },
        { "a sentence split in two", "비가 왔고 길이 몹시 젖어서 차가 막혔다. 해가 났다.",
          "비가 왔다. 길이 몹시 젖어서 차가 막혔다. 해가 났다.",
          "비가 [-왔고-]{+왔다.+} 길이 몹시 젖어서 차가 막혔다. 해가 났다.\n" },
        { "a passage put into the middle of a sentence", "비가 왔고 길이 젖었다.",
          "비가 왔고 해도 났다. 그런데 길이 젖었다.",
          "비가 왔고 {+해도 났다. 그런데 +}길이 젖었다.\n" },
        { "moved", "가나다라 마바사 아자차 카타다. 둘째 문장은 그대로다. 셋째도 그렇다.",
          "둘째 문장은 그대로다. 셋째도 그렇다. 가나다라 마바사 아자차 카타다.",
          "[moved away: 가나다라 마바사 아자차 카타다. ]둘째 문장은 그대로다. 셋째도 "
          "그렇다. [moved here: 가나다라 마바사 아자차 카타다.]\n" },
        { "spacing only", "52분 19초다. 끝.", "52분19초다. 끝.",
          "52분[- -]19초다. 끝.\n" },
        { "a line break only", "비가 왔다. 끝.", "비가 왔다.\n끝.",
          "비가 왔다.[- -]{+⏎+}끝.\n" },
        { "re-wrapped beside an edit", "비가 왔다. 길이 젖었다.",
          "비가 왔다.\n길이 얼었다.", "비가 왔다.\n길이 [-젖었다-]{+얼었다+}.\n" },
        { "English", "The mayor met with the band.", "The mayor received the band.",
          "The mayor [-met with-]{+received+} the band.\n" },
        { "from nothing", "", "비가 왔다.", "{+비가 왔다.+}\n" },
        { "to nothing", "비가 왔다.", "", "[-비가 왔다.-]\n" },
        { "equal", "비가 왔다.", "비가 왔다.", "비가 왔다.\n" },
    };
    const struct sillok_render_options o = { SILLOK_DIFF_WORDS, 0, 0, -1 };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        expect_render(cases[i].name, cases[i].old_text, cases[i].new_text, &o,
                      cases[i].want);
}

static const char long_old[] =
    "하나다. 둘이다. 셋이다. 넷이다. 값은 5다. 여섯이다. 일곱이다. 여덟이다.";
static const char long_new[] =
    "하나다. 둘이다. 셋이다. 넷이다. 값은 6이다. 여섯이다. 일곱이다. 여덟이다.";

static void test_context(void **state)
{
    static const struct {
        int context;
        const char *want;
    } cases[] = {
        { 0,
          "⋯ 4 sentences unchanged\n값은 [-5다-]{+6이다+}. \n⋯ 3 sentences unchanged\n" },
        { 1, "⋯ 3 sentences unchanged\n넷이다. 값은 [-5다-]{+6이다+}. 여섯이다. \n"
             "⋯ 2 sentences unchanged\n" },
        { 2, "⋯ 2 sentences unchanged\n셋이다. 넷이다. 값은 [-5다-]{+6이다+}. 여섯이다. "
             "일곱이다. \n⋯ 1 sentence unchanged\n" },
        { 9, "하나다. 둘이다. 셋이다. 넷이다. 값은 [-5다-]{+6이다+}. 여섯이다. 일곱이다. "
             "여덟이다.\n" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct sillok_render_options o = { SILLOK_DIFF_WORDS, 0, 0,
                                                 cases[i].context };
        expect_render("context", long_old, long_new, &o, cases[i].want);
    }
}

static void test_formats(void **state)
{
    static const char a[] = "비가 왔다. 위원회는 정량 평가를 한다. 길이 젖었다. <끝>.";
    static const char b[] = "비가 왔다. 위원회는 정성 평가를 한다. <끝>. 새 문장이다.";
    static const struct {
        const char *name;
        struct sillok_render_options o;
        const char *want;
    } cases[] = {
        { "sentences",
          { SILLOK_DIFF_SENTENCES, 0, 0, 1 },
          "  비가 왔다.\n- 위원회는 정량 평가를 한다.\n+ 위원회는 정성 평가를 한다.\n"
          "- 길이 젖었다.\n  <끝>.\n+ 새 문장이다.\n" },
        { "side",
          { SILLOK_DIFF_SIDE, 0, 43, 1 },
          "비가 왔다.             비가 왔다.\n"
          "위원회는 [-정량-]    | 위원회는 {+정성+}\n"
          "평가를 한다.         : 평가를 한다.\n"
          "길이 젖었다.         <\n"
          "<끝>.                  <끝>.\n"
          "                     > 새 문장이다.\n" },
        { "html",
          { SILLOK_DIFF_HTML, 0, 0, 1 },
          "<div class=\"sillok-diff\">\n<p class=\"same\">비가 왔다.</p>\n"
          "<p class=\"changed\">위원회는 <del>정<b>량</b></del><ins>정<b>성</b></ins> "
          "평가를 한다.</p>\n<p class=\"removed\"><del>길이 젖었다.</del></p>\n"
          "<p class=\"same\">&lt;끝&gt;.</p>\n"
          "<p class=\"added\"><ins>새 문장이다.</ins></p>\n</div>\n" },
        { "colour",
          { SILLOK_DIFF_WORDS, 1, 0, 0 },
          "\x1b[2m⋯ 1 sentence unchanged\x1b[0m\n위원회는 \x1b[31m정\x1b[1;4m량"
          "\x1b[22;24m\x1b[0m\x1b[32m정\x1b[1;4m성\x1b[22;24m\x1b[0m 평가를 한다. "
          "\x1b[31m길이 젖었다. \x1b[0m\n\x1b[2m⋯ 1 sentence unchanged\x1b[0m\n"
          "\x1b[32m새 문장이다.\x1b[0m\n" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        expect_render(cases[i].name, a, b, &cases[i].o, cases[i].want);
}

/* No line of the two columns is wider than asked, whatever the texts and the width. */
static void test_side_width(void **state)
{
    (void)state;
    seed = 271828;
    for (int round = 0; round < 300; round++) {
        CLEANUP(buf_release) struct buf a = BUF_INIT;
        CLEANUP(buf_release) struct buf b = BUF_INIT;
        random_text(&a, random_below(12));
        mutate(&b, text_make(a.ptr, a.len));
        const int columns = 23 + (int)random_below(60);
        const struct sillok_render_options o = { SILLOK_DIFF_SIDE, 0, columns, -1 };
        const struct sillok_text x = text_make(a.ptr, a.len), y = text_make(b.ptr, b.len);
        struct sillok_diff *d = NULL;
        char *out = NULL;
        size_t len;
        assert_int_equal(sillok_diff_new(&d, x, y), 0);
        assert_int_equal(sillok_diff_render(&out, &len, d, x, y, &o), 0);
        for (char *p = out, *end; (end = strchr(p, '\n')); p = end + 1)
            assert_true(utf8_text_columns(text_make(p, (size_t)(end - p))) <=
                        (size_t)columns);
        sillok_free(out);
        sillok_diff_free(d);
    }
}

static void test_json(void **state)
{
    static const char a[] = "비가 왔다. \"5\"\x1b\xE2\x80\xAE원\\이다. 길이 젖었다.";
    static const char b[] =
        "비가 왔다. \"6\"\x1b\xE2\x80\xAE원\\이다. 길이 젖었다.\xFF\x01";
    const struct sillok_render_options o = { SILLOK_DIFF_JSON, 0, 0, 1 };
    (void)state;
    char *text = render(a, b, &o);
    for (const char *p = text; *p; p++)
        assert_true((uint8_t)*p >= 0x20 || *p == '\n');
    assert_null(strstr(text, "\xE2\x80\xAE"));
    json_error_t error;
    json_t *root = json_loads(text, 0, &error);
    if (!root)
        fail_msg("line %d: %s", error.line, error.text);
    const json_t *rows = json_object_get(root, "rows");
    const json_t *edits = json_object_get(json_array_get(rows, 1), "edits");
    const json_t *removed = json_array_get(edits, 1);
    assert_string_equal(json_string_value(json_object_get(removed, "op")), "removed");
    assert_string_equal(json_string_value(json_object_get(removed, "text")), "5");
    const json_t *range = json_object_get(removed, "old");
    assert_int_equal(json_integer_value(json_array_get(range, 0)), strchr(a, '5') - a);
    assert_int_equal(json_integer_value(json_array_get(range, 1)),
                     strchr(a, '5') - a + 1);
    const json_t *figures = json_object_get(root, "figures");
    assert_int_equal(json_integer_value(json_object_get(figures, "hunks")), 2);
    assert_true(json_is_false(json_object_get(figures, "coarse")));
    json_decref(root);
    sillok_free(text);
}

/* Nothing of a text comes out live: no control characters, no overrides, no tags. */
static void test_hostile_output(void **state)
{
    static const char evil[] =
        "\x1b]0;owned\x07 <script>alert('x')</script> & \"q\" "
        "\xE2\x80\xAEgnp.exe\xC2\x9B 2J \r\b\x7f \xFF\xED\xA0\x80 끝.";
    static const char calm[] = "조용한 글이다.";
    (void)state;
    for (int format = SILLOK_DIFF_WORDS; format <= SILLOK_DIFF_JSON; format++) {
        const struct sillok_render_options o = { (enum sillok_diff_format)format, 0, 40,
                                                 -1 };
        for (int way = 0; way < 3; way++) {
            char *out = render(way == 1 ? calm : evil, way == 0 ? calm : evil, &o);
            assert_true(utf8_valid(text_of(out)));
            for (size_t i = 0, len = strlen(out); i < len;) {
                uint32_t cp;
                i += utf8_decode(out + i, len - i, &cp);
                if (cp != '\n' && utf8_is_live(cp))
                    fail_msg("format %d lets U+%04X through", format, (unsigned)cp);
            }
            if (format == SILLOK_DIFF_HTML) {
                assert_null(strstr(out, "<script"));
                assert_null(strstr(out, "'x'"));
                assert_null(strstr(out, "\"q\""));
            }
            sillok_free(out);
        }
    }
}

static void test_render_anything(void **state)
{
    (void)state;
    seed = 1618033988;
    for (int round = 0; round < 400; round++) {
        CLEANUP(buf_release) struct buf a = BUF_INIT;
        CLEANUP(buf_release) struct buf b = BUF_INIT;
        random_text(&a, random_below(20));
        mutate(&b, text_make(a.ptr, a.len));
        const struct sillok_text x = text_make(a.ptr, a.len), y = text_make(b.ptr, b.len);
        struct sillok_diff *d = NULL;
        assert_int_equal(sillok_diff_new(&d, x, y), 0);
        for (int format = SILLOK_DIFF_WORDS; format <= SILLOK_DIFF_JSON; format++) {
            const struct sillok_render_options o = { (enum sillok_diff_format)format,
                                                     (int)random_below(2),
                                                     (int)random_below(120),
                                                     (int)random_below(4) - 1 };
            char *out = NULL;
            size_t len;
            assert_int_equal(sillok_diff_render(&out, &len, d, x, y, &o), 0);
            assert_true(utf8_valid(text_make(out, len)));
            if (format == SILLOK_DIFF_JSON) {
                json_t *root = json_loadb(out, len, 0, NULL);
                assert_non_null(root);
                json_decref(root);
            }
            sillok_free(out);
        }
        sillok_diff_free(d);
    }
}

static void test_bad_format(void **state)
{
    struct sillok_diff *d = NULL;
    char *out = NULL;
    size_t len;
    const struct sillok_text t = text_of("비");
    struct sillok_render_options o = SILLOK_RENDER_OPTIONS_INIT;
    (void)state;
    assert_int_equal(sillok_diff_new(&d, t, text_make(NULL, 0)), 0);
    memset(&o.format, 0x7f, sizeof(o.format));
    assert_int_equal(sillok_diff_render(&out, &len, d, t, text_make(NULL, 0), &o),
                     SILLOK_EINVALID);
    assert_null(out);
    sillok_diff_free(d);
    sillok_diff_free(NULL);
}

static void test_figures(void **state)
{
    struct sillok_diff *d = NULL;
    (void)state;
    /* 13 and 13 characters, 2 and 2 of them changed */
    assert_int_equal(sillok_diff_new(&d, text_of("위원회는 정량 평가를 한다."),
                                     text_of("위원회는 정성 평가를 한다.")),
                     0);
    const struct sillok_diff_figures *f = sillok_diff_figures(d);
    assert_int_equal(f->added_chars, 2);
    assert_int_equal(f->removed_chars, 2);
    assert_int_equal(f->n_hunks, 1);
    assert_int_equal(f->sentences_changed, 1);
    assert_true(f->similarity > 1 - 4 / 24.0 - 1e-9 &&
                f->similarity < 1 - 4 / 24.0 + 1e-9);
    sillok_diff_free(d);
    /* what differs in blanks alone is not equal */
    assert_int_equal(sillok_diff_new(&d, text_of("a b"), text_of("a  b")), 0);
    assert_true(sillok_diff_figures(d)->similarity < 1);
    assert_true(sillok_diff_figures(d)->similarity > 0.99);
    sillok_diff_free(d);
}

/* --- bounds --- */

enum { BIG = 16 << 20 };

static void fill_lines(struct buf *b, int side)
{
    while (b->len < BIG)
        assert_int_equal(buf_printf(b, "%c%x%x\n", side ? 'a' : 'b',
                                    random_below(1 << 30), random_below(1 << 30)),
                         0);
}

static void fill_short_lines(struct buf *b, int side)
{
    (void)side;
    for (int i = 0; i < 1000000; i++)
        assert_int_equal(buf_printf(b, "%c\n", 'a' + (int)random_below(26)), 0);
}

static void fill_equal_lines(struct buf *b, int side)
{
    while (b->len < (size_t)BIG - (side ? 1000 : 0))
        assert_int_equal(buf_add(b, "a\na\na\na\n", 8), 0);
}

static void fill_one_line(struct buf *b, int side)
{
    (void)side;
    while (b->len < BIG)
        assert_int_equal(buf_add_char(b, (char)('a' + random_below(26))), 0);
}

static void fill_signs(struct buf *b, int side)
{
    (void)side;
    while (b->len < BIG)
        assert_int_equal(buf_add_char(b, random_below(2) ? '.' : ','), 0);
}

static void fill_words(struct buf *b, int side)
{
    while (b->len < BIG)
        assert_int_equal(buf_add(b, side ? "a b. " : "a c. ", 5), 0);
}

static void fill_marks(struct buf *b, int side)
{
    while (b->len < BIG)
        assert_int_equal(buf_add(b, "\xCC\x81\xCC\xA3", 4), 0);
    if (side)
        b->ptr[BIG / 2] = 'z';
}

static void fill_bytes(struct buf *b, int side)
{
    (void)side;
    while (b->len < BIG)
        assert_int_equal(buf_add_char(b, (char)random_below(256)), 0);
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void test_bounds(void **state)
{
    static const struct {
        const char *name;
        void (*fill)(struct buf *b, int side);
    } cases[] = {
        { "no common line", fill_lines },
        { "a million lines of one character", fill_short_lines },
        { "all lines equal", fill_equal_lines },
        { "one line without blanks", fill_one_line },
        { "signs", fill_signs },
        { "every sentence changed", fill_words },
        { "combining marks", fill_marks },
        { "no text at all", fill_bytes },
    };
    (void)state;
    seed = 42;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        CLEANUP(buf_release) struct buf a = BUF_INIT;
        CLEANUP(buf_release) struct buf b = BUF_INIT;
        cases[i].fill(&a, 0);
        cases[i].fill(&b, 1);
        const double start = seconds();
        check_diff(text_make(a.ptr, a.len), text_make(b.ptr, b.len));
        const double took = seconds() - start;
/* The promise is that of optimized code. */
#if !defined(SANITIZED) && defined(__OPTIMIZE__)
        if (took > 4) /* the promise is 2 s for the diff; checking it takes time too */
            fail_msg("%s: %.1f s", cases[i].name, took);
        struct rusage u;
        assert_int_equal(getrusage(RUSAGE_SELF, &u), 0);
        if (u.ru_maxrss > (256 + 2 * 25) * 1024) /* the texts themselves, with slack */
            fail_msg("%s: %ld kB", cases[i].name, u.ru_maxrss);
#else
        (void)took;
#endif
    }
}

static void test_coarse_is_said(void **state)
{
    (void)state;
    CLEANUP(buf_release) struct buf a = BUF_INIT;
    CLEANUP(buf_release) struct buf b = BUF_INIT;
    seed = 7;
    fill_short_lines(&a, 0);
    fill_short_lines(&b, 1);
    struct sillok_diff *d = NULL;
    const struct sillok_text x = text_make(a.ptr, a.len), y = text_make(b.ptr, b.len);
    assert_int_equal(sillok_diff_new(&d, x, y), 0);
    assert_int_equal(sillok_diff_figures(d)->coarse, 1);
    const struct sillok_render_options o = { SILLOK_DIFF_WORDS, 0, 80, 0 };
    char *out = NULL;
    size_t len;
    assert_int_equal(sillok_diff_render(&out, &len, d, x, y, &o), 0);
    assert_non_null(strstr(out, "compared coarsely"));
    sillok_free(out);
    sillok_diff_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bounds), /* first: it asks for the peak of memory */
        cmocka_unit_test(test_sentences),
        cmocka_unit_test(test_tokens),
        cmocka_unit_test(test_lcs),
        cmocka_unit_test(test_lcs_patience),
        cmocka_unit_test(test_lcs_budget),
        cmocka_unit_test(test_invariants),
        cmocka_unit_test(test_invariants_bytes),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_context),
        cmocka_unit_test(test_formats),
        cmocka_unit_test(test_side_width),
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_hostile_output),
        cmocka_unit_test(test_render_anything),
        cmocka_unit_test(test_bad_format),
        cmocka_unit_test(test_figures),
        cmocka_unit_test(test_coarse_is_said),
    };
    return cmocka_run_group_tests_name("diff", tests, NULL, NULL);
}
