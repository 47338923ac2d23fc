/* Notices of an error: see notice.h. */
#include "diff/notice.h"

#include <string.h>

/* Ways of saying that an error was made; these only in a sentence that is about an article,
 * for others say them of laws and plans. */
#define OF_ARTICLE                                                                       \
    LITERAL("수정했습니다"), LITERAL("수정합니다"), LITERAL("수정하였습니다"),           \
        LITERAL("수정됐습니다"), LITERAL("수정되었습니다"), LITERAL("수정 했습니다"),    \
        LITERAL("수정 되었습니다"), LITERAL("정정됐습니다"), LITERAL("정정되었습니다"),  \
        LITERAL("정정하였습니다"), LITERAL("잘못 표기했습니다"),                         \
        LITERAL("잘못 표기됐습니다"), LITERAL("잘못 표기되었습니다"),                    \
        LITERAL("잘못 보도했습니다"), LITERAL("to correct "), LITERAL("amended on "),    \
        LITERAL("amended to ")
enum {
    N_OF_ARTICLE =
        sizeof((const struct sillok_text[]){ OF_ARTICLE }) / sizeof(struct sillok_text)
};

static const struct sillok_text phrases[] = {
    OF_ARTICLE,
    /* and by themselves */
    LITERAL("정정합니다"),
    LITERAL("정정했습니다"),
    LITERAL("정정 합니다"),
    LITERAL("바로잡습니다"),
    LITERAL("바로 잡습니다"),
    LITERAL("바로잡았습니다"),
    LITERAL("바로 잡았습니다"),
    LITERAL("바로잡아 드립니다"),
    LITERAL("바로잡고자 합니다"),
    LITERAL("정정보도문"),
    LITERAL("정정보도]"),
    LITERAL("[정정보도"),
    LITERAL("[정정 보도"),
    LITERAL("정정보도합니다"),
    LITERAL("정정보도를 게재"),
    LITERAL("정정보도를 싣"),
    LITERAL("반론보도문"),
    LITERAL("반론보도]"),
    LITERAL("[반론보도"),
    LITERAL("[반론 보도"),
    LITERAL("반론보도를 게재"),
    LITERAL("반론보도를 싣"),
    LITERAL("추후보도"),
    LITERAL("조정에 따른 것입니다"),
    LITERAL("보도 요청에 따른 것입니다"),
    LITERAL("알려왔습니다"),
    LITERAL("알려 왔습니다"),
    LITERAL("돼 수정했습니다"),
    LITERAL("되어 수정했습니다"),
    LITERAL("있어 수정했습니다"),
    LITERAL("기사 삭제"),
    LITERAL("기사를 삭제"),
    LITERAL("기사는 삭제"),
    LITERAL("요청으로 삭제"),
    LITERAL("요청에 의해 삭제"),
    LITERAL("사실과 다른 내용이 있어"),
    LITERAL("[수정"),
    LITERAL("(수정"),
    LITERAL("전문취소"),
    LITERAL("전문 취소"),
    LITERAL("[정정"),
    LITERAL("(정정"),
    LITERAL("[고침"),
    LITERAL("(고침"),
    LITERAL("<고침"),
    LITERAL("사실과 달라 수정했습니다"),
    LITERAL("사실과 달라 수정합니다"),
    LITERAL("사실과 달라 수정하였습니다"),
    LITERAL("수정된 기사입니다"),
    LITERAL("수정한 기사입니다"),
    LITERAL("수정했음을 알"),
    LITERAL("수정하였음을 알"),
    LITERAL("수정됐음을 알"),
    LITERAL("수정되었음을 알"),
    LITERAL("바로잡은 기사"),
    LITERAL("독자 여러분께 사과"),
    LITERAL("독자께 사과"),
    LITERAL("[바로잡"),
    LITERAL("(바로잡"),
    LITERAL("<바로잡"),
    LITERAL("<정정"),
    LITERAL("[기사수정"),
    LITERAL("[기사 수정"),
    LITERAL("(기사수정"),
    LITERAL("(기사 수정"),
    LITERAL("Correction:"),
    LITERAL("Correction ("),
    LITERAL("Corrections:"),
    LITERAL("CORRECTION"),
    LITERAL("Clarification:"),
    LITERAL("CLARIFICATION"),
    LITERAL("Editor's note"),
    LITERAL("Editor’s note"),
    LITERAL("Editor's Note"),
    LITERAL("Editor’s Note"),
    LITERAL("EDITOR'S NOTE"),
    LITERAL("EDITOR’S NOTE"),
    LITERAL("Editors' note"),
    LITERAL("Editors’ note"),
    LITERAL("Editors' Note"),
    LITERAL("Editors’ Note"),
    LITERAL("has been corrected"),
    LITERAL("have been corrected"),
    LITERAL("was corrected"),
    LITERAL("been retracted"),
    LITERAL("updated to correct"),
    LITERAL("revised to correct"),
    LITERAL("amended to correct"),
    LITERAL("updated to clarify"),
    LITERAL("regret the error"),
    LITERAL("regrets the error"),
    LITERAL("arlier version of this"),
    LITERAL("revious version of this"),
    LITERAL("(Corrects"),
    LITERAL("(Corrected"),
    LITERAL("(CORRECTED"),
    LITERAL("CORRECTED:"),
    LITERAL("CORRECTED-"),
    LITERAL("This version corrects"),
    LITERAL("This story corrects"),
    LITERAL("efiles to correct"),
    LITERAL("arlier version misstated"),
    LITERAL("arlier version misidentified"),
    LITERAL("arlier version misspelled"),
    LITERAL("arlier version incorrectly"),
    LITERAL("arlier version wrongly"),
    LITERAL("arlier version erroneously"),
    LITERAL("arlier version mistakenly"),
    LITERAL("revious version misstated"),
    LITERAL("revious version incorrectly"),
    LITERAL("arlier version of the article"),
    LITERAL("arlier version of the story"),
    LITERAL("This article misstated"),
    LITERAL("This article incorrectly"),
    LITERAL("This story misstated"),
    LITERAL("This story incorrectly"),
    LITERAL("pologize for the error"),
    LITERAL("pologizes for the error"),
    LITERAL("pologise for the error"),
    LITERAL("pologises for the error"),
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
};

