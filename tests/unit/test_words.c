/*
 * What a diff is made of: where sentences end, what a token is, the shortest script, and
 * how its places are joined and slid until they can be read.
 */
#include "diff/hunk.h"
#include "diff/lcs.h"
#include "diff/sentence.h"
#include "diff/token.h"

#include "sillok/diff.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
        { "a number ends it", "모두 120. |그다음." },
        { "not one of a list", "방법은 둘이다. |1. 길을 넓힌다. |2. 강을 판다." },
        { "nor in the middle", "1. 길을 넓힌다 2. 강을 판다" },
        { "whatever follows", "1. ‘길’을 넓힌다. |2. [단독] 강을 판다.|3. 野가 나섰다." },
        { "of questions and answers", "Q1. 길은 왜 젖나요?|A1. 비가 왔죠." },
        { "nor a day", "2026. 1. 2. 강가에서 열렸다. |끝." },
        { "nor that of a stamp", "입력 2026.01.02. 오전 10:11" },
        { "an English day does", "It was on Jan. 31. |The road was wet." },
        { "a number of a list and a line break", "1.\n|길을 넓힌다." },
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
        { "every ending may be glued",
          "그렇다.|안 그래요.|그럴까.|그렇죠.|그러했음.|그리함.|그러임.|그러라.|하자.|"
          "그러니.|그러지.|그러네.|그렇군.|그러어.|그러야.|끝." },
        { "every other mark",
          "비가 왔다! |눈이 왔다? |그만。|끝！|길이 젖었다．|차다？|끝." },
        { "an ellipsis ends at a line's end", "그런데…\n|비가 왔다." },
        { "an ellipsis in a quotation", "“그런데…” |비가 왔다." },
        { "before a Hanja name", "비가 왔다.|李 대통령이 왔다." },
        { "glued before English", "비가 왔다.|It rained." },
        { "not glued before small letters", "비가 왔다.com 주소다." },
        { "glued before a sign", "비가 왔다.|▲길이 젖었다.|△차가 막혔다.|※끝." },
        { "glued before a bracket", "비가 왔다.|[사진] 왔다.|(끝)" },
        { "glued before a dash", "“비가 왔다.”|-언제 그칠까.|“곧 그친다.”|-끝." },
        { "glued before other signs",
          "비가 왔다.|·길이 젖었다.|☞더 보자.|▼그렇다.|◎또." },
        { "not glued before another sign", "비가 왔다.+끝." },
        { "a percentage before the mark", "3%. |다음." },
        { "a bracket before the mark", "비(雨). |다음." },
        { "a quotation before the mark", "그는 “그렇다”. |다음." },
        { "another sign before the mark", "비가 *. 왔다." },
        { "another sign before another mark", "비가 *! |왔다." },
        { "a quotation before small letters", "“Why?” he said. |“No.” |She left." },
        { "a number before a number", "모두 12. 5개다." },
        { "a number before small letters", "Version 12. is out." },
        { "two capitals are no initial", "It is in the EU. |It is far." },
        { "a mark that is no full stop after a short word", "Mr? |Hill left." },
        { "glued English needs a small letter behind", "See a.B and c.|De now." },
        { "glued English, not after a bracket", "It rained (a).The road." },
        { "glued English, not after another mark", "It rained!The road." },
        { "a straight mark opens the next", "비가 왔다.|\"Rain\" 이다." },
        { "a straight mark closes before Hangul", "“비가 왔다.\"고 했다." },
        { "two brackets close", "(“비가 왔다.”) |끝." },
        { "a mark first", ". 비가 왔다." },
        { "one blank line", "비가 왔다\n|길이 젖었다" },
        { "another system's line ends", "비가 왔다\r\n|길이 젖었다" },
        { "abbreviations",
          "Prof. Hill, Sen. Lake, Gov. Wood and Sept. Rain met in St. Ives." },
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

/* Random texts, and what random edits make of them. */
static void add_random(struct buf *b, unsigned n)
{
    static const char *const pieces[] = {
        "비가 왔다", "길이 젖었다", ".",    ".",       " ",   "!",    "\n", "It rained",
        "Mr",        "12",          "3.5%", "“그렇다", "”고", "\"",   ")",  "…",
        "李",        "라",          "끝",   "。",      "A",   "\xEA", "?",
    };
    while (n--)
        assert_int_equal(
            buf_add_str(b, pieces[random_below(sizeof(pieces) / sizeof(pieces[0]))]), 0);
}

