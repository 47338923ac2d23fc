/* Words that turn a sentence round: see opposite.h. */
#include "diff/opposite.h"

#include "diff/chars.h"
#include "diff/particle.h"
#include "diff/starts.h"
#include "diff/token.h"

#include <string.h>
#include <strings.h>

enum { LONGEST = 64 };

/* Each word of the one side is an opposite of each of the other. */
struct sides {
    const char *a, *b; /* words, parted by | */
};

static const struct sides korean[] = {
    { "유죄", "무죄" },
    { "승소", "패소" },
    { "승리", "패배" },
    { "이겼", "졌" },
    { "성공", "실패" },
    { "합격", "불합격|탈락" },
    { "당선", "낙선" },
    { "찬성|동의|지지", "반대" },
    { "합헌", "위헌" },
    { "합법", "불법" },
    { "적법", "위법" },
    { "가결|통과", "부결" },
    { "인용|발부", "기각" },
    { "기소", "불기소" },
    { "송치", "불송치" },
    { "혐의", "무혐의" },
    { "실형", "집행유예" },
    { "구속", "불구속|석방" },
    { "체포", "석방" },
    { "인정|시인", "부인|부정" },
    { "긍정", "부정" },
    { "사실", "거짓|허위" },
    { "진짜", "가짜" },
    { "허용|허가", "금지|불허" },
    { "승인", "반려|거부" },
    { "수용|동의", "거부" },
    { "가능", "불가능" },
    { "적합", "부적합" },
    { "적격", "부적격" },
    { "적절", "부적절" },
    { "충분", "불충분" },
    { "안정", "불안정" },
    { "공정", "불공정" },
    { "일치", "불일치" },
    { "만족", "불만족" },
    { "필요", "불필요" },
    { "확실", "불확실" },
    { "이행", "불이행" },
    { "성년", "미성년" },
    { "등록", "미등록|무등록" },
    { "지급", "미지급" },
    { "완성", "미완성" },
    { "접종", "미접종" },
    { "자격", "무자격" },
    { "대면", "비대면" },
    { "투명", "불투명" },
    { "안전", "위험|불안전" },
    { "유효", "무효" },
    { "유료", "무료" },
    { "유상", "무상" },
    { "양성", "음성" },
    { "참석|참여", "불참" },
    { "포함", "제외" },
    { "가입", "탈퇴" },
    { "타결|합의", "결렬" },
    { "수락", "거절" },
    { "출마", "불출마" },
    { "출석", "불출석" },
    { "입당|복당", "탈당" },
    { "임명", "해임|면직" },
    { "영입", "방출" },
    { "결혼", "이혼" },
    { "인상", "인하" },
    { "절상", "절하" },
    { "상승|급등|폭등|반등", "하락|급락|폭락" },
    { "강세", "약세" },
    { "상향", "하향" },
    { "상회", "하회" },
    { "상한", "하한" },
    { "격상", "격하" },
    { "승격", "강등" },
    { "유입", "유출" },
    { "우세", "열세" },
    { "연승", "연패" },
    { "호평", "혹평" },
    { "증가|급증", "감소|급감" },
    { "늘었", "줄었" },
    { "늘어", "줄어" },
    { "늘려", "줄여" },
    { "늘린", "줄인" },
    { "늘리", "줄이" },
    { "올렸", "내렸" },
    { "올랐|뛰었", "내렸|떨어졌" },
    { "오른", "내린|떨어진" },
    { "오르", "내리|떨어지" },
    { "높아", "낮아" },
    { "높은", "낮은" },
    { "높겠|높았|높다|높고|높게", "낮겠|낮았|낮다|낮고|낮게" },
    { "높여", "낮춰" },
    { "높였", "낮췄" },
    { "높이", "낮추" },
    { "넓혀", "좁혀" },
    { "넓혔", "좁혔" },
    { "벌려", "좁혀" },
    { "벌렸", "좁혔" },
    { "무거", "가벼" },
    { "무겁", "가볍" },
    { "앞섰", "뒤졌" },
    { "앞선", "뒤진" },
    { "많은", "적은" },
    { "확대", "축소" },
    { "강화", "완화|약화" },
    { "개선|호전", "악화" },
    { "흑자", "적자" },
    { "이익", "손실" },
    { "호재", "악재" },
    { "호황", "불황" },
    { "이상", "이하|미만" },
    { "초과", "이하|미만" },
    { "이내", "이상|초과" },
    { "최대", "최소" },
    { "매수|매입", "매도|매각" },
    { "수출", "수입" },
    { "수요", "공급" },
    { "세입", "세출" },
    { "입금", "출금" },
    { "가해", "피해" },
    { "원고", "피고" },
    { "채권자", "채무자" },
    { "임대인", "임차인" },
    { "생존", "사망" },
    { "재개", "중단" },
    { "정상", "비정상" },
    { "정규직", "비정규직" },
    { "공개", "비공개" },
    { "공식", "비공식" },
    { "여당", "야당" },
    { "진보", "보수" },
    { "남성", "여성" },
    { "남자", "여자" },
    { "남학생", "여학생" },
    { "남편", "아내" },
    { "입국", "출국" },
    { "입원", "퇴원" },
    { "공격", "수비" },
    { "득점", "실점" },
    { "왼쪽", "오른쪽" },
    { "동쪽", "서쪽" },
    { "남쪽", "북쪽" },
    { "상반기", "하반기" },
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
    { "widened|widens|widen|widening", "narrowed|narrows|narrow|narrowing" },
    { "eased|eases|ease", "tightened|tightens|tighten" },
    { "appointed|appoints", "dismissed|dismisses" },
    { "inflow|inflows", "outflow|outflows" },
    { "resumed|resumes", "suspended|suspends" },
    { "upgraded|upgrades", "downgraded|downgrades" },
    { "legal", "illegal" },
    { "constitutional", "unconstitutional" },
    { "possible", "impossible" },
    { "likely", "unlikely" },
    { "safe", "unsafe|dangerous" },
    { "stable", "unstable" },
    { "valid", "invalid" },
    { "maximum", "minimum" },
    { "exports", "imports" },
    { "surplus", "deficit" },
    { "included|includes|including", "excluded|excludes|excluding" },
    { "male", "female" },
    { "alive", "dead" },
};

