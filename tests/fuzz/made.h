/* A small store in memory, for targets that ask one. */
#ifndef TESTS_FUZZ_MADE_H
#define TESTS_FUZZ_MADE_H

#include "fuzz.h"

/** A new empty store in a folder of its own, which goes when the process ends. */
struct sillok_store *fuzz_store(void);
/** Take the lines of NDJSON in as @p crawl.
 *  @return as sillok_ingest_next() does; each article must be taken in */
int fuzz_ingest(struct sillok_store *store, const char *crawl, struct sillok_text lines);
/** Make @p path anew, with these bytes. */
void fuzz_write(const char *path, struct sillok_text bytes);

#endif
