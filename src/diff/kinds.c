/*
 * What kind of change is it? The first rule that fits; docs/kinds.md has them with
 * examples.
 *
 * Rules ask about the diff (figures), about its places (change.c) and about the whole
 * texts (normal.c). All is deterministic; SILLOK_RULES_VERSION changes with the rules.
 */
#include "diff/kinds.h"

#include "diff/chars.h"
#include "diff/compose.h"
#include "diff/credits.h"
#include "diff/diff.h"
#include "diff/fault.h"
#include "diff/name.h"
#include "diff/normal.h"
#include "diff/notice.h"
#include "diff/number.h"
#include "diff/quotation.h"

#include <stdio.h>
#include <string.h>

DEFINE_CLEANUP(struct sillok_diff *, sillok_diff_free)

static const char *const kind_names[SILLOK_N_KINDS] = {
    "reverted", "headline",  "emptied", "cosmetic", "correction", "byline",  "added",
    "removed",  "rewritten", "number",  "typo",     "word",       "wording", "metadata",
};

static const char *const flag_names[SILLOK_N_FLAGS] = {
    "number",     "quote",         "name",
    "moved",      "negation",      "conflict",
    "coarse",     "headline_mark", "headline_cosmetic",
    "silent",     "announced",     "unconfirmed",
    "extraction", "mismatch",      "opposite",
};

const char *sillok_kind_name(enum sillok_kind kind)
{
    return (unsigned)kind < SILLOK_N_KINDS ? kind_names[kind] : "unknown";
}

int sillok_kind_parse(const char *name, size_t len)
{
    for (int i = 0; i < SILLOK_N_KINDS; i++)
        if (text_is(text_make(name, len), kind_names[i]))
            return i;
    return -1;
}

const char *sillok_flag_name(int bit)
{
    return bit >= 0 && bit < SILLOK_N_FLAGS ? flag_names[bit] : "unknown";
}

int sillok_flag_parse(const char *name, size_t len)
{
    for (int i = 0; i < SILLOK_N_FLAGS; i++)
        if (text_is(text_make(name, len), flag_names[i]))
            return i;
    return -1;
}

static uint32_t bit(enum sillok_kind kind)
{
    return 1u << kind;
}

/* --- what the rules look at --- */

enum {
    PASSAGE_LETTERS = 12, /* put in or taken out inside a sentence: more than a word */
    SHORT_WORDS = 8,      /* numbers and what stands around them: no more than a phrase */
    NUMBER_WORDS = 4,     /* a number with its unit */
};

struct evidence {
    struct sillok_text before, after;
    const struct sillok_diff_figures *f;
    struct changes c;
    size_t n_sentences; /* of the longer side */
    /* of the changes that count: */
    size_t n, n_boiler;
    size_t letters_old, letters_new; /* that went and came */
    size_t replaced;                 /* places where both went and came */
    unsigned rows_removed, rows_added, pairs;
    size_t n_whole;    /* places that are whole: see struct change */
    size_t n_numbers;  /* places with a number on both sides */
    size_t n_short;    /* places of at most SHORT_WORDS words a side */
    size_t n_passages; /* places that put in or take out more than two words */
    size_t n_swapped;  /* places where whole sentences went and others came */
    int numbers;       /* others stand there */
    int signs;         /* or other signs of them */
    int quoting;       /* somebody is quoted now, or no longer */
    int moved_numbers; /* or the same in each other's places: 3:2 -> 2:3 */
    int moved_prose;   /* a sentence that is no boilerplate stands elsewhere */
};

