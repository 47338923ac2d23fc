/*
 * A gap: sentences on both sides, none equal. Which became which?
 *
 * Sentences are paired by the words they share, in order, and words are compared inside
 * the pairs. Against that stands one comparison over the whole gap, for edits that split
 * or merged sentences. The one that marks clearly less wins.
 *
 * Cost: n * m pairs of sentences in windows of at most WINDOW each; words within the
 * budget of struct lcs. A gap that needs several windows counts as coarse.
 */
#include "diff/work.h"

#include <stdlib.h>
#include <string.h>

enum {
    WINDOW = 200,              /* sentences of a side that are paired at once */
    WINDOW_BYTES = 256 * 1024, /* of a side */
    WHOLE_TOKENS = 20000,      /* of both sides, for the comparison over the whole gap */
};
static const float DICE_MIN = 0.4F; /* less in common: not the same sentence any more */
static const double WHOLE_GAIN = 0.6;

/* What is known about the sentences of one side of the window. */
struct bags {
    uint32_t *first; /* per sentence + 1: its first token */
    uint32_t *words; /* ids of words, sorted within the sentence */
    uint32_t *begin; /* per sentence + 1: its first word */
};

struct step {
    uint32_t a, b; /* sentences of the window taken on each side: 1 1, 1 0 or 0 1 */
};

struct window {
    struct work *w;
    struct gap g;
    struct bags a, b;
    uint8_t *changed_a, *changed_b; /* per token: of the pairs */
    uint8_t *whole_a, *whole_b;     /* per token: of the whole window */
    struct step *steps;
    size_t n_steps;
    uint32_t n_ids;
    int has_moves;
};

static void window_release(struct window *x)
{
    free(x->a.first);
    free(x->b.first);
    free(x->changed_a);
    free(x->steps);
}

static int compare_ids(const void *x, const void *y)
{
    const uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
    return a < b ? -1 : a > b;
}

static void sort_ids(uint32_t *v, size_t n)
{
    if (n > 48) {
        qsort(v, n, sizeof(*v), compare_ids);
        return;
    }
    for (size_t i = 1; i < n; i++) {
        const uint32_t x = v[i];
        size_t j = i;
        for (; j > 0 && v[j - 1] > x; j--)
            v[j] = v[j - 1];
        v[j] = x;
    }
}

static int read_tokens(struct tokens *t, const struct side *s, size_t from, size_t to,
                       struct bags *bags)
{
    const size_t n = to - from;
    t->n = 0;
    bags->first = malloc((2 * n + 2) * sizeof(*bags->first));
    if (!bags->first)
        return fail_memory();
    bags->begin = bags->first + n + 1;
    for (size_t i = 0; i < n; i++) {
        const struct sentence *one = &s->sentences.v[from + i];
        bags->first[i] = (uint32_t)t->n;
        const int r = tokens_add(t, s->text, one->start, one->end);
        if (r < 0)
            return r;
    }
    bags->first[n] = (uint32_t)t->n;
    return 0;
}

/* Signs say little about which sentence it is; a sentence of nothing else has no words.
 */
static void fill_bags(struct bags *bags, const struct tokens *t, size_t n)
{
    uint32_t k = 0;
    for (size_t i = 0; i < n; i++) {
        bags->begin[i] = k;
        for (uint32_t x = bags->first[i]; x < bags->first[i + 1]; x++)
            if (char_is_word((enum char_class)t->v[x].class))
                bags->words[k++] = t->ids[x];
        sort_ids(bags->words + bags->begin[i], k - bags->begin[i]);
    }
    bags->begin[n] = k;
}

static float dice(const struct window *x, size_t i, size_t j)
{
    const uint32_t *p = x->a.words + x->a.begin[i],
                   *p_end = x->a.words + x->a.begin[i + 1];
    const uint32_t *q = x->b.words + x->b.begin[j],
                   *q_end = x->b.words + x->b.begin[j + 1];
    const float n = (float)(p_end - p), m = (float)(q_end - q);
    if (2 * (n < m ? n : m) < DICE_MIN * (n + m) || n + m == 0)
        return 0;
    int common = 0;
    while (p < p_end && q < q_end) {
        if (*p == *q) {
            common++;
            p++;
            q++;
        } else if (*p < *q) {
            p++;
        } else {
            q++;
        }
    }
    return 2 * (float)common / (n + m);
}

static int is_moved(const struct window *x, size_t i, size_t j)
{
    return x->w->a.moved[x->g.a0 + i] || x->w->b.moved[x->g.b0 + j];
}

