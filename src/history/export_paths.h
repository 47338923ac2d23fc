/*
 * Where an exported file goes.
 */
#ifndef HISTORY_EXPORT_PATHS_H
#define HISTORY_EXPORT_PATHS_H

#include "base/buf.h"

#include "sillok/export.h"

/** Below the destination, @p out being emptied first. */
int export_path(struct buf *out, const struct sillok_export_file *f, int with_crawl);
/** Where a name goes that would leave the destination, or that no file can have there: below
 *  "_unsafe/", a hash of all of it, so that no two meet, and as much of its end as fits. */
int export_unsafe_path(struct buf *out, const struct sillok_export_file *f,
                       int with_crawl);

#endif