static void sum_up(struct evidence *e)
{
    for (size_t i = 0; i < e->c.n; i++) {
        const struct change *c = &e->c.v[i];
        if (change_is_layout(c))
            continue;
        if (c->boiler) {
            e->n_boiler++;
            continue;
        }
        e->n++;
        e->letters_old += c->letters_old;
        e->letters_new += c->letters_new;
        e->replaced += c->letters_old && c->letters_new;
        e->rows_removed += c->rows_removed;
        e->rows_added += c->rows_added;
        e->pairs += c->pairs;
        e->signs |= c->sign_matters;
        e->moved_numbers |= change_moves_number(c);
        e->n_whole += (size_t)c->whole;
        e->n_swapped += (size_t)change_is_swap(c);
        e->n_numbers += (size_t)(c->sign_matters || change_replaces_number(&e->c, c));
        e->n_short += (size_t)change_is_short(c, SHORT_WORDS);
        e->n_passages += !change_is_short(c, 2) && (c->letters_old >= PASSAGE_LETTERS ||
                                                    c->letters_new >= PASSAGE_LETTERS);
    }
    e->numbers = e->signs || e->moved_numbers || change_numbers_differ(&e->c);
    e->quoting = changes_quoting(&e->c);
}

static size_t count_sentences(const struct sillok_diff *diff)
{
    size_t n, old_n = 0, new_n = 0;
    const struct sillok_row *rows = sillok_diff_rows(diff, &n);
    for (size_t i = 0; i < n; i++) {
        old_n += rows[i].old_span.end > rows[i].old_span.start;
        new_n += rows[i].new_span.end > rows[i].new_span.start;
    }
    return old_n > new_n ? old_n : new_n;
}

static int gather(struct evidence *e, const struct sillok_diff *diff,
                  struct sillok_text before, struct sillok_text after, int is_title)
{
    *e = (struct evidence){ .before = before, .after = after };
    e->f = sillok_diff_figures(diff);
    int r = changes_find(&e->c, diff, before, after);
    if (r == 0 && is_title)
        changes_of_title(&e->c);
    if (r == 0 && e->f->sentences_moved)
        r = e->moved_prose = credits_moved_prose(diff, after);
    if (r < 0)
        return r;
    e->n_sentences = count_sentences(diff);
    sum_up(e);
    return 0;
}

/* --- the rules for a body --- */

static int is_added(const struct evidence *e)
{
    return e->n && !e->letters_old && e->letters_new &&
           (e->rows_added > e->rows_removed || e->n_passages || e->n_whole == e->n);
}

static int is_removed(const struct evidence *e)
{
    return e->n && !e->letters_new && e->letters_old &&
           (e->rows_removed > e->rows_added || e->n_passages || e->n_whole == e->n);
}

/* A sign or a unit is all that differs, or the number that has it: 1조9150억원, 2조800억 달러.
 * Where one text stands in place of another, some number has another unit too. */
static int is_sign_only(const struct change *c)
{
    return c->sign_matters && (c->same_letters || change_is_short(c, NUMBER_WORDS));
}

static int is_number_only(const struct changes *all, const struct change *c)
{
    (void)all;
    return change_is_number(c) || is_sign_only(c);
}

typedef int is_so_fn(const struct changes *all, const struct change *c);

/* There are places that count, and each is so. */
static int all_are(const struct evidence *e, is_so_fn *is_so)
{
    for (size_t i = 0; i < e->c.n; i++)
        if (change_counts(&e->c.v[i]) && !is_so(&e->c, &e->c.v[i]))
            return 0;
    return e->n > 0;
}

static int is_number(const struct evidence *e)
{
    return all_are(e, is_number_only) ||
           (e->numbers && e->n <= 2 && e->n_short == e->n && e->n_numbers);
}

static int is_hardly_anything(const struct changes *all, const struct change *c)
{
    (void)all;
    return change_distance(c, 2) <= 2;
}

/* A few places, hardly anything in each. */
static int is_slight(const struct evidence *e)
{
    return e->n <= 3 && !e->numbers && all_are(e, is_hardly_anything);
}

/* Who leaves typos out must not miss 유죄 -> 무죄, nor 있다 -> 없다, nor 사망 -> 부상. */
static int is_typo(const struct evidence *e)
{
    return is_slight(e) && all_are(e, change_is_slip) && !changes_negation(&e->c) &&
           !changes_opposite(&e->c);
}

