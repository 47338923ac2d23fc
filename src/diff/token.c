/* Words for comparing: see token.h. */
#include "diff/token.h"

#include <stdlib.h>
#include <string.h>

static uint32_t hash_bytes(const char *p, size_t len)
{
    uint64_t h = UINT64_C(0x9E3779B97F4A7C15) ^ len;
    while (len >= 8) {
        uint64_t v;
        memcpy(&v, p, 8);
        h = (h ^ v) * UINT64_C(0xD6E8FEB86659FD93);
        h ^= h >> 32;
        p += 8;
        len -= 8;
    }
    uint64_t v = 0;
    for (size_t i = 0; i < len; i++)
        v = v << 8 | (uint8_t)p[i];
    h = (h ^ v) * UINT64_C(0xD6E8FEB86659FD93);
    return (uint32_t)(h >> 32 ^ h);
}

enum { VERSUS = 0xB300 }; /* 대, as in 3대2 */

/* 1 when a sign inside a run belongs to it: 1,234.5 and don't; with @p pairs 3:2, 3-2 and
 * 3대2, too. */
static int joins(uint32_t cp, enum char_class run, enum char_class next, int pairs)
{
    if (run == CHAR_DIGIT)
        return next == CHAR_DIGIT &&
               (cp == '.' || cp == ',' ||
                (pairs && (cp == ':' || cp == '-' || cp == VERSUS)));
    if (run == CHAR_LETTER)
        return next == CHAR_LETTER && (cp == '\'' || cp == 0x2019);
    return 0;
}

static void take(struct token *out, struct sillok_text t, size_t at, size_t end,
                 int pairs)
{
    uint32_t cp;
    int32_t state = 0;
    size_t i = at + char_decode(t.ptr + at, end - at, &cp);
    const enum char_class run = char_class_of(cp);
    const int alone = run == CHAR_SIGN || run == CHAR_SINGLE;
    uint32_t chars = 1;
    while (i < end) {
        const uint32_t before = cp;
        size_t used = char_decode(t.ptr + i, end - i, &cp);
        const enum char_class c = char_class_of(cp);
        /* what is drawn as one, as the two signs of a flag are */
        const int joined = alone && utf8_joins(before, cp, &state);
        if (!joined && (c == CHAR_SIGN || (cp == VERSUS && run == CHAR_DIGIT)) &&
            i + used < end) {
            uint32_t next;
            const size_t more = char_decode(t.ptr + i + used, end - i - used, &next);
            if (!joins(cp, run, char_class_of(next), pairs))
                break;
            used += more;
            chars++;
        } else if (!joined && c != CHAR_MARK && (c != run || alone)) {
            break;
        }
        if (c == CHAR_MARK && run == CHAR_BLANK)
            break;
        i += used;
        if (++chars >= UINT16_MAX - 1)
            break;
    }
    out->start = (uint32_t)at;
    out->len = (uint32_t)(i - at);
    out->chars = run == CHAR_BLANK ? 0 : (uint16_t)chars;
    out->class = (uint8_t)run;
    out->hash = run == CHAR_BLANK ? 0 : hash_bytes(t.ptr + at, i - at);
}

void token_next(struct token *out, struct sillok_text t, size_t at, size_t end)
{
    take(out, t, at, end, 0);
}

/* Room for the same number of both. */
static int grow(struct tokens *t)
{
    enum { HALF_OF_FIRST = 64 }; /* it is doubled: most sentences need no more */
    size_t cap = t->cap ? t->cap : HALF_OF_FIRST, n_ids = cap;
    int r = array_grow(&t->v, &cap, sizeof(*t->v));
    r = r < 0 ? r : array_grow(&t->ids, &n_ids, sizeof(*t->ids));
    if (r == 0)
        t->cap = cap;
    return r;
}

int tokens_add(struct tokens *out, struct sillok_text t, size_t start, size_t end)
{
    for (size_t at = start; at < end; at += out->v[out->n - 1].len) {
        if (out->n == out->cap && grow(out) < 0)
            return SILLOK_ENOMEM;
        take(&out->v[out->n++], t, at, end, 1);
    }
    return 0;
}

void tokens_release(struct tokens *t)
{
    free(t->v);
    free(t->ids);
    *t = (struct tokens){ 0 };
}

enum { MAX_PROBES = 64 }; /* hostile words may collide: they then are merely "unlike" */

struct table {
    struct words *w;
    struct sillok_text a, b;
    const struct tokens *ta, *tb;
    size_t mask;
    uint32_t n_ids;
};

static int same_token(const struct table *t, uint32_t place, struct sillok_text text,
                      const struct token *tok, uint32_t *id)
{
    const int in_a = place < t->ta->n;
    const size_t i = in_a ? place : place - t->ta->n;
    const struct token *other = in_a ? &t->ta->v[i] : &t->tb->v[i];
    if (other->hash != tok->hash || other->len != tok->len)
        return 0;
    *id = in_a ? t->ta->ids[i] : t->tb->ids[i];
    return memcmp((in_a ? t->a : t->b).ptr + other->start, text.ptr + tok->start,
                  tok->len) == 0;
}

static uint32_t id_of(struct table *t, uint32_t place, struct sillok_text text,
                      const struct token *tok)
{
    if (tok->class == CHAR_BLANK)
        return TOKEN_BLANK_ID;
    size_t slot = tok->hash & t->mask;
    for (int probe = 0; probe < MAX_PROBES; probe++) {
        if (!t->w->slots[slot]) {
            t->w->slots[slot] = place + 1;
            break;
        }
        uint32_t id;
        if (same_token(t, t->w->slots[slot] - 1, text, tok, &id))
            return id;
        slot = (slot + 1) & t->mask;
    }
    return t->n_ids++;
}

int words_number(struct words *w, struct sillok_text a, struct tokens *ta,
                 struct sillok_text b, struct tokens *tb, uint32_t *n_ids)
{
    size_t cap = 256;
    while (cap < 2 * (ta->n + tb->n))
        cap *= 2;
    if (cap > w->cap) {
        free(w->slots);
        w->cap = 0;
        w->slots = malloc(cap * sizeof(*w->slots));
        if (!w->slots)
            return fail_memory();
        w->cap = cap;
    }
    memset(w->slots, 0, cap * sizeof(*w->slots));
    struct table t = { w, a, b, ta, tb, cap - 1, TOKEN_BLANK_ID + 1 };
    for (size_t i = 0; i < ta->n; i++)
        ta->ids[i] = id_of(&t, (uint32_t)i, a, &ta->v[i]);
    for (size_t i = 0; i < tb->n; i++)
        tb->ids[i] = id_of(&t, (uint32_t)(ta->n + i), b, &tb->v[i]);
    *n_ids = t.n_ids;
    return 0;
}

void words_release(struct words *w)
{
    free(w->slots);
    *w = (struct words){ 0 };
}
