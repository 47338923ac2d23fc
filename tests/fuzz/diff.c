/*
 * Two texts compared. The input is parted by bytes 0x1E into old body, new body, old
 * title, new title. Oracle: rows and edits cover both texts without a gap, what is called
 * equal is equal but for blanks, the edits made in the old text give the new one, figures
 * are in their bounds and those of a text with itself are none, every rendering works and
 * is valid, and a kind of change is always found.
 */
#include "fuzz.h"

#include "base/utf8.h"
#include "diff/sentence.h"

#include <jansson.h>

/* The new text, made of the old one by the edits; the blanks of the new text are taken
 * where a passage is equal but for blanks, because an edit does not tell them. */
struct made {
    struct sillok_text old_text, new_text;
    size_t old_at, new_at;
    struct buf made;
};

static void step(struct made *m, struct sillok_span o, struct sillok_span n, int has_old,
                 int has_new)
{
    fuzz_expect(o.start == m->old_at && o.end >= o.start && o.end <= m->old_text.len &&
                    n.start == m->new_at && n.end >= n.start && n.end <= m->new_text.len,
                "no gap");
    fuzz_expect((has_old || o.start == o.end) && (has_new || n.start == n.end),
                "nothing on the other side");
    const struct sillok_text was = text_make(m->old_text.ptr + o.start, o.end - o.start);
    const struct sillok_text is = text_make(m->new_text.ptr + n.start, n.end - n.start);
    if (has_old && has_new)
        fuzz_expect(sentence_same(was, is), "equal but for blanks");
    fuzz_done(buf_add_text(&m->made, is), "memory");
    m->old_at = o.end;
    m->new_at = n.end;
}

static void take_row(struct made *m, const struct sillok_row *row,
                     const struct sillok_edit *edits, size_t n_edits)
{
    const enum sillok_row_op op = row->op;
    if (op != SILLOK_ROW_CHANGED) {
        step(m, row->old_span, row->new_span,
             op != SILLOK_ROW_ADDED && op != SILLOK_ROW_MOVED_TO,
             op != SILLOK_ROW_REMOVED && op != SILLOK_ROW_MOVED_FROM);
        return;
    }
    fuzz_expect(row->first_edit + row->n_edits <= n_edits && row->n_edits > 0,
                "a changed row has edits");
    fuzz_expect(row->old_span.start == m->old_at && row->new_span.start == m->new_at,
                "rows follow one another");
    for (size_t i = 0; i < row->n_edits; i++) {
        const struct sillok_edit *e = &edits[row->first_edit + i];
        step(m, e->old_span, e->new_span, e->op != SILLOK_EDIT_ADDED,
             e->op != SILLOK_EDIT_REMOVED);
    }
    fuzz_expect(row->old_span.end == m->old_at && row->new_span.end == m->new_at,
                "the edits are the row");
}

static void check_move(const struct made *m, const struct sillok_row *rows, size_t n,
                       size_t i)
{
    const struct sillok_row *from = &rows[i];
    if (from->op != SILLOK_ROW_MOVED_FROM)
        return;
    fuzz_expect(from->other < n && rows[from->other].op == SILLOK_ROW_MOVED_TO &&
                    rows[from->other].other == i,
                "a move has two ends");
    const struct sillok_span o = from->old_span, t = rows[from->other].new_span;
    fuzz_expect(sentence_same(text_make(m->old_text.ptr + o.start, o.end - o.start),
                              text_make(m->new_text.ptr + t.start, t.end - t.start)),
                "what moved is equal but for blanks");
}