static int is_two_words(const struct changes *all, const struct change *c)
{
    (void)all;
    return change_is_short(c, 2);
}

/* One place. */
static int is_word(const struct evidence *e)
{
    return e->n == 1 && all_are(e, is_two_words);
}

static int is_rewritten(const struct evidence *e)
{
    if (e->f->similarity < 0.5) /* in a text of three words a typo is half of it */
        return !is_slight(e) && !is_word(e) && !all_are(e, is_number_only);
    if (e->n_swapped)
        return 1;
    const size_t touched = e->rows_added + e->rows_removed + e->pairs;
    const int both = e->rows_removed + e->replaced > 0 && e->rows_added + e->replaced > 0;
    return both && e->rows_added + e->rows_removed > 0 && touched >= 3 &&
           5 * touched >= e->n_sentences;
}

static enum sillok_kind kind_of_body(const struct evidence *e, int is_emptied)
{
    if (notice_came(&e->c)) /* also where nothing but the notice is left */
        return SILLOK_KIND_CORRECTION;
    if (is_emptied || (e->f->similarity < 0.5 && fault_garbled(e->before, e->after)))
        return SILLOK_KIND_EMPTIED;
    if (!e->n && (e->moved_prose || e->quoting))
        return SILLOK_KIND_WORDING;
    if (!e->n)
        return e->n_boiler || e->f->sentences_moved ? SILLOK_KIND_BYLINE
                                                    : SILLOK_KIND_COSMETIC;
    if (is_added(e))
        return SILLOK_KIND_ADDED;
    if (is_removed(e))
        return SILLOK_KIND_REMOVED;
    if (is_rewritten(e))
        return SILLOK_KIND_REWRITTEN;
    if (is_number(e))
        return SILLOK_KIND_NUMBER;
    if (is_typo(e))
        return SILLOK_KIND_TYPO;
    return is_word(e) ? SILLOK_KIND_WORD : SILLOK_KIND_WORDING;
}

static uint32_t flags_of(const struct evidence *e)
{
    uint32_t flags = 0;
    if (e->numbers)
        flags |= SILLOK_FLAG_NUMBER;
    if (e->quoting || changes_in_quote(&e->c))
        flags |= SILLOK_FLAG_QUOTE;
    if (changes_name(&e->c))
        flags |= SILLOK_FLAG_NAME;
    if (e->f->sentences_moved)
        flags |= SILLOK_FLAG_MOVED;
    if (changes_negation(&e->c))
        flags |= SILLOK_FLAG_NEGATION;
    if (changes_opposite(&e->c))
        flags |= SILLOK_FLAG_OPPOSITE;
    if (e->f->coarse)
        flags |= SILLOK_FLAG_COARSE;
    return flags;
}

/* --- titles --- */

/* Length of a mark at the start of @p t, such as "[속보] ", or 0. */
static size_t leading_mark(struct sillok_text t)
{
    static const char *const open[] = { "[", "【", "<", "(" };
    static const char *const close[] = { "]", "】", ">", ")" };
    for (size_t i = 0; i < 4; i++) {
        if (!text_starts(t, open[i]))
            continue;
        const char *end = memmem(t.ptr, t.len, close[i], strlen(close[i]));
        const size_t len = end ? (size_t)(end - t.ptr) + strlen(close[i]) : 0;
        if (len && char_count(text_make(t.ptr, len)) <= 14)
            return len;
    }
    return 0;
}

static size_t trailing_mark(struct sillok_text t)
{
    static const char open[] = "([<", close[] = ")]>";
    for (size_t i = 0; i < 3; i++) {
        if (!t.len || t.ptr[t.len - 1] != close[i])
            continue;
        const char *start = memrchr(t.ptr, open[i], t.len);
        const size_t len = start ? (size_t)(t.ptr + t.len - start) : 0;
        if (len && char_count(text_make(start, len)) <= 14)
            return len;
    }
    return 0;
}

