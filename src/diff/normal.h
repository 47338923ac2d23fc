/*
 * Normal forms: when are two texts "the same" although their bytes differ?
 *
 *   F1 text     NFC (UAX #15); no blanks, nothing invisible; one form of quotation marks,
 *               middle dots, tildes, dashes, ellipses; full-width ASCII made narrow
 *   F2 letters  F1, lower case, only letters, digits, % and $
 *
 * They decide what is reported, never what is stored: identity is the content_hash of the
 * bytes. Nothing of them is kept but in the index of near duplicates, which carries
 * NORMAL_VERSION and is made anew for another one, so that the table may grow.
 *
 * Invariants: F1(F1(t)) == F1(t); any bytes are taken, invalid ones pass unchanged.
 * Cost: one pass; a call to utf8proc only around characters that may not be NFC.
 */
#ifndef DIFF_NORMAL_H
#define DIFF_NORMAL_H

#include "base/buf.h"

#define NORMAL_VERSION 4

/** Append F1 of @p t. SILLOK_ENOMEM, or 0. */
int normal_text(struct buf *out, struct sillok_text t);

/** Append F2 of @p t. */
int normal_letters(struct buf *out, struct sillok_text t);

/** 1 when F1 of both is equal; 0; SILLOK_ENOMEM. */
int normal_same_text(struct sillok_text a, struct sillok_text b);
/** The same of F2. */
int normal_same_letters(struct sillok_text a, struct sillok_text b);

#endif