/* Pairs with the greatest sum of likeness, in order: alignment by dynamic programming. */
static int pair_sentences(struct window *x)
{
    const size_t n = x->g.a1 - x->g.a0, m = x->g.b1 - x->g.b0;
    enum { PAIR, OLD, NEW };
    float *best = calloc((n + 1) * (m + 1), sizeof(*best));
    uint8_t *way = malloc((n + 1) * (m + 1));
    if (!best || !way) {
        free(best);
        free(way);
        return fail_memory();
    }
    const size_t line = m + 1;
    memset(way, OLD, (n + 1) * line);
    memset(way, NEW, line);
    for (size_t i = 1; i <= n; i++) {
        for (size_t j = 1; j <= m; j++) {
            const float up = best[(i - 1) * line + j], left = best[i * line + j - 1];
            /* the new ones last, so that what was removed stands before what was added */
            float top = left >= up ? left : up;
            uint8_t how = left >= up ? NEW : OLD;
            const float like = is_moved(x, i - 1, j - 1) ? 0 : dice(x, i - 1, j - 1);
            if (like >= DICE_MIN && best[(i - 1) * line + j - 1] + like > top) {
                top = best[(i - 1) * line + j - 1] + like;
                how = PAIR;
            }
            best[i * line + j] = top;
            way[i * line + j] = how;
        }
    }
    const size_t end = n + m;
    size_t at = end;
    for (size_t i = n, j = m; i || j;) {
        const uint8_t how = way[i * line + j];
        const struct step s = { how != NEW, how != OLD };
        x->steps[--at] = s;
        i -= s.a;
        j -= s.b;
    }
    x->n_steps = end - at;
    memmove(x->steps, x->steps + at, x->n_steps * sizeof(*x->steps));
    free(best);
    free(way);
    return 0;
}

static struct word_pair pair_of(const struct window *x, struct hunk all, int whole)
{
    return (struct word_pair){
        .text_a = x->w->a.text,
        .text_b = x->w->b.text,
        .a = &x->w->ta,
        .b = &x->w->tb,
        .all = all,
        .changed_a = whole ? x->whole_a : x->changed_a,
        .changed_b = whole ? x->whole_b : x->changed_b,
    };
}

static int compare_words(struct window *x, struct hunk all, int whole)
{
    struct work *w = x->w;
    const struct lcs_seq a = { w->ta.ids + all.a0, all.a1 - all.a0,
                               (whole ? x->whole_a : x->changed_a) + all.a0 };
    const struct lcs_seq b = { w->tb.ids + all.b0, all.b1 - all.b0,
                               (whole ? x->whole_b : x->changed_b) + all.b0 };
    return lcs_align(&w->lcs, a, b, x->n_ids, a.n + b.n > 2000);
}

/* Where [from, to) ends but for a blank. */
static uint32_t without_blank(const struct tokens *t, uint32_t from, uint32_t to)
{
    return to > from && t->v[to - 1].class == CHAR_BLANK ? to - 1 : to;
}

/* The tokens of a step that begins at sentences i, j of the window. A blank between sentences is
 * not compared where both end alike: the last one of a text has none, nor one that is glued. */
static struct hunk step_tokens(const struct window *x, size_t i, size_t j, struct step s)
{
    const struct tokens *ta = &x->w->ta, *tb = &x->w->tb;
    struct hunk h = { x->a.first[i], x->a.first[i + s.a], x->b.first[j],
                      x->b.first[j + s.b] };
    const uint32_t a1 = without_blank(ta, h.a0, h.a1), b1 = without_blank(tb, h.b0, h.b1);
    if ((a1 == h.a1) != (b1 == h.b1) && a1 > h.a0 && b1 > h.b0 &&
        ta->ids[a1 - 1] == tb->ids[b1 - 1])
        h = (struct hunk){ h.a0, a1, h.b0, b1 };
    return h;
}

/* Compares words inside the pairs; *marked is what all steps mark, in characters. */
static int compare_pairs(struct window *x, size_t *marked)
{
    size_t i = 0, j = 0;
    *marked = 0;
    for (size_t k = 0; k < x->n_steps; k++) {
        const struct step s = x->steps[k];
        const struct hunk all = step_tokens(x, i, j, s);
        if (s.a && s.b) {
            int r = compare_words(x, all, 0);
            const struct word_pair p = pair_of(x, all, 0);
            r = r < 0 ? r : hunks_make(&x->w->hunks, &p);
            if (r < 0)
                return r;
            *marked += hunks_chars(&x->w->hunks, &p);
        } else {
            *marked += tokens_chars(&x->w->ta, all.a0, all.a1) +
                       tokens_chars(&x->w->tb, all.b0, all.b1);
        }
        i += s.a;
        j += s.b;
    }
    return 0;
}

/* 1 when all hunks only put in, or all only take out, in at most two places. */
static int is_pure(const struct hunks *h)
{
    int in = 0, out = 0;
    for (size_t i = 0; i < h->n; i++) {
        in |= h->v[i].b1 > h->v[i].b0;
        out |= h->v[i].a1 > h->v[i].a0;
    }
    return h->n <= 2 && in + out == 1;
}

