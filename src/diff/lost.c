/* Sentences that a change took out or replaced: see lost.h. */
#include "diff/lost.h"

#include "diff/boiler.h"
#include "diff/change.h"
#include "diff/chars.h"
#include "diff/normal.h"
#include "diff/sentence.h"

void lost_init(struct lost *l)
{
    buf_init(&l->sentences, BUF_CEILING);
    buf_init(&l->needles, BUF_CEILING);
}

void lost_release(struct lost *l)
{
    buf_release(&l->sentences);
    buf_release(&l->needles);
}

size_t lost_count(const struct lost *l)
{
    return l->sentences.len / sizeof(struct lost_sentence);
}

const struct lost_sentence *lost_at(const struct lost *l, size_t i)
{
    return (const struct lost_sentence *)(const void *)l->sentences.ptr + i;
}

struct sillok_text lost_needle(const struct lost *l, size_t i)
{
    const struct lost_sentence *s = lost_at(l, i);
    return text_make(l->needles.ptr + s->needle, s->needle_len);
}

/* --- holding --- */

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* 1 when a number goes on over the place @p at of F1: 1|3, 1|.5, 1,|000, -|5. */
static int cuts_number(struct sillok_text t, size_t at)
{
    if (at == 0 || at >= t.len)
        return 0;
    const char before = t.ptr[at - 1], after = t.ptr[at];
    if (is_digit(before) && is_digit(after))
        return 1;
    if (is_digit(after) && (before == '-' || before == '+'))
        return 1;
    if (is_digit(after) && (before == '.' || before == ','))
        return at >= 2 && is_digit(t.ptr[at - 2]);
    return is_digit(before) && (after == '.' || after == ',') && at + 1 < t.len &&
           is_digit(t.ptr[at + 1]);
}

int lost_is_in(struct sillok_text all, struct sillok_text needle)
{
    size_t from = 0;
    while (needle.len && all.len - from >= needle.len) {
        const char *hit = memmem(all.ptr + from, all.len - from, needle.ptr, needle.len);
        if (!hit)
            return 0;
        const size_t at = (size_t)(hit - all.ptr);
        if (!cuts_number(all, at) && !cuts_number(all, at + needle.len))
            return 1;
        from = at + 1;
    }
    return 0;
}

/* --- finding --- */

static struct sillok_text trim(struct sillok_text t)
{
    uint32_t cp;
    size_t used, end = 0;
    while (t.len && (used = char_decode(t.ptr, t.len, &cp)) &&
           char_class_of(cp) == CHAR_BLANK)
        t = text_make(t.ptr + used, t.len - used);
    for (size_t i = 0; i < t.len; i += used) {
        used = char_decode(t.ptr + i, t.len - i, &cp);
        if (char_class_of(cp) != CHAR_BLANK)
            end = i + used;
    }
    return text_make(t.ptr, end);
}

/* 1 when an edit that counts stands inside the bytes [start, end) of the old text. What
 * was put in between two sentences touches neither. */
static int is_touched(const struct changes *changes, size_t start, size_t end)
{
    for (size_t i = 0; i < changes->n; i++) {
        const struct change *c = &changes->v[i];
        const size_t from = c->old_at, to = c->old_at + c->old_text.len;
        if (c->boiler || (c->same_letters && !c->sign_matters))
            continue;
        if (c->old_text.len ? from < end && start < to : start < from && from < end)
            return 1;
    }
    return 0;
}

static int is_known(const struct lost *l, struct sillok_text needle)
{
    for (size_t i = 0; i < lost_count(l); i++)
        if (text_equal(lost_needle(l, i), needle))
            return 1;
    return 0;
}

/* Append F1 of @p text without the boilerplate at its ends, which is another in each
 * paper; boilerplate in the middle stays. Appends nothing where too few letters are
 * left. */
static int add_needle(struct buf *out, struct sillok_text text)
{
    CLEANUP(buf_release) struct buf left = BUF_INIT;
    CLEANUP(buf_release) struct buf letters = BUF_INIT;
    CLEANUP(buf_release) struct buf core = BUF_INIT;
    const size_t start = out->len;
    int r = boiler_strip(&left, text);
    const struct sillok_text kept = text_make(left.ptr, left.len);
    if (r == 0)
        r = normal_letters(&letters, kept);
    if (r < 0 || char_count(text_make(letters.ptr, letters.len)) < LOST_LETTERS_MIN)
        return r;
    r = normal_text(&core, kept);
    if (r == 0)
        r = normal_text(out, text);
    if (r == 0 && memmem(out->ptr + start, out->len - start, core.ptr, core.len)) {
        out->len = start;
        r = buf_add(out, core.ptr, core.len);
    }
    return r;
}

static int add_sentence(struct lost *l, struct sillok_text text, struct sillok_text f1)
{
    const struct lost_sentence s = { .text = text, .needle = l->needles.len };
    int r = add_needle(&l->needles, text);
    const struct sillok_text needle =
        text_make(l->needles.ptr + s.needle, l->needles.len - s.needle);
    if (r < 0 || !needle.len || is_known(l, needle) || lost_is_in(f1, needle)) {
        l->needles.len = s.needle;
        return r;
    }
    struct lost_sentence kept = s;
    kept.needle_len = needle.len;
    return buf_add(&l->sentences, &kept, sizeof(kept));
}

static int add_touched(struct lost *l, const struct changes *changes)
{
    const struct sillok_text old_text = changes->old_text;
    CLEANUP(buf_release) struct buf f1 = BUF_INIT;
    struct sentences list;
    int r = normal_text(&f1, changes->new_text);
    if (r == 0)
        r = sentences_split(&list, old_text);
    if (r < 0)
        return r;
    for (size_t i = 0; i < list.n && r == 0; i++) {
        const struct sillok_text t = trim(
            text_make(old_text.ptr + list.v[i].start, list.v[i].end - list.v[i].start));
        const size_t start = t.len ? (size_t)(t.ptr - old_text.ptr) : 0;
        if (t.len && is_touched(changes, start, start + t.len))
            r = add_sentence(l, t, text_make(f1.ptr, f1.len));
    }
    sentences_release(&list);
    return r;
}

int lost_find(struct lost *l, struct sillok_text old_text, struct sillok_text new_text)
{
    struct sillok_diff *diff = NULL;
    struct changes changes;
    buf_clear(&l->sentences);
    buf_clear(&l->needles);
    int r = sillok_diff_new(&diff, old_text, new_text);
    if (r < 0)
        return r;
    r = changes_find(&changes, diff, old_text, new_text);
    if (r == 0 && changes.n)
        r = add_touched(l, &changes);
    changes_release(&changes);
    sillok_diff_free(diff);
    return r;
}
