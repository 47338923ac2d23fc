/*
 * A sentence as the rules of boilerplate look at it: its words, and what becomes of each.
 */
#ifndef DIFF_BOILER_SCAN_H
#define DIFF_BOILER_SCAN_H

#include "diff/token.h"

enum { KEPT, DROPPED, DROPPED_BYLINE, DROPPED_STAMP };

struct scan {
    struct sillok_text t;
    const struct tokens *toks;
    uint8_t *drop; /* per token, one of these */
};

static inline struct sillok_text scan_word(const struct scan *s, size_t i)
{
    if (i >= s->toks->n)
        return text_make("", 0);
    return text_make(s->t.ptr + s->toks->v[i].start, s->toks->v[i].len);
}

static inline enum char_class scan_class_of(const struct scan *s, size_t i)
{
    return i < s->toks->n ? (enum char_class)s->toks->v[i].class : CHAR_BLANK;
}

/* Each token of a change is looked for in some eighty words: their lengths tell most apart. */
static inline int scan_is_among(struct sillok_text t, const struct sillok_text *list,
                                size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (text_equal(t, list[i]))
            return 1;
    return 0;
}
#define IS_ONE_OF(t, list) scan_is_among((t), (list), sizeof(list) / sizeof((list)[0]))

/* The token before @p i that is not blank; n when there is none. */
static inline size_t scan_before(const struct scan *s, size_t i)
{
    while (i-- > 0)
        if (scan_class_of(s, i) != CHAR_BLANK)
            return i;
    return s->toks->n;
}

static inline size_t scan_after(const struct scan *s, size_t i)
{
    do
        i++;
    while (i < s->toks->n && scan_class_of(s, i) == CHAR_BLANK);
    return i;
}

#endif
