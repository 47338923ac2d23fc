/*
 * `changes --stale`: below a change, the sentences that it took out and the articles that
 * still carry them.
 */
#ifndef CLI_STALELIST_H
#define CLI_STALELIST_H

#include "cli/out.h"
#include "sillok/near.h"

struct stalelist {
    struct cli *cli;
    struct out out;
    struct sillok_near *near;
    struct sillok_stale_options options;
    struct sillok_stale *it; /* of the change asked about last */
    struct sillok_stale_row row;
    uint64_t n_lost, n_stale; /* sentences that were taken out; that others carry */
    uint64_t n_rows, n_standing;
};

/** What of the verb's options counts here. */
struct stalelist_args {
    int all_time, no_update, standing;
};

/** Open the index and bring it up to date, with progress. */
int stalelist_open(struct stalelist *s, struct cli *cli, const struct stalelist_args *a);
/** Look for what a change took out. 1 when another article carries some of it, 0 if not.
 */
int stalelist_ask(struct stalelist *s, const struct sillok_change *change);
/** Print them all; after stalelist_ask() has said 1. */
int stalelist_put(struct stalelist *s, const struct sillok_change *change);
/** The head of an empty list for programs; what the index lacks and the sum on stderr. */
int stalelist_end(struct stalelist *s);
void stalelist_close(struct stalelist *s);

#endif
