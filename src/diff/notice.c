/* Notices of an error: see notice.h. */
#include "diff/notice.h"

#include "diff/chars.h"
#include "diff/phrase.h"

#include <string.h>

/* Where a phrase has to stand to be a notice, and not to speak of one. */
enum where {
    IN_ITSELF, /* anywhere */
    OF_ARTICLE, /* in a sentence that is about an article: others say it of laws and plans */
    AS_MARK,  /* with the end of its bracket: [수정], (정정: 2일), not (수정안) */
    AS_TITLE, /* where a sentence or a line begins or ends, with no particle behind it: [정정보도문],
               * not 정정보도문을 실으라 nor "정정보도문" 게재를 */
    AT_START, /* of a sentence or a line, behind signs: ▶ 정정 = */
    AT_END,   /* of a line or a bracket: 기사 일부 수정 */
};

static const struct notice {
    struct sillok_text text;
    enum where where;
} notices[] = {
    { LITERAL("수정했습니다"), OF_ARTICLE },
    { LITERAL("수정합니다"), OF_ARTICLE },
    { LITERAL("수정하였습니다"), OF_ARTICLE },
    { LITERAL("수정됐습니다"), OF_ARTICLE },
    { LITERAL("수정되었습니다"), OF_ARTICLE },
    { LITERAL("수정 했습니다"), OF_ARTICLE },
    { LITERAL("수정 되었습니다"), OF_ARTICLE },
    { LITERAL("정정됐습니다"), OF_ARTICLE },
    { LITERAL("정정되었습니다"), OF_ARTICLE },
    { LITERAL("정정하였습니다"), OF_ARTICLE },
    { LITERAL("고쳤습니다"), OF_ARTICLE },
    { LITERAL("고칩니다"), OF_ARTICLE },
    { LITERAL("잘못 표기했습니다"), OF_ARTICLE },
    { LITERAL("잘못 표기됐습니다"), OF_ARTICLE },
    { LITERAL("잘못 표기되었습니다"), OF_ARTICLE },
    { LITERAL("잘못 보도했습니다"), OF_ARTICLE },
    { LITERAL("사실과 다른 내용이 있어"), OF_ARTICLE },
    { LITERAL("밝혀왔습니다"), OF_ARTICLE },
    { LITERAL("밝혀 왔습니다"), OF_ARTICLE },
    { LITERAL("전해왔습니다"), OF_ARTICLE },
    { LITERAL("전해 왔습니다"), OF_ARTICLE },
    { LITERAL("삭제했습니다"), OF_ARTICLE },
    { LITERAL("삭제합니다"), OF_ARTICLE },
    { LITERAL("삭제하였습니다"), OF_ARTICLE },
    { LITERAL("익명 처리했습니다"), OF_ARTICLE },
    { LITERAL("익명으로 처리했습니다"), OF_ARTICLE },
    { LITERAL("조정에 따라 게재"), OF_ARTICLE },
    { LITERAL("to correct "), OF_ARTICLE },
    { LITERAL("amended on "), OF_ARTICLE },
    { LITERAL("amended to "), OF_ARTICLE },
    { LITERAL("정정합니다"), IN_ITSELF },
    { LITERAL("정정했습니다"), IN_ITSELF },
    { LITERAL("정정 합니다"), IN_ITSELF },
    { LITERAL("바로잡습니다"), IN_ITSELF },
    { LITERAL("바로 잡습니다"), IN_ITSELF },
    { LITERAL("바로잡았습니다"), IN_ITSELF },
    { LITERAL("바로 잡았습니다"), IN_ITSELF },
    { LITERAL("바로잡아 드립니다"), IN_ITSELF },
    { LITERAL("바로잡고자 합니다"), IN_ITSELF },
    { LITERAL("[정정보도"), IN_ITSELF },
    { LITERAL("[정정 보도"), IN_ITSELF },
    { LITERAL("정정보도]"), IN_ITSELF },
    { LITERAL("정정보도합니다"), IN_ITSELF },
    { LITERAL("정정보도를 게재합"), IN_ITSELF },
    { LITERAL("정정보도를 싣습"), IN_ITSELF },
    { LITERAL("정정보도문을 게재합"), IN_ITSELF },
    { LITERAL("정정보도문을 싣습"), IN_ITSELF },
    { LITERAL("[반론보도"), IN_ITSELF },
    { LITERAL("[반론 보도"), IN_ITSELF },
    { LITERAL("반론보도]"), IN_ITSELF },
    { LITERAL("반론보도를 게재합"), IN_ITSELF },
    { LITERAL("반론보도를 싣습"), IN_ITSELF },
    { LITERAL("반론보도문을 게재합"), IN_ITSELF },
    { LITERAL("반론보도문을 싣습"), IN_ITSELF },
    { LITERAL("[추후보도"), IN_ITSELF },
    { LITERAL("추후보도]"), IN_ITSELF },
    { LITERAL("추후보도를 게재합"), IN_ITSELF },
    { LITERAL("추후보도를 싣습"), IN_ITSELF },
    { LITERAL("추후보도문을 게재합"), IN_ITSELF },
    { LITERAL("추후보도문을 싣습"), IN_ITSELF },
    { LITERAL("중재위원회 조정에 따른 것입니다"), IN_ITSELF },
    { LITERAL("중재위원회의 조정에 따른 것입니다"), IN_ITSELF },
    { LITERAL("중재위 조정에 따른 것입니다"), IN_ITSELF },
    { LITERAL("중재위의 조정에 따른 것입니다"), IN_ITSELF },
    { LITERAL("보도 요청에 따른 것입니다"), IN_ITSELF },
    { LITERAL("알려왔습니다"), IN_ITSELF },
    { LITERAL("알려 왔습니다"), IN_ITSELF },
    { LITERAL("돼 수정했습니다"), IN_ITSELF },
    { LITERAL("되어 수정했습니다"), IN_ITSELF },
    { LITERAL("있어 수정했습니다"), IN_ITSELF },
    { LITERAL("기사를 삭제합"), IN_ITSELF },
    { LITERAL("기사를 삭제했습"), IN_ITSELF },
    { LITERAL("기사를 삭제하였습"), IN_ITSELF },
    { LITERAL("기사가 삭제됐습"), IN_ITSELF },
    { LITERAL("기사가 삭제되었습"), IN_ITSELF },
    { LITERAL("기사는 삭제됐습"), IN_ITSELF },
    { LITERAL("기사는 삭제되었습"), IN_ITSELF },
    { LITERAL("삭제된 기사입니다"), IN_ITSELF },
    { LITERAL("언론사 요청으로 삭제"), IN_ITSELF },
    { LITERAL("언론사의 요청으로 삭제"), IN_ITSELF },
    { LITERAL("언론사 요청에 의해 삭제"), IN_ITSELF },
    { LITERAL("언론사의 요청에 의해 삭제"), IN_ITSELF },
    { LITERAL("요청으로 삭제됐습"), IN_ITSELF },
    { LITERAL("요청으로 삭제되었습"), IN_ITSELF },
    { LITERAL("요청에 따라 삭제됐습"), IN_ITSELF },
    { LITERAL("요청에 따라 삭제되었습"), IN_ITSELF },
    { LITERAL("존재하지 않는 기사입니다"), IN_ITSELF },
    { LITERAL("전문취소"), IN_ITSELF },
    { LITERAL("전문 취소"), IN_ITSELF },
    { LITERAL("사실과 달라 수정했습니다"), IN_ITSELF },
    { LITERAL("사실과 달라 수정합니다"), IN_ITSELF },
    { LITERAL("사실과 달라 수정하였습니다"), IN_ITSELF },
    { LITERAL("수정된 기사입니다"), IN_ITSELF },
    { LITERAL("수정한 기사입니다"), IN_ITSELF },
    { LITERAL("수정했음을 알"), IN_ITSELF },
    { LITERAL("수정하였음을 알"), IN_ITSELF },
    { LITERAL("수정됐음을 알"), IN_ITSELF },
    { LITERAL("수정되었음을 알"), IN_ITSELF },
    { LITERAL("바로잡은 기사"), IN_ITSELF },
    { LITERAL("독자 여러분께 사과"), IN_ITSELF },
    { LITERAL("독자께 사과"), IN_ITSELF },
    { LITERAL("독자 여러분께 혼란을"), IN_ITSELF },
    { LITERAL("독자 여러분께 혼선을"), IN_ITSELF },
    { LITERAL("오보에 대해 사과드립니다"), IN_ITSELF },
    { LITERAL("[바로잡"), IN_ITSELF },
    { LITERAL("(바로잡"), IN_ITSELF },
    { LITERAL("<바로잡"), IN_ITSELF },
    { LITERAL("[오보 사과"), IN_ITSELF },
    { LITERAL("[오보]"), IN_ITSELF },
    { LITERAL("[기사수정"), IN_ITSELF },
    { LITERAL("[기사 수정"), IN_ITSELF },
    { LITERAL("(기사수정"), IN_ITSELF },
    { LITERAL("(기사 수정"), IN_ITSELF },
    { LITERAL("[수정"), AS_MARK },
    { LITERAL("(수정"), AS_MARK },
    { LITERAL("【수정"), AS_MARK },
    { LITERAL("[정정"), AS_MARK },
    { LITERAL("(정정"), AS_MARK },
    { LITERAL("<정정"), AS_MARK },
    { LITERAL("【정정"), AS_MARK },
    { LITERAL("[고침"), AS_MARK },
    { LITERAL("(고침"), AS_MARK },
    { LITERAL("<고침"), AS_MARK },
    { LITERAL("【고침"), AS_MARK },
    { LITERAL("정정보도문"), AS_TITLE },
    { LITERAL("반론보도문"), AS_TITLE },
    { LITERAL("추후보도문"), AS_TITLE },
    { LITERAL("정정:"), AT_START },
    { LITERAL("정정 :"), AT_START },
    { LITERAL("정정="), AT_START },
    { LITERAL("정정 ="), AT_START },
    { LITERAL("고침:"), AT_START },
    { LITERAL("고침 :"), AT_START },
    { LITERAL("고침="), AT_START },
    { LITERAL("고침 ="), AT_START },
    { LITERAL("정정보도:"), AT_START },
    { LITERAL("정정보도 :"), AT_START },
    { LITERAL("정정보도="), AT_START },
    { LITERAL("정정보도 ="), AT_START },
    { LITERAL("반론보도:"), AT_START },
    { LITERAL("반론보도 :"), AT_START },
    { LITERAL("반론보도="), AT_START },
    { LITERAL("반론보도 ="), AT_START },
    { LITERAL("기사 일부 수정"), AT_END },
    { LITERAL("기사 내용 수정"), AT_END },
    { LITERAL("기사내용 수정"), AT_END },
    { LITERAL("기사 제목 수정"), AT_END },
    { LITERAL("기사 본문 수정"), AT_END },
    { LITERAL("기사 삭제"), AT_END },
    { LITERAL("Correction:"), IN_ITSELF },
    { LITERAL("Correction ("), IN_ITSELF },
    { LITERAL("Corrections:"), IN_ITSELF },
    { LITERAL("Clarification:"), IN_ITSELF },
    { LITERAL("Editor's note"), IN_ITSELF },
    { LITERAL("Editor’s note"), IN_ITSELF },
    { LITERAL("Editor's Note"), IN_ITSELF },
    { LITERAL("Editor’s Note"), IN_ITSELF },
    { LITERAL("EDITOR'S NOTE"), IN_ITSELF },
    { LITERAL("EDITOR’S NOTE"), IN_ITSELF },
    { LITERAL("Editors' note"), IN_ITSELF },
    { LITERAL("Editors’ note"), IN_ITSELF },
    { LITERAL("Editors' Note"), IN_ITSELF },
    { LITERAL("Editors’ Note"), IN_ITSELF },
    { LITERAL("has been corrected"), IN_ITSELF },
    { LITERAL("have been corrected"), IN_ITSELF },
    { LITERAL("was corrected"), IN_ITSELF },
    { LITERAL("been retracted"), IN_ITSELF },
    { LITERAL("updated to correct"), IN_ITSELF },
    { LITERAL("revised to correct"), IN_ITSELF },
    { LITERAL("amended to correct"), IN_ITSELF },
    { LITERAL("updated to clarify"), IN_ITSELF },
    { LITERAL("regret the error"), IN_ITSELF },
    { LITERAL("regrets the error"), IN_ITSELF },
    { LITERAL("arlier version of this"), IN_ITSELF },
    { LITERAL("revious version of this"), IN_ITSELF },
    { LITERAL("(Corrects"), IN_ITSELF },
    { LITERAL("(Corrected"), IN_ITSELF },
    { LITERAL("(CORRECTED"), IN_ITSELF },
    { LITERAL("CORRECTED:"), IN_ITSELF },
    { LITERAL("CORRECTED-"), IN_ITSELF },
    { LITERAL("ATTN: CORRECTS"), IN_ITSELF },
    { LITERAL("; CORRECTS "), IN_ITSELF },
    { LITERAL("(Story corrects"), IN_ITSELF },
    { LITERAL("This version corrects"), IN_ITSELF },
    { LITERAL("This story corrects"), IN_ITSELF },
    { LITERAL("efiles to correct"), IN_ITSELF },
    { LITERAL("arlier version misstated"), IN_ITSELF },
    { LITERAL("arlier version misidentified"), IN_ITSELF },
    { LITERAL("arlier version misspelled"), IN_ITSELF },
    { LITERAL("arlier version incorrectly"), IN_ITSELF },
    { LITERAL("arlier version wrongly"), IN_ITSELF },
    { LITERAL("arlier version erroneously"), IN_ITSELF },
    { LITERAL("arlier version mistakenly"), IN_ITSELF },
    { LITERAL("revious version misstated"), IN_ITSELF },
    { LITERAL("revious version incorrectly"), IN_ITSELF },
    { LITERAL("arlier version of the article"), IN_ITSELF },
    { LITERAL("arlier version of the story"), IN_ITSELF },
    { LITERAL("This article misstated"), IN_ITSELF },
    { LITERAL("This article incorrectly"), IN_ITSELF },
    { LITERAL("This story misstated"), IN_ITSELF },
    { LITERAL("This story incorrectly"), IN_ITSELF },
    { LITERAL("pologize for the error"), IN_ITSELF },
    { LITERAL("pologizes for the error"), IN_ITSELF },
    { LITERAL("pologise for the error"), IN_ITSELF },
    { LITERAL("pologises for the error"), IN_ITSELF },
    { LITERAL("CORRECTION:"), IN_ITSELF },
    { LITERAL("CLARIFICATION:"), IN_ITSELF },
    { LITERAL("article has been removed"), IN_ITSELF },
    { LITERAL("story has been removed"), IN_ITSELF },
    { LITERAL("article is no longer available"), IN_ITSELF },
    { LITERAL("story is no longer available"), IN_ITSELF },
    { LITERAL("RETRACTION:"), AT_START },
    { LITERAL("Retraction:"), AT_START },
    { LITERAL("정정 및 사과"), AT_START },
    { LITERAL("정정하며 사과드"), IN_ITSELF },
    { LITERAL("정정하고 사과드"), IN_ITSELF },
    { LITERAL("바로잡고 사과드"), IN_ITSELF },
    { LITERAL("바로잡으며 사과드"), IN_ITSELF },
    { LITERAL("CORRECTION"), AT_START },
    { LITERAL("CLARIFICATION"), AT_START },
};