/* Words that are opposites only where nothing else changed beside them: others in the same
 * place, and they say something else. */
static const struct sides korean_alone[] = {
    { "오전", "오후" },
    { "아침", "저녁" },
    { "이전", "이후" },
    { "직전", "직후" },
    { "전", "후" },

    { "최고", "최저" },
    { "상위", "하위" },
    { "남동생", "여동생" },
    { "아들", "딸" },
    { "아버지", "어머니" },
    { "할아버지", "할머니" },
    { "부친", "모친" },
    { "장인", "장모" },
    { "장남", "장녀" },
    { "차남", "차녀" },
    { "손자", "손녀" },
    { "소년", "소녀" },
    { "형", "동생" },
    { "신랑", "신부" },
    { "출발", "도착" },
    { "출근", "퇴근" },
    { "취임", "퇴임" },
    { "착공", "완공|준공" },
    { "유지|도입", "폐지" },
    { "추가", "삭제" },
    { "구매|구입", "판매" },
    { "국내", "해외|국외" },
    { "내부", "외부" },
    { "내국인", "외국인" },
    { "직접", "간접" },
    { "다수", "소수" },
    { "영상", "영하" },
    { "자산", "부채" },
    { "상행", "하행" },
    { "전반", "후반" },
    { "플러스", "마이너스" },
    { "동부", "서부" },
    { "남부", "북부" },
    { "남한", "북한" },
    { "남측", "북측" },
    { "늦은", "이른" },
    { "빠른", "느린" },
    { "좋아", "나빠" },
    { "좋은", "나쁜" },
    { "강한", "약한" },
    { "큰", "작은" },
    { "커졌", "작아졌" },
    { "알고", "모르고" },
    { "알았", "몰랐" },
    { "줬다|줬고|줬으", "받았다|받았고|받았으" },
    { "샀다|샀고|샀으", "팔았다|팔았고|팔았으" },
    { "맞다|맞고|맞지|옳다", "틀리다|틀리고|틀리지" },
    { "맞았|옳았", "틀렸" },
    { "여권", "야권" },
    { "안|내", "밖|외" },
    { "앞", "뒤" },
    { "위", "아래" },
    { "승", "패" },
    { "좌측", "우측" },
    { "좌회전", "우회전" },
    { "승차", "하차" },
    { "개막", "폐막" },
    { "개장", "폐장" },
    { "시작", "종료" },
    { "열애", "결별" },
};

