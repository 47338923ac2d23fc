/*
 * Notices that an article was wrong: "바로잡습니다", "Correction:".
 *
 * Phrases as newspapers have them, in or right beside the changed places, more often than
 * before. What others may say of their laws and plans ("수정했습니다", "to correct") counts in
 * a sentence that names the article ("이 기사는", "This article was"); what news tell of
 * corrections ("정정보도문을 실으라고") is told from them by what stands behind.
 */
#ifndef DIFF_NOTICE_H
#define DIFF_NOTICE_H

#include "diff/change.h"

/** 1 when the new text has a notice that the old one has not. */
int notice_came(const struct changes *c);

/** 1 when the mark of a title says that something was wrong: [정정], (CORRECTED). */
int notice_in_mark(struct sillok_text mark);

#endif
