/*
 * UTF-8 as it comes: decoding that survives anything, display columns, and text made safe
 * for a terminal. Widths and categories are utf8proc's; there is no table of our own.
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include "base/buf.h"

#define UTF8_REPLACEMENT 0xFFFD

/**
 * Decode one code point. Never reads past @p len; @p len must be at least 1.
 * @param cp  [out] the code point, UTF8_REPLACEMENT for a byte that starts nothing valid
 *            (overlong forms, surrogates, values past U+10FFFF and cut sequences too)
 * @return bytes used: 1 to 4; 1 for an invalid byte
 */
size_t utf8_decode(const char *ptr, size_t len, uint32_t *cp);

/** 1 when the byte goes on with a character that began before it. */
static inline int utf8_is_tail(char c)
{
    return ((uint8_t)c & 0xC0) == 0x80;
}

/** The longest start of @p t of at most @p most bytes that ends between two characters. */
static inline struct sillok_text utf8_cut(struct sillok_text t, size_t most)
{
    if (t.len <= most)
        return t;
    while (most > 0 && utf8_is_tail(t.ptr[most]))
        most--;
    return text_make(t.ptr, most);
}

/** Where the character begins that ends at byte @p at; 0 at the start. */
static inline size_t utf8_before(struct sillok_text t, size_t at)
{
    while (at > 0 && utf8_is_tail(t.ptr[--at]))
        ;
    return at;
}

/** How many bytes both begin with, whole characters of each. */
size_t utf8_common_start(struct sillok_text a, struct sillok_text b);

/** Encode into out[4]; returns 1 to 4. */
size_t utf8_encode(uint32_t cp, char out[4]);

/** 1 when all of it is well-formed (RFC 3629). */
int utf8_valid(struct sillok_text t);

/** Display columns of one code point: 0, 1 or 2 (Hangul, Hanja, most emoji: 2). */
int utf8_columns(uint32_t cp);

/** 1 when @p cp is written with the character before it and is none by itself: marks and
 *  vowel signs, vowels and finals of jamo, the joiner. */
int utf8_is_mark(uint32_t cp);
/** 1 when @p cp goes on with what @p before is of, as one letter for who reads it: a mark, the
 *  next part of an emoji or a flag (UAX #29, extended grapheme clusters; marks that stand
 *  first in a text too). 0: a letter of its own, as all below U+0300 are.
 * @param before  the code point in front of it, 0 at the start
 * @param state   0 at the start; asked for each code point in turn */
int utf8_joins(uint32_t before, uint32_t cp, int32_t *state);
/** 1 when byte @p at stands within a letter of @p t, as utf8_joins() has them: there nothing
 *  can be cut. 0 at the end and behind it. Of a letter the last 256 bytes are looked at. */
int utf8_is_inside(struct sillok_text t, size_t at);

/** What stands for @p cp in HTML, attributes too; NULL where the character itself does.
 */
const char *utf8_entity(uint32_t cp);

/** Display columns of a text as utf8_add_safe() would print it. */
size_t utf8_text_columns(struct sillok_text t);

/** 1 for what must not reach a terminal live: C0, DEL, C1, bidirectional controls
 *  (U+202A-E, U+2066-9, U+200E/F, U+061C), zero-width U+200B and U+FEFF. Newline and tab
 *  count too. ZWJ and variation selectors are not live: emoji and scripts need them. */
int utf8_is_live(uint32_t cp);

enum utf8_safe {
    UTF8_KEEP_NEWLINES = 1 << 0, /* newlines and tabs pass */
    UTF8_FOLD_SPACE = 1 << 1 /* runs of white space become one blank, none at the ends */
};
/** Append @p t for a terminal: live ones as \x1b or <U+202E>, invalid bytes as U+FFFD. */
int utf8_add_safe(struct buf *out, struct sillok_text t, int flags);

/** As utf8_add_safe() with UTF8_FOLD_SPACE, cut to @p columns with a closing "…" where it
 *  does not fit, and padded with blanks to exactly @p columns if @p pad. */
int utf8_add_fit(struct buf *out, struct sillok_text t, size_t columns, int pad);

/** Append @p t with invalid bytes replaced by U+FFFD, nothing else touched. */
int utf8_add_valid(struct buf *out, struct sillok_text t);

#endif
