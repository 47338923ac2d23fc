/* Phrases beside changes: see phrase.h. */
#include "diff/phrase.h"

#include "diff/chars.h"
#include "diff/starts.h"

#include <string.h>

enum { PLACES_MAX = 1000 }; /* a text that differs in more is not looked at any further */

/* The first six bytes of a phrase as one number: hardly a place in a text begins so. */
static uint32_t start_of(const char *p)
{
    const uint8_t *b = (const uint8_t *)p;
    return char_four_bytes(p) * 31 + ((uint32_t)b[4] << 8 | b[5]);
}

size_t phrase_blanks(struct sillok_text t)
{
    size_t at = 0;
    while (at < t.len) {
        uint32_t cp;
        const size_t used = char_decode(t.ptr + at, t.len - at, &cp);
        if (cp == '\n' || cp == '\r' || char_class_of(cp) != CHAR_BLANK)
            break;
        at += used;
    }
    return at;
}

size_t phrase_at(struct sillok_text t, struct sillok_text phrase)
{
    size_t at = 0;
    for (size_t i = 0; i < phrase.len; i++) {
        const size_t n = phrase.ptr[i] == ' ' ? phrase_blanks(text_from(t, at))
                                              : at < t.len && t.ptr[at] == phrase.ptr[i];
        if (!n)
            return 0;
        at += n;
    }
    return at;
}

size_t phrase_next(struct sillok_text t, size_t from, struct sillok_text phrase,
                   size_t *len)
{
    const char *blank = memchr(phrase.ptr, ' ', phrase.len);
    const size_t first = blank ? (size_t)(blank - phrase.ptr) : phrase.len;
    for (; from < t.len; from++) {
        const struct sillok_text rest = text_from(t, from);
        const char *p = memmem(rest.ptr, rest.len, phrase.ptr, first);
        if (!p)
            break;
        from = (size_t)(p - t.ptr);
        *len = phrase_at(text_from(t, from), phrase);
        if (*len)
            return from;
    }
    return t.len;
}

static void count_in(struct sillok_text t, const struct starts *starts,
                     const struct sillok_text *phrases, size_t n, unsigned *counts)
{
    for (size_t at = 0; at + PHRASE_MIN_BYTES <= t.len; at++) {
        if (utf8_is_tail(t.ptr[at]))
            continue;
        if (!starts_may_be(starts, start_of(t.ptr + at)))
            continue;
        for (size_t i = 0; i < n; i++)
            counts[i] += phrase_at(text_from(t, at), phrases[i]) > 0;
    }
}

void phrases_count(const struct changes *c, int in_new, const struct sillok_text *phrases,
                   size_t n, unsigned *counts)
{
    struct starts starts = { 0 };
    memset(counts, 0, n * sizeof(*counts));
    for (size_t i = 0; i < n; i++)
        starts_add(&starts, start_of(phrases[i].ptr));
    for (size_t i = 0; i < c->n && i < PLACES_MAX; i++)
        count_in(change_surroundings(c, i, in_new), &starts, phrases, n, counts);
}
