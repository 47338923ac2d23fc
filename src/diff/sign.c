/* The signs of numbers: see sign.h. */
#include "diff/sign.h"

#include "diff/chars.h"
#include "diff/number.h"

/* What a sign says. Of those up to the last strong one coming or going matters too, and
 * not only that another one stands there: the others begin titles, and lists. */
enum sign {
    NO_SIGN,
    DOWN,
    UP,
    PLUS,
    ABOUT,
    RANGE,
    LAST_STRONG = RANGE,
    ARROW_UP,
    ARROW_DOWN,
    LESS,
    MORE,
    AT_MOST,
    AT_LEAST
};

/* The sign that @p t begins or ends with. */
static enum sign sign_at(struct sillok_text t, int at_end)
{
    static const struct {
        const char *text;
        enum sign sign;
    } signs[] = {
        { "-", DOWN },     { "−", DOWN },       { "△", DOWN },  { "▽", DOWN },
        { "▼", DOWN },     { "－", DOWN },      { "＋", PLUS }, { "▲", UP },
        { "+", PLUS },     { "±", ABOUT },      { "~", RANGE }, { "∼", RANGE },
        { "↑", ARROW_UP }, { "↓", ARROW_DOWN }, { "<", LESS },  { ">", MORE },
        { "≤", AT_MOST },  { "≥", AT_LEAST },
    };
    for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
        if (at_end ? text_ends(t, signs[i].text) : text_starts(t, signs[i].text))
            return signs[i].sign;
    return NO_SIGN;
}

/* A hyphen at the end of @p t with a word before it: 10-20 is 10~20, 10만-20만 10만~20만,
 * and no minus. */
static int is_dash_of_span(struct sillok_text t, struct sillok_text all)
{
    const size_t dash = t.len ? (size_t)(t.ptr - all.ptr) + t.len - 1 : 0;
    size_t at = dash;
    uint32_t cp;
    if (dash == 0 || all.ptr[dash] != '-')
        return 0;
    do
        at--;
    while (at > 0 && utf8_is_tail(all.ptr[at]));
    char_decode(all.ptr + at, dash - at, &cp);
    return char_is_word(char_class_of(cp));
}

/* The sign at the end of @p t, where a number follows it in the whole text. */
static enum sign sign_before(struct sillok_text t, struct sillok_text all)
{
    const char *next = t.ptr + t.len, *const end = all.ptr + all.len;
    const enum sign sign = is_dash_of_span(t, all) ? RANGE : sign_at(t, 1);
    next += sign > LAST_STRONG && next < end && *next == ' ';
    next += number_money(text_make(next, (size_t)(end - next)), NULL);
    return next < end && *next >= '0' && *next <= '9' ? sign : NO_SIGN;
}

/* An arrow or a unit at the start of @p t, where a number stands before it: 61.2%↓, 30㎢. */
static unsigned sign_behind(struct sillok_text t, struct sillok_text all)
{
    enum { FIRST_UNIT = 0x3380, LAST_UNIT = 0x33DF }; /* CJK Compatibility */
    const char last = t.ptr > all.ptr ? t.ptr[-1] : ' ';
    uint32_t cp = 0;
    if ((last < '0' || last > '9') && last != '%')
        return 0;
    if (t.len)
        char_decode(t.ptr, t.len, &cp);
    if (cp >= FIRST_UNIT && cp <= LAST_UNIT)
        return cp;
    const enum sign sign = sign_at(t, 0);
    const int is_arrow = sign == UP || sign == ARROW_UP || sign == ARROW_DOWN ||
                         (sign == DOWN && cp > 0x7F && cp != 0x2212); /* no minus */
    return is_arrow ? sign : NO_SIGN;
}

int signs_differ(struct sillok_text before, struct sillok_text all_before,
                 struct sillok_text after, struct sillok_text all_after)
{
    const enum sign a = sign_before(before, all_before),
                    b = sign_before(after, all_after);
    const unsigned x = sign_behind(before, all_before), y = sign_behind(after, all_after);
    if (a != b && ((a && b) || (a ? a : b) <= LAST_STRONG))
        return 1;
    return x && y && x != y;
}

int same_but_width(struct sillok_text a, struct sillok_text b)
{
    size_t i = 0, j = 0;
    while (i < a.len && j < b.len) {
        uint32_t x, y;
        i += char_decode(a.ptr + i, a.len - i, &x);
        j += char_decode(b.ptr + j, b.len - j, &y);
        if (char_narrow(x) != char_narrow(y))
            return 0;
    }
    return i == a.len && j == b.len;
}
