/*
 * What a crawler does to a text as a whole, and hardly ever an editor: it loses it, takes it
 * for another encoding, or escapes it once more.
 */
#ifndef DIFF_FAULT_H
#define DIFF_FAULT_H

#include "base/buf.h"

/** 1 when nothing is left, or less than a tenth of the characters of a text that had 100. */
int fault_emptied(struct sillok_text before, struct sillok_text after);

/** 1 when the script that @p before was written in, any but Latin, is gone from @p after, and what
 *  stands there nobody can read: U+FFFD, question marks, or bytes of UTF-8 and EUC-KR that were
 *  taken for Latin-1. Or when UTF-8 was taken for CP949: Hangul and Hanja still, but more Hanja
 *  than anybody writes, and none of the words of before. */
int fault_garbled(struct sillok_text before, struct sillok_text after);

/** 1 when one of both is the other with its entities undone once, and they differ; 0 when not;
 *  SILLOK_ENOMEM. */
int fault_escaped_apart(struct sillok_text a, struct sillok_text b);

#endif
