/*
 * What `backup`, `migrate` and `compact` do alike: a copy of a store, with progress, and
 * its figures.
 */
#ifndef CLI_COPYING_H
#define CLI_COPYING_H

#include "cli/cli.h"
#include "sillok/maintenance.h"

/** Run @p it to its end, with progress. @p r is what opening it gave.
 *  @return 0;  1 stopped by a signal;  negative error */
int copying_go(struct cli *cli, struct sillok_copy *it, int r);
/** Print @p sum as one JSON object, with @p path under the key @p what first. */
int copying_json(struct cli *cli, const char *what, const char *path,
                 const struct sillok_copy_sum *sum);
/** Run @p it to its end, print what it made, and close it. @p r is what opening it gave.
 *  @return an exit code */
int copying_run(struct cli *cli, struct sillok_copy *it, int r);

#endif
