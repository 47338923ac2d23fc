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

/** Open the index and bring it up to date, with progress; sillok_near_close() also after
 * a failure. */
int nearlist_open(struct sillok_near **out, struct cli *cli, int no_update);
/** Say what the index lacks, once it was asked. */
void nearlist_warn(struct cli *cli, const struct sillok_near *near);

/** A cell with the publisher, cut to @p wide columns for a terminal; the columns used. */
size_t nearlist_publisher(struct buf *b, const struct cli *cli,
                          const struct sillok_article *a, size_t wide);
/** The title at the end of a line of which @p used columns are taken, cut to what is
 * left. */
void nearlist_title(struct buf *b, const struct cli *cli, const struct sillok_article *a,
                    size_t used);

/** What a verb asks of the index; @p ref is of the article that was named, or NULL. */
typedef int nearlist_fn(struct sillok_near_rows **out, struct sillok_near *near,
                        const struct sillok_ref *ref,
                        const struct sillok_near_options *options);

/** Run a verb: bring the index up to date, with progress, say what it lacks, ask it and
 * print the rows and their sum. @p name is of an article, or NULL; @p grouped: with a
 * heading per group. Returns the exit code. */
int nearlist_run(struct cli *cli, const struct nearlist_args *a, const char *name,
                 nearlist_fn *ask, int grouped);

#endif
