/* What stands in the places that changed: see change.h. */
#include "diff/change.h"

#include "diff/credits.h"
#include "diff/name.h"
#include "diff/normal.h"
#include "diff/number.h"
#include "diff/opposite.h"
#include "diff/particle.h"
#include "diff/sign.h"
#include "diff/slip.h"
#include "diff/token.h"
#include "diff/unit.h"

#include <stdlib.h>
#include <string.h>

/* --- finding them --- */

struct collector {
    struct changes *out;
    const struct sillok_diff *diff;
    struct change now;
    struct sillok_span old_span, new_span;
    int open, edge_before;
};

/* Takes the common start and end off both sides, whole characters. */
static void cut_common(struct change *c)
{
    const struct sillok_text a = c->old_text, b = c->new_text;
    const size_t less = a.len < b.len ? a.len : b.len;
    const size_t start = utf8_common_start(a, b);
    size_t end = text_common_end(text_from(a, a.len - less + start),
                                 text_from(b, b.len - less + start));
    while (end > 0 && utf8_is_tail(a.ptr[a.len - end])) /* the same byte in both */
        end--;
    c->cut_old = text_make(a.ptr + start, a.len - start - end);
    c->cut_new = text_make(b.ptr + start, b.len - start - end);
}

/* 1 when @p t ends as a sentence does. */
static int ends_in_stop(struct sillok_text t)
{
    while (t.len && (t.ptr[t.len - 1] == ' ' || t.ptr[t.len - 1] == '\n'))
        t.len--;
    return text_ends(t, ".") || text_ends(t, "!") || text_ends(t, "?") ||
           text_ends(t, ".\"") || text_ends(t, ".”");
}

/* 1 when a word begins or ends at byte @p at of @p all. At @p from one begins. */
static int parts_words(struct sillok_text all, size_t from, size_t at)
{
    struct token tok;
    while (from < at && from < all.len) {
        token_next(&tok, all, from, all.len);
        from += tok.len;
    }
    return from == at;
}

/* 1 when @p t, a piece of a longer text, begins or ends in the middle of a word; or when what
 * stood beside it is one word without it: of 1천200 became 1200. */
static int is_glued(const struct collector *k, const struct change *c)
{
    const int went = c->cut_old.len != 0;
    const struct sillok_text all = went ? k->out->old_text : k->out->new_text;
    const struct sillok_text other = went ? k->out->new_text : k->out->old_text;
    const struct sillok_text t = went ? c->cut_old : c->cut_new;
    const size_t from = went ? c->old_at : c->new_at, at = (size_t)(t.ptr - all.ptr);
    const size_t other_from = went ? c->new_at : c->old_at;
    return !parts_words(all, from, at) || !parts_words(all, at, at + t.len) ||
           !parts_words(other, other_from, other_from + (at - from));
}

static int is_edge(struct sillok_text all, size_t at)
{
    return at == 0 || at >= all.len || all.ptr[at] == ' ' || all.ptr[at - 1] == ' ';
}

/* 1 when @p t, a piece of @p all, is said twice: the word before it or behind it is the same. */
static int is_repeated(struct sillok_text t, struct sillok_text all)
{
    const struct sillok_text w = text_trim(t, " ");
    const size_t at = (size_t)(w.ptr - all.ptr), blank = 1;
    const size_t before = at >= w.len + blank ? at - w.len - blank : all.len;
    const size_t after = at + w.len + blank;
    return w.len && ((before < all.len && is_edge(all, before) &&
                      text_equal(text_make(all.ptr + before, w.len), w)) ||
                     (after + w.len <= all.len && is_edge(all, after + w.len) &&
                      text_equal(text_make(all.ptr + after, w.len), w)));
}

/* Runs without blanks that have a letter or a digit. */
static unsigned count_words(struct sillok_text t)
{
    unsigned n = 0;
    int in_word = 0;
    for (size_t i = 0; i < t.len;) {
        uint32_t cp;
        i += char_decode(t.ptr + i, t.len - i, &cp);
        const enum char_class class = char_class_of(cp);
        if (class == CHAR_BLANK) {
            in_word = 0;
        } else if (!in_word && char_is_word(class)) {
            in_word = 1;
            n++;
        }
    }
    return n;
}

