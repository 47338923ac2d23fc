/* Words that turn a sentence round: see opposite.h. */
#include "diff/opposite.h"

#include "diff/chars.h"
#include "diff/token.h"

#include <string.h>
#include <strings.h>

enum { LONGEST = 64 };

struct pair {
    const char *a, *b;
};

/* What the one has of the other in it, the other has to have first: 가능, 불가능. */
static const struct pair korean[] = {
    { "유죄", "무죄" },     { "승소", "패소" },   { "승리", "패배" },
    { "이겼", "졌" },       { "우승", "준우승" }, { "성공", "실패" },
    { "합격", "불합격" },   { "당선", "낙선" },   { "찬성", "반대" },
    { "합헌", "위헌" },     { "합법", "불법" },   { "적법", "위법" },
    { "가결", "부결" },     { "인용", "기각" },   { "기소", "불기소" },
    { "구속", "불구속" },   { "인정", "부인" },   { "인정", "부정" },
    { "긍정", "부정" },     { "시인", "부인" },   { "허용", "금지" },
    { "허가", "불허" },     { "승인", "반려" },   { "수용", "거부" },
    { "동의", "거부" },     { "가능", "불가능" }, { "참석", "불참" },
    { "참여", "불참" },     { "인상", "인하" },   { "상승", "하락" },
    { "급등", "급락" },     { "강세", "약세" },   { "상향", "하향" },
    { "상회", "하회" },     { "증가", "감소" },   { "급증", "급감" },
    { "늘었", "줄었" },     { "늘어", "줄어" },   { "늘린", "줄인" },
    { "늘리", "줄이" },     { "올렸", "내렸" },   { "올랐", "내렸" },
    { "올린", "내린" },     { "오른", "내린" },   { "높아", "낮아" },
    { "높은", "낮은" },     { "많은", "적은" },   { "확대", "축소" },
    { "강화", "완화" },     { "개선", "악화" },   { "호전", "악화" },
    { "흑자", "적자" },     { "이익", "손실" },   { "호재", "악재" },
    { "이상", "이하" },     { "이상", "미만" },   { "초과", "미만" },
    { "초과", "이하" },     { "이내", "이상" },   { "최대", "최소" },
    { "최고", "최저" },     { "매수", "매도" },   { "수출", "수입" },
    { "가해자", "피해자" }, { "원고", "피고" },   { "생존", "사망" },
    { "개막", "폐막" },     { "개장", "폐장" },   { "재개", "중단" },
    { "시작", "종료" },     { "찬성", "기권" },   { "안전", "위험" },
    { "정상", "비정상" },   { "공개", "비공개" }, { "공식", "비공식" },
};

static const struct pair english[] = {
    { "guilty", "innocent" },
    { "convicted", "acquitted" },
    { "won", "lost" },
    { "win", "lose" },
    { "wins", "loses" },
    { "victory", "defeat" },
    { "success", "failure" },
    { "succeeded", "failed" },
    { "rise", "fall" },
    { "rises", "falls" },
    { "rose", "fell" },
    { "rising", "falling" },
    { "up", "down" },
    { "increase", "decrease" },
    { "increases", "decreases" },
    { "increased", "decreased" },
    { "higher", "lower" },
    { "high", "low" },
    { "highest", "lowest" },
    { "more", "less" },
    { "more", "fewer" },
    { "most", "least" },
    { "above", "below" },
    { "over", "under" },
    { "gain", "loss" },
    { "gains", "losses" },
    { "profit", "loss" },
    { "profits", "losses" },
    { "approve", "reject" },
    { "approves", "rejects" },
    { "approved", "rejected" },
    { "accept", "reject" },
    { "accepts", "rejects" },
    { "accepted", "rejected" },
    { "accepted", "refused" },
    { "admitted", "denied" },
    { "admits", "denies" },
    { "confirmed", "denied" },
    { "confirms", "denies" },
    { "allow", "ban" },
    { "allows", "bans" },
    { "allowed", "banned" },
    { "legal", "illegal" },
    { "support", "oppose" },
    { "supports", "opposes" },
    { "supported", "opposed" },
    { "expand", "shrink" },
    { "expanded", "shrank" },
    { "improved", "worsened" },
    { "strengthened", "weakened" },
    { "maximum", "minimum" },
    { "before", "after" },
    { "alive", "dead" },
    { "survived", "died" },
    { "victim", "suspect" },
    { "exports", "imports" },
    { "possible", "impossible" },
    { "safe", "unsafe" },
    { "open", "closed" },
    { "opens", "closes" },
    { "opened", "closed" },
    { "started", "ended" },
    { "begins", "ends" },
    { "resumed", "suspended" },
};

/* --- how often a word stands there --- */

static int count_inside(struct sillok_text t, const char *word)
{
    const size_t len = strlen(word);
    int n = 0;
    for (const char *at = t.ptr, *const end = t.ptr + t.len;
         at < end && (at = memmem(at, (size_t)(end - at), word, len)) != NULL; at += len)
        n++;
    return n;
}

static int count_word(struct sillok_text t, const char *word)
{
    const size_t len = strlen(word);
    int n = 0;
    for (size_t at = 0; at < t.len;) {
        struct token tok;
        token_next(&tok, t, at, t.len);
        n += tok.len == len && strncasecmp(t.ptr + at, word, len) == 0;
        at += tok.len;
    }
    return n;
}

typedef int count_fn(struct sillok_text t, const char *word);

static int changed_sides(const struct pair *p, struct sillok_text before,
                         struct sillok_text after, count_fn *count)
{
    int a = count(after, p->a), b = count(after, p->b);
    if (!a && !b) /* neither has come: so it is nearly always */
        return 0;
    a -= count(before, p->a);
    b -= count(before, p->b);
    if (count == count_inside && strstr(p->b, p->a))
        a -= b; /* each 불가능 has a 가능 in it */
    return (a < 0 && b > 0) || (a > 0 && b < 0);
}

static int changed_any(const struct pair *list, size_t n, struct sillok_text before,
                       struct sillok_text after, count_fn *count)
{
    for (size_t i = 0; i < n; i++)
        if (changed_sides(&list[i], before, after, count))
            return 1;
    return 0;
}

/* Has it letters of ASCII, or any that are not of it? */
static int has_letters(struct sillok_text t, int ascii)
{
    for (size_t i = 0; i < t.len; i++) {
        const uint8_t c = (uint8_t)t.ptr[i];
        if (ascii ? char_is_upper(c) || char_is_lower(c) : c >= 0x80)
            return 1;
    }
    return 0;
}

int opposite_came(struct sillok_text before, struct sillok_text after)
{
    if (before.len > LONGEST || after.len > LONGEST)
        return 0;
    if (has_letters(before, 0) && has_letters(after, 0) &&
        changed_any(korean, sizeof(korean) / sizeof(korean[0]), before, after,
                    count_inside))
        return 1;
    return has_letters(before, 1) && has_letters(after, 1) &&
           changed_any(english, sizeof(english) / sizeof(english[0]), before, after,
                       count_word);
}
