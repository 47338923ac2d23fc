/*
 * The comparison under way: what diff.c and gap.c share. Not for anyone else.
 *
 * Order of work: diff.c splits both texts, aligns equal sentences, finds moves, and walks
 * through the result; each stretch without a common sentence (a gap) is gap.c's.
 */
#ifndef DIFF_WORK_H
#define DIFF_WORK_H

#include "diff/hunk.h"
#include "diff/lcs.h"
#include "diff/sentence.h"

#include "sillok/diff.h"

enum { EDITS_MAX = 1000 * 1000 }; /* 40 MB; rows past it get no details */

struct sillok_diff {
    struct sillok_row *rows;
    size_t n_rows, cap_rows;
    struct sillok_edit *edits;
    size_t n_edits, cap_edits;
    struct sillok_diff_figures figures;
};

/** One text and its sentences. */
struct side {
    struct sillok_text text;
    struct sentences sentences;
    uint32_t *ids;    /* per sentence: equal ids, equal text but for blanks */
    uint8_t *changed; /* per sentence: has no partner */
    uint32_t *moved;  /* per sentence: 1 + the sentence it is on the other side; 0 */
    size_t row_end;   /* bytes that rows cover so far */
};

struct work {
    struct side a, b;
    struct sillok_diff *out;
    struct lcs lcs;
    struct words words;
    struct tokens ta, tb;
    struct hunks hunks;
    int spacing_only; /* both texts are equal but for blanks: show every difference in them */
    int coarse;
};

/** Sentences [a0, a1) and [b0, b1) that have no equal partners. */
struct gap {
    size_t a0, a1, b0, b1;
};

/** Add the rows of one gap. */
int gap_compare(struct work *w, struct gap g);

/** Add a row that reaches to the ends of sentences a1 - 1 and b1 - 1. */
int row_add(struct work *w, enum sillok_row_op op, size_t a1, size_t b1);
/** Add an edit to the last row, from where its last edit ended to these bytes. Empty ones
 *  are left out, and like ones are made one. */
int edit_add(struct work *w, enum sillok_edit_op op, size_t old_end, size_t new_end);
/** Add the edits of two spans in the last row that are equal but for blanks, the last one
 *  before them reaching to where they begin. What is the same behind them is left to add. */
int spacing_add(struct work *w, struct sillok_span old_span, struct sillok_span new_span);
/** 1 when there are so many edits that rows must do without details. */
int edits_full(struct work *w);

#endif
