#include "diff/fault.h"

#include "article/escape.h"
#include "diff/chars.h"

/* No more of the text is counted than would be too many whatever stood there before. */
int fault_emptied(struct sillok_text before, struct sillok_text after)
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
    size_t hangul, hanja;          /* of own */
};

static int is_hanja(uint32_t cp)
{
    return (cp >= 0x4E00 && cp <= 0x9FFF) || (cp >= 0xF900 && cp <= 0xFAFF);
}

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
        n.hangul += class == CHAR_HANGUL;
        n.hanja += (size_t)is_hanja(cp);
    }
    return n;
}

enum { LETTERS_MIN = 20 }; /* fewer may be anything */

/* The next word of Hangul, of two syllables and more; 0: there are no more. */
static int next_word(struct sillok_text t, size_t *at, struct sillok_text *word)
{
    size_t start = *at, n = 0, end;
    uint32_t cp;
    for (; *at < t.len; *at = end) {
        end = *at + char_decode(t.ptr + *at, t.len - *at, &cp);
        if (char_class_of(cp) == CHAR_HANGUL) {
            start = n++ ? start : *at;
            continue;
        }
        if (n > 1)
            break;
        n = 0;
    }
    *word = text_make(t.ptr + start, *at - start);
    return n > 1;
}

/* Is hardly one of the first words of @p before in @p after? */
static int words_are_gone(struct sillok_text before, struct sillok_text after)
{
    enum { WORDS_MAX = 32, LEFT = 8 };
    struct sillok_text word;
    size_t at = 0, n = 0, left = 0;
    for (; n < WORDS_MAX && next_word(before, &at, &word); n++)
        left += memmem(after.ptr, after.len, word.ptr, word.len) != NULL;
    return left * LEFT <= n;
}

/* The script is gone, and what stands there is no other. */
static int is_unreadable(const struct letters *b, const struct letters *a)
{
    enum { LEFT = 20 }; /* one in so many at most */
    return a->unreadable >= a->latin && a->own * LEFT <= b->own &&
           2 * a->unreadable >= b->own;
}

/* Each third byte of a syllable's UTF-8 is one that CP949 has Hanja for: a fifth of the letters
 * then, where hardly a Korean text has Hanja for a fortieth. */
static int is_taken_for_cp949(const struct letters *b, const struct letters *a)
{
    enum { USUAL = 25, MISREAD = 10 };
    return 2 * b->hangul >= b->own && b->hanja * USUAL <= b->own &&
           2 * a->hangul >= a->own && a->hanja * MISREAD >= a->own;
}

int fault_garbled(struct sillok_text before, struct sillok_text after)
{
    const struct letters a = count(after);
    const int may_be_unreadable = 2 * a.unreadable >= LETTERS_MIN,
              may_be_misread = 2 * a.hanja >= LETTERS_MIN;
    if (!may_be_unreadable && !may_be_misread)
        return 0; /* as nearly always */
    const struct letters b = count(before);
    if (b.own < LETTERS_MIN || b.own < b.latin)
        return 0;
    return (may_be_unreadable && is_unreadable(&b, &a)) ||
           (may_be_misread && is_taken_for_cp949(&b, &a) &&
            words_are_gone(before, after));
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

int fault_escaped_apart(struct sillok_text a, struct sillok_text b)
{
    return a.len > b.len ? undone_is(a, b) : undone_is(b, a);
}
