/*
 * Two texts -> rows and edits: see docs/diff.md.
 *
 *   split   both texts into sentences                          sentence.c
 *   align   equal sentences: common ends, then patience        lcs.c
 *   moves   a sentence gone here that came up there
 *   walk    equal stretches become rows; gaps are compared     gap.c, hunk.c
 *   count   characters, places, likeness
 *
 * Rows are added in order and each begins where the one before it ended, so they cover
 * both texts by construction; the same holds for the edits of a row.
 */
#include "diff/diff.h"

#include "diff/compose.h"
#include "diff/work.h"

#include <stdlib.h>
#include <string.h>

static const int64_t BUDGET = 150L * 1000 * 1000; /* steps; well under a second */

/* --- results --- */

static size_t sentence_end(const struct side *s, size_t n)
{
    return n ? s->sentences.v[n - 1].end : 0;
}

int row_add(struct work *w, enum sillok_row_op op, size_t a1, size_t b1)
{
    struct sillok_diff *d = w->out;
    const int r = array_room(&d->rows, d->n_rows, &d->cap_rows, sizeof(*d->rows));
    if (r < 0)
        return r;
    const size_t old_end = sentence_end(&w->a, a1), new_end = sentence_end(&w->b, b1);
    d->rows[d->n_rows++] = (struct sillok_row){
        .op = op,
        .old_span = { w->a.row_end, old_end },
        .new_span = { w->b.row_end, new_end },
        .first_edit = d->n_edits,
    };
    w->a.row_end = old_end;
    w->b.row_end = new_end;
    return 0;
}

int edits_full(struct work *w)
{
    if (w->out->n_edits < EDITS_MAX)
        return 0;
    w->coarse = 1;
    return 1;
}

int edit_add(struct work *w, enum sillok_edit_op op, size_t old_end, size_t new_end)
{
    struct sillok_diff *d = w->out;
    struct sillok_row *row = &d->rows[d->n_rows - 1];
    struct sillok_span from = { row->old_span.start, row->new_span.start };
    struct sillok_edit *last = row->n_edits ? &d->edits[d->n_edits - 1] : NULL;
    if (last)
        from = (struct sillok_span){ last->old_span.end, last->new_span.end };
    if (old_end == from.start && new_end == from.end)
        return 0;
    if (last && last->op == op) {
        last->old_span.end = old_end;
        last->new_span.end = new_end;
        return 0;
    }
    const int r = array_room(&d->edits, d->n_edits, &d->cap_edits, sizeof(*d->edits));
    if (r < 0)
        return r;
    d->edits[d->n_edits++] =
        (struct sillok_edit){ op, { from.start, old_end }, { from.end, new_end } };
    row->n_edits++;
    return 0;
}

/* --- equal sentences --- */

static struct sillok_text sentence_text(const struct side *s, size_t i)
{
    const struct sentence *one = &s->sentences.v[i];
    return text_make(s->text.ptr + one->start, one->end - one->start);
}

static int same(const struct side *a, size_t i, const struct side *b, size_t j)
{
    return a->sentences.v[i].hash == b->sentences.v[j].hash &&
           sentence_same(sentence_text(a, i), sentence_text(b, j));
}

enum {
    MAX_PROBES = 64
}; /* hostile sentences may collide: they then are merely "unlike" */

/* Numbers the sentences [from, end) of a side; equal ones of either side alike. slots
 * hold (side, sentence) of the first of each. */
