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

int render_json(struct renderer *r);

#endif
