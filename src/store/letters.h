/*
 * Text of any script in fewer bytes, before it is compressed.
 *
 * UTF-8 spends three bytes on each Hangul syllable. An alphabet, made from a sample of the
 * texts to come, gives the most frequent letters beyond ASCII one byte each and some
 * thousand more two, so that a compressor meets half of the bytes, and finds in them what
 * it did not find in parts of letters. Any bytes at all come back as they were.
 *
 *   coded        stands for
 *   00..7f       the byte itself
 *   80..L-1      letter number c - 80
 *   L..fd, b     letter number L - 80 + ff (c - L) + b - 1; b is not 0
 *   fe, 3 bytes  these: a letter that is in no alphabet
 *   ff, 1 byte   it: of any other letter, or of what is no UTF-8
 *
 * L follows from the number of letters: it is as high as it can be for all to have a place.
 * A letter is a code point of two or three bytes, U+0080 to U+FFFF.
 *
 * An alphabet as bytes: n varint, then the n code points, two bytes each, big-endian, the
 * most frequent first.
 */
#ifndef STORE_LETTERS_H
#define STORE_LETTERS_H

#include "base/buf.h"

/** An alphabet for reading; immutable, any number of threads. */
struct letters;
/** The table that writing looks things up in, 130 kB; immutable likewise. */
struct letters_table;

/** Append, as bytes, the alphabet of a sample; one without letters where it has none. */
int letters_make(struct buf *out, struct sillok_text sample);

/** Read an alphabet from where @p c stands. SILLOK_ECORRUPT: it is none. */
int letters_read(struct letters **out, struct cursor *c);
/** Go behind one without looking at it; the cursor is bad afterwards where there is none. */
void letters_skip(struct cursor *c);
void letters_free(struct letters *l);
DEFINE_CLEANUP(struct letters *, letters_free)

int letters_table_new(struct letters_table **out, const struct letters *l);
void letters_table_free(struct letters_table *t);
DEFINE_CLEANUP(struct letters_table *, letters_table_free)

/** A text of so many bytes takes at most so many coded. */
static inline size_t letters_bound(size_t raw_len)
{
    return 2 * raw_len;
}

/** Append @p raw coded. */
int letters_encode(const struct letters_table *t, struct buf *out,
                   struct sillok_text raw);

/** Append the @p raw_len bytes that @p coded stands for. SILLOK_ECORRUPT: it stands for
 *  others. */
int letters_decode(const struct letters *l, struct buf *out, struct sillok_text coded,
                   size_t raw_len);

#endif