static void number_side(struct work *w, int second, struct gap g, uint32_t *slots,
                        size_t mask, uint32_t *n_ids)
{
    const struct side *s = second ? &w->b : &w->a;
    const size_t from = second ? g.b0 : g.a0, end = second ? g.b1 : g.a1;
    for (size_t i = from; i < end; i++) {
        size_t slot = s->sentences.v[i].hash & mask;
        int known = 0, probe = 0;
        for (; probe < MAX_PROBES && slots[slot]; probe++) {
            const uint32_t place = slots[slot] - 1;
            const struct side *other = place & 1 ? &w->b : &w->a;
            if (same(other, place >> 1, s, i)) {
                s->ids[i] = other->ids[place >> 1];
                known = 1;
                break;
            }
            slot = (slot + 1) & mask;
        }
        if (known)
            continue;
        if (probe < MAX_PROBES)
            slots[slot] = ((uint32_t)i << 1 | (uint32_t)second) + 1;
        s->ids[i] = (*n_ids)++;
    }
}

static int number_sentences(struct work *w, struct gap g, uint32_t *n_ids)
{
    size_t cap = 64;
    while (cap < 2 * (g.a1 - g.a0 + g.b1 - g.b0))
        cap *= 2;
    uint32_t *slots = calloc(cap, sizeof(*slots));
    if (!slots)
        return fail_memory();
    *n_ids = 0;
    number_side(w, 0, g, slots, cap - 1, n_ids);
    number_side(w, 1, g, slots, cap - 1, n_ids);
    free(slots);
    return 0;
}

enum { MOVE_CHARS = 10 }; /* a shorter sentence says nothing by standing elsewhere */

/* Pairs removed sentences with equal added ones, first come, first served. */
static int find_moves(struct work *w, struct gap g, uint32_t n_ids)
{
    uint32_t *first = calloc(n_ids + (g.a1 - g.a0), sizeof(*first)); /* both + 1 */
    if (!first)
        return fail_memory();
    uint32_t *next = first + n_ids;
    for (size_t i = g.a1; i-- > g.a0;) {
        if (!w->a.changed[i] || w->a.sentences.v[i].chars < MOVE_CHARS)
            continue;
        next[i - g.a0] = first[w->a.ids[i]];
        first[w->a.ids[i]] = (uint32_t)i + 1;
    }
    for (size_t j = g.b0; j < g.b1; j++) {
        const uint32_t i = first[w->b.ids[j]];
        if (!w->b.changed[j] || !i)
            continue;
        first[w->b.ids[j]] = next[i - 1 - g.a0];
        w->a.moved[i - 1] = (uint32_t)j + 1;
        w->b.moved[j] = i;
    }
    free(first);
    return 0;
}

/* The sentences of one side in a gap, as one piece. */
static struct sillok_text piece_of(const struct side *s, size_t from, size_t to)
{
    const struct sentence *const v = s->sentences.v;
    return from < to
               ? text_make(s->text.ptr + v[from].start, v[to - 1].end - v[from].start)
               : text_make("", 0);
}

/* A line that breaks at another word ends other sentences, and changes nothing else. */
static int same_but_blanks(const struct work *w, struct gap g)
{
    if (g.a0 == g.a1 || g.b0 == g.b1)
        return g.a0 == g.a1 && g.b0 == g.b1;
    return sentence_same(piece_of(&w->a, g.a0, g.a1), piece_of(&w->b, g.b0, g.b1));
}

static int align_sentences(struct work *w)
{
    struct gap g = { 0, w->a.sentences.n, 0, w->b.sentences.n };
    while (g.a0 < g.a1 && g.b0 < g.b1 && same(&w->a, g.a0, &w->b, g.b0)) {
        g.a0++;
        g.b0++;
    }
    while (g.a0 < g.a1 && g.b0 < g.b1 && same(&w->a, g.a1 - 1, &w->b, g.b1 - 1)) {
        g.a1--;
        g.b1--;
    }
    w->spacing_only = same_but_blanks(w, g);
    memset(w->a.changed + g.a0, 1, g.a1 - g.a0);
    memset(w->b.changed + g.b0, 1, g.b1 - g.b0);
    if (w->spacing_only || g.a0 == g.a1 || g.b0 == g.b1 ||
        (g.a1 - g.a0 == 1 && g.b1 - g.b0 == 1))
        return 0; /* of lines that stand there twice other ones would be partners */
    uint32_t n_ids = 0;
    int r = number_sentences(w, g, &n_ids);
    if (r < 0)
        return r;
    const struct lcs_seq a = { w->a.ids + g.a0, g.a1 - g.a0, w->a.changed + g.a0 };
    const struct lcs_seq b = { w->b.ids + g.b0, g.b1 - g.b0, w->b.changed + g.b0 };
    r = lcs_align(&w->lcs, a, b, n_ids, 1);
    return r < 0 ? r : find_moves(w, g, n_ids);
}

