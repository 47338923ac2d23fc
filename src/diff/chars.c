/* Character classes: see chars.h. */
#include "diff/chars.h"

#include <utf8proc.h>

enum { B = CHAR_BLANK, S = CHAR_SIGN, D = CHAR_DIGIT, L = CHAR_LETTER };

/* clang-format off */
const uint8_t char_ascii_class[128] = {
    S, S, S, S, S, S, S, S, S, B, B, B, B, B, S, S, /* 00 */
    S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, /* 10 */
    B, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, /* 20 */
    D, D, D, D, D, D, D, D, D, D, S, S, S, S, S, S, /* 30 */
    S, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, /* 40 */
    L, L, L, L, L, L, L, L, L, L, L, S, S, S, S, S, /* 50 */
    S, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, /* 60 */
    L, L, L, L, L, L, L, L, L, L, L, S, S, S, S, S, /* 70 */
};
/* clang-format on */

static int is_blank(uint32_t cp)
{
    switch (cp) {
    case 0x85:   /* next line */
    case 0xA0:   /* no-break space */
    case 0xAD:   /* soft hyphen */
    case 0x115F: /* Hangul fillers */
    case 0x1160:
    case 0x3164:
    case 0xFFA0:
    case 0x1680:
    case 0x180E:
    case 0x2028:
    case 0x2029:
    case 0x202F:
    case 0x205F:
    case 0x2060: /* word joiner */
    case 0x3000:
    case 0xFEFF:
        return 1;
    default:
        return cp >= 0x2000 && cp <= 0x200C; /* spaces, zero width space, non-joiner */
    }
}

static int is_single(uint32_t cp)
{
    return (cp >= 0x4E00 && cp <= 0x9FFF) || (cp >= 0x3400 && cp <= 0x4DBF) ||
           (cp >= 0x3040 && cp <= 0x30FF) || (cp >= 0xF900 && cp <= 0xFAFF) ||
           (cp >= 0x20000 && cp <= 0x3FFFF) || (cp >= 0x0E00 && cp <= 0x0EFF) ||
           (cp >= 0x1000 && cp <= 0x109F) || (cp >= 0x1780 && cp <= 0x17FF);
}

enum { ARAEA = 0x318D }; /* a letter by its category, written as a middle dot */

static int is_jamo(uint32_t cp)
{
    return (cp >= 0x1100 && cp <= 0x11FF) || (cp >= 0x3131 && cp <= 0x318E) ||
           (cp >= 0xA960 && cp <= 0xA97F) || (cp >= 0xD7B0 && cp <= 0xD7FF);
}

enum char_class char_class_other(uint32_t cp)
{
    /* bytes that are no text come by the million */
    if (cp == UTF8_REPLACEMENT || cp == ARAEA)
        return CHAR_SIGN;
    if (is_blank(cp))
        return CHAR_BLANK;
    if (is_jamo(cp))
        return CHAR_HANGUL;
    if (is_single(cp) && cp != 0x30FB)
        return CHAR_SINGLE;
    if (cp == 0x200D || (cp >= 0xFE00 && cp <= 0xFE0F)) /* joiner, variation selectors */
        return CHAR_MARK;
    switch ((int)utf8proc_category((utf8proc_int32_t)cp)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
        return CHAR_LETTER;
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
        return CHAR_MARK;
    case UTF8PROC_CATEGORY_ND:
        return CHAR_DIGIT;
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
        return CHAR_SINGLE;
    case UTF8PROC_CATEGORY_ZS:
        return CHAR_BLANK;
    default:
        return CHAR_SIGN;
    }
}

int char_may_compose_other(uint32_t cp)
{
    if ((cp >= 0x1160 && cp <= 0x11FF) ||
        cp == 0x16D67) /* Kirat Rai: vowels as letters */
        return 1;
    const int category = utf8proc_category((utf8proc_int32_t)cp);
    return category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_MC ||
           category == UTF8PROC_CATEGORY_ME;
}

int char_is_quote(uint32_t cp)
{
    return cp == '"' || cp == '\'' || (cp >= 0x2018 && cp <= 0x201F) || cp == 0xFF02 ||
           cp == 0xFF07 || (cp >= 0x300C && cp <= 0x300F) || cp == 0xAB || cp == 0xBB;
}

int char_is_opening(uint32_t cp)
{
    switch (cp) {
    case '"':
    case '\'':
    case '(':
    case '[':
    case '{':
    case '<':
    case 0xAB:
    case 0x2018:
    case 0x201A:
    case 0x201C:
    case 0x201E:
    case 0x3008:
    case 0x300A:
    case 0x300C:
    case 0x300E:
    case 0x3010:
    case 0x3014:
    case 0xFF08:
    case 0xFF3B:
    case 0xFF1C:
        return 1;
    default: /* lines of Korean news also begin with these */
        return cp == 0x25B2 || cp == 0x25B3 || cp == 0x25B6 || cp == 0x25B7 ||
               cp == 0x25A0 || cp == 0x25A1 || cp == 0x25CB || cp == 0x25CF ||
               cp == 0x25C6 || cp == 0x25C7 || cp == 0x203B || cp == 0x2605 ||
               cp == 0x00A9 || cp == 0x24D2 || cp == 0x25BC || cp == 0x25BD ||
               cp == 0x25C8 || cp == 0x25CE || cp == 0x25A3 || cp == 0x2606 ||
               cp == 0x261E;
    }
}

int char_is_closing(uint32_t cp)
{
    switch (cp) {
    case '"':
    case '\'':
    case ')':
    case ']':
    case '}':
    case '>':
    case 0xBB:
    case 0x2019:
    case 0x201D:
    case 0x3009:
    case 0x300B:
    case 0x300D:
    case 0x300F:
    case 0x3011:
    case 0x3015:
    case 0xFF09:
    case 0xFF3D:
    case 0xFF1E:
        return 1;
    default:
        return 0;
    }
}

uint32_t char_alike(uint32_t cp)
{
    cp = char_narrow(cp);
    switch (cp) {
    case 0x201C:
    case 0x201D:
    case 0x201E:
    case 0x201F:
        return '"';
    case 0x2018:
    case 0x2019:
    case 0x201A:
    case 0x201B:
        return '\'';
    case ARAEA:
    case 0x30FB:
    case 0x2027:
    case 0x2022:
    case 0x2219:
    case 0x22C5:
    case 0xFF65:
        return 0xB7;
    case 0x223C:
    case 0x301C:
    case 0x02DC:
        return '~';
    case 0x2010:
    case 0x2011:
    case 0x2012:
    case 0x2013:
    case 0x2014:
    case 0x2015:
    case 0x2212:
        return '-';
    default:
        return cp;
    }
}

size_t char_count_to(struct sillok_text t, size_t most)
{
    size_t n = 0;
    for (size_t i = 0; i < t.len && n < most;) {
        uint32_t cp;
        i += char_decode(t.ptr + i, t.len - i, &cp);
        n += char_class_of(cp) != CHAR_BLANK;
    }
    return n;
}

size_t char_count(struct sillok_text t)
{
    return char_count_to(t, SIZE_MAX);
}

size_t char_count_letters(struct sillok_text t)
{
    size_t n = 0;
    for (size_t i = 0; i < t.len;) {
        uint32_t cp;
        i += char_decode(t.ptr + i, t.len - i, &cp);
        n += (size_t)char_is_word(char_class_of(cp));
    }
    return n;
}
