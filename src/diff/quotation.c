#include "diff/quotation.h"

#include "diff/chars.h"

/* Bytes after which an unclosed quotation is taken for a slip. */
enum { QUOTE_MAX = 2000 };

/* Straight marks open and close in turn, but single ones in a word or behind it, as in it's and
 * workers'; a line break closes all. A single mark that nothing closes opens nothing: '90s. */
struct quote_scan {
    size_t at, opened;
    uint32_t closing; /* the end of the quotation that is open at `at`, or 0 */
};

/* Is it a straight mark, or the first byte of one that is not? */
static int may_open(char byte)
{
    return byte == '"' || byte == '\'' || byte == '\xE2' || byte == '\xE3';
}

/* What closes what @p cp opens, or 0. */
static uint32_t closing_of(uint32_t cp)
{
    switch (cp) {
    case '"':
    case '\'':
        return cp;
    case 0x2018: /* single */
    case 0x201C: /* double */
    case 0x300C: /* corner */
    case 0x300E: /* white corner */
        return cp + 1;
    default:
        return 0;
    }
}

/* The class of the character before byte @p at. */
static enum char_class class_before(struct sillok_text t, size_t at)
{
    uint32_t cp;
    const size_t from = utf8_before(t, at);
    if (at == 0)
        return CHAR_BLANK;
    char_decode(t.ptr + from, at - from, &cp);
    return char_class_of(cp);
}

static enum char_class class_at(struct sillok_text t, size_t at)
{
    uint32_t cp = ' ';
    if (at < t.len)
        char_decode(t.ptr + at, t.len - at, &cp);
    return char_class_of(cp);
}

enum { STRAIGHT = '\'', SINGLE_END = 0x2019, SPEECH_END = 0x201D };

/* A single mark @p cp at byte @p at that is an apostrophe: in a word of letters or, where
 * none is open, behind any word. */
static int is_apostrophe(struct sillok_text t, size_t at, uint32_t cp, size_t used,
                         int is_open)
{
    if (cp != STRAIGHT && cp != SINGLE_END)
        return 0;
    const enum char_class before = class_before(t, at);
    if (!is_open)
        return char_is_word(before);
    return before == CHAR_LETTER && class_at(t, at + used) == CHAR_LETTER;
}

/* A straight single mark that opens, though one before a digit is open: that one was of '90s. */
static int opens_anew(const struct quote_scan *q, struct sillok_text t)
{
    return q->closing == STRAIGHT && t.ptr[q->at] == STRAIGHT &&
           class_at(t, q->opened + 1) == CHAR_DIGIT &&
           class_before(t, q->at) == CHAR_BLANK && char_is_word(class_at(t, q->at + 1));
}

static void quote_step(struct quote_scan *q, struct sillok_text t, size_t to)
{
    while (q->at < to && q->at < t.len) {
        uint32_t cp;
        if (!q->closing && !may_open(t.ptr[q->at])) {
            q->at++;
            continue;
        }
        const size_t used = char_decode(t.ptr + q->at, t.len - q->at, &cp);
        if (is_apostrophe(t, q->at, cp, used, q->closing != 0)) {
            q->at += used;
            continue;
        }
        if (opens_anew(q, t)) {
            q->opened = q->at;
        } else if (q->closing &&
                   (cp == q->closing || cp == '\n' || q->at - q->opened > QUOTE_MAX)) {
            q->closing = 0;
        } else if (!q->closing && closing_of(cp)) {
            q->closing = closing_of(cp);
            q->opened = q->at;
        }
        q->at += used;
    }
}

/* Is a quotation open? One of single marks needs its end in the line. */
static int is_quoted(struct quote_scan *q, struct sillok_text t)
{
    if (q->closing != STRAIGHT && q->closing != SINGLE_END)
        return q->closing != 0;
    struct quote_scan ahead = *q;
    while (ahead.closing && ahead.opened == q->opened && ahead.at < t.len)
        quote_step(&ahead, t, ahead.at + 1);
    if (ahead.closing || t.ptr[ahead.at - 1] == '\n' || ahead.at - q->opened > QUOTE_MAX)
        q->closing = 0;
    return q->closing != 0;
}