/* A mark at the end that goes makes none at the start. */
static struct sillok_text without_marks(struct sillok_text t)
{
    size_t n;
    t = text_trim(t, " \t");
    while ((n = leading_mark(t)) > 0)
        t = text_trim(text_from(t, n), " \t");
    while ((n = trailing_mark(t)) > 0)
        t = text_trim(text_make(t.ptr, t.len - n), " \t");
    return t;
}

/* [정정], (고침) */
static int is_corrected(struct sillok_text title)
{
    const size_t tail = trailing_mark(title);
    return notice_in_mark(text_make(title.ptr, leading_mark(title))) ||
           notice_in_mark(text_from(title, title.len - tail));
}

static int asks(struct sillok_text title)
{
    return memchr(title.ptr, '?', title.len) || memmem(title.ptr, title.len, "？", 3);
}

/* Flags of a changed title: what else it is, or a failure. */
static int flags_of_title(uint32_t *flags, const struct evidence *e)
{
    /* Who says it, and whether it is said or asked, is neither layout nor a mark. */
    if (e->quoting || asks(e->before) != asks(e->after))
        return 0;
    if (!e->n && !e->f->sentences_moved) {
        *flags |= SILLOK_FLAG_HEADLINE_COSMETIC;
        return 0;
    }
    /* A sign of a number is no mark, and one that says that something was wrong is more. */
    const struct sillok_text before = without_marks(e->before),
                             after = without_marks(e->after);
    if (e->signs || numbers_sum(before) != numbers_sum(after) ||
        is_corrected(e->after) > is_corrected(e->before))
        return 0;
    const int r = normal_same_letters(before, after);
    /* The number of (2보) is the mark's. */
    if (r == 1)
        *flags = (*flags & ~(uint32_t)SILLOK_FLAG_NUMBER) | SILLOK_FLAG_HEADLINE_MARK;
    return r < 0 ? r : 0;
}

/* --- putting it together --- */

static uint32_t changed_fields(const struct sillok_article *a,
                               const struct sillok_article *b)
{
    uint32_t fields = 0;
    for (int i = 0; i < SILLOK_N_FIELDS; i++)
        if (!text_equal(a->fields[i], b->fields[i]))
            fields |= 1u << i;
    if (!text_equal(a->body, b->body))
        fields |= SILLOK_FIELD_BODY;
    return fields;
}

/* Where the publisher stamps its edits: did the stamp move with the text? */
static uint32_t stamp_flags(const struct sillok_article *a,
                            const struct sillok_article *b, uint32_t fields)
{
    const uint32_t text = 1u << SILLOK_TITLE | SILLOK_FIELD_BODY;
    if (!(fields & text) || !a->fields[SILLOK_MODIFIED_AT].len ||
        !b->fields[SILLOK_MODIFIED_AT].len)
        return 0;
    return fields & 1u << SILLOK_MODIFIED_AT ? SILLOK_FLAG_ANNOUNCED : SILLOK_FLAG_SILENT;
}

/* Metadata other than the title: layout only, the author, or anything. 0 when none. */
static int kinds_of_metadata(uint32_t *kinds, const struct sillok_article *a,
                             const struct sillok_article *b, uint32_t fields)
{
    for (int i = 0; i < SILLOK_N_FIELDS; i++) {
        if (i == SILLOK_TITLE || !(fields & 1u << i))
            continue;
        if (i == SILLOK_MODIFIED_AT) {
            /* The publisher's stamp alone is no change of anything a reader reads. */
            *kinds |= bit(SILLOK_KIND_COSMETIC);
            continue;
        }
        const int same = normal_same_text(a->fields[i], b->fields[i]);
        if (same < 0)
            return same;
        if (same)
            *kinds |= bit(SILLOK_KIND_COSMETIC);
        else if (i == SILLOK_AUTHOR)
            *kinds |= bit(SILLOK_KIND_BYLINE);
        else
            *kinds |= bit(SILLOK_KIND_METADATA);
    }
    return 0;
}

