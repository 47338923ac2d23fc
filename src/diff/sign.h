/*
 * Signs of numbers: a rise that became a fall differs in nothing else.
 *
 * Before a number: - △ ▽ ▼ (they say one thing), ▲, +, ±, ~, and < > ≤ ≥; behind it: ▲ ▼ (behind
 * its unit or another word, too), △ ▽ and units of one character (㎡, ㎢, ℃, ℉); anywhere: ↑ ↓; behind
 * a word, one for the other: + and - (behind a capital, as of grades, + where it came or went,
 * too). Of the first the coming and going counts too; of the others, which begin titles and
 * lists, only that another one stands there. And stars of a rating: how many of them are full.
 */
#ifndef DIFF_SIGN_H
#define DIFF_SIGN_H

#include "base/buf.h"

/** 1 when a number beside a change has another sign, or a rating other stars. The texts of the
 *  change stand in all of the texts, which are borrowed. */
int signs_differ(struct sillok_text before, struct sillok_text all_before,
                 struct sillok_text after, struct sillok_text all_after);

/** 1 when nothing differs but how characters are written: １５ and 15, 3·1 and 3.1. */
int same_but_form(struct sillok_text a, struct sillok_text b);

#endif
