/*
 * Help and the man page, printed from the verb table.
 */
#ifndef CLI_MANUAL_H
#define CLI_MANUAL_H

#include "base/buf.h"
#include "cli/verb.h"

/** All verbs, a line each. */
void manual_overview(struct buf *out);
/** One verb: usage, text, options, examples; under 80 columns. */
void manual_verb(struct buf *out, const struct verb *verb);
/** The man page as scdoc source. */
void manual_page(struct buf *out);

#endif
