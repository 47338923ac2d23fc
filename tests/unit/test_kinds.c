/*
 * Kinds of change: the normal forms they rest on, every rule with the change it is for
 * and one it must not take, flags, and the order of significance.
 */
#include "base/utf8.h"
#include "diff/boiler.h"
#include "diff/chars.h"
#include "diff/normal.h"

#include "sillok/diff.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

/* --- normal forms --- */

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
        { "middle dots", "가ㆍ나・다‧라•마·바", "가·나·다·라·마·바" },
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

#define STORY                                                                                                                \
    "시는 올해 안에 새 도서관을 열고 주민에게 책을 빌려 준다고 밝혔다. 도서관은 강가에 "   \
    "서며 아이와 노인이 함께 쓸 수 있게 짓는다. 공사는 봄에 시작해 겨울에 끝난다. 시장은 " \
    "책을 해마다 만 권씩 늘리겠다고 말했고 주민은 환영했다."

static void test_normal_story(void **state)
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
    assert_int_equal(normal_story(&plain, text_of(STORY)), 0);
    for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
        CLEANUP(buf_release) struct buf b = BUF_INIT;
        assert_int_equal(normal_story(&b, text_of(same[i])), 0);
        if (!text_equal(text_make(b.ptr, b.len), text_make(plain.ptr, plain.len)))
            fail_msg("%s", same[i]);
    }
    /* nor is a story what is left of more boilerplate than itself */
    CLEANUP(buf_release) struct buf mostly = BUF_INIT;
    CLEANUP(buf_release) struct buf form = BUF_INIT;
    CLEANUP(buf_release) struct buf letters = BUF_INIT;
    for (int i = 0; i < 45; i++)
        assert_int_equal(buf_add_str(&mostly, "강산"), 0);
    assert_int_equal(buf_add_str(&mostly, "이다. ⓒ 가나일보"), 0);
    for (int i = 0; i < 45; i++)
        assert_int_equal(buf_add_str(&mostly, " 나무"), 0);
    const struct sillok_text all = text_make(mostly.ptr, mostly.len);
    assert_int_equal(normal_story(&form, all) | normal_letters(&letters, all), 0);
    assert_true(
        text_equal(text_make(form.ptr, form.len), text_make(letters.ptr, letters.len)));
    /* too little would be left to tell two captions apart */
    expect_form(normal_story, "caption", "강이다. 김하늘 기자", "강이다김하늘기자");
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

/* --- kinds --- */

static struct sillok_change_class classify(const struct sillok_article *a,
                                           const struct sillok_article *b)
{
    struct sillok_change_class c;
    assert_int_equal(sillok_change_classify(&c, a, b, NULL), 0);
    assert_true(utf8_valid(text_of(c.why)));
    assert_true(c.significance >= 0 && c.significance <= 100);
    assert_true(c.kinds & 1u << c.kind);
    return c;
}