/* Where the sentence begins in which byte @p at stands. The points of 2026. 1. 2. end none. */
static size_t start_of_sentence(struct sillok_text t, size_t at)
{
    enum { LONGEST = 300 };
    const size_t least = at > LONGEST ? at - LONGEST : 0;
    for (size_t i = at; i > least; i--) {
        const char last = t.ptr[i - 1], before = i > 1 ? t.ptr[i - 2] : ' ';
        const int is_date = before >= '0' && before <= '9';
        if (last == '\n' || last == '!' || last == '?' || (last == '.' && !is_date))
            return i;
    }
    return least;
}

static int is_about_article(struct sillok_text t, size_t at, size_t len)
{
    const size_t from = start_of_sentence(t, at);
    for (size_t i = 0; i < sizeof(articles) / sizeof(articles[0]); i++)
        if (memmem(t.ptr + from, at + len - from, articles[i].ptr, articles[i].len))
            return 1;
    return 0;
}

/* Is one of those beside the places of the new text in such a sentence? */
static int says_of_article(const struct changes *c, struct sillok_text phrase)
{
    for (size_t i = 0; i < c->n; i++) {
        const struct sillok_text around = change_surroundings(c, i, 1);
        const char *const end = around.ptr + around.len;
        for (const char *p = around.ptr;
             (p = memmem(p, (size_t)(end - p), phrase.ptr, phrase.len)); p += phrase.len)
            if (is_about_article(c->new_text, (size_t)(p - c->new_text.ptr), phrase.len))
                return 1;
    }
    return 0;
}

int notice_came(const struct changes *c)
{
    enum { N = sizeof(phrases) / sizeof(phrases[0]) };
    unsigned before[N], after[N], any = 0;
    changes_count(c, 1, phrases, N, after);
    for (size_t i = 0; i < N; i++)
        any |= after[i];
    if (!any) /* as nearly always */
        return 0;
    changes_count(c, 0, phrases, N, before);
    for (size_t i = 0; i < N; i++)
        if (after[i] > before[i] && (i >= N_OF_ARTICLE || says_of_article(c, phrases[i])))
            return 1;
    return 0;
}
