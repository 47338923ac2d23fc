/*
 * What long work says of itself on stderr.
 *
 * On a terminal one line, redrawn at most ten times a second and cleared before anything
 * else is printed; elsewhere a line every five seconds; with --quiet nothing.
 */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include "cli/cli.h"

struct progress {
    struct cli *cli;
    double started, last; /* monotonic seconds */
    int drawn;            /* a line stands on the terminal */
};

void progress_init(struct progress *p, struct cli *cli);

/** Figures to show; what is 0 is left out, but for n. */
struct progress_figures {
    const char *label; /* "crawl-0"; may be NULL */
    const char *unit;  /* "files" */
    uint64_t n, total; /* total 0: not known, so no time left */
    uint64_t bytes;
    uint64_t new_articles, changed;
    int has_articles; /* show new and changed */
};
void progress_show(struct progress *p, const struct progress_figures *figures);

/** Take the line off the terminal, before something else is printed and at the end. */
void progress_clear(struct progress *p);

/** Seconds since progress_init(). */
double progress_seconds(const struct progress *p);

#endif