/* What such a sentence is about. A 기사 alone may drive a bus. */
static const struct sillok_text articles[] = {
    LITERAL("이 기사"),          LITERAL("본 기사"),          LITERAL("해당 기사"),
    LITERAL("위 기사"),          LITERAL("앞 기사"),          LITERAL("일자 기사"),
    LITERAL("기사 내용"),        LITERAL("기사 본문"),        LITERAL("기사 제목"),
    LITERAL("기사 일부"),        LITERAL("기사를 수정"),      LITERAL("기사를 일부"),
    LITERAL("기사가 수정"),      LITERAL("기사가 일부"),      LITERAL("기사는 수정"),
    LITERAL("보도 내용"),        LITERAL("사진 설명"),        LITERAL("독자의 지적"),
    LITERAL("독자 지적"),        LITERAL("독자들의 지적"),    LITERAL("독자 제보"),
    LITERAL("This article was"), LITERAL("This article has"), LITERAL("This story was"),
    LITERAL("This story has"),   LITERAL("This post was"),    LITERAL("This post has"),
    LITERAL("기사 중 오류"),     LITERAL("기사 중 일부"),     LITERAL("기사 가운데"),
    LITERAL("기사에 오류"),      LITERAL("제목에 오류"),      LITERAL("본문에 오류"),
    LITERAL("기사와 관련"),      LITERAL("보도와 관련"),
};

