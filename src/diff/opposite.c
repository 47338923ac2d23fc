/* Words that turn a sentence round: see opposite.h. */
#include "diff/opposite.h"

#include "diff/chars.h"
#include "diff/particle.h"
#include "diff/token.h"

#include <string.h>
#include <strings.h>

enum { LONGEST = 64 };

/* Each word of the one side is an opposite of each of the other. */
struct sides {
    const char *a, *b; /* words, parted by | */
};

static const struct sides korean[] = {
    { "유죄", "무죄" },           { "승소", "패소" },
    { "승리", "패배" },           { "이겼", "졌" },
    { "성공", "실패" },           { "합격", "불합격|탈락" },
    { "당선", "낙선" },           { "찬성", "반대" },
    { "합헌", "위헌" },           { "합법", "불법" },
    { "적법", "위법" },           { "가결|통과", "부결" },
    { "인용", "기각" },           { "기소", "불기소" },
    { "구속", "불구속|석방" },    { "체포", "석방" },
    { "인정|시인", "부인|부정" }, { "긍정", "부정" },
    { "사실", "거짓|허위" },      { "허용|허가", "금지|불허" },
    { "승인", "반려|거부" },      { "수용|동의", "거부" },
    { "가능", "불가능" },         { "참석", "불참" },
    { "인상", "인하" },           { "상승|급등|반등", "하락|급락" },
    { "강세", "약세" },           { "상향", "하향" },
    { "상회", "하회" },           { "증가|급증", "감소|급감" },
    { "늘었", "줄었" },           { "늘어", "줄어" },
    { "늘린", "줄인" },           { "늘리", "줄이" },
    { "올렸", "내렸" },           { "올랐|뛰었", "내렸|떨어졌" },
    { "오른", "내린|떨어진" },    { "오르", "내리|떨어지" },
    { "높아", "낮아" },           { "높은", "낮은" },
    { "많은", "적은" },           { "확대", "축소" },
    { "강화", "완화|약화" },      { "개선|호전", "악화" },
    { "흑자", "적자" },           { "이익", "손실" },
    { "호재", "악재" },           { "이상", "이하|미만" },
    { "초과", "이하|미만" },      { "이내", "이상|초과" },
    { "최대", "최소" },           { "매수|매입", "매도|매각" },
    { "수출", "수입" },           { "가해자", "피해자" },
    { "원고", "피고" },           { "생존", "사망" },
    { "재개", "중단" },           { "정상", "비정상" },
    { "공개", "비공개" },         { "공식", "비공식" },
    { "여당", "야당" },
};

static const struct sides english[] = {
    { "guilty|convicted", "innocent|acquitted" },
    { "won|wins|win", "lost|loses|lose" },
    { "victory", "defeat" },
    { "success|succeeded|succeeds", "failure|failed|fails" },
    { "rose|rise|rises|rising|increased|increases|increase|gained|gains|climbed|jumped|surged|"
      "soared",
      "fell|fall|falls|falling|decreased|decreases|decrease|dropped|drops|declined|declines|"
      "slid|slumped|plunged" },
    { "raised|raises|raise|hiked|hikes|hike", "cut|cuts|lowered|lowers|lower" },
    { "higher", "lower" },
    { "more", "less|fewer" },
    { "above", "below" },
    { "profit|profits", "loss|losses" },
    { "approved|approves|approve|accepted|accepts|accept|passed|passes",
      "rejected|rejects|reject|refused|refuses" },
    { "admitted|admits|confirmed|confirms", "denied|denies" },
    { "allowed|allows|allow", "banned|bans|ban" },
    { "upheld|upholds", "overturned|overturns" },
    { "supported|supports|support", "opposed|opposes|oppose" },
    { "arrested", "released|freed" },
    { "bought|buys|buy", "sold|sells|sell" },
    { "expanded|expands", "shrank|shrinks" },
    { "improved|improves", "worsened|worsens" },
    { "strengthened|strengthens", "weakened|weakens" },
    { "resumed|resumes", "suspended|suspends" },
    { "legal", "illegal" },
    { "possible", "impossible" },
    { "safe", "unsafe" },
    { "maximum", "minimum" },
    { "exports", "imports" },
    { "alive", "dead" },
};

/* --- words of a list --- */

/* Takes the next word off @p list; 0 at its end. */
static int next_word(const char **list, struct sillok_text *word)
{
    const size_t len = strcspn(*list, "|");
    *word = text_make(*list, len);
    *list += len + ((*list)[len] == '|');
    return len > 0;
}

