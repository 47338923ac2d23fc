/*
 * What a diff shows: running words, lines of sentences, two columns, HTML, JSON, and that
 * nothing of a text comes out live.
 */
#include "base/utf8.h"
#include "diff/styled.h"

#include "sillok/diff.h"
#include "sillok/store.h" /* sillok_free() */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

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

#define ISLAND "비가 왔고 길이 젖었고 차가 막혔고 "

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
          "이익이 [-1조9150억원으로-]{+2조800억 원으로+} 늘었다.\n" },
        { "emoji whole", "응원 👍🏽👩‍🚀!", "응원 👍🏿👨‍🚀!",
          "응원 [-👍🏽👩‍🚀-]{+👍🏿👨‍🚀+}!\n" },
        { "flags whole", "🇰🇷 대 🇺🇸 경기", "🇰🇵 대 🇺🇸 경기", "[-🇰🇷-]{+🇰🇵+} 대 🇺🇸 경기\n" },
        { "Thai whole", "ดี กำ นา", "ดี กา นา", "ดี [-กำ-]{+กา+} นา\n" },
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
        { "words joined and parted, beside an edit",
          "비가 오면 갈 수 있다고 시장이 어제 한번 했다.",
          "비가 오면 갈수있다고 시장이 어제 한 번 말했다.",
          "비가 오면 갈[- -]수[- -]있다고 시장이 어제 [-한번 했다-]{+한 번 말했다+}.\n" },
        { "a line break only", "비가 왔다. 끝.", "비가 왔다.\n끝.",
          "비가 왔다.[- -]{+⏎+}끝.\n" },
        { "a line that ends at another word", "비가 오고\n길이 젖었다. 끝.",
          "비가 오고 길이 젖었다.\n끝.",
          "비가 오고[-⏎-]{+ +}길이 젖었다.[- -]{+⏎+}끝.\n" },
        { "re-wrapped beside an edit", "비가 왔다. 길이 젖었다.",
          "비가 왔다.\n길이 얼었다.", "비가 왔다.\n길이 [-젖었다-]{+얼었다+}.\n" },
        { "English", "The mayor met with the band.", "The mayor received the band.",
          "The mayor [-met with-]{+received+} the band.\n" },
        { "a word between two that were replaced is no island", ISLAND "가 와 나 끝이다.",
          ISLAND "다 와 라 끝이다.", ISLAND "[-가 와 나-]{+다 와 라+} 끝이다.\n" },
        { "three syllables, as much replaced on both sides",
          ISLAND "가 와나다 나나 끝이다.", ISLAND "마마 와나다 라 끝이다.",
          ISLAND "[-가 와나다 나나-]{+마마 와나다 라+} 끝이다.\n" },
        { "three syllables, one less behind them", ISLAND "가 와나다 나 끝이다.",
          ISLAND "마마 와나다 라 끝이다.",
          ISLAND "[-가-]{+마마+} 와나다 [-나-]{+라+} 끝이다.\n" },
        { "a word between what went and what was replaced",
          ISLAND "가나다라마바사 와 마바사자 끝이다.", ISLAND "와 라라라라 끝이다.",
          ISLAND "[-가나다라마바사 -]와 [-마바사자-]{+라라라라+} 끝이다.\n" },
        { "the same, one more went", ISLAND "가나다라마바사아 와 마바사자 끝이다.",
          ISLAND "와 라라라라 끝이다.",
          ISLAND "[-가나다라마바사아 와 마바사자-]{+와 라라라라+} 끝이다.\n" },
        { "four syllables",
          ISLAND "가나다라마바사자마바 와나다라 마바사자마바사자마바 끝이다.",
          ISLAND "다다다다다다다다다다 와나다라 라라라라라라라라라라 끝이다.",
          ISLAND
          "[-가나다라마바사자마바-]{+다다다다다다다다다다+} 와나다라 [-마바사자마바사자마바-]{+라라라라라라라라라라+} 끝이다.\n" },
        { "a sign and a blank part nothing", ISLAND "가, 나 끝이다.",
          ISLAND "다, 라 끝이다.", ISLAND "[-가, 나-]{+다, 라+} 끝이다.\n" },
        { "three signs do", ISLAND "가., 나 끝이다.", ISLAND "다., 라 끝이다.",
          ISLAND "[-가-]{+다+}., [-나-]{+라+} 끝이다.\n" },
        { "a word twice, at the start", "비가 왔다 끝.", "비가 비가 왔다 끝.",
          "{+비가 +}비가 왔다 끝.\n" },
        { "a word three times", "그는 책과 책을 샀다.", "그는 책과 책과 책을 샀다.",
          "그는 책과 {+책과 +}책을 샀다.\n" },
        { "a sentence with other marks", "비가 왔다! 길이 젖었다! 끝.",
          "비가 왔다! 눈이 왔다! 길이 젖었다! 끝.",
          "비가 왔다! {+눈이 왔다! +}길이 젖었다! 끝.\n" },
        { "a title between two, with both its marks", "‘길’·‘강’을 썼다.",
          "‘길’·‘산’·‘강’을 썼다.", "‘길’·{+‘산’·+}‘강’을 썼다.\n" },
        { "a bracket with its pair", "‘길’(5월)·‘강’(6월)을 썼다.", "‘길’(5월)을 썼다.",
          "‘길’(5월)[-·‘강’(6월)-]을 썼다.\n" },
        { "a name with its age", "김하늘(35)·박들판(35)씨가 왔다.",
          "김하늘(35)씨가 왔다.", "김하늘(35)[-·박들판(35)-]씨가 왔다.\n" },
        { "a point of a list with its sign", "▲ 국장 김하늘 ▲ 과장 박들판",
          "▲ 국장 김하늘 ▲ 부장 강여울 ▲ 과장 박들판",
          "▲ 국장 김하늘 {+▲ 부장 강여울 +}▲ 과장 박들판\n" },
        { "a word gone at the start", "가나 다라.", "다라.", "[-가나 -]다라.\n" },
        { "from the start of a word rather than behind it", "책 3권 끝이다.",
          "책 3권3권 끝이다.", "책 {+3권+}3권 끝이다.\n" },
        { "a word gone before the stop", "가나 다라.", "가나.", "가나[- 다라-].\n" },
        { "a long passage put into the middle of a sentence",
          "비가 왔고 길이 젖었다. 끝.",
          "비가 왔고 해도 났고 꽃도 피었고 새도 울었고 나비도 날았다. 그런데 길이 젖었다. 끝.",
          "비가 왔고 {+해도 났고 꽃도 피었고 새도 울었고 나비도 날았다. 그런데 +}길이 젖었다. "
          "끝.\n" },
        { "a sentence put in that has some words of the next by chance",
          "시는 올해 다리를 놓고 길을 넓힌다.",
          "시는 어제 저녁 늦게까지 이어진 회의에서 올해 쓸 돈을 모두 정하고 다리를 오래 "
          "둘러봤다. 놓고 길을 넓힌다.",
          "{+시는 어제 저녁 늦게까지 이어진 회의에서 올해 쓸 돈을 모두 정하고 다리를 오래 "
          "둘러봤다. +}[-시는 올해 다리를 -]놓고 길을 넓힌다.\n" },
        { "two sentences split in two",
          "비가 왔고 길이 몹시 젖어서 차가 막혔다. 해가 났다. 눈이 왔고 산이 몹시 하얘서 "
          "빛이 났다. 끝.",
          "비가 왔다. 길이 몹시 젖어서 차가 막혔다. 해가 났다. 눈이 왔다. 산이 몹시 하얘서 "
          "빛이 났다. 끝.",
          "비가 [-왔고-]{+왔다.+} 길이 몹시 젖어서 차가 막혔다. 해가 났다. 눈이 "
          "[-왔고-]{+왔다.+} 산이 몹시 하얘서 빛이 났다. 끝.\n" },
        { "a part of a word, up to the blank", "가나-다라 마바.", "가나-다라-다라 마바.",
          "가나-다라{+-다라+} 마바.\n" },
        { "the last paragraph taken out", "비가 왔다.\n\n길이 젖었다.", "비가 왔다.",
          "비가 왔다.\n\n[-길이 젖었다.-]\n" },
        { "the last sentence taken out", "비가 왔다. 길이 젖었다.", "비가 왔다.",
          "비가 왔다. [-길이 젖었다.-]\n" },
        { "and a word before it", "비가 어제 왔다.\n길이 젖었다.", "비가 오늘 왔다.",
          "비가 [-어제-]{+오늘+} 왔다.\n[-길이 젖었다.-]\n" },
        { "a sentence that is the last one now", "비가 많이 왔다.\n길이 젖었다.",
          "비가 많이 온다.", "비가 많이 [-왔다-]{+온다+}.\n[-길이 젖었다.-]\n" },
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