static struct sillok_change_class classify_bodies(const char *before, const char *after)
{
    const struct sillok_article a = { .body = text_of(before) },
                                b = { .body = text_of(after) };
    return classify(&a, &b);
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

#define LEAD "비가 왔다. 길이 젖었다. 차가 막혔다. "
#define TAIL " 해가 났다. 길이 말랐다. 차가 달렸다."

static void test_body_kinds(void **state)
{
    static const struct {
        const char *name, *before, *after;
        enum sillok_kind kind;
    } cases[] = {
        { "empty now", LEAD, "", SILLOK_KIND_EMPTIED },
        { "nearly empty", STORY STORY, "시는 올해", SILLOK_KIND_EMPTIED },
        { "a short text made shorter", "비가 왔다. 끝.", "끝.", SILLOK_KIND_REMOVED },
        { "double blank", LEAD "끝.", LEAD " 끝.", SILLOK_KIND_COSMETIC },
        { "word spacing", LEAD "새 집이다.", LEAD "새집이다.", SILLOK_KIND_COSMETIC },
        { "quotation marks", LEAD "“또 온다”고 했다.", LEAD "\"또 온다\"고 했다.",
          SILLOK_KIND_COSMETIC },
        { "decomposed", "가게다.", "\xE1\x84\x80\xE1\x85\xA1\xE1\x84\x80\xE1\x85\xA6다.",
          SILLOK_KIND_COSMETIC },
        { "a comma", "비가 왔고 길이 젖었다.", "비가 왔고, 길이 젖었다.",
          SILLOK_KIND_COSMETIC },
        { "a minus before a zero", "기온은 0.5도다.", "기온은 -0.5도다.",
          SILLOK_KIND_NUMBER },
        { "a minus before a nine", "기온은 9도다.", "기온은 −9도다.",
          SILLOK_KIND_NUMBER },
        { "a minus is no layout", "기온은 5도다.", "기온은 -5도다.", SILLOK_KIND_NUMBER },
        { "a decimal point is no layout", "성장률은 15%다.", "성장률은 1.5%다.",
          SILLOK_KIND_NUMBER },
        { "correction", LEAD "끝.", LEAD "끝. 앞 기사의 이름을 바로잡습니다.",
          SILLOK_KIND_CORRECTION },
        { "correction (en)", "It rained.", "It rained. Correction: it snowed.",
          SILLOK_KIND_CORRECTION },
        { "byline", LEAD "끝.", LEAD "끝.\n/김하늘 기자", SILLOK_KIND_BYLINE },
        { "a byline with an address", LEAD "끝. 김하늘 기자 sky@example.com",
          LEAD "끝. 박들판 기자 field@example.com", SILLOK_KIND_BYLINE },
        { "an address alone", LEAD "끝. sky@example.com", LEAD "끝. field@example.com",
          SILLOK_KIND_BYLINE },
        { "no address", LEAD "끝. sky", LEAD "끝. field", SILLOK_KIND_WORD },
        { "mail address", LEAD "끝.", LEAD "끝. newsdesk@example.com",
          SILLOK_KIND_BYLINE },
        { "another reporter", LEAD "끝. 김하늘 기자", LEAD "끝. 박들판 기자",
          SILLOK_KIND_BYLINE },
        { "a sentence at the end", LEAD "끝.", LEAD "끝. 다리도 놓는다.",
          SILLOK_KIND_ADDED },
        { "a sentence in the middle", LEAD "끝.", LEAD "다리도 놓는다. 끝.",
          SILLOK_KIND_ADDED },
        { "a glued sentence", "비가 왔다.길이 젖었다.",
          "비가 왔다.다리도 놓는다.길이 젖었다.", SILLOK_KIND_ADDED },
        { "a passage inside a sentence", LEAD "시장은 책을 늘린다.",
          LEAD "시장은 주민이 바라던 대로 올해부터 책을 늘린다.", SILLOK_KIND_ADDED },
        { "a sentence and a byline", LEAD "끝.", LEAD "끝. 다리도 놓는다. 김하늘 기자",
          SILLOK_KIND_ADDED },
        { "a sentence gone", LEAD "다리도 놓는다. 끝.", LEAD "끝.", SILLOK_KIND_REMOVED },
        { "most of it", LEAD TAIL, "강이 넘쳤다. 산이 무너졌다. 다리가 끊겼다. " TAIL,
          SILLOK_KIND_REWRITTEN },
        { "another story", LEAD, "도서관은 봄에 문을 연다. 책은 만 권이다.",
          SILLOK_KIND_REWRITTEN },
        { "another story with other numbers", LEAD "값은 5원이다.",
          "도서관은 3월에 문을 연다. 책은 9만 권이다.", SILLOK_KIND_REWRITTEN },
        { "a number", LEAD "회의는 15일이다.", LEAD "회의는 16일이다.",
          SILLOK_KIND_NUMBER },
        { "a sum", LEAD "공사비는 1조9150억원이다.", LEAD "공사비는 2조800억 원이다.",
          SILLOK_KIND_NUMBER },
        { "one syllable", LEAD "정량 평가를 한다.", LEAD "정성 평가를 한다.",
          SILLOK_KIND_TYPO },
        /* U+ADC0 and U+AC00 end in the same byte: the difference is a character. */
        { "a syllable of the same last byte", LEAD "귀게 문을 열었다.",
          LEAD "가게 문을 열었다.", SILLOK_KIND_TYPO },
        { "a letter (en)", "They recieved it.", "They received it.", SILLOK_KIND_TYPO },
        { "one word", LEAD "시장은 기뻐했다.", LEAD "시장은 안타까워했다.",
          SILLOK_KIND_WORD },
        { "several wordings",
          LEAD "시장은 오랫동안 몹시 기뻐했다고 그날 저녁에 말했다." TAIL,
          LEAD "시장은 한참을 아주 즐거워했다고 이튿날 아침에 말했다." TAIL,
          SILLOK_KIND_WORDING },
        { "one sentence worded anew",
          LEAD "시장은 오늘 강가의 다리를 고친다고 했다." TAIL,
          LEAD "시장은 내년에 산길의 다리를 넓힌다고 했다." TAIL, SILLOK_KIND_WORDING },
        { "one sentence for another",
          LEAD "시장은 오늘 강가의 다리를 고친다고 했다." TAIL,
          LEAD "도서관 사서 셋이 새로 와서 책을 정리했다." TAIL, SILLOK_KIND_REWRITTEN },
        { "one sentence for another with other numbers",
          LEAD "시장은 3월에 강가의 다리를 고친다고 했다." TAIL,
          LEAD "도서관 사서 열이 새로 와서 책 90권을 정리했다." TAIL,
          SILLOK_KIND_REWRITTEN },
        { "one sentence for another (en)",
          "It rained all day. The mayor promised to repair the old bridge. All went home.",
          "It rained all day. Seven new books arrived from abroad yesterday. All went home.",
          SILLOK_KIND_REWRITTEN },
        { "a number with a phrase", LEAD "지난 3월에 문을 연다고 했다." TAIL,
          LEAD "오는 5월 초에 문을 연다고 했다." TAIL, SILLOK_KIND_NUMBER },
        { "a number put in, another taken out",
          LEAD "문을 연다고 했다. 1월부터 연다." TAIL,
          LEAD "문을 연다고 23일 했다. 지난달부터 연다." TAIL, SILLOK_KIND_WORDING },
        { "a word of two in a short text", "코스피 상승", "코스닥지수는 상승",
          SILLOK_KIND_WORD },
        { "one long word put in (en)", "Watch the slides in full here today.",
          "Watch the slides presentation in full here today.", SILLOK_KIND_WORD },
        { "three words put in (en)", "Watch the slides in full here today.",
          "Watch the slides with moving pictures in full here today.",
          SILLOK_KIND_ADDED },
        { "a lone digit in a name", "Watch hvjAV0LUgKY and wait for more.",
          "Watch and wait for more.", SILLOK_KIND_WORD },
        { "personnel before a call for tips", LEAD "끝.",
          LEAD "끝. △도시과장 김하늘 △주택과장 박들판 △정원과장 최바다* 인사 문의는 카톡 "
               "가나제보",
          SILLOK_KIND_ADDED },
        { "a call for tips gone", LEAD "끝.\n※ 가나제보 카카오톡 채널 추가 02-000-0000",
          LEAD "끝.", SILLOK_KIND_BYLINE },
        { "what is left is a tenth", STORY STORY, "끝. a@example.com",
          SILLOK_KIND_EMPTIED },
        { "half is left", LEAD TAIL, LEAD, SILLOK_KIND_REMOVED },
        { "cut: a blank pushed the end out", LEAD "배달3사는 값을 올리려고 배달",
          LEAD "배달 3사는 값을 올리려고 배", SILLOK_KIND_COSMETIC },
        { "cut: a word pushed the end out", LEAD "지사가 말했고 주민은 반겼다고 한",
          LEAD "도지사가 말했고 주민은 반겼다고", SILLOK_KIND_TYPO },
        { "cut: a sentence pushed the end out",
          LEAD "다리도 고친다. 지사는 아이와 노인이 함께 쓸 수 있",
          LEAD "다리도 고친다. 값은 오른다. 지사는 아이와 노인이 함", SILLOK_KIND_ADDED },
        { "cut: blanks and a line's end behind it",
          LEAD "배달3사는 값을 올리려고 배달 \n", LEAD "배달 3사는 값을 올리려고 배\n \n",
          SILLOK_KIND_COSMETIC },
        { "cut: three characters more", LEAD "배달3사는 값을 올리려고 배달",
          LEAD "배달 3사는 값을 올리려고 배달하려", SILLOK_KIND_COSMETIC },
        { "no cut: much more", LEAD "배달3사는 값을 올리려고 배달",
          LEAD "배달 3사는 값을 올리려고 배달 사업자와", SILLOK_KIND_ADDED },
        { "cut at a sign of an ellipsis", LEAD "현지 부유…", LEAD "현지 부유층…",
          SILLOK_KIND_COSMETIC },
        { "no cut: an ellipsis on one side", LEAD "현지 부유", LEAD "현지 부유층…",
          SILLOK_KIND_TYPO },
        { "cut at an ellipsis", LEAD "현지 부유..", LEAD "현지 부유층..",
          SILLOK_KIND_COSMETIC },
        { "no cut: the text ends", LEAD "배달 3사는 값을 올린다. 끝이다.",
          LEAD "배달 3사들은 값을 올린다. 끝.", SILLOK_KIND_TYPO },
        { "no cut: nothing pushed", LEAD "줄을 선 시민", LEAD "줄을 선 시민들",
          SILLOK_KIND_TYPO },
        { "no cut: much shorter",
          LEAD "배달  3사는 값을 올린 뒤 다시 주민과 협의하여 배달",
          LEAD "배달 3사는 값을", SILLOK_KIND_REMOVED },
        { "moved only", "가나다라 마바사 아자차다. 둘째 문장이다. 셋째 문장이다.",
          "둘째 문장이다. 셋째 문장이다. 가나다라 마바사 아자차다.",
          SILLOK_KIND_WORDING },
        { "no cut: a sentence behind one that ends", LEAD "집을 짓는다. 끝이 났다.",
          LEAD "헌 집을 짓는다. 끝이 났다. 또", SILLOK_KIND_ADDED },
        { "no cut: only one text ends", LEAD "배달3사는 값을 올리려고 한",
          LEAD "배달 3사는 값을 올리려고 한다.", SILLOK_KIND_TYPO },
        { "a passage taken out of a sentence",
          LEAD "시장은 주민이 바라던 대로 올해부터 책을 늘린다.",
          LEAD "시장은 책을 늘린다.", SILLOK_KIND_REMOVED },
        { "a notice that stood there before", LEAD "앞 기사의 이름을 바로잡습니다. 끝.",
          LEAD "앞 기사의 이름을 바로잡습니다. 끗.", SILLOK_KIND_TYPO },
        { "a syllable beside a blank and a byline", LEAD "정량평가다. 끝. 김하늘 기자",
          LEAD "정성 평가다. 끝. 박들판 기자", SILLOK_KIND_TYPO },
        { "a word beside blanks and a byline",
          LEAD "시장은 기뻐했다. 새집이다." TAIL " 김하늘 기자",
          LEAD "시장은 안타까워했다. 새 집이다." TAIL " 박들판 기자", SILLOK_KIND_WORD },
        { "two numbers that are most of it", "5 / 7", "6000 / 8000", SILLOK_KIND_NUMBER },
        { "a sentence gone and a word put in", LEAD "다리도 새로 놓는다고 했다." TAIL,
          LEAD " 해가 높이 났다. 길이 말랐다. 차가 달렸다.", SILLOK_KIND_WORDING },
        { "a fifth of the sentences replaced",
          LEAD LEAD "시장은 다리를 고친다. 산에 불이 났다." TAIL TAIL,
          LEAD LEAD "시장은 다리를 부순다. 논에 물이 찼다. 새 책이 왔다." TAIL TAIL,
          SILLOK_KIND_REWRITTEN },
        { "just less than a fifth",
          LEAD LEAD "하나다. 시장은 다리를 고친다. 산에 불이 났다." TAIL TAIL,
          LEAD LEAD
          "하나다. 시장은 다리를 부순다. 논에 물이 찼다. 새 책이 왔다." TAIL TAIL,
          SILLOK_KIND_WORDING },
        { "little of a long text replaced",
          LEAD LEAD LEAD LEAD "시장은 다리를 고친다. 산에 불이 났다." TAIL TAIL TAIL TAIL,
          LEAD LEAD LEAD LEAD
          "시장은 다리를 부순다. 논에 물이 찼다. 새 책이 왔다." TAIL TAIL TAIL TAIL,
          SILLOK_KIND_WORDING },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct sillok_change_class c =
            classify_bodies(cases[i].before, cases[i].after);
        if (c.kind != cases[i].kind)
            fail_msg("%s: %s (%s)", cases[i].name, sillok_kind_name(c.kind), c.why);
        assert_int_equal(c.fields, SILLOK_FIELD_BODY);
    }
}

/* @p n letters, each with @p blanks behind it. */
static void spell(char *out, const char *letter, unsigned n, unsigned blanks)
{
    for (; n; n--) {
        out = stpcpy(out, letter);
        for (unsigned i = 0; i < blanks; i++)
            *out++ = ' ';
    }
    *out = '\0';
}

/* Characters count, not bytes, and no blanks. */
static void what_is_emptied(void **state)
{
    static const struct {
        const char *old_letter;
        unsigned old_n, old_blanks;
        const char *new_letter;
        unsigned new_n, new_blanks;
        int emptied;
    } cases[] = {
        { "가", 100, 0, "나", 9, 0, 1 },    { "가", 100, 0, "나", 10, 0, 0 },
        { "가", 99, 0, "나", 9, 0, 0 },     { "가", 100, 4, "나", 9, 0, 1 },
        { "가", 100, 4, "나", 10, 0, 0 },   { "가", 100, 4, "나", 9, 50, 1 },
        { "가", 100, 0, "n", 9, 0, 1 },     { "가", 100, 0, "n", 10, 0, 0 },
        { "가", 100, 0, " ", 90, 0, 1 },    { "가", 2, 0, "\xE3\x80\x80", 9, 0, 1 },
        { "가", 1000, 0, "나", 99, 0, 1 },  { "가", 1000, 0, "나", 100, 0, 0 },
        { "가", 1000, 0, "나", 900, 0, 0 }, { "가", 0, 0, "나", 1, 0, 0 },
        { "o", 1000, 0, "n", 99, 0, 1 },    { "o", 1000, 0, "n", 100, 0, 0 },
        { "o", 1000, 0, "나", 99, 0, 1 },   { "o", 1000, 0, "나", 100, 0, 0 },
        { "🚢", 1000, 0, "n", 99, 0, 1 },    { "🚢", 1000, 0, "n", 100, 0, 0 },
    };
    char before[8192], after[8192];
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        spell(before, cases[i].old_letter, cases[i].old_n, cases[i].old_blanks);
        spell(after, cases[i].new_letter, cases[i].new_n, cases[i].new_blanks);
        const struct sillok_change_class c = classify_bodies(before, after);
        if ((c.kind == SILLOK_KIND_EMPTIED) != cases[i].emptied)
            fail_msg("case %zu: %s", i, c.why);
    }
}

