/* Changes of boilerplate: see credits.h. */
#include "diff/credits.h"

#include "diff/boiler.h"
#include "diff/token.h"

#include <string.h>

/* Names of two to four syllables and what parts them, or nothing. */
static int is_names(struct sillok_text t)
{
    static const char *const between[] = { "·", "ㆍ", ",", "/" };
    struct token tok;
    for (size_t at = 0; at < t.len; at += tok.len) {
        token_next(&tok, t, at, t.len);
        int is_sign = 0;
        for (size_t i = 0; i < sizeof(between) / sizeof(between[0]); i++)
            is_sign |= text_is(text_make(t.ptr + at, tok.len), between[i]);
        if (tok.class != CHAR_BLANK && !is_sign &&
            (tok.class != CHAR_HANGUL || tok.chars < 2 || tok.chars > 4))
            return 0;
    }
    return 1;
}

/* A role within the next words: spares reading the sentence of nearly all names. */
static int role_follows(struct sillok_text t, struct sillok_text all)
{
    enum { TOKENS = 16 };
    size_t at = (size_t)(t.ptr - all.ptr) + t.len;
    struct token tok;
    for (int i = 0; i < TOKENS && at < all.len; i++, at += tok.len) {
        token_next(&tok, all, at, all.len);
        if (boiler_is_role(text_make(all.ptr + at, tok.len)))
            return 1;
    }
    return 0;
}

/* 촬영 : 김하늘·박들판: a colon within the words before spares reading the sentence, too. */
static int is_behind_colon(struct sillok_text t, struct sillok_text all)
{
    enum { REACH = 40 };
    const size_t at = (size_t)(t.ptr - all.ptr), from = at > REACH ? at - REACH : 0;
    return memrchr(all.ptr + from, ':', at - from) != NULL;
}

/* Reporters of a byline were replaced, or came, or went. */
static int replaces_reporter(const struct change *c, struct sillok_text old_all,
                             struct sillok_text new_all)
{
    enum { NAMES_MAX = 128 }; /* bytes */
    if (c->old_text.len > NAMES_MAX || c->new_text.len > NAMES_MAX ||
        !is_names(c->old_text) || !is_names(c->new_text) ||
        !(role_follows(c->new_text, new_all) || is_behind_colon(c->new_text, new_all)))
        return 0;
    int r = BOILER_BYLINE;
    if (char_count_letters(c->old_text))
        r = boiler_stands_in(c->old_text, old_all);
    if (r == BOILER_BYLINE && char_count_letters(c->new_text))
        r = boiler_stands_in(c->new_text, new_all);
    return r < 0 ? r : r == BOILER_BYLINE;
}

/* 10:30, 오전 11, 3시간: numbers, and what is said with those of a time. */
static int is_time(struct sillok_text t)
{
    enum { TIME_MAX = 64 };
    struct token tok;
    int digits = 0;
    if (t.len > TIME_MAX)
        return 0;
    for (size_t at = 0; at < t.len; at += tok.len) {
        token_next(&tok, t, at, t.len);
        digits |= tok.class == CHAR_DIGIT;
        if (char_is_word((enum char_class)tok.class) && tok.class != CHAR_DIGIT &&
            (tok.class != CHAR_HANGUL || tok.chars > 2))
            return 0;
    }
    return digits;
}

/* When it was put in, or edited: 입력 2026.01.02 10:11 수정 10:30. */
static int replaces_time(const struct change *c, struct sillok_text old_all,
                         struct sillok_text new_all)
{
    if (!is_time(c->old_text) || !is_time(c->new_text))
        return 0;
    int r = boiler_stands_in(c->old_text, old_all);
    if (r == BOILER_STAMP)
        r = boiler_stands_in(c->new_text, new_all);
    return r < 0 ? r : r == BOILER_STAMP;
}

static int is_latin(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static int is_of_address(char c)
{
    return is_latin(c) || char_is_digit(c) || (c && strchr("@._%+-", c));
}

/* @p t, a piece of @p all, with the rest of the mail address in whose name it ends: of
 * hong@example.com and kim@example.com only the names differ. */
static struct sillok_text with_address(struct sillok_text t, struct sillok_text all)
{
    enum { ADDRESS_MAX = 100 };
    const char *const end = all.ptr + all.len, *to = t.ptr + t.len;
    if (!t.len || !is_latin(to[-1]))
        return t;
    while (to < end && to - t.ptr - (ptrdiff_t)t.len < ADDRESS_MAX && is_of_address(*to))
        to++;
    const size_t rest = (size_t)(to - t.ptr) - t.len;
    return memchr(t.ptr + t.len, '@', rest) ? text_make(t.ptr, t.len + rest) : t;
}

enum { BOILER_LETTERS = 4000 }; /* what is longer is no boilerplate, whatever it says */

/* By itself, and in its sentence: 뉴스레터 채널 is not where a town closes one. */
static int is_boiler_there(struct sillok_text t, struct sillok_text all)
{
    int r = boiler_is_all(with_address(t, all));
    if (r == 1)
        r = boiler_stands_in(t, all);
    return r < 0 ? r : r != BOILER_NONE;
}

int credits_only(const struct change *c, struct sillok_text old_all,
                 struct sillok_text new_all)
{
    const size_t old_letters = char_count_letters(c->old_text),
                 new_letters = char_count_letters(c->new_text);
    if (old_letters + new_letters == 0 || old_letters + new_letters > BOILER_LETTERS)
        return 0;
    /* signs in place of words, or words in place of signs, are no boilerplate */
    if ((!new_letters && c->cut_new.len) || (!old_letters && c->cut_old.len))
        return 0;
    int r = old_letters ? is_boiler_there(c->old_text, old_all) : 1;
    if (r == 1 && new_letters)
        r = is_boiler_there(c->new_text, new_all);
    if (r == 0)
        r = replaces_time(c, old_all, new_all);
    return r ? r : replaces_reporter(c, old_all, new_all);
}

int credits_on_side(const struct change *c, int in_new, struct sillok_text old_all,
                    struct sillok_text new_all)
{
    const struct sillok_text one = in_new ? c->new_text : c->old_text,
                             other = in_new ? c->old_text : c->new_text;
    const size_t letters = char_count_letters(one);
    if (!letters || letters > BOILER_LETTERS || !char_count_letters(other))
        return 0;
    const int r = is_boiler_there(one, in_new ? new_all : old_all);
    if (r != 1)
        return r;
    const int both = is_boiler_there(other, in_new ? old_all : new_all);
    return both < 0 ? both : !both;
}

int credits_moved_prose(const struct sillok_diff *diff, struct sillok_text new_all)
{
    size_t n;
    const struct sillok_row *rows = sillok_diff_rows(diff, &n);
    for (size_t i = 0; i < n; i++) {
        const struct sillok_span at = rows[i].new_span;
        if (rows[i].op != SILLOK_ROW_MOVED_TO)
            continue;
        const int r = is_boiler_there(
            text_make(new_all.ptr + at.start, at.end - at.start), new_all);
        if (r != 1)
            return r < 0 ? r : 1;
    }
    return 0;
}
