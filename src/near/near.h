/*
 * The handle behind sillok/near.h, and what a version adds to the index.
 */
#ifndef NEAR_NEAR_H
#define NEAR_NEAR_H

#include "near/index.h"
#include "near/shingle.h"

#include "sillok/near.h"

struct sillok_near {
    struct sillok_store *store;
    struct index_place place;
    int no_update;
    int was_there; /* it was brought up to date through this handle */
    uint64_t behind;
};

/** What a version is made into; reusable. */
struct near_reader {
    struct store_version version;
    struct shingles shingles;
    struct buf scratch, anchors;
};
void near_reader_init(struct near_reader *r);
void near_reader_release(struct near_reader *r);

/** The numbers under which a version stands in the bands. */
struct near_keys {
    unsigned partition;
    int has_text;     /* BAND_TEXT counts */
    int has_headline; /* BAND_HEADLINE counts */
    int has_sketch;   /* the others count */
    uint64_t text, headline;
    struct sketch sketch;
};
/** Of the version with its body in @p reader; fills its shingles, in order. */
int near_keys_of(struct near_keys *out, struct near_reader *reader);

/** "2026-01-02 ..." to 12 * 2026 + 0; 0 where no month can be read. */
unsigned near_month_of(struct sillok_text published_at);
/** "2026-01-02 ...", in the same forms, to days since 1970, as written; NEAR_NO_DAY. */
int64_t near_day_of(struct sillok_text published_at);
#define NEAR_NO_DAY INT64_MIN
/** The latest year that an article is taken to be of. */
enum { NEAR_YEAR_MAX = 5000 };
/** The month of a time, in UTC; 0 after NEAR_YEAR_MAX. */
unsigned near_month_at(int64_t time_s);
/** The same to look from: after NEAR_YEAR_MAX a month in which there is nothing. */
unsigned near_month_since(int64_t time_s);

/** Open the index for asking, and see how far behind it is. index_close() it. */
int near_index_open(struct index *x, struct sillok_near *near);

/** After a question that failed: 1 when the index was damaged, or was brought up to date here
 *  and another process has taken it away since, and has been made anew, so that it may be
 *  asked again; else 0. */
int near_mend(struct sillok_near *near, int r);

#endif
