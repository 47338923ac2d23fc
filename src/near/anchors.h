/*
 * Anchors: places that every text has which holds a certain sentence.
 *
 * An anchor is a full stop, a question or an exclamation mark with the ANCHOR_CHARS - 1
 * characters before it, of F1 (diff/normal.h) in lower case, known by the XXH3-64 of
 * their bytes. It depends on nothing else around it: where a text holds a sentence
 * whole, it has all the anchors of the sentence, whatever stands before and after, and
 * however sentences are told apart there.
 *
 * The anchors of a text are kept as a Bloom filter (Bloom 1970) of ANCHOR_BITS bits
 * each, in which ANCHOR_PROBES bits stand for one: 1 of 280 anchors that a text does not
 * have seems to be there, (1 - e^(-6/12))^6.
 */
#ifndef NEAR_ANCHORS_H
#define NEAR_ANCHORS_H

#include "base/buf.h"

enum { ANCHOR_CHARS = 12, ANCHOR_BITS = 12, ANCHOR_PROBES = 6 };

/** Append the anchors (uint64_t) of @p lower, F1 in lower case. */
int anchors_find(struct buf *out, struct sillok_text lower);

/** Append the filter of @p n anchors: nothing for none. */
int anchors_pack(struct buf *out, const uint64_t *anchors, size_t n);

/** 0 when a text with the filter @p packed lacks one of the anchors; 1: it may have
 *  all. */
int anchors_may_be_in(struct sillok_text packed, const uint64_t *anchors, size_t n);

#endif