static enum sillok_kind first_of_metadata(uint32_t kinds)
{
    if (kinds & bit(SILLOK_KIND_METADATA))
        return SILLOK_KIND_METADATA;
    return kinds & bit(SILLOK_KIND_BYLINE) ? SILLOK_KIND_BYLINE : SILLOK_KIND_COSMETIC;
}

static int add_sample(struct buf *b, const struct change *c)
{
    enum { COLUMNS = 32 };
    const struct {
        struct sillok_text text;
        const char *begin, *end;
    } sides[] = { { c->old_text, "[-", "-]" }, { c->new_text, "{+", "+}" } };
    int r = 0;
    for (int i = 0; i < 2; i++) {
        if (!sides[i].text.len)
            continue;
        r = r < 0 ? r : buf_add_str(b, sides[i].begin);
        r = r < 0 ? r : utf8_add_fit(b, sides[i].text, COLUMNS, 0);
        r = r < 0 ? r : buf_add_str(b, sides[i].end);
    }
    return r;
}

static int renumbers(const struct changes *one)
{
    return one->v[0].sign_matters || change_replaces_number(one, &one->v[0]);
}

/* The place to show: the notice of a correction, what became its opposite, a number in the
 * place of another, a negation; or the first that is no layout. NULL when there is none. */
static const struct change *choose_sample(const struct evidence *e, enum sillok_kind kind,
                                          uint32_t flags)
{
    enum { LOOKED_AT = 64 };
    const struct {
        int given;
        int (*asked)(const struct changes *one);
    } reasons[] = {
        { kind == SILLOK_KIND_CORRECTION, notice_came },
        { (flags & SILLOK_FLAG_OPPOSITE) != 0, changes_opposite },
        { (flags & SILLOK_FLAG_NUMBER) != 0, renumbers },
        { (flags & SILLOK_FLAG_NEGATION) != 0, changes_negation },
    };
    const struct change *first = e->quoting ? e->c.v : NULL;
    for (size_t i = e->c.n; i > 0; i--)
        if (!change_is_layout(&e->c.v[i - 1]) && (!e->c.v[i - 1].boiler || !e->n))
            first = &e->c.v[i - 1];
    for (size_t k = 0; e->n > 1 && k < sizeof(reasons) / sizeof(reasons[0]); k++)
        for (size_t i = 0; reasons[k].given && i < e->c.n && i < LOOKED_AT; i++) {
            struct changes one = { &e->c.v[i], 1, 0, e->c.old_text, e->c.new_text };
            if (change_counts(one.v) && reasons[k].asked(&one))
                return one.v;
        }
    return first;
}

/* The signals in words, and one change as a sample; cut to the room there is.
 * @param flags  of this text alone */
static int write_why(struct sillok_change_class *out, const struct evidence *e,
                     enum sillok_kind kind, uint32_t flags)
{
    CLEANUP(buf_release) struct buf b = BUF_INIT;
    int r = buf_printf(&b, "%s: %zu place%s", sillok_kind_name(kind), e->c.n,
                       e->c.n == 1 ? "" : "s");
    if (r == 0 && e->f->sentences_added)
        r = buf_printf(&b, ", %zu sentence%s added", e->f->sentences_added,
                       e->f->sentences_added == 1 ? "" : "s");
    if (r == 0 && e->f->sentences_removed)
        r = buf_printf(&b, ", %zu removed", e->f->sentences_removed);
    if (r == 0 && e->f->sentences_moved)
        r = buf_printf(&b, ", %zu moved", e->f->sentences_moved);
    const struct change *const sample = choose_sample(e, kind, flags);
    if (r == 0 && sample)
        r = buf_add_char(&b, ' ');
    if (r == 0 && sample)
        r = add_sample(&b, sample);
    if (r < 0)
        return r;
    const struct sillok_text why = utf8_cut(buf_text(&b), sizeof(out->why) - 1);
    memcpy(out->why, why.ptr, why.len);
    out->why[why.len] = '\0';
    return 0;
}

