#include "diff/places.h"

#include "diff/token.h"

#include <xxhash.h>

static uint64_t hash_text(struct sillok_text t, uint64_t seed)
{
    return XXH3_64bits_withSeed(t.ptr ? t.ptr : "", t.len, seed);
}

static uint64_t hash_pair(struct sillok_text a, struct sillok_text b, uint64_t seed)
{
    return hash_text(b, hash_text(a, seed) + a.len);
}

uint64_t place_of_field(int field, struct sillok_text before, struct sillok_text after)
{
    return hash_pair(before, after, (uint64_t)field + 1);
}

/* White space around a line that came or went does not make it another. */
static struct sillok_text trimmed(struct sillok_text t)
{
    return text_trim(t, " \t\r\n");
}

uint64_t place_of_change(const struct change *c)
{
    return hash_pair(trimmed(c->old_text), trimmed(c->new_text), 0);
}

uint64_t place_of_title(const struct changes *all, const struct change *c)
{
    enum { SEED = SILLOK_N_FIELDS + 1, AT_START = 1, AT_END = 2 };
    const int start = c->old_at == 0 && c->new_at == 0;
    const int end = c->old_at + c->old_text.len == all->old_text.len &&
                    c->new_at + c->new_text.len == all->new_text.len;
    if (!start && !end)
        return place_of_field(SILLOK_TITLE, all->old_text, all->new_text);
    return hash_pair(trimmed(c->old_text), trimmed(c->new_text),
                     SEED + (start ? AT_START : 0) + (end ? AT_END : 0));
}

/* --- words --- */

static uint64_t number_of_side(int new_side)
{
    return (uint64_t)new_side;
}

struct place_words place_words(const struct change *c, int new_side)
{
    const struct place_words w = { trimmed(new_side ? c->new_text : c->old_text), 0,
                                   new_side };
    return w;
}

int place_next_word(struct place_words *w, uint64_t *word)
{
    struct token tok;
    for (; w->at < w->text.len; w->at += tok.len) {
        token_next(&tok, w->text, w->at, w->text.len);
        if (!char_is_word((enum char_class)tok.class))
            continue;
        w->at += tok.len;
        *word = tok.class == CHAR_DIGIT
                    ? number_of_side(w->new_side)
                    : hash_text(text_make(w->text.ptr + tok.start, tok.len),
                                1 + (uint64_t)w->new_side);
        return 1;
    }
    return 0;
}

/* Numbers count: articles that a table makes differ in nothing else. */
uint64_t place_of_whole(int field, struct sillok_text after)
{
    struct place_words w = { after, 0, 1 };
    uint64_t word;
    while (place_next_word(&w, &word))
        if (word >= SKETCH_NUMBERS)
            return hash_text(trimmed(after), (uint64_t)field + 1);
    return 0;
}

uint64_t place_of_cut(int field, struct sillok_text before, struct sillok_text after,
                      int *is_large)
{
    enum { SEED = SILLOK_N_FIELDS + 16, LOST = 5, TAIL_MAX_BYTES = 240 };
    const size_t kept = utf8_common_start(before, after);
    *is_large = LOST * (before.len - kept) >= before.len;
    if (!kept || after.len - kept > TAIL_MAX_BYTES || after.len >= before.len)
        return 0;
    struct place_words w = { text_from(after, kept), 0, 1 };
    uint64_t word, hash = SEED + (uint64_t)field;
    while (place_next_word(&w, &word))
        hash = XXH3_64bits_withSeed(&word, sizeof(word), hash);
    return hash;
}

/* The line of @p all in which @p len bytes at @p at stand; nothing where it is long, as a
 * body without line breaks is. */
static struct sillok_text line_around(struct sillok_text all, size_t at, size_t len)
{
    enum { LINE_MAX_BYTES = 120 };
    size_t from = at, to = at + len;
    while (from > 0 && to - from <= LINE_MAX_BYTES && all.ptr[from - 1] != '\n')
        from--;
    while (to < all.len && to - from <= LINE_MAX_BYTES && all.ptr[to] != '\n')
        to++;
    return to - from > LINE_MAX_BYTES ? text_make("", 0)
                                      : text_make(all.ptr + from, to - from);
}

/* Prose has an end; a line that counts something, or is a stamp, has none. */
static int is_sentence(struct sillok_text line)
{
    static const char *const ends[] = { ".", "!", "?", "다", "요", "\"", "”" };
    const struct sillok_text t = trimmed(line);
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
        if (text_ends(t, ends[i]))
            return 1;
    return 0;
}

/* Of a line all tokens but blanks, any number being as good as any other; 0 without words,
 * and of prose. */
static uint64_t hash_of_line(struct sillok_text line)
{
    enum { SEED = SILLOK_N_FIELDS + 8 };
    uint64_t hash = SEED;
    int has_word = 0;
    struct token tok;
    if (is_sentence(line))
        return 0;
    for (size_t at = 0; at < line.len; at += tok.len) {
        token_next(&tok, line, at, line.len);
        if (tok.class == CHAR_BLANK)
            continue;
        const int is_number = tok.class == CHAR_DIGIT;
        has_word |= !is_number && char_is_word((enum char_class)tok.class);
        hash =
            hash_text(is_number ? text_of("0") : text_make(line.ptr + at, tok.len), hash);
    }
    return has_word ? hash : 0;
}

uint64_t place_of_line(const struct changes *all, const struct change *c)
{
    const uint64_t before =
        hash_of_line(line_around(all->old_text, c->old_at, c->old_text.len));
    const uint64_t after =
        before ? hash_of_line(line_around(all->new_text, c->new_at, c->new_text.len)) : 0;
    return before == after ? after : 0;
}

/* --- sketches --- */

static void set_bit(uint8_t *bits, size_t i)
{
    bits[i / 8] |= (uint8_t)(1u << i % 8);
}

void sketch_add_field(struct place_sketch *s, int field, struct sillok_text before,
                      struct sillok_text after)
{
    set_bit(s->places, place_of_field(field, before, after) % SKETCH_PLACES);
}

static void add_words(struct place_sketch *s, const struct change *c, int new_side)
{
    struct place_words w = place_words(c, new_side);
    uint64_t word;
    while (place_next_word(&w, &word))
        set_bit(s->words, word < SKETCH_NUMBERS
                              ? word
                              : SKETCH_NUMBERS + word % (SKETCH_WORDS - SKETCH_NUMBERS));
}

void sketch_add_changes(struct place_sketch *s, const struct changes *c)
{
    int is_large;
    const uint64_t cut =
        place_of_cut(SILLOK_N_FIELDS, c->old_text, c->new_text, &is_large);
    if (cut && is_large)
        set_bit(s->places, cut % SKETCH_PLACES);
    for (size_t i = 0; i < c->n; i++) {
        if (change_is_layout(&c->v[i]))
            continue;
        set_bit(s->places, place_of_change(&c->v[i]) % SKETCH_PLACES);
        const uint64_t line = place_of_line(c, &c->v[i]);
        if (line)
            set_bit(s->places, line % SKETCH_PLACES);
        add_words(s, &c->v[i], 0);
        add_words(s, &c->v[i], 1);
    }
}
