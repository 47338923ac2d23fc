/*
 * Comparing, for what else reads the places that differ.
 */
#ifndef DIFF_DIFF_H
#define DIFF_DIFF_H

#include "diff/change.h"

/** sillok_diff_new() of texts in NFC (diff/compose.h), which is not looked after again. */
int diff_of_composed(struct sillok_diff **out, struct sillok_text old_text,
                     struct sillok_text new_text);
/** Can @p diff be of these texts? SILLOK_EINVALID where it cannot: its spans would lead out
 *  of them. */
int diff_fits(const struct sillok_diff *diff, struct sillok_text old_text,
              struct sillok_text new_text);
/** The changes between two texts; nothing of the diff is needed behind that. */
int changes_between(struct changes *out, struct sillok_text old_text,
                    struct sillok_text new_text);

#endif
