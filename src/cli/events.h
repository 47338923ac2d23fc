/*
 * Not edits: the same difference in many articles of one publisher in one crawl, which
 * the crawler or the site made. `changes` lists them apart from the edits.
 */
#ifndef CLI_EVENTS_H
#define CLI_EVENTS_H

#include "cli/out.h"

struct events_view {
    struct cli *cli;
    enum out_format format;
    int patch; /* for people: what differs in the sample, word by word */
    int quiet; /* only count */
};

/** How many there were. */
struct events_count {
    uint64_t events, changes;
};

/** Print all events of @p it, which has told its changes. 0 or negative error. */
int events_put(const struct events_view *view, struct sillok_changes *it,
               struct events_count *count);

#endif