/* 1 when one comparison over the whole window is the better one; leaves its hunks. */
static int try_whole(struct window *x, size_t marked)
{
    struct work *w = x->w;
    if (x->has_moves || w->ta.n + w->tb.n > WHOLE_TOKENS)
        return 0;
    const struct hunk all = { 0, (uint32_t)w->ta.n, 0, (uint32_t)w->tb.n };
    int r = compare_words(x, all, 1);
    const struct word_pair p = pair_of(x, all, 1);
    r = r < 0 ? r : hunks_make(&w->hunks, &p);
    if (r < 0)
        return r;
    const size_t whole = hunks_chars(&w->hunks, &p);
    return whole < marked &&
           (is_pure(&w->hunks) || (double)whole < WHOLE_GAIN * (double)marked);
}

/* Where the token before @p i, which is not the first, ends. */
static size_t end_before(const struct tokens *t, uint32_t i)
{
    return (size_t)t->v[i - 1].start + t->v[i - 1].len;
}

/* One change. Where words were joined or parted, the blanks alone are it: 할 수 있다, 할수있다. */
static int add_change(struct work *w, struct sillok_span old_span,
                      struct sillok_span new_span)
{
    const struct sillok_text a = text_make(w->a.text.ptr + old_span.start,
                                           old_span.end - old_span.start),
                             b = text_make(w->b.text.ptr + new_span.start,
                                           new_span.end - new_span.start);
    if (a.len && b.len && sentence_same(a, b))
        return spacing_add(w, old_span, new_span);
    const int r = edit_add(w, SILLOK_EDIT_REMOVED, old_span.end, new_span.start);
    return r < 0 ? r : edit_add(w, SILLOK_EDIT_ADDED, old_span.end, new_span.end);
}

/* Adds the edits of the last row from w->hunks. */
static int add_edits(struct work *w, const struct hunk *all)
{
    const struct sillok_row row = w->out->rows[w->out->n_rows - 1];
    int r = 0;
    if (edits_full(w)) {
        r = edit_add(w, SILLOK_EDIT_REMOVED, row.old_span.end, row.new_span.start);
        return r < 0 ? r
                     : edit_add(w, SILLOK_EDIT_ADDED, row.old_span.end, row.new_span.end);
    }
    for (size_t i = 0; r == 0 && i < w->hunks.n; i++) {
        const struct hunk *h = &w->hunks.v[i];
        const size_t a0 =
            h->a0 > all->a0 ? end_before(&w->ta, h->a0) : row.old_span.start;
        const size_t b0 =
            h->b0 > all->b0 ? end_before(&w->tb, h->b0) : row.new_span.start;
        const size_t a1 = h->a1 > h->a0 ? end_before(&w->ta, h->a1) : a0;
        const size_t b1 = h->b1 > h->b0 ? end_before(&w->tb, h->b1) : b0;
        r = edit_add(w, SILLOK_EDIT_SAME, a0, b0);
        r = r < 0 ? r
                  : add_change(w, (struct sillok_span){ a0, a1 },
                               (struct sillok_span){ b0, b1 });
    }
    return r < 0 ? r : edit_add(w, SILLOK_EDIT_SAME, row.old_span.end, row.new_span.end);
}

static int add_whole(struct window *x)
{
    const struct hunk all = { 0, (uint32_t)x->w->ta.n, 0, (uint32_t)x->w->tb.n };
    const int r = row_add(x->w, SILLOK_ROW_CHANGED, x->g.a1, x->g.b1);
    return r < 0 ? r : add_edits(x->w, &all);
}

static int add_lone(struct work *w, int old, size_t i, size_t a1, size_t b1)
{
    const int moved = (old ? w->a.moved[i] : w->b.moved[i]) != 0;
    if (old)
        return row_add(w, moved ? SILLOK_ROW_MOVED_FROM : SILLOK_ROW_REMOVED, a1, b1);
    return row_add(w, moved ? SILLOK_ROW_MOVED_TO : SILLOK_ROW_ADDED, a1, b1);
}

static int add_steps(struct window *x)
{
    size_t i = 0, j = 0;
    for (size_t k = 0; k < x->n_steps; k++) {
        const struct step s = x->steps[k];
        const size_t a1 = x->g.a0 + i + s.a, b1 = x->g.b0 + j + s.b;
        int r;
        if (s.a && s.b) {
            const struct hunk all = step_tokens(x, i, j, s);
            const struct word_pair p = pair_of(x, all, 0);
            r = hunks_make(&x->w->hunks, &p);
            r = r < 0 ? r : row_add(x->w, SILLOK_ROW_CHANGED, a1, b1);
            r = r < 0 ? r : add_edits(x->w, &all);
        } else {
            r = add_lone(x->w, s.a != 0, s.a ? a1 - 1 : b1 - 1, a1, b1);
        }
        if (r < 0)
            return r;
        i += s.a;
        j += s.b;
    }
    return 0;
}

