/*
 * What kinds of change the steps are that an ingest has left.
 *
 * The threads find out what kind of change an observation is before it is written, where
 * they can. The steps that are left (two new versions of an article in one batch, an
 * older crawl that comes later) are looked at when everything else is on disk.
 */
#ifndef INGEST_CLASSIFY_H
#define INGEST_CLASSIFY_H

#include "ingest/ahead.h"

/** Classify them on the threads, which have nothing else to do. All files are in, and
 *  stay so whatever happens here: a class that is not stored is computed when somebody
 *  asks. Ends early when the ingest is to stop. */
void classify_left(struct ahead *a);

#endif
