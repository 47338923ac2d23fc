/*
 * The file under the guard: what src/store/guard_file.c and guard.c share.
 */
#ifndef STORE_GUARD_FILE_H
#define STORE_GUARD_FILE_H

#include "store/guard.h"

enum { GUARD_BITS = 64 }; /* pages that one number of guard.seen is about */

/** Open the file without its seal and find out how large its pages are. */
int guard_set_up(struct guard *g, const char *path, const char *const *names,
                 int read_only);
/** "PATH-seal", the caller's. */
char *guard_seal_path(const char *path);

/** How many pages the file has now. */
int guard_look_at_length(struct guard *g);

/** What LMDB asks of a header, where nothing has a sum. 0;  SILLOK_ECORRUPT */
int guard_header_has_shape(const struct guard *g, const struct btree_meta *meta);
/** SILLOK_ECORRUPT, with the sentence. */
int guard_damaged_header(const struct guard *g);
/** The sum of a header, as the head of the seal has it. */
uint64_t guard_meta_sum(const uint8_t *page);

void guard_wait_ms(long ms);

#endif