/* --- equal but for blanks --- */

static size_t blanks_end(struct sillok_text t, size_t at, size_t end)
{
    while (at < end) {
        uint32_t cp;
        const size_t used = char_decode(t.ptr + at, end - at, &cp);
        if (char_class_of(cp) != CHAR_BLANK)
            break;
        at += used;
    }
    return at;
}

/* A blank that came or went inside the sentence is shown always; another sort of blank, or one
 * between sentences, only where nothing else changed in the whole text: else each re-wrapped
 * line would stand beside the one changed word. */
int spacing_add(struct work *w, struct sillok_span old_span, struct sillok_span new_span)
{
    const struct sillok_row row = w->out->rows[w->out->n_rows - 1];
    const struct sillok_text a = w->a.text, b = w->b.text;
    size_t i = old_span.start, j = new_span.start;
    int r = 0;
    while (r == 0 && (i < old_span.end || j < new_span.end)) {
        const size_t i2 = blanks_end(a, i, old_span.end);
        const size_t j2 = blanks_end(b, j, new_span.end);
        /* the characters are the same on both sides, so either tells */
        const int inner = i2 < row.old_span.end && i > row.old_span.start;
        if (!text_equal(text_make(a.ptr + i, i2 - i), text_make(b.ptr + j, j2 - j)) &&
            (w->spacing_only || (inner && (i2 == i) != (j2 == j))) && !edits_full(w)) {
            r = edit_add(w, SILLOK_EDIT_SAME, i, j);
            r = r < 0 ? r : edit_add(w, SILLOK_EDIT_REMOVED, i2, j);
            r = r < 0 ? r : edit_add(w, SILLOK_EDIT_ADDED, i2, j2);
        }
        i = i2;
        j = j2;
        uint32_t cp;
        if (i < old_span.end)
            i += char_decode(a.ptr + i, old_span.end - i, &cp);
        if (j < new_span.end)
            j += char_decode(b.ptr + j, new_span.end - j, &cp);
    }
    return r;
}

/* The last row, both sides equal but for blanks. */
static int add_spacing(struct work *w)
{
    const struct sillok_row row = w->out->rows[w->out->n_rows - 1];
    const int r = spacing_add(w, row.old_span, row.new_span);
    struct sillok_row *last = &w->out->rows[w->out->n_rows - 1];
    if (r < 0 || last->n_edits == 0)
        return r;
    last->op = SILLOK_ROW_CHANGED;
    return edit_add(w, SILLOK_EDIT_SAME, row.old_span.end, row.new_span.end);
}

static int add_same(struct work *w, size_t i, size_t j)
{
    const int r = row_add(w, SILLOK_ROW_SAME, i + 1, j + 1);
    if (r < 0 || text_equal(sentence_text(&w->a, i), sentence_text(&w->b, j)))
        return r;
    return add_spacing(w);
}

/* Sentences that are equal but for blanks, though other ones begin and end there. */
static int add_rewrapped(struct work *w, struct gap g)
{
    const int r = row_add(w, SILLOK_ROW_SAME, g.a1, g.b1);
    return r < 0 ? r : add_spacing(w);
}

/* --- the walk --- */

