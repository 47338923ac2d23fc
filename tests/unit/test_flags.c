/*
 * Flags of a change and of its headline, its significance and what that is the sum of, its
 * evidence and its names.
 */
#include "unit/kinds.h"

#include "diff/opposite.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* Lines that end at other words, though the same ones stand there again and again. */
static void repeated_lines_that_were_wrapped_anew(void **state)
{
    enum { LINES = 40 };
    static const char *const ways[] = { "가나 다라\n마바 사아 ",
                                        "가나\n다라 마바 사아 " };
    char texts[2][LINES * 40] = { "", "" };
    (void)state;
    for (int i = 0; i < LINES; i++)
        for (int k = 0; k < 2; k++)
            strcat(texts[k], ways[k && (i * 40503u >> 9 & 1)]);
    assert_int_equal(classify_bodies(texts[0], texts[1]).kind, SILLOK_KIND_COSMETIC);
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
        { "a score the other way round", "어제 3:2로 이겼다.", "어제 2:3으로 이겼다.",
          SILLOK_FLAG_NUMBER, SILLOK_FLAG_NUMBER },
        { "a Korean score the other way round", "어제 3대2로 이겼다.",
          "어제 2대3으로 이겼다.", SILLOK_FLAG_NUMBER, SILLOK_FLAG_NUMBER },
        { "two scores in each other's places", "한 팀은 15점, 또 한 팀은 20점이다.",
          "한 팀은 20점, 또 한 팀은 15점이다.", SILLOK_FLAG_NUMBER, SILLOK_FLAG_NUMBER },
        { "month and day", "회의는 2월 1일이다.", "회의는 1월 2일이다.",
          SILLOK_FLAG_NUMBER, SILLOK_FLAG_NUMBER },
        { "the same number written shorter", "모두 3.50%이다.", "모두 3.5%이다.", 0,
          SILLOK_FLAG_NUMBER },
        { "a span with another dash", "어제 10-20명이 왔다.", "어제 10~20명이 왔다.", 0,
          SILLOK_FLAG_NUMBER },
        { "a span of ten thousands", "어제 10만-20만 명이 왔다.",
          "어제 10만~20만 명이 왔다.", 0, SILLOK_FLAG_NUMBER },
        { "a span is no list", "회의는 3-5일이다.", "회의는 3, 5일이다.",
          SILLOK_FLAG_NUMBER, SILLOK_FLAG_NUMBER },
        { "a span with a longer dash", "어제 10~20명이 왔다.", "어제 10–20명이 왔다.", 0,
          SILLOK_FLAG_NUMBER },
        { "a span with another tilde", "어제 10∼20명이 왔다.", "어제 10〜20명이 왔다.", 0,
          SILLOK_FLAG_NUMBER },
        { "a longer minus", "기온은 –5도다.", "기온은 5도다.", SILLOK_FLAG_NUMBER,
          SILLOK_FLAG_NUMBER },
        { "which is the short one", "기온은 –5도고 비다.", "기온은 -5도고 눈이다.", 0,
          SILLOK_FLAG_NUMBER },
        { "a dash of a sentence is no span (en)", "The sum—5 won—was paid.",
          "The sum, 5 won, was paid.", 0, SILLOK_FLAG_NUMBER },
        { "a day with a point", "어제 3·1절 행사를 열었다.", "어제 3.1절 행사를 열었다.",
          0, SILLOK_FLAG_NUMBER },
        { "and with another dot", "어제 12ㆍ3 사태를 다뤘다.", "어제 12.3 사태를 다뤘다.",
          0, SILLOK_FLAG_NUMBER },
        { "nor two days", "회의는 3-5일이다.", "회의는 3·5일이다.", SILLOK_FLAG_NUMBER,
          SILLOK_FLAG_NUMBER },
        { "nor one word less", "어제 10-20명이 왔다.", "어제 10 20명이 왔다.",
          SILLOK_FLAG_NUMBER, SILLOK_FLAG_NUMBER },
        { "nor a sum", "어제 10-20명이 왔다.", "어제 10+20명이 왔다.", SILLOK_FLAG_NUMBER,
          SILLOK_FLAG_NUMBER },
        { "nor a doubt", "어제 3:2로 이겼다.", "어제 3±2로 이겼다.", SILLOK_FLAG_NUMBER,
          SILLOK_FLAG_NUMBER },
        { "a score is no span", "어제 3:2로 이겼다.", "어제 3~2로 이겼다.",
          SILLOK_FLAG_NUMBER, SILLOK_FLAG_NUMBER },
        { "nor a fall", "어제 3-2로 이겼다.", "어제 3▲2로 이겼다.", SILLOK_FLAG_NUMBER,
          SILLOK_FLAG_NUMBER },
        { "a minus is no span", "기온은 -5도다.", "기온은 ~5도다.", SILLOK_FLAG_NUMBER,
          SILLOK_FLAG_NUMBER },
        { "a sentence behind one that ends in a number (en)", "It rained. She is 60.",
          "It rained. She is 60.\n\nThe vote is soon.", 0, SILLOK_FLAG_NUMBER },
        { "grouping is no other number", "모두 1000명이다.", "모두 1,000명이다.", 0,
          SILLOK_FLAG_NUMBER },
        { "written number", "모두 이십명이다.", "모두 삼십명이다.", SILLOK_FLAG_NUMBER,
          SILLOK_FLAG_NUMBER },
        { "numbers with other dots between", "기존 5·10·20년물이 있다.",
          "기존 5ㆍ10ㆍ20년물이 있다.", 0, SILLOK_FLAG_NUMBER },
        { "inside a quotation", "그는 “책을 늘리겠다”고 했다.",
          "그는 “책을 줄이겠다”고 했다.", SILLOK_FLAG_QUOTE, SILLOK_FLAG_QUOTE },
        { "beside a quotation", "“그렇다”고 시장은 했다.", "“그렇다”고 지사는 했다.", 0,
          SILLOK_FLAG_QUOTE },
        { "a sentence of a quotation, with its mark", "그는 물었다. “부족한가. 더 달라.”",
          "그는 물었다. “충분하다. 더 달라.”", SILLOK_FLAG_QUOTE, SILLOK_FLAG_QUOTE },
        { "other marks around the same words, and a word elsewhere",
          "“책을 늘린다”고 시장이 했다.", "\"책을 늘린다\"고 지사가 했다.", 0,
          SILLOK_FLAG_QUOTE },
        { "full-width letters in a quotation, and a word elsewhere",
          "“책을 １２권 늘린다”고 시장이 했다.", "“책을 12권 늘린다”고 지사가 했다.", 0,
          SILLOK_FLAG_QUOTE },
        { "name before a role", "한빛의 김하늘 대표가 왔다.",
          "한빛의 박들판 대표가 왔다.", SILLOK_FLAG_NAME, SILLOK_FLAG_NAME },
        { "the same name in marks", "어제 김·하늘 대표가 왔다.",
          "어제 김ㆍ하늘 대표가 왔다.", 0, SILLOK_FLAG_NAME },
        { "the same name without a dash", "한빛의 김-하늘 대표가 왔다.",
          "한빛의 김하늘 대표가 왔다.", 0, SILLOK_FLAG_NAME },
        { "a role behind", "어제 김하늘씨가 왔다.", "어제 박들판씨가 왔다.",
          SILLOK_FLAG_NAME, SILLOK_FLAG_NAME },
        { "a surname", "어제 김 대표가 왔다.", "어제 박 대표가 왔다.", SILLOK_FLAG_NAME,
          SILLOK_FLAG_NAME },
        { "a syllable that is none", "어제 새 대표가 왔다.", "어제 옛 대표가 왔다.", 0,
          SILLOK_FLAG_NAME },
        { "an age behind", "어제 김하늘(45) 씨가 왔다.", "어제 박들판(45) 씨가 왔다.",
          SILLOK_FLAG_NAME, SILLOK_FLAG_NAME },
        { "a longer role", "어제 김하늘 국회의원이 왔다.", "어제 박들판 국회의원이 왔다.",
          SILLOK_FLAG_NAME, SILLOK_FLAG_NAME },
        { "a role of old", "어제 김하늘 전 시장이 왔다.", "어제 박들판 전 시장이 왔다.",
          SILLOK_FLAG_NAME, SILLOK_FLAG_NAME },
        { "an office behind", "어제 김하늘 나무시장이 왔다.",
          "어제 김하나 나무시장이 왔다.", SILLOK_FLAG_NAME, SILLOK_FLAG_NAME },
        { "a party and a role behind", "어제 김하늘 나무당 대표가 왔다.",
          "어제 박들판 나무당 대표가 왔다.", SILLOK_FLAG_NAME, SILLOK_FLAG_NAME },
        { "a day before an office", "이날은 나무시장이 왔다.", "전날은 나무시장이 왔다.",
          0, SILLOK_FLAG_NAME },
        { "other words before an office", "어제는 나무시장이 왔다.",
          "오늘은 나무시장이 왔다.", 0, SILLOK_FLAG_NAME },
        { "a name before a place", "어제 김하늘 나무공원이 열렸다.",
          "어제 박들판 나무공원이 열렸다.", 0, SILLOK_FLAG_NAME },
        { "named now", "경찰은 A씨를 찾았다.", "경찰은 김하늘씨를 찾았다.",
          SILLOK_FLAG_NAME, SILLOK_FLAG_NAME },
        { "no longer named", "경찰은 김하늘(45) 씨를 찾았다.", "경찰은 A(45)씨를 찾았다.",
          SILLOK_FLAG_NAME, SILLOK_FLAG_NAME },
        { "a surname now", "경찰은 A 씨를 찾았다.", "경찰은 김 모 씨를 찾았다.",
          SILLOK_FLAG_NAME, SILLOK_FLAG_NAME },
        { "a surname and an age", "경찰은 ㄱ씨를 찾았다.",
          "경찰은 김모(40대)씨를 찾았다.", SILLOK_FLAG_NAME, SILLOK_FLAG_NAME },
        { "somebody else who is not named", "경찰은 A양을 찾았다.",
          "경찰은 B양을 찾았다.", SILLOK_FLAG_NAME, SILLOK_FLAG_NAME },
        { "a surname alone", "경찰은 A씨를 찾았다.", "경찰은 김씨를 찾았다.",
          SILLOK_FLAG_NAME, SILLOK_FLAG_NAME },
        { "the same one", "경찰은 A씨를 찾았다.", "경찰은 A씨가 찾았다.", 0,
          SILLOK_FLAG_NAME },
        { "a letter that is nobody", "경찰은 A동을 찾았다.", "경찰은 김하늘동을 찾았다.",
          0, SILLOK_FLAG_NAME },
        { "another role", "어제 김하늘씨가 왔다.", "어제 박들판님이 왔다.", 0,
          SILLOK_FLAG_NAME },
        { "name (en)", "Later Hill spoke.", "Later Lake spoke.", SILLOK_FLAG_NAME,
          SILLOK_FLAG_NAME },
        { "a day is none (en)", "They met on Monday again.", "They met on Tuesday again.",
          0, SILLOK_FLAG_NAME },
        { "nor what a sentence begins with (en)", "It rained. Three came.",
          "It rained. Four came.", 0, SILLOK_FLAG_NAME },
        { "nor more of it (en)", "It rained. At least three came.",
          "It rained. About three came.", 0, SILLOK_FLAG_NAME },
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
        { "inside single straight marks", "그는 '책을 늘리겠다'고 했다.",
          "그는 '책을 줄이겠다'고 했다.", SILLOK_FLAG_QUOTE, SILLOK_FLAG_QUOTE },
        { "inside corner marks", "그는 「책을 늘리겠다」고 했다.",
          "그는 「책을 줄이겠다」고 했다.", SILLOK_FLAG_QUOTE, SILLOK_FLAG_QUOTE },
        { "behind single marks", "'그렇다'고 시장은 했다.", "'그렇다'고 지사는 했다.", 0,
          SILLOK_FLAG_QUOTE },
        { "an apostrophe", "It's a workers' day of the bridge, isn't it.",
          "It's a workers' day of the road, isn't it.", 0, SILLOK_FLAG_QUOTE },
        { "an apostrophe inside single marks",
          "He said ‘we don’t like the bridge’ today.",
          "He said ‘we don’t like the road’ today.", SILLOK_FLAG_QUOTE,
          SILLOK_FLAG_QUOTE },
        { "a year without its century", "'24년 다리를 고쳤다.", "'24년 도로를 고쳤다.", 0,
          SILLOK_FLAG_QUOTE },
        { "that and a quotation", "'24년 예산으로 '다리를 고친다'고 했다.",
          "'24년 예산으로 '도로를 고친다'고 했다.", SILLOK_FLAG_QUOTE,
          SILLOK_FLAG_QUOTE },
        { "a blank before the end", "'다리 '논의가 컸다. \"다리를 고친다\"고 했다.",
          "'다리 '논의가 컸다. \"도로를 고친다\"고 했다.", SILLOK_FLAG_QUOTE,
          SILLOK_FLAG_QUOTE },
        { "a single mark that nothing closes", "그는 ‘책 조례를 냈다. 다리도 고쳤다.",
          "그는 ‘책 조례를 냈다. 도로도 고쳤다.", 0, SILLOK_FLAG_QUOTE },
        { "nothing in its line", "그는 '책\n다리도 '고쳤다.", "그는 '글\n다리도 '고쳤다.",
          0, SILLOK_FLAG_QUOTE },
        { "quoted now", "그는 책을 아끼겠다고 했다.", "그는 “책을 아끼겠다”고 했다.",
          SILLOK_FLAG_QUOTE, SILLOK_FLAG_QUOTE },
        { "no longer quoted", "그는 \"책을 아끼겠다\"고 했다.",
          "그는 책을 아끼겠다고 했다.", SILLOK_FLAG_QUOTE, SILLOK_FLAG_QUOTE },
        { "told in other words (en)", "“We will grow,” he said.",
          "He said they will grow.", SILLOK_FLAG_QUOTE, SILLOK_FLAG_QUOTE },
        { "told in other words", "그는 “싫다”는 말을 남겼다.",
          "그는 욕설 섞인 말을 남겼다.", SILLOK_FLAG_QUOTE, SILLOK_FLAG_QUOTE },
        { "stressed in other words", "그는 '한파' 소식을 전했다.",
          "그는 추운 날씨 소식을 전했다.", 0, SILLOK_FLAG_QUOTE },
        { "other marks", "그는 “책을 아끼겠다”고 했다.", "그는 ‘책을 아끼겠다’고 했다.",
          0, SILLOK_FLAG_QUOTE },
        { "single marks of stress", "그는 책을 아낀다고 했다.",
          "그는 '책'을 아낀다고 했다.", 0, SILLOK_FLAG_QUOTE },
        { "a mark that was forgotten", "그는 “책을 아끼겠다고 했다.",
          "그는 “책을 아끼겠다”고 했다.", 0, SILLOK_FLAG_QUOTE },
        { "name with a glued role", "김하늘의원이 왔다.", "박들판 의원이 왔다.", 0,
          SILLOK_FLAG_NEGATION },
        { "a pianist denies nothing", "연주자 김하늘이 왔다.",
          "피아니스트 김하늘이 왔다.", 0, SILLOK_FLAG_NEGATION },
        { "nor a country", "라트비아가 이겼다.", "리투아니아가 이겼다.", 0,
          SILLOK_FLAG_NEGATION },
        { "nor who comes before long", "비가 곧 온다.", "비가 머지않아 온다.", 0,
          SILLOK_FLAG_NEGATION },
        { "one glued to its particle does", "책을 산 것이라고 했다.",
          "책을 산 것이아니라고 했다.", SILLOK_FLAG_NEGATION, SILLOK_FLAG_NEGATION },
        { "a parent", "김하늘씨 부친상을 알렸다.", "김하늘씨 모친상을 알렸다.",
          SILLOK_FLAG_OPPOSITE, SILLOK_FLAG_OPPOSITE },
        { "a track", "경부선 상행선이 막혔다.", "경부선 하행선이 막혔다.",
          SILLOK_FLAG_OPPOSITE, SILLOK_FLAG_OPPOSITE },
        { "negation went", "다리를 놓을 수 없다고 했다.", "다리를 놓을 수 있다고 했다.",
          SILLOK_FLAG_NEGATION, SILLOK_FLAG_NEGATION },
        { "negation, contracted (en)", "It does rain.", "It doesn't rain.",
          SILLOK_FLAG_NEGATION, SILLOK_FLAG_NEGATION },
        { "negation stays", "비는 오지 않았다.", "눈은 오지 않았다.", 0,
          SILLOK_FLAG_NEGATION },
        { "what the cut lost has no flags", LEAD "새집을 짓는다고 3일에 “아니",
          LEAD "새 집을 짓는다고 3일에", 0,
          SILLOK_FLAG_NUMBER | SILLOK_FLAG_QUOTE | SILLOK_FLAG_NEGATION },
        { "nor where the cut falls into a quotation",
          LEAD "새집을 짓는다고 그는 “우리는 내일", LEAD "새 집을 짓는다고 그는 “우리는",
          0, SILLOK_FLAG_QUOTE },
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

/* What turns a sentence round, and what only looks like it. */
static void test_opposites(void **state)
{
    static const struct {
        const char *before, *after;
        int opposite;
    } cases[] = {
        { "그는 유죄를 선고받았다.", "그는 무죄를 선고받았다.", 1 },
        { "그는 무죄를 선고받았다.", "그는 유죄를 선고받았다.", 1 },
        { "홈팀이 이겼다.", "홈팀이 졌다.", 1 },
        { "금리가 인상됐다.", "금리가 인하됐다.", 1 },
        { "30명 이상이 왔다.", "30명 미만이 왔다.", 1 },
        { "특보가 격상됐고요", "특보가 격하됐고요", 1 },
        { "형이 가볍다며", "형이 무겁다며", 1 },
        { "격차를 벌렸다.", "격차를 좁혔다.", 1 },
        { "그는 출마를 알렸다.", "그는 불출마를 알렸다.", 1 },
        { "It narrowed the gap.", "It widened the gap.", 1 },
        { "그 일은 가능하다.", "그 일은 불가능하다.", 1 },
        { "그 일은 불가능하다.", "그 일은 가능하다.", 1 },
        { "Shares rose on Monday.", "Shares fell on Monday.", 1 },
        { "Rose and others came.", "Fell and others came.", 1 },
        { "It is legal now.", "It is illegal now.", 1 },
        { "그 일은 가능하다.", "그 일은 가능했다.", 0 },
        { "금리가 인상됐다.", "금리가 동결됐다.", 0 },
        { "금리인상을 알렸다.", "금리인하를 알렸다.", 1 },
        { "정부는 찬성을 밝혔다.", "정부는 반대를 밝혔다.", 1 },
        { "주가가 올랐다.", "주가가 떨어졌다.", 1 },
        { "그를 체포했다.", "그를 석방했다.", 1 },
        { "지분을 매입했다.", "지분을 매각했다.", 1 },
        { "사실로 밝혀졌다.", "허위로 밝혀졌다.", 1 },
        { "구속 기소됐다.", "불구속 기소됐다.", 1 },
        { "The bank raised its rate.", "The bank cut its rate.", 1 },
        { "The court upheld it.", "The court overturned it.", 1 },
        { "The bill passed.", "The bill failed.", 0 }, /* of other pairs */
        { "Prices rose.", "Prices dropped.", 1 },
        /* inside other words, and words that look like them */
        { "한국이 이겼다고 밝혔다.", "한국이 이긴 것으로 알려졌다.", 0 },
        { "요금을 인상한다고", "요금 조정을 승인하기로", 0 },
        { "재개발 사업을", "정비 사업 중단을", 0 },
        { "오른쪽 도로", "비가 내린 도로", 0 },
        { "안전사고 우려", "사고 위험 우려", 0 },
        { "노동의 대가를 요구", "지급을 거부", 0 },
        { "낮 최고 기온", "아침 최저 기온", 0 },
        { "공로를 인정받은 김씨", "김씨의 부인", 0 },
        { "평가결과를", "추가부결을", 0 },
        { "KOSPI opens at", "KOSPI closes at", 0 },
        { "over the weekend", "under way", 0 },
        { "picked up", "sat down", 0 },
        { "before the vote", "after the vote", 0 },
        { "She died on Monday", "is survived by", 0 },
        { "유죄가 무죄로 바뀌었다.", "유죄가 무죄로 뒤집혔다.", 0 },
        { "The rosebush came.", "The fellow came.", 0 },
        { "It went up and up.", "It went up and on.", 0 },
        { "", "무죄", 0 },
        { "이 물은 안전하다.", "이 물은 위험하다.", 1 },
        { "이 집은 불안전하다.", "이 집은 안전하다.", 1 },
        { "30대 남성이 왔다.", "20대 여성이 왔다.", 1 },
        { "남자친구가 왔다.", "여자친구가 왔다.", 1 },
        { "출국장에 왔다.", "입국장에 왔다.", 1 },
        { "공격수를 봤다.", "수비수를 봤다.", 1 },
        { "남편이 왔다.", "아내가 왔다.", 1 },
        { "Exports excluding cars", "Exports including cars", 1 },
        /* both stand there, in another order */
        { "남성과 여성이", "여성과 남성이", 0 },
        { "안전을 위험에서", "위험을 안전에서", 0 },
        { "유죄와 무죄를", "무죄와 유죄를", 0 },
        { "남성의 옷을", "옷은 여성복을", 0 },
        /* where they are all that changed */
        { "오전", "오후", 1 },
        { "오전에는", "오후에는", 1 },
        { "오전 9시", "오후 3시", 0 },
        { "전", "후", 1 },
        { "전에", "후에", 1 },
        { "회의 전", "모임 후", 0 },
        { "전보", "후보", 0 },
        { "형을", "동생을", 1 },
        { "밖", "안", 1 },
        { "안이", "밖이", 1 },
        { "안에서", "밖에서", 1 },
        { "승\n", "패\n", 1 },
        { "안이다", "밖이다", 1 },
        { "외신", "내신", 0 },
        { "등록이", "미등록이", 1 },
        { "비서실장과", "서실장과", 0 },
        { "형식", "동생식", 0 },
        { "아들이", "딸이", 1 },
        { "딸이", "아들이", 1 },
        { "최고", "최저", 1 },
        { "before", "after", 1 },
        { "Before", "After", 1 },
        { "up", "down", 1 },
        { "a", "p", 1 },
        { "am", "pm", 1 },
        { "for", "against", 1 },
        { "man", "woman", 1 },
        { "women", "men", 1 },
        { "manner", "woman", 0 },
        { "a man", "the woman", 0 },
        { "up.", "down.", 0 },
        { "after", "later", 0 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        if (opposite_came(text_of(cases[i].before), text_of(cases[i].after)) !=
            cases[i].opposite)
            fail_msg("%s -> %s", cases[i].before, cases[i].after);
    /* 64 bytes are short; in one more both may stand for many reasons */
    char longer[66] = "guilty ";
    memset(longer + 7, 'a', 58);
    assert_false(opposite_came(text_make(longer, 65), text_of("innocent")));
    assert_true(opposite_came(text_make(longer, 64), text_of("innocent")));
    assert_false(opposite_came(text_of("innocent"), text_make(longer, 65)));
    /* as a flag: of a body, of a title, worth 30 points; never a typo */
    struct sillok_change_class c =
        classify_bodies(LEAD "그는 유죄였다.", LEAD "그는 무죄였다.");
    assert_int_equal(c.kind, SILLOK_KIND_WORD);
    assert_true(c.flags & SILLOK_FLAG_OPPOSITE);
    assert_true(c.significance > 50 && c.significance < 52);
    c = classify_bodies(LEAD "그는 유죄였다. 그날은 비가 왔다.",
                        LEAD "그는 무죄였다. 그날은 눈이 왔다.");
    assert_int_equal(c.kind, SILLOK_KIND_WORDING);
    /* nor, in a text so short that it is half of it, rewritten */
    c = classify_bodies("그는 유죄였다. 나도 유죄였다.", "그는 무죄였다. 나도 무죄였다.");
    assert_true(c.similarity < 0.5);
    assert_int_equal(c.kind, SILLOK_KIND_WORDING);
    assert_int_equal(classify_bodies(LEAD "그는 유죄였다.", LEAD "그는 육죄였다.").kind,
                     SILLOK_KIND_TYPO);
    assert_int_equal(classify_bodies(LEAD, LEAD "끝.").flags & SILLOK_FLAG_OPPOSITE, 0);
    struct sillok_article a = { .body = text_of(LEAD) }, b = a;
    a.fields[SILLOK_TITLE] = text_of("1심 유죄");
    b.fields[SILLOK_TITLE] = text_of("1심 무죄");
    c = classify(&a, &b);
    assert_int_equal(c.kind, SILLOK_KIND_HEADLINE);
    assert_true(c.flags & SILLOK_FLAG_OPPOSITE);
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
        { "quoted no more", "시장 “비 온다”", "시장 비 온다", 0 },
        { "other marks of quotation", "시장 “비 온다”", "시장 ‘비 온다’",
          SILLOK_FLAG_HEADLINE_COSMETIC },
        { "stress", "다리 놓는 시장", "'다리' 놓는 시장", SILLOK_FLAG_HEADLINE_COSMETIC },
        { "asked no more", "비 온다?", "비 온다", 0 },
        { "asked, and a mark", "비 온다", "[속보] 비 온다？", 0 },
        { "a call", "비 온다", "비 온다!", SILLOK_FLAG_HEADLINE_COSMETIC },
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
        { "a sign, and a word at the end", "시장, 오늘 사퇴", "시장 오늘 사퇴설", 0 },
        { "a sign, and a word at the end (en)", "Bridge falls: police",
          "Bridge falls, police say", 0 },
        { "cut at an ellipsis", "다리 3곳, 봄에 문을…", "다리 3곳 봄에 문을 연…",
          SILLOK_FLAG_HEADLINE_COSMETIC },
        { "something was wrong", "비 온다", "[고침] 비 온다", 0 },
        { "and at the end", "비 온다", "비 온다 (정정)", 0 },
        { "put right", "비 온다", "비 온다(수정)", 0 },
        { "something was wrong (en)", "Rain comes", "(CORRECTED) Rain comes", 0 },
        { "what is no error (en)", "Rain comes", "(LEAD) Rain comes",
          SILLOK_FLAG_HEADLINE_MARK },
        { "no more", "[고침] 비 온다", "비 온다", SILLOK_FLAG_HEADLINE_MARK },
        { "another arrow", "이익 61%↑", "이익 61%↓", SILLOK_FLAG_NUMBER },
        { "another arrow behind a word", "관람객↑", "관람객↓", SILLOK_FLAG_NUMBER },
        { "a sign came", "기온 5도", "기온 -5도", SILLOK_FLAG_NUMBER },
        { "a sign came, and a mark", "[속보] 기온 5도", "기온 -5도 (2보)",
          SILLOK_FLAG_NUMBER },
        { "another mark", "비 온다 (2보)", "비 온다 (3보)", SILLOK_FLAG_HEADLINE_MARK },
        { "wide digits", "제1차 회의", "제１차 회의", SILLOK_FLAG_HEADLINE_COSMETIC },
        { "not opened", "비 온다", "비 온다 종합)", 0 },
        { "a mark and other words", "[속보] 비 온다", "눈 온다 (종합)", 0 },
        { "a tab before a mark behind", "비 온다", "비 온다\t(종합)\t",
          SILLOK_FLAG_HEADLINE_MARK },
        { "sentences in another order", "가나다라 마바사 아자차다. 둘째 문장은 이것이다.",
          "둘째 문장은 이것이다. 가나다라 마바사 아자차다.", 0 },
    };
    const uint32_t of =
        SILLOK_FLAG_HEADLINE_MARK | SILLOK_FLAG_HEADLINE_COSMETIC | SILLOK_FLAG_NUMBER;
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

/* A kind that somebody else has put there, sillok_kind_parse()'s -1 say, reads no table
 * beyond its end. */
static void test_parts_of_no_kind(void **state)
{
    static const int kinds[] = { -1, SILLOK_N_KINDS, INT_MAX };
    (void)state;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        const struct sillok_change_class c = { .kind = (enum sillok_kind)kinds[i],
                                               .similarity = 1 };
        struct sillok_significance_part parts[SILLOK_MAX_PARTS];
        assert_int_equal(sillok_change_parts(&c, parts, SILLOK_MAX_PARTS), 2);
        assert_string_equal(parts[0].what, "kind unknown");
        assert_true(sillok_change_significance(&c) < 1e-9);
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
    /* of several the one that the kind, or a flag, was given for */
    c = classify_bodies(LEAD "동쪽에 새로 지은 다리다." TAIL,
                        LEAD "서편에 새로 지은 다리다." TAIL " 이름을 바로잡습니다.");
    assert_string_equal(
        c.why, "correction: 2 places, 1 sentence added {+이름을 바로잡습니다.+}");
    c = classify_bodies(LEAD "산에 새로 지은 다리다. 값은 5억원으로 올랐다." TAIL,
                        LEAD "강에 새로 지은 다리다. 값은 5억원으로 내렸다." TAIL);
    assert_string_equal(c.why, "wording: 2 places [-올랐다-]{+내렸다+}");
    c = classify_bodies(LEAD "산에 새로 고쳐 지은 다리다. 그가 쓴 값은 5억원이다." TAIL,
                        LEAD "강에 새로 고쳐 지은 집이다. 그가 쓴 값은 7억원이다." TAIL);
    assert_string_equal(c.why, "wording: 3 places [-5-]{+7+}");
    c = classify_bodies(LEAD "책을 아끼겠다고 했다.", LEAD "“책을 아끼겠다”고 했다.");
    assert_string_equal(c.why, "wording: 2 places {+“+}");
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
    assert_string_equal(sillok_flag_name(SILLOK_N_FLAGS - 1), "opposite");
    assert_string_equal(sillok_flag_name(-1), "unknown");
    assert_string_equal(sillok_flag_name(SILLOK_N_FLAGS), "unknown");
    for (int bit = 0; bit < SILLOK_N_FLAGS; bit++)
        assert_string_not_equal(sillok_flag_name(bit), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_flags),
        cmocka_unit_test(repeated_lines_that_were_wrapped_anew),
        cmocka_unit_test(test_opposites),
        cmocka_unit_test(test_titles),
        cmocka_unit_test(test_coarse),
        cmocka_unit_test(test_significance),
        cmocka_unit_test(test_parts),
        cmocka_unit_test(test_parts_of_no_kind),
        cmocka_unit_test(test_stamps),
        cmocka_unit_test(test_likeness_is_told),
        cmocka_unit_test(test_why),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests_name("diff/flags", tests, NULL, NULL);
}
