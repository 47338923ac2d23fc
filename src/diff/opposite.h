/*
 * Words that turn a sentence round: 유죄 became 무죄, rose became fell.
 *
 * Lists of pairs as news has them, not a dictionary: what is on them is an opposite, of what
 * is not nothing is said. Words that are opposites in one story of three only (최고 and 최저
 * in the weather, before and after, up and down) count where they are all that changed.
 */
#ifndef DIFF_OPPOSITE_H
#define DIFF_OPPOSITE_H

#include "base/buf.h"

/** 1 when a word went and its opposite came. A Korean word may have something before and
 *  behind it (금리인상을), which has to be the same on both sides but for a particle (금리인하를);
 *  an English one stands by itself, in any case. Neither may stand on the other side as well:
 *  남성과 여성 -> 여성과 남성 turns nothing. Of texts of more than 64 bytes 0: in those both may
 *  stand for many reasons. */
int opposite_came(struct sillok_text before, struct sillok_text after);

#endif
