/*
 * Numbers by value: see number.h.
 *
 * A value is kept in ten thousandths in 64 bits, which holds 1,844 조. What does not fit,
 * or has more decimals, counts by its characters.
 *
 * A Korean number is read as a sum of parts: a digit or a run of digits times 십, 백, 천
 * within a section, and sections times 만, 억, 조, each smaller than the one before; the
 * last part need not be multiplied (3천456, 19만8천384). Without digits it is a number
 * where a unit follows: 삼십명, 삼백 명; in native words, 두 명, 스물세 명, up to
 * ninety-nine.
 *
 * In English a number may be multiplied by a word (5 million), and be one itself (two,
 * forty-two, one hundred); a lone "one" is none.
 *
 * The sign before a number counts, and so does a sign of money: $5 is not €5.
 */
#include "diff/number.h"

#include "diff/counted.h"
#include "diff/particle.h"
#include "diff/token.h"

#include <string.h>
#include <strings.h>

enum { SCALE = 10000, SCALE_DIGITS = 4 };

struct value {
    uint64_t sum;     /* of the sections that are closed by 만, 억, 조 */
    uint64_t section; /* of the parts that are closed by 십, 백, 천 */
    uint64_t part;    /* read last */
    uint64_t least;   /* 만, 억 or 조 read last; 0 before the first */
    uint64_t low;     /* 십, 백 or 천 read last in this section; 0 before the first */
    int has_part;
    int overflow;
};

static uint64_t hash_text(struct sillok_text t, uint64_t h)
{
    for (size_t i = 0; i < t.len; i++)
        h = (h ^ (uint8_t)t.ptr[i]) * UINT64_C(0x100000001B3);
    return h;
}

static uint64_t times(struct value *v, uint64_t a, uint64_t b)
{
    uint64_t product = 0;
    v->overflow |= __builtin_mul_overflow(a, b, &product);
    return product;
}

static uint64_t plus(struct value *v, uint64_t a, uint64_t b)
{
    uint64_t sum = 0;
    v->overflow |= __builtin_add_overflow(a, b, &sum);
    return sum;
}

/* What a syllable multiplies by, or 0. */
static uint64_t multiplier(uint32_t cp)
{
    switch (cp) {
    case 0xC2ED: /* 십 */
        return 10;
    case 0xBC31: /* 백 */
        return 100;
    case 0xCC9C: /* 천 */
        return 1000;
    case 0xB9CC: /* 만 */
        return 10000;
    case 0xC5B5: /* 억 */
        return 100000000;
    case 0xC870: /* 조 */
        return UINT64_C(1000000000000);
    default:
        return 0;
    }
}

/* The digit that a syllable is, or 0. */
static uint64_t written_digit(uint32_t cp)
{
    /* 일 이 삼 사 오 육 칠 팔 구 */
    static const uint16_t digits[] = { 0xC77C, 0xC774, 0xC0BC, 0xC0AC, 0xC624,
                                       0xC721, 0xCE60, 0xD314, 0xAD6C };
    for (uint64_t i = 0; i < sizeof(digits) / sizeof(digits[0]); i++)
        if (digits[i] == cp)
            return i + 1;
    return 0;
}

static void set_part(struct value *v, uint64_t part)
{
    v->section = plus(v, v->section, v->part);
    v->part = part;
    v->has_part = 1;
}

/* 0 when @p by cannot follow, because what it makes is not smaller than the last. */
static int multiply(struct value *v, uint64_t by)
{
    if (by < 10000) {
        const uint64_t product = times(v, v->has_part ? v->part : SCALE, by);
        if (v->low && product >= times(v, v->low, SCALE))
            return 0;
        v->section = plus(v, v->section, product);
        v->low = by;
    } else {
        if (v->least && by >= v->least)
            return 0;
        const uint64_t all = plus(v, v->section, v->part);
        v->sum = plus(v, v->sum, times(v, all ? all : SCALE, by));
        v->section = 0;
        v->least = by;
        v->low = 0;
    }
    v->part = 0;
    v->has_part = 0;
    return 1;
}

static uint64_t total(struct value *v)
{
    return plus(v, v->sum, plus(v, v->section, v->part));
}