enum { FEW_WORDS = 2, PREVIEW_BYTES = 4096 };

/* 1 when the first letters of both are others already: spares the rest of large changes.
 */
static int differ_early(struct sillok_text a, struct sillok_text b, int *differ)
{
    enum { SLACK = 64 }; /* the cut may have hit what would compose */
    CLEANUP(buf_release) struct buf x = BUF_INIT;
    CLEANUP(buf_release) struct buf y = BUF_INIT;
    *differ = 0;
    if (a.len <= PREVIEW_BYTES || b.len <= PREVIEW_BYTES)
        return 0;
    int r = normal_letters(&x, text_make(a.ptr, PREVIEW_BYTES));
    r = r < 0 ? r : normal_letters(&y, text_make(b.ptr, PREVIEW_BYTES));
    const size_t less = x.len < y.len ? x.len : y.len;
    if (r == 0 && less > SLACK)
        *differ = memcmp(x.ptr, y.ptr, less - SLACK) != 0;
    return r;
}

static int same_letters(const struct change *c)
{
    int differ;
    const int r = differ_early(c->old_text, c->new_text, &differ);
    return r < 0 || differ ? r : normal_same_letters(c->old_text, c->new_text);
}

enum { PLACES_MAX = 1000 }; /* what differs in more places is not looked at so closely */

static int has_digit(struct sillok_text t)
{
    for (size_t i = 0; i < t.len; i++)
        if (char_is_digit(t.ptr[i]))
            return 1;
    return 0;
}

/* Where a sentence came or went beside a byline that is another, or in the place of one, the
 * byline is no text that went for it, or came. A word in the place of a byline is no sentence. */
static int leave_credits_out(struct change *c, const struct changes *all)
{
    enum { SENTENCE_LETTERS = 12 };
    if (c->boiler || c->rows_removed + c->rows_added == 0 || all->n >= PLACES_MAX)
        return 0;
    int r = 0;
    if (c->letters_old && c->letters_new >= SENTENCE_LETTERS)
        r = credits_on_side(c, 0, all->old_text, all->new_text);
    if (r == 1) {
        c->letters_old = 0;
        c->rows_removed = 0;
    } else if (r == 0 && c->letters_new && c->letters_old >= SENTENCE_LETTERS) {
        r = credits_on_side(c, 1, all->old_text, all->new_text);
        c->letters_new = r == 1 ? 0 : c->letters_new;
        c->rows_added = r == 1 ? 0 : c->rows_added;
    }
    c->whole |= r == 1;
    return r < 0 ? r : 0;
}

/* Its texts, and whether words or sentences were put in or taken out. */
static void take_texts(struct collector *k, int edge_after)
{
    const struct changes *out = k->out;
    struct change *c = &k->now;
    c->old_at = k->old_span.start;
    c->new_at = k->new_span.start;
    c->old_text = text_make(out->old_text.ptr + c->old_at, k->old_span.end - c->old_at);
    c->new_text = text_make(out->new_text.ptr + c->new_at, k->new_span.end - c->new_at);
    cut_common(c);
    const struct sillok_text one = c->cut_old.len ? c->cut_old : c->cut_new;
    c->words = (!c->cut_old.len || !c->cut_new.len) && !is_glued(k, c) &&
               !is_repeated(one, c->cut_old.len ? out->old_text : out->new_text);
    /* 또, 이날 오전: where a sentence begins, words are put in as anywhere in it */
    const int begins = k->edge_before &&
                       (c->rows_removed || c->rows_added || count_words(one) > FEW_WORDS);
    c->whole = c->words && (begins || edge_after || ends_in_stop(one));
    c->letters_old = char_count_letters(c->cut_old);
    c->letters_new = char_count_letters(c->cut_new);
}