/* 1 when a changed title names the kind: with an equal body, or, so that it is not hidden
 * behind a change of layout, before one that differs in nothing else. */
static int leads(const struct sillok_change_class *c)
{
    if (!(c->fields & SILLOK_FIELD_BODY))
        return 1;
    return (c->kind == SILLOK_KIND_COSMETIC || c->kind == SILLOK_KIND_BYLINE) &&
           !(c->flags & SILLOK_FLAG_HEADLINE_COSMETIC);
}

static struct sillok_text safe(struct sillok_text t)
{
    return t.ptr ? t : text_make("", 0);
}

/* What was only escaped once more, or once less, is layout, however many places that makes. */
static void tell_escaped(struct sillok_change_class *out, enum sillok_kind kind)
{
    out->kind = kind;
    out->similarity = LIKENESS_ALMOST;
    snprintf(out->why, sizeof(out->why), "%s: escaped once more or less",
             sillok_kind_name(kind));
}

/* The title's part: flags, and all figures where nothing else changed. */
static int classify_title(struct sillok_change_class *out,
                          const struct sillok_article *before,
                          const struct sillok_article *after)
{
    CLEANUP(composed_release) struct composed a = COMPOSED_INIT;
    CLEANUP(composed_release) struct composed b = COMPOSED_INIT;
    CLEANUP(sillok_diff_free) struct sillok_diff *diff = NULL;
    int r =
        fault_escaped_apart(before->fields[SILLOK_TITLE], after->fields[SILLOK_TITLE]);
    if (r > 0) {
        out->kinds |= bit(SILLOK_KIND_HEADLINE);
        out->flags |= SILLOK_FLAG_HEADLINE_COSMETIC;
        if (leads(out))
            tell_escaped(out, SILLOK_KIND_HEADLINE);
        return 0;
    }
    r = r < 0 ? r : compose(&a, safe(before->fields[SILLOK_TITLE]));
    r = r < 0 ? r : compose(&b, safe(after->fields[SILLOK_TITLE]));
    r = r < 0 ? r : diff_of_composed(&diff, a.text, b.text);
    if (r < 0)
        return r;
    struct evidence e;
    r = gather(&e, diff, a.text, b.text, 1);
    uint32_t flags = r < 0 ? 0 : flags_of(&e);
    r = r < 0 ? r : flags_of_title(&flags, &e);
    out->kinds |= bit(SILLOK_KIND_HEADLINE);
    out->flags |= flags;
    if (r == 0 && !(out->fields & SILLOK_FIELD_BODY)) {
        out->similarity = text_equal(a.text, b.text) ? LIKENESS_ALMOST : e.f->similarity;
        out->added_chars = e.f->added_chars;
        out->removed_chars = e.f->removed_chars;
    }
    if (r == 0 && leads(out)) {
        out->kind = SILLOK_KIND_HEADLINE;
        r = write_why(out, &e, SILLOK_KIND_HEADLINE, flags);
    }
    changes_release(&e.c);
    return r;
}

/* The places of a body whose normal form is another than the text. */
static int sketch_as_it_is(struct place_sketch *sketch, struct sillok_text before,
                           struct sillok_text after)
{
    struct changes c;
    const int r = changes_between(&c, before, after);
    if (r == 0)
        sketch_add_changes(sketch, &c);
    changes_release(&c);
    return r;
}

/* The normal form says nothing: what is not NFC is looked at as NFC.
 * @param diff    of the texts as they are; NULL: there is none
 * @param sketch  of the places of the texts as they are; may be NULL */
