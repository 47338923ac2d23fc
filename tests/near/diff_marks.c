/*
 * diff-marks STORE: how calm and how tight are the diffs of a store's changes?
 *
 * Marked: characters in changed words, both sides, against the least that any comparison
 * could mark (Myers over characters). Blanks do not count. A hunk is a place where words
 * changed; an island is three unchanged characters or fewer between two of them. A pair
 * is a change, whatever it touched; figures of docs/diff.md.
 */
#include "base/buf.h"
#include "base/utf8.h"
#include "diff/chars.h"
#include "diff/lcs.h"
#include "sillok.h"

#include <stdio.h>
#include <stdlib.h>

#define TOOL "diff-marks"
#include "tool.h"

enum { CODE_POINTS = 0x110000, ISLAND_CHARS = 3 };

struct sums {
    size_t pairs, bodies, hunks, places, islands, marked, least, coarse;
    struct buf micros; /* double, one a pair */
};

/* --- the least possible --- */

static size_t code_points(struct buf *out, struct sillok_text t)
{
    out->len = 0;
    for (size_t at = 0; at < t.len;) {
        uint32_t cp;
        at += utf8_decode(t.ptr + at, t.len - at, &cp);
        if (char_class_of(cp) != CHAR_BLANK)
            DO(buf_add(out, &cp, sizeof(cp)));
    }
    return out->len / sizeof(uint32_t);
}

/* 0 where it takes too long. */
static int least_marked(struct sillok_text a, struct sillok_text b, size_t *out)
{
    static struct buf points[2] = { BUF_INIT, BUF_INIT };
    struct lcs lcs;
    const size_t n = code_points(&points[0], a), m = code_points(&points[1], b);
    uint8_t *marks = calloc(n + m + 1, 1);
    if (!marks)
        die("no memory");
    const struct lcs_seq sa = { (const uint32_t *)(const void *)points[0].ptr, n, marks };
    const struct lcs_seq sb = { (const uint32_t *)(const void *)points[1].ptr, m,
                                marks + n };
    lcs_init(&lcs, INT64_C(20000000000));
    DO(lcs_align(&lcs, sa, sb, CODE_POINTS, 0));
    for (size_t i = 0; i < n + m; i++)
        *out += marks[i];
    const int exact = !lcs.coarse;
    lcs_release(&lcs);
    free(marks);
    return exact;
}

/* --- what was marked --- */

static size_t chars_of(struct sillok_text t, struct sillok_span s)
{
    size_t n = 0;
    for (size_t at = s.start; at < s.end;) {
        uint32_t cp;
        at += utf8_decode(t.ptr + at, t.len - at, &cp);
        n += char_class_of(cp) != CHAR_BLANK;
    }
    return n;
}

/* Where words changed: not where only blanks did, nor the ends of a move, which
 * sillok_diff_figures.n_hunks counts too. */
static size_t count_hunks(const struct sillok_diff *d, struct sillok_text a,
                          struct sillok_text b)
{
    size_t n_rows, n_edits, n = 0;
    const struct sillok_row *rows = sillok_diff_rows(d, &n_rows);
    const struct sillok_edit *edits = sillok_diff_edits(d, &n_edits);
    int in_hunk = 0;
    for (size_t i = 0; i < n_rows; i++) {
        const int whole =
            rows[i].op == SILLOK_ROW_REMOVED || rows[i].op == SILLOK_ROW_ADDED;
        n += whole && !in_hunk;
        if (rows[i].op != SILLOK_ROW_CHANGED)
            in_hunk = whole;
        for (size_t k = 0; k < rows[i].n_edits; k++) {
            const struct sillok_edit *e = &edits[rows[i].first_edit + k];
            if (e->op == SILLOK_EDIT_SAME) {
                in_hunk = 0;
            } else if (chars_of(a, e->old_span) + chars_of(b, e->new_span) > 0) {
                n += !in_hunk;
                in_hunk = 1;
            }
        }
    }
    return n;
}

static size_t count_islands(const struct sillok_diff *d, struct sillok_text a)
{
    size_t n_rows, n_edits, n = 0;
    const struct sillok_row *rows = sillok_diff_rows(d, &n_rows);
    const struct sillok_edit *edits = sillok_diff_edits(d, &n_edits);
    for (size_t i = 0; i < n_rows; i++)
        for (size_t k = 1; k + 1 < rows[i].n_edits; k++) {
            const struct sillok_edit *e = &edits[rows[i].first_edit + k];
            n += e->op == SILLOK_EDIT_SAME && chars_of(a, e->old_span) <= ISLAND_CHARS;
        }
    return n;
}

static void measure(struct sums *s, struct sillok_text a, struct sillok_text b)
{
    struct sillok_diff *d;
    size_t least = 0;
    const double start = seconds();
    DO(sillok_diff_new(&d, a, b));
    const double micros = 1e6 * (seconds() - start);
    DO(buf_add(&s->micros, &micros, sizeof(micros)));
    const struct sillok_diff_figures *f = sillok_diff_figures(d);
    s->pairs++;
    s->bodies += !text_equal(a, b);
    s->places += f->n_hunks;
    s->hunks += count_hunks(d, a, b);
    s->islands += count_islands(d, a);
    if (least_marked(a, b, &least)) {
        s->marked += f->added_chars + f->removed_chars;
        s->least += least;
    } else {
        s->coarse++;
    }
    sillok_diff_free(d);
}

static int compare_doubles(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static double per(size_t n, size_t of)
{
    return of ? (double)n / (double)of : 0;
}

int main(int argc, char **argv)
{
    const struct sillok_changes_options all = { .all = 1, .unfold = 1 };
    struct sillok_store_options options = SILLOK_STORE_OPTIONS_INIT;
    struct sillok_store *store;
    struct sillok_changes *it;
    struct sillok_change c;
    struct sums s = { .micros = BUF_INIT };
    int r;
    if (argc != 2) {
        fprintf(stderr, "usage: diff-marks STORE\n");
        return 2;
    }
    options.read_only = 1;
    DO(sillok_store_open(&store, argv[1], &options));
    DO(sillok_changes_open(&it, store, &all));
    while ((r = sillok_changes_next(it, &c)) > 0)
        measure(&s, c.from.article.body, c.to.article.body);
    DO(r);
    double *micros = (double *)(void *)s.micros.ptr, sum = 0;
    if (s.pairs)
        qsort(micros, s.pairs, sizeof(*micros), compare_doubles);
    for (size_t i = 0; i < s.pairs; i++)
        sum += micros[i];
    printf("%zu pairs, in %zu the body changed, %zu too large for Myers left out\n",
           s.pairs, s.bodies, s.coarse);
    printf(
        "marked %.3fx (%zu of %zu), %.3f hunks and %.3f islands a pair; with blanks and "
        "moves %.3f places a pair, %.3f a changed body\n",
        per(s.marked, s.least), s.marked, s.least, per(s.hunks, s.pairs),
        per(s.islands, s.pairs), per(s.places, s.pairs), per(s.places, s.bodies));
    if (s.pairs)
        printf("us: median %.1f, mean %.1f, 95 %% %.1f\n", micros[s.pairs / 2],
               sum / (double)s.pairs, micros[s.pairs * 95 / 100]);
    sillok_changes_close(it);
    sillok_store_close(store);
    buf_release(&s.micros);
    return 0;
}
