/*
 * Stamps of time: 입력 2026.01.02 10:11, 최종수정 3시간 전, 2026-01-02 10:11 송고.
 */
#ifndef DIFF_STAMP_H
#define DIFF_STAMP_H

#include "diff/boiler_scan.h"

/** Drops the stamp whose word is token @p i, up to the first word that is no part of one. */
void stamp_drop(const struct scan *s, size_t i);

/** Drops the sentence that is a date, the word at token @p i, and nothing else. */
void stamp_drop_behind(const struct scan *s, size_t i);

#endif
