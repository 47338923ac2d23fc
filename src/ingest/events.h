/*
 * What an ingest tells its caller, on its way out.
 */
#ifndef INGEST_EVENTS_H
#define INGEST_EVENTS_H

#include "base/buf.h"
#include "sillok/ingest.h"

/** Events in their order, with copies of their texts. */
struct events {
    struct buf list; /* of events.c's own kind */
    struct buf texts;
    size_t next; /* to be taken */
};

void events_init(struct events *e);

/** One more at the end. @p code is a literal; @p crawl and @p counts may be NULL.
 *  @return 0;  SILLOK_ENOMEM */
int events_add(struct events *e, enum sillok_ingest_event_kind kind, const char *code,
               struct sillok_text name, const char *message, const char *crawl,
               const struct sillok_ingest_counts *counts);

/** The next one; its texts live until one is added, moved here or asked for again.
 *  @return 1;  0 there is none */
int events_take(struct events *e, struct sillok_ingest_event *out);

/** All of @p from, which is empty after it, behind those of @p to.
 *  @return 0;  SILLOK_ENOMEM */
int events_move(struct events *from, struct events *to);

void events_clear(struct events *e);
void events_release(struct events *e);

#endif
