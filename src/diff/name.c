/* Names that were replaced: see name.h. */
#include "diff/name.h"

#include "diff/particle.h"
#include "diff/token.h"

#include <string.h>

static int starts_with_one(struct sillok_text t, const char *const *list)
{
    for (; *list; list++)
        if (text_starts(t, *list))
            return 1;
    return 0;
}

static const char *const roles[] = {
    "기자",   "대표",   "의원",   "총리",     "씨",       "장관",     "대통령", "회장",
    "사장",   "교수",   "감독",   "선수",     "위원장",   "시장",     "지사",   "후보",
    "검사",   "판사",   "변호사", "원장",     "청장",     "차관",     "실장",   "본부장",
    "부총리", "위원",   "특파원", "팀장",     "과장",     "국장",     "대사",   "총장",
    "부회장", "부사장", "이사장", "국회의원", "원내대표", "최고위원", "작가",   "배우",
    "가수",   "대변인", "의장",   "구청장",   "군수",     "교육감",   "소장",   "센터장",
    "연구원", "행장",   "단장",   "처장",     "서장",     "부장",     NULL,
};

static int starts_with_role(struct sillok_text t)
{
    static const char *const of_old[] = { "전 ", "현 ", NULL };
    if (starts_with_one(t, of_old))
        t = text_from(t, strlen("전 "));
    return starts_with_one(t, roles);
}

enum { SYLLABLE = 3 }; /* bytes */

/* 하늘시장은, 당대표가: a word that is a role of some place, of two syllables or more. */
static int ends_in_role(struct sillok_text w)
{
    for (size_t at = 0; at + 2 * SYLLABLE <= w.len; at += SYLLABLE)
        for (const char *const *r = roles; *r; r++)
            if (strlen(*r) > SYLLABLE && particle_is_unit(text_from(w, at), *r))
                return 1;
    return 0;
}

/* The bytes of the office that @p t begins with, or 0. */
static size_t office_at_start(struct sillok_text t)
{
    static const char *const others[] = { "검찰", "경찰", NULL };
    const char *const *const lists[] = { roles, others };
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
        for (const char *const *w = lists[i]; *w; w++)
            if (strlen(*w) > SYLLABLE && text_starts(t, *w))
                return strlen(*w);
    return 0;
}

int name_other_office(struct sillok_text a, struct sillok_text b)
{
    size_t same = text_common_start(a, b);
    same -= same % SYLLABLE; /* of Hangul */
    for (size_t back = 0; back <= same && back <= SYLLABLE; back += SYLLABLE) {
        const struct sillok_text x = text_from(a, same - back),
                                 y = text_from(b, same - back);
        const size_t n = office_at_start(x), m = office_at_start(y);
        if (n && m && text_equal(text_from(x, n), text_from(y, m)) &&
            !text_equal(text_make(x.ptr, n), text_make(y.ptr, m)))
            return 1;
    }
    return 0;
}

/* Takes a blank and the Hangul behind it off @p t; an empty word where there is none. */
static struct sillok_text next_word(struct sillok_text *t)
{
    struct token tok;
    if (t->len < 2 || t->ptr[0] != ' ')
        return text_make("", 0);
    token_next(&tok, *t, 1, t->len);
    const struct sillok_text w = text_make(t->ptr + 1, tok.len);
    *t = text_from(*t, 1 + tok.len);
    return tok.class == CHAR_HANGUL ? w : text_make("", 0);
}

/* 김하늘 하늘시장은, 김하늘 더불어나무당 대표는: behind a name stands whose it is, as a rule. */
static int has_office_behind(struct sillok_text t)
{
    const struct sillok_text first = next_word(&t);
    return first.len && (ends_in_role(first) || ends_in_role(next_word(&t)));
}

/* One of those that nine of ten have. */
static int is_surname(struct sillok_text t)
{
    static const char *const names[] = {
        "김", "이", "박", "최", "정", "강", "조", "윤", "장", "임", "한",
        "오", "서", "신", "권", "황", "안", "송", "류", "유", "전", "홍",
        "고", "문", "양", "손", "배", "백", "허", "남", "심", "노", NULL,
    };
    return t.len == strlen("김") && starts_with_one(t, names);
}

