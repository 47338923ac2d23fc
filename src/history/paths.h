/*
 * Paths of crawl files, and the articles that they belong to.
 */
#ifndef HISTORY_PATHS_H
#define HISTORY_PATHS_H

#include "store/store.h"

/** The article whose own name, OID_AID and no more of a name behind it, the last part of
 * @p path is: 1, or 0 of none. No other article has it. */
int path_owner(struct article_key *out, struct sillok_text path);

/** 1 when the file of observation @p o has the path @p want. */
int path_is_of(struct sillok_store *store, const struct chain_obs *o,
               struct sillok_text want);

#endif