static int prepare(struct window *x)
{
    struct work *w = x->w;
    const size_t n = x->g.a1 - x->g.a0, m = x->g.b1 - x->g.b0;
    int r = read_tokens(&w->ta, &w->a, x->g.a0, x->g.a1, &x->a);
    r = r < 0 ? r : read_tokens(&w->tb, &w->b, x->g.b0, x->g.b1, &x->b);
    r = r < 0 ? r
              : words_number(&w->words, w->a.text, &w->ta, w->b.text, &w->tb, &x->n_ids);
    if (r < 0)
        return r;
    const size_t na = w->ta.n, nb = w->tb.n;
    x->steps = malloc((n + m) * sizeof(*x->steps) + (na + nb) * sizeof(uint32_t));
    x->changed_a = malloc(2 * (na + nb));
    if (!x->steps || !x->changed_a)
        return fail_memory();
    x->changed_b = x->changed_a + na;
    x->whole_a = x->changed_b + nb;
    x->whole_b = x->whole_a + na;
    x->a.words = (uint32_t *)(x->steps + n + m);
    x->b.words = x->a.words + na;
    for (size_t i = x->g.a0; i < x->g.a1; i++)
        x->has_moves |= w->a.moved[i] != 0;
    for (size_t j = x->g.b0; j < x->g.b1; j++)
        x->has_moves |= w->b.moved[j] != 0;
    w->lcs.budget -= 12 * (int64_t)(na + nb);
    return 0;
}

static int compare_window(struct window *x)
{
    struct work *w = x->w;
    const size_t n = x->g.a1 - x->g.a0, m = x->g.b1 - x->g.b0;
    int r = prepare(x);
    if (r < 0)
        return r;
    fill_bags(&x->a, &w->ta, n);
    fill_bags(&x->b, &w->tb, m);
    w->lcs.budget -= (int64_t)(m * w->ta.n + n * w->tb.n) / 2;
    size_t marked = 0;
    r = pair_sentences(x);
    r = r < 0 ? r : compare_pairs(x, &marked);
    const int one_pair = n == 1 && m == 1 && x->n_steps == 1;
    const int whole = r < 0 ? r : one_pair ? 0 : try_whole(x, marked);
    if (whole < 0)
        return whole;
    return whole ? add_whole(x) : add_steps(x);
}

/* Everything of the gap as removed and added. */
static int add_unpaired(struct work *w, struct gap g)
{
    int r = 0;
    for (size_t i = g.a0; r == 0 && i < g.a1; i++)
        r = add_lone(w, 1, i, i + 1, g.b0);
    for (size_t j = g.b0; r == 0 && j < g.b1; j++)
        r = add_lone(w, 0, j, g.a1, j + 1);
    return r;
}

/* The end of a window on one side: at most its share of what is left. */
static size_t window_end(const struct side *s, size_t from, size_t to, size_t share)
{
    size_t end = from;
    while (end < to && end - from < share &&
           (end == from ||
            s->sentences.v[end].end - s->sentences.v[from].start <= WINDOW_BYTES))
        end++;
    return end;
}

static struct gap first_window(const struct work *w, struct gap g)
{
    const size_t n = g.a1 - g.a0, m = g.b1 - g.b0, more = n > m ? n : m;
    if (more <= WINDOW && window_end(&w->a, g.a0, g.a1, n) == g.a1 &&
        window_end(&w->b, g.b0, g.b1, m) == g.b1)
        return g;
    /* shares as long as the sides are, so that both end together */
    const size_t share_a = n * WINDOW / more, share_b = m * WINDOW / more;
    return (struct gap){ g.a0, window_end(&w->a, g.a0, g.a1, share_a ? share_a : 1), g.b0,
                         window_end(&w->b, g.b0, g.b1, share_b ? share_b : 1) };
}

int gap_compare(struct work *w, struct gap g)
{
    while (g.a0 < g.a1 && g.b0 < g.b1) {
        const struct gap part = first_window(w, g);
        if (part.a1 != g.a1 || part.b1 != g.b1)
            w->coarse = 1;
        if (w->lcs.budget <= 0) {
            w->coarse = 1;
            break;
        }
        struct window x = { .w = w, .g = part };
        const int r = compare_window(&x);
        window_release(&x);
        if (r < 0)
            return r;
        g.a0 = part.a1;
        g.b0 = part.b1;
    }
    return add_unpaired(w, g);
}