/* Is it another number by its sign or its unit alone? */
static int sign_matters(const struct change *c, const struct changes *all)
{
    int matters = signs_differ(c->old_text, all->old_text, c->new_text, all->new_text) ||
                  units_differ(c->old_text, all->old_text, c->new_text, all->new_text);
    /* 15 -> 1.5, not 두개 -> 두 개; and 3-5 -> 3, 5: a sign between two numbers */
    if (!matters && c->same_letters && has_digit(c->old_text))
        matters = numbers_sum(c->old_text) != numbers_sum(c->new_text) ||
                  signs_differ(c->cut_old, all->old_text, c->cut_new, all->new_text);
    return matters && !same_but_form(c->old_text, c->new_text);
}

static int close_change(struct collector *k, int edge_after)
{
    struct changes *out = k->out;
    struct change *c = &k->now;
    if (!k->open)
        return 0;
    k->open = 0;
    take_texts(k, edge_after);
    int r = c->same_letters = same_letters(c);
    if (r >= 0) {
        c->sign_matters = sign_matters(c, out);
        r = out->n < PLACES_MAX ? credits_only(c, out->old_text, out->new_text) : 0;
        c->boiler = r == 1;
    }
    if (r >= 0)
        r = leave_credits_out(c, out);
    if (r == 0)
        r = array_room(&out->v, out->n, &out->cap, sizeof(*out->v));
    if (r == 0)
        out->v[out->n++] = *c;
    return r;
}

static void extend(struct collector *k, struct sillok_span old_span,
                   struct sillok_span new_span, int edge_before)
{
    if (!k->open) {
        k->now = (struct change){ 0 };
        k->old_span = old_span;
        k->new_span = new_span;
        k->open = 1;
        k->edge_before = edge_before;
    }
    k->old_span.end = old_span.end;
    k->new_span.end = new_span.end;
}

static int collect_edits(struct collector *k, const struct sillok_row *row)
{
    size_t n;
    const struct sillok_edit *edits = sillok_diff_edits(k->diff, &n) + row->first_edit;
    int r = 0;
    for (size_t i = 0; r == 0 && i < row->n_edits; i++) {
        if (edits[i].op == SILLOK_EDIT_SAME) {
            r = close_change(k, 0);
            continue;
        }
        extend(k, edits[i].old_span, edits[i].new_span, i == 0);
    }
    if (k->open)
        k->now.pairs++;
    return r;
}

static int collect_row(struct collector *k, const struct sillok_row *row)
{
    switch (row->op) {
    case SILLOK_ROW_CHANGED:
        return collect_edits(k, row);
    case SILLOK_ROW_REMOVED:
        extend(k, row->old_span, row->new_span, 1);
        k->now.rows_removed++;
        return 0;
    case SILLOK_ROW_ADDED:
        extend(k, row->old_span, row->new_span, 1);
        k->now.rows_added++;
        return 0;
    case SILLOK_ROW_SAME:
    case SILLOK_ROW_MOVED_FROM:
    case SILLOK_ROW_MOVED_TO:
        break;
    }
    return close_change(k, 1);
}

/* --- where a feed cut the text --- */

/* Bytes of @p t without blanks and an ellipsis at its end; *ellipsis says if there was
 * one. Two full stops are one, as feeds write it. */
static size_t end_of_text(struct sillok_text t, int *ellipsis)
{
    size_t end = t.len;
    while (end && (t.ptr[end - 1] == ' ' || t.ptr[end - 1] == '\n'))
        end--;
    const size_t full = end;
    while (end && t.ptr[end - 1] == '.')
        end--;
    *ellipsis = full - end >= 2;
    if (text_ends(text_make(t.ptr, full), "…")) {
        end = full - strlen("…");
        *ellipsis = 1;
    }
    return *ellipsis ? end : full;
}

static size_t code_points(struct sillok_text t)
{
    size_t n = 0;
    for (size_t i = 0; i < t.len; i++)
        n += !utf8_is_tail(t.ptr[i]);
    return n;
}

static int is_near(size_t a, size_t b, size_t slack)
{
    return a > b ? a - b <= slack : b - a <= slack;
}

