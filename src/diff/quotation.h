/*
 * What people are quoted as having said.
 */
#ifndef DIFF_QUOTATION_H
#define DIFF_QUOTATION_H

#include "diff/change.h"

/** 1 when a change stands inside a quotation. */
int changes_in_quote(const struct changes *c);

#endif