/* "a" and "p" are of a.m. and p.m., which are two words each. */
static const struct sides english_alone[] = {
    { "before", "after" },
    { "up", "down" },
    { "over", "under" },
    { "for", "against" },
    { "most", "least" },
    { "first", "last" },
    { "inside", "outside" },
    { "left|wrong", "right" },
    { "true|correct", "false|incorrect|wrong" },
    { "good|better|best", "bad|worse|worst" },
    { "high", "low" },
    { "highest", "lowest" },
    { "largest|biggest", "smallest" },
    { "positive", "negative" },
    { "public", "private" },
    { "domestic", "foreign" },
    { "majority", "minority" },
    { "temporary|temporarily", "permanent|permanently" },
    { "agreed|agrees", "disagreed|disagrees" },
    { "hired|hires", "fired|fires" },
    { "lifted|lifts", "imposed|imposes" },
    { "survived|survives", "died|dies" },
    { "buyer|buyers", "seller|sellers" },
    { "plaintiff|plaintiffs", "defendant|defendants" },
    { "north|northern", "south|southern" },
    { "east|eastern", "west|western" },
    { "morning", "afternoon|evening" },
    { "earlier", "later" },
    { "upward", "downward" },
    { "opened|opens", "closed|closes" },
    { "ruling", "opposition" },
    { "conservative|conservatives", "liberal|liberals|progressive|progressives" },
    { "married", "divorced" },
    { "am|a", "pm|p" },
    { "males", "females" },
    { "man|men", "woman|women" },
    { "boy|boys", "girl|girls" },
    { "husband", "wife" },
    { "son|sons", "daughter|daughters" },
    { "brother|brothers", "sister|sisters" },
    { "father", "mother" },
};

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

/* --- words of a list --- */

/* Takes the next word off @p list; 0 at its end. */
static int next_word(const char **list, struct sillok_text *word)
{
    const size_t len = strcspn(*list, "|");
    *word = text_make(*list, len);
    *list += len + ((*list)[len] == '|');
    return len > 0;
}

/* How a word begins: a Korean one with its first syllable, an English one with two letters,
 * large or small. */
static uint32_t start_of(struct sillok_text word)
{
    const uint8_t *b = (const uint8_t *)word.ptr;
    if (b[0] >= 0x80 && word.len > 2) /* a syllable is three bytes */
        return (uint32_t)b[0] << 16 | (uint32_t)b[1] << 8 | b[2];
    return (b[0] | 0x20u) << 8 | (word.len > 1 ? b[1] | 0x20u : 0);
}

/* What the words of a text may begin with, Korean ones with each of their syllables. Hardly a
 * word of the lists is in a place, and this tells so of most. */
static struct starts starts_of(struct sillok_text t, enum char_class class)
{
    struct starts s = { 0 };
    struct word w;
    for (size_t at = 0; next_token(t, &at, &w);)
        for (size_t i = 0; w.class == class && i < w.text.len; i++) {
            if (!utf8_is_tail(w.text.ptr[i]))
                starts_add(&s, start_of(text_from(w.text, i)));
            if (class == CHAR_LETTER)
                break;
        }
    return s;
}

/* --- what stands behind a Korean word --- */

/* 유죄가 and 무죄가, 찬성을 and 반대를: the same, but for the form of a particle. */
static int same_ending(struct sillok_text a, struct sillok_text b)
{
    size_t a_len, b_len;
    return text_equal(a, b) ||
           (particle_forms(a, &a_len, b, &b_len) && a_len == a.len && b_len == b.len);
}

/* Is @p b what @p a is, but for @p y in the place of @p x? *before is what both begin with,
 * in bytes. */
static int is_turned(struct sillok_text a, struct sillok_text x, struct sillok_text b,
                     struct sillok_text y, size_t *before)
{
    const char *at = memmem(a.ptr, a.len, x.ptr, x.len);
    *before = at ? (size_t)(at - a.ptr) : 0;
    if (!at || b.len < *before + y.len || memcmp(a.ptr, b.ptr, *before) != 0 ||
        memcmp(b.ptr + *before, y.ptr, y.len) != 0)
        return 0;
    return same_ending(text_from(a, *before + x.len), text_from(b, *before + y.len));
}

/* --- anywhere in a place --- */

/* A word of @p t begins with the first @p len bytes of @p word. */
static int has_beginning(struct sillok_text t, struct sillok_text word, size_t len)
{
    struct word w;
    for (size_t at = 0; next_token(t, &at, &w);)
        if (w.text.len >= len && memcmp(w.text.ptr, word.ptr, len) == 0)
            return 1;
    return 0;
}

/* @p x went and @p y came, neither of which stands on the other side as well: 남성과 여성
 * may become 여성과 남성. */
