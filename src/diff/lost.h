/*
 * Sentences that a change took out of a text or replaced: what others may still carry.
 *
 * A sentence is lost when a change touches it that is neither boilerplate nor layout
 * (change.h), when it has LOST_LETTERS_MIN letters and digits outside boilerplate
 * (boiler.h), and when the new text does not hold it, in F1 (normal.h). So what only
 * moved, or got words before it, is not lost.
 */
#ifndef DIFF_LOST_H
#define DIFF_LOST_H

#include "base/buf.h"
#include "base/map.h"

enum { LOST_LETTERS_MIN = 12 };

struct lost_sentence {
    struct sillok_text text; /* as it stands in the old text, without blanks around it */
    size_t needle, needle_len; /* its F1, in lost.needles */
};

struct lost {
    struct buf sentences; /* struct lost_sentence, in the order of the text */
    struct buf needles;
    /* For lost_held(), see lost.c. */
    struct buf sorted; /* struct sorted_needle, in the order of their bytes */
    struct map groups; /* hash of the first bytes -> the first in sorted that has them */
};

void lost_init(struct lost *l);
void lost_release(struct lost *l);

/** Find them, each once. The texts are borrowed: lost_sentence.text points into
 *  @p old_text. SILLOK_ENOMEM, or 0. */
int lost_find(struct lost *l, struct sillok_text old_text, struct sillok_text new_text);

size_t lost_count(const struct lost *l);
const struct lost_sentence *lost_at(const struct lost *l, size_t i);
/** Borrowed until the next lost_find(). */
struct sillok_text lost_needle(const struct lost *l, size_t i);

/** Set bit i of @p held for each sentence i that the F1 @p all holds as lost_is_in() says,
 *  clear the others. One pass over the text, however many sentences there are, and however
 *  alike they begin. */
int lost_held(const struct lost *l, struct sillok_text all, struct buf *held);

/** 1 when the F1 @p all holds @p needle, and no number goes on at either end: "3명" is
 *  not in "13명". An empty needle is nowhere. */
int lost_is_in(struct sillok_text all, struct sillok_text needle);

#endif