/* Every way of saying that an error was made: a correction, whatever else changed. */
static void test_corrections(void **state)
{
    static const char *const notices[] = {
        "이름을 바로잡습니다.",
        "본지는 위 내용을 바로 잡습니다.",
        "해당 표현을 바로잡았습니다.",
        "3월 2일자 기사의 값을 정정합니다.",
        "이에 기사를 정정했습니다.",
        "[정정보도문] 시장은 그런 말을 하지 않았습니다.",
        "정정 보도 요청에 따른 것입니다.",
        "이 보도는 언론중재위원회의 조정에 따른 것입니다.",
        "이에 정정보도를 게재합니다.",
        "[수정] 시각을 고쳤다.",
        "이 기사는 언론사 요청으로 삭제되었습니다.",
        "본 기사는 사실과 다른 내용이 있어 내립니다.",
        "[반론보도] 시는 사실이 아니라고 했습니다.",
        "반론보도문을 싣습니다.",
        "이에 대해 시는 사실과 다르다고 알려왔습니다.",
        "시는 예산을 쓰지 않았다고 알려 왔습니다.",
        "추후보도문을 싣습니다.",
        "(정정) 값은 5원입니다.",
        "[고침] 사회(다리 공사 연기)",
        "<고침> 경제",
        "이 기사는 전문취소 되었습니다.",
        "Correction: it snowed.",
        "CORRECTION: it snowed.",
        "Correction (Jan. 5): it snowed.",
        "Corrections: the mayor is Hill.",
        "Clarification: the mayor spoke later.",
        "CLARIFICATION: the mayor spoke later.",
        "Editor's note: the name was wrong.",
        "Editor’s Note: the name was wrong.",
        "Editors' note: the name was wrong.",
        "EDITOR'S NOTE: the name was wrong.",
        "An earlier version of this article gave the wrong name.",
        "Earlier versions of this story are gone. A previous version of this story erred.",
        "This article has been updated to correct the name.",
        "The story was updated to correct the name.",
        "This post has been updated to clarify who spoke.",
        "The name has been corrected.",
        "The figure was corrected on Monday.",
        "Two names have been corrected.",
        "The article has been retracted.",
    };
    /* speaking of corrections is none */
    static const char *const prose[] = {
        "시장은 잘못을 바로잡겠다고 말했다.", "교육청은 교과서를 정정할 방침이다.",
        "경찰은 삭제된 사진을 찾았다.",       "Officers of the correction facility met.",
        "He is known for his earlier work.",  "그는 언론사에 정정보도를 신청했다.",
        "법원은 정정보도를 하라고 판결했다.", "당은 반론보도 청구를 검토한다.",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(notices) / sizeof(notices[0]); i++) {
        CLEANUP(buf_release) struct buf after = BUF_INIT;
        assert_int_equal(buf_printf(&after, "%s끝. %s", LEAD, notices[i]), 0);
        assert_int_equal(buf_add_char(&after, '\0'), 0);
        struct sillok_change_class c = classify_bodies(LEAD "끝.", after.ptr);
        if (c.kind != SILLOK_KIND_CORRECTION)
            fail_msg("%s: %s", notices[i], sillok_kind_name(c.kind));
        c = classify_bodies(after.ptr, LEAD "끝."); /* one that went is none */
        if (c.kind == SILLOK_KIND_CORRECTION)
            fail_msg("gone: %s", notices[i]);
    }
    for (size_t i = 0; i < sizeof(prose) / sizeof(prose[0]); i++) {
        CLEANUP(buf_release) struct buf after = BUF_INIT;
        assert_int_equal(buf_printf(&after, "%s끝. %s", LEAD, prose[i]), 0);
        assert_int_equal(buf_add_char(&after, '\0'), 0);
        const struct sillok_change_class c = classify_bodies(LEAD "끝.", after.ptr);
        if (c.kind != SILLOK_KIND_ADDED)
            fail_msg("%s: %s", prose[i], sillok_kind_name(c.kind));
    }
}