static int replaces_korean(struct sillok_text before, struct sillok_text x,
                           struct sillok_text after, struct sillok_text y)
{
    struct word a, b;
    size_t same;
    for (size_t i = 0; next_token(before, &i, &a);)
        for (size_t j = 0; a.class == CHAR_HANGUL && next_token(after, &j, &b);)
            if (b.class == CHAR_HANGUL && is_turned(a.text, x, b.text, y, &same) &&
                !has_beginning(after, a.text, same + x.len) &&
                !has_beginning(before, b.text, same + y.len))
                return 1;
    return 0;
}

static int replaces(struct sillok_text before, struct sillok_text x,
                    struct sillok_text after, struct sillok_text y, enum char_class class)
{
    if (class == CHAR_HANGUL)
        return replaces_korean(before, x, after, y);
    return has_word(before, x) && has_word(after, y) && !has_word(after, x) &&
           !has_word(before, y);
}

/* --- the only word of a place --- */

static int is_one_word(struct sillok_text t, struct word *out)
{
    size_t at = 0;
    return t.len && next_token(t, &at, out) && out->text.len == t.len;
}

/* Is @p w the word @p x, with a particle behind it or not? */
static int is_noun(struct sillok_text w, struct sillok_text x)
{
    static const char *const particles[] = { "",     "이",   "가",   "은",   "는",
                                             "을",   "를",   "의",   "에",   "도",
                                             "만",   "과",   "와",   "로",   "으로",
                                             "에게", "까지", "부터", "에서", "이다" };
    if (w.len < x.len || memcmp(w.ptr, x.ptr, x.len) != 0)
        return 0;
    for (size_t i = 0; i < sizeof(particles) / sizeof(particles[0]); i++)
        if (text_is(text_from(w, x.len), particles[i]))
            return 1;
    return 0;
}

/* Both are one word, which became another. One of one syllable is in many others: 전보 is
 * no 전. */
static int replaces_alone(struct sillok_text a, struct sillok_text x,
                          struct sillok_text b, struct sillok_text y,
                          enum char_class class)
{
    enum { SYLLABLE = 3 };
    size_t same;
    if (class == CHAR_LETTER)
        return same_word(a, x) && same_word(b, y);
    return is_turned(a, x, b, y, &same) &&
           ((x.len > SYLLABLE && y.len > SYLLABLE) || (is_noun(a, x) && is_noun(b, y)));
}

/* --- the question --- */

typedef int (*replacing)(struct sillok_text before, struct sillok_text x,
                         struct sillok_text after, struct sillok_text y,
                         enum char_class class);

struct place {
    struct sillok_text before, after;
    enum char_class class;
    struct starts starts; /* of before */
};

static int turns(const struct place *p, const char *from, const char *to,
                 replacing is_replaced)
{
    struct sillok_text x, y;
    while (next_word(&from, &x)) {
        if (!starts_may_be(&p->starts, start_of(x)))
            continue;
        for (const char *list = to; next_word(&list, &y);)
            if (is_replaced(p->before, x, p->after, y, p->class))
                return 1;
    }
    return 0;
}

static int any_turns(const struct place *p, const struct sides *list, size_t n,
                     replacing is_replaced)
{
    for (size_t i = 0; i < n; i++)
        if (turns(p, list[i].a, list[i].b, is_replaced) ||
            turns(p, list[i].b, list[i].a, is_replaced))
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

#define LENGTH(list) (sizeof(list) / sizeof((list)[0]))

static int came_in(struct sillok_text before, struct sillok_text after,
                   enum char_class class)
{
    if (!has_class(before, class) || !has_class(after, class))
        return 0;
    const struct place p = { before, after, class, starts_of(before, class) };
    const int is_korean = class == CHAR_HANGUL;
    if (is_korean ? any_turns(&p, korean, LENGTH(korean), replaces)
                  : any_turns(&p, english, LENGTH(english), replaces))
        return 1;
    struct word a, b;
    if (!is_one_word(before, &a) || !is_one_word(after, &b))
        return 0;
    return is_korean
               ? any_turns(&p, korean_alone, LENGTH(korean_alone), replaces_alone)
               : any_turns(&p, english_alone, LENGTH(english_alone), replaces_alone);
}

int opposite_came(struct sillok_text before, struct sillok_text after)
{
    if (before.len > LONGEST || after.len > LONGEST)
        return 0;
    before = text_trim(before, " \t\n"); /* a line of one word ends in one */
    after = text_trim(after, " \t\n");
    return came_in(before, after, CHAR_HANGUL) || came_in(before, after, CHAR_LETTER);
}
