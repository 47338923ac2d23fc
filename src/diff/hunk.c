/* Hunks, joined and slid: see hunk.h. */
#include "diff/hunk.h"

#include <stdlib.h>

enum {
    JOIN_CHARS = 2,   /* signs and blanks that do not keep two hunks apart */
    ISLAND_CHARS = 3, /* of words that do not, if both hunks are as large */
    SLIDE_MAX = 128   /* tokens tried either way */
};

static int add(struct hunks *h, struct hunk one)
{
    const int r = array_room(&h->v, h->n, &h->cap, sizeof(*h->v));
    if (r == 0)
        h->v[h->n++] = one;
    return r;
}

void hunks_release(struct hunks *h)
{
    free(h->v);
    *h = (struct hunks){ 0 };
}

size_t tokens_chars(const struct tokens *t, uint32_t from, uint32_t to)
{
    size_t n = 0;
    for (uint32_t i = from; i < to; i++)
        n += t->v[i].chars;
    return n;
}

static size_t hunk_chars(const struct hunk *h, const struct word_pair *p)
{
    return tokens_chars(p->a, h->a0, h->a1) + tokens_chars(p->b, h->b0, h->b1);
}

size_t hunks_chars(const struct hunks *h, const struct word_pair *p)
{
    size_t n = 0;
    for (size_t i = 0; i < h->n; i++)
        n += hunk_chars(&h->v[i], p);
    return n;
}

static int find(struct hunks *out, const struct word_pair *p)
{
    struct hunk at = { p->all.a0, p->all.a0, p->all.b0, p->all.b0 };
    out->n = 0;
    while (at.a1 < p->all.a1 || at.b1 < p->all.b1) {
        while (at.a1 < p->all.a1 && p->changed_a[at.a1])
            at.a1++;
        while (at.b1 < p->all.b1 && p->changed_b[at.b1])
            at.b1++;
        if ((at.a1 > at.a0 || at.b1 > at.b0) && add(out, at) < 0)
            return SILLOK_ENOMEM;
        while (at.a1 < p->all.a1 && at.b1 < p->all.b1 && !p->changed_a[at.a1] &&
               !p->changed_b[at.b1]) {
            at.a1++;
            at.b1++;
        }
        at.a0 = at.a1;
        at.b0 = at.b1;
    }
    return 0;
}

/* Has it that many? No more is counted than that takes: a hunk that many were joined to is
 * asked each time. */
static int has_chars(const struct hunk *h, const struct word_pair *p, size_t want)
{
    size_t n = 0;
    for (uint32_t i = h->a0; i < h->a1 && n < want; i++)
        n += p->a->v[i].chars;
    for (uint32_t i = h->b0; i < h->b1 && n < want; i++)
        n += p->b->v[i].chars;
    return n >= want;
}

static int replaces(const struct hunk *h)
{
    return h->a0 < h->a1 && h->b0 < h->b1;
}

/* 1 when what stands between two hunks is too little to be read as unchanged. */
static int parts_nothing(const struct hunk *h, const struct hunk *next,
                         const struct word_pair *p)
{
    size_t chars = 0, words = 0;
    for (uint32_t i = h->a1; i < next->a0; i++) {
        const struct token *t = &p->a->v[i];
        chars += t->class == CHAR_BLANK ? 1 : t->chars;
        words += char_is_word((enum char_class)t->class) ? t->chars : 0;
        if (chars > ISLAND_CHARS + 2)
            return 0;
    }
    if (words == 0)
        return chars <= JOIN_CHARS;
    const size_t size = replaces(h) && replaces(next) ? words : 4 * words + 4;
    return words <= ISLAND_CHARS && has_chars(h, p, size) && has_chars(next, p, size);
}

static void join(struct hunks *h, const struct word_pair *p)
{
    size_t n = 0;
    for (size_t i = 0; i < h->n; i++) {
        if (n && parts_nothing(&h->v[n - 1], &h->v[i], p)) {
            h->v[n - 1].a1 = h->v[i].a1;
            h->v[n - 1].b1 = h->v[i].b1;
        } else {
            h->v[n++] = h->v[i];
        }
    }
    h->n = n;
}

static int is_blank(const struct tokens *t, uint32_t i)
{
    return t->v[i].class == CHAR_BLANK;
}

/* 1 when token @p i ends a sentence: a stop with a blank, the end or Hangul beside it, so
 * not the one in an address. */
static int is_stop(const struct tokens *t, struct sillok_text text, uint32_t i,
                   struct hunk side)
{
    const char c = text.ptr[t->v[i].start];
    if (t->v[i].class != CHAR_SIGN || (c != '.' && c != '!' && c != '?'))
        return 0;
    return i + 1 == side.a1 || is_blank(t, i + 1) ||
           (i > side.a0 && t->v[i - 1].class == CHAR_HANGUL);
}

enum bracket { NO_BRACKET, OPENS, CLOSES };

/* Is token @p i a quotation mark or a bracket of one kind? Straight marks are of both, and < is
 * a sign of a number more often. */
static enum bracket bracket_at(const struct tokens *t, struct sillok_text text,
                               uint32_t i)
{
    uint32_t cp;
    if (t->v[i].class != CHAR_SIGN)
        return NO_BRACKET;
    char_decode(text.ptr + t->v[i].start, t->v[i].len, &cp);
    const int opens = char_is_opening(cp) && cp != '<',
              closes = char_is_closing(cp) && cp != '>';
    return opens == closes ? NO_BRACKET : opens ? OPENS : CLOSES;
}

