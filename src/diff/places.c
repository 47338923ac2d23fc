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
    for (size_t i = 0; i < c->n; i++) {
        if (change_is_layout(&c->v[i]))
            continue;
        set_bit(s->places, place_of_change(&c->v[i]) % SKETCH_PLACES);
        add_words(s, &c->v[i], 0);
        add_words(s, &c->v[i], 1);
    }
}
