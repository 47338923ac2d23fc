/*
 * A folder that appears whole: made beside its place, then renamed into it.
 *
 * Invariants
 *  1. What stands at the place is what was there before, or all that is new.
 *  2. Only files that a report writes are ever removed; what else an old report's folder
 *     holds, and a folder that is no report, is kept under another name.
 */
#ifndef REPORT_FOLDER_H
#define REPORT_FOLDER_H

#include "sillok/base.h"

#define FOLDER_MARKER      ".sillok-report"
#define FOLDER_MARKER_TEXT "sillok report 1\n"

struct folder {
    char *place; /* absolute, without links */
    char *made;  /* where it is made */
    int exists;  /* something is at the place */
    int is_report;
};

/**
 * Look at @p dir and make the folder beside it.
 * @return SILLOK_OK;  SILLOK_EEXISTS it is there, holds something, is no report, and not
 *         @p force;  SILLOK_EINVALID @p keep, a path, is inside it;  SILLOK_EIO
 */
int folder_open(struct folder *f, const char *dir, int force, const char *keep);
/** Put it in its place. @p aside [out] as in struct sillok_report_counts. */
int folder_commit(struct folder *f, char **aside);
/** Release; what was not put in place is removed. */
void folder_close(struct folder *f);

#endif
