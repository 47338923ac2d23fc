/*
 * Laying out text in display columns.
 */
#ifndef CLI_TEXT_H
#define CLI_TEXT_H

#include "base/buf.h"

/**
 * Fill @p text into lines of at most @p columns, each with @p indent blanks before it.
 *
 * Lines of the text stay paragraphs. A line breaks at the last blank that fits; a word
 * wider than half the line breaks where it must: Korean may break between any two
 * syllables, but reads better at blanks. Control characters come out safe.
 */
void text_wrap(struct buf *out, struct sillok_text text, size_t columns, size_t indent);

/**
 * Break a line that is too long for @p columns; what goes on has @p indent blanks before it.
 *
 * Nothing of it is changed but a blank in whose place it breaks: a difference may be in
 * blanks. It may hold colours, which begin anew behind each break, and has its own @p indent
 * columns before it already.
 * @param line  safe for a terminal, without its end
 */
void text_break(struct buf *out, struct sillok_text line, size_t columns, size_t indent);

/** @p n blanks. */
void text_blanks(struct buf *out, size_t n);

#endif
