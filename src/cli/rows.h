/*
 * Pieces of rows that several verbs print: kinds, fields, flags, times of a revision.
 */
#ifndef CLI_ROWS_H
#define CLI_ROWS_H

#include "cli/out.h"

/** The kind that fits first, then the others. */
struct words words_of_kinds(const struct sillok_change_class *what);
/** "title", ..., "body" */
struct words words_of_fields(uint32_t fields);
struct words words_of_flags(uint32_t flags);

/** "headline, number"; nothing for none. */
void add_words_list(struct buf *b, const struct words *words);

/** "OID/AID@N" */
void add_revision_name(struct buf *b, struct sillok_text oid, struct sillok_text aid,
                       uint32_t revision);

/** "2026-01-02 03:15:33Z", or "A .. B" where the two differ. */
void add_seen(struct buf *b, const struct cli *cli, int64_t first_s, int64_t last_s);

#endif
