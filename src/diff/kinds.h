/*
 * The class of a change, and with it where it is.
 */
#ifndef DIFF_KINDS_H
#define DIFF_KINDS_H

#include "diff/places.h"

/** sillok_change_classify() without a diff at hand, and the sketch of the places that
 *  differ. */
int change_classify(struct sillok_change_class *out, struct place_sketch *sketch,
                    const struct sillok_article *before,
                    const struct sillok_article *after);

#endif
