/* Numbers in words of their own: see counted.h. */
#include "diff/counted.h"

#include "diff/chars.h"
#include "diff/particle.h"

#include <string.h>

struct word {
    const char *text;
    unsigned halves;
};

/* The word of @p list that @p w begins with, or NULL. */
static const struct word *word_at_start(struct sillok_text w, const struct word *list)
{
    for (; list->text; list++)
        if (text_starts(w, list->text))
            return list;
    return NULL;
}

static int starts_with_one(struct sillok_text t, const char *const *list)
{
    for (; *list; list++)
        if (text_starts(t, *list))
            return 1;
    return 0;
}

/* 사흘, 사흘간, 사흘째. 하루 is left out: one day or another. */
static const struct word *read_days(struct sillok_text w)
{
    static const struct word days[] = {
        { "이틀", 4 },  { "사흘", 6 },  { "나흘", 8 },  { "닷새", 10 },
        { "엿새", 12 }, { "열흘", 20 }, { "보름", 30 }, { NULL, 0 },
    };
    return text_starts(w, "보름달") ? NULL : word_at_start(w, days);
}

/* 석 달, 넉달; 석 장, not 석 장관. */
static const struct word *read_three_four(struct sillok_text w, struct sillok_text next)
{
    static const struct word words[] = { { "석", 6 }, { "넉", 8 }, { NULL, 0 } };
    static const char *const units[] = { "장", "잔", "점", "자", NULL };
    const struct word *const word = word_at_start(w, words);
    if (!word)
        return NULL;
    const struct sillok_text rest = text_from(w, strlen(word->text));
    int counts = text_starts(rest.len ? rest : next, "달");
    for (size_t i = 0; units[i] && !rest.len; i++)
        counts |= particle_is_unit(next, units[i]);
    return counts ? word : NULL;
}

static const char *const counters[] = {
    "명",   "개",   "건",   "곳",   "마리", "채", "번", "배",   "대",   "살",
    "사람", "시간", "달",   "차례", "원",   "년", "일", "가구", "그루", "편",
    "톤",   "가지", "종",   "발",   "회",   "척", "장", "권",   "쪽",   "분",
    "초",   "주",   "미터", "킬로", "㎞",   "㎏", "㎡", NULL
};

/* 두세 명. */
static const struct word *read_neighbours(struct sillok_text w, struct sillok_text next)
{
    static const struct word words[] = {
        { "한두", 3 },    { "두세", 5 },      { "두서너", 6 }, { "서너", 7 },
        { "네댓", 9 },    { "네다섯", 9 },    { "너댓", 9 },   { "대여섯", 11 },
        { "예닐곱", 13 }, { "일고여덟", 15 }, { NULL, 0 },
    };
    const struct word *const word = word_at_start(w, words);
    if (!word)
        return NULL;
    const struct sillok_text rest = text_from(w, strlen(word->text));
    return starts_with_one(rest.len ? rest : next, counters) ? word : NULL;
}

/* 수백 명, 몇천 원, 십수 명, 십여 명: the value of the numeral. */
static uint64_t read_rough(struct sillok_text w, struct sillok_text next, char *about)
{
    static const char *const before[] = { "수", "몇", NULL };
    static const struct {
        const char *text;
        uint64_t by;
    } powers[] = {
        { "십", 10 },    { "백", 100 },       { "천", 1000 },
        { "만", 10000 }, { "억", 100000000 }, { "조", UINT64_C(1000000000000) }
    };
    uint64_t value = 1;
    struct sillok_text rest = w;
    *about = starts_with_one(w, before) ? 's' : 0;
    if (*about)
        rest = text_from(w, strlen("수"));
    for (size_t i = 0; i < sizeof(powers) / sizeof(powers[0]);) {
        if (!text_starts(rest, powers[i].text)) {
            i++;
            continue;
        }
        if (value > UINT64_MAX / 2 / powers[i].by)
            return 0;
        value *= powers[i].by;
        rest = text_from(rest, strlen(powers[i].text));
        i = 0;
    }
    if (value == 1)
        return 0;
    if (!*about && text_starts(rest, "수")) {
        *about = 't';
        rest = text_from(rest, strlen("수"));
    }
    const int more = text_starts(rest, "여"); /* of no account: as 10여 is 10 */
    if (more)
        rest = text_from(rest, strlen("여"));
    return (*about || more) && starts_with_one(rest.len ? rest : next, counters) ? value
                                                                                 : 0;
}

/* Does one of them begin with the character? Most words are told by that. */
static int may_begin(uint32_t cp)
{
    switch (cp) {
    case 0xC774: /* 이틀 */
    case 0xC0AC: /* 사흘 */
    case 0xB098: /* 나흘 */
    case 0xB2F7: /* 닷새 */
    case 0xC5FF: /* 엿새 */
    case 0xC5F4: /* 열흘 */
    case 0xBCF4: /* 보름 */
    case 0xC11D: /* 석 */
    case 0xB109: /* 넉 */
    case 0xD55C: /* 한두 */
    case 0xB450: /* 두세 */
    case 0xC11C: /* 서너 */
    case 0xB124: /* 네댓 */
    case 0xB108: /* 너댓 */
    case 0xB300: /* 대여섯 */
    case 0xC608: /* 예닐곱 */
    case 0xC77C: /* 일고여덟 */
    case 0xC218: /* 수백 */
    case 0xBA87: /* 몇백 */
    case 0xC2ED: /* 십수 */
    case 0xBC31: /* 백 */
    case 0xCC9C: /* 천 */
    case 0xB9CC: /* 만 */
    case 0xC5B5: /* 억 */
    case 0xC870: /* 조 */
        return 1;
    default:
        return 0;
    }
}

int counted_in_words(struct sillok_text w, struct sillok_text next, uint64_t *value,
                     char *about)
{
    uint32_t cp = 0;
    *about = 0;
    if (w.len)
        char_decode(w.ptr, w.len, &cp);
    if (!may_begin(cp))
        return 0;
    const struct word *word = read_days(w);
    word = word ? word : read_three_four(w, next);
    if (word) {
        *value = word->halves;
        return 1;
    }
    word = read_neighbours(w, next);
    if (word) {
        *value = word->halves;
        *about = 'n';
        return 1;
    }
    const uint64_t rough = read_rough(w, next, about);
    *value = 2 * rough;
    return rough != 0;
}
