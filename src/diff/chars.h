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

/** Full-width ASCII as what it is narrow, all else as it is. */
static inline uint32_t char_narrow(uint32_t cp)
{
    return cp >= 0xFF01 && cp <= 0xFF5E ? cp - 0xFEE0 : cp;
}

/** One form of what people do not tell apart when they type: narrow characters, one sort each
 *  of double and of single quotation marks, of middle dots, tildes and dashes. */
uint32_t char_alike(uint32_t cp);

static inline enum char_class char_class_of(uint32_t cp)
{
    if (cp < 0x80)
        return (enum char_class)char_ascii_class[cp];
    if (cp >= 0xAC00 && cp <= 0xD7A3)
        return CHAR_HANGUL;
    return char_class_other(cp);
}

int char_may_compose_other(uint32_t cp);

/** 1 when @p cp may compose with what is before it, or change places with another mark
 *  there (UAX #15): marks, and the vowels and finals of Hangul. It is asked for every
 *  character, so what news consist of is told without the table. */
static inline int char_may_compose(uint32_t cp)
{
    if (cp < 0x300 || (cp >= 0xAC00 && cp <= 0xD7A3))
        return 0;
    if (cp >= 0x3030 && cp <= 0x9FFF)
        return cp == 0x3099 || cp == 0x309A; /* (half) voiced kana */
    return char_may_compose_other(cp);
}

/** Four bytes as a number, the first in the upper bits. */
static inline uint32_t char_four_bytes(const char *ptr)
{
    const uint8_t *p = (const uint8_t *)ptr;
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/** 1 when @p four begin with a character of three bytes, one of @p from to @p to,
 * themselves in UTF-8, which is in the order of the code points. Not for U+0800..U+0FFF,
 * U+D800 and above. */
static inline int char_is_triple(uint32_t four, uint32_t from, uint32_t to)
{
    return (four & 0xC0C000) == 0x808000 && (four >> 8) - from <= to - from;
}

/** The character that @p four begin with, where it has three bytes. */
static inline uint32_t char_of_triple(uint32_t four)
{
    return (four >> 12 & 0xF000) | (four >> 10 & 0xFC0) | (four >> 8 & 0x3F);
}

/** utf8_decode() with the common cases in line. */
static inline size_t char_decode(const char *ptr, size_t len, uint32_t *cp)
{
    const uint8_t c = (uint8_t)ptr[0];
    if (c < 0x80) {
        *cp = c;
        return 1;
    }
    const uint32_t four = len >= 4 ? char_four_bytes(ptr) : 0;
    if (char_is_triple(four, 0xE18080, 0xED9FBF)) { /* U+1000..U+D7FF */
        *cp = char_of_triple(four);
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

static inline int char_is_digit(uint32_t cp)
{
    return cp >= '0' && cp <= '9';
}

/** Quotation marks of both kinds, opening or closing or either. */
int char_is_quote(uint32_t cp);
int char_is_opening(uint32_t cp); /* brackets and quotes that may open */
int char_is_closing(uint32_t cp); /* brackets and quotes that may close */

/** Code points of @p t that are not blank. */
size_t char_count(struct sillok_text t);
/** Likewise; at @p most it is enough. */
size_t char_count_to(struct sillok_text t, size_t most);
/** Letters and digits of @p t. */
size_t char_count_letters(struct sillok_text t);

#endif