/* A sentence that moved is no loss and no news: each format says so in its way, and what
 * did not change is told in one line. */
static void test_moves_and_notes(void **state)
{
    static const char a[] =
        "비가 왔다. 가나다라 마바사 아자차다. 길이 젖었다. 위원회는 정량 평가를 한다.\n셋째다. 넷째다. 다섯째다.";
    static const char b[] =
        "비가 왔다. 길이 젖었다. 위원회는 정성 평가를 한다.\n셋째다. 가나다라 마바사 아자차다. 넷째다. 다섯째다.";
    static const struct {
        const char *name;
        struct sillok_render_options o;
        const char *want;
    } cases[] = {
        { "words",
          { SILLOK_DIFF_WORDS, 0, 44, 0 },
          "⋯ 1 sentence unchanged\n"
          "[moved away: 가나다라 마바사 아자차다. ]\n"
          "⋯ 1 sentence unchanged\n"
          "위원회는 [-정량-]{+정성+} 평가를 한다.\n"
          "⋯ 1 sentence unchanged\n"
          "[moved here: 가나다라 마바사 아자차다. ]\n"
          "⋯ 2 sentences unchanged\n" },
        { "words, colour",
          { SILLOK_DIFF_WORDS, 1, 44, 0 },
          "\x1b[2m⋯ 1 sentence unchanged\x1b[0m\n"
          "\x1b[36m가나다라 마바사 아자차다. \x1b[0m\n"
          "\x1b[2m⋯ 1 sentence unchanged\x1b[0m\n"
          "위원회는 \x1b[31m정\x1b[1;4m량\x1b[22;24m\x1b[0m\x1b[32m정\x1b[1;4m성\x1b[22;24m\x1b[0m 평가를 한다.\n"
          "\x1b[2m⋯ 1 sentence unchanged\x1b[0m\n"
          "\x1b[36m가나다라 마바사 아자차다. \x1b[0m\n"
          "\x1b[2m⋯ 2 sentences unchanged\x1b[0m\n" },
        { "side",
          { SILLOK_DIFF_SIDE, 0, 44, 0 },
          "⋯ 1 sentence unchanged\n"
          "가나다라 마바사      m\n"
          "아자차다.            :\n"
          "⋯ 1 sentence unchanged\n"
          "위원회는 [-정량-]    | 위원회는 {+정성+}\n"
          "평가를 한다.         : 평가를 한다.\n"
          "⋯ 1 sentence unchanged\n"
          "                     m 가나다라 마바사\n"
          "                     : 아자차다.\n"
          "⋯ 2 sentences unchanged\n" },
        { "side, colour",
          { SILLOK_DIFF_SIDE, 1, 44, 0 },
          "\x1b[2m⋯ 1 sentence unchanged\x1b[0m\n"
          "\x1b[36m가나다라 마바사\x1b[0m      m\n"
          "\x1b[36m아자차다.\x1b[0m            :\n"
          "\x1b[2m⋯ 1 sentence unchanged\x1b[0m\n"
          "위원회는 \x1b[31m정\x1b[1;4m량\x1b[22;24m\x1b[0m 평가를 | 위원회는 \x1b[32m정\x1b[1;4m성\x1b[22;24m\x1b[0m 평가를\n"
          "한다.                : 한다.\n"
          "\x1b[2m⋯ 1 sentence unchanged\x1b[0m\n"
          "                     m \x1b[36m가나다라 마바사\x1b[0m\n"
          "                     : \x1b[36m아자차다.\x1b[0m\n"
          "\x1b[2m⋯ 2 sentences unchanged\x1b[0m\n" },
        { "sentences",
          { SILLOK_DIFF_SENTENCES, 0, 44, 0 },
          "⋯ 1 sentence unchanged\n"
          "< 가나다라 마바사 아자차다.\n"
          "⋯ 1 sentence unchanged\n"
          "- 위원회는 정량 평가를 한다.\n"
          "+ 위원회는 정성 평가를 한다.\n"
          "⋯ 1 sentence unchanged\n"
          "> 가나다라 마바사 아자차다.\n"
          "⋯ 2 sentences unchanged\n" },
        { "sentences, colour",
          { SILLOK_DIFF_SENTENCES, 1, 44, 0 },
          "\x1b[2m⋯ 1 sentence unchanged\x1b[0m\n"
          "\x1b[36m< \x1b[0m\x1b[36m가나다라 마바사 아자차다.\x1b[0m\n"
          "\x1b[2m⋯ 1 sentence unchanged\x1b[0m\n"
          "\x1b[31m- \x1b[0m위원회는 \x1b[31m정\x1b[1;4m량\x1b[22;24m\x1b[0m 평가를 한다.\n"
          "\x1b[32m+ \x1b[0m위원회는 \x1b[32m정\x1b[1;4m성\x1b[22;24m\x1b[0m 평가를 한다.\n"
          "\x1b[2m⋯ 1 sentence unchanged\x1b[0m\n"
          "\x1b[36m> \x1b[0m\x1b[36m가나다라 마바사 아자차다.\x1b[0m\n"
          "\x1b[2m⋯ 2 sentences unchanged\x1b[0m\n" },
        { "html",
          { SILLOK_DIFF_HTML, 0, 44, 0 },
          "<div class=\"sillok-diff\">\n"
          "<p class=\"note\">⋯ 1 sentence unchanged</p>\n"
          "<p class=\"moved-from\"><del class=\"moved\">가나다라 마바사 아자차다.</del></p>\n"
          "<p class=\"note\">⋯ 1 sentence unchanged</p>\n"
          "<p class=\"changed\">위원회는 <del>정<b>량</b></del><ins>정<b>성</b></ins> 평가를 한다.</p>\n"
          "<p class=\"note\">⋯ 1 sentence unchanged</p>\n"
          "<p class=\"moved-to\"><ins class=\"moved\">가나다라 마바사 아자차다.</ins></p>\n"
          "<p class=\"note\">⋯ 2 sentences unchanged</p>\n"
          "</div>\n" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        expect_render(cases[i].name, a, b, &cases[i].o, cases[i].want);
}

/* A pager takes each line by itself: none leaves a colour on, and what goes on has its own. */
static void test_colours_end_with_their_line(void **state)
{
    static const struct sillok_render_options words = { SILLOK_DIFF_WORDS, 1, 44, -1 },
                                              marks = { SILLOK_DIFF_WORDS, 0, 44, -1 };
    const char *before = "가나다.\n라마바.\n사아자.", *after = "사아자.";
    (void)state;
    expect_render("colours", before, after, &words,
                  "\x1b[31m가나다.\x1b[0m\n\x1b[31m라마바.\x1b[0m\n사아자.\n");
    expect_render("marks", before, after, &marks, "[-가나다.-]\n[-라마바.-]\n사아자.\n");
    before = "가 나\n다 라", after = "가 라";
    expect_render("over a line", before, after, &words,
                  "가 \x1b[31m나\x1b[0m\n\x1b[31m다 \x1b[0m라\n");
}

/* Blanks that came or went are shown where marks or columns would swallow them. */
static void test_blanks_are_shown(void **state)
{
    static const struct {
        const char *name;
        struct sillok_render_options o;
        const char *want;
    } cases[] = {
        { "words", { SILLOK_DIFF_WORDS, 0, 44, -1 }, "한[- -]칸 이다.[-⏎-]{+ +}끝.\n" },
        { "words, colour",
          { SILLOK_DIFF_WORDS, 1, 44, -1 },
          "한\x1b[31m␣\x1b[0m칸 이다.\x1b[31m⏎\x1b[0m\x1b[32m␣\x1b[0m끝.\n" },
        { "side, colour",
          { SILLOK_DIFF_SIDE, 1, 44, -1 },
          "한\x1b[31m␣\x1b[0m칸 이다.\x1b[31m⏎\x1b[0m         | 한칸 이다.\x1b[32m␣\x1b[0m\n"
          "끝.                    끝.\n" },
        { "sentences",
          { SILLOK_DIFF_SENTENCES, 0, 44, -1 },
          "- 한␣칸 이다.⏎\n"
          "+ 한칸 이다.␣\n"
          "  끝.\n" },
        { "sentences, colour",
          { SILLOK_DIFF_SENTENCES, 1, 44, -1 },
          "\x1b[31m- \x1b[0m한\x1b[31m␣\x1b[0m칸 이다.\x1b[31m⏎\x1b[0m\n"
          "\x1b[32m+ \x1b[0m한칸 이다.\x1b[32m␣\x1b[0m\n"
          "  끝.\n" },
        { "html",
          { SILLOK_DIFF_HTML, 0, 44, -1 },
          "<div class=\"sillok-diff\">\n"
          "<p class=\"changed\">한<del>␣</del>칸 이다.<del>⏎</del><ins>␣</ins></p>\n"
          "<p class=\"same\">끝.</p>\n"
          "</div>\n" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        expect_render(cases[i].name, "한 칸 이다.\n끝.", "한칸 이다. 끝.", &cases[i].o,
                      cases[i].want);
}

/* One sort of blank is as good as another where it is shown; a rare one stays itself. */
static void test_sorts_of_blanks(void **state)
{
    const struct sillok_render_options o = { SILLOK_DIFF_SENTENCES, 0, 0, -1 };
    (void)state;
    expect_render("blanks",
                  "한\xE3\x80\x80칸 이다 둘\xC2\xA0셋 넷\xE2\x80\x83"
                  "다섯 여\t섯 끝.",
                  "한칸 이다 둘셋 넷다섯 여섯 끝.", &o,
                  "- 한␣칸 이다 둘␣셋 넷\xE2\x80\x83다섯 여␣섯 끝.\n"
                  "+ 한칸 이다 둘셋 넷다섯 여섯 끝.\n");
}

/* Inside a word that was replaced, the syllables that differ are set off, whole ones; a
 * number is read whole, and what shares nothing or is long is no word. */
static void test_syllables(void **state)
{
    static const struct {
        const char *name, *old_text, *new_text, *want;
    } cases[] = {
        { "letters", "그들은 recieved 했다.", "그들은 received 했다.",
          "그들은 <del>rec<b>ie</b>ved</del><ins>rec<b>ei</b>ved</ins> 했다." },
        { "syllables that share bytes", "오늘 귀게 문을 열었다.",
          "오늘 가게 문을 열었다.",
          "오늘 <del><b>귀</b>게</del><ins><b>가</b>게</ins> 문을 열었다." },
        { "syllables that share an odd byte", "오늘 각게 문을 열었다.",
          "오늘 걁게 문을 열었다.",
          "오늘 <del><b>각</b>게</del><ins><b>걁</b>게</ins> 문을 열었다." },
        { "a number", "값은 1,234원이다.", "값은 1,239원이다.",
          "값은 <del>1,234</del><ins>1,239</ins>원이다." },
        { "21 syllables", "그는 가나다라마바사아자차카타파하거너더러머버서 했다.",
          "그는 가나다라마바사아자차카타파하거너더러머버어 했다.",
          "그는 <del>가나다라마바사아자차카타파하거너더러머버<b>서</b></del><ins>가나다라마바사아자차카타파하거너더러머버<b>어</b></ins> 했다." },
        { "22 syllables", "그는 가나다라마바사아자차카타파하거너더러머버서서 했다.",
          "그는 가나다라마바사아자차카타파하거너더러머버서어 했다.",
          "그는 <del>가나다라마바사아자차카타파하거너더러머버서서</del><ins>가나다라마바사아자차카타파하거너더러머버서어</ins> 했다." },
        { "put in behind", "그는 시장 했다.", "그는 시장이 했다.",
          "그는 <del>시장</del><ins>시장<b>이</b></ins> 했다." },
        { "put in before", "그는 시장 했다.", "그는 부시장 했다.",
          "그는 <del>시장</del><ins><b>부</b>시장</ins> 했다." },
        { "taken out in the middle", "그는 시의장 했다.", "그는 시장 했다.",
          "그는 <del>시<b>의</b>장</del><ins>시장</ins> 했다." },
        { "a vowel sign goes with its letter", "كَتَبَ زيد.", "كُتِبَ زيد.",
          "<del><b>كَتَ</b>بَ</del><ins><b>كُتِ</b>بَ</ins> زيد." },
        { "an accent of its own", "A re\xCC\x81sume is it.", "A resume is it.",
          "A <del>r<b>e\xCC\x81</b>sume</del><ins>r<b>e</b>sume</ins> is it." },
        { "the same again", "그는 가가 했다.", "그는 가가가 했다.",
          "그는 <del>가가</del><ins>가가<b>가</b></ins> 했다." },
        { "nothing in common", "그는 시장 했다.", "그는 지사 했다.",
          "그는 <del>시장</del><ins>지사</ins> 했다." },
        { "signs of HTML", "그는 가<나 \"다\" & '라' 했다.",
          "그는 가<너 \"다\" & '라' 했다.",
          "그는 가&lt;<del>나</del><ins>너</ins> &quot;다&quot; &amp; &#39;라&#39; 했다." },
    };
    const struct sillok_render_options o = { SILLOK_DIFF_HTML, 0, 0, -1 };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        CLEANUP(buf_release) struct buf want = BUF_INIT;
        assert_int_equal(buf_printf(&want,
                                    "<div class=\"sillok-diff\">\n<p class=\"changed\">%s"
                                    "</p>\n</div>\n",
                                    cases[i].want),
                         0);
        assert_int_equal(buf_add_char(&want, '\0'), 0);
        expect_render(cases[i].name, cases[i].old_text, cases[i].new_text, &o, want.ptr);
    }
}

/* Columns: at least ten wide, 80 in all where nobody says; a style that goes on over the
 * end of a line is opened again on the next. */
static void test_columns(void **state)
{
    static const struct {
        int colour, columns;
        const char *old_text, *new_text, *want;
    } cases[] = {
        { 0, 1, "가나다라마바 했다.", "가나다라마사 했다.",
          "[-가나다라 | {+가나다라\n"
          "마바-]     : 마사+}\n"
          "했다.      : 했다.\n" },
        { 0, 23, "가나다라마바 했다.", "가나다라마사 했다.",
          "[-가나다라 | {+가나다라\n"
          "마바-]     : 마사+}\n"
          "했다.      : 했다.\n" },
        { 0, 25, "가나다라마바 했다.", "가나다라마사 했다.",
          "[-가나다라  | {+가나다라\n"
          "마바-] 했다 : 마사+} 했다\n"
          ".           : .\n" },
        { 0, 0, "가나다라마바 했다.", "가나다라마사 했다.",
          "[-가나다라마바-] 했다.                 | {+가나다라마사+} 했다.\n" },
        { 1, 30, "아주 긴 낱말 서울특별시청사앞광장 끝이다.",
          "아주 긴 낱말 서울특별시청사옆광장 끝이다.",
          "아주 긴 낱말  | 아주 긴 낱말\n"
          "\x1b[31m서울특별시청\x1b[0m  : \x1b[32m서울특별시청\x1b[0m\n"
          "\x1b[31m사\x1b[1;4m앞\x1b[22;24m광장\x1b[0m 끝이 : \x1b[32m사\x1b[1;4m옆\x1b[22;24m광장\x1b[0m 끝이\n"
          "다.           : 다.\n" },
        { 0, 30, "하나다. 둘이다.", "하나다.",
          "하나다.         하나다.\n"
          "둘이다.       <\n" },
        { 0, 30, "하나다.", "하나다. 둘이다. 셋이다.",
          "하나다.         하나다.\n"
          "              > 둘이다.\n"
          "              > 셋이다.\n" },
        { 1, 23, "그는 가나다라마바사아자차카나다 했다.",
          "그는 가나라라라라라라라라라나다 했다.",
          "그는 \x1b[31m가나\x1b[1;4m\x1b[0m  | 그는 \x1b[32m가나\x1b[1;4m\x1b[0m\n"
          "\x1b[31m\x1b[1;4m다라마바사\x1b[0m : \x1b[32m\x1b[1;4m라라라라라\x1b[0m\n"
          "\x1b[31m\x1b[1;4m아자차카\x1b[22;24m나\x1b[0m : "
          "\x1b[32m\x1b[1;4m라라라라\x1b[22;24m나\x1b[0m\n"
          "\x1b[31m다\x1b[0m 했다.   : \x1b[32m다\x1b[0m 했다.\n" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct sillok_render_options o = { SILLOK_DIFF_SIDE, cases[i].colour,
                                                 cases[i].columns, -1 };
        expect_render("columns", cases[i].old_text, cases[i].new_text, &o, cases[i].want);
    }
}

/* Lines of a column, with '|' where one ends: at a blank, which then belongs to neither,
 * where that leaves more than two thirds; else anywhere. */
static void test_lines(void **state)
{
    static const struct {
        const char *text;
        size_t columns;
        const char *want;
    } cases[] = {
        { "", 10, "" },
        { "abc def", 7, "abc def" },
        { "abc def", 6, "abc de|f" },
        { "abcd ef", 6, "abcd e|f" },
        { "abcde fghi", 7, "abcde|fghi" },
        { "abc def ghi", 7, "abc def|ghi" },
        { "abcdefghij", 4, "abcd|efgh|ij" },
        { "가나다라", 4, "가나|다라" },
        { "가나다라", 5, "가나|다라" },
        { "가나다라", 1, "가|나|다|라" },
        { "a\nb", 9, "a|b" },
        { "a\n\nb", 9, "a||b" },
        { "a\tb", 3, "a\tb" },
        { "\x01"
          "abc\x0e"
          "def",
          6,
          "\x01"
          "abc\x0e"
          "def" },
        { "e\xCC\x81"
          "e\xCC\x81",
          2,
          "e\xCC\x81"
          "e\xCC\x81" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        CLEANUP(buf_release) struct buf got = BUF_INIT;
        struct sillok_text t = text_of(cases[i].text);
        while (t.len) {
            const struct styled_line line = styled_next_line(t, cases[i].columns);
            assert_true(line.next > 0 && line.len <= line.next && line.next <= t.len);
            assert_true(line.columns <= (cases[i].columns > 1 ? cases[i].columns : 2));
            if (t.ptr != cases[i].text)
                assert_int_equal(buf_add_char(&got, '|'), 0);
            assert_int_equal(buf_add(&got, t.ptr, line.len), 0);
            t = text_make(t.ptr + line.next, t.len - line.next);
        }
        if (!text_is(text_make(got.ptr, got.len), cases[i].want))
            fail_msg("'%s' in %zu: '%.*s'", cases[i].text, cases[i].columns, (int)got.len,
                     got.ptr);
    }
}

/* White space is folded into one blank, none at the ends nor before what ends. */
static void test_fold(void **state)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        { "", "" },
        { " \n\t", "" },
        { "  a \n b\t", "a b" },
        { "\x01 a \x0e b", "\x01"
                           "a\x0e b" },
        { "a\x02 b\x0e", "a\x02 b\x0e" },
        { "a \x02"
          "b\x06"
          "c \x07\x0e"
          "d",
          "a \x02"
          "b\x06"
          "c\x07\x0e d" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        CLEANUP(buf_release) struct buf b = BUF_INIT;
        assert_int_equal(buf_add_str(&b, cases[i].text), 0);
        styled_fold(&b);
        if (!text_is(text_make(b.ptr, b.len), cases[i].want))
            fail_msg("%zu: '%.*s'", i, (int)b.len, b.ptr);
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

/* Texts that grew or shrank meanwhile: spans of the old ones would lead out of them. */
static void test_other_texts(void **state)
{
    static const char *const others[] = { "", "비", "비가 왔다. 해가 났다. 별이 떴다!" };
    const struct sillok_text a = text_of("비가 왔다. 해가 났다."),
                             b = text_of("비가 왔다. 달이 떴다.");
    struct sillok_diff *d = NULL;
    struct sillok_change_class class;
    (void)state;
    assert_int_equal(sillok_diff_new(&d, a, b), 0);
    for (size_t i = 0; i < 2 * sizeof(others) / sizeof(others[0]); i++) {
        const struct sillok_text other = text_of(others[i / 2]);
        const struct sillok_article before = { .body = i % 2 ? a : other },
                                    after = { .body = i % 2 ? other : b };
        for (int format = 0; format <= SILLOK_DIFF_JSON; format++) {
            const struct sillok_render_options o = { (enum sillok_diff_format)format, 0,
                                                     0, 1 };
            char *out = NULL;
            size_t len;
            assert_int_equal(
                sillok_diff_render(&out, &len, d, before.body, after.body, &o),
                SILLOK_EINVALID);
            assert_null(out);
        }
        assert_int_equal(sillok_change_classify(&class, &before, &after, d),
                         SILLOK_EINVALID);
    }
    sillok_diff_free(d);
}

static void test_without_options(void **state)
{
    const struct sillok_render_options usual = SILLOK_RENDER_OPTIONS_INIT;
    const char *a = "비가 왔다. 해가 났다. 달이 떴다.",
               *b = "비가 왔다. 해가 났다. 별이 떴다.";
    char *want = render(a, b, &usual);
    (void)state;
    expect_render("NULL", a, b, NULL, want);
    sillok_free(want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_without_options),
        cmocka_unit_test(test_context),
        cmocka_unit_test(test_formats),
        cmocka_unit_test(test_moves_and_notes),
        cmocka_unit_test(test_colours_end_with_their_line),
        cmocka_unit_test(test_blanks_are_shown),
        cmocka_unit_test(test_sorts_of_blanks),
        cmocka_unit_test(test_syllables),
        cmocka_unit_test(test_columns),
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_fold),
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_hostile_output),
        cmocka_unit_test(test_bad_format),
        cmocka_unit_test(test_other_texts),
    };
    return cmocka_run_group_tests_name("diff/render", tests, NULL, NULL);
}
