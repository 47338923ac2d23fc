/*
 * What the lists say of one change, and the file where it waits.
 *
 * Changes are compared once, while they are read from the store; the lists, which need
 * their totals first, read the records again from a file without a name.
 */
#ifndef REPORT_RECORD_H
#define REPORT_RECORD_H

#include "base/buf.h"
#include "sillok/history.h"

#include <stdio.h>

#define RECORD_NO_TIME INT64_MIN

struct record {
    struct sillok_text oid, aid, publisher, title, old_title; /* titles cut for a list */
    struct sillok_text why;
    uint32_t from, to; /* revisions */
    int64_t after_s, before_s, published_s;
    int published_day; /* of that no more than the day is known */
    uint64_t visits;
    uint32_t kind, kinds, fields, flags, reverted_to;
    uint64_t added_chars, removed_chars;
    double significance;
};

/** Fill @p out from a change; texts are borrowed from it. */
void record_of_change(struct record *out, const struct sillok_change *c,
                      int published_zone_min);

struct spool {
    FILE *file;
    struct buf bytes; /* of the record read last */
};

/** A file in the folder @p dir that has no name any more. */
int spool_open(struct spool *s, const char *dir);
void spool_close(struct spool *s);
int spool_put(struct spool *s, const struct record *r, int64_t *at);
int spool_rewind(struct spool *s);
/** 1 with @p out, borrowed until the next call; 0 end; negative error. */
int spool_next(struct spool *s, struct record *out);
/** The record that spool_put() gave @p at for. */
int spool_read(struct spool *s, int64_t at, struct record *out);

#endif
