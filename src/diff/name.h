/*
 * Was a person's name replaced? A guess, by what stands behind it.
 */
#ifndef DIFF_NAME_H
#define DIFF_NAME_H

#include "diff/change.h"

/** 1 when it looks as if a name was replaced: before a role (의원, 대표) or an office (하늘시장,
 *  나무당 대표), or capitalised; or somebody is named now, or no longer (A씨, 김모씨, 김하늘씨). */
int changes_name(const struct changes *c);

/** 1 when one word is another for its office, however near those are: 장관은 and 차관은, 검찰이
 *  and 경찰이. */
int name_other_office(struct sillok_text a, struct sillok_text b);

/** 1 when a word is a surname, one of those that nine of ten have, and two syllables: 김하늘. */
int name_is_full(struct sillok_text word);

#endif
