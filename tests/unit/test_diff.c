/*
 * Diffs of any two texts: rows and edits cover both, whatever they are, every format
 * shows them, and how long it may take.
 */
#include "diff/sentence.h"

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
#include <sys/mman.h>
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

/* What is not NFC is compared as NFC; spans are of the texts as they are. */
static void test_normal_form(void **state)
{
    static const char han[] = "\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB"; /* 한 */
    char before[200], after[200];
    size_t n;
    struct sillok_diff *d = NULL;
    (void)state;
    snprintf(before, sizeof(before), "비가 온다. %s 명이 %s강에 있다. 끝.", han, han);
    snprintf(after, sizeof(after), "비가 온다. 한 명이 %s산에 있다. e\xCC\x81 끝.", han);
    const struct sillok_text a = text_of(before), b = text_of(after);
    assert_int_equal(sillok_diff_new(&d, a, b), 0);
    const struct sillok_edit *edits = sillok_diff_edits(d, &n);
    size_t i = 0, j = 0, removed = 0;
    for (size_t k = 0; k < n; k++) {
        const struct sillok_text x =
            text_make(a.ptr + edits[k].old_span.start,
                      edits[k].old_span.end - edits[k].old_span.start);
        const struct sillok_text y =
            text_make(b.ptr + edits[k].new_span.start,
                      edits[k].new_span.end - edits[k].new_span.start);
        assert_true(utf8_valid(x) && utf8_valid(y));
        if (edits[k].op == SILLOK_EDIT_REMOVED) {
            assert_true(text_ends(x, "강에"));
            assert_int_equal(x.len, strlen(han) + strlen("강에"));
            removed++;
        }
    }
    assert_int_equal(removed, 1);
    const struct sillok_row *rows = sillok_diff_rows(d, &n);
    for (size_t k = 0; k < n; k++) {
        check_span(rows[k].old_span, &i);
        check_span(rows[k].new_span, &j);
    }
    assert_int_equal(i, a.len);
    assert_int_equal(j, b.len);
    sillok_diff_free(d);

    snprintf(after, sizeof(after), "비가 온다. 한 명이 한강에 있다. 끝.");
    assert_int_equal(sillok_diff_new(&d, a, text_of(after)), 0);
    const struct sillok_diff_figures *f = sillok_diff_figures(d);
    assert_true(f->similarity < 1 && f->n_hunks == 0);
    assert_int_equal(f->added_chars + f->removed_chars, 0);
    sillok_diff_free(d);
}

