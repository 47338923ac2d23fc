/*
 * Pairs of versions that may be alike: those that stand under one number of a band.
 *
 * All versions in a scope are paired by walking the bands slice by slice, so memory is
 * that of one slice and of the pairs found. In a run of many equal numbers (a caption
 * carried hundreds of times) each version is paired with the WINDOW before it only: what
 * is alike hangs together all the same.
 */
#ifndef NEAR_PAIRS_H
#define NEAR_PAIRS_H

#include "near/texts.h"

enum { PAIRS_WINDOW = 64 };

struct near_scope {
    unsigned from, to; /* partitions; the undated one counts always */
    unsigned apart;    /* partitions of a pair, at most */
    int revisions;     /* versions that are not the newest too */
};

/** A pair as one number: the smaller version in the upper half. */
static inline uint64_t pair_of(uint32_t a, uint32_t b)
{
    return a < b ? (uint64_t)a << 32 | b : (uint64_t)b << 32 | a;
}

/** A run of versions with one number in a band, within the scope: live and, taken
 *  together, of more than one article. */
struct near_run {
    const uint32_t *versions;
    const uint16_t *partitions;
    size_t n;
};

/** Walks all runs of one band. */
struct near_runs {
    struct index *index;
    struct texts *texts;
    const struct near_scope *scope;
    int band;
    unsigned slice; /* the next */
    struct buf parts, values, entries, versions, at;
    size_t next; /* in entries */
};
int near_runs_init(struct near_runs *it, struct index *x, struct texts *texts,
                   const struct near_scope *scope);
void near_runs_band(struct near_runs *it, int band);
/** 1 a run, borrowed until the next call; 0 end of the band. */
int near_runs_next(struct near_runs *it, struct near_run *run);
void near_runs_release(struct near_runs *it);

/** Append the pairs (uint64_t, ascending, each once) of different articles that share a
 *  band and whose estimate is at least @p estimate. */
int near_pairs(struct near_runs *it, double estimate, struct buf *out);

#endif
