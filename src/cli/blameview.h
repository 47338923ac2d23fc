/*
 * `log --blame`: the sentences of an article with when they came and went.
 */
#ifndef CLI_BLAMEVIEW_H
#define CLI_BLAMEVIEW_H

#include "cli/cli.h"

/** Print all sentences of the article as lines, JSON or CSV. 0 or negative error. */
int blameview_put(struct cli *cli, const char *oid, const char *aid);

/** "between A and B", in the zone of the run. */
void blameview_add_window(struct buf *b, const struct cli *cli, int64_t after_s,
                          int64_t before_s);

#endif