static int starts_with_multiplier(struct sillok_text w)
{
    uint32_t cp;
    char_decode(w.ptr, w.len, &cp);
    return multiplier(cp) != 0;
}

/* Takes off multipliers from the start of @p w; returns their bytes. */
static size_t read_multipliers(struct value *v, struct sillok_text w)
{
    size_t at = 0;
    while (at < w.len) {
        uint32_t cp;
        const size_t used = char_decode(w.ptr + at, w.len - at, &cp);
        const uint64_t by = multiplier(cp);
        if (!by || !multiply(v, by))
            break;
        at += used;
    }
    return at;
}

/* 1 when @p w, digits of any width with grouping commas and a point, fits; its value is the
 * part. */
static int read_digits(struct value *v, struct sillok_text w)
{
    uint64_t n = 0;
    uint32_t c;
    int decimals = -1, zeros = 1, digits = 0, begins_with_zero = 0;
    for (size_t i = 0; i < w.len;) {
        i += char_decode(w.ptr + i, w.len - i, &c);
        c = char_narrow(c);
        if (c == ',')
            continue;
        if (c == '.' && decimals < 0) {
            decimals = 0;
            continue;
        }
        if (c < '0' || c > '9' || (decimals >= 0 && ++decimals > SCALE_DIGITS))
            return 0;
        begins_with_zero |= !digits++ && c == '0';
        zeros &= c == '0';
        n = plus(v, times(v, n, 10), c - '0');
    }
    for (int i = decimals < 0 ? 0 : decimals; i < SCALE_DIGITS; i++)
        n = times(v, n, 10);
    set_part(v, n);
    /* 007 is a name */
    return !v->overflow && (zeros || !begins_with_zero || decimals >= 0);
}

static int is_unit(struct sillok_text t)
{
    static const char *const units[] = { "명", "개", "원", "년", "월", "일", "건",
                                         "배", "세", "회", "곳", "위", "차", NULL };
    for (const char *const *u = units; *u; u++)
        if (text_starts(t, *u))
            return 1;
    return 0;
}

/* 삼십명: two or more numerals and a unit. The last numeral may be the unit (십이일). */
static int read_written(struct value *v, struct sillok_text w)
{
    size_t i = 0, n = 0;
    while (i < w.len) {
        uint32_t cp;
        const size_t used = char_decode(w.ptr + i, w.len - i, &cp);
        const uint64_t digit = written_digit(cp);
        if (n >= 2 && is_unit(text_make(w.ptr + i, w.len - i)) && i + used == w.len)
            return 1;
        if (digit)
            set_part(v, digit * SCALE);
        else if (!multiplier(cp) || !multiply(v, multiplier(cp)))
            break;
        i += used;
        n++;
    }
    return n >= 2 && i < w.len && is_unit(text_make(w.ptr + i, w.len - i));
}

struct reader {
    struct sillok_text t;
    size_t at;
};

/* Is one of the words, for want of a better alphabet in lower case? */
static int word_index(struct sillok_text w, const char *const *words)
{
    for (int i = 0; words[i]; i++)
        if (strlen(words[i]) == w.len && strncasecmp(words[i], w.ptr, w.len) == 0)
            return i;
    return -1;
}

static int peek(const struct reader *r, size_t at, struct token *out)
{
    if (at >= r->t.len)
        return 0;
    token_next(out, r->t, at, r->t.len);
    return 1;
}

static struct sillok_text word_at(const struct reader *r, const struct token *tok)
{
    return text_make(r->t.ptr + tok->start, tok->len);
}

/* The word behind @p at, with a blank before it or not; its end, or 0. */
static size_t next_word(const struct reader *r, size_t at, enum char_class class,
                        struct sillok_text *w)
{
    struct token tok;
    if (peek(r, at, &tok) && tok.class == CHAR_BLANK)
        at += tok.len;
    if (!peek(r, at, &tok) || tok.class != class)
        return 0;
    *w = word_at(r, &tok);
    return at + tok.len;
}

/* --- in Korean words --- */

