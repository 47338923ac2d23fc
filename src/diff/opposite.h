/*
 * Words that turn a sentence round: 유죄 became 무죄, rose became fell.
 *
 * A list of pairs as news has them, not a dictionary: what is on it is an opposite, of what
 * is not nothing is said.
 */
#ifndef DIFF_OPPOSITE_H
#define DIFF_OPPOSITE_H

#include "base/buf.h"

/** 1 when of a pair of opposites one went and the other came. Korean words are found inside
 *  longer ones (인상했다), English ones by themselves, in any case. Of texts of more than 64
 *  bytes 0: in those both may stand for many reasons. */
int opposite_came(struct sillok_text before, struct sillok_text after);

#endif
