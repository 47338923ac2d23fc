/*
 * What a character is, for everything that reads text: sentences, words, normal forms.
 *
 * One class per code point. ASCII and Hangul syllables, nearly all of the news, are told
 * without a call; the rest asks utf8proc for its category.
 */
#ifndef DIFF_CHARS_H
#define DIFF_CHARS_H

#include "base/utf8.h"

enum char_class {
    CHAR_BLANK =
        0, /* white space and what is never seen: zero width, soft hyphen, fillers */
    CHAR_SIGN = 1,   /* punctuation, symbols, controls, invalid bytes */
    CHAR_DIGIT = 2,  /* decimal digits of any script */
    CHAR_HANGUL = 3, /* syllables and jamo */
    CHAR_LETTER = 4, /* letters of alphabets */
    CHAR_SINGLE = 5, /* a word by itself: Hanja, kana, Thai, circled numbers */
    CHAR_MARK = 6    /* belongs to the character before it */
};

extern const uint8_t char_ascii_class[128];

enum char_class char_class_other(uint32_t cp);

static inline enum char_class char_class_of(uint32_t cp)
{
    if (cp < 0x80)
        return (enum char_class)char_ascii_class[cp];
    if (cp >= 0xAC00 && cp <= 0xD7A3)
        return CHAR_HANGUL;
    return char_class_other(cp);
}

/** utf8_decode() with the common cases in line. */
static inline size_t char_decode(const char *ptr, size_t len, uint32_t *cp)
{
    const uint8_t c = (uint8_t)ptr[0];
    if (c < 0x80) {
        *cp = c;
        return 1;
    }
    /* EB..EC: all of U+B000..U+CFFF, most Hangul, needs no range check. */
    if ((c == 0xEB || c == 0xEC) && len >= 3 && ((uint8_t)ptr[1] & 0xC0) == 0x80 &&
        ((uint8_t)ptr[2] & 0xC0) == 0x80) {
        *cp = (uint32_t)(c & 0x0F) << 12 | (uint32_t)((uint8_t)ptr[1] & 0x3F) << 6 |
              ((uint8_t)ptr[2] & 0x3F);
        return 3;
    }
    return utf8_decode(ptr, len, cp);
}

static inline int char_is_word(enum char_class c)
{
    return c >= CHAR_DIGIT;
}

static inline int char_is_newline(uint32_t cp)
{
    return (cp >= '\n' && cp <= '\r') || cp == 0x85 || cp == 0x2028 || cp == 0x2029;
}

/** Lower case letter of ASCII. */
static inline int char_is_lower(uint32_t cp)
{
    return cp >= 'a' && cp <= 'z';
}

static inline int char_is_upper(uint32_t cp)
{
    return cp >= 'A' && cp <= 'Z';
}

/** Quotation marks of both kinds, opening or closing or either. */
int char_is_quote(uint32_t cp);
int char_is_opening(uint32_t cp); /* brackets and quotes that may open */
int char_is_closing(uint32_t cp); /* brackets and quotes that may close */

/** Code points of @p t that are not blank. */
size_t char_count(struct sillok_text t);

#endif
