#include "diff/fault.h"

#include "article/escape.h"
#include "diff/chars.h"

/* No more of the text is counted than would be too many whatever stood there before. */
int emptied(struct sillok_text before, struct sillok_text after)
{
    const size_t tenth = before.len / 10;
    const size_t new_chars = char_count_to(after, tenth + 1);
    if (new_chars > tenth)
        return 0;
    const size_t old_chars = char_count(before);
    return new_chars ? old_chars >= 100 && new_chars * 10 < old_chars : old_chars > 0;
}

struct letters {
    size_t own, latin, unreadable; /* own: of any other script, Hangul first of all */
};

static struct letters count(struct sillok_text t)
{
    enum {
        LATIN_1 = 0x80,
        LATIN_1_END = 0x100,
        NO_BREAK = 0xA0,
        MIDDLE_DOT = 0xB7,
        LATIN_END = 0x250
    };
    struct letters n = { 0 };
    uint32_t cp;
    for (size_t at = 0; at < t.len;) {
        at += char_decode(t.ptr + at, t.len - at, &cp);
        const enum char_class class = char_class_of(cp);
        if (cp == '?' || cp == UTF8_REPLACEMENT ||
            (cp >= LATIN_1 && cp < LATIN_1_END && cp != NO_BREAK && cp != MIDDLE_DOT))
            n.unreadable++;
        else if (class == CHAR_HANGUL || class == CHAR_SINGLE || class == CHAR_LETTER)
            *(cp < LATIN_END ? &n.latin : &n.own) += 1;
    }
    return n;
}

int garbled(struct sillok_text before, struct sillok_text after)
{
    enum { LETTERS_MIN = 20, LEFT = 20 }; /* of which at most one in LEFT is left */
    const struct letters a = count(after);
    if (2 * a.unreadable < LETTERS_MIN || a.unreadable < a.latin)
        return 0; /* as nearly always */
    const struct letters b = count(before);
    return b.own >= LETTERS_MIN && b.own >= b.latin && a.own * LEFT <= b.own &&
           2 * a.unreadable >= b.own;
}

/* 1 when @p more undone is @p less. */
static int undone_is(struct sillok_text more, struct sillok_text less)
{
    CLEANUP(buf_release) struct buf plain = BUF_INIT;
    if (more.len <= less.len || !escape_has_entity(more))
        return 0;
    const int r = escape_undo(&plain, more);
    return r < 0 ? r : text_equal(buf_text(&plain), less);
}

int escaped_apart(struct sillok_text a, struct sillok_text b)
{
    return a.len > b.len ? undone_is(a, b) : undone_is(b, a);
}
