/*
 * A static site of what changed: lists, timelines, side-by-side diffs, plots.
 *
 * Plain files with relative links, one style sheet, no script and nothing from outside;
 * docs/report.md names the pages. The same store and options give the same bytes.
 */
#ifndef SILLOK_REPORT_H
#define SILLOK_REPORT_H

#include "sillok/history.h"
#include "sillok/store.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sillok_report_options {
    struct sillok_changes_options changes; /* which; always told newest first */
    const char *title;                     /* UTF-8; NULL: "What changed" */
    int zone_min;           /* minutes east of UTC of the times that are shown */
    int published_zone_min; /* of published_at, where that names no zone */
    int64_t made_s;         /* shown as the time of making; 0: none is shown */
    int force;              /* replace what is no report; it is kept aside */
};
/* Times in UTC, published_at in Korean time. */
#define SILLOK_REPORT_OPTIONS_INIT                                                       \
    {                                                                                    \
        SILLOK_CHANGES_OPTIONS_INIT, NULL, 0, 540, 0, 0                                  \
    }

struct sillok_report_counts {
    uint64_t changes, hidden; /* listed, and left out as in sillok_changes_hidden() */
    uint64_t unconfirmed;     /* emptied, and left out until a second crawl says so */
    uint64_t folded;          /* no edits, and told as events */
    uint64_t articles;        /* with a page */
    uint64_t pages, bytes;    /* HTML pages; of all files */
    char *aside; /* where things went that stood in @c dir and were no part of a report;
                    NULL: nothing did. The caller's, sillok_free() */
};

/**
 * Write a report into the folder @p dir.
 *
 * It is made in a folder beside @p dir and renamed, so @p dir is the old report or the
 * new one, never a half. Replaced are: nothing, an empty folder, an earlier report. The
 * folder above @p dir must exist. All pages are of one moment of the store, sillok_store_hold().
 *
 * @param options  NULL: the defaults
 * @param out      [out] also set when it fails, then all zero
 * @return SILLOK_OK;  SILLOK_EEXISTS @p dir is there and no report, and not @c force;
 *         SILLOK_ENOTFOUND no such crawl;  SILLOK_EINVALID the store is inside @p dir;
 *         SILLOK_EIO
 */
SILLOK_API SILLOK_CHECK int
sillok_report_write(struct sillok_store *store, const char *dir,
                    const struct sillok_report_options *options,
                    struct sillok_report_counts *out);

#ifdef __cplusplus
}
#endif
#endif
