#include "near/shingle.h"

#include "diff/chars.h"
#include "diff/normal.h"

#include <utf8proc.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

void shingles_init(struct shingles *s)
{
    memset(s, 0, sizeof(*s));
    buf_init(&s->f1, BUF_CEILING);
    buf_init(&s->lower, BUF_CEILING);
    buf_init(&s->hashes, BUF_CEILING);
}

void shingles_release(struct shingles *s)
{
    buf_release(&s->f1);
    buf_release(&s->lower);
    buf_release(&s->hashes);
}

/* One character of F1 in lower case at @p out, which has 4 bytes; its length there. @p cp
 * becomes the code point, or for a byte that is not UTF-8, which passes, a number beyond
 * them all. */
static size_t lower_one(const char *in, size_t used, uint32_t *cp, char out[4])
{
    if (*cp < 0x80) {
        *cp += char_is_upper(*cp) ? 32 : 0;
        out[0] = (char)*cp;
        return 1;
    }
    /* Kana, Hanja and Hangul have no case. */
    if ((*cp >= 0x3000 && *cp <= 0x9FFF) || (*cp >= 0xAC00 && *cp <= 0xD7A3)) {
        memcpy(out, in, 3);
        return 3;
    }
    if (used == 1) {
        out[0] = in[0];
        *cp = 0x110000 + (uint8_t)in[0];
        return 1;
    }
    *cp = (uint32_t)utf8proc_tolower((utf8proc_int32_t)*cp);
    return utf8_encode(*cp, out);
}

/* The last five characters, of 21 bits each: two and three. */
struct run {
    uint64_t early, late;
};

static void run_push(struct run *run, uint32_t cp)
{
    enum { BITS = 21 };
    run->early =
        (run->early << BITS | run->late >> (2 * BITS)) & ((1ull << 2 * BITS) - 1);
    run->late = (run->late << BITS | cp) & ((1ull << 3 * BITS) - 1);
}

static uint64_t run_hash(const struct run *run)
{
    /* Of a fixed size, for which XXH3 is a few instructions. In the machine's order of
     * bytes, which an LMDB file depends on anyway. */
    const uint64_t words[2] = { run->early, run->late };
    return XXH3_64bits(words, sizeof(words));
}

static int hash_runs(struct shingles *s)
{
    struct run run = { 0, 0 };
    size_t n = 0, len = 0;
    /* A character takes at most twice its bytes in lower case, and gives one hash. */
    int r = buf_reserve(&s->lower, 2 * s->f1.len + 4);
    if (r == 0)
        r = buf_reserve(&s->hashes, s->f1.len * sizeof(uint64_t) + sizeof(uint64_t));
    if (r < 0)
        return r;
    uint64_t *hashes = (uint64_t *)(void *)s->hashes.ptr;
    for (size_t i = 0; i < s->f1.len;) {
        uint32_t cp;
        const size_t used = char_decode(s->f1.ptr + i, s->f1.len - i, &cp);
        len += lower_one(s->f1.ptr + i, used, &cp, s->lower.ptr + len);
        i += used;
        run_push(&run, cp);
        if (++n >= SHINGLE_CHARS)
            hashes[s->n++] = run_hash(&run);
    }
    s->lower.len = len;
    s->hashes.len = s->n * sizeof(uint64_t);
    s->n_chars = n;
    return 0;
}

int shingles_read(struct shingles *s, struct sillok_text text)
{
    buf_clear(&s->f1);
    buf_clear(&s->lower);
    buf_clear(&s->hashes);
    s->n = s->n_chars = 0;
    const int r = normal_text(&s->f1, text);
    if (r < 0)
        return r;
    s->f1_hash = XXH3_64bits(s->f1.len ? s->f1.ptr : "", s->f1.len);
    return hash_runs(s);
}

const uint64_t *shingles_hashes(const struct shingles *s)
{
    return (const uint64_t *)(const void *)s->hashes.ptr;
}

void shingles_sort(struct shingles *s)
{
    buf_sort_u64(&s->hashes);
    s->n = s->hashes.len / sizeof(uint64_t);
}

double shingles_jaccard(const uint64_t *a, size_t n_a, const uint64_t *b, size_t n_b)
{
    size_t i = 0, k = 0, both = 0;
    while (i < n_a && k < n_b) {
        const uint64_t x = a[i], y = b[k];
        both += x == y;
        i += x <= y;
        k += y <= x;
    }
    const size_t all = n_a + n_b - both;
    return all ? (double)both / (double)all : 0;
}