/* Where the first letter of a piece of @p all stands, or its end. */
static size_t first_letter(struct sillok_text t, struct sillok_text all)
{
    size_t at = 0;
    while (at < t.len) {
        uint32_t cp;
        const size_t used = char_decode(t.ptr + at, t.len - at, &cp);
        if (char_is_word(char_class_of(cp)))
            break;
        at += used;
    }
    return (size_t)(t.ptr - all.ptr) + at;
}

/* Is it quoted where both sides of a change go apart, and the first letter there? The mark that
 * opens may be what both begin with; the one that closes may be what comes first. */
static int begins_quoted(struct quote_scan *q, struct sillok_text all,
                         struct sillok_text cut)
{
    quote_step(q, all, (size_t)(cut.ptr - all.ptr));
    if (!is_quoted(q, all))
        return 0;
    quote_step(q, all, first_letter(cut, all));
    return is_quoted(q, all);
}

/* Speech that begins with the change itself, and closes. */
static int begins_speech(const struct quote_scan *q, struct sillok_text all,
                         struct sillok_text cut)
{
    struct quote_scan own = *q;
    quote_step(&own, all, first_letter(cut, all));
    return (own.closing == '"' || own.closing == SPEECH_END) && is_quoted(&own, all);
}

/* Words of speech for others that are none, or the other way round. */
static int tells_otherwise(const struct changes *c, const struct change *one,
                           const struct quote_scan *a, const struct quote_scan *b)
{
    return one->letters_old && one->letters_new && !one->rows_removed &&
           !one->rows_added &&
           begins_speech(a, c->old_text, one->cut_old) !=
               begins_speech(b, c->new_text, one->cut_new);
}

int changes_in_quote(const struct changes *c)
{
    struct quote_scan a = { 0 }, b = { 0 };
    for (size_t i = 0; i < c->n; i++) {
        const struct change *one = &c->v[i];
        quote_step(&a, c->old_text, one->old_at);
        /* what both begin with is read once */
        if (i == 0 && text_equal(text_make(c->old_text.ptr, one->old_at),
                                 text_make(c->new_text.ptr, one->new_at)))
            b = a;
        quote_step(&b, c->new_text, one->new_at);
        if (!change_counts(one))
            continue;
        if (tells_otherwise(c, one, &a, &b))
            return 1;
        if ((one->letters_old && begins_quoted(&a, c->old_text, one->cut_old)) ||
            (one->letters_new && begins_quoted(&b, c->new_text, one->cut_new)))
            return 1;
    }
    return 0;
}

/* Marks of speech, and all marks of quotation, in a place. */
static void count_marks(struct sillok_text t, unsigned *speech, unsigned *all)
{
    for (size_t i = 0; i < t.len;) {
        uint32_t cp;
        i += char_decode(t.ptr + i, t.len - i, &cp);
        const int is_speech = cp == '"' || cp == 0x201C || cp == 0x201D || cp == 0xFF02;
        *speech += (unsigned)is_speech;
        *all += (unsigned)(is_speech || char_is_quote(cp));
    }
}

int changes_quoting(const struct changes *c)
{
    unsigned speech[2] = { 0, 0 }, all[2] = { 0, 0 };
    for (size_t i = 0; i < c->n; i++) {
        if (!c->v[i].same_letters)
            continue;
        count_marks(c->v[i].old_text, &speech[0], &all[0]);
        count_marks(c->v[i].new_text, &speech[1], &all[1]);
    }
    /* one alone was forgotten, or is one too many */
    return (speech[0] + 1 < speech[1] && all[0] + 1 < all[1]) ||
           (speech[1] + 1 < speech[0] && all[1] + 1 < all[0]);
}