static void edit_random(struct buf *out, const struct buf *text)
{
    size_t from = 0;
    for (unsigned edits = random_below(4); edits--;) {
        const size_t at = from + random_below((uint32_t)(text->len - from) + 1);
        const size_t gone = random_below(3) ? random_below(30) : 0;
        assert_int_equal(buf_add(out, text->ptr + from, at - from), 0);
        add_random(out, random_below(4));
        from = at + gone < text->len ? at + gone : text->len;
    }
    assert_int_equal(buf_add(out, text->ptr + from, text->len - from), 0);
}

/* Cut beside a text much like it, a text has the sentences that it has by itself. */
static void test_sentences_beside(void **state)
{
    (void)state;
    seed = 7;
    for (int round = 0; round < 4000; round++) {
        CLEANUP(buf_release) struct buf a = BUF_INIT;
        CLEANUP(buf_release) struct buf b = BUF_INIT;
        struct sentences of_a, alone, beside;
        add_random(&a, 1 + random_below(round % 10 ? 40 : 1500));
        edit_random(&b, &a);
        assert_int_equal(sentences_split(&of_a, buf_text(&a)), 0);
        assert_int_equal(sentences_split(&alone, buf_text(&b)), 0);
        assert_int_equal(sentences_split_like(&beside, buf_text(&b), &of_a, buf_text(&a)),
                         0);
        if (alone.n != beside.n ||
            (alone.n && memcmp(alone.v, beside.v, alone.n * sizeof(*alone.v)) != 0))
            fail_msg("round %d: %zu and %zu sentences", round, alone.n, beside.n);
        sentences_release(&of_a);
        sentences_release(&alone);
        sentences_release(&beside);
    }
}

/* Single spaces in plain text are passed over at once; another blank in their place is looked
 * at, and the text is cut at the same places. */
static void test_sentences_of_other_blanks(void **state)
{
    (void)state;
    seed = 11;
    for (int round = 0; round < 4000; round++) {
        CLEANUP(buf_release) struct buf a = BUF_INIT;
        CLEANUP(buf_release) struct buf b = BUF_INIT;
        struct sentences plain, other;
        add_random(&a, 1 + random_below(60));
        for (size_t i = 0; i < a.len; i++)
            assert_int_equal(a.ptr[i] == ' ' ? buf_add_str(&b, "\xc2\xa0")
                                             : buf_add_char(&b, a.ptr[i]),
                             0);
        assert_int_equal(sentences_split(&plain, buf_text(&a)), 0);
        assert_int_equal(sentences_split(&other, buf_text(&b)), 0);
        if (plain.n != other.n)
            fail_msg("round %d: %zu and %zu sentences", round, plain.n, other.n);
        for (size_t i = 0; i < plain.n; i++) {
            assert_int_equal(plain.v[i].hash, other.v[i].hash);
            assert_int_equal(plain.v[i].chars, other.v[i].chars);
        }
        sentences_release(&plain);
        sentences_release(&other);
    }
}