/* Where the sentence begins in which byte @p at stands. The points of 2026. 1. 2. end none. */
static size_t start_of_sentence(struct sillok_text t, size_t at)
{
    enum { LONGEST = 300 };
    const size_t least = at > LONGEST ? at - LONGEST : 0;
    for (size_t i = at; i > least; i--) {
        const char last = t.ptr[i - 1], before = i > 1 ? t.ptr[i - 2] : ' ';
        const int is_date = char_is_digit(before);
        if (last == '\n' || last == '!' || last == '?' || (last == '.' && !is_date))
            return i;
    }
    return least;
}

static int is_about_article(struct sillok_text t, size_t at, size_t len)
{
    const size_t from = start_of_sentence(t, at);
    const struct sillok_text sentence = text_make(t.ptr + from, at + len - from);
    size_t taken;
    for (size_t i = 0; i < sizeof(articles) / sizeof(articles[0]); i++)
        if (phrase_next(sentence, 0, articles[i], &taken) < sentence.len)
            return 1;
    return 0;
}

/* What follows at the end of a line or a bracket. */
static int is_at_end(struct sillok_text rest)
{
    static const char *const ends[] = { "\n", ")", "]", ">", "】", "≫" };
    size_t n;
    while ((n = phrase_blanks(rest)) || text_starts(rest, "."))
        rest = text_from(rest, n ? n : 1);
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
        if (text_starts(rest, ends[i]))
            return 1;
    return rest.len == 0;
}

