/*
 * Places where the words of two ranges differ, made fit for reading.
 *
 * The shortest script is often the worst to read: it pins a rewritten passage on stray
 * particles and full stops. So hunks parted by next to nothing are joined, and a lone
 * insertion or deletion slides to where a sentence or a word begins.
 *
 * Invariants: hunks are in order, do not touch, lie inside the ranges; between them both
 * sides have the same tokens (by id).
 */
#ifndef DIFF_HUNK_H
#define DIFF_HUNK_H

#include "diff/token.h"

/** Tokens [a0, a1) of the old and [b0, b1) of the new text. */
struct hunk {
    uint32_t a0, a1, b0, b1;
};

struct hunks {
    struct hunk *v;
    size_t n, cap;
};

/** Two ranges of tokens under comparison; all borrowed. */
struct word_pair {
    struct sillok_text text_a, text_b;
    const struct tokens *a, *b;
    struct hunk all;
    const uint8_t *changed_a, *changed_b; /* per token of *a, *b */
};

/** The hunks of the pair, tidied. SILLOK_ENOMEM, or 0. */
int hunks_make(struct hunks *out, const struct word_pair *p);
void hunks_release(struct hunks *h);

/** Characters in tokens [from, to), blanks not counted. */
size_t tokens_chars(const struct tokens *t, uint32_t from, uint32_t to);
/** Characters in the hunks, both sides. */
size_t hunks_chars(const struct hunks *h, const struct word_pair *p);

#endif