/* What is counted in native numbers. 한 before the last ones says "a" or "once". */
static int is_counter(struct sillok_text t, int is_one)
{
    static const char *const units[] = { "명", "건", "곳", "마리", "채",
                                         "척", "살", "개", "가구", NULL };
    static const char *const others[] = { "배", "번",   "대", "시간", "달", "점",
                                          "골", "차례", "표", "사람", NULL };
    for (const char *const *u = units; *u; u++)
        if (particle_is_unit(t, *u))
            return 1;
    for (const char *const *u = others; *u && !is_one; u++)
        if (particle_is_unit(t, *u))
            return 1;
    return 0;
}

/* Takes one of the words off the start of @p w: its place in the list, or -1. */
static int take_word(struct sillok_text *w, const char *const *words)
{
    for (int i = 0; words[i]; i++)
        if (text_starts(*w, words[i])) {
            const size_t n = strlen(words[i]);
            *w = text_make(w->ptr + n, w->len - n);
            return i;
        }
    return -1;
}

/* Does a native number begin with it? Most words are told by that. */
static int begins_native(uint32_t cp)
{
    switch (cp) {
    case 0xC5F4: /* 열 */
    case 0xC2A4: /* 스 */
    case 0xC11C: /* 서 */
    case 0xB9C8: /* 마 */
    case 0xC270: /* 쉰 */
    case 0xC608: /* 예 */
    case 0xC77C: /* 일 */
    case 0xC5EC: /* 여 */
    case 0xC544: /* 아 */
    case 0xD55C: /* 한 */
    case 0xB450: /* 두 */
    case 0xC138: /* 세 */
    case 0xB124: /* 네 */
    case 0xB2E4: /* 다 */
        return 1;
    default:
        return 0;
    }
}

/* 두 명, 세명, 스물세 명: the value, or 0. A word that only begins like one (세대, 열대)
 * is none: glued to it only these units count. */
static uint64_t native_number(const struct reader *r, const struct token *tok)
{
    static const char *const tens[] = { "열",   "스물", "서른", "마흔", "쉰",
                                        "예순", "일흔", "여든", "아흔", NULL };
    static const char *const ones[] = { "한",   "두",   "세",   "네",   "다섯",
                                        "여섯", "일곱", "여덟", "아홉", NULL };
    static const char *const glued[] = { "명", "곳", "마리", "사람", "시간", "개",
                                         "달", "살", "번",   "가구", NULL };
    struct sillok_text w = word_at(r, tok), unit;
    uint32_t cp;
    char_decode(w.ptr, w.len, &cp);
    if (!begins_native(cp))
        return 0;
    if (text_is(w, "스무")) {
        return next_word(r, r->at + tok->len, CHAR_HANGUL, &unit) && is_counter(unit, 0)
                   ? 20
                   : 0;
    }
    const int ten = take_word(&w, tens) + 1, one = take_word(&w, ones) + 1;
    const uint64_t n = 10 * (uint64_t)ten + (uint64_t)one;
    if (n == 0)
        return 0;
    if (w.len == 0)
        return next_word(r, r->at + tok->len, CHAR_HANGUL, &unit) &&
                       is_counter(unit, n == 1)
                   ? n
                   : 0;
    for (const char *const *u = glued; *u && n > 1; u++)
        if (particle_is_unit(w, *u))
            return n;
    return n == 1 && particle_is_unit(w, "명") ? 1 : 0;
}

/* 삼백 명, 천 명: numerals that multiply, a blank, and what is counted. */
static int read_spaced(const struct reader *r, const struct token *tok, struct value *v)
{
    static const char *const units[] = { "명", "개", "원", "건", "배", "곳", NULL };
    struct sillok_text w = word_at(r, tok), unit;
    int multiplies = 0;
    if (text_is(w, "만일")) /* if */
        return 0;
    while (w.len) {
        uint32_t cp;
        const size_t used = char_decode(w.ptr, w.len, &cp);
        const uint64_t digit = written_digit(cp), by = multiplier(cp);
        if (digit)
            set_part(v, digit * SCALE);
        else if (!by || !multiply(v, by))
            return 0;
        multiplies |= by != 0;
        w = text_make(w.ptr + used, w.len - used);
    }
    if (!multiplies || !next_word(r, r->at + tok->len, CHAR_HANGUL, &unit))
        return 0;
    for (const char *const *u = units; *u; u++)
        if (particle_is_unit(unit, *u))
            return 1;
    return 0;
}