/* English begins them like names: days, months, and what a sentence begins with. */
static int is_no_name(struct sillok_text t)
{
    static const char *const words[] = {
        "Monday",  "Tuesday",  "Wednesday", "Thursday", "Friday",   "Saturday", "Sunday",
        "January", "February", "March",     "April",    "May",      "June",     "July",
        "August",  "October",  "September", "November", "December", "About",    "Nearly",
        "Almost",  "Over",     "Under",     "More",     "Less",     "Fewer",    "At",
        "Some",    "Many",     "Most",      "All",      "One",      "Two",      "Three",
        "Four",    "Five",     "Six",       "Seven",    "Eight",    "Nine",     "Ten",
        "The",     "This",     "That",      "These",    "Those",    "An",       "In",
        "On",      "By",       "For",       "From",     "After",    "Before",   "He",
        "She",     "It",       "They",      "We",       "His",      "Her",      "Its",
        "Their",   "But",      "And",       "As",       "When",     "While",    "Also",
        "However", "Earlier",  "Later",     NULL,
    };
    struct token first;
    token_next(&first, t, 0, t.len);
    for (const char *const *w = words; *w; w++)
        if (text_is(text_make(t.ptr, first.len), *w))
            return 1;
    return 0;
}

static int is_capitalised(struct sillok_text t)
{
    return t.len > 1 && char_is_upper((uint8_t)t.ptr[0]) &&
           char_is_lower((uint8_t)t.ptr[1]) && !is_no_name(t);
}

/* 홍길동씨가, 김철수씨가: names of two to four syllables with one role glued to both. */
static int has_role_behind(struct sillok_text a, struct sillok_text b)
{
    enum { LEAST = 2 * SYLLABLE, MOST = 4 * SYLLABLE };
    const size_t end = text_common_end(a, b);
    for (size_t same = end - end % SYLLABLE; same; same -= SYLLABLE) {
        const size_t x = a.len - same, y = b.len - same;
        if (x >= LEAST && x <= MOST && y >= LEAST && y <= MOST &&
            starts_with_role(text_make(a.ptr + x, same)))
            return 1;
    }
    return 0;
}

/* Without the age behind a name: 김하늘(45) 씨, A(40대)씨. */
static struct sillok_text behind_age(struct sillok_text t)
{
    size_t at = 1;
    if (!text_starts(t, "("))
        return t;
    while (at < t.len && char_is_digit(t.ptr[at]))
        at++;
    const int is_age = at > 1;
    at += is_age && text_starts(text_from(t, at), "대") ? strlen("대") : 0;
    return is_age && at < t.len && t.ptr[at] == ')' ? text_from(t, at + 1) : t;
}

/* What @p t begins with if it is somebody who is not named: A, ㄱ, 김모, 김 모. Its bytes, or 0. */
static size_t unnamed(struct sillok_text t)
{
    enum { JAMO_FIRST = 0x3131, JAMO_LAST = 0x314E };
    static const char *const some[] = { "모", " 모", NULL };
    uint32_t cp = 0;
    if (!t.len)
        return 0;
    const size_t used = char_decode(t.ptr, t.len, &cp);
    const struct sillok_text rest = text_from(t, used);
    if (cp >= JAMO_FIRST && cp <= JAMO_LAST)
        return used;
    if (char_is_upper((uint8_t)t.ptr[0]))
        return rest.len && (uint8_t)rest.ptr[0] < 0x80 &&
                       char_is_lower((uint8_t)rest.ptr[0] | 0x20)
                   ? 0
                   : used;
    if (!is_surname(text_make(t.ptr, used)))
        return 0;
    for (const char *const *s = some; *s; s++)
        if (text_starts(rest, *s))
            return used + strlen(*s);
    return 0;
}

/* Does what somebody is called end after @p len bytes, and is that a role, or 양, 군? */
static int is_called(struct sillok_text t, size_t len)
{
    static const char *const young[] = { "양", "군", NULL };
    struct sillok_text rest =
        len && len <= t.len ? behind_age(text_from(t, len)) : text_make("", 0);
    if (text_starts(rest, " "))
        rest = text_from(rest, 1);
    return starts_with_role(rest) || starts_with_one(rest, young);
}

