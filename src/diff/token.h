/*
 * Words for comparing: runs of one script.
 *
 * A token is a run of Hangul, a run of letters (with inner apostrophes), a number with
 * its inner separators (1,234.5), a run of blanks, or one other character, emoji and flags
 * whole. A number thus stands apart from its unit: 15|일, 2|조|800|억. UAX #29 would glue them
 * (rules WB9, WB10). For comparing, a score, a time or a span (3:2, 3대2, 15:30, 3-2) is one: else the
 * 2 that both 3:2 and 2:3 have would seem to have stayed.
 *
 * Invariants: tokens of a range are not empty and cover it in order. Equal ids mean equal
 * bytes, but for blanks, which are all TOKEN_BLANK_ID.
 */
#ifndef DIFF_TOKEN_H
#define DIFF_TOKEN_H

#include "diff/chars.h"

enum { TOKEN_BLANK_ID = 0 };

struct token {
    uint32_t start, len; /* bytes of the text */
    uint32_t hash;
    uint16_t chars; /* code points; 0 for blanks */
    uint8_t class;  /* enum char_class of its first character */
};

struct tokens {
    struct token *v;
    uint32_t *ids; /* filled by words_number() */
    size_t n, cap;
};

/** Take off one token at @p at, a number alone; the caller sees to at < end. */
void token_next(struct token *out, struct sillok_text t, size_t at, size_t end);

/** Append the tokens of bytes [start, end), for comparing. SILLOK_ENOMEM, or 0. */
int tokens_add(struct tokens *out, struct sillok_text t, size_t start, size_t end);
void tokens_release(struct tokens *t);

/** Numbers equal tokens of both texts alike. */
struct words {
    uint32_t *slots; /* place of a token + 1; those of b follow those of a */
    size_t cap;
};
/** @param n_ids  [out] all ids are below it */
int words_number(struct words *w, struct sillok_text a, struct tokens *ta,
                 struct sillok_text b, struct tokens *tb, uint32_t *n_ids);
void words_release(struct words *w);

#endif
