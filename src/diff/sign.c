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

/* A minus, or what spans two numbers: no dash of a sentence, which is longer. */
static int is_short_dash(uint32_t cp)
{
    enum { EM_DASH = 0x2014, BAR = 0x2015 };
    return char_alike(cp) == '-' && cp != EM_DASH && cp != BAR;
}

/* What a character says before or behind a number, whatever sort of tilde it is. */
static enum sign sign_of(uint32_t cp)
{
    if (is_short_dash(cp))
        return DOWN;
    switch (char_alike(cp)) {
    case 0x25B3: /* △ */
    case 0x25BD: /* ▽ */
    case 0x25BC: /* ▼ */
        return DOWN;
    case 0x25B2: /* ▲ */
        return UP;
    case '+':
        return PLUS;
    case 0xB1: /* ± */
        return ABOUT;
    case '~':
        return RANGE;
    case 0x2191:
        return ARROW_UP;
    case 0x2193:
        return ARROW_DOWN;
    case '<':
        return LESS;
    case '>':
        return MORE;
    case 0x2264:
        return AT_MOST;
    case 0x2265:
        return AT_LEAST;
    default:
        return NO_SIGN;
    }
}

/* The character of @p all that ends at byte @p end; 0 at the start. */
static uint32_t char_before(struct sillok_text all, size_t end, size_t *start)
{
    uint32_t cp = 0;
    *start = utf8_before(all, end);
    if (end > 0)
        char_decode(all.ptr + *start, end - *start, &cp);
    return cp;
}

/* The sign at the end of @p t, where a number follows it in the whole text. A hyphen behind a
 * word is no minus: 10-20 is 10~20, 10만-20만 10만~20만. */
static enum sign sign_before(struct sillok_text t, struct sillok_text all)
{
    const char *next = t.ptr + t.len, *const end = all.ptr + all.len;
    size_t at;
    if (!t.len)
        return NO_SIGN;
    const uint32_t last = char_before(all, (size_t)(next - all.ptr), &at);
    enum sign sign = sign_of(last);
    if (is_short_dash(last) && char_is_word(char_class_of(char_before(all, at, &at))))
        sign = RANGE;
    next += sign > LAST_STRONG && next < end && *next == ' ';
    next += number_money(text_make(next, (size_t)(end - next)), NULL);
    return next < end && char_is_digit(*next) ? sign : NO_SIGN;
}

static int is_unit(uint32_t cp)
{
    enum { CELSIUS = 0x2103, FAHRENHEIT = 0x2109, FIRST = 0x3380, LAST = 0x33DF };
    return cp == CELSIUS || cp == FAHRENHEIT || (cp >= FIRST && cp <= LAST);
}

static char byte_before(struct sillok_text t, struct sillok_text all)
{
    return t.ptr > all.ptr ? t.ptr[-1] : ' ';
}

/* + or - at the start of @p t, at the end of a word: Rh+, (+). Behind a capital letters of another
 * script may follow it: AA-로, no hyphen of A-1. */
static enum sign sign_at_end(struct sillok_text t, struct sillok_text all, int is_capital)
{
    const char last = byte_before(t, all);
    uint32_t next = ' ';
    if (!t.len || (*t.ptr != '+' && *t.ptr != '-') || last == ' ' || last == '\n')
        return NO_SIGN;
    const struct sillok_text rest = text_from(all, (size_t)(t.ptr - all.ptr) + 1);
    if (rest.len)
        char_decode(rest.ptr, rest.len, &next);
    if (char_is_word(char_class_of(next)) && (!is_capital || next < 0x80))
        return NO_SIGN;
    return *t.ptr == '+' ? PLUS : DOWN;
}

/* One came for the other; or the + of a grade, or what is called like one, came or went: A+, 5G+.
 * Not its -, which is the hyphen of K-팝 as well. */
