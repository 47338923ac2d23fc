/*
 * Stamps of time: 입력 2026.01.02 10:11, 최종수정 3시간 전, 2026-01-02 10:11 송고.
 */
#ifndef DIFF_STAMP_H
#define DIFF_STAMP_H

#include "diff/boiler_scan.h"

/** Drops the stamp whose word is token @p i, up to the first word that is no part of one. */
void stamp_drop(const struct scan *s, size_t i);

/** 1 when a sentence is a whole date and nothing but what may be of a stamp: asked once, not for
 *  each word of a stamp in it. */
int stamp_begins_with_date(const struct scan *s);
/** Drops such a sentence, 2026-01-02 10:11 송고, when token @p i is the word of a stamp. */
void stamp_drop_all(const struct scan *s, size_t i);

#endif
