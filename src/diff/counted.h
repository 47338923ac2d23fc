/*
 * Numbers that Korean has words of its own for: days (사흘), 석 and 넉 (석 달), and those that
 * only say how many places there are (수백 명, 십수 명, 두세 명).
 */
#ifndef DIFF_COUNTED_H
#define DIFF_COUNTED_H

#include "base/buf.h"

/** What @p w says, a word of Hangul before @p next, the word of Hangul behind it or nothing.
 *  @param value  [out] in halves: 두세 is five
 *  @param about  [out] how: 's' of 수백, 't' of 십수, 'n' of 두세, 0 exactly
 *  @return 1, or 0 when it is no such number */
int counted_in_words(struct sillok_text w, struct sillok_text next, uint64_t *value,
                     char *about);

#endif