/* Feeds cut a text at a number of characters or bytes, so what is put in further up
 * pushes the end out. The last change is that and no edit when both texts break off in
 * the middle of a sentence at the same length, one of them merely goes on a little
 * further, and a change before it, or an ellipsis on both sides, says why. */
static void mark_cut(struct changes *out)
{
    enum { SLACK_CHARS = 3, SLACK_BYTES = 8 };
    if (!out->n)
        return;
    struct change *c = &out->v[out->n - 1];
    if (c->cut_old.len && c->cut_new.len)
        return;
    int old_dots, new_dots;
    const struct sillok_text a = out->old_text, b = out->new_text;
    const size_t old_end = end_of_text(a, &old_dots), new_end = end_of_text(b, &new_dots);
    if (old_dots != new_dots || (out->n == 1 && !old_dots) ||
        c->old_at + c->old_text.len < old_end || c->new_at + c->new_text.len < new_end ||
        ends_in_stop(text_make(a.ptr, old_end)) ||
        ends_in_stop(text_make(b.ptr, new_end)))
        return;
    c->cut = is_near(old_end, new_end, SLACK_BYTES) ||
             is_near(code_points(text_make(a.ptr, old_end)),
                     code_points(text_make(b.ptr, new_end)), SLACK_CHARS);
}

void changes_of_title(struct changes *c)
{
    int dots;
    end_of_text(c->new_text, &dots);
    if (c->n && !dots)
        c->v[c->n - 1].cut = 0;
}

int change_is_layout(const struct change *c)
{
    return c->cut || (c->same_letters && !c->sign_matters);
}

int change_counts(const struct change *c)
{
    return !c->boiler && !change_is_layout(c);
}

int changes_find(struct changes *out, const struct sillok_diff *diff,
                 struct sillok_text old_text, struct sillok_text new_text)
{
    *out = (struct changes){ .old_text = old_text, .new_text = new_text };
    struct collector k = { .out = out, .diff = diff };
    size_t n;
    const struct sillok_row *rows = sillok_diff_rows(diff, &n);
    int r = 0;
    for (size_t i = 0; r == 0 && i < n; i++)
        r = collect_row(&k, &rows[i]);
    r = r < 0 ? r : close_change(&k, 1);
    if (r == 0)
        mark_cut(out);
    return r;
}

void changes_release(struct changes *c)
{
    free(c->v);
    *c = (struct changes){ 0 };
}

/* --- numbers that changed --- */

/* @p t, at byte @p at of @p all, with what may be one number with it: the digits before
 * it and the word behind it. "[2,000]억", "5 [million]", "[두] 명". Both sides have the
 * same neighbours, so what is no part of one does not count. */
static struct sillok_text with_number(struct sillok_text t, struct sillok_text all,
                                      size_t at)
{
    enum { DIGITS = 32 };
    size_t from = at, to = at + t.len;
    if (from > 1 && all.ptr[from - 1] == ' ' && char_is_digit(all.ptr[from - 2]))
        from--;
    /* not the one that the sentence before ends in */
    const int is_beside = from > 0 && char_is_digit(all.ptr[from - 1]);
    while (is_beside && from > 0 && at - from < DIGITS &&
           (char_is_digit(all.ptr[from - 1]) || all.ptr[from - 1] == ',' ||
            all.ptr[from - 1] == '.'))
        from--;
    to += number_money(text_make(all.ptr + to, all.len - to), NULL);
    for (int i = 0; i < 2 && to < all.len; i++) {
        struct token next;
        token_next(&next, all, to, all.len);
        if (next.class != CHAR_BLANK && !char_is_word((enum char_class)next.class))
            break;
        to += next.len;
        if (next.class != CHAR_BLANK)
            break;
    }
    return text_make(all.ptr + from, to - from);
}

int change_numbers_differ(const struct changes *c)
{
    uint64_t old_sum = 0, new_sum = 0;
    for (size_t i = 0; i < c->n; i++) {
        const struct change *one = &c->v[i];
        if (!change_counts(one))
            continue;
        old_sum += numbers_sum(with_number(one->old_text, c->old_text, one->old_at));
        new_sum += numbers_sum(with_number(one->new_text, c->new_text, one->new_at));
    }
    return old_sum != new_sum;
}

