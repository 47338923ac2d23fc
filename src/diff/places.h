/*
 * The places where two articles differ, as numbers: the same difference in two articles
 * gives the same number. So what a crawler or a site did to many articles at once can be
 * told without their texts (history/fold.h).
 *
 * A place is a field, or a change of the body (diff/change.h), with what stood there and
 * what stands there now; white space around it is of no account. The numbers are kept in
 * stores (format.md 3): another way to make them needs a new SILLOK_RULES_VERSION.
 */
#ifndef DIFF_PLACES_H
#define DIFF_PLACES_H

#include "base/buf.h"
#include "sillok/diff.h"

/** Bytes that a number needs. */
enum { PLACE_BYTES = 5 };

/**
 * What a change is (sillok_change_classify()), and its places: appended as uint64_t, each
 * once, in ascending order.
 */
int places_classify(struct sillok_change_class *what, struct buf *places,
                    const struct sillok_article *before,
                    const struct sillok_article *after);

#endif
