/* Slips of the pen and other words: see slip.h. */
#include "diff/slip.h"

#include "diff/chars.h"

enum {
    FEW_CHARS = 24,           /* more of them are no slip */
    FEW_KEYS = 3 * FEW_CHARS, /* a syllable is typed in two or three */
    OTHER_KEYS = 3,           /* typed otherwise: more than a slip */
    OTHER_KEYS_IN_PLACE = 2,  /* and where as many characters stand in place of as many */
};

static size_t decode_few(struct sillok_text t, uint32_t out[FEW_CHARS + 1])
{
    size_t n = 0;
    for (size_t i = 0; i < t.len && n <= FEW_CHARS;) {
        uint32_t cp;
        i += char_decode(t.ptr + i, t.len - i, &cp);
        if (char_class_of(cp) != CHAR_BLANK)
            out[n++] = cp;
    }
    return n;
}

/* Levenshtein 1966, line by line; both are at most FEW_KEYS long. */
static unsigned distance(const uint32_t *a, size_t n, const uint32_t *b, size_t m)
{
    unsigned line[FEW_KEYS + 1];
    for (unsigned j = 0; j <= m; j++)
        line[j] = j;
    for (size_t i = 1; i <= n; i++) {
        unsigned corner = line[0];
        line[0] = (unsigned)i;
        for (size_t j = 1; j <= m; j++) {
            const unsigned up = line[j] + 1, left = line[j - 1] + 1;
            const unsigned over = corner + (a[i - 1] != b[j - 1]);
            corner = line[j];
            line[j] = up < left ? up : left;
            line[j] = over < line[j] ? over : line[j];
        }
    }
    return line[m];
}

unsigned slip_distance(struct sillok_text a, struct sillok_text b, unsigned max)
{
    uint32_t x[FEW_CHARS + 1], y[FEW_CHARS + 1];
    const size_t n = decode_few(a, x), m = decode_few(b, y);
    if (n > FEW_CHARS || m > FEW_CHARS)
        return 99;
    const unsigned far = distance(x, n, y, m);
    return far <= max ? far : 99;
}

/* A syllable as its letters, a final of two as one (Unicode 3.12); all else as it is. */
static size_t spell(uint32_t cp, uint32_t out[3])
{
    enum { FIRST = 0xAC00, LAST = 0xD7A3, VOWELS = 21, FINALS = 28 };
    if (cp < FIRST || cp > LAST) {
        out[0] = cp;
        return 1;
    }
    const uint32_t at = cp - FIRST, final = at % FINALS;
    /* kept apart from each other: a consonant is not the same key at either end */
    out[0] = at / (VOWELS * FINALS);
    out[1] = 0x100 + at / FINALS % VOWELS;
    out[2] = 0x200 + final;
    return final ? 3 : 2;
}

static size_t spell_few(const uint32_t *chars, size_t n, uint32_t out[FEW_KEYS])
{
    size_t keys = 0;
    for (size_t i = 0; i < n; i++)
        keys += spell(chars[i], out + keys);
    return keys;
}

static size_t count_keys(struct sillok_text t)
{
    size_t n = 0;
    for (size_t i = 0; i < t.len;) {
        uint32_t cp, keys[3];
        i += char_decode(t.ptr + i, t.len - i, &cp);
        if (char_is_word(char_class_of(cp)))
            n += spell(cp, keys);
    }
    return n;
}

/* ㄱ씨 and ㄴ씨 are two people, as A씨 and B씨 are. */
static int is_lone_letter(uint32_t cp)
{
    return cp >= 0x3131 && cp <= 0x318E; /* Hangul Compatibility Jamo */
}

/* 총리 and 부총리, 군수 and 하늘군수: put before a word it makes another of it. */
static int is_prefix(struct sillok_text cut, struct sillok_text word)
{
    enum { SYLLABLE = 3, TWO = 2 * SYLLABLE };
    static const char *const one[] = { "부", "전", "현", "준", "반", "친", "탈", "불",
                                       "비", "미", "무", "재", "순", "역", "총", "최",
                                       "신", "구", "고", "저", "남", "여" };
    const struct sillok_text rest = text_from(word, cut.len);
    uint32_t cp;
    if (cut.ptr != word.ptr || rest.len < TWO)
        return 0;
    char_decode(rest.ptr, rest.len, &cp);
    if (char_class_of(cp) != CHAR_HANGUL)
        return 0;
    for (size_t i = 0; i < sizeof(one) / sizeof(one[0]); i++)
        if (text_is(cut, one[i]))
            return 1;
    return cut.len >= TWO;
}

int slip_is_other_word(struct sillok_text before, struct sillok_text cut_before,
                       struct sillok_text after, struct sillok_text cut_after)
{
    uint32_t x[FEW_CHARS + 1], y[FEW_CHARS + 1], a[FEW_KEYS], b[FEW_KEYS];
    const size_t n = decode_few(cut_before, x), m = decode_few(cut_after, y);
    if (n > FEW_CHARS || m > FEW_CHARS)
        return 1;
    if (!n || !m)
        return n ? is_prefix(cut_before, before) : is_prefix(cut_after, after);
    if (n == 2 && m == 2 && x[0] == y[1] && x[1] == y[0]) /* teh */
        return 0;
    if (n == 1 && m == 1 && is_lone_letter(x[0]) && is_lone_letter(y[0]))
        return 1;
    const unsigned far = distance(a, spell_few(x, n, a), b, spell_few(y, m, b));
    const size_t old_keys = count_keys(before), new_keys = count_keys(after);
    const size_t keys = old_keys > new_keys ? old_keys : new_keys;
    return far > (n == m ? OTHER_KEYS_IN_PLACE : OTHER_KEYS) || 2 * far > keys;
}