/* Numbers count by their value, however they are written. */
static void test_numbers(void **state)
{
    static const struct {
        const char *before, *after;
        int differ;
    } cases[] = {
        { "3,000명", "3000명", 0 },
        { "3000명", "3천명", 0 },
        { "3,000명", "3천 명", 0 },
        { "3천명", "삼천명", 0 },
        { "30명", "삼십명", 0 },
        { "삼십명", "사십명", 1 },
        { "1조 2천억원", "1조2000억원", 0 },
        { "1조 2,000억원", "12000억원", 0 },
        { "1조 2천억원", "1조 3천억원", 1 },
        { "1조 2천억원", "1조 2천만원", 1 },
        { "2만5천개", "25,000개", 0 },
        { "1만 2명", "12명", 1 },
        { "십이일", "12일", 0 },
        { "-3.5도", "3.5도", 1 },
        { "-3.5도", "−3.5도", 0 },
        { "△3.5", "▽3.5", 0 },
        { "+3.1%", "-3.1%", 1 },
        { "(+1.2%)", "(-1.2%)", 1 },
        { "▲3.1%", "▼3.1%", 1 },
        { "△3.1%", "▲3.1%", 1 },
        { "61.2%↑", "61.2%↓", 1 },
        { "61.2▲", "61.2▼", 1 },
        { "> 200%", "< 200%", 1 },
        { "30㎡", "30㎢", 1 },
        { "－3도", "3도", 1 },
        { "－3도", "-3도", 0 },
        { "15명", "１５명", 0 },
        { "3,000명", "3，000명", 0 },
        { "3.5배", "3．5배", 0 },
        { "15명", "１６명", 1 },
        { "3~4월", "3∼4월", 0 },
        { "±3.5", "3.5", 1 },
        { "3.5%p", "2.5%p", 1 },
        { "3.5%p", "3.5％p", 0 },
        { "3.50%", "3.5%", 0 },
        { "35%", "3.5%", 1 },
        { "0.5%", "5%", 1 },
        { "007편", "7편", 1 },
        { "2026.01.02", "2026.01.03", 1 },
        { "99999999999999999999원", "99999999999999999998원", 1 },
        { "9999조 9999조", "9999조 9998조", 1 },
        { "1.23456789", "1.23456788", 1 },
        { "G20", "G7", 1 },
        { "조직이 억지로 만든다", "천천히 백지로 만든다", 0 },
        { "두 명", "세 명", 1 },
        { "두 명", "2명", 0 },
        { "세명", "3명", 0 },
        { "스물세 명", "23명", 0 },
        { "서른 명", "마흔 명", 1 },
        { "스무 명", "20명", 0 },
        { "한 명", "두 명", 1 },
        { "세 배", "열 배", 1 },
        { "한 번", "다시", 0 },
        { "세대가", "열대가", 0 },
        { "삼백 명", "사백 명", 1 },
        { "삼백 명", "300명", 0 },
        { "천 명", "1,000명", 0 },
        { "만일 명령이", "혹시 명령이", 0 },
        { "5억원", "5조원", 1 },
        { "$5 million", "$5 billion", 1 },
        { "$5 million", "$5,000,000", 0 },
        { "$5 million", "€5 million", 1 },
        { "two people", "Twelve people", 1 },
        { "two people", "2 people", 0 },
        { "forty-two people", "42 people", 0 },
        { "one hundred people", "100 people", 0 },
        { "one of them", "some of them", 0 },
        { "-$5 million", "$5 million", 1 },
        { "한 건설사가", "다른 건설사가", 0 },
        { "네 개인정보가", "내 개인정보가", 0 },
        { "열 배출이", "물 배출이", 0 },
        { "구조 개편안이", "조직 개편안이", 0 },
        { "조 원내대표가", "김 원내대표가", 0 },
        { "이천 건설현장에", "평택 건설현장에", 0 },
        { "세배를", "인사를", 0 },
        { "두 개와", "세 개와", 1 },
        { "두달 만에", "두 달 만에", 0 },
        { "두 명이었다가", "두 명이었다가도", 0 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        CLEANUP(buf_release) struct buf a = BUF_INIT;
        CLEANUP(buf_release) struct buf b = BUF_INIT;
        assert_int_equal(buf_printf(&a, LEAD "모두 %s 있다.", cases[i].before), 0);
        assert_int_equal(buf_printf(&b, LEAD "모두 %s 있다.", cases[i].after), 0);
        assert_int_equal(buf_add_char(&a, '\0') | buf_add_char(&b, '\0'), 0);
        for (int back = 0; back < 2; back++) {
            const struct sillok_change_class c =
                classify_bodies(back ? b.ptr : a.ptr, back ? a.ptr : b.ptr);
            if (((c.flags & SILLOK_FLAG_NUMBER) != 0) != cases[i].differ)
                fail_msg("%s -> %s: %s", cases[i].before, cases[i].after, c.why);
            if (cases[i].differ && c.kind != SILLOK_KIND_NUMBER)
                fail_msg("%s -> %s: %s", cases[i].before, cases[i].after,
                         sillok_kind_name(c.kind));
        }
    }
}

#define DECOMPOSED_HAN "\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB"

/* The normal form says nothing, neither of a number's units nor of a word. */
static void test_normal_form(void **state)
{
    static const struct {
        const char *before, *after;
        enum sillok_kind kind;
    } cases[] = {
        { LEAD "한 명이 2한다.", LEAD DECOMPOSED_HAN " 명이 2" DECOMPOSED_HAN "다.",
          SILLOK_KIND_COSMETIC },
        { LEAD "예산은 2억원이다.",
          LEAD "예산은 2\xE1\x84\x8B\xE1\x85\xA5\xE1\x86\xA8원이다.",
          SILLOK_KIND_COSMETIC },
        { LEAD "한 명이 정량한다.", LEAD DECOMPOSED_HAN " 명이 정성" DECOMPOSED_HAN "다.",
          SILLOK_KIND_TYPO },
        { LEAD "한 명이 온다.", LEAD DECOMPOSED_HAN " 명이 온다. 3일이다.",
          SILLOK_KIND_ADDED },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        for (int back = 0; back < 2; back++) {
            if (back && cases[i].kind == SILLOK_KIND_ADDED)
                continue;
            const struct sillok_change_class c =
                classify_bodies(back ? cases[i].after : cases[i].before,
                                back ? cases[i].before : cases[i].after);
            if (c.kind != cases[i].kind)
                fail_msg("%zu: %s (%s)", i, sillok_kind_name(c.kind), c.why);
            assert_true(c.similarity < 1 && c.similarity > 0.5);
            assert_int_equal(c.flags & SILLOK_FLAG_NUMBER,
                             i == 3 ? SILLOK_FLAG_NUMBER : 0);
        }
    const struct sillok_article a = { .fields = { [SILLOK_TITLE] = text_of("한 편") } },
                                b = { .fields = { [SILLOK_TITLE] =
                                                      text_of(DECOMPOSED_HAN " 편") } };
    assert_true(classify(&a, &b).flags & SILLOK_FLAG_HEADLINE_COSMETIC);
    assert_true(classify(&a, &b).similarity < 1);
}

static void test_flags(void **state)
{
    static const struct {
        const char *name, *before, *after;
        uint32_t flags, of; /* the flags wanted, among these */
    } cases[] = {
        { "number", "회의는 15일이다.", "회의는 16일이다.", SILLOK_FLAG_NUMBER,
          SILLOK_FLAG_NUMBER },
        { "the same number moved about", "15일에 3명이 왔다.", "3명이 15일에 왔다.", 0,
          SILLOK_FLAG_NUMBER },
        { "grouping is no other number", "모두 1000명이다.", "모두 1,000명이다.", 0,
          SILLOK_FLAG_NUMBER },
        { "written number", "모두 이십명이다.", "모두 삼십명이다.", SILLOK_FLAG_NUMBER,
          SILLOK_FLAG_NUMBER },
        { "inside a quotation", "그는 “책을 늘리겠다”고 했다.",
          "그는 “책을 줄이겠다”고 했다.", SILLOK_FLAG_QUOTE, SILLOK_FLAG_QUOTE },
        { "beside a quotation", "“그렇다”고 시장은 했다.", "“그렇다”고 지사는 했다.", 0,
          SILLOK_FLAG_QUOTE },
        { "name before a role", "한빛의 김하늘 대표가 왔다.",
          "한빛의 박들판 대표가 왔다.", SILLOK_FLAG_NAME, SILLOK_FLAG_NAME },
        { "a role behind", "어제 김하늘씨가 왔다.", "어제 박들판씨가 왔다.",
          SILLOK_FLAG_NAME, SILLOK_FLAG_NAME },
        { "another role", "어제 김하늘씨가 왔다.", "어제 박들판님이 왔다.", 0,
          SILLOK_FLAG_NAME },
        { "name (en)", "Later Hill spoke.", "Later Lake spoke.", SILLOK_FLAG_NAME,
          SILLOK_FLAG_NAME },
        { "no name", "길이 몹시 젖었다.", "길이 아주 젖었다.", 0, SILLOK_FLAG_NAME },
        { "negation", "다리를 놓는다고 했다.", "다리를 놓지 않는다고 했다.",
          SILLOK_FLAG_NEGATION, SILLOK_FLAG_NEGATION },
        { "negation of a syllable", "오늘은 비가 온다.", "오늘은 비가 안 온다.",
          SILLOK_FLAG_NEGATION, SILLOK_FLAG_NEGATION },
        { "that syllable in a word", "오늘은 비가 온다.", "오늘은 비가 안개처럼 온다.", 0,
          SILLOK_FLAG_NEGATION },
        { "wrong is no negation", "예산을 적었다.", "예산을 잘못 적었다.", 0,
          SILLOK_FLAG_NEGATION },
        { "not at all", "그래도 된다고 했다.", "그래도 못된다고 했다.",
          SILLOK_FLAG_NEGATION, SILLOK_FLAG_NEGATION },
        { "nor is no less", "오늘은 비가 온다.", "오늘은 못지않게 비가 온다.", 0,
          SILLOK_FLAG_NEGATION },
        { "negation (en)", "It did rain.", "It did not rain.", SILLOK_FLAG_NEGATION,
          SILLOK_FLAG_NEGATION },
        { "inside a quotation (en)", "He said “we will grow” today.",
          "He said “we will shrink” today.", SILLOK_FLAG_QUOTE, SILLOK_FLAG_QUOTE },
        { "inside straight marks", "He said \"we will grow\" today.",
          "He said \"we will shrink\" today.", SILLOK_FLAG_QUOTE, SILLOK_FLAG_QUOTE },
        { "name with a glued role", "김하늘의원이 왔다.", "박들판 의원이 왔다.", 0,
          SILLOK_FLAG_NEGATION },
        { "negation went", "다리를 놓을 수 없다고 했다.", "다리를 놓을 수 있다고 했다.",
          SILLOK_FLAG_NEGATION, SILLOK_FLAG_NEGATION },
        { "negation, contracted (en)", "It does rain.", "It doesn't rain.",
          SILLOK_FLAG_NEGATION, SILLOK_FLAG_NEGATION },
        { "negation stays", "비는 오지 않았다.", "눈은 오지 않았다.", 0,
          SILLOK_FLAG_NEGATION },
        { "what the cut lost has no flags", LEAD "새집을 짓는다고 3일에 “아니",
          LEAD "새 집을 짓는다고 3일에", 0,
          SILLOK_FLAG_NUMBER | SILLOK_FLAG_QUOTE | SILLOK_FLAG_NEGATION },
        { "moved", "가나다라 마바사 아자차다. 둘째 문장이다. 셋째 문장이다.",
          "둘째 문장이다. 셋째 문장이다. 가나다라 마바사 아자차다.", SILLOK_FLAG_MOVED,
          SILLOK_FLAG_MOVED },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct sillok_change_class c =
            classify_bodies(cases[i].before, cases[i].after);
        if ((c.flags & cases[i].of) != cases[i].flags)
            fail_msg("%s: flags %x (%s)", cases[i].name, (unsigned)c.flags, c.why);
    }
}

static void test_titles(void **state)
{
    static const struct {
        const char *name, *before, *after;
        uint32_t flags;
    } cases[] = {
        { "other words", "비 온다", "눈 온다", 0 },
        { "mark behind", "비 온다", "비 온다 (종합)", SILLOK_FLAG_HEADLINE_MARK },
        { "mark in front", "[속보] 비 온다", "비 온다(2보)", SILLOK_FLAG_HEADLINE_MARK },
        { "blanks", "비 온다", "비온다", SILLOK_FLAG_HEADLINE_COSMETIC },
        { "quotation marks", "“비 온다”", "\"비 온다\"", SILLOK_FLAG_HEADLINE_COSMETIC },
        { "several marks", "[속보] [단독]\t비 온다", "비 온다 (종합) <사진>",
          SILLOK_FLAG_HEADLINE_MARK },
        { "other brackets", "【속보】비 온다", "<종합> 비 온다",
          SILLOK_FLAG_HEADLINE_MARK },
        { "marks alone", "[속보]", "(2보)", SILLOK_FLAG_HEADLINE_MARK },
        { "twelve letters are a mark", "비 온다", "[가나다라마바사아자차카타] 비 온다",
          SILLOK_FLAG_HEADLINE_MARK },
        { "thirteen are words", "비 온다", "[가나다라마바사아자차카타파] 비 온다", 0 },
        { "twelve behind", "비 온다", "비 온다 (가나다라마바사아자차카타)",
          SILLOK_FLAG_HEADLINE_MARK },
        { "thirteen behind", "비 온다", "비 온다 (가나다라마바사아자차카타파)", 0 },
        { "not closed", "비 온다", "[속보 비 온다", 0 },
        { "something was wrong", "비 온다", "[고침] 비 온다", 0 },
        { "and at the end", "비 온다", "비 온다 (정정)", 0 },
        { "no more", "[고침] 비 온다", "비 온다", SILLOK_FLAG_HEADLINE_MARK },
        { "another arrow", "이익 61%↑", "이익 61%↓", 0 },
        { "a sign came", "기온 5도", "기온 -5도", 0 },
        { "a sign came, and a mark", "[속보] 기온 5도", "기온 -5도 (2보)", 0 },
        { "wide digits", "제1차 회의", "제１차 회의", SILLOK_FLAG_HEADLINE_COSMETIC },
        { "not opened", "비 온다", "비 온다 종합)", 0 },
        { "a mark and other words", "[속보] 비 온다", "눈 온다 (종합)", 0 },
        { "a tab before a mark behind", "비 온다", "비 온다\t(종합)\t",
          SILLOK_FLAG_HEADLINE_MARK },
        { "sentences in another order", "가나다라 마바사 아자차다. 둘째 문장은 이것이다.",
          "둘째 문장은 이것이다. 가나다라 마바사 아자차다.", 0 },
    };
    const uint32_t of = SILLOK_FLAG_HEADLINE_MARK | SILLOK_FLAG_HEADLINE_COSMETIC;
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct sillok_article a = { .body = text_of(LEAD) }, b = a;
        a.fields[SILLOK_TITLE] = text_of(cases[i].before);
        b.fields[SILLOK_TITLE] = text_of(cases[i].after);
        const struct sillok_change_class c = classify(&a, &b);
        assert_int_equal(c.fields, 1u << SILLOK_TITLE);
        if (c.kind != SILLOK_KIND_HEADLINE || (c.flags & of) != cases[i].flags)
            fail_msg("%s: %s %x", cases[i].name, sillok_kind_name(c.kind),
                     (unsigned)c.flags);
    }
}

static void test_fields(void **state)
{
    static const struct {
        const char *name;
        enum sillok_field field;
        const char *before, *after;
        enum sillok_kind kind;
    } cases[] = {
        { "category", SILLOK_CATEGORY, "경제", "사회", SILLOK_KIND_METADATA },
        { "address", SILLOK_URL, "https://example.com/1", "https://example.com/2",
          SILLOK_KIND_METADATA },
        { "author", SILLOK_AUTHOR, "김하늘", "박들판", SILLOK_KIND_BYLINE },
        { "author, blanks", SILLOK_AUTHOR, "김하늘\t기자", "김하늘 기자",
          SILLOK_KIND_COSMETIC },
        { "category, blanks", SILLOK_CATEGORY, "경제 ", "경제", SILLOK_KIND_COSMETIC },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct sillok_article a = { .body = text_of(LEAD) }, b = a;
        a.fields[cases[i].field] = text_of(cases[i].before);
        b.fields[cases[i].field] = text_of(cases[i].after);
        const struct sillok_change_class c = classify(&a, &b);
        assert_int_equal(c.fields, 1u << cases[i].field);
        if (c.kind != cases[i].kind)
            fail_msg("%s: %s", cases[i].name, sillok_kind_name(c.kind));
    }
}

static void test_several(void **state)
{
    struct sillok_article a = { .body = text_of(LEAD "15일이다.") };
    struct sillok_article b = { .body = text_of(LEAD "16일이다.") };
    a.fields[SILLOK_TITLE] = text_of("비 온다");
    b.fields[SILLOK_TITLE] = text_of("눈 온다");
    a.fields[SILLOK_AUTHOR] = text_of("김하늘");
    b.fields[SILLOK_AUTHOR] = text_of("박들판");
    (void)state;
    struct sillok_change_class c = classify(&a, &b);
    assert_int_equal(c.kind, SILLOK_KIND_NUMBER); /* the body's */
    assert_int_equal(c.kinds, 1u << SILLOK_KIND_NUMBER | 1u << SILLOK_KIND_HEADLINE |
                                  1u << SILLOK_KIND_BYLINE);
    /* a new headline is not hidden behind a change of layout */
    b.body = text_of(LEAD " 15일이다.");
    c = classify(&a, &b);
    assert_int_equal(c.kind, SILLOK_KIND_HEADLINE);
    assert_true(c.kinds & 1u << SILLOK_KIND_COSMETIC);
    assert_string_equal(c.why, "headline: 1 place [-비-]{+눈+}");
    /* nor is a mark, which would be shown if the body were equal */
    b.fields[SILLOK_TITLE] = text_of("[단독] 비 온다");
    c = classify(&a, &b);
    assert_int_equal(c.kind, SILLOK_KIND_HEADLINE);
    assert_true(c.flags & SILLOK_FLAG_HEADLINE_MARK);
    /* but one that is layout itself is */
    b.fields[SILLOK_TITLE] = text_of("비  온다");
    c = classify(&a, &b);
    assert_int_equal(c.kind, SILLOK_KIND_COSMETIC);
}

static void test_nothing(void **state)
{
    const struct sillok_article a = { .body = text_of(LEAD) };
    const struct sillok_article empty = { .body = { NULL, 0 } };
    (void)state;
    struct sillok_change_class c = classify(&a, &a);
    assert_int_equal(c.fields, 0);
    assert_true(c.similarity == 1.0 && c.significance == 0);
    c = classify(&empty, &a);
    assert_int_equal(c.kind, SILLOK_KIND_ADDED);
    c = classify(&a, &empty);
    assert_int_equal(c.kind, SILLOK_KIND_EMPTIED);
    assert_true(c.kinds & 1u << SILLOK_KIND_REMOVED);
}

static void test_diff_is_used(void **state)
{
    const struct sillok_article a = { .body = text_of("15일이다.") };
    const struct sillok_article b = { .body = text_of("16일이다.") };
    struct sillok_diff *d = NULL;
    struct sillok_change_class with, without = classify(&a, &b);
    (void)state;
    assert_int_equal(sillok_diff_new(&d, a.body, b.body), 0);
    assert_int_equal(sillok_change_classify(&with, &a, &b, d), 0);
    sillok_diff_free(d);
    assert_int_equal(with.kind, without.kind);
    assert_string_equal(with.why, without.why);
    assert_true(with.significance == without.significance);
    assert_int_equal(with.added_chars, 2);
}

/* A body past what is compared at once is told to be compared coarsely. */
static void test_coarse(void **state)
{
    CLEANUP(buf_release) struct buf large = BUF_INIT;
    (void)state;
    while (large.len < 300 * 1024)
        assert_int_equal(buf_add_str(&large, "나무 강물 산길 바다 들판 "), 0);
    assert_int_equal(buf_add_str(&large, "이다. 셋이다."), 0);
    assert_int_equal(buf_add_char(&large, '\0'), 0);
    const struct sillok_change_class c = classify_bodies("가나다라 마바사.", large.ptr);
    assert_int_equal(c.flags & SILLOK_FLAG_COARSE, SILLOK_FLAG_COARSE);
    assert_int_equal(classify_bodies(LEAD, LEAD "끝.").flags & SILLOK_FLAG_COARSE, 0);
}

/* What a reader would rather know of ranks higher. */
static void test_significance(void **state)
{
    static const struct {
        const char *before, *after;
    } rising[] = {
        { LEAD "끝.", LEAD " 끝." },
        { LEAD "끝.", LEAD "끝. 김하늘 기자" },
        { LEAD "정량 평가다.", LEAD "정성 평가다." },
        { LEAD "시장은 기뻐했다.", LEAD "시장은 안타까워했다." },
        { LEAD "값은 15원이다.", LEAD "값은 16원이다." },
        { LEAD "그는 “값은 15원이다”라고 했다.", LEAD "그는 “값은 16원이다”라고 했다." },
        { LEAD "끝.", LEAD "끝. 앞 기사의 값 5원을 바로잡습니다." },
    };
    (void)state;
    double last = -1;
    for (size_t i = 0; i < sizeof(rising) / sizeof(rising[0]); i++) {
        const struct sillok_change_class c =
            classify_bodies(rising[i].before, rising[i].after);
        if (c.significance <= last)
            fail_msg("%s: %.1f after %.1f", c.why, c.significance, last);
        last = c.significance;
    }
}

/* Points by the table of docs/kinds.md. */
static void test_parts(void **state)
{
    static const struct {
        enum sillok_kind kind;
        uint32_t kinds, flags;
        double similarity, points;
        int n;
    } cases[] = {
        { SILLOK_KIND_COSMETIC, 0, SILLOK_FLAG_NUMBER, 0.5, 0, 1 },
        { SILLOK_KIND_BYLINE, 0, SILLOK_FLAG_NAME, 0.5, 2, 1 },
        { SILLOK_KIND_METADATA, 0, 0, 1, 5, 2 },
        { SILLOK_KIND_TYPO, 0, 0, 0.9, 11, 2 },
        { SILLOK_KIND_WORD, 0, SILLOK_FLAG_NAME, 1, 30, 3 },
        { SILLOK_KIND_ADDED, 0, SILLOK_FLAG_NUMBER, 1, 32, 3 },
        { SILLOK_KIND_WORDING, 0, SILLOK_FLAG_NEGATION, 1, 40, 3 },
        { SILLOK_KIND_REMOVED, 0, SILLOK_FLAG_SILENT, 1, 35, 3 },
        { SILLOK_KIND_NUMBER, 0, SILLOK_FLAG_NUMBER | SILLOK_FLAG_QUOTE, 1, 50, 3 },
        { SILLOK_KIND_REVERTED, 0, 0, 1, 40, 2 },
        { SILLOK_KIND_EMPTIED, 0, 0, 0, 55, 2 },
        { SILLOK_KIND_REWRITTEN, 1u << SILLOK_KIND_HEADLINE, 0, 1, 60, 3 },
        { SILLOK_KIND_REWRITTEN, 1u << SILLOK_KIND_HEADLINE, SILLOK_FLAG_HEADLINE_MARK, 1,
          45, 2 },
        { SILLOK_KIND_HEADLINE, 1u << SILLOK_KIND_HEADLINE, 0, 1, 30, 2 },
        { SILLOK_KIND_HEADLINE, 0, SILLOK_FLAG_HEADLINE_MARK, 0.5, 5, 1 },
        { SILLOK_KIND_HEADLINE, 0, SILLOK_FLAG_HEADLINE_COSMETIC | SILLOK_FLAG_NUMBER,
          0.5, 1, 1 },
        { SILLOK_KIND_CORRECTION, 1u << SILLOK_KIND_HEADLINE,
          SILLOK_FLAG_NUMBER | SILLOK_FLAG_QUOTE | SILLOK_FLAG_NAME |
              SILLOK_FLAG_NEGATION | SILLOK_FLAG_SILENT,
          0, 100, 8 }, /* 137 */
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct sillok_change_class c = { .kind = cases[i].kind,
                                               .kinds = cases[i].kinds,
                                               .flags = cases[i].flags,
                                               .similarity = cases[i].similarity };
        struct sillok_significance_part parts[SILLOK_MAX_PARTS];
        const double points = sillok_change_significance(&c);
        if (points < cases[i].points - 1e-9 || points > cases[i].points + 1e-9)
            fail_msg("%zu: %f", i, points);
        assert_int_equal(sillok_change_parts(&c, parts, SILLOK_MAX_PARTS), cases[i].n);
        double sum = 0;
        for (int k = 0; k < cases[i].n; k++)
            sum += parts[k].points;
        assert_true(sum > points - 1e-9);
        /* less room than parts: those that fit, and how many there are */
        parts[1] = (struct sillok_significance_part){ "untouched", -1 };
        assert_int_equal(sillok_change_parts(&c, parts, 1), cases[i].n);
        assert_string_equal(parts[1].what, "untouched");
    }
}

/* Where the publisher stamps its edits: did the stamp move with the text? */
static void test_stamps(void **state)
{
    static const struct {
        enum sillok_field field; /* N_FIELDS: the body */
        const char *before, *after;
        uint32_t flags;
    } cases[] = {
        { SILLOK_N_FIELDS, "1", "2", SILLOK_FLAG_ANNOUNCED },
        { SILLOK_N_FIELDS, "1", "1", SILLOK_FLAG_SILENT },
        { SILLOK_TITLE, "1", "2", SILLOK_FLAG_ANNOUNCED },
        { SILLOK_TITLE, "1", "1", SILLOK_FLAG_SILENT },
        { SILLOK_CATEGORY, "1", "1", 0 },
        { SILLOK_CATEGORY, "1", "2", 0 },
        { SILLOK_N_FIELDS, "", "1", 0 },
        { SILLOK_N_FIELDS, "1", "", 0 },
        { SILLOK_N_FIELDS, "", "", 0 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct sillok_article a = { .body = text_of(LEAD) }, b = a;
        if (cases[i].field == SILLOK_N_FIELDS)
            b.body = text_of(LEAD "끝.");
        else
            b.fields[cases[i].field] = text_of("눈 온다");
        a.fields[SILLOK_MODIFIED_AT] = text_of(cases[i].before);
        b.fields[SILLOK_MODIFIED_AT] = text_of(cases[i].after);
        const struct sillok_change_class c = classify(&a, &b);
        if ((c.flags & (SILLOK_FLAG_SILENT | SILLOK_FLAG_ANNOUNCED)) != cases[i].flags)
            fail_msg("%zu: %x", i, (unsigned)c.flags);
    }
    /* the stamp alone is nothing that a reader reads */
    struct sillok_article a = { .body = text_of(LEAD) }, b = a;
    b.fields[SILLOK_MODIFIED_AT] = text_of("2");
    const struct sillok_change_class c = classify(&a, &b);
    assert_int_equal(c.kind, SILLOK_KIND_COSMETIC);
    assert_string_equal(c.why, "cosmetic: fields only");
}

/* The figures are those of the body, and of the title where it alone changed. */
static void test_likeness_is_told(void **state)
{
    struct sillok_article a = { .body = text_of("정량 평가다. 끝.") }, b = a;
    (void)state;
    b.body = text_of("정성 평가다. 끝.");
    a.fields[SILLOK_TITLE] = text_of("비");
    b.fields[SILLOK_TITLE] = text_of("눈이 온다");
    struct sillok_change_class c = classify(&a, &b);
    assert_int_equal(c.added_chars, 2);
    assert_int_equal(c.removed_chars, 2);
    const double body = 1 - 4 / 16.0;
    assert_true(c.similarity > body - 1e-9 && c.similarity < body + 1e-9);
    b.body = a.body;
    c = classify(&a, &b);
    assert_int_equal(c.added_chars, 4);
    assert_int_equal(c.removed_chars, 1);
    assert_true(c.similarity == 0);
}

static void test_why(void **state)
{
    struct sillok_change_class c =
        classify_bodies(LEAD "정량 평가다.", LEAD "정성 평가다.");
    (void)state;
    assert_string_equal(c.why, "typo: 1 place [-정량-]{+정성+}");
    /* the first place that counts, and boilerplate only where there is no other */
    c = classify_bodies("김하늘 기자 = " LEAD "정량 평가다.",
                        "박들판 기자 = " LEAD "정성 평가다.");
    assert_string_equal(c.why, "typo: 2 places [-정량-]{+정성+}");
    c = classify_bodies("김하늘 기자 = " LEAD, "박들판 기자 = " LEAD);
    assert_string_equal(c.why, "byline: 1 place [-김하늘-]{+박들판+}");
    /* hostile and long: cut, and nothing live in it */
    CLEANUP(buf_release) struct buf b = BUF_INIT;
    for (int i = 0; i < 500; i++)
        assert_int_equal(buf_add_str(&b, "\x1b[31m\xE2\x80\xAE가\xFF"), 0);
    assert_int_equal(buf_add_char(&b, '\0'), 0);
    c = classify_bodies(LEAD, b.ptr);
    /* marks take no room on the screen, but here: whole ones are left */
    for (int shift = 0; shift < 2; shift++) {
        CLEANUP(buf_release) struct buf marks = BUF_INIT;
        assert_int_equal(buf_add_str(&marks, shift ? LEAD "a가" : LEAD "가"), 0);
        for (int i = 0; i < 300; i++)
            assert_int_equal(buf_add_str(&marks, "\xCC\x81"), 0);
        assert_int_equal(buf_add(&marks, "다.", 5), 0);
        const struct sillok_change_class cut = classify_bodies(LEAD "나다.", marks.ptr);
        assert_true(strlen(cut.why) >= sizeof(cut.why) - 2);
    }
    assert_null(strchr(c.why, '\x1b'));
    assert_null(strstr(c.why, "\xE2\x80\xAE"));
    assert_true(utf8_valid(text_of(c.why)));
}

static void test_names(void **state)
{
    (void)state;
    for (int i = 0; i < SILLOK_N_KINDS; i++) {
        const char *name = sillok_kind_name((enum sillok_kind)i);
        assert_int_equal(sillok_kind_parse(name, strlen(name)), i);
    }
    assert_int_equal(sillok_kind_parse("typ", 3), -1);
    assert_int_equal(sillok_kind_parse("", 0), -1);
    assert_string_equal(sillok_kind_name(SILLOK_KIND_REWRITTEN), "rewritten");
    assert_string_equal(sillok_kind_name((enum sillok_kind)99), "unknown");
    assert_string_equal(sillok_flag_name(0), "number");
    assert_string_equal(sillok_flag_name(8), "headline_cosmetic");
    assert_string_equal(sillok_flag_name(12), "extraction");
    assert_string_equal(sillok_flag_name(13), "mismatch");
    assert_string_equal(sillok_flag_name(-1), "unknown");
    assert_string_equal(sillok_flag_name(SILLOK_N_FLAGS), "unknown");
    for (int bit = 0; bit < SILLOK_N_FLAGS; bit++)
        assert_string_not_equal(sillok_flag_name(bit), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_classes_of_characters),
        cmocka_unit_test(test_normal_text),
        cmocka_unit_test(test_normal_letters),
        cmocka_unit_test(test_normal_long_stretch),
        cmocka_unit_test(test_normal_odd_bytes),
        cmocka_unit_test(test_normal_is_bounded),
        cmocka_unit_test(test_normal_story),
        cmocka_unit_test(test_boiler),
        cmocka_unit_test(test_body_kinds),
        cmocka_unit_test(what_is_emptied),
        cmocka_unit_test(test_corrections),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_normal_form),
        cmocka_unit_test(test_flags),
        cmocka_unit_test(test_titles),
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_several),
        cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_diff_is_used),
        cmocka_unit_test(test_coarse),
        cmocka_unit_test(test_significance),
        cmocka_unit_test(test_parts),
        cmocka_unit_test(test_stamps),
        cmocka_unit_test(test_likeness_is_told),
        cmocka_unit_test(test_why),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests_name("diff/kinds", tests, NULL, NULL);
}
