/*
 * Words that turn a sentence round: 유죄 became 무죄, rose became fell.
 *
 * A list of pairs as news has them, not a dictionary: what is on it is an opposite, of what
 * is not nothing is said. Left out are words that are opposites in one story of three only
 * (최고 and 최저 in the weather, opens and closes of a market, before and after).
 */
#ifndef DIFF_OPPOSITE_H
#define DIFF_OPPOSITE_H

#include "base/buf.h"

/** 1 when a word went and its opposite came. A Korean word may have something before and
 *  behind it (금리인상을), which has to be the same on both sides but for a particle (금리인하를);
 *  an English one stands by itself, in any case. Of texts of more than 64 bytes 0: in those
 *  both may stand for many reasons. */
int opposite_came(struct sillok_text before, struct sillok_text after);

#endif