static int walk(struct work *w)
{
    size_t i = 0, j = 0;
    const size_t n = w->a.sentences.n, m = w->b.sentences.n;
    while (i < n || j < m) {
        struct gap g = { i, i, j, j };
        while (g.a1 < n && w->a.changed[g.a1])
            g.a1++;
        while (g.b1 < m && w->b.changed[g.b1])
            g.b1++;
        int r = 0;
        if (g.a1 > g.a0 || g.b1 > g.b0)
            r = w->spacing_only ? add_rewrapped(w, g) : gap_compare(w, g);
        for (i = g.a1, j = g.b1;
             r == 0 && i < n && j < m && !w->a.changed[i] && !w->b.changed[j]; i++, j++)
            r = add_same(w, i, j);
        if (r < 0)
            return r;
    }
    return 0;
}

/* Tells moved rows of each other: the k-th sentence that moved away stands in the k-th
 * row of that sort, and so do those that moved in. */
static int link_moves(struct work *w)
{
    struct sillok_diff *d = w->out;
    const size_t n = w->a.sentences.n;
    uint32_t *row_of = NULL;
    size_t i = 0, j = 0;
    for (size_t k = 0; k < d->n_rows; k++) {
        if (d->rows[k].op != SILLOK_ROW_MOVED_FROM)
            continue;
        if (!row_of && !(row_of = calloc(n, sizeof(*row_of))))
            return fail_memory();
        while (!w->a.moved[i])
            i++;
        row_of[i++] = (uint32_t)k;
    }
    for (size_t k = 0; row_of && k < d->n_rows; k++) {
        if (d->rows[k].op != SILLOK_ROW_MOVED_TO)
            continue;
        while (!w->b.moved[j])
            j++;
        const size_t from = row_of[w->b.moved[j++] - 1];
        d->rows[k].other = from;
        d->rows[from].other = k;
    }
    free(row_of);
    return 0;
}

/* --- figures --- */

static size_t span_chars(struct sillok_text t, struct sillok_span s)
{
    return s.end > s.start ? char_count(text_make(t.ptr + s.start, s.end - s.start)) : 0;
}

struct counter {
    struct work *w;
    struct sillok_diff_figures *f;
    int in_hunk;
};

static void count_change(struct counter *c, const struct sillok_span *old_span,
                         const struct sillok_span *new_span)
{
    if (old_span)
        c->f->removed_chars += span_chars(c->w->a.text, *old_span);
    if (new_span)
        c->f->added_chars += span_chars(c->w->b.text, *new_span);
    c->f->n_hunks += !c->in_hunk;
    c->in_hunk = 1;
}

static void count_edits(struct counter *c, const struct sillok_row *row)
{
    c->f->sentences_changed++;
    for (size_t i = 0; i < row->n_edits; i++) {
        const struct sillok_edit *e = &c->w->out->edits[row->first_edit + i];
        if (e->op == SILLOK_EDIT_SAME)
            c->in_hunk = 0;
        else
            count_change(c, &e->old_span, &e->new_span);
    }
}

static void count_row(struct counter *c, const struct sillok_row *row)
{
    switch (row->op) {
    case SILLOK_ROW_SAME:
        c->in_hunk = 0;
        break;
    case SILLOK_ROW_CHANGED:
        count_edits(c, row);
        break;
    case SILLOK_ROW_REMOVED:
        c->f->sentences_removed++;
        count_change(c, &row->old_span, NULL);
        break;
    case SILLOK_ROW_ADDED:
        c->f->sentences_added++;
        count_change(c, NULL, &row->new_span);
        break;
    case SILLOK_ROW_MOVED_FROM:
        c->f->sentences_moved++;
        count_change(c, NULL, NULL);
        break;
    case SILLOK_ROW_MOVED_TO:
        count_change(c, NULL, NULL);
        break;
    }
}

static size_t side_chars(const struct side *s)
{
    size_t n = 0;
    for (size_t i = 0; i < s->sentences.n; i++)
        n += s->sentences.v[i].chars;
    return n;
}

