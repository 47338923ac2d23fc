/*
 * A row of cells as a JSON object (RFC 8259), written straight into a buffer.
 *
 * A list has the same object thousands of times: building it in memory first and printing
 * that took longer than finding out what stands in it. What comes out is byte for byte
 * what json_of_cells() and libjansson give.
 */
#ifndef CLI_JSONROW_H
#define CLI_JSONROW_H

#include "cli/out.h"

/** Append the object, without a new line. Columns of one inner object ("from.a",
 *  "from.b") stand next to each other. b->failed tells of want of memory. */
void jsonrow_add(struct buf *b, const struct column *columns, const struct cell *cells,
                 size_t n);

#endif
