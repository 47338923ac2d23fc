/*
 * Everything that the library is asked for and makes, over a small store, as a table, for
 * tests that disturb it: unit/failing by calls that fail, unit/rows by rows that are not
 * what they should be. Each has its answer as a text that two runs can be compared by.
 */
#ifndef TESTS_SCENARIOS_H
#define TESTS_SCENARIOS_H

#include "support.h"

struct world {
    char *folder; /* what is below it may be changed by a run */
    char *store, *to;
    char *templates; /* stores as they were made, by name: "half" of the crawls, "full",
                        with "wrong" derived tables, with "damaged" pages, with a "torn"
                        page of a derived table, "logged" and signed as far
                        as Monday, of an "old" format */
    char *mon, *tue, *older, *tar; /* crawls */
};
void world_make(struct world *w);
void world_remove(struct world *w);

enum what {
    OPENS = 1 << 0,  /* the store is opened for it */
    WRITES = 1 << 1, /* into it, so each run begins with the template */
    MAKES = 1 << 2,  /* a store at world.to, wholly or not at all */
    SHOWS = 1 << 3,  /* files at world.to; what is there is a part of the answer */
    BRINGS = 1 << 4, /* what can be read; what cannot is as good as damaged */
    SILENT = 1 << 5  /* there may be nothing to say */
};

struct scenario {
    const char *name, *store; /* the template */
    /* 0 with the answer, or what the library said. */
    int (*run)(struct sillok_store *s, const struct world *w, struct buf *out);
    int what; /* enum what */
};
enum { N_SCENARIOS = 35 };
extern const struct scenario scenarios[N_SCENARIOS];

/** world.store as the template is, and nothing beside it. */
void scenario_begin(const struct world *w, const struct scenario *sc);
/** Open the store, run, close. @p out is cleared first. */
int scenario_run(const struct scenario *sc, const struct world *w, struct buf *out);
/** Append what there is now, for those that write, make or show. */
void scenario_state(const struct scenario *sc, const struct world *w, struct buf *out);
/** What is in @p path, sorted: names, or all that is below with the bytes of files. */
void scenario_list(struct buf *out, const char *path, int deep);

#endif
