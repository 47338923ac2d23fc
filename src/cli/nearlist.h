/*
 * What dups, similar and clusters share: bringing the index up to date, and printing
 * rows.
 */
#ifndef CLI_NEARLIST_H
#define CLI_NEARLIST_H

#include "cli/cli.h"
#include "sillok/near.h"

/** Options of the three; each verb offers some of them. */
struct nearlist_args {
    const char *min, *oid, *since;
    int across, revisions, all_time, no_follow_ups, no_update, same;
    uint64_t limit;
};

/** "0.7" and the like into the library's options. 0, or an error with its message. */
int nearlist_options(struct cli *cli, const struct nearlist_args *a,
                     struct sillok_near_options *out);

/** Open the index and bring it up to date, with progress; say what it lacks. */
int nearlist_open(struct sillok_near **out, struct cli *cli,
                  const struct nearlist_args *a);

/** Print all rows and the sum, and close them. @p grouped: with a heading per group. */
int nearlist_print(struct cli *cli, struct sillok_near_rows *rows, int grouped);

#endif