/* 1 when a number stands in @p t or ends there. 800만 behind "18세 가수 " is another. */
static int has_number(struct sillok_text t, struct sillok_text with)
{
    const size_t end = (size_t)(t.ptr - with.ptr) + t.len;
    if (end + 1 < with.len && with.ptr[end] == ' ' && char_is_digit(with.ptr[end + 1]))
        with.len = end;
    return numbers_sum(with) != 0;
}

/* Does @p t end in what multiplies a number? */
static int ends_in_power(struct sillok_text t)
{
    static const char *const powers[] = { "십", "백", "천", "만", "억", "조" };
    for (size_t i = 0; i < sizeof(powers) / sizeof(powers[0]); i++)
        if (text_ends(t, powers[i]))
            return 1;
    return 0;
}

/* Where the number begins that ends at byte @p at, before a blank or not; @p at: there is none. */
static size_t start_of_number(struct sillok_text all, size_t at)
{
    enum { REACH = 48, POWER = 3 };
    size_t from = at - (at > 0 && all.ptr[at - 1] == ' ');
    while (from > 0 && at - from < REACH) {
        const char last = all.ptr[from - 1];
        if (char_is_digit(last) || last == ',' || last == '.')
            from--;
        else if (ends_in_power(text_make(all.ptr, from)))
            from -= POWER;
        else
            break;
    }
    return from;
}

/* Where the number ends that begins at byte @p at. */
static size_t end_of_number(struct sillok_text all, size_t at)
{
    struct token tok;
    while (at < all.len) {
        token_next(&tok, all, at, all.len);
        if (tok.class != CHAR_DIGIT && tok.class != CHAR_HANGUL)
            break;
        at += tok.len;
        if (tok.class == CHAR_HANGUL)
            break;
    }
    return at;
}

/* 10조 원 and 10조 7천억 원: what was put in, or taken out, is part of the number beside it. */
static int extends_number(struct sillok_text t, struct sillok_text all)
{
    enum { MOST = 64 };
    const size_t at = (size_t)(t.ptr - all.ptr), end = at + t.len;
    if (t.len > MOST)
        return 0;
    const size_t from = start_of_number(all, at), to = end_of_number(all, end);
    const uint64_t own = numbers_sum(t);
    const uint64_t before = numbers_sum(text_make(all.ptr + from, at - from)),
                   behind = numbers_sum(text_make(t.ptr + t.len, to - end));
    return (before &&
            numbers_sum(text_make(all.ptr + from, end - from)) != before + own) ||
           (own && behind && numbers_sum(text_make(t.ptr, to - at)) != own + behind);
}

int change_replaces_number(const struct changes *all, const struct change *c)
{
    if (!c->old_text.len || !c->new_text.len)
        return c->old_text.len ? extends_number(c->old_text, all->old_text)
                               : extends_number(c->new_text, all->new_text);
    const struct sillok_text before = with_number(c->old_text, all->old_text, c->old_at),
                             after = with_number(c->new_text, all->new_text, c->new_at);
    return has_number(c->old_text, before) && has_number(c->new_text, after) &&
           numbers_sum(before) != numbers_sum(after);
}

/* Skips what is of no account beside a number: blanks and separators. */
static size_t skip_filler(struct sillok_text t, size_t at)
{
    while (at < t.len) {
        uint32_t cp;
        const size_t used = char_decode(t.ptr + at, t.len - at, &cp);
        if (char_class_of(cp) != CHAR_BLANK && cp != ',' && cp != '.')
            break;
        at += used;
    }
    return at;
}

static size_t skip_digits(struct sillok_text t, size_t at)
{
    while (at < t.len) {
        uint32_t cp;
        const size_t used = char_decode(t.ptr + at, t.len - at, &cp);
        if (char_class_of(cp) != CHAR_DIGIT && cp != ',' && cp != '.')
            break;
        at += used;
    }
    return at;
}