/* 1 when token @p i goes on the word before it, as a unit does and (35) behind a name; none does
 * at the edge of its side. */
static int is_glued(const struct tokens *t, struct sillok_text text, uint32_t i,
                    uint32_t edge)
{
    return i != edge && char_is_word((enum char_class)t->v[i - 1].class) &&
           (char_is_word((enum char_class)t->v[i].class) ||
            bracket_at(t, text, i) == OPENS);
}

/* How well a run of tokens [from, to) reads as put in or taken out: whole sentences best,
 * then whole words with the blank behind them. */
static int reads(const struct tokens *t, struct sillok_text text, uint32_t from,
                 uint32_t to, struct hunk side)
{
    int score = 0;
    if (from == side.a0)
        score += 6;
    else if (is_blank(t, from - 1) || is_blank(t, from))
        score += 4;
    if (from > side.a0 && (is_stop(t, text, from - 1, side) ||
                           (from > side.a0 + 1 && is_blank(t, from - 1) &&
                            is_stop(t, text, from - 2, side))))
        score += 2;
    if (to == side.a1 || is_blank(t, to - 1) || is_blank(t, to))
        score += 3;
    if (is_stop(t, text, to - 1, side) ||
        (to > from + 1 && is_blank(t, to - 1) && is_stop(t, text, to - 2, side)))
        score += 2;
    const enum bracket first = bracket_at(t, text, from);
    if (is_blank(t, from) || (t->v[from].class == CHAR_SIGN && first != OPENS))
        score -= 1;
    score -= 2 * (is_glued(t, text, from, side.a0) + is_glued(t, text, to, side.a1));
    /* the pair of it stands outside */
    const uint32_t last = to > from + 1 && is_blank(t, to - 1) ? to - 2 : to - 1;
    score -= (first == CLOSES) + (bracket_at(t, text, last) == OPENS);
    return score;
}

/* Moves a lone insertion or deletion, one side [from, to) of tokens t, within [lo, hi).
 * The tokens it passes over are equal on both sides, so the texts stay covered. */
static int32_t best_shift(const struct tokens *t, struct sillok_text text,
                          struct hunk run, struct hunk room, struct hunk side)
{
    int32_t best = 0;
    int score = reads(t, text, run.a0, run.a1, side);
    for (int32_t step = -1; step <= 1; step += 2) {
        uint32_t from = run.a0, to = run.a1;
        for (int32_t k = 1; k <= SLIDE_MAX; k++) {
            if (step < 0 ? from <= room.a0 || t->ids[from - 1] != t->ids[to - 1]
                         : to >= room.a1 || t->ids[from] != t->ids[to])
                break;
            from += (uint32_t)step;
            to += (uint32_t)step;
            const int s = reads(t, text, from, to, side);
            if (s > score) {
                score = s;
                best = step * k;
            }
        }
    }
    return best;
}

static void slide(struct hunks *h, const struct word_pair *p)
{
    for (size_t i = 0; i < h->n; i++) {
        struct hunk *one = &h->v[i];
        const int in_a = one->a1 > one->a0;
        if (in_a && one->b1 > one->b0)
            continue;
        /* one token stays between neighbours, so that hunks never touch */
        const struct hunk *prev = i ? one - 1 : NULL;
        const struct hunk *next = i + 1 < h->n ? one + 1 : NULL;
        struct hunk run, room, all;
        if (in_a) {
            run = (struct hunk){ one->a0, one->a1, 0, 0 };
            room = (struct hunk){ prev ? prev->a1 + 1 : p->all.a0,
                                  next ? next->a0 - 1 : p->all.a1, 0, 0 };
            all = (struct hunk){ p->all.a0, p->all.a1, 0, 0 };
        } else {
            run = (struct hunk){ one->b0, one->b1, 0, 0 };
            room = (struct hunk){ prev ? prev->b1 + 1 : p->all.b0,
                                  next ? next->b0 - 1 : p->all.b1, 0, 0 };
            all = (struct hunk){ p->all.b0, p->all.b1, 0, 0 };
        }
        const uint32_t by = (uint32_t)best_shift(
            in_a ? p->a : p->b, in_a ? p->text_a : p->text_b, run, room, all);
        *one = (struct hunk){ one->a0 + by, one->a1 + by, one->b0 + by, one->b1 + by };
    }
}

/* Takes off what joining left equal at the ends of a hunk; with nothing left, the hunk.
 */
static void trim(struct hunks *h, const struct word_pair *p)
{
    size_t n = 0;
    for (size_t i = 0; i < h->n; i++) {
        struct hunk one = h->v[i];
        while (one.a0 < one.a1 && one.b0 < one.b1 &&
               p->a->ids[one.a0] == p->b->ids[one.b0]) {
            one.a0++;
            one.b0++;
        }
        while (one.a0 < one.a1 && one.b0 < one.b1 &&
               p->a->ids[one.a1 - 1] == p->b->ids[one.b1 - 1]) {
            one.a1--;
            one.b1--;
        }
        if (one.a0 < one.a1 || one.b0 < one.b1)
            h->v[n++] = one;
    }
    h->n = n;
}

int hunks_make(struct hunks *out, const struct word_pair *p)
{
    if (find(out, p) < 0)
        return SILLOK_ENOMEM;
    join(out, p);
    slide(out, p);
    join(out, p);
    trim(out, p);
    return 0;
}
