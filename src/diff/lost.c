/* Sentences that a change took out or replaced: see lost.h. */
#include "diff/lost.h"

#include "diff/boiler.h"
#include "diff/change.h"
#include "diff/chars.h"
#include "diff/compose.h"
#include "diff/diff.h"
#include "diff/normal.h"
#include "diff/sentence.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum {
    GRAM_BYTES = LOST_LETTERS_MIN, /* a needle has at least as many */
    FEW = 8,                       /* sentences that are looked for one by one */
    LONG_BYTES = 2048 /* so are longer ones: what is compared at a place is less */
};

void lost_init(struct lost *l)
{
    buf_init(&l->sentences, BUF_CEILING);
    buf_init(&l->needles, BUF_CEILING);
    buf_init(&l->sorted, BUF_CEILING);
    l->groups = (struct map){ 0 };
}

void lost_release(struct lost *l)
{
    buf_release(&l->sentences);
    buf_release(&l->needles);
    buf_release(&l->sorted);
    map_release(&l->groups);
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

/* 1 when a number goes on over the place @p at of F1: 1|3, 1|.5, 1,|000, -|5. */
static int cuts_number(struct sillok_text t, size_t at)
{
    if (at == 0 || at >= t.len)
        return 0;
    const char before = t.ptr[at - 1], after = t.ptr[at];
    if (char_is_digit(before) && char_is_digit(after))
        return 1;
    if (char_is_digit(after) && (before == '-' || before == '+'))
        return 1;
    if (char_is_digit(after) && (before == '.' || before == ','))
        return at >= 2 && char_is_digit(t.ptr[at - 2]);
    return char_is_digit(before) && (after == '.' || after == ',') && at + 1 < t.len &&
           char_is_digit(t.ptr[at + 1]);
}

static int stands_alone(struct sillok_text all, size_t at, size_t len)
{
    return !cuts_number(all, at) && !cuts_number(all, at + len);
}

/* A needle that stands at two places no further apart than half of it has their distance as
 * its period, and is next to be found one period on, if the text goes on so, or behind half
 * of it: otherwise two periods would meet (Fine and Wilf 1965). So a needle that is found
 * and does not count, a number going on behind it at each place, takes one pass too. */
int lost_is_in(struct sillok_text all, struct sillok_text needle)
{
    size_t from = 0, last = 0, period = 0;
    int found = 0;
    while (needle.len && all.len - from >= needle.len) {
        size_t at = last + period;
        const char *next = needle.ptr + needle.len - period;
        if (!period || at + needle.len > all.len ||
            memcmp(all.ptr + last + needle.len, next, period) != 0) {
            const char *hit =
                memmem(all.ptr + from, all.len - from, needle.ptr, needle.len);
            if (!hit)
                return 0;
            at = (size_t)(hit - all.ptr);
        }
        if (stands_alone(all, at, needle.len))
            return 1;
        if (!period && found && at - last <= needle.len / 2)
            period = at - last;
        found = 1;
        last = at;
        from = at + 1;
    }
    return 0;
}

/* A needle among all others that are not too long. Those that begin with the same GRAM_BYTES
 * are a group. */
struct sorted_needle {
    struct sillok_text text; /* in lost.needles */
    uint32_t sentence;
    uint32_t prefix;    /* the longest other one that this one begins with; or MAP_NONE */
    uint32_t jump;      /* one that this one begins with too, further off; or MAP_NONE */
    uint32_t depth;     /* how many it begins with */
    uint32_t group_end; /* of the first of a group */
};

static int by_bytes(const void *a, const void *b)
{
    const struct sorted_needle *x = a, *y = b;
    return text_compare(x->text, y->text);
}

static int begins_with(struct sillok_text t, struct sillok_text beginning)
{
    return t.len >= beginning.len && memcmp(t.ptr, beginning.ptr, beginning.len) == 0;
}

static struct sorted_needle *sorted_at(const struct lost *l, size_t i)
{
    return (struct sorted_needle *)(void *)l->sorted.ptr + i;
}

static size_t n_sorted(const struct lost *l)
{
    return l->sorted.len / sizeof(struct sorted_needle);
}

static int sort_needles(struct lost *l)
{
    int r = 0;
    buf_clear(&l->sorted);
    for (uint32_t i = 0; i < lost_count(l) && r == 0; i++) {
        const struct sorted_needle one = {
            .text = lost_needle(l, i),
            .sentence = i,
            .prefix = MAP_NONE,
            .jump = MAP_NONE,
        };
        if (one.text.len <= LONG_BYTES)
            r = buf_add(&l->sorted, &one, sizeof(one));
    }
    if (n_sorted(l) && r == 0)
        qsort(l->sorted.ptr, n_sorted(l), sizeof(struct sorted_needle), by_bytes);
    return r;
}

/* What needle @p i begins with, those before it knowing theirs. Where two jumps of one
 * length follow each other the next is over both: any of a chain of n is some log n steps
 * away (Myers 1983, An applicative random-access stack). */
static void chain(struct lost *l, uint32_t i)
{
    struct sorted_needle *one = sorted_at(l, i);
    /* What is between a beginning and what begins with it begins with it as well. */
    uint32_t before = i ? i - 1 : MAP_NONE;
    while (before != MAP_NONE && !begins_with(one->text, sorted_at(l, before)->text))
        before = sorted_at(l, before)->prefix;
    one->prefix = one->jump = before;
    if (before == MAP_NONE)
        return;
    const struct sorted_needle *p = sorted_at(l, before);
    one->depth = p->depth + 1;
    if (p->jump == MAP_NONE)
        return;
    const struct sorted_needle *far = sorted_at(l, p->jump);
    if (far->jump != MAP_NONE &&
        p->depth - far->depth == far->depth - sorted_at(l, far->jump)->depth)
        one->jump = far->jump;
}

static int index_needles(struct lost *l)
{
    uint32_t first = 0;
    map_clear(&l->groups);
    int r = sort_needles(l);
    for (uint32_t i = 0; i < n_sorted(l) && r == 0; i++) {
        const struct sorted_needle *one = sorted_at(l, i);
        chain(l, i);
        if (i == 0 || memcmp(one->text.ptr, one[-1].text.ptr, GRAM_BYTES) != 0) {
            first = i;
            r = map_put(&l->groups, XXH3_64bits(one->text.ptr, GRAM_BYTES), i);
        }
        sorted_at(l, first)->group_end = i + 1;
    }
    return r;
}

/* text_common_start(), in line: a call in the loop over a text, though rarely made, costs it a
 * tenth. */
static size_t common_bytes(struct sillok_text a, struct sillok_text b)
{
    const size_t end = a.len < b.len ? a.len : b.len;
    size_t n = 0;
    uint64_t x, y;
    for (; n + sizeof(x) <= end; n += sizeof(x)) {
        memcpy(&x, a.ptr + n, sizeof(x));
        memcpy(&y, b.ptr + n, sizeof(y));
        if (x != y)
            break;
    }
    while (n < end && a.ptr[n] == b.ptr[n])
        n++;
    return n;
}

/* The longest needle of a group that @p rest begins with. It has its place among the sorted;
 * whatever it begins with is a beginning of the last needle that is not behind that place, and
 * no longer than what the two have in common. */
static uint32_t longest_at(const struct lost *l, uint32_t group, struct sillok_text rest)
{
    uint32_t from = group, to = sorted_at(l, group)->group_end;
    while (from < to) {
        const uint32_t middle = from + (to - from) / 2;
        if (text_compare(sorted_at(l, middle)->text, rest) <= 0)
            from = middle + 1;
        else
            to = middle;
    }
    uint32_t i = from > group ? from - 1 : MAP_NONE;
    const size_t common = i == MAP_NONE ? 0 : common_bytes(sorted_at(l, i)->text, rest);
    while (i != MAP_NONE && sorted_at(l, i)->text.len > common) {
        const struct sorted_needle *one = sorted_at(l, i);
        const int far =
            one->jump != MAP_NONE && sorted_at(l, one->jump)->text.len > common;
        i = far ? one->jump : one->prefix;
    }
    return i;
}

/* While a text is gone through. */
struct holding {
    const struct lost *l;
    struct sillok_text all;
    struct buf *held;
    uint32_t *next; /* of each of the sorted: what it begins with, less what is held */
};

static int is_held(const struct holding *h, uint32_t i)
{
    return buf_bit(h->held, sorted_at(h->l, i)->sentence);
}

/* The first from @p i on that is not held, and the way there shorter for the next time. */
static uint32_t not_held(const struct holding *h, uint32_t i)
{
    while (i != MAP_NONE && is_held(h, i)) {
        const uint32_t next = h->next[i];
        if (next != MAP_NONE && is_held(h, next))
            h->next[i] = h->next[next];
        i = h->next[i];
    }
    return i;
}

/* All needles that stand at the place @p at of F1. */
static void hold_at(const struct holding *h, size_t at)
{
    const struct sillok_text all = h->all;
    const uint32_t group = map_get(&h->l->groups, XXH3_64bits(all.ptr + at, GRAM_BYTES));
    if (group == MAP_NONE || cuts_number(all, at))
        return;
    uint32_t i = longest_at(h->l, group, text_make(all.ptr + at, all.len - at));
    while ((i = not_held(h, i)) != MAP_NONE) {
        const struct sorted_needle *one = sorted_at(h->l, i);
        if (!cuts_number(all, at + one->text.len))
            buf_set_bit(h->held, one->sentence);
        i = h->next[i];
    }
}

static int hold_sorted(const struct lost *l, struct sillok_text all, struct buf *held)
{
    const size_t n = n_sorted(l);
    CLEANUP(buf_release) struct buf next = BUF_INIT;
    for (size_t i = 0; i < n; i++) {
        const int r = buf_add(&next, &sorted_at(l, i)->prefix, sizeof(uint32_t));
        if (r < 0)
            return r;
    }
    const struct holding h = { l, all, held, (uint32_t *)(void *)next.ptr };
    for (size_t at = 0; at + GRAM_BYTES <= all.len; at++)
        hold_at(&h, at);
    return 0;
}

int lost_held(const struct lost *l, struct sillok_text all, struct buf *held)
{
    const size_t n = lost_count(l), bytes = n / 8 + 1;
    const int few = n_sorted(l) <= FEW;
    buf_clear(held);
    const int r = buf_reserve(held, bytes);
    if (r < 0)
        return r;
    memset(held->ptr, 0, bytes);
    held->len = bytes;
    for (size_t i = 0; i < n; i++) {
        const struct sillok_text needle = lost_needle(l, i);
        if ((few || needle.len > LONG_BYTES) && lost_is_in(all, needle))
            buf_set_bit(held, i);
    }
    return few ? 0 : hold_sorted(l, all, held);
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

/* Where the old text was changed, but for what does not count. */
static int add_places(struct buf *out, const struct changes *changes)
{
    int r = 0;
    for (size_t i = 0; i < changes->n && r == 0; i++) {
        const struct change *c = &changes->v[i];
        const struct sillok_span at = { c->old_at, c->old_at + c->old_text.len };
        if (!c->boiler && (!c->same_letters || c->sign_matters))
            r = buf_add(out, &at, sizeof(at));
    }
    return r;
}

static int by_place(const void *a, const void *b)
{
    const struct sillok_span *x = a, *y = b;
    return x->start < y->start ? -1 : x->start > y->start;
}

/* 1 when a change stands inside the bytes [start, end) of the old text. What was put in
 * between two sentences touches neither. Sentences are asked about in their order; @p at
 * goes along with them. */
static int is_touched(const struct buf *places, size_t *at, size_t start, size_t end)
{
    const struct sillok_span *p = (const struct sillok_span *)(const void *)places->ptr;
    const size_t n = places->len / sizeof(*p);
    while (*at < n && p[*at].end <= start)
        ++*at;
    return *at < n && p[*at].start < end;
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

/* Each once: @p known has the hashes of those that are there. */
static int add_sentence(struct lost *l, struct sillok_text text, struct map *known)
{
    struct lost_sentence s = { .text = text, .needle = l->needles.len };
    int r = add_needle(&l->needles, text);
    s.needle_len = l->needles.len - s.needle;
    if (r < 0 || s.needle_len < GRAM_BYTES) {
        l->needles.len = s.needle;
        return r;
    }
    const uint64_t hash = XXH3_64bits(l->needles.ptr + s.needle, s.needle_len);
    const uint32_t same = map_get(known, hash);
    if (same != MAP_NONE &&
        text_equal(lost_needle(l, same),
                   text_make(l->needles.ptr + s.needle, s.needle_len))) {
        l->needles.len = s.needle;
        return 0;
    }
    r = map_put(known, hash, (uint32_t)lost_count(l));
    return r < 0 ? r : buf_add(&l->sentences, &s, sizeof(s));
}

/* Those that the new text holds are not lost. */
static int leave_out_held(struct lost *l, struct sillok_text f1)
{
    CLEANUP(buf_release) struct buf held = BUF_INIT;
    struct lost_sentence *s = (struct lost_sentence *)(void *)l->sentences.ptr;
    const size_t n = lost_count(l);
    size_t kept = 0;
    int r = index_needles(l);
    if (r == 0)
        r = lost_held(l, f1, &held);
    if (r < 0)
        return r;
    for (size_t i = 0; i < n; i++)
        if (!buf_bit(&held, i))
            s[kept++] = s[i];
    l->sentences.len = kept * sizeof(*s);
    return kept == n ? 0 : index_needles(l);
}

static int add_touched(struct lost *l, const struct changes *changes)
{
    const struct sillok_text old_text = changes->old_text;
    CLEANUP(buf_release) struct buf f1 = BUF_INIT, places = BUF_INIT;
    struct map known = { 0 };
    struct sentences list;
    size_t at = 0;
    int r = normal_text(&f1, changes->new_text);
    if (r == 0)
        r = add_places(&places, changes);
    if (r == 0)
        r = sentences_split(&list, old_text);
    if (r < 0)
        return r;
    if (places.len)
        qsort(places.ptr, places.len / sizeof(struct sillok_span),
              sizeof(struct sillok_span), by_place);
    for (size_t i = 0; i < list.n && r == 0; i++) {
        const struct sillok_text t = trim(
            text_make(old_text.ptr + list.v[i].start, list.v[i].end - list.v[i].start));
        const size_t start = t.len ? (size_t)(t.ptr - old_text.ptr) : 0;
        if (t.len && is_touched(&places, &at, start, start + t.len))
            r = add_sentence(l, t, &known);
    }
    sentences_release(&list);
    map_release(&known);
    return r < 0 ? r : leave_out_held(l, text_make(f1.ptr, f1.len));
}

/* Found in the NFC of a text, shown as they stand in it. */
static void lead_back(struct lost *l, const struct composed *nfc, struct sillok_text text)
{
    struct lost_sentence *s = (struct lost_sentence *)(void *)l->sentences.ptr;
    for (size_t i = 0; i < lost_count(l) && composed_differs(nfc); i++) {
        const size_t at = (size_t)(s[i].text.ptr - nfc->text.ptr);
        const size_t start = composed_origin(nfc, at);
        const size_t end = composed_origin(nfc, at + s[i].text.len);
        s[i].text = text_make(text.ptr + start, end - start);
    }
}

int lost_find(struct lost *l, struct sillok_text old_text, struct sillok_text new_text)
{
    CLEANUP(composed_release) struct composed was = COMPOSED_INIT, is = COMPOSED_INIT;
    struct sillok_diff *diff = NULL;
    struct changes changes;
    buf_clear(&l->sentences);
    buf_clear(&l->needles);
    buf_clear(&l->sorted);
    int r = compose(&was, old_text);
    if (r == 0)
        r = compose(&is, new_text);
    if (r == 0)
        r = diff_of_composed(&diff, was.text, is.text);
    if (r < 0)
        return r;
    r = changes_find(&changes, diff, was.text, is.text);
    if (r == 0 && changes.n)
        r = add_touched(l, &changes);
    if (r == 0)
        lead_back(l, &was, old_text);
    changes_release(&changes);
    sillok_diff_free(diff);
    return r;
}
