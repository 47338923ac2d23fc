/*
 * Kinds of change: every rule with the change it is for and one it must not take.
 */
#include "unit/kinds.h"

#include <stdlib.h>
#include <string.h>

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
        { "quoted now", LEAD "책을 아끼겠다고 했다.", LEAD "“책을 아끼겠다”고 했다.",
          SILLOK_KIND_WORDING },
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
        { "a reporter who did something", LEAD "김하늘 기자(왼쪽)가 상을 받았다. 끝.",
          LEAD "박들판 기자(왼쪽)가 상을 받았다. 끝.", SILLOK_KIND_WORD },
        { "where a reporter is", LEAD "끝. 김하늘 기자(서울)",
          LEAD "끝. 박들판 기자(서울)", SILLOK_KIND_BYLINE },
        { "no address", LEAD "끝. sky", LEAD "끝. field", SILLOK_KIND_WORD },
        { "mail address", LEAD "끝.", LEAD "끝. newsdesk@example.com",
          SILLOK_KIND_BYLINE },
        { "another reporter", LEAD "끝. 김하늘 기자", LEAD "끝. 박들판 기자",
          SILLOK_KIND_BYLINE },
        { "who filmed it", LEAD "끝.촬영 : 김하늘 영상편집 : 박들판 디자인 : 강여울",
          LEAD "끝.촬영 : 김하늘 영상편집 : 최바다 디자인 : 강여울", SILLOK_KIND_BYLINE },
        { "who filmed it, too", LEAD "끝.(영상취재 : 김하늘, 영상편집 : 박들판)",
          LEAD "끝.(영상취재 : 김하늘·최바다, 영상편집 : 박들판)", SILLOK_KIND_BYLINE },
        { "what a chart shows", LEAD "그래픽: 실업률 상승", LEAD "그래픽: 실업률 하락",
          SILLOK_KIND_WORD },
        { "one tag more", LEAD "끝.#하늘시 #다리", LEAD "끝.#하늘시 #다리 #책",
          SILLOK_KIND_BYLINE },
        { "what a colon is before, else", LEAD "대상 : 어린이 장소 : 도서관",
          LEAD "대상 : 어르신 장소 : 도서관", SILLOK_KIND_WORD },
        { "whose picture it is", LEAD "끝.", LEAD "끝. [하늘시 제공. 재판매 및 DB 금지]",
          SILLOK_KIND_BYLINE },
        { "what a town gives", LEAD "점심은 [무료 제공하는] 곳이다.",
          LEAD "점심은 곳이다.", SILLOK_KIND_WORD },
        { "where a picture is from", LEAD "끝.", LEAD "끝. [사진 출처 : 가나통신]",
          SILLOK_KIND_BYLINE },
        { "the end of a wire", LEAD "끝.", LEAD "끝. sky@example.com(END)",
          SILLOK_KIND_BYLINE },
        { "tags", LEAD "끝.#하늘시 #다리 #2026년", LEAD "끝.", SILLOK_KIND_BYLINE },
        { "one that is said", LEAD "말은 #다리 하나다.", LEAD "말은 하나다.",
          SILLOK_KIND_WORD },
        { "a sentence at the end", LEAD "끝.", LEAD "끝. 다리도 놓는다.",
          SILLOK_KIND_ADDED },
        { "a sentence in the middle", LEAD "끝.", LEAD "다리도 놓는다. 끝.",
          SILLOK_KIND_ADDED },
        { "a glued sentence", "비가 왔다.길이 젖었다.",
          "비가 왔다.다리도 놓는다.길이 젖었다.", SILLOK_KIND_ADDED },
        { "a word where a sentence begins", LEAD "또 시장은 책을 늘린다.",
          LEAD "시장은 책을 늘린다.", SILLOK_KIND_WORD },
        { "two words there", LEAD "시장은 책을 늘린다.",
          LEAD "이날 오전 시장은 책을 늘린다.", SILLOK_KIND_WORD },
        { "two words and a sign that stands alone", LEAD "김하늘 모친상 = 3일 나무병원.",
          LEAD "김하늘 모친상, 강여울 시모상 = 3일 나무병원.", SILLOK_KIND_WORD },
        { "three words there", LEAD "시장은 책을 늘린다.",
          LEAD "이날 오전에 온 시장은 책을 늘린다.", SILLOK_KIND_ADDED },
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
        { "another story with as many numbers, of other units",
          LEAD "값은 5원이고 길은 3km이다.",
          "도서관은 책 9톤을 산다. 사서는 2년 뒤에 온다.", SILLOK_KIND_REWRITTEN },
        { "another story with as many numbers, of other units (en)",
          "The mayor opened the bridge. It took 5 years and cost 3 million dollars.",
          "Farmers sold 9 tons of rice abroad. Prices fell by 2 percent in spring.",
          SILLOK_KIND_REWRITTEN },
        { "a sum in another currency, alone", "1조9150억원", "2조800억 달러",
          SILLOK_KIND_NUMBER },
        { "three numbers, one with another tilde",
          LEAD "20~30대가 3명, 40대가 5명, 50대가 7명이다.",
          LEAD "20∼40대가 3명, 40대가 6명, 50대가 8명이다.", SILLOK_KIND_NUMBER },
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
        { "sentences that change places, and another reporter",
          "다리를 새로 놓는다고 한다.\n길을 넓힐 것이라고 한다.\n" TAIL "\n김하늘 기자",
          "길을 넓힐 것이라고 한다.\n다리를 새로 놓는다고 한다.\n" TAIL "\n박들판 기자",
          SILLOK_KIND_WORDING },
        { "nobody is quoted any more, and another reporter",
          LEAD "시는 “아끼겠다”고 했다.\n김하늘 기자",
          LEAD "시는 아끼겠다고 했다.\n박들판 기자", SILLOK_KIND_WORDING },
        { "a byline that stands elsewhere", LEAD TAIL "\nsky.over.field@example.com",
          "sky.over.field@example.com\n" LEAD TAIL, SILLOK_KIND_BYLINE },
        { "a sentence, and another reporter", LEAD "\n김하늘 기자 sky@example.com",
          LEAD "\n시는 다음 달에 다시 알린다고 했다.\n박들판 기자 field@example.com",
          SILLOK_KIND_ADDED },
        { "a sentence gone, and another reporter",
          LEAD "\n시는 다음 달에 다시 알린다고 했다.\n김하늘 기자 sky@example.com",
          LEAD "\n박들판 기자 field@example.com", SILLOK_KIND_REMOVED },
        { "a sentence for an address", LEAD "\nsky@example.com",
          LEAD "\n시는 다음 달에 다시 알린다고 했다.", SILLOK_KIND_ADDED },
        { "a sentence, and another reporter (en)", "It rained all day.\nBy Jane Doe",
          "It rained all day.\nThe vote is next week.\nBy John Roe", SILLOK_KIND_ADDED },
        { "a word for an address", LEAD "\nsky@example.com", LEAD "\n문화적",
          SILLOK_KIND_WORD },
        { "the time of a stamp", "입력 2026.01.02 10:11 수정 2026.01.02 10:30\n" LEAD,
          "입력 2026.01.02 10:11 수정 2026.01.02 11:30\n" LEAD, SILLOK_KIND_BYLINE },
        { "an age in a stamp", "입력 3시간 전\n" LEAD, "입력 1일 전\n" LEAD,
          SILLOK_KIND_BYLINE },
        { "a stamp with a colon that comes", "입력: 2026-01-02 10:11\n" LEAD,
          "입력: 2026-01-02 10:11 | 수정: 2026-01-02 11:30\n" LEAD, SILLOK_KIND_BYLINE },
        { "the time of a stamp and a letter",
          "입력 2026년 1월 2일 10:11\n" LEAD "귀게다.",
          "입력 2026년 1월 2일 11:11\n" LEAD "가게다.", SILLOK_KIND_TYPO },
        { "the time of a last stamp", "최종 수정 2026.01.02 10:11\n" LEAD,
          "최종 수정 2026.01.02 10:30\n" LEAD, SILLOK_KIND_BYLINE },
        { "of one in a bracket", "[입력] 2026.01.02. 오전 10:11\n" LEAD,
          "[입력] 2026.01.02. 오후 1:11\n" LEAD, SILLOK_KIND_BYLINE },
        { "of one that ends in its word", LEAD "\n2026/01/02 10:11 송고",
          LEAD "\n2026/01/02 10:30 송고", SILLOK_KIND_BYLINE },
        { "an hour that is told", LEAD "2026년 1월 2일 10시 원고 송고",
          LEAD "2026년 1월 2일 11시 원고 송고", SILLOK_KIND_NUMBER },
        { "a last edit that is told", LEAD "마지막 수정 2026.01.02 뒤 길 3곳이 열렸다.",
          LEAD "마지막 수정 2026.01.02 뒤 길 4곳이 열렸다.", SILLOK_KIND_NUMBER },
        { "a number behind a stamp", "입력 2026.01.02 10:11 시는 길 3곳을 연다.\n" LEAD,
          "입력 2026.01.02 10:11 시는 길 4곳을 연다.\n" LEAD, SILLOK_KIND_NUMBER },
        { "the word of a stamp, a number and no stamp", "수정 2026년 안은 3조원\n" LEAD,
          "수정 2027년 안은 3조원\n" LEAD, SILLOK_KIND_NUMBER },
        { "a number with a phrase", LEAD "지난 3월에 문을 연다고 했다." TAIL,
          LEAD "오는 5월 초에 문을 연다고 했다." TAIL, SILLOK_KIND_NUMBER },
        { "words and a number put in before a number",
          LEAD "골퍼 겸 800만 명이 따르는 가수다. 그가 왔다." TAIL,
          LEAD "18세 바다가 할아버지 덕으로 800만 명이 따르는 가수다. 그가 왔다." TAIL,
          SILLOK_KIND_WORDING },
        { "a unit with a phrase", LEAD "지난 3월에 문을 연다고 했다." TAIL,
          LEAD "오는 3일에 문을 연다고 했다." TAIL, SILLOK_KIND_NUMBER },
        { "a number put in, another taken out",
          LEAD "문을 연다고 했다. 1월부터 연다." TAIL,
          LEAD "문을 연다고 23일 했다. 지난달부터 연다." TAIL, SILLOK_KIND_WORDING },
        { "a month before a day", LEAD "회의는 1일 연다.", LEAD "회의는 3월 1일 연다.",
          SILLOK_KIND_WORD },
        { "a day behind another", LEAD "회의는 18·20일 연다.",
          LEAD "회의는 17·18·20일 연다.", SILLOK_KIND_WORD },
        { "a word behind a number", LEAD "길 30 명소를 연다.",
          LEAD "길 30 만남 명소를 연다.", SILLOK_KIND_WORD },
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
          LEAD "배달 3사은 값을 올린다. 끝.", SILLOK_KIND_TYPO },
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

