/*
 * Longest common subsequence of two sequences of small numbers, within a budget.
 *
 * Two methods: Myers' linear-space bisection (Myers 1986, section 4b), and before it,
 * if asked for, patience: what occurs exactly once on both sides is matched first, in its
 * longest increasing order. What has no counterpart at all is set aside before.
 *
 * Invariants
 *  1. After lcs_align() the k-th unchanged element of a equals the k-th unchanged of b.
 *  2. Work is bounded: a bisection that takes too many rounds is split where it got
 *     furthest; with the budget used up, what is left stays changed and `coarse` is set.
 *  3. No recursion: boxes wait on a stack of the heap.
 */
#ifndef DIFF_LCS_H
#define DIFF_LCS_H

#include <stddef.h>
#include <stdint.h>

struct lcs_box {
    int32_t a0, a1, b0, b1;
    int patience;
};

/** Working memory, used again from call to call. */
struct lcs {
    int64_t budget; /* steps left; one is about a nanosecond */
    int coarse;     /* it ran out */
    struct lcs_box *stack;
    size_t n_stack, cap_stack;
    int32_t *numbers;
    size_t cap_numbers;
};

struct lcs_seq {
    const uint32_t *ids; /* all below n_ids */
    size_t n;
    uint8_t *changed; /* [out] n of them, 0 or 1 */
};

void lcs_init(struct lcs *w, int64_t budget);
void lcs_release(struct lcs *w);

/** SILLOK_ENOMEM, or 0. Both sequences shorter than 2^30. */
int lcs_align(struct lcs *w, struct lcs_seq a, struct lcs_seq b, uint32_t n_ids,
              int patience);

#endif
