/* UTF-8: decoding of everything that is not UTF-8, widths, and what a terminal may see.
 */
#include "base/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

/* Copies into memory of exactly that size, so that a read past the end is found. */
static char *exact(const char *bytes, size_t len)
{
    char *p = malloc(len ? len : 1);
    assert_non_null(p);
    memcpy(p, bytes, len);
    return p;
}

static void test_decode(void **state)
{
    static const struct {
        const char *name, *bytes;
        size_t len, used;
        uint32_t cp;
    } cases[] = {
        { "ascii", "A", 1, 1, 'A' },
        { "zero byte", "\0", 1, 1, 0 },
        { "two bytes, first", "\xC2\x80", 2, 2, 0x80 },
        { "two bytes, last", "\xDF\xBF", 2, 2, 0x7FF },
        { "three bytes, first", "\xE0\xA0\x80", 3, 3, 0x800 },
        { "Hangul", "\xEA\xB0\x80", 3, 3, 0xAC00 },
        { "last before the surrogates", "\xED\x9F\xBF", 3, 3, 0xD7FF },
        { "first after the surrogates", "\xEE\x80\x80", 3, 3, 0xE000 },
        { "a real U+FFFD", "\xEF\xBF\xBD", 3, 3, 0xFFFD },
        { "four bytes, first", "\xF0\x90\x80\x80", 4, 4, 0x10000 },
        { "four bytes, last", "\xF4\x8F\xBF\xBF", 4, 4, 0x10FFFF },
        { "lone tail", "\x80", 1, 1, 0xFFFD },
        { "overlong slash", "\xC0\xAF", 2, 1, 0xFFFD },
        { "overlong, three bytes", "\xE0\x9F\xBF", 3, 1, 0xFFFD },
        { "overlong, four bytes", "\xF0\x8F\xBF\xBF", 4, 1, 0xFFFD },
        { "surrogate", "\xED\xA0\x80", 3, 1, 0xFFFD },
        { "past U+10FFFF", "\xF4\x90\x80\x80", 4, 1, 0xFFFD },
        { "never a lead byte", "\xF5\x80\x80\x80", 4, 1, 0xFFFD },
        { "FF", "\xFF", 1, 1, 0xFFFD },
        { "cut after one of two", "\xC3", 1, 1, 0xFFFD },
        { "cut after two of three", "\xEA\xB0", 2, 1, 0xFFFD },
        { "cut after three of four", "\xF0\x9F\x98", 3, 1, 0xFFFD },
        { "second is no tail", "\xEA\x41\x80", 3, 1, 0xFFFD },
        { "third is no tail", "\xEA\xB0\x41", 3, 1, 0xFFFD },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *p = exact(cases[i].bytes, cases[i].len);
        uint32_t cp = 1;
        const size_t used = utf8_decode(p, cases[i].len, &cp);
        free(p);
        if (used != cases[i].used || cp != cases[i].cp)
            fail_msg("%s: %zu bytes, U+%04X", cases[i].name, used, (unsigned)cp);
    }
}

static void test_every_code_point(void **state)
{
    (void)state;
    for (uint32_t cp = 0; cp <= 0x10FFFF; cp++) {
        if (cp >= 0xD800 && cp <= 0xDFFF)
            continue;
        char bytes[4];
        uint32_t back;
        const size_t n = utf8_encode(cp, bytes);
        if (utf8_decode(bytes, n, &back) != n || back != cp)
            fail_msg("U+%04X comes back as U+%04X", (unsigned)cp, (unsigned)back);
        const int w = utf8_columns(cp);
        if (w < 0 || w > 2)
            fail_msg("U+%04X is %d columns wide", (unsigned)cp, w);
    }
    char bytes[4];
    assert_int_equal(utf8_encode(0xD800, bytes), 3); /* not encodable: U+FFFD */
    assert_memory_equal(bytes, "\xEF\xBF\xBD", 3);
}

