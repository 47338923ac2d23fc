/*
 * The same difference in many articles of one publisher in one crawl: then the crawler or
 * the site changed, not the articles.
 *
 * Changes are grouped by publisher and crawl. In a group of at least FOLD_MIN the places
 * where texts differ are counted; a place that at least FOLD_MIN and half of the group
 * share is a mark of extraction. A change that consists of such places is folded into one
 * event; a change that has others too is an edit and stays, flagged.
 *
 * Cost: groups too small to fold are not read at all; of the others the places of each
 * change are asked for once, and those stand in the store as a rule.
 */
#ifndef HISTORY_FOLD_H
#define HISTORY_FOLD_H

#include "base/buf.h"
#include "sillok/history.h"

enum { FOLD_MIN = 20 };

/** One change as fold sees it. */
struct fold_item {
    uint32_t crawl;         /* that saw the new revision first */
    struct sillok_text oid; /* borrowed while fold() runs */
    /* set by fold() */
    int marks;      /* has places that are marks of extraction */
    uint32_t event; /* 1 + index of the event it went into; 0 none */
};

struct fold_event {
    uint32_t crawl;
    size_t sample; /* item */
    size_t n;      /* items in it */
};

/** Append the places of item @p i (diff/places.h). */
typedef int fold_places_fn(void *ctx, size_t i, struct buf *places);

/**
 * @param events  [out] struct fold_event, appended
 * @return 0 or what @p load failed with
 */
int fold(struct fold_item *items, size_t n, fold_places_fn *load, void *ctx,
         struct buf *events);

#endif
