/*
 * Bare headlines: what is left of a headline without [속보], (종합), (2보), [단독] ...
 *
 * A report and what follows it up often share nothing but that: a 종합 is written anew.
 */
#ifndef NEAR_HEADLINE_H
#define NEAR_HEADLINE_H

#include "base/buf.h"

/** Shorter ones ("인사", "오늘의 날씨") are names of columns and link nothing. */
enum { HEADLINE_LETTERS_MIN = 8 };

/** @p title without short bracketed marks at either end; borrowed from it. */
struct sillok_text headline_without_marks(struct sillok_text title);

/** Append the letters (F2, diff/normal.h) of the bare headline; nothing where there are
 *  fewer than HEADLINE_LETTERS_MIN. */
int headline_letters(struct buf *out, struct sillok_text title);

/** XXH3-64 of publisher and bare headline, 0 for none. @p scratch is cleared. */
int headline_hash(uint64_t *out, struct buf *scratch, struct sillok_text oid,
                  struct sillok_text title);

#endif