/* Are both sides equal once digits are masked, but for sorts of marks, and have some?
 * @param others  [out] numbers of another value stand in their places */
static int compare_masked(const struct change *c, int *others)
{
    const struct sillok_text a = c->old_text, b = c->new_text;
    size_t i = 0, j = 0;
    int digits = 0;
    *others = 0;
    for (;;) {
        i = skip_filler(a, i);
        j = skip_filler(b, j);
        if (i >= a.len || j >= b.len)
            return digits && i >= a.len && j >= b.len;
        uint32_t x, y;
        const size_t used_a = char_decode(a.ptr + i, a.len - i, &x);
        const size_t used_b = char_decode(b.ptr + j, b.len - j, &y);
        if (char_class_of(x) == CHAR_DIGIT && char_class_of(y) == CHAR_DIGIT) {
            const size_t end_a = skip_digits(a, i), end_b = skip_digits(b, j);
            *others |= numbers_sum(text_make(a.ptr + i, end_a - i)) !=
                       numbers_sum(text_make(b.ptr + j, end_b - j));
            digits = 1;
            i = end_a;
            j = end_b;
            continue;
        }
        size_t n = used_a, m = used_b;
        if (char_alike(x) != char_alike(y) &&
            (!digits || !particle_forms(text_from(a, i), &n, text_from(b, j), &m)))
            return 0;
        i += n;
        j += m;
    }
}

int change_is_number(const struct change *c)
{
    int others;
    return compare_masked(c, &others);
}

int change_moves_number(const struct change *c)
{
    int others;
    return compare_masked(c, &others) && others;
}

/* --- negations --- */

/* 안, also glued to the most common verbs: 안했다, 안된다. */
static int negates_by_an(struct sillok_text w)
{
    static const char *const verbs[] = { "했", "한다", "된", "되", "됐", "돼" };
    const size_t an = strlen("안");
    if (!text_starts(w, "안"))
        return 0;
    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
        if (text_starts(text_from(w, an), verbs[i]))
            return 1;
    return w.len == an;
}

/* 아니 behind a particle; 피아니스트 and 리투아니아 deny nothing. */
static int ends_in_particle(struct sillok_text w)
{
    static const char *const particles[] = { "이", "가", "은", "는", "도", "만", "뿐" };
    for (size_t i = 0; i < sizeof(particles) / sizeof(particles[0]); i++)
        if (text_ends(w, particles[i]))
            return 1;
    return 0;
}

static int negates_in_korean(struct sillok_text w)
{
    static const char *const parts[] = { "않", "못", "없" };
    /* wrong, no less, before long */
    static const char *const others[] = { "잘못", "못지", "머지않" };
    if (text_is(w, "못된"))
        return 0;
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        if (text_starts(w, others[i]))
            return 0;
    for (size_t at = 0; at < w.len; at++) {
        const struct sillok_text rest = text_from(w, at);
        if (utf8_is_tail(*rest.ptr))
            continue;
        for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
            if (text_starts(rest, parts[i]))
                return 1;
        if (text_starts(rest, "아니") && ends_in_particle(text_make(w.ptr, at)))
            return 1;
    }
    return text_starts(w, "아니") || negates_by_an(w);
}

static int negates(struct sillok_text w, enum char_class class)
{
    static const char *const english[] = { "not",   "Not",   "no",      "No",
                                           "never", "Never", "without", "cannot" };
    if (class == CHAR_HANGUL)
        return negates_in_korean(w);
    if (class != CHAR_LETTER)
        return 0;
    for (size_t i = 0; i < sizeof(english) / sizeof(english[0]); i++)
        if (text_is(w, english[i]))
            return 1;
    return text_ends(w, "n't") || text_ends(w, "n’t");
}

static int count_negations(struct sillok_text t)
{
    int n = 0;
    for (size_t at = 0; at < t.len;) {
        struct token tok;
        token_next(&tok, t, at, t.len);
        n += negates(text_make(t.ptr + at, tok.len), (enum char_class)tok.class);
        at += tok.len;
    }
    return n;
}

