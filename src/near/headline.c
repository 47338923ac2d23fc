#include "near/headline.h"

#include "diff/chars.h"
#include "diff/normal.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

enum { MARK_CHARS_MAX = 14 };

static const struct {
    const char *open, *close;
} pairs[] = { { "[", "]" }, { "(", ")" }, { "<", ">" }, { "【", "】" }, { "〈", "〉" } };
enum { N_PAIRS = sizeof(pairs) / sizeof(pairs[0]) };

static size_t leading_mark(struct sillok_text t)
{
    for (int i = 0; i < N_PAIRS; i++) {
        if (!text_starts(t, pairs[i].open))
            continue;
        const char *end = memmem(t.ptr, t.len, pairs[i].close, strlen(pairs[i].close));
        const size_t len = end ? (size_t)(end - t.ptr) + strlen(pairs[i].close) : 0;
        if (len && char_count(text_make(t.ptr, len)) <= MARK_CHARS_MAX)
            return len;
    }
    return 0;
}

/* The last place of @p what in @p t, or t.len. */
static size_t find_last(struct sillok_text t, const char *what)
{
    const size_t n = strlen(what);
    for (size_t i = t.len < n ? 0 : t.len - n + 1; i-- > 0;)
        if (memcmp(t.ptr + i, what, n) == 0)
            return i;
    return t.len;
}

static size_t trailing_mark(struct sillok_text t)
{
    for (int i = 0; i < N_PAIRS; i++) {
        if (!text_ends(t, pairs[i].close))
            continue;
        const size_t len = t.len - find_last(t, pairs[i].open);
        if (len && char_count(text_make(t.ptr + t.len - len, len)) <= MARK_CHARS_MAX)
            return len;
    }
    return 0;
}

struct sillok_text headline_without_marks(struct sillok_text title)
{
    struct sillok_text t = text_trim(title, " \t");
    size_t n;
    while ((n = leading_mark(t)) > 0)
        t = text_trim(text_make(t.ptr + n, t.len - n), " \t");
    while ((n = trailing_mark(t)) > 0)
        t = text_trim(text_make(t.ptr, t.len - n), " \t");
    return t;
}

int headline_letters(struct buf *out, struct sillok_text title)
{
    const size_t start = out->len;
    const int r = normal_letters(out, headline_without_marks(title));
    if (r == 0 &&
        char_count(text_make(out->ptr + start, out->len - start)) < HEADLINE_LETTERS_MIN)
        out->len = start;
    return r;
}

int headline_hash(uint64_t *out, struct buf *scratch, struct sillok_text oid,
                  struct sillok_text title)
{
    *out = 0;
    buf_clear(scratch);
    int r = buf_add_text(scratch, oid);
    if (r == 0)
        r = buf_add_char(scratch, '\0');
    const size_t start = scratch->len;
    if (r == 0)
        r = headline_letters(scratch, title);
    if (r == 0 && scratch->len > start) {
        *out = XXH3_64bits(scratch->ptr, scratch->len);
        *out += *out == 0;
    }
    return r;
}