/* What turns a statement round is no typo, however few characters it is, nor are votes that
 * change places; what only looks like it is. */
static void test_turned_statements(void **state)
{
    static const struct {
        const char *before, *after;
        enum sillok_kind kind;
        uint32_t flags;
    } cases[] = {
        { "시는 이를 청구할 수 있다.", "시는 이를 청구할 수 없다.", SILLOK_KIND_WORD,
          SILLOK_FLAG_NEGATION },
        { "그가 범인이 맞다.", "그가 범인이 아니다.", SILLOK_KIND_WORD,
          SILLOK_FLAG_NEGATION },
        { "양측은 협상을 했다.", "양측은 협상을 안 했다.", SILLOK_KIND_WORD,
          SILLOK_FLAG_NEGATION },
        { "양측은 협상을 했다.", "양측은 협상을 안했다.", SILLOK_KIND_WORD,
          SILLOK_FLAG_NEGATION },
        { "그는 \"사실이다\"라고 했다.", "그는 \"사실이 아니다\"라고 했다.",
          SILLOK_KIND_WORD, SILLOK_FLAG_NEGATION | SILLOK_FLAG_QUOTE },
        { "그는 갔다고 했다. 비가 왔다.", "그는 안 갔다고 했다. 비가 욌다.",
          SILLOK_KIND_WORDING, SILLOK_FLAG_NEGATION },
        { "He can go home.", "He can't go home.", SILLOK_KIND_WORD,
          SILLOK_FLAG_NEGATION },
        { "He is now here.", "He is not here.", SILLOK_KIND_WORD, SILLOK_FLAG_NEGATION },
        { "이 물은 안전하다.", "이 물은 위험하다.", SILLOK_KIND_WORD,
          SILLOK_FLAG_OPPOSITE },
        { "30대 남성이 왔다.", "30대 여성이 왔다.", SILLOK_KIND_WORD,
          SILLOK_FLAG_OPPOSITE },
        { "오전 9시에 연다.", "오후 9시에 연다.", SILLOK_KIND_WORD,
          SILLOK_FLAG_OPPOSITE },
        { "It opens at 9 a.m. today.", "It opens at 9 p.m. today.", SILLOK_KIND_WORD,
          SILLOK_FLAG_OPPOSITE },
        { "It opens before noon.", "It opens after noon.", SILLOK_KIND_WORD,
          SILLOK_FLAG_OPPOSITE },
        { "낮 기온은 어제보다 낮겠다.", "낮 기온은 어제보다 높겠다.", SILLOK_KIND_WORD,
          SILLOK_FLAG_OPPOSITE },
        { "두 후보는 오차범위 밖 접전이다.", "두 후보는 오차범위 안 접전이다.",
          SILLOK_KIND_WORD, SILLOK_FLAG_OPPOSITE },
        { "그는 성년이었다.", "그는 미성년이었다.", SILLOK_KIND_WORD,
          SILLOK_FLAG_OPPOSITE },
        { "재판관 찬성 5대4로 합헌이다.", "재판관 찬성 4대5로 합헌이다.",
          SILLOK_KIND_NUMBER, SILLOK_FLAG_NUMBER },
        { "홈팀이 3대2로 이겼다.", "홈팀이 2대3으로 이겼다.", SILLOK_KIND_NUMBER,
          SILLOK_FLAG_NUMBER },
        { "홈팀이 3대1 승리를 거뒀다.", "홈팀이 1대3 승리를 거뒀다.", SILLOK_KIND_NUMBER,
          SILLOK_FLAG_NUMBER },
        { "시는 이를 청구할 수 없다.", "시는 이를 청구할 수 업다.", SILLOK_KIND_WORD,
          SILLOK_FLAG_NEGATION }, /* lost, whatever was meant */
        /* typos and layout as before */
        { "그는 할 수 없었다.", "그는 할 수 없엇다.", SILLOK_KIND_TYPO, 0 },
        { "오늘 안된다.", "오늘 않된다.", SILLOK_KIND_TYPO, 0 },
        { "오늘 안 된다.", "오늘 안된다.", SILLOK_KIND_COSMETIC, 0 },
        { "오늘 안 먹는다.", "오늘 안먹는다.", SILLOK_KIND_COSMETIC, 0 },
        { "He did not go hmoe.", "He did not go home.", SILLOK_KIND_TYPO, 0 },
        { "이 물은 안전하다.", "이 물은 안정하다.", SILLOK_KIND_TYPO, 0 },
        { "30대 남성이 왔다.", "30대 남셩이 왔다.", SILLOK_KIND_TYPO, 0 },
        { "홈팀이 3대2로 이겼다.", "홈팀이 3 대 2로 이겼다.", SILLOK_KIND_COSMETIC, 0 },
        { "홈팀이 3대2로 이겼다.", "홈팀이 3대2로 이켰다.", SILLOK_KIND_TYPO, 0 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (int back = 0; back < 2; back++) {
            const struct sillok_change_class c =
                classify_behind_lead(back ? cases[i].after : cases[i].before,
                                     back ? cases[i].before : cases[i].after);
            if (c.kind != cases[i].kind || c.flags != cases[i].flags)
                fail_msg("%s -> %s: %s, flags %x", cases[i].before, cases[i].after, c.why,
                         (unsigned)c.flags);
        }
    }
}

/* Most nouns are two syllables: what is as near as a slip may be another word. */
static void another_word_is_no_typo(void **state)
{
    static const struct {
        const char *before, *after;
        enum sillok_kind kind;
    } cases[] = {
        /* slips: the word stays */
        { "서을시가 돕는다.", "서울시가 돕는다.", SILLOK_KIND_TYPO },
        { "몇일 뒤에 연다.", "며칠 뒤에 연다.", SILLOK_KIND_TYPO },
        { "이러면 되서 좋다.", "이러면 돼서 좋다.", SILLOK_KIND_TYPO },
        { "결안이 통과됐다.", "결의안이 통과됐다.", SILLOK_KIND_TYPO },
        { "넷나무사가 낸다.", "나무사가 낸다.", SILLOK_KIND_TYPO },
        { "다리를를 놓는다.", "다리를 놓는다.", SILLOK_KIND_TYPO },
        { "시는 다시 다시 말했다.", "시는 다시 말했다.", SILLOK_KIND_TYPO },
        { "시는 곧 또 다시 말했다.", "시는 곧 곧 또 다시 말했다.", SILLOK_KIND_TYPO },
        { "예산은 1천200억원이다.", "예산은 1200억원이다.", SILLOK_KIND_TYPO },
        { "She is teh mayor.", "She is the mayor.", SILLOK_KIND_TYPO },
        /* other words */
        { "운전자가 사망했다.", "운전자가 부상했다.", SILLOK_KIND_WORD },
        { "검찰이 항소했다.", "법원이 항소했다.", SILLOK_KIND_WORD },
        { "서울시가 돕는다.", "부산시가 돕는다.", SILLOK_KIND_WORD },
        { "검찰이 항소했다.", "경찰이 항소했다.", SILLOK_KIND_WORD },
        { "어제 장관은 갔다.", "어제 차관은 갔다.", SILLOK_KIND_WORD },
        { "나무부장관은 갔다.", "나무부차관은 갔다.", SILLOK_KIND_WORD },
        { "나무처 청장은 갔다.", "나무처 처장은 갔다.", SILLOK_KIND_WORD },
        { "공사가 올해 끝난다.", "공사가 내년 끝난다.", SILLOK_KIND_WORD },
        { "회의는 13일(월) 열린다.", "회의는 13일(화) 열린다.", SILLOK_KIND_WORD },
        { "경찰은 A씨를 찾았다.", "경찰은 B씨를 찾았다.", SILLOK_KIND_WORD },
        { "경찰은 ㄱ씨를 찾았다.", "경찰은 ㄴ씨를 찾았다.", SILLOK_KIND_WORD },
        { "어제 김 대표는 갔다.", "어제 박 대표는 갔다.", SILLOK_KIND_WORD },
        { "It hit the old car.", "It hit the old bus.", SILLOK_KIND_WORD },
        /* a whole word came, or went */
        { "그가 박 전 시장을 만났다.", "그가 박 시장을 만났다.", SILLOK_KIND_WORD },
        { "모두 500여 명이 왔다.", "모두 500명이 왔다.", SILLOK_KIND_WORD },
        { "모두 80여편을 냈다.", "모두 80편을 냈다.", SILLOK_KIND_WORD },
        { "모두 100만여명이 왔다.", "모두 100만명이 왔다.", SILLOK_KIND_WORD },
        /* or what stands before one */
        { "어제 총리가 왔다.", "어제 부총리가 왔다.", SILLOK_KIND_WORD },
        { "김하늘 군수도 왔다.", "김하늘 나무군수도 왔다.", SILLOK_KIND_WORD },
        { "값이 5년 만에 처음 올랐다.", "값이 5년 만에 올랐다.", SILLOK_KIND_WORD },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        for (int back = 0; back < 2; back++) {
            const struct sillok_change_class c =
                classify_behind_lead(back ? cases[i].after : cases[i].before,
                                     back ? cases[i].before : cases[i].after);
            if (c.kind != cases[i].kind)
                fail_msg("%s -> %s: %s", cases[i].before, cases[i].after, c.why);
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

/* Numbers count by their value, however they are written. */
static void test_numbers(void **state)
{
    static const struct {
        const char *before, *after;
        int differ;
    } cases[] = {
        { "3,000명", "3000명", 0 },
        { "3000명", "3천명", 0 },
        { "모두 30명", "다 합해 ３０명", 0 },
        { "30일 “온다”", "３０일 \"온다\"", 0 },
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
        { "8.9%P↓", "8.9%P↑", 1 },
        { "0.5%포인트▲", "0.5%포인트▼", 1 },
        { "12원 ↑", "12원 ↓", 1 },
        { "12원△", "12원▲", 0 }, /* a list */
        { "AA+로", "AA-로", 1 },
        { "A+ 등급", "A 등급", 1 },
        { "5G+를", "5G를", 1 },
        { "K-책이", "K책이", 0 },
        { "A+B가", "A·B가", 0 },
        { "검사는 (+)", "검사는 (-)", 1 },
        { "강+산이", "강-산이", 0 },
        { "5℃로", "5℉로", 1 },
        { "12원 ▲", "12원 ▼", 0 },
        { "> 200%", "< 200%", 1 },
        { "30㎡", "30㎢", 1 },
        { "30℃", "30℉", 1 },
        { "30℃", "30 ℃", 0 },
        { "★★★", "★★★★★", 1 },
        { "★★★☆☆", "★★★★☆", 1 },
        { "★★☆", "⭐⭐", 0 },
        { "☆", "★", 0 },
        { "★ 다리", "● 다리", 0 },
        { "다리", "★ 다리", 0 },
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
        { "만일 개가", "혹시 개가", 0 },
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
        /* more of the same number */
        { "10조 원", "10조 7천억 원", 1 },
        { "14억 인구", "14억5000만 인구", 1 },
        { "5천억 원", "2조 5천억 원", 1 },
        { "3조8천347억원", "3조347억원", 1 },
        { "5 dollars", "5 million dollars", 1 },
        /* units */
        { "0.5%를", "0.5%포인트를", 1 },
        { "0.5%p", "0.5%", 1 },
        { "0.5%p", "0.5%포인트", 0 },
        { "0.5%", "0.5퍼센트", 0 },
        { "3%", "3배", 1 },
        { "5억원", "5억달러", 1 },
        { "5억 원을", "5억 엔을", 1 },
        { "5억달러", "5억弗", 0 },
        { "35㎏이", "35g이", 1 },
        { "35kg이", "35톤이", 1 },
        { "3㎞를", "3km를", 0 },
        { "3km를", "3m를", 1 },
        { "3월에", "3일에", 1 },
        { "3개월", "3년", 1 },
        { "3년간", "3주년", 0 },
        { "5만명", "5만건", 0 },
        { "4개 지역이", "4곳이", 0 },
        { "15 days", "15 weeks", 1 },
        { "0.5% 더", "0.5% 포인트 더", 1 },
        { "5 minutes", "5 hours", 1 },
        { "5 days", "5 Days", 0 },
        { "5 kilometers", "5 miles", 1 },
        { "5 kilometers", "5 km", 0 },
        { "5-inch", "5-foot", 1 },
        { "a 5-ton ship", "a 5-tonne ship", 0 },
        { "0.5 percent", "0.5 percentage points", 1 },
        { "5 million dollars", "5 million euros", 1 },
        { "5 billion won", "5 billion dollars", 1 },
        { "5 million", "5 million dollars", 0 },
        { "a 3-year plan", "a 3-month plan", 1 },
        { "1 year", "1 day", 1 },
        { "5m long", "5ms long", 0 },
        { "5m high", "5 men high", 0 },
        { "5일, 3월에", "5일, 4주에", 1 },
        /* words of their own */
        { "두 달", "석 달", 1 },
        { "석달", "넉 달", 1 },
        { "석 달", "3달", 0 },
        { "석유가", "넉살이", 0 },
        { "사흘간", "나흘간", 1 },
        { "사흘간", "3일간", 0 },
        { "보름째", "열흘째", 1 },
        { "보름달이", "초승달이", 0 },
        { "수백 명", "수천 명", 1 },
        { "수백억원", "수천억원", 1 },
        { "십수 명", "수십 명", 1 },
        { "십여 명", "10여 명", 0 },
        { "백여 명", "천여 명", 1 },
        { "수백여 명", "수천여 명", 1 },
        { "수백 톤을", "수천 톤을", 1 },
        { "수십 가지", "수백 가지", 1 },
        { "석 장을", "넉 장을", 1 },
        { "석 장관이", "박 장관이", 0 },
        { "할 수만 더", "할 수도 더", 0 },
        { "서너 명", "네댓 명", 1 },
        { "한두 명", "두세 명", 1 },
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_body_kinds),
        cmocka_unit_test(what_is_emptied),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_normal_form),
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_several),
        cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_diff_is_used),
        cmocka_unit_test(test_turned_statements),
        cmocka_unit_test(another_word_is_no_typo),
    };
    return cmocka_run_group_tests_name("diff/kinds", tests, NULL, NULL);
}