static int classify_body(struct sillok_change_class *out, struct sillok_text before,
                         struct sillok_text after, const struct sillok_diff *diff,
                         struct place_sketch *sketch)
{
    CLEANUP(composed_release) struct composed a = COMPOSED_INIT;
    CLEANUP(composed_release) struct composed b = COMPOSED_INIT;
    CLEANUP(sillok_diff_free) struct sillok_diff *own = NULL;
    struct evidence e;
    int r = fault_escaped_apart(before, after);
    if (r > 0) {
        tell_escaped(out, SILLOK_KIND_COSMETIC);
        out->kinds |= bit(out->kind);
        return 0;
    }
    r = r < 0 ? r : compose(&a, before);
    r = r < 0 ? r : compose(&b, after);
    const int as_it_is = r == 0 && !composed_differs(&a) && !composed_differs(&b);
    if (r == 0 && (!diff || !as_it_is))
        r = diff_of_composed(&own, a.text, b.text);
    if (r < 0)
        return r;
    r = gather(&e, own ? own : diff, a.text, b.text, 0);
    if (r == 0) {
        const int is_emptied = fault_emptied(e.before, e.after);
        out->kind = kind_of_body(&e, is_emptied);
        out->kinds |= bit(out->kind);
        if (is_emptied) /* or withdrawn with a notice */
            out->kinds |= bit(SILLOK_KIND_REMOVED);
        const uint32_t flags = flags_of(&e);
        out->flags |= flags;
        out->similarity = text_equal(a.text, b.text) ? LIKENESS_ALMOST : e.f->similarity;
        out->added_chars = e.f->added_chars;
        out->removed_chars = e.f->removed_chars;
        r = write_why(out, &e, out->kind, flags);
    }
    if (r == 0 && sketch && as_it_is)
        sketch_add_changes(sketch, &e.c);
    else if (r == 0 && sketch)
        r = sketch_as_it_is(sketch, before, after);
    changes_release(&e.c);
    return r;
}

static int classify_fields(struct sillok_change_class *out,
                           const struct sillok_article *before,
                           const struct sillok_article *after,
                           const struct sillok_diff *diff, struct place_sketch *sketch)
{
    int r = kinds_of_metadata(&out->kinds, before, after, out->fields);
    out->kind = first_of_metadata(out->kinds);
    for (int i = 0; i < SILLOK_N_FIELDS && sketch; i++)
        if (out->fields & 1u << i)
            sketch_add_field(sketch, i, before->fields[i], after->fields[i]);
    if (r == 0 && (out->fields & SILLOK_FIELD_BODY))
        r = classify_body(out, safe(before->body), safe(after->body), diff, sketch);
    if (r == 0 && (out->fields & 1u << SILLOK_TITLE))
        r = classify_title(out, before, after);
    return r;
}

static int classify(struct sillok_change_class *out, const struct sillok_article *before,
                    const struct sillok_article *after, const struct sillok_diff *diff,
                    struct place_sketch *sketch)
{
    struct sillok_change_class c = { .similarity = 1 };
    c.fields = changed_fields(before, after);
    if (c.fields) {
        const int r = classify_fields(&c, before, after, diff, sketch);
        if (r < 0)
            return r;
        c.flags |= stamp_flags(before, after, c.fields);
        if (!c.why[0])
            snprintf(c.why, sizeof(c.why), "%s: fields only", sillok_kind_name(c.kind));
        c.significance = sillok_change_significance(&c);
    } else {
        c.kind = SILLOK_KIND_COSMETIC;
        c.kinds = bit(c.kind);
        snprintf(c.why, sizeof(c.why), "no difference");
    }
    *out = c;
    return 0;
}

int sillok_change_classify(struct sillok_change_class *out,
                           const struct sillok_article *before,
                           const struct sillok_article *after,
                           const struct sillok_diff *diff)
{
    const int r = diff ? diff_fits(diff, before->body, after->body) : 0;
    return r < 0 ? r : classify(out, before, after, diff, NULL);
}

int change_classify(struct sillok_change_class *out, struct place_sketch *sketch,
                    const struct sillok_article *before,
                    const struct sillok_article *after)
{
    memset(sketch, 0, sizeof(*sketch));
    return classify(out, before, after, NULL, sketch);
}
