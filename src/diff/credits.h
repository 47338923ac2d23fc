/*
 * Is a change nothing but boilerplate: a byline that came, reporters of one that are others, an
 * address, a call for tips?
 */
#ifndef DIFF_CREDITS_H
#define DIFF_CREDITS_H

#include "diff/change.h"

/** 1 when both sides are boilerplate, or nothing, where they stand in the texts; 0 if not; or
 *  SILLOK_ENOMEM. */
int credits_only(const struct change *c, struct sillok_text old_all,
                 struct sillok_text new_all);

/** 1 when one side of a change is boilerplate there, and the other is not nor nothing. */
int credits_on_side(const struct change *c, int in_new, struct sillok_text old_all,
                    struct sillok_text new_all);

/** 1 when a sentence that moved is no boilerplate: a byline may stand at either end. */
int credits_moved_prose(const struct sillok_diff *diff, struct sillok_text new_all);

#endif