static void count(struct work *w)
{
    struct sillok_diff *d = w->out;
    struct counter c = { w, &d->figures, 0 };
    for (size_t i = 0; i < d->n_rows; i++)
        count_row(&c, &d->rows[i]);
    const size_t all = side_chars(&w->a) + side_chars(&w->b);
    const size_t changed = d->figures.added_chars + d->figures.removed_chars;
    d->figures.similarity = 1;
    if (all)
        d->figures.similarity = 1 - (double)changed / (double)all;
    if (!text_equal(w->a.text, w->b.text) && d->figures.similarity > LIKENESS_ALMOST)
        d->figures.similarity = LIKENESS_ALMOST;
    d->figures.coarse =
        w->coarse || w->lcs.coarse || w->a.sentences.merged || w->b.sentences.merged;
}

/* --- life cycle --- */

/* @p like: the other side, where it is there already. */
static int side_init(struct side *s, struct sillok_text t, const struct side *like)
{
    s->text = t;
    const int r =
        like ? sentences_split_like(&s->sentences, t, &like->sentences, like->text)
             : sentences_split(&s->sentences, t);
    if (r < 0)
        return r;
    const size_t n = s->sentences.n;
    s->ids = calloc(n + 1, sizeof(*s->ids) + sizeof(*s->moved) + sizeof(*s->changed));
    if (!s->ids)
        return fail_memory();
    s->moved = s->ids + n;
    s->changed = (uint8_t *)(s->moved + n);
    return 0;
}

static void work_release(struct work *w)
{
    sentences_release(&w->a.sentences);
    sentences_release(&w->b.sentences);
    free(w->a.ids);
    free(w->b.ids);
    lcs_release(&w->lcs);
    words_release(&w->words);
    tokens_release(&w->ta);
    tokens_release(&w->tb);
    hunks_release(&w->hunks);
}

static int compare_in(struct work *w, struct sillok_text old_text,
                      struct sillok_text new_text)
{
    lcs_init(&w->lcs, BUDGET);
    int r = side_init(&w->a, old_text, NULL);
    r = r < 0 ? r : side_init(&w->b, new_text, &w->a);
    r = r < 0 ? r : align_sentences(w);
    r = r < 0 ? r : walk(w);
    r = r < 0 ? r : link_moves(w);
    if (r == 0)
        count(w);
    return r;
}

static int compare(struct sillok_diff *d, struct sillok_text old_text,
                   struct sillok_text new_text)
{
    struct work w = { .out = d };
    const int r = compare_in(&w, old_text, new_text);
    work_release(&w);
    return r;
}

/* Texts past 2 GiB: one row each, so that offsets inside may be 32 bits. */
static int compare_huge(struct sillok_diff *d, size_t old_len, size_t new_len, int equal)
{
    d->rows = calloc(2, sizeof(*d->rows));
    if (!d->rows)
        return fail_memory();
    d->figures.similarity = equal;
    d->figures.coarse = 1;
    d->figures.n_hunks = !equal;
    if (equal) {
        d->rows[d->n_rows++].old_span.end = old_len;
        d->rows[0].new_span.end = new_len;
        return 0;
    }
    d->rows[0] =
        (struct sillok_row){ SILLOK_ROW_REMOVED, { 0, old_len }, { 0, 0 }, 0, 0, 0 };
    d->rows[1] = (struct sillok_row){
        SILLOK_ROW_ADDED, { old_len, old_len }, { 0, new_len }, 0, 0, 0
    };
    d->n_rows = 2;
    return 0;
}

static void restore(struct sillok_span *s, const struct composed *c)
{
    s->start = composed_origin(c, s->start);
    s->end = composed_origin(c, s->end);
}

