/*
 * Two revisions to compare, of one article or of two, and what differs between them.
 */
#ifndef CLI_PAIR_H
#define CLI_PAIR_H

#include "cli/cli.h"

struct pair {
    struct sillok_snapshot *before, *after;
    struct sillok_diff *bodies; /* from here on: once compared */
    struct sillok_change_class what;
    int differs; /* if not, there is no kind of change */
};
#define PAIR_INIT                                                                        \
    {                                                                                    \
        .before = NULL                                                                   \
    }
void pair_release(struct pair *p);
static inline void pair_release_cleanup(struct pair *p)
{
    pair_release(p);
}

/** OID/AID: the last change. OID/AID@R: the change that led to R. OID/AID@R1..R2: these two.
 *  @p p is PAIR_INIT; to be released also where this fails.
 *  @return 0;  SILLOK_EINVALID it is no name;  SILLOK_ENOTFOUND;  as sillok_snapshot_open() */
int pair_open(struct pair *p, struct cli *cli, struct sillok_store *store,
              const char *name);
/** Two revisions of an article, as they are written behind '@'; @p after NULL: the newest. */
int pair_open_revisions(struct pair *p, struct cli *cli, struct sillok_store *store,
                        const struct sillok_ref *article, const char *before,
                        const char *after);

/** Find out what differs. The bodies are compared once, for what kind of change it is and
 *  for the eye. */
int pair_compare(struct pair *p);

/** Append what `diff --json` prints of a compared pair, one line. */
int pair_json(struct buf *out, struct cli *cli, const struct pair *p);

#endif
