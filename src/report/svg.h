/*
 * Plots as SVG inside a page.
 *
 * Widths are in percent and heights in pixels, without a viewBox: a plot takes any width
 * and its letters keep their size. Colours come from the style sheet by class, so one
 * plot serves the light and the dark scheme. Each has a <title>; the page puts a table of
 * the same figures beside it.
 */
#ifndef REPORT_SVG_H
#define REPORT_SVG_H

#include "base/buf.h"

struct svg_bar {
    struct sillok_text label;
    uint64_t value;
};

/** Names of what is counted: ids in the page, and the sentence that the plot says. */
struct svg_head {
    const char *id;    /* a literal, unique in its page */
    const char *title; /* what is counted, without the figures */
};

/** Bars that lie, one below the other, each with its label and figure. */
void svg_bars(struct buf *b, const struct svg_head *head, const struct svg_bar *bars,
              size_t n);

/** Bars that stand, in their order: time. About five of the labels are shown,
 *  four of long ones, so that they have room on a phone. */
void svg_columns(struct buf *b, const struct svg_head *head, const struct svg_bar *bars,
                 size_t n);

#endif