/* The bytes of a name of two to four syllables, or of a surname; 0: none. */
static size_t named(struct sillok_text t)
{
    struct token tok;
    if (!t.len)
        return 0;
    token_next(&tok, t, 0, t.len);
    if (tok.class != CHAR_HANGUL)
        return 0;
    if (is_surname(text_make(t.ptr, SYLLABLE)) && is_called(t, SYLLABLE))
        return SYLLABLE;
    for (size_t len = 2 * SYLLABLE; len <= 4 * SYLLABLE && len <= tok.len;
         len += SYLLABLE)
        if (is_called(t, len))
            return len;
    return 0;
}

/* A씨 and 김모씨, A(45)씨 and 김하늘 씨: named now, or no longer, or somebody else. */
static int replaces_unnamed(const struct changes *c, const struct change *one)
{
    const struct sillok_text a = text_from(c->old_text, one->old_at),
                             b = text_from(c->new_text, one->new_at);
    size_t x = unnamed(a), y = unnamed(b);
    x = is_called(a, x) ? x : 0;
    y = is_called(b, y) ? y : 0;
    if (!x && !y)
        return 0;
    x = x ? x : named(a);
    y = y ? y : named(b);
    return x && y && !text_equal(text_make(a.ptr, x), text_make(b.ptr, y));
}

int name_is_full(struct sillok_text t)
{
    return t.len == 3 * SYLLABLE && is_surname(text_make(t.ptr, SYLLABLE));
}

/* One full name for another, and not 이날은 for 전날은. */
static int are_full_names(struct sillok_text a, struct sillok_text b)
{
    static const char *const particles[] = { "은", "는", "이", "가", "을", "를",
                                             "의", "에", "도", "로", NULL };
    if (!name_is_full(a) || !name_is_full(b))
        return 0;
    const struct sillok_text end = text_from(a, 2 * SYLLABLE);
    return !text_equal(end, text_from(b, 2 * SYLLABLE)) ||
           !starts_with_one(end, particles);
}

/* Two to four syllables for as many, or a surname for another, before a role; or with one. */
static int replaces_korean_name(const struct changes *c, const struct change *one)
{
    struct token a, b;
    token_next(&a, one->old_text, 0, one->old_text.len);
    token_next(&b, one->new_text, 0, one->new_text.len);
    if (a.class != CHAR_HANGUL || b.class != CHAR_HANGUL || b.len != one->new_text.len)
        return 0;
    const int is_one_word = a.len == one->old_text.len; /* or more went with the name */
    if (is_one_word && has_role_behind(one->old_text, one->new_text))
        return 1;
    const struct sillok_text went = text_make(one->old_text.ptr, a.len);
    if (!(a.chars >= 2 && a.chars <= 4 && b.chars >= 2 && b.chars <= 4) &&
        !(is_surname(went) && is_surname(one->new_text)))
        return 0;
    const struct sillok_text rest =
        behind_age(text_from(c->new_text, one->new_at + one->new_text.len));
    return (is_one_word && are_full_names(went, one->new_text) &&
            has_office_behind(rest)) ||
           starts_with_role(text_starts(rest, " ") ? text_from(rest, 1) : rest);
}

static int replaces_name(const struct changes *c, const struct change *one)
{
    enum { LONGEST = 64 }; /* bytes */
    if (!one->letters_old || !one->letters_new || one->old_text.len > LONGEST ||
        one->new_text.len > LONGEST)
        return 0;
    /* English begins sentences with a capital as well. */
    return (is_capitalised(one->old_text) && is_capitalised(one->new_text) &&
            one->new_at > 0) ||
           replaces_unnamed(c, one) || replaces_korean_name(c, one);
}

int changes_name(const struct changes *c)
{
    for (size_t i = 0; i < c->n; i++)
        if (!change_is_layout(&c->v[i]) && replaces_name(c, &c->v[i]))
            return 1;
    return 0;
}