/* 사흘, 석 달, 수백 명: see counted.h. */
static int read_counted(const struct reader *r, const struct token *tok, uint64_t *value,
                        char *about)
{
    struct sillok_text next = { "", 0 };
    next_word(r, r->at + tok->len, CHAR_HANGUL, &next);
    if (!counted_in_words(word_at(r, tok), next, value, about))
        return 0;
    *value *= SCALE / 2;
    return 1;
}

/* --- in English words --- */

/* Takes what multiplies off the words at @p at; their end. */
static size_t read_scales(const struct reader *r, size_t at, struct value *v)
{
    static const char *const names[] = { "hundred", "thousand", "million",
                                         "billion", "trillion", NULL };
    static const uint64_t by[] = { 100, 1000, 1000000, 1000000000,
                                   UINT64_C(1000000000000) };
    struct sillok_text w;
    for (size_t end; (end = next_word(r, at, CHAR_LETTER, &w)); at = end) {
        const int i = word_index(w, names);
        if (i < 0)
            break;
        v->part = times(v, v->part, by[i]);
    }
    return at;
}

/* two, forty-two, one hundred at r->at: 1, and it is taken off, or 0. */
static int read_english(struct reader *r, const struct token *tok, struct value *v)
{
    static const char *const ones[] = { "one",       "two",      "three",    "four",
                                        "five",      "six",      "seven",    "eight",
                                        "nine",      "ten",      "eleven",   "twelve",
                                        "thirteen",  "fourteen", "fifteen",  "sixteen",
                                        "seventeen", "eighteen", "nineteen", NULL };
    static const char *const tens[] = { "twenty",  "thirty", "forty",  "fifty", "sixty",
                                        "seventy", "eighty", "ninety", NULL };
    const struct sillok_text w = word_at(r, tok);
    const int one = word_index(w, ones), ten = word_index(w, tens);
    size_t at = r->at + tok->len;
    if (one < 0 && ten < 0)
        return 0;
    uint64_t n = one >= 0 ? (uint64_t)one + 1 : 10 * ((uint64_t)ten + 2);
    struct token dash, next;
    if (ten >= 0 && peek(r, at, &dash) && text_is(word_at(r, &dash), "-") &&
        peek(r, at + dash.len, &next)) {
        const int i = word_index(word_at(r, &next), ones);
        if (i >= 0 && i < 9) {
            n += (uint64_t)i + 1;
            at += dash.len + next.len;
        }
    }
    set_part(v, n * SCALE);
    const size_t end = read_scales(r, at, v);
    if ((n == 1 && end == at) || v->overflow)
        return 0;
    r->at = end;
    return 1;
}

/* --- in digits --- */

/* The digits of the next part behind @p at, "2천" of "1조 2천억" or "456" of "3천456";
 * its end, or 0. *goes_on when it was multiplied, so that another may follow. */
static size_t read_next_part(const struct reader *r, size_t at, struct value *v,
                             int *goes_on)
{
    struct token tok, unit;
    int blank = 0;
    if (peek(r, at, &tok) && tok.class == CHAR_BLANK) {
        at += tok.len;
        blank = 1;
    }
    if (!peek(r, at, &tok) || tok.class != CHAR_DIGIT)
        return 0;
    const size_t end = at + tok.len;
    const int has_unit = peek(r, end, &unit) && unit.class == CHAR_HANGUL;
    struct value trial = *v;
    if (!read_digits(&trial, word_at(r, &tok)))
        return 0;
    /* it has the places that 천, 백, 십 left open: 3천456, not 3천 1234 */
    if (v->low && trial.part >= times(&trial, v->low, SCALE))
        return 0;
    const size_t used = has_unit ? read_multipliers(&trial, word_at(r, &unit)) : 0;
    if (has_unit && !used && starts_with_multiplier(word_at(r, &unit)))
        return 0; /* 3천 5천: another number */
    /* behind a blank only what is multiplied again belongs to it: 1만 2천, not 1만 2명 */
    if (blank && (!used || !v->least))
        return 0;
    const uint64_t more = total(&trial) - v->sum;
    if (trial.overflow || (v->least && more >= times(&trial, v->least, SCALE)))
        return 0;
    *v = trial;
    *goes_on = used && used == unit.len;
    return end + used;
}