static int grades_differ(struct sillok_text before, struct sillok_text all_before,
                         struct sillok_text after, struct sillok_text all_after)
{
    const int is_capital = char_is_upper((uint8_t)byte_before(before, all_before));
    const enum sign a = sign_at_end(before, all_before, is_capital),
                    b = sign_at_end(after, all_after, is_capital);
    return a != b && ((a && b) || (is_capital && (a == PLUS || b == PLUS)));
}

/* An arrow or a unit at the start of @p t, where a number stands before it: 61.2%↓, 30㎢. ↑ and
 * ↓ need none, 8.9%p↓ and 출산율↑, and ▲ and ▼ a word; △ and ▽ also part the items of lists. */
static unsigned sign_behind(struct sillok_text t, struct sillok_text all)
{
    enum { BLACK_UP = 0x25B2, BLACK_DOWN = 0x25BC };
    const char last = byte_before(t, all);
    uint32_t cp = 0;
    if (t.len)
        char_decode(t.ptr, t.len, &cp);
    const enum sign sign = t.len ? sign_of(cp) : NO_SIGN;
    if (sign == ARROW_UP || sign == ARROW_DOWN)
        return sign;
    if ((cp == BLACK_UP || cp == BLACK_DOWN) && last != ' ' && last != '\n')
        return sign;
    if (!char_is_digit(last) && last != '%')
        return 0;
    if (is_unit(cp))
        return cp;
    return sign == UP || (sign == DOWN && !is_short_dash(cp)) ? sign : NO_SIGN;
}

enum { NO_STAR, EMPTY_STAR, FULL_STAR };

static int star_of(uint32_t cp)
{
    return cp == 0x2605 || cp == 0x2B50 ? FULL_STAR : cp == 0x2606 ? EMPTY_STAR : NO_STAR;
}

/* How many full stars stand in the run of stars that @p t is in, or beside; 0: it has other
 * characters too, or the run is longer than any rating. */
static unsigned stars_around(struct sillok_text t, struct sillok_text all)
{
    enum { STARS_MAX = 16 }; /* before it, and in all behind that */
    const size_t at = (size_t)(t.ptr - all.ptr);
    size_t start = at, i;
    unsigned full = 0;
    for (int n = 0; n < STARS_MAX && star_of(char_before(all, start, &i)); n++)
        start = i;
    i = start;
    for (int n = 0; n < 2 * STARS_MAX && i < all.len; n++) {
        uint32_t cp;
        const size_t next = i + char_decode(all.ptr + i, all.len - i, &cp);
        if (!star_of(cp))
            break;
        full += star_of(cp) == FULL_STAR;
        i = next;
    }
    return i >= at + t.len ? full : 0;
}

int signs_differ(struct sillok_text before, struct sillok_text all_before,
                 struct sillok_text after, struct sillok_text all_after)
{
    const enum sign a = sign_before(before, all_before),
                    b = sign_before(after, all_after);
    const unsigned x = sign_behind(before, all_before), y = sign_behind(after, all_after);
    if (a != b && ((a && b) || (a ? a : b) <= LAST_STRONG))
        return 1;
    if (x && y && x != y)
        return 1;
    if (grades_differ(before, all_before, after, all_after))
        return 1;
    const unsigned m = stars_around(before, all_before),
                   n = m ? stars_around(after, all_after) : 0;
    return m && n && m != n;
}

/* 3·1 and 3.1 are one day of March. */
static uint32_t form_of(uint32_t cp)
{
    enum { MIDDLE_DOT = 0xB7 };
    cp = char_alike(cp);
    return cp == MIDDLE_DOT ? '.' : cp;
}

int same_but_form(struct sillok_text a, struct sillok_text b)
{
    size_t i = 0, j = 0;
    while (i < a.len && j < b.len) {
        uint32_t x, y;
        i += char_decode(a.ptr + i, a.len - i, &x);
        j += char_decode(b.ptr + j, b.len - j, &y);
        if (form_of(x) != form_of(y))
            return 0;
    }
    return i == a.len && j == b.len;
}
