/*
 * Is that a row of ours, and of which table? For rows out of damaged pages, of which
 * nothing else is known. Most rows carry a checksum or a hash; what has neither must at
 * least have the form.
 */
#ifndef STORE_RECOGNIZE_H
#define STORE_RECOGNIZE_H

#include "store/rescue.h"

/** Could @p row be one of table @p table (enum table)? */
int recognize_fits(int table, const struct rescue_row *row);
/** The table that it fits, -1: none. */
int recognize_table(const struct rescue_row *row);

/* Where not even the end of a row is known: the length of the body, block of observations
 * or dictionary at the beginning of @p t, 0 when there is none. */
size_t recognize_body(struct sillok_text t);
size_t recognize_block(struct sillok_text t);
size_t recognize_dict(struct sillok_text t);

#endif
