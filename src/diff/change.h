/*
 * The places where two texts differ, as the rules of kinds.c ask about them.
 *
 * A change is one hunk of a diff: neighbouring edits and rows with nothing unchanged
 * between them, less the characters that both its sides begin or end with.
 */
#ifndef DIFF_CHANGE_H
#define DIFF_CHANGE_H

#include "base/buf.h"

#include "sillok/diff.h"

struct change {
    struct sillok_text old_text, new_text; /* whole words */
    struct sillok_text cut_old, cut_new;   /* less the common start and end */
    size_t old_at, new_at;                 /* bytes of the whole texts */
    size_t letters_old, letters_new;       /* letters and digits of cut_old, cut_new */
    unsigned rows_removed, rows_added;     /* whole sentences among it */
    unsigned pairs;                        /* sentences that changed inside, among it */
    /* each 0 or 1: */
    int words;        /* only put in or taken out, whole words, and not one said twice */
    int whole;        /* and as a sentence would be */
    int boiler;       /* both sides are boilerplate or nothing */
    int same_letters; /* F2 of both sides is equal */
    int sign_matters; /* that of a number came, went or is another: -5, △5, 5↑ */
    int cut;          /* where a feed cut the text, and nothing else: see change.c */
};

struct changes {
    struct change *v;
    size_t n, cap;
    struct sillok_text old_text, new_text;
};

/** All changes of a diff, moves left out. */
int changes_find(struct changes *out, const struct sillok_diff *diff,
                 struct sillok_text old_text, struct sillok_text new_text);
void changes_release(struct changes *c);
/** Of two titles: those end in no stop, and are cut only where an ellipsis says so. */
void changes_of_title(struct changes *c);

/** 1 when a change is layout: no letter of it differs, or only where the text was cut. */
int change_is_layout(const struct change *c);
/** 1 when it is neither that nor boilerplate: the others are no edits of the text. */
int change_counts(const struct change *c);
/** 1 when the numbers of both sides differ as multisets of values: signs and decimals
 *  count, grouping and the way of writing (3,000, 3천, 삼천) do not. */
int change_numbers_differ(const struct changes *c);
/** 1 when a number with another value came in place of one: 두 -> 세 before 명, too, and 10조
 *  -> 10조 7천억. */
int change_replaces_number(const struct changes *all, const struct change *c);
/** 1 when both sides of a change are equal once digits are masked, and have some. */
int change_is_number(const struct change *c);
/** 1 when besides a number of another value stands in the place of one, though it may be
 *  one of the others: 3:2 -> 2:3. */
int change_moves_number(const struct change *c);
/** 1 when negations came or went. */
int changes_negation(const struct changes *c);
/** 1 when a word became its opposite. */
int changes_opposite(const struct changes *c);
/** 1 when whole sentences went and others came that share hardly a word with them. */
int change_is_swap(const struct change *c);
/** One side of change @p i and what stands right beside it; borrowed from the texts. */
struct sillok_text change_surroundings(const struct changes *c, size_t i, int in_new);
/** Edit distance in characters of cut_old and cut_new, or 99 where it is above @p max. */
unsigned change_distance(const struct change *c, unsigned max);
/** 1 when it is a slip of the pen, and no other word: none came, none went. */
int change_is_slip(const struct changes *all, const struct change *c);
/** Words, that is runs without blanks that have a letter or digit, of the longer side. */
unsigned change_words(const struct change *c);
/** 1 when both sides are at most @p max words, and none so long that it is several. */
int change_is_short(const struct change *c, unsigned max);

#endif
