/*
 * The same difference in many articles of one publisher in one crawl: then the crawler or
 * the site changed, not the articles.
 *
 * Changes are grouped by publisher and crawl; the publishers of a crawl with fewer than
 * FOLD_MIN articles among them are one group, for a fault of the crawler is theirs too; copies
 * of one text, a report of an agency, count once there, for it may have been corrected. In
 * a group of at least FOLD_MIN articles the places where texts differ are counted, and the
 * words in them, once for each article, however often it changed: a live one that gets the
 * same line every hour is edited. A place that at least FOLD_MIN and half of the group
 * share is a mark of extraction, and one with at least three such words that make two
 * thirds of it: the same line with another date or name; and one where nothing but numbers
 * differs in a short line, no sentence, that all have: a count of readers. In titles it is
 * the same words at the same end. Where as many became the same as a whole (a login wall),
 * or keep their beginning and end the same (a wall further down, a crawl that cuts; where
 * many lost a fifth, those that lost less, too), all that differs in them is a mark,
 * whatever stood there. What went alone, with another text in its stead in each, is none:
 * what came may be an edit. Layout is no place. A change that consists of marks is folded
 * into one event of its publisher; a change that has other places too is an edit and
 * stays, flagged, and what it would be without the marks is told. So an event may have
 * fewer than FOLD_MIN articles, but never do fewer have a mark.
 *
 * Cost: groups too small to fold are not read at all, nor are those whose sketches say
 * that too few share anything; where half have another title the titles are compared, no
 * texts. Of the others each change is compared once.
 */
#ifndef HISTORY_FOLD_H
#define HISTORY_FOLD_H

#include "base/buf.h"
#include "diff/places.h"
#include "sillok/history.h"

enum { FOLD_MIN = 20 };

/** One change as fold sees it. */
struct fold_item {
    uint32_t crawl;         /* that saw the new revision first */
    struct sillok_text oid; /* borrowed while fold() runs */
    uint64_t article;       /* its number */
    /* set by fold() */
    int marks;      /* has places that are marks of extraction */
    uint32_t event; /* 1 + index of the event it went into; 0 none */
};

struct fold_event {
    uint32_t crawl;
    size_t sample; /* item */
    size_t n;      /* items in it */
};

/** What item @p i is, and the sketch of what differs in it: 1, or 0 where neither is
 *  known. */
typedef int fold_sketch_fn(void *ctx, size_t i, struct sillok_change_class *what,
                           struct place_sketch *sketch);

/** Give the two sides of item @p i, bodies only where @p bodies says so; borrowed until
 *  the next call. */
typedef int fold_load_fn(void *ctx, size_t i, int bodies,
                         const struct sillok_article **before,
                         const struct sillok_article **after);

/** The later title and body of item @p i, which is an edit beside marks, as they would
 *  read without these; borrowed for the call. What @p load gave last are the sides of this
 *  item. */
typedef int fold_edit_fn(void *ctx, size_t i, struct sillok_text title,
                         struct sillok_text body);

struct fold_source {
    fold_sketch_fn *sketch;
    fold_load_fn *load;
    fold_edit_fn *edit;
    void *ctx;
};

/**
 * @param events  [out] struct fold_event, appended
 * @return 0 or what one of @p source failed with
 */
int fold(struct fold_item *items, size_t n, const struct fold_source *source,
         struct buf *events);

#endif