static int starts_with_hangul(struct sillok_text t)
{
    uint32_t cp = 0;
    if (t.len)
        char_decode(t.ptr, t.len, &cp);
    return char_class_of(cp) == CHAR_HANGUL;
}

/* What follows the word of a mark: an end, a day, more about the article. */
static int is_of_mark(struct sillok_text rest)
{
    static const struct sillok_text words[] = { LITERAL("보도"), LITERAL("기사"),
                                                LITERAL("및 "), LITERAL("됨"),
                                                LITERAL("내용") };
    const struct sillok_text next = text_from(rest, phrase_blanks(rest));
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (phrase_at(next, words[i]))
            return 1;
    return !starts_with_hangul(next);
}

/* Nothing but signs and blanks stands between it and the end of a sentence, or a line. */
static int is_at_start(struct sillok_text t, size_t at)
{
    const size_t from = start_of_sentence(t, at);
    for (size_t i = from; i < at;) {
        uint32_t cp;
        i += char_decode(t.ptr + i, t.len - i, &cp);
        if (char_is_word(char_class_of(cp)))
            return 0;
    }
    return 1;
}

/* Does the phrase of @p len bytes at byte @p at of @p t stand where it has to? */
static int stands_right(struct sillok_text t, size_t at, size_t len,
                        const struct notice *n)
{
    const struct sillok_text rest = text_from(t, at + len);
    switch (n->where) {
    case IN_ITSELF:
        return 1;
    case OF_ARTICLE:
        return is_about_article(t, at, len);
    case AS_MARK:
        return is_of_mark(rest);
    case AS_TITLE:
        return !starts_with_hangul(rest) && (is_at_start(t, at) || is_at_end(rest));
    case AT_START:
        return is_at_start(t, at) && !(rest.len && char_is_upper((uint8_t)rest.ptr[0]));
    case AT_END:
        return is_at_end(rest);
    }
    return 0;
}

