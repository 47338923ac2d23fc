/*
 * What the kinds of change rest on: normal forms of text, boilerplate, classes of
 * characters.
 */
#include "unit/kinds.h"

#include "diff/boiler.h"
#include "diff/chars.h"
#include "diff/compose.h"
#include "diff/normal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

static void expect_form(int (*form)(struct buf *, struct sillok_text), const char *name,
                        const char *in, const char *want)
{
    CLEANUP(buf_release) struct buf b = BUF_INIT;
    assert_int_equal(form(&b, text_of(in)), 0);
    if (!text_is(text_make(b.ptr, b.len), want))
        fail_msg("%s: '%.*s'", name, (int)b.len, b.ptr);
}

static void test_normal_text(void **state)
{
    static const struct {
        const char *name, *in, *want;
    } cases[] = {
        { "nothing", "", "" },
        { "plain", "서울 a1", "서울a1" },
        { "line breaks and tabs", "가\r\n\t나", "가나" },
        { "other blanks", "가\xC2\xA0나\xE3\x80\x80다\xE2\x80\x89라", "가나다라" },
        { "what is never seen", "\xEF\xBB\xBF가\xE2\x80\x8B나\xC2\xAD다\xE3\x85\xA4",
          "가나다" },
        { "quotation marks", "“가” ‘나’ „다‟ `라´", "\"가\"'나'\"다\"'라'" },
        { "middle dots", "가ㆍ나・다‧라•마·바∙사⋅아", "가·나·다·라·마·바·사·아" },
        { "tildes and dashes", "1∼2～3〜4 –—―−‐", "1~2~3~4-----" },
        { "ellipsis", "가…나", "가...나" },
        { "full width", "ＡＢＣ１２！", "ABC12!" },
        { "composed and decomposed are one", "e\xCC\x81 a\xCC\x8A", "\xC3\xA9\xC3\xA5" },
        { "conjoining jamo", "\xE1\x84\x80\xE1\x85\xA1\xE1\x86\xA8", "각" },
        { "a syllable and a final", "가\xE1\x86\xA8", "각" },
        { "compatibility Hanja", "\xEF\xA4\x8A", "金" },
        { "not NFKC", "㎞ ① ％", "㎞①%" },
        { "order of marks", "a\xCC\x81\xCC\xA3", "\xE1\xBA\xA1\xCC\x81" },
        { "kelvin sign", "\xE2\x84\xAA", "K" },
        { "invalid bytes stay", "가\xFF나", "가\xFF나" },
        { "a blank behind an invalid byte stays", "가\xFF 나", "가\xFF 나" },
        { "a broken syllable", "\xEA\xB0 가", "\xEA\xB0 가" },
        { "kana and tone marks", "\xE3\x80\xAA\xE3\x82\x99\xE3\x81\x8B\xE3\x82\x99",
          "\xE3\x82\x99\xE3\x80\xAA\xE3\x81\x8C" },
        { "order of tone marks", "가\xCC\x81\xE3\x80\xAA 가\xCC\x81\xE3\x80\xAF",
          "가\xE3\x80\xAA\xCC\x81가\xE3\x80\xAF\xCC\x81" },
        { "a mark behind a dropped blank", "e \xCC\x81", "\xC3\xA9" },
        { "a mark behind a folded sign", "`\xCC\x81", "'\xCC\x81" },
        { "superscripts and arrows", "x\xC2\xB2 → ↗ ⁿ ₩", "x\xC2\xB2→↗ⁿ₩" },
        { "half width", "ｱﾞ ￦", "ｱﾞ￦" },
        { "beside the full width signs", "\xEF\xBC\x80\xEF\xBC\x81～｟",
          "\xEF\xBC\x80!~｟" },
        { "a zero in the middle is told by others", "가0나", "가0나" },
        { "a mark after an invalid byte", "\xFF\xCC\x81", "\xFF\xCC\x81" },
        { "case stays", "Aa", "Aa" },
        { "a mark before an invalid byte", "e\xCC\x81\xFF", "\xC3\xA9\xFF" },
        { "a mark before the sign for one", "e\xCC\x81\xEF\xBF\xBD",
          "\xC3\xA9\xEF\xBF\xBD" },
        { "an invalid byte at the end", "가\xFF", "가\xFF" },
        { "a mark behind half a character", "\xEA\xB0\xCC\x81", "\xEA\xB0\xCC\x81" },
        { "a mark behind many bytes that are none", "\x80\x80\x80\x80\x80\xCC\x81",
          "\x80\x80\x80\x80\x80\xCC\x81" },
        { "a mark behind an ellipsis", "가…\xCC\x81", "가...\xCC\x81" },
        { "vowel signs that compose", "ক\xE0\xA7\x87\xE0\xA6\xBE", "ক\xE0\xA7\x8B" },
        { "a ring around a letter", "A\xE2\x83\x9D", "A\xE2\x83\x9D" },
        { "one of another script, and blanks", "ⴰ \xE2\xB4\xB0", "ⴰⴰ" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        expect_form(normal_text, cases[i].name, cases[i].in, cases[i].want);
}

static void test_normal_letters(void **state)
{
    expect_form(normal_letters, "letters", "“A-b”, 가·나 3.5% $2!", "ab가나35%$2");
    expect_form(normal_letters, "full width", "ＡＢ，１", "ab1");
    expect_form(normal_letters, "upper case with marks", "\xC3\x89", "\xC3\xA9");
    expect_form(normal_letters, "signs only", "?!…", "");
    expect_form(normal_letters, "an invalid byte counts", "a\xFF", "a\xFF");
    expect_form(normal_letters, "the sign for one does not", "a\xEF\xBF\xBD", "a");
    (void)state;
}

/* Decomposed text without a blank is longer than what is composed at once. */
static void test_normal_long_stretch(void **state)
{
    CLEANUP(buf_release) struct buf in = BUF_INIT;
    CLEANUP(buf_release) struct buf want = BUF_INIT;
    CLEANUP(buf_release) struct buf got = BUF_INIT;
    (void)state;
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(buf_add_str(&in, "\xE1\x84\x80\xE1\x85\xA1\xE1\x86\xA8"), 0);
        assert_int_equal(buf_add_str(&want, "각"), 0);
    }
    assert_int_equal(normal_text(&got, text_make(in.ptr, in.len)), 0);
    assert_true(text_equal(text_make(got.ptr, got.len), text_make(want.ptr, want.len)));
}

/* A zero byte is text, also when a mark stands behind it; and marks that are left as they
 * are do not keep what is before them from being composed. */
static void test_normal_odd_bytes(void **state)
{
    CLEANUP(buf_release) struct buf got = BUF_INIT;
    CLEANUP(buf_release) struct buf in = BUF_INIT;
    CLEANUP(buf_release) struct buf want = BUF_INIT;
    const struct sillok_text zero = text_make("a\0\xCC\x81", 4);
    (void)state;
    assert_int_equal(normal_text(&got, zero), 0);
    assert_true(text_equal(text_make(got.ptr, got.len), zero));
    buf_clear(&got);
    assert_int_equal(buf_add_str(&in, "α\xCC\x81α"), 0);
    assert_int_equal(buf_add_str(&want, "άα"), 0);
    for (int i = 0; i < 200; i++)
        assert_int_equal(buf_add_str(&in, "\xCC\xA3") | buf_add_str(&want, "\xCC\xA3"),
                         0);
    assert_int_equal(normal_text(&got, text_make(in.ptr, in.len)), 0);
    assert_true(text_equal(text_make(got.ptr, got.len), text_make(want.ptr, want.len)));
}

/* Marks without end: sorting them must not take quadratic time, and none may be lost. */
static void test_normal_is_bounded(void **state)
{
    enum { PAIRS = 500 * 1000 };
    (void)state;
    CLEANUP(buf_release) struct buf in = BUF_INIT;
    CLEANUP(buf_release) struct buf out = BUF_INIT;
    for (int i = 0; i < PAIRS; i++)
        assert_int_equal(buf_add(&in, "\xCC\x81\xCC\xA3", 4), 0);
    assert_int_equal(normal_text(&out, text_make(in.ptr, in.len)), 0);
    assert_int_equal(out.len, in.len);
}

static char *mapped(const char *text, int options)
{
    utf8proc_uint8_t *out = NULL;
    assert_true(utf8proc_map((const utf8proc_uint8_t *)text, 0, &out,
                             UTF8PROC_NULLTERM | UTF8PROC_STABLE | options) >= 0);
    return (char *)out;
}

/* compose() parts a text where nothing composes across, and gets what the whole gives. */
static void expect_composed(const char *text)
{
    struct composed c = COMPOSED_INIT;
    char *want = mapped(text, UTF8PROC_COMPOSE);
    assert_int_equal(compose(&c, text_of(text)), 0);
    if (!text_is(c.text, want) || composed_differs(&c) != (strcmp(text, want) != 0))
        fail_msg("'%s': '%.*s', not '%s'", text, (int)c.text.len, c.text.ptr, want);
    composed_release(&c);
    free(want);
}

/* Every character taken apart, and every mark before and behind another. */
static void test_every_character_is_composed(void **state)
{
    (void)state;
    for (uint32_t cp = 1; cp <= 0x10FFFF; cp++) {
        char bytes[5] = "", text[64];
        if ((cp >= 0xD800 && cp <= 0xDFFF) ||
            utf8proc_category((utf8proc_int32_t)cp) == UTF8PROC_CATEGORY_CN)
            continue;
        (void)utf8_encode(cp, bytes);
        char *apart = mapped(bytes, UTF8PROC_DECOMPOSE);
        if (strcmp(apart, bytes) != 0) {
            expect_composed(bytes);
            expect_composed(apart);
            snprintf(text, sizeof(text), "가 %s\xE3\x82\x99", apart);
            expect_composed(text);
        }
        free(apart);
        if (!utf8proc_get_property((utf8proc_int32_t)cp)->combining_class)
            continue;
        snprintf(text, sizeof(text), "a%s\xCC\x81", bytes);
        expect_composed(text);
        snprintf(text, sizeof(text), "가a\xCC\x81%s나", bytes);
        expect_composed(text);
    }
}

/* The letters of @p text without its boilerplate. */
static int letters_left(struct buf *out, const char *text)
{
    CLEANUP(buf_release) struct buf left = BUF_INIT;
    const int r = boiler_strip(&left, text_of(text));
    return r < 0 ? r : normal_letters(out, buf_text(&left));
}

static void test_stripping(void **state)
{
    static const char *const same[] = {
        STORY " 김하늘 기자 sky@example.com",
        STORY "\n/박들판 기자",
        "(서울=가나통신) 최바다 기자 = " STORY,
        STORY "\nⓒ 가나일보, 무단전재 및 재배포 금지",
        STORY "\n▶ 카카오톡 채널을 구독하고 제보하기",
        STORY " 사진=가나통신",
        STORY " https://www.example.com/a?b=1",
        "입력 2026.01.02. 10:11\n" STORY,
    };
    CLEANUP(buf_release) struct buf plain = BUF_INIT;
    (void)state;
    assert_int_equal(normal_letters(&plain, text_of(STORY)), 0);
    for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
        CLEANUP(buf_release) struct buf b = BUF_INIT;
        assert_int_equal(letters_left(&b, same[i]), 0);
        if (!text_equal(text_make(b.ptr, b.len), text_make(plain.ptr, plain.len)))
            fail_msg("%s", same[i]);
    }
}