static void test_tokens(void **state)
{
    static const struct {
        const char *name, *pieces;
    } cases[] = {
        { "number and unit", "15|일| |2|조|800|억" },
        { "grouped and decimal", "1,234.5|%| |3|.| |4" },
        { "a score", "3:2| |3-2| |3대2|로| |3|대| |2| |30|대| |3|대의" },
        { "scripts", "CJ|그룹의| |ENM|사" },
        { "apostrophe", "don't| |'|quoted|'| |don’t" },
        { "Hanja one by one", "李|在| |대통령" },
        { "blanks together", "a| \n |b" },
        { "combining mark", "e\xCC\x81t\xC3\xA9| |x" },
        { "signs one by one", ".|.|.|“|”" },
        { "emoji with a joiner", "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x92\xBB" },
        { "invalid bytes", "\xFF|\xFE|a" },
        { "a sign between letters", "a|-|b| |a|.|b| |'|a" },
        { "a comma at the end of a number", "1|,| |1|,|a| |1|,|,|2" },
        { "an apostrophe between digits", "1|'|2" },
        { "a full stop behind letters", "v|1.2| |v|.|1" },
        { "jamo and syllables", "ㅋㅋ한글ㅠ| |ᄀ가" },
        { "araea is a dot", "가|ㆍ|나" },
        { "kana one by one", "カ|タ|ー" },
        { "numbers in circles one by one", "①|②" },
        { "a mark on a blank", " |\xCC\x81" },
        { "a mark on a sign", "-\xCC\x81|-" },
        { "full-width digits", "１２,３|개" },
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

/* Marks and what closes behind them are read up to a number of each; more of them make a
 * sentence of their own, and no text is lost. */
static void test_many_marks(void **state)
{
    static const struct {
        const char *mark;
        int n;
        size_t sentences;
    } cases[] = {
        { "!", 32, 2 }, { "!", 33, 2 }, { "!", 100, 2 }, { ")", 32, 2 }, { ")", 33, 1 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        CLEANUP(buf_release) struct buf b = BUF_INIT;
        assert_int_equal(buf_add_str(&b, "비가 왔다."), 0);
        for (int k = 0; k < cases[i].n; k++)
            assert_int_equal(buf_add_str(&b, cases[i].mark), 0);
        assert_int_equal(buf_add_str(&b, " 끝이다."), 0);
        struct sentences s;
        assert_int_equal(sentences_split(&s, text_make(b.ptr, b.len)), 0);
        if (s.n != cases[i].sentences || s.v[s.n - 1].end != b.len)
            fail_msg("%d of '%s': %zu", cases[i].n, cases[i].mark, s.n);
        sentences_release(&s);
    }
}

static void test_same_but_for_blanks(void **state)
{
    static const struct {
        const char *a, *b;
        int same;
    } cases[] = {
        { "", "", 1 },
        { "", " \n", 1 },
        { "가 나", "가나", 1 },
        { "가나 ", "\t가 나", 1 },
        { "가", "가나", 0 },
        { "가나", "나가", 0 },
        { "가", "", 0 },
        { "\xFF", "\xFE", 0 },
        { "\xFF", "\xEF\xBF\xBD", 0 },
        { "\xFF ", " \xFF", 1 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct sillok_text a = text_of(cases[i].a), b = text_of(cases[i].b);
        if (sentence_same(a, b) != cases[i].same || sentence_same(b, a) != cases[i].same)
            fail_msg("'%s' and '%s'", cases[i].a, cases[i].b);
    }
}

/* A word of any length is cut before its characters overflow their count. */
static void test_long_token(void **state)
{
    enum { LONG = 70000 };
    CLEANUP(buf_release) struct buf b = BUF_INIT;
    struct tokens t = { 0 };
    size_t at = 0, chars = 0;
    (void)state;
    for (int i = 0; i < LONG; i++)
        assert_int_equal(buf_add_char(&b, 'a'), 0);
    assert_int_equal(tokens_add(&t, text_make(b.ptr, b.len), 0, b.len), 0);
    assert_int_equal(t.n, 2);
    for (size_t i = 0; i < t.n; i++) {
        assert_int_equal(t.v[i].start, at);
        assert_int_equal(t.v[i].chars, t.v[i].len);
        at += t.v[i].len;
        chars += t.v[i].chars;
    }
    assert_int_equal(at, LONG);
    assert_int_equal(chars, LONG);
    tokens_release(&t);
}

/* Words made so that all come to one place of the table: equal ones are found among the
 * first 64, and are merely unlike behind them. */
static void test_words_that_collide(void **state)
{
    enum { N = 80, FOUND = 64, MASK = 1023 }; /* of 2 * (2 * N - 1) tokens */
    CLEANUP(buf_release) struct buf b = BUF_INIT;
    struct tokens ta = { 0 }, tb = { 0 };
    struct words w = { 0 };
    uint32_t n_ids;
    (void)state;
    for (int i = 0, n = 0; n < N; i++) {
        char word[16];
        struct tokens one = { 0 };
        snprintf(word, sizeof(word), "w%c%c%c%c", 'a' + i % 26, 'a' + i / 26 % 26,
                 'a' + i / 676 % 26, 'a' + i / 17576 % 26);
        assert_int_equal(tokens_add(&one, text_of(word), 0, strlen(word)), 0);
        assert_int_equal(one.n, 1);
        if ((one.v[0].hash & MASK) == 0)
            assert_int_equal(buf_printf(&b, "%s%s", n++ ? " " : "", word), 0);
        tokens_release(&one);
    }
    const struct sillok_text t = text_make(b.ptr, b.len);
    assert_int_equal(tokens_add(&ta, t, 0, t.len) | tokens_add(&tb, t, 0, t.len), 0);
    assert_int_equal(ta.n, 2 * N - 1);
    assert_int_equal(words_number(&w, t, &ta, t, &tb, &n_ids), 0);
    for (size_t i = 0; i < N; i++)
        if ((ta.ids[2 * i] == tb.ids[2 * i]) != (i < FOUND))
            fail_msg("word %zu: %u, %u", i, ta.ids[2 * i], tb.ids[2 * i]);
    assert_int_equal(n_ids, TOKEN_BLANK_ID + 1 + FOUND + 2 * (N - FOUND));
    words_release(&w);
    tokens_release(&ta);
    tokens_release(&tb);
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

/* Where nothing stands twice, patience gives up nothing: its run is the longest. */
static void test_lcs_permutations(void **state)
{
    (void)state;
    struct lcs w;
    lcs_init(&w, INT64_MAX);
    seed = 777;
    for (int round = 0; round < 2000; round++) {
        uint32_t x[SEQ_MAX], y[SEQ_MAX];
        uint8_t cx[SEQ_MAX], cy[SEQ_MAX];
        const size_t n = 1 + random_below(SEQ_MAX - 1);
        for (size_t i = 0; i < n; i++)
            x[i] = y[i] = (uint32_t)i;
        for (size_t i = n; i > 1; i--) { /* swapped near each other or anywhere */
            const size_t j = round % 2 ? random_below((uint32_t)i)
                                       : i - 1 - random_below(i < 4 ? (uint32_t)i : 4);
            const uint32_t t = y[i - 1];
            y[i - 1] = y[j];
            y[j] = t;
        }
        const struct lcs_seq a = { x, n, cx }, b = { y, n, cy };
        assert_int_equal(lcs_align(&w, a, b, (uint32_t)n, 1), 0);
        assert_int_equal(count_kept(a, b), longest_common(x, n, y, n));
    }
    lcs_release(&w);
}

/* Two long runs of noise. */
static int64_t align_noise(size_t n, uint32_t ids, int64_t budget, int patience,
                           size_t *kept, int *coarse)
{
    uint32_t *x = calloc(2 * n, sizeof(*x));
    uint8_t *c = calloc(2 * n, 1);
    assert_non_null(x);
    assert_non_null(c);
    for (size_t i = 0; i < 2 * n; i++)
        x[i] = random_below(ids);
    struct lcs w;
    lcs_init(&w, budget);
    const struct lcs_seq a = { x, n, c }, b = { x + n, n, c + n };
    assert_int_equal(lcs_align(&w, a, b, ids, patience), 0);
    *kept = count_kept(a, b);
    *coarse = w.coarse;
    const int64_t used = budget - w.budget;
    lcs_release(&w);
    free(x);
    free(c);
    return used;
}

/* What takes too many rounds is cut where either search got furthest: nearly as good as
 * the best. And every step is paid for, or the promise of time would not hold. */
static void test_lcs_noise(void **state)
{
    static const struct {
        size_t n;
        uint32_t ids;
        int patience;
        size_t kept;   /* at least */
        int64_t steps; /* more or less */
    } cases[] = {
        { 1000, 2, 0, 813, 227 * 1000 },     { 1000, 20, 0, 349, 1500 * 1000 },
        { 1000, 1000, 0, 52, 1187 * 1000 },  { 1000, 1000, 1, 36, 62 * 1000 },
        { 1000, 20, 1, 349, 1512 * 1000 },   { 5000, 4, 0, 3200, 5825 * 1000 },
        { 5000, 100, 0, 850, 12365 * 1000 }, { 20000, 2, 0, 16100, 16618 * 1000 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        size_t kept;
        int coarse;
        seed = 99;
        const int64_t used = align_noise(cases[i].n, cases[i].ids, INT64_MAX / 2,
                                         cases[i].patience, &kept, &coarse);
        assert_int_equal(coarse, 0);
        if (kept < cases[i].kept)
            fail_msg("%zu: %zu kept", i, kept);
        if (used < cases[i].steps / 100 * 97 || used > cases[i].steps / 100 * 103)
            fail_msg("%zu: %lld steps", i, (long long)used);
    }
    /* and what ran out is told, with what was found until then */
    for (int64_t budget = 1; budget < 2000000; budget = budget * 3 + 100) {
        size_t kept;
        int coarse;
        seed = 99;
        const int64_t used = align_noise(5000, 4, budget, 0, &kept, &coarse);
        assert_int_equal(coarse, 1);
        assert_true(used < budget + 50 * 1000);
    }
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

/* --- rows and figures --- */

/* One sign a row: = same, ~ changed, - removed, + added, < moved away, > moved here. */
static void rows_of(char *out, size_t room, const struct sillok_diff *d)
{
    size_t n;
    const struct sillok_row *rows = sillok_diff_rows(d, &n);
    assert_true(n < room);
    for (size_t i = 0; i < n; i++) {
        out[i] = "=~-+<>"[rows[i].op];
        if (rows[i].op >= SILLOK_ROW_MOVED_FROM) { /* each tells of the other */
            assert_true(rows[i].other < n && rows[i].other != i);
            assert_int_equal(rows[rows[i].other].other, i);
        }
    }
    out[n] = '\0';
}

static void test_rows(void **state)
{
    static const struct {
        const char *name, *before, *after, *rows;
        size_t hunks;
    } cases[] = {
        { "nothing", "", "", "", 0 },
        { "equal", "가. 나.", "가. 나.", "==", 0 },
        { "blanks alone", "가나 다.\n나.", "가나 다. 나.", "~=", 1 },
        { "blanks beside an edit", "가나 다.\n나 있다.", "가나 다. 라 있다.", "=~", 1 },
        { "a blank inside, beside an edit", "가나다.\n나 있다.", "가나 다. 라 있다.",
          "~~", 2 },
        { "one sentence stays among others", "둘이다. ", "하나다. 둘이다. 셋이다.", "+=+",
          2 },
        { "others went around it", "하나다. 둘이다. 셋이다.", "둘이다. ", "-=-", 2 },
        { "removed before added", "하나다 가. 끝.", "나라 둘. 끝.", "-+=", 1 },
        { "two of five words make a pair", "가 나 다 라 마. 끝.", "가 나 바 사 아. 끝.",
          "~=", 1 },
        { "two of five and six make none", "가 나 다다다 라라라 마마마. 끝.",
          "가 나 바바바 사사사 아아아 자자자. 끝.", "-+=", 1 },
        { "but one comparison over both, where that marks much less",
          "가 나 다 라 마. 끝.", "가 나 바 사 아 자. 끝.", "~=", 1 },
        { "the best of two", "가 나 다 라. 끝.", "가 나 사 아. 가 나 다 마. 끝.",
          "+~=", 2 },
        { "ten characters move", "가나다라마바사아다. 둘이다. 셋이다.",
          "둘이다. 셋이다. 가나다라마바사아다.", "<==>", 2 },
        { "nine do not", "가나다라마바사다. 둘이다. 셋이다.",
          "둘이다. 셋이다. 가나다라마바사다.", "-==+", 2 },
        { "moved and written otherwise", "가나다라마바사 아다. 둘이다. 셋이다.",
          "둘이다. 셋이다. 가나다라 마바사아다.", "<==>", 2 },
        { "two equal ones move, each to its own place",
          "가나다라마바사아다. 가나다라마바사아다. 둘이다. 셋이다. 넷이다.",
          "둘이다. 셋이다. 넷이다. 가나다라마바사아다. 가나다라마바사아다.", "<<===>>",
          2 },
        { "a move is not taken into a sentence that was split",
          "가나다라마바사아다. 비가 왔고 길이 몹시 젖어서 차가 막혔다. 해가 났다.",
          "비가 왔다. 길이 몹시 젖어서 차가 막혔다. 해가 났다. 가나다라마바사아다.",
          "<+~=>", 2 },
        { "nor where that would mark much less",
          "가나다라마바사아다. 비가 밤새 내렸고 길이 온통 젖었고 차가 모두 막혔는데 눈이 낮에 "
          "그쳤고 산이 아주 하얗고 해가 다시 났다. 끝이다.",
          "비가 밤새 내렸고 길이 온통 젖었고 차가 모두 막혔다. 눈이 낮에 그쳤고 산이 아주 "
          "하얗고 해가 다시 났다. 끝이다. 가나다라마바사아다.",
          "<+~=>", 2 },
        { "moved up", "둘이다. 셋이다. 넷이다. 가나다라마바사아다.",
          "가나다라마바사아다. 둘이다. 셋이다. 넷이다.", ">===<", 2 },
        { "the second of two went",
          "가나다라마바사아다. 둘이다. 가나다라마바사아다. 셋이다.",
          "가나다라마바사아다. 둘이다. 셋이다.", "==-=", 1 },
        { "one came back elsewhere",
          "가나다라마바사아다. 둘이다. 가나다라마바사아다. 셋이다.",
          "둘이다. 셋이다. 가나다라마바사아다.", "<=-=>", 3 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct sillok_diff *d = NULL;
        char rows[32];
        assert_int_equal(
            sillok_diff_new(&d, text_of(cases[i].before), text_of(cases[i].after)), 0);
        rows_of(rows, sizeof(rows), d);
        if (strcmp(rows, cases[i].rows) != 0 ||
            sillok_diff_figures(d)->n_hunks != cases[i].hunks)
            fail_msg("%s: '%s', %zu places", cases[i].name, rows,
                     sillok_diff_figures(d)->n_hunks);
        sillok_diff_free(d);
    }
}

/* Counted by hand. */
static void test_all_figures(void **state)
{
    static const char before[] =
        "하나다. 가나다라마바사아다. 둘이다. 값은 5원이다. 넷이 간다. 셋이다. 나라가 선다.";
    static const char after[] =
        "하나다. 둘이다. 값은 67원이다. 셋이다. 가나다라마바사아다. 비온다. 눈온다. 해난다.";
    (void)state;
    struct sillok_diff *d = NULL;
    assert_int_equal(sillok_diff_new(&d, text_of(before), text_of(after)), 0);
    char rows[32];
    rows_of(rows, sizeof(rows), d);
    assert_string_equal(rows, "=<=~-=->+++");
    const struct sillok_diff_figures *f = sillok_diff_figures(d);
    assert_int_equal(f->added_chars, 2 + 4 + 4 + 4);
    assert_int_equal(f->removed_chars, 1 + 5 + 6);
    assert_int_equal(f->n_hunks, 4);
    assert_int_equal(f->sentences_added, 3);
    assert_int_equal(f->sentences_removed, 2);
    assert_int_equal(f->sentences_changed, 1);
    assert_int_equal(f->sentences_moved, 1);
    assert_int_equal(f->coarse, 0);
    const double want = 1 - 26 / 82.0; /* 40 and 42 characters */
    assert_true(f->similarity > want - 1e-9 && f->similarity < want + 1e-9);
    sillok_diff_free(d);
}

/* Up to 200 sentences of a gap are compared with each other; what is more is in parts,
 * and that is said. */
static void test_windows(void **state)
{
    static const struct {
        size_t before, after;
        int coarse;
        size_t changed;
    } cases[] = {
        { 1, 1, 0, 1 },   { 200, 200, 0, 200 }, { 200, 3, 0, 3 },
        { 201, 3, 1, 3 }, { 3, 201, 1, 3 },     { 500, 400, 1, 360 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        CLEANUP(buf_release) struct buf a = BUF_INIT;
        CLEANUP(buf_release) struct buf b = BUF_INIT;
        for (size_t k = 0; k < cases[i].before; k++)
            assert_int_equal(buf_printf(&a, "줄 %zu 옛 글이다.\n", k), 0);
        for (size_t k = 0; k < cases[i].after; k++)
            assert_int_equal(buf_printf(&b, "줄 %zu 새 글이다.\n", k), 0);
        struct sillok_diff *d = NULL;
        assert_int_equal(
            sillok_diff_new(&d, text_make(a.ptr, a.len), text_make(b.ptr, b.len)), 0);
        const struct sillok_diff_figures *f = sillok_diff_figures(d);
        assert_int_equal(f->coarse, cases[i].coarse);
        assert_int_equal(f->sentences_changed, cases[i].changed);
        assert_int_equal(f->sentences_removed, cases[i].before - cases[i].changed);
        assert_int_equal(f->sentences_added, cases[i].after - cases[i].changed);
        sillok_diff_free(d);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sentences),
        cmocka_unit_test(test_tokens),
        cmocka_unit_test(test_sentences_beside),
        cmocka_unit_test(test_sentences_of_other_blanks),
        cmocka_unit_test(test_many_marks),
        cmocka_unit_test(test_same_but_for_blanks),
        cmocka_unit_test(test_long_token),
        cmocka_unit_test(test_words_that_collide),
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_all_figures),
        cmocka_unit_test(test_windows),
        cmocka_unit_test(test_lcs),
        cmocka_unit_test(test_lcs_patience),
        cmocka_unit_test(test_lcs_permutations),
        cmocka_unit_test(test_lcs_noise),
        cmocka_unit_test(test_lcs_budget),
    };
    return cmocka_run_group_tests_name("diff/words", tests, NULL, NULL);
}
