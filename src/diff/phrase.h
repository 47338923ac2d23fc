/*
 * Phrases that are looked for in a changed place and right beside it.
 */
#ifndef DIFF_PHRASE_H
#define DIFF_PHRASE_H

#include "diff/change.h"

/** Blanks of any kind that @p t begins with, in bytes; the end of a line is none. */
size_t phrase_blanks(struct sillok_text t);
/** Bytes that @p phrase takes at the start of @p t, 0 where it does not stand there. A blank
 *  of it may be any blanks, for a newspaper's editor writes no-break ones. */
size_t phrase_at(struct sillok_text t, struct sillok_text phrase);
/** Where @p phrase, which begins with a word, stands next in @p t from byte @p from on; t.len:
 *  nowhere. What is rare is the word: the rest is compared where that stands.
 *  @param len  [out] what it takes there */
size_t phrase_next(struct sillok_text t, size_t from, struct sillok_text phrase,
                   size_t *len);

enum { PHRASE_MIN_BYTES = 6 };
/** How often each of @p n @p phrases stands in or right beside the changes, on one side; such as
 *  overlap are counted each. Each has at least PHRASE_MIN_BYTES, and among these first ones a
 *  blank is only itself.
 *  @param counts  [out] @p n of them */
void phrases_count(const struct changes *c, int in_new, const struct sillok_text *phrases,
                   size_t n, unsigned *counts);

#endif