static void test_boiler(void **state)
{
    static const struct {
        const char *text;
        int all;
    } cases[] = {
        { "/김하늘 기자", 1 },
        { "취재 박들판 기자", 1 },
        { "newsdesk@example.com", 1 },
        { "(부산=가나통신)", 1 },
        { "[사진=가나통신]", 1 },
        { "ⓒ 가나일보 무단전재 금지", 1 },
        { "박들판기자", 1 },
        { "[가나일보 김하늘 기자]", 1 },
        { "【가나일보 부산=김하늘 기자】", 1 },
        { "가나일보 김하늘 기자 = ", 1 },
        { "글·사진 김하늘 기자", 1 },
        { "부산/김하늘 특파원", 1 },
        { "(김하늘 박들판 최바다 기자) sky@example.com", 1 },
        { "김하늘·박들판 기자", 1 },
        { "김하늘 앵커, 박들판 앵커", 1 },
        { "촬영기자:김하늘/영상편집:박들판", 1 },
        { "(영상취재 : 김하늘·박들판, 디자인 : 최바다)", 1 },
        { "촬영 : 김하늘 기자", 1 },
        { "그래픽: 해마다 오른 값", 0 },
        { "그래픽: 수출 감소, 수입 증가", 0 },
        { "편집: 김하늘 검찰 수사", 0 },
        { "촬영: 김하늘 3시", 0 },
        { "취재 : 정부가 밝힌 내용을 봤다", 0 },
        { "&#x27;강&#x27; &#x27;산&#x27; 이후", 0 },
        { "시민 여러분의 앱에서 이름이 샙니다.", 0 },
        { "■ 시민 여러분의 힘", 0 },
        { "가나일보는 여러분의 제보를 기다립니다.", 1 },
        { "새로 만든 DB 금지 법안 통과", 0 },
        { "표는 다시 팔지 못하는 DB 금지 법이 있다.", 0 },
        { "DB 금지", 1 },
        { "[사진 출처 : 가나통신]", 1 },
        { "[하늘통신 자료사진]", 1 },
        { "제보가 오고 또 제보가 오고 있습니다.", 0 },
        { "재판매 및 DB 금지]", 1 },
        { "다리 위에서 말하는 김하늘 기자", 0 },
        { "현직 기자 3명", 0 },
        { "김하늘 기자, 어서 오세요", 0 },
        { "시장은 여성 앵커 자리를 두고 말했다.", 0 },
        { "경찰은 제보를 받고 카카오톡 채널을 뒤졌다.", 0 },
        { "경찰은 제보를 받고 카카오톡 채널을 뒤졌습니다.", 0 },
        { "카카오톡 채널로 제보를 받고 있습니다.", 1 },
        { "법원은 저작권자의 손을 들어줬다.", 0 },
        { "김하늘 기자는 현장에 있었다", 0 },
        { "기자 회견이 열렸다", 0 },
        { "제보를 받은 경찰이 나섰다", 0 },
        { "비가 왔다.", 0 },
        { "■ 제보하기▷ 전화 : 02-000-0000, 카카오톡 채널 추가", 1 },
        { "kr▷ 카카오톡 : '가나제보' 검색, 채널 추가", 1 },
        { "△도시과장 김하늘 △주택과장 박들판 △정원과장 최바다* 인사 문의는 카톡 가나 제보",
          0 },
        { "By Jane Doe", 1 },
        { "By Jane Doe and John Q. Roe", 1 },
        { "By Tuesday it was over.", 0 },
        { "by Jane Doe", 0 },
        { "Reporting by Jane Doe; Editing by John Roe", 1 },
        { "Reporting on the storm took days.", 0 },
        { "Writing by hand helps memory.", 0 },
        { "Writing by Jane Doe", 1 },
        { "By Seoul Time.", 0 },
        { "Follow us on Facebook", 1 },
        { "Follow us on the journey of a family.", 0 },
        { "© 2026 Harbour Times. All rights reserved.", 1 },
        { "All rights were lost.", 0 },
        { "Sign up for our newsletter.", 1 },
        { "?!", 0 },
        { "", 0 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        if (boiler_is_all(text_of(cases[i].text)) != cases[i].all)
            fail_msg("'%s'", cases[i].text);
}

/* The first and last of each range, and what lies beside it. */
static void test_classes_of_characters(void **state)
{
    static const struct {
        uint32_t cp;
        enum char_class class;
    } cases[] = {
        { 0x10FF, CHAR_LETTER }, { 0x1100, CHAR_HANGUL }, { 0x1112, CHAR_HANGUL },
        { 0x11FF, CHAR_HANGUL }, { 0x1200, CHAR_LETTER }, { 0x3130, CHAR_SIGN },
        { 0x3131, CHAR_HANGUL }, { 0x318C, CHAR_HANGUL }, { 0x318E, CHAR_HANGUL },
        { 0x318F, CHAR_SIGN },   { 0xA95F, CHAR_SIGN },   { 0xA960, CHAR_HANGUL },
        { 0xA97C, CHAR_HANGUL }, { 0xABFF, CHAR_SIGN },   { 0xAC00, CHAR_HANGUL },
        { 0xD7A3, CHAR_HANGUL }, { 0xD7B0, CHAR_HANGUL }, { 0xD7FB, CHAR_HANGUL },
        { 0x33FF, CHAR_SIGN },   { 0x3400, CHAR_SINGLE }, { 0x4DBF, CHAR_SINGLE },
        { 0x4DC0, CHAR_SIGN },   { 0x4E00, CHAR_SINGLE }, { 0x9FFF, CHAR_SINGLE },
        { 0xA000, CHAR_LETTER }, { 0x303F, CHAR_SIGN },   { 0x3041, CHAR_SINGLE },
        { 0x30FB, CHAR_SIGN },   { 0x30FF, CHAR_SINGLE }, { 0xF900, CHAR_SINGLE },
        { 0xFAFF, CHAR_SINGLE }, { 0xFB00, CHAR_LETTER }, { 0x20000, CHAR_SINGLE },
        { 0x0E01, CHAR_SINGLE }, { 0x1000, CHAR_SINGLE }, { 0x1780, CHAR_SINGLE },
        { 0x200D, CHAR_MARK },   { 0xFE00, CHAR_MARK },   { 0xFE0F, CHAR_MARK },
        { 0x0301, CHAR_MARK },   { 0x0661, CHAR_DIGIT },  { 0x2460, CHAR_SINGLE },
        { 0x00A0, CHAR_BLANK },  { 0x200B, CHAR_BLANK },  { 0xFFFD, CHAR_SIGN },
        { 0x00E9, CHAR_LETTER }, { 0x2014, CHAR_SIGN },   { 0x16EE, CHAR_SINGLE },
        { 0x0BF0, CHAR_SINGLE }, { 0x0378, CHAR_SIGN },   { 0x00AD, CHAR_BLANK },
        { 0x01C5, CHAR_LETTER }, { 0x02B0, CHAR_LETTER }, { 0x20DD, CHAR_MARK },
        { 0x0903, CHAR_MARK },   { 0x1680, CHAR_BLANK },  { 0x0600, CHAR_SIGN },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        if (char_class_of(cases[i].cp) != cases[i].class)
            fail_msg("U+%04X: %d, not %d", (unsigned)cases[i].cp,
                     char_class_of(cases[i].cp), cases[i].class);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_normal_text),
        cmocka_unit_test(test_normal_letters),
        cmocka_unit_test(test_normal_long_stretch),
        cmocka_unit_test(test_normal_odd_bytes),
        cmocka_unit_test(test_normal_is_bounded),
        cmocka_unit_test(test_every_character_is_composed),
        cmocka_unit_test(test_stripping),
        cmocka_unit_test(test_boiler),
        cmocka_unit_test(test_classes_of_characters),
    };
    return cmocka_run_group_tests_name("diff/normal", tests, NULL, NULL);
}