/* Digits at r->at and all that multiplies and follows them. */
static uint64_t read_number(struct reader *r, const struct token *tok)
{
    struct value v = { 0 };
    const struct sillok_text w = word_at(r, tok);
    r->at += tok->len;
    if (!read_digits(&v, w))
        return hash_text(w, 2);
    struct token unit;
    if (peek(r, r->at, &unit) && unit.class == CHAR_HANGUL) {
        const size_t used = read_multipliers(&v, word_at(r, &unit));
        int goes_on = used == unit.len;
        r->at += used;
        while (goes_on) {
            const size_t end = read_next_part(r, r->at, &v, &goes_on);
            if (!end)
                break;
            r->at = end;
        }
    } else {
        r->at = read_scales(r, r->at, &v);
    }
    const uint64_t sum = total(&v);
    return v.overflow ? hash_text(w, 2) : sum;
}

size_t number_money(struct sillok_text t, int *which)
{
    static const char *const money[] = { "$", "€", "£", "¥", "₩" };
    for (int i = 0; i < (int)(sizeof(money) / sizeof(money[0])); i++)
        if (text_starts(t, money[i])) {
            if (which)
                *which = i;
            return strlen(money[i]);
        }
    return 0;
}

static char sign_of(struct sillok_text w, enum char_class before, char last)
{
    static const char *const minus[] = { "-", "−", "–", "－", "△", "▽", "▼" };
    int which;
    const char *const marks = last == '-' ? "abcde" : "ABCDE"; /* -$5, $5 */
    if (w.len && number_money(w, &which) == w.len)
        return marks[which];
    if (before != CHAR_BLANK && before != CHAR_SIGN)
        return 0;
    for (size_t i = 0; i < sizeof(minus) / sizeof(minus[0]); i++)
        if (text_is(w, minus[i]))
            return '-';
    return text_is(w, "±") ? 'x' : 0;
}

/* Digits with a letter on both sides belong to a name: b71afn. */
static int is_in_name(const struct reader *r, const struct token *tok,
                      enum char_class before)
{
    struct token next;
    return before == CHAR_LETTER && peek(r, r->at + tok->len, &next) &&
           next.class == CHAR_LETTER;
}

static uint64_t mixed(uint64_t value, char sign)
{
    uint64_t h = hash_text(text_make((const char *)&value, sizeof(value)),
                           UINT64_C(0xCBF29CE484222325) + (uint8_t)sign);
    h ^= h >> 29;
    return h * UINT64_C(0x9E3779B97F4A7C15);
}

uint64_t numbers_sum(struct sillok_text t)
{
    struct reader r = { t, 0 };
    uint64_t sum = 0;
    char sign = 0;
    enum char_class before = CHAR_BLANK;
    struct token tok;
    while (peek(&r, r.at, &tok)) {
        const enum char_class class = (enum char_class)tok.class;
        struct value v = { 0 }, spaced = { 0 };
        if (class == CHAR_DIGIT && !is_in_name(&r, &tok, before)) {
            sum += mixed(read_number(&r, &tok), sign);
        } else if (class == CHAR_LETTER && read_english(&r, &tok, &v)) {
            sum += mixed(total(&v), 0);
        } else {
            const uint64_t native = class == CHAR_HANGUL ? native_number(&r, &tok) : 0;
            uint64_t counted;
            char about;
            if (native)
                sum += mixed(native * SCALE, 0);
            else if (class == CHAR_HANGUL && read_counted(&r, &tok, &counted, &about))
                sum += mixed(counted, about);
            else if (class == CHAR_HANGUL && read_written(&v, word_at(&r, &tok)))
                sum += mixed(total(&v), 0);
            else if (class == CHAR_HANGUL && read_spaced(&r, &tok, &spaced))
                sum += mixed(total(&spaced), 0);
            r.at += tok.len;
        }
        sign = class == CHAR_SIGN ? sign_of(word_at(&r, &tok), before, sign) : 0;
        before = class;
    }
    return sum;
}
