/*
 * What people are quoted as having said.
 */
#ifndef DIFF_QUOTATION_H
#define DIFF_QUOTATION_H

#include "diff/change.h"

/** 1 when a change stands inside a quotation. */
int changes_in_quote(const struct changes *c);

/** 1 when the double marks of a quotation came or went around words that stayed: somebody is
 *  quoted now, or no longer. Not where single ones came in their place, or where one alone
 *  did. */
int changes_quoting(const struct changes *c);

#endif