/* The same text in both forms: not the same bytes, but nothing in it differs. */
static void test_normal_form_of_other_scripts(void **state)
{
    static const struct {
        const char *name, *apart, *composed;
    } cases[] = {
        { "voiced kana", "か\xE3\x82\x99 いた。", "が いた。" },
        { "half voiced kana", "ハ\xE3\x82\x9Aン。", "パン。" },
        { "kana that repeats", "ゝ\xE3\x82\x99。", "ゞ。" },
        { "Myanmar", "\xE1\x80\xA5\xE1\x80\xAE", "\xE1\x80\xA6" },
        { "Thai, tone before vowel", "ก\xE0\xB9\x88\xE0\xB8\xB8",
          "ก\xE0\xB8\xB8\xE0\xB9\x88" },
        { "Lao, tone before vowel", "\xE0\xBA\x81\xE0\xBB\x88\xE0\xBA\xB8",
          "\xE0\xBA\x81\xE0\xBA\xB8\xE0\xBB\x88" },
        { "Bengali", "\xE0\xA6\x95\xE0\xA7\x87\xE0\xA6\xBE", "\xE0\xA6\x95\xE0\xA7\x8B" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct sillok_diff *d = NULL;
        assert_int_equal(
            sillok_diff_new(&d, text_of(cases[i].apart), text_of(cases[i].composed)), 0);
        const struct sillok_diff_figures *f = sillok_diff_figures(d);
        if (f->n_hunks || f->added_chars || f->removed_chars || f->similarity == 1 ||
            f->similarity < 0.99)
            fail_msg("%s: %g", cases[i].name, f->similarity);
        sillok_diff_free(d);
    }
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
    assert_int_equal(buf_add_text(out, text_from(t, at)), 0);
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
    /* of what was put in alone, too */
    assert_int_equal(sillok_diff_new(&d, text_of(""), y), 0);
    assert_int_equal(sillok_diff_figures(d)->coarse, 1);
    sillok_diff_free(d);
}

/* A text past what is compared at once, in every format. */
static void test_coarse_formats(void **state)
{
    static const char *const notes[] = {
        [SILLOK_DIFF_WORDS] = "⋯ compared coarsely",
        [SILLOK_DIFF_SIDE] = "⋯ compared coarsely",
        [SILLOK_DIFF_SENTENCES] = "⋯ compared coarsely",
        [SILLOK_DIFF_HTML] = "<p class=\"note\">⋯ compared coarsely",
        [SILLOK_DIFF_JSON] = "\"coarse\": true",
    };
    CLEANUP(buf_release) struct buf b = BUF_INIT;
    (void)state;
    for (int i = 0; i < 2; i++) {
        for (int k = 0; k < 140 * 1024 / 8; k++)
            assert_int_equal(buf_add_str(&b, "나 다 "), 0);
        assert_int_equal(buf_add_str(&b, "이다. "), 0);
    }
    const struct sillok_text x = text_of("가나다라 마바사."), y = text_make(b.ptr, b.len);
    struct sillok_diff *d = NULL;
    assert_int_equal(sillok_diff_new(&d, x, y), 0);
    assert_int_equal(sillok_diff_figures(d)->coarse, 1);
    for (int format = SILLOK_DIFF_WORDS; format <= SILLOK_DIFF_JSON; format++) {
        const struct sillok_render_options o = { (enum sillok_diff_format)format, 0, 80,
                                                 0 };
        char *out = NULL;
        size_t len;
        assert_int_equal(sillok_diff_render(&out, &len, d, x, y, &o), 0);
        if (!strstr(out, notes[format]))
            fail_msg("format %d does not say it", format);
        sillok_free(out);
    }
    sillok_diff_free(d);
}

/* Sentences made so that all come to one place of the table: equal ones are found among
 * the first 64, and merely unlike behind them; what both texts say stays covered. */
static void test_sentences_that_collide(void **state)
{
    enum { N = 80, FOUND = 64, MASK = 511 };
    char said[N][40];
    CLEANUP(buf_release) struct buf a = BUF_INIT;
    CLEANUP(buf_release) struct buf b = BUF_INIT;
    (void)state;
    for (int i = 0, n = 0; n < N; i++) {
        struct sentences s;
        snprintf(said[n], sizeof(said[n]), "There are %d trees here.\n", i);
        assert_int_equal(sentences_split(&s, text_of(said[n])), 0);
        assert_int_equal(s.n, 1);
        n += (s.v[0].hash & MASK) == 0;
        sentences_release(&s);
    }
    for (int i = 0; i < N; i++)
        assert_int_equal(buf_add_str(&a, said[i]) | buf_add_str(&b, said[N - 1 - i]), 0);
    const struct sillok_text x = text_make(a.ptr, a.len), y = text_make(b.ptr, b.len);
    check_diff(x, y);
    struct sillok_diff *d = NULL;
    assert_int_equal(sillok_diff_new(&d, x, y), 0);
    assert_int_equal(sillok_diff_figures(d)->sentences_moved, FOUND - 1);
    sillok_diff_free(d);
}

/* How much is compared at once is measured from where the comparison begins, not from the
 * start of the text. */
static void test_gap_far_behind(void **state)
{
    CLEANUP(buf_release) struct buf a = BUF_INIT;
    CLEANUP(buf_release) struct buf b = BUF_INIT;
    struct buf *const both[] = { &a, &b };
    struct sillok_diff *d = NULL;
    (void)state;
    for (int side = 0; side < 2; side++) {
        for (int i = 0; i < 4000; i++)
            assert_int_equal(
                buf_printf(both[side], "나무 %d 그루가 여기에 서 있다.\n", i), 0);
        assert_true(both[side]->len > 160 * 1024);
        for (int i = 0; i < 3; i++)
            assert_int_equal(buf_printf(both[side], "강물이 %s 흐른다고 %d번 말했다.\n",
                                        side ? "세차게" : "천천히", i),
                             0);
    }
    const struct sillok_text x = text_make(a.ptr, a.len), y = text_make(b.ptr, b.len);
    assert_int_equal(sillok_diff_new(&d, x, y), 0);
    assert_int_equal(sillok_diff_figures(d)->coarse, 0);
    assert_int_equal(sillok_diff_figures(d)->sentences_changed, 3);
    sillok_diff_free(d);
}

/* The same word many times: one more of it is one place, wherever that is shown. */
static void test_one_more_of_many(void **state)
{
    CLEANUP(buf_release) struct buf a = BUF_INIT;
    (void)state;
    for (int i = 0; i < 300; i++)
        assert_int_equal(buf_add_str(&a, "나무 "), 0);
    const struct sillok_text less = text_make(a.ptr, a.len - strlen("나무 ")),
                             more = text_make(a.ptr, a.len);
    check_diff(less, more);
    struct sillok_diff *d = NULL;
    assert_int_equal(sillok_diff_new(&d, less, more), 0);
    assert_int_equal(sillok_diff_figures(d)->n_hunks, 1);
    assert_int_equal(sillok_diff_figures(d)->added_chars, 2);
    assert_int_equal(sillok_diff_figures(d)->removed_chars, 0);
    sillok_diff_free(d);
}

/* Past 2 GiB a text is one row. It is told by its length alone, so none has to be there.
 */
static void test_huge_texts(void **state)
{
    const size_t len = (size_t)INT32_MAX + 1;
    (void)state;
    char *nothing =
        mmap(NULL, len, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    assert_true(nothing != MAP_FAILED);
    const struct sillok_text huge = text_make(nothing, len),
                             small = text_of("비가 왔다.");
    for (int back = 0; back < 2; back++) {
        const struct sillok_text a = back ? small : huge, b = back ? huge : small;
        struct sillok_diff *d = NULL;
        size_t n, i = 0, j = 0;
        assert_int_equal(sillok_diff_new(&d, a, b), 0);
        const struct sillok_row *rows = sillok_diff_rows(d, &n);
        assert_int_equal(n, 2);
        for (size_t k = 0; k < n; k++) {
            assert_int_equal(rows[k].op, k ? SILLOK_ROW_ADDED : SILLOK_ROW_REMOVED);
            check_span(rows[k].old_span, &i);
            check_span(rows[k].new_span, &j);
        }
        assert_int_equal(i, a.len);
        assert_int_equal(j, b.len);
        const struct sillok_diff_figures *f = sillok_diff_figures(d);
        assert_true(f->coarse == 1 && f->n_hunks == 1 && f->similarity == 0);
        sillok_diff_free(d);
    }
    assert_int_equal(munmap(nothing, len), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bounds), /* first: it asks for the peak of memory */
        cmocka_unit_test(test_invariants),
        cmocka_unit_test(test_invariants_bytes),
        cmocka_unit_test(test_side_width),
        cmocka_unit_test(test_render_anything),
        cmocka_unit_test(test_figures),
        cmocka_unit_test(test_coarse_is_said),
        cmocka_unit_test(test_coarse_formats),
        cmocka_unit_test(test_sentences_that_collide),
        cmocka_unit_test(test_gap_far_behind),
        cmocka_unit_test(test_one_more_of_many),
        cmocka_unit_test(test_normal_form),
        cmocka_unit_test(test_normal_form_of_other_scripts),
        cmocka_unit_test(test_huge_texts),
    };
    return cmocka_run_group_tests_name("diff", tests, NULL, NULL);
}
