/*
 * A sentence with parts of it marked: in colour, or as {=part=} where there is none.
 */
#ifndef CLI_MARKED_H
#define CLI_MARKED_H

#include "cli/cli.h"
#include "sillok/diff.h"

/**
 * Append @p text, safe and on one line; on a terminal filled to its width with @p indent
 * blanks before each line but the first. Ends with a newline.
 *
 * @param marks  @p n ranges of bytes of the text, ascending, not overlapping
 * @param style  of the text without marks
 */
void marked_add(struct buf *out, const struct cli *cli, struct sillok_text text,
                const struct sillok_span *marks, size_t n, enum style style,
                size_t indent);

#endif