/* 오차범위 안 and 오차범위 밖: inside, and no negation. */
static int is_inside(const struct change *c)
{
    const struct sillok_text a = text_trim(c->old_text, " \n"),
                             b = text_trim(c->new_text, " \n");
    return (text_is(a, "안") && text_is(b, "밖")) ||
           (text_is(a, "밖") && text_is(b, "안"));
}

int changes_negation(const struct changes *c)
{
    for (size_t i = 0; i < c->n; i++)
        if (!change_is_layout(&c->v[i]) && !is_inside(&c->v[i]) &&
            count_negations(c->v[i].old_text) != count_negations(c->v[i].new_text))
            return 1;
    return 0;
}

int changes_opposite(const struct changes *c)
{
    for (size_t i = 0; i < c->n; i++)
        if (!c->v[i].cut && opposite_came(c->v[i].old_text, c->v[i].new_text))
            return 1;
    return 0;
}

/* --- sizes --- */

unsigned change_distance(const struct change *c, unsigned max)
{
    return slip_distance(c->cut_old, c->cut_new, max);
}

/* 80편 and 80여 편, 100만 명 and 100만여 명: about as many. */
static int says_about(struct sillok_text cut, struct sillok_text other,
                      struct sillok_text all)
{
    const struct sillok_text before = text_make(all.ptr, (size_t)(cut.ptr - all.ptr));
    return !other.len && text_is(cut, "여") && before.len &&
           (char_is_digit(before.ptr[before.len - 1]) || ends_in_power(before));
}

int change_is_slip(const struct changes *all, const struct change *c)
{
    return !c->words && !says_about(c->cut_old, c->cut_new, all->old_text) &&
           !says_about(c->cut_new, c->cut_old, all->new_text) &&
           !name_other_office(c->old_text, c->new_text) &&
           !slip_is_other_word(c->old_text, c->cut_old, c->new_text, c->cut_new);
}

unsigned change_words(const struct change *c)
{
    const unsigned a = count_words(c->old_text), b = count_words(c->new_text);
    return a > b ? a : b;
}

enum { SWAP_WORDS = 256, SWAP_LETTERS = 12 };

static size_t read_words(struct sillok_text t, struct sillok_text out[SWAP_WORDS])
{
    size_t n = 0;
    struct token tok;
    for (size_t at = 0; at < t.len && n < SWAP_WORDS; at += tok.len) {
        token_next(&tok, t, at, t.len);
        if (char_is_word((enum char_class)tok.class))
            out[n++] = text_make(t.ptr + at, tok.len);
    }
    return n;
}

int change_is_swap(const struct change *c)
{
    struct sillok_text a[SWAP_WORDS], b[SWAP_WORDS];
    if (!c->rows_removed || !c->rows_added || c->letters_old < SWAP_LETTERS ||
        c->letters_new < SWAP_LETTERS)
        return 0;
    const size_t n = read_words(c->old_text, a), m = read_words(c->new_text, b);
    size_t common = 0;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < m; j++) {
            if (!text_equal(a[i], b[j]))
                continue;
            common++;
            b[j] = text_make("", 0); /* each counts once */
            break;
        }
    }
    return 10 * common < n + m; /* a fifth of the words, both sides taken together */
}

int change_is_short(const struct change *c, unsigned max)
{
    enum { WORD_LETTERS = 16 };
    const size_t most = max * (size_t)WORD_LETTERS;
    return c->letters_old <= most && c->letters_new <= most && change_words(c) <= max;
}

struct sillok_text change_surroundings(const struct changes *c, size_t i, int in_new)
{
    enum { AROUND = 48 }; /* bytes: the rest of a phrase may have stood there before */
    const struct sillok_text all = in_new ? c->new_text : c->old_text;
    const struct sillok_text t = in_new ? c->v[i].new_text : c->v[i].old_text;
    const size_t at = in_new ? c->v[i].new_at : c->v[i].old_at;
    const size_t from = at > AROUND ? at - AROUND : 0;
    const size_t to = all.len - at - t.len > AROUND ? at + t.len + AROUND : all.len;
    return text_make(all.ptr + from, to - from);
}
