/*
 * Text with styles, before it is known whether marks, colours or tags show them.
 *
 * A styled text is safe text (utf8_add_safe) with style bytes in between. Safe text has
 * no control characters, so these bytes cannot be confused with it.
 *
 * Invariant: a style begins, ends with STYLE_END, and is not nested; STYLE_STRONG and
 * STYLE_WEAK come in pairs inside one.
 */
#ifndef DIFF_STYLED_H
#define DIFF_STYLED_H

#include "base/utf8.h"

enum style {
    STYLE_REMOVED = 1,
    STYLE_ADDED = 2,
    STYLE_MOVED_FROM = 3,
    STYLE_MOVED_TO = 4,
    STYLE_NOTE = 5,   /* not of the text: "3 sentences unchanged" */
    STYLE_STRONG = 6, /* the syllables that changed inside a word ... */
    STYLE_WEAK = 7,   /* ... end here */
    STYLE_END = 14
};

enum style_output { STYLE_MARKS, STYLE_COLOUR, STYLE_TAGS, STYLE_PLAIN };

/** Append @p t in a style (0: none). */
int styled_add(struct buf *out, struct sillok_text t, int style);

/** Append blanks that came or went, made visible where @p signs: ␣ and ⏎. */
int styled_add_blanks(struct buf *out, struct sillok_text t, int style, int signs);

/** Fold runs of white space into one blank, none at the ends. In place. */
void styled_fold(struct buf *b);

/** Append @p t with its styles shown; STYLE_TAGS escapes for HTML, STYLE_PLAIN drops
 * them. */
int styled_show(struct buf *out, struct sillok_text t, enum style_output how);

/** A line of a column: how much of @p t fits, broken at a blank if there is one near. */
struct styled_line {
    size_t len;  /* bytes to print */
    size_t next; /* bytes until the next line */
    size_t columns;
};
struct styled_line styled_next_line(struct sillok_text t, size_t columns);

/** The style and the strength in force after @p t, which began with those given. */
void styled_state(struct sillok_text t, int *style, int *strong);

#endif
