/*
 * Finding text: what is folded, and where words are marked.
 */
#include "find/fold.h"

#include "support.h"

#include <string.h>

static void test_fold(void **state)
{
    static const struct {
        const char *name, *text, *folded;
        size_t len; /* 0: strlen */
    } cases[] = {
        { "nothing", "", "", 0 },
        { "blanks only", " \n\t\xC2\xA0\xE3\x80\x80", "", 0 },
        { "case", "The OLD Bridge ÉCOLE", "the old bridge école", 0 },
        { "runs of blanks", "  가\n\n 나\xC2\xA0\xE3\x80\x80다  ", "가 나 다", 0 },
        { "invisible", "가\xE2\x80\x8B나\xC2\xAD다\xEF\xBB\xBF", "가나다", 0 },
        { "joined, directed, of a variant",
          "가\xE2\x80\x8D나\xE2\x80\x8F다\xEF\xB8\x8F라\xF3\xA0\x84\x80\xE2\x81\xA6마\xD8\x9C",
          "가나다라마", 0 },
        { "quotation marks", "“가” ‘나’", "\"가\" '나'", 0 },
        { "full width", "ＡＢＣ１２", "abc12", 0 },
        { "middle dots", "가ㆍ나・다∙라", "가·나·다·라", 0 },
        { "tildes and dashes", "10∼20〜30～40 –5―6−7", "10~20~30~40 -5-6-7", 0 },
        { "jamo", "\xE1\x84\x80\xE1\x85\xA1\xE1\x86\xA8\xE1\x84\x80", "각\xE1\x84\x80",
          0 },
        { "marks", "e\xCC\x81\x63", "éc", 0 },
        { "voiced kana", "か\xE3\x82\x99ハ\xE3\x82\x9A", "がパ", 0 },
        { "order of Thai marks", "ก\xE0\xB9\x88\xE0\xB8\xB8", "ก\xE0\xB8\xB8\xE0\xB9\x88",
          0 },
        { "compatibility Hanja", "\xEF\xA4\x80", "豈", 0 },
        { "not UTF-8", "a\xFF\xED\xA0\x80z",
          "a\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBDz", 0 },
        { "cut short", "가\xEA\xB0", "가\xEF\xBF\xBD\xEF\xBF\xBD", 0 },
        { "controls and zero", "a\0b\x01\x1b\x7f\x63", "a b c", 7 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buf out = BUF_INIT;
        const size_t len = cases[i].len ? cases[i].len : strlen(cases[i].text);
        assert_ok(fold_add(&out, text_make(cases[i].text, len)));
        if (!text_is(text_make(out.ptr, out.len), cases[i].folded))
            fail_msg("%s: '%.*s'", cases[i].name, (int)out.len, out.ptr);
        buf_release(&out);
    }
}

static void test_places(void **state)
{
    static const struct {
        const char *name, *text, *word, *marked; /* text with [..] around the places */
        int any_blanks;
    } cases[] = {
        { "none", "가나다", "라", "가나다", 0 },
        { "all of it", "가나다", "가나다", "[가나다]", 0 },
        { "twice", "다리, 다리", "다리", "[다리], [다리]", 0 },
        { "over blanks", "새 \n 다리가", "새 다리", "[새 \n 다리]가", 0 },
        { "blanks outside are not marked", " 새 ", "새", " [새] ", 0 },
        { "jamo", "새 \xE1\x84\x83\xE1\x85\xA1\xE1\x84\x85\xE1\x85\xB5", "다",
          "새 [\xE1\x84\x83\xE1\x85\xA1]\xE1\x84\x85\xE1\x85\xB5", 0 },
        { "voiced kana", "これか\xE3\x82\x99ある", "が", "これ[か\xE3\x82\x99]ある", 0 },
        { "quotation marks", "그는 “네”라고", "\"네\"", "그는 [“네”]라고", 0 },
        { "a letter with its mark", "점은 x\xCC\x81다", "x", "점은 [x\xCC\x81]다", 0 },
        { "behind a byte that is none", "\xFF새 다리", "다리", "\xFF새 [다리]", 0 },
        { "a blank that the text has", "새 다리, 새다리", "새다리", "[새 다리], [새다리]",
          1 },
        { "one that the word has", "헌다리 새다리", "새 다 리", "헌다리 [새다리]", 1 },
        { "others", "한강 다 \n리가", "강다리", "한[강 다 \n리]가", 1 },
        { "none to be left out", "다리", "다리", "[다리]", 1 },
        { "blanks around", " 새 ", " 새 ", " [새] ", 1 },
        { "over a mark", "새 e\xCC\x81 다", "e\xCC\x81다", "새 [e\xCC\x81 다]", 1 },
        { "not where they count", "새 다리, 새다리", "새다리", "새 다리, [새다리]", 0 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct folded f;
        struct buf places = BUF_INIT, word = BUF_INIT, got = BUF_INIT;
        const struct sillok_text text = text_of(cases[i].text);
        size_t at = 0;
        folded_init(&f, cases[i].any_blanks);
        assert_ok(folded_read(&f, text));
        assert_ok(fold_add(&word, text_of(cases[i].word)));
        if (cases[i].any_blanks)
            fold_squeeze(&word);
        assert_ok(folded_find(&f, text_make(word.ptr, word.len), &places));
        const struct sillok_span *p =
            (const struct sillok_span *)(const void *)places.ptr;
        for (size_t k = 0; k < places.len / sizeof(*p); k++) {
            assert_true(p[k].start >= at && p[k].end > p[k].start &&
                        p[k].end <= text.len);
            assert_ok(buf_printf(&got, "%.*s[%.*s]", (int)(p[k].start - at),
                                 text.ptr + at, (int)(p[k].end - p[k].start),
                                 text.ptr + p[k].start));
            at = p[k].end;
        }
        assert_ok(buf_add_str(&got, text.ptr + at));
        if (!text_is(text_make(got.ptr, got.len), cases[i].marked))
            fail_msg("%s: '%.*s'", cases[i].name, (int)got.len, got.ptr);
        folded_release(&f);
        buf_release(&places);
        buf_release(&word);
        buf_release(&got);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fold),
        cmocka_unit_test(test_places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