/* What is not in NFC is compared as what it says, and told by where it stands. */
static int compare_composed(struct sillok_diff *d, struct sillok_text old_text,
                            struct sillok_text new_text)
{
    CLEANUP(composed_release) struct composed a = COMPOSED_INIT;
    CLEANUP(composed_release) struct composed b = COMPOSED_INIT;
    int r = compose(&a, old_text);
    r = r < 0 ? r : compose(&b, new_text);
    r = r < 0 ? r : compare(d, a.text, b.text);
    if (r < 0 || (!composed_differs(&a) && !composed_differs(&b)))
        return r;
    for (size_t i = 0; i < d->n_rows; i++) {
        restore(&d->rows[i].old_span, &a);
        restore(&d->rows[i].new_span, &b);
    }
    for (size_t i = 0; i < d->n_edits; i++) {
        restore(&d->edits[i].old_span, &a);
        restore(&d->edits[i].new_span, &b);
    }
    if (d->figures.similarity > LIKENESS_ALMOST && !text_equal(old_text, new_text))
        d->figures.similarity = LIKENESS_ALMOST;
    return 0;
}

static int diff_new(struct sillok_diff **out, struct sillok_text old_text,
                    struct sillok_text new_text, int are_composed)
{
    /* no arithmetic on null pointers further down */
    old_text.ptr = old_text.ptr ? old_text.ptr : "";
    new_text.ptr = new_text.ptr ? new_text.ptr : "";
    struct sillok_diff *d = calloc(1, sizeof(*d));
    if (!d)
        return fail_memory();
    int r;
    if (old_text.len > INT32_MAX || new_text.len > INT32_MAX)
        r = compare_huge(d, old_text.len, new_text.len, text_equal(old_text, new_text));
    else if (are_composed)
        r = compare(d, old_text, new_text);
    else
        r = compare_composed(d, old_text, new_text);
    if (r < 0) {
        sillok_diff_free(d);
        return r;
    }
    *out = d;
    return 0;
}

int sillok_diff_new(struct sillok_diff **out, struct sillok_text old_text,
                    struct sillok_text new_text)
{
    return diff_new(out, old_text, new_text, 0);
}

int diff_of_composed(struct sillok_diff **out, struct sillok_text old_text,
                     struct sillok_text new_text)
{
    return diff_new(out, old_text, new_text, 1);
}

/* The rows cover both texts, so the last one ends where they do. */
int diff_fits(const struct sillok_diff *diff, struct sillok_text old_text,
              struct sillok_text new_text)
{
    const struct sillok_row *last = diff->n_rows ? &diff->rows[diff->n_rows - 1] : NULL;
    const size_t old_len = last ? last->old_span.end : 0;
    const size_t new_len = last ? last->new_span.end : 0;
    if (old_text.len == old_len && new_text.len == new_len)
        return 0;
    return fail(SILLOK_EINVALID,
                "the diff is of texts of %zu and %zu bytes, these have %zu and %zu",
                old_len, new_len, old_text.len, new_text.len);
}

int changes_between(struct changes *out, struct sillok_text old_text,
                    struct sillok_text new_text)
{
    struct sillok_diff *diff = NULL;
    *out = (struct changes){ 0 };
    int r = sillok_diff_new(&diff, old_text, new_text);
    if (r == 0)
        r = changes_find(out, diff, old_text, new_text);
    sillok_diff_free(diff);
    return r;
}

void sillok_diff_free(struct sillok_diff *diff)
{
    if (!diff)
        return;
    free(diff->rows);
    free(diff->edits);
    free(diff);
}

const struct sillok_row *sillok_diff_rows(const struct sillok_diff *diff, size_t *n)
{
    *n = diff->n_rows;
    return diff->rows;
}

const struct sillok_edit *sillok_diff_edits(const struct sillok_diff *diff, size_t *n)
{
    *n = diff->n_edits;
    return diff->edits;
}

const struct sillok_diff_figures *sillok_diff_figures(const struct sillok_diff *diff)
{
    return &diff->figures;
}