/* --- words of a text --- */

struct word {
    struct sillok_text text;
    enum char_class class;
};

/* Takes the next word off the text, from @p at on; 0 at its end. */
static int next_token(struct sillok_text t, size_t *at, struct word *out)
{
    while (*at < t.len) {
        struct token tok;
        token_next(&tok, t, *at, t.len);
        *out =
            (struct word){ text_make(t.ptr + *at, tok.len), (enum char_class)tok.class };
        *at += tok.len;
        if (out->class == CHAR_HANGUL || out->class == CHAR_LETTER)
            return 1;
    }
    return 0;
}

static int same_word(struct sillok_text a, struct sillok_text b)
{
    return a.len == b.len && strncasecmp(a.ptr, b.ptr, a.len) == 0;
}

static int has_word(struct sillok_text t, struct sillok_text word)
{
    struct word w;
    for (size_t at = 0; next_token(t, &at, &w);)
        if (same_word(w.text, word))
            return 1;
    return 0;
}

/* --- what stands behind a Korean word --- */

/* 유죄가 and 무죄가, 찬성을 and 반대를: the same, but for the form of a particle. */
static int same_ending(struct sillok_text a, struct sillok_text b)
{
    size_t a_len, b_len;
    return text_equal(a, b) ||
           (particle_forms(a, &a_len, b, &b_len) && a_len == a.len && b_len == b.len);
}

/* Is @p b what @p a is, but for @p y in the place of @p x? */
static int is_turned(struct sillok_text a, struct sillok_text x, struct sillok_text b,
                     struct sillok_text y)
{
    const char *at = memmem(a.ptr, a.len, x.ptr, x.len);
    const size_t before = at ? (size_t)(at - a.ptr) : 0;
    if (!at || b.len < before + y.len || memcmp(a.ptr, b.ptr, before) != 0 ||
        memcmp(b.ptr + before, y.ptr, y.len) != 0)
        return 0;
    const size_t end = before + x.len, turned_end = before + y.len;
    return same_ending(text_make(a.ptr + end, a.len - end),
                       text_make(b.ptr + turned_end, b.len - turned_end));
}

/* --- the question --- */

/* @p x went and @p y came, neither of which stands on the other side as well. */
static int replaces(struct sillok_text before, struct sillok_text x,
                    struct sillok_text after, struct sillok_text y, enum char_class class)
{
    struct word a, b;
    for (size_t i = 0; next_token(before, &i, &a);)
        for (size_t j = 0; a.class == class && next_token(after, &j, &b);) {
            const int is = class == CHAR_HANGUL
                               ? is_turned(a.text, x, b.text, y)
                               : same_word(a.text, x) && same_word(b.text, y);
            if (b.class == class && is && !has_word(after, a.text) &&
                !has_word(before, b.text))
                return 1;
        }
    return 0;
}

/* Most words of the lists are in no text: only those that went are gone on with. */
static int turns(struct sillok_text before, const char *from, struct sillok_text after,
                 const char *to, enum char_class class)
{
    struct sillok_text x, y;
    while (next_word(&from, &x)) {
        if (class == CHAR_HANGUL ? !memmem(before.ptr, before.len, x.ptr, x.len)
                                 : !has_word(before, x))
            continue;
        for (const char *list = to; next_word(&list, &y);)
            if (replaces(before, x, after, y, class))
                return 1;
    }
    return 0;
}

static int any_turns(const struct sides *list, size_t n, struct sillok_text before,
                     struct sillok_text after, enum char_class class)
{
    for (size_t i = 0; i < n; i++)
        if (turns(before, list[i].a, after, list[i].b, class) ||
            turns(before, list[i].b, after, list[i].a, class))
            return 1;
    return 0;
}

static int has_class(struct sillok_text t, enum char_class class)
{
    struct word w;
    for (size_t at = 0; next_token(t, &at, &w);)
        if (w.class == class)
            return 1;
    return 0;
}

int opposite_came(struct sillok_text before, struct sillok_text after)
{
    if (before.len > LONGEST || after.len > LONGEST)
        return 0;
    if (has_class(before, CHAR_HANGUL) && has_class(after, CHAR_HANGUL) &&
        any_turns(korean, sizeof(korean) / sizeof(korean[0]), before, after, CHAR_HANGUL))
        return 1;
    return has_class(before, CHAR_LETTER) && has_class(after, CHAR_LETTER) &&
           any_turns(english, sizeof(english) / sizeof(english[0]), before, after,
                     CHAR_LETTER);
}
