/*
 * What the formats of a diff share: which rows are shown, and the words of a row.
 */
#ifndef DIFF_RENDER_H
#define DIFF_RENDER_H

#include "diff/styled.h"

#include "sillok/diff.h"

struct renderer {
    struct buf *out;
    const struct sillok_diff *diff;
    struct sillok_text old_text, new_text;
    const struct sillok_row *rows;
    size_t n_rows;
    const struct sillok_edit *edits;
    struct sillok_render_options options;
    struct buf line;             /* room to build a styled text in */
    size_t same_start, same_end; /* the stretch of unchanged rows asked about last */
};

/** Which sides of a row to build. */
enum { SIDE_OLD = 1, SIDE_NEW = 2 };

/** Append the words of a row, styled; changes of the other side are left out. */
int render_row(struct renderer *r, struct buf *out, const struct sillok_row *row,
               int sides);

/** Unchanged rows from @p row on that are not to be shown; 0 when @p row is. */
size_t render_hidden(struct renderer *r, size_t row);

/** "⋯ 3 sentences unchanged", styled as a note, without a newline. */
int render_note(struct buf *out, size_t hidden);

int render_json(struct renderer *r);

#endif