/* Is it beside the places of the new text, where it has to be? */
static int stands_beside(const struct changes *c, const struct notice *n)
{
    for (size_t i = 0; i < c->n; i++) {
        const struct sillok_text around = change_surroundings(c, i, 1);
        const size_t from = (size_t)(around.ptr - c->new_text.ptr);
        size_t len;
        for (size_t at = 0; (at = phrase_next(around, at, n->text, &len)) < around.len;
             at += len)
            if (stands_right(c->new_text, from + at, len, n))
                return 1;
    }
    return 0;
}

int notice_came(const struct changes *c)
{
    enum { N = sizeof(notices) / sizeof(notices[0]) };
    struct sillok_text phrases[N];
    unsigned before[N], after[N], any = 0;
    for (size_t i = 0; i < N; i++)
        phrases[i] = notices[i].text;
    phrases_count(c, 1, phrases, N, after);
    for (size_t i = 0; i < N; i++)
        any |= after[i];
    if (!any) /* as nearly always */
        return 0;
    phrases_count(c, 0, phrases, N, before);
    for (size_t i = 0; i < N; i++)
        if (after[i] > before[i] && stands_beside(c, &notices[i]))
            return 1;
    return 0;
}

int notice_in_mark(struct sillok_text mark)
{
    static const char *const words[] = { "정정", "고침",    "바로잡", "수정",
                                         "오보", "CORRECT", "Correct" };
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (memmem(mark.ptr, mark.len, words[i], strlen(words[i])))
            return 1;
    return 0;
}
