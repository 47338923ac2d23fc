/*
 * Counts over all changes of a report: for the plots, and for the pages of each list.
 * Memory goes with the number of publishers, not of changes.
 */
#ifndef REPORT_TALLY_H
#define REPORT_TALLY_H

#include "report/record.h"

struct tally_publisher {
    char oid[SILLOK_KEY_MAX_BYTES + 1];
    char *name; /* in its newest change */
    uint64_t changes, articles;
    uint64_t headlines;
};

/* Time between publication and the first sight of the new text. */
enum { TALLY_AGES = 11, TALLY_TOP = 12, TALLY_BINS = 48 };
extern const char *const tally_age_names[TALLY_AGES];

struct tally_top {
    double significance;
    int64_t at; /* in the spool */
};

struct tally {
    uint64_t changes, articles;
    int64_t first_s, last_s;              /* new text first seen; where changes > 0 */
    uint64_t first_kinds[SILLOK_N_KINDS]; /* by the kind that fits first */
    uint64_t with_kinds[SILLOK_N_KINDS];  /* of that kind among others */
    uint64_t ages[TALLY_AGES];
    uint64_t days; /* of which no more than the day of publication is known */
    struct tally_publisher *publishers; /* in oid order */
    size_t n_publishers, cap_publishers;
    struct tally_top top[TALLY_TOP]; /* most significant first */
    size_t n_top;
    /* by time; filled by a second reading, when the span is known */
    int64_t bin_start_s, bin_step_s;
    uint64_t bins[TALLY_BINS];
    size_t n_bins;
};

void tally_release(struct tally *t);
/** Count a change; @p new_article when its article was not met before. */
int tally_add(struct tally *t, const struct record *r, int64_t at, int new_article);
/** Choose bins for the span: at most TALLY_BINS, whole hours or days of the zone. */
void tally_bins(struct tally *t, int zone_min);
void tally_bin(struct tally *t, const struct record *r);

#endif
