/*
 * The nearest known word to a mistyped one, for "did you mean".
 */
#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H

#include <stddef.h>

/**
 * Edits that turn @p a into @p b: insertions, deletions, replacements and swaps of two
 * neighbours (optimal string alignment). Words past 63 bytes count as all different.
 */
size_t nearest_distance(const char *a, const char *b);

/** A search over words offered one by one; start with { .word = mistyped }. */
struct nearest {
    const char *word;
    const char *best; /* borrowed from what was offered; NULL: nothing near enough */
    size_t distance;
};
/** Near enough is a third of the word, at least 1; a start of a longer word counts too.
 */
void nearest_offer(struct nearest *n, const char *known);

#endif