static void test_valid(void **state)
{
    static const struct {
        const char *bytes;
        size_t len;
        int valid;
    } cases[] = {
        { "", 0, 1 },
        { "eight by", 8, 1 },
        { "a long line of plain letters, more than a word", 46, 1 },
        { "한글과 English", 17, 1 },
        { "plain until the very end\xFF", 25, 0 },
        { "\xEA\xB0", 2, 0 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        if (utf8_valid(text_make(cases[i].bytes, cases[i].len)) != cases[i].valid)
            fail_msg("case %zu", i);
    assert_int_equal(utf8_valid(text_make(NULL, 0)), 1);
}

static void test_cuts(void **state)
{
    static const struct {
        const char *text;
        size_t most, len;
    } cases[] = {
        { "", 0, 0 },     { "abc", 0, 0 },  { "abc", 2, 2 },          { "abc", 3, 3 },
        { "abc", 9, 3 },  { "a한b", 3, 1 }, { "a한b", 4, 4 },         { "한", 2, 0 },
        { "한글", 5, 3 }, { "한글", 6, 6 }, { "\x80\x80\x80", 2, 0 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        if (utf8_cut(text_of(cases[i].text), cases[i].most).len != cases[i].len)
            fail_msg("case %zu", i);
    assert_int_equal(utf8_before(text_of("a한b"), 5), 4);
    assert_int_equal(utf8_before(text_of("a한b"), 4), 1);
    assert_int_equal(utf8_before(text_of("a한b"), 1), 0);
    assert_int_equal(utf8_before(text_of("a한b"), 0), 0);
    assert_int_equal(utf8_common_start(text_of("값 하나"), text_of("값 한")), 4);
    assert_int_equal(utf8_common_start(text_of("값"), text_of("값 둘")), 3);
    assert_int_equal(utf8_common_start(text_of("가"), text_of("각")), 0);
}

static void test_columns(void **state)
{
    static const struct {
        const char *name;
        uint32_t cp;
        int columns;
    } cases[] = {
        { "letter", 'a', 1 },
        { "Hangul", 0xAC00, 2 },
        { "Hanja", 0x5B57, 2 },
        { "full width", 0xFF01, 2 },
        { "emoji", 0x1F600, 2 },
        { "combining acute", 0x301, 0 },
        { "joiner", 0x200D, 0 },
        { "ideographic space", 0x3000, 2 },
        { "newline", '\n', 0 },
        { "leading jamo", 0x1100, 2 },
        { "vowel jamo", 0x1161, 0 },
        { "final jamo", 0x11A8, 0 },
        { "past the end", 0x110000, 0 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        if (utf8_columns(cases[i].cp) != cases[i].columns)
            fail_msg("%s: %d", cases[i].name, utf8_columns(cases[i].cp));
    assert_int_equal(utf8_text_columns(text_of("서울 ab\x1b")), 11); /* \x1b is four */
}

static void test_marks(void **state)
{
    static const struct {
        const char *name;
        uint32_t cp;
        int is_mark;
    } cases[] = {
        { "letter", 'a', 0 },           { "zero byte", 0, 0 },
        { "acute by itself", 0xB4, 0 }, { "combining acute", 0x301, 1 },
        { "fatha", 0x64E, 1 },          { "point of Hebrew", 0x5B7, 1 },
        { "vowel sign", 0x93E, 1 },     { "enclosing circle", 0x20DD, 1 },
        { "Hangul", 0xAC00, 0 },        { "leading jamo", 0x1100, 0 },
        { "vowel jamo", 0x1161, 1 },    { "final jamo", 0x11A8, 1 },
        { "joiner", 0x200D, 1 },        { "variation selector", 0xFE0F, 1 },
        { "emoji", 0x1F600, 0 },        { "past the end", 0x110000, 0 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        if (utf8_is_mark(cases[i].cp) != cases[i].is_mark)
            fail_msg("%s: %d", cases[i].name, utf8_is_mark(cases[i].cp));
}

static void test_inside(void **state)
{
    const struct sillok_text t = text_of("가\xCC\x81"
                                         "b");
    static const int inside[] = { 0, 1, 1, 1, 1, 0, 0, 0 }; /* behind the end, too */
    (void)state;
    for (size_t at = 0; at < sizeof(inside) / sizeof(inside[0]); at++)
        assert_int_equal(utf8_is_inside(t, at), inside[at]);
    assert_int_equal(utf8_is_inside(text_make("", 0), 0), 0);
}

/* Texts with a | in front of each letter that a reader sees: only there can one be cut. */
static void test_letters_seen(void **state)
{
    static const char *const cases[] = {
        "|a|b|가|漢|😀|!",
        "|👨‍👩‍👧|👍🏽|❤️|끝", /* a family, a skin, a heart in colour */
        "|🇰🇷|🇰🇵|🇺🇸|가",                            /* flags in a row */
        "|กำ|น้ำ|ที่",                                /* sara am, tone marks */
        "|が|き",                                  /* a voiced kana in two code points */
        "|한|국",                              /* jamo */
        "|\r|\n|a",                                /* both ends of a line */
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[128], got[128];
        size_t n = 0, len = 0;
        for (const char *p = cases[i]; *p; p++)
            if (*p != '|')
                text[n++] = *p;
        const struct sillok_text t = text_make(text, n);
        for (size_t at = 0; at < n; at++) {
            if (!utf8_is_inside(t, at))
                got[len++] = '|';
            got[len++] = text[at];
        }
        got[len] = 0;
        assert_string_equal(got, cases[i]);
    }
}

static void test_safe(void **state)
{
    static const struct {
        const char *name, *in;
        int flags;
        const char *out;
    } cases[] = {
        { "plain", "서울 a", 0, "서울 a" },
        { "escape sequence", "\x1b[31mred", 0, "\\x1b[31mred" },
        { "carriage return", "a\rb", 0, "a\\x0db" },
        { "delete", "a\x7f", 0, "a\\x7f" },
        { "C1 introducer",
          "\xC2\x9B"
          "31m",
          0, "<U+009B>31m" },
        { "right-to-left override",
          "a\xE2\x80\xAE"
          "b",
          0, "a<U+202E>b" },
        { "isolate", "\xE2\x81\xA6x", 0, "<U+2066>x" },
        { "the end of isolates", "\xE2\x81\xA9x", 0, "<U+2069>x" },
        { "zero width space, BOM", "\xE2\x80\x8B\xEF\xBB\xBF", 0, "<U+200B><U+FEFF>" },
        { "joiner stays", "\xE2\x80\x8D", 0, "\xE2\x80\x8D" },
        { "invalid", "a\xFFz", 0, "a\xEF\xBF\xBDz" },
        { "newline is live", "a\nb\t", 0, "a\\x0ab\\x09" },
        { "newline kept", "a\nb\t", UTF8_KEEP_NEWLINES, "a\nb\t" },
        { "return not kept", "a\r\n", UTF8_KEEP_NEWLINES, "a\\x0d\n" },
        { "folded", " \n a \t\n b \n", UTF8_FOLD_SPACE, "a b" },
        { "no-break and ideographic space",
          "a\xC2\xA0\xE3\x80\x80"
          "b",
          UTF8_FOLD_SPACE, "a b" },
        { "nothing but space", " \n ", UTF8_FOLD_SPACE, "" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        CLEANUP(buf_release) struct buf b = BUF_INIT;
        assert_int_equal(utf8_add_safe(&b, text_of(cases[i].in), cases[i].flags), 0);
        if (!text_is(text_make(b.ptr, b.len), cases[i].out))
            fail_msg("%s: '%.*s'", cases[i].name, (int)b.len, b.ptr);
    }
}

static void test_every_live_one_is_caught(void **state)
{
    (void)state;
    for (uint32_t cp = 0; cp <= 0x10FFFF; cp++) {
        if (!utf8_is_live(cp))
            continue;
        CLEANUP(buf_release) struct buf b = BUF_INIT;
        char bytes[4];
        const size_t n = utf8_encode(cp, bytes);
        assert_int_equal(utf8_add_safe(&b, text_make(bytes, n), 0), 0);
        for (size_t i = 0; i < b.len; i++)
            assert_in_range(b.ptr[i], 0x20, 0x7E);
    }
}

static void test_fit(void **state)
{
    static const struct {
        const char *in;
        size_t columns;
        int pad;
        const char *out;
    } cases[] = {
        { "서울", 4, 0, "서울" },
        { "서울시", 4, 0, "서…" }, /* the second syllable would need column 5 */
        { "서울시", 5, 0, "서울…" },
        { "서울시", 4, 1, "서… " },
        { "abc", 5, 1, "abc  " },
        { "abc", 3, 1, "abc" },
        { "abcd", 3, 0, "ab…" },
        { " a \n b ", 3, 1, "a b" },
        { "abc", 0, 1, "" },
        { "abc", 1, 0, "…" },
        { "", 2, 1, "  " },
        { "\x1b[m", 3, 0, "…" }, /* an escaped one is not cut in the middle */
        { "e\xCC\x81"
          "e\xCC\x81",
          2, 0,
          "e\xCC\x81"
          "e\xCC\x81" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        CLEANUP(buf_release) struct buf b = BUF_INIT;
        assert_int_equal(
            utf8_add_fit(&b, text_of(cases[i].in), cases[i].columns, cases[i].pad), 0);
        if (!text_is(text_make(b.ptr, b.len), cases[i].out))
            fail_msg("'%s' in %zu: '%.*s'", cases[i].in, cases[i].columns, (int)b.len,
                     b.ptr);
    }
}

static void test_add_valid(void **state)
{
    (void)state;
    CLEANUP(buf_release) struct buf b = BUF_INIT;
    assert_int_equal(utf8_add_valid(&b, text_make("a\x1b\xFF\xED\xA0\x80\0z", 8)), 0);
    assert_true(
        text_equal(text_make(b.ptr, b.len),
                   text_make("a\x1b\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"
                             "\0z",
                             16)));
    buf_clear(&b);
    assert_int_equal(utf8_add_valid(&b, text_make("\xEA\xB0", 2)), 0);
    assert_int_equal(b.len, 6);
}

static void test_ceiling(void **state)
{
    (void)state;
    CLEANUP(buf_release) struct buf b;
    buf_init(&b, 4);
    assert_int_equal(utf8_add_safe(&b, text_of("abcdefgh"), 0), SILLOK_ENOMEM);
    assert_int_equal(utf8_add_fit(&b, text_of("abcdefgh"), 8, 1), SILLOK_ENOMEM);
    assert_int_equal(utf8_add_valid(&b, text_of("abcdefgh")), SILLOK_ENOMEM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decode),  cmocka_unit_test(test_every_code_point),
        cmocka_unit_test(test_valid),   cmocka_unit_test(test_cuts),
        cmocka_unit_test(test_columns), cmocka_unit_test(test_marks),
        cmocka_unit_test(test_inside),  cmocka_unit_test(test_letters_seen),
        cmocka_unit_test(test_safe),    cmocka_unit_test(test_every_live_one_is_caught),
        cmocka_unit_test(test_fit),     cmocka_unit_test(test_add_valid),
        cmocka_unit_test(test_ceiling),
    };
    return cmocka_run_group_tests_name("base/utf8", tests, NULL, NULL);
}