static void check_diff(const struct sillok_diff *diff, struct sillok_text a,
                       struct sillok_text b)
{
    struct made m = { .old_text = a, .new_text = b, .made = BUF_INIT };
    const struct sillok_diff_figures *f = sillok_diff_figures(diff);
    size_t n, n_edits;
    const struct sillok_row *rows = sillok_diff_rows(diff, &n);
    const struct sillok_edit *edits = sillok_diff_edits(diff, &n_edits);
    for (size_t i = 0; i < n; i++) {
        take_row(&m, &rows[i], edits, n_edits);
        check_move(&m, rows, n, i);
    }
    fuzz_expect(m.old_at == a.len, "the rows cover the old text");
    fuzz_equal(fuzz_text(&m.made), b, "the edits made in the old text give the new one");
    fuzz_expect(f->similarity >= 0 && f->similarity <= 1, "similarity is a share");
    fuzz_expect((f->n_hunks == 0) == text_equal(a, b), "no hunk, no difference");
    fuzz_expect(text_equal(a, b)
                    ? f->similarity == 1 && !f->added_chars && !f->removed_chars
                    : f->similarity < 1 || !(f->added_chars + f->removed_chars),
                "only like texts are alike");
    buf_release(&m.made);
}

static void check_renderings(const struct sillok_diff *diff, struct sillok_text a,
                             struct sillok_text b, unsigned salt)
{
    struct sillok_render_options options = SILLOK_RENDER_OPTIONS_INIT;
    for (int f = SILLOK_DIFF_WORDS; f <= SILLOK_DIFF_JSON; f++) {
        char *out;
        size_t len;
        options.format = (enum sillok_diff_format)f;
        options.colour = (int)salt & 1;
        options.columns = 20 + (int)(salt >> 1 & 63);
        options.context = (int)(salt >> 7 & 3) - 1;
        fuzz_done(sillok_diff_render(&out, &len, diff, a, b, &options), "rendering");
        fuzz_expect(utf8_valid(text_make(out, len)) && !memchr(out, 0, len),
                    "a rendering is text");
        if (f == SILLOK_DIFF_JSON) {
            json_t *root = json_loadb(out, len, JSON_ALLOW_NUL, NULL);
            fuzz_expect(json_is_object(root), "JSON is JSON");
            json_decref(root);
        }
        sillok_free(out);
    }
}

static void classify(const struct sillok_diff *diff, const struct sillok_article *before,
                     const struct sillok_article *after)
{
    struct sillok_change_class c, own;
    struct sillok_significance_part parts[SILLOK_MAX_PARTS];
    fuzz_done(sillok_change_classify(&c, before, after, diff), "a kind");
    fuzz_expect((unsigned)c.kind < SILLOK_N_KINDS && c.kinds & 1u << c.kind, "it is one");
    fuzz_expect(c.significance >= 0 && c.significance <= 100, "significance is bounded");
    fuzz_expect(c.flags >> SILLOK_N_FLAGS == 0, "flags have names");
    fuzz_expect(memchr(c.why, 0, sizeof(c.why)) != NULL && utf8_valid(text_of(c.why)),
                "the reason is a text");
    double sum = 0;
    const int n = sillok_change_parts(&c, parts, SILLOK_MAX_PARTS);
    for (int i = 0; i < n; i++)
        sum += parts[i].points;
    fuzz_expect(n <= SILLOK_MAX_PARTS && sum > c.significance - 1e-6,
                "parts make the sum");
    fuzz_done(sillok_change_classify(&own, before, after, NULL), "a kind without a diff");
    fuzz_equal(text_make((const char *)&own.kind, sizeof(own.kind)),
               text_make((const char *)&c.kind, sizeof(c.kind)), "it is the same kind");
    fuzz_expect(own.flags == c.flags && own.kinds == c.kinds, "and the same flags");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sillok_text rest = { size ? (const char *)data : "", size };
    struct sillok_article before = { .oid = text_of("1"), .aid = text_of("2") };
    struct sillok_article after = before;
    struct sillok_diff *diff;
    before.body = fuzz_part(&rest, '\x1e');
    after.body = fuzz_part(&rest, '\x1e');
    before.fields[SILLOK_TITLE] = fuzz_part(&rest, '\x1e');
    after.fields[SILLOK_TITLE] = rest;
    fuzz_done(sillok_diff_new(&diff, before.body, after.body), "a diff");
    check_diff(diff, before.body, after.body);
    if (fuzz_thorough(data, size))
        check_renderings(diff, before.body, after.body,
                         (unsigned)size * 2654435761u >> 16);
    classify(diff, &before, &after);
    sillok_diff_free(diff);
    return 0;
}
