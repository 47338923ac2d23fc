#include "text.h"

#include "words.h"

static const char *const gaps[N_GAPS] = { "", " ", "\n", "\n\n", "\n\n---\n\n" };

void text_clear(struct text *t)
{
    t->n = 0;
    t->bytes.len = 0;
}

void text_release(struct text *t)
{
    out_free(&t->bytes);
    free(t->list);
    *t = (struct text){ 0 };
}

void text_begin(struct text *t, enum gap gap)
{
    if (t->n == t->cap) {
        t->cap = t->cap ? 2 * t->cap : 64;
        struct sentence *p = realloc(t->list, t->cap * sizeof(*p));
        if (!p) {
            fputs("sillok-sample: out of memory\n", stderr);
            exit(3);
        }
        t->list = p;
    }
    t->list[t->n++] = (struct sentence){ t->bytes.len, 0, gap };
}

void text_end(struct text *t)
{
    struct sentence *s = &t->list[t->n - 1];
    s->len = t->bytes.len - s->at;
}

void text_move(struct text *t, size_t from, size_t to)
{
    const struct sentence s = t->list[from];
    if (from < to)
        memmove(t->list + from, t->list + from + 1, (to - from) * sizeof(s));
    else
        memmove(t->list + to + 1, t->list + to, (from - to) * sizeof(s));
    t->list[to] = s;
}

void text_remove(struct text *t, size_t at)
{
    text_move(t, at, t->n - 1);
    t->n--;
}

void text_flatten(const struct text *t, struct out *out)
{
    for (size_t i = 0; i < t->n; i++) {
        if (i)
            out_str(out, gaps[t->list[i].gap]);
        out_add(out, t->bytes.ptr + t->list[i].at, t->list[i].len);
    }
}

/* --- edits --- */

/* A copy of sentence @p i that may be written to. */
static char *own(struct text *t, size_t i)
{
    struct sentence *s = &t->list[i];
    out_grow(&t->bytes, s->len);
    memcpy(t->bytes.ptr + t->bytes.len, t->bytes.ptr + s->at, s->len);
    s->at = t->bytes.len;
    t->bytes.len += s->len;
    return t->bytes.ptr + s->at;
}

static void say(struct text *t, struct voice *v, enum gap gap, enum pattern_set set)
{
    text_begin(t, gap);
    voice_speak(v, &t->bytes, set);
    text_end(t);
}

/* The gap that this text puts between sentences. */
static enum gap usual_gap(const struct text *t)
{
    return t->n > 2 && t->list[t->n / 2].gap < GAP_LINE ? t->list[t->n / 2].gap
                                                        : GAP_SPACE;
}

static void append(struct text *t, struct voice *v)
{
    say(t, v, t->n ? usual_gap(t) : GAP_NONE, PATTERN_SENTENCE);
}

static int is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static int is_hangul(const unsigned char *p)
{
    const int c = (p[0] & 0x0f) << 12 | (p[1] & 0x3f) << 6 | (p[2] & 0x3f);
    return p[0] >= 0xea && p[0] <= 0xed && c >= 0xac00 && c <= 0xd7a3;
}

/* The next place, from @p from round the whole text, that can hold a slip of this kind;
 * 0 when there is none. Sets the sentence and the offset in it. */
static int find_slip(const struct text *t, struct rng *rng, enum edit_kind kind,
                     size_t *which, size_t *offset)
{
    size_t i = rng_below(rng, (uint32_t)t->n);
    size_t from = t->list[i].len ? rng_below(rng, (uint32_t)t->list[i].len) : 0;
    for (size_t round = 0; round <= t->n; round++, i = (i + 1) % t->n, from = 0) {
        const struct sentence *s = &t->list[i];
        const char *p = t->bytes.ptr + s->at;
        for (size_t k = from; k < s->len; k++) {
            const int fits =
                kind == EDIT_NUMBER ? p[k] >= '0' && p[k] <= '9'
                : kind == EDIT_SPACE
                    ? p[k] == ' '
                    : (k + 2 < s->len && is_hangul((const unsigned char *)p + k)) ||
                          (k + 1 < s->len && is_letter(p[k]) && is_letter(p[k + 1]) &&
                           p[k] != p[k + 1]);
            if (fits)
                return *which = i, *offset = k, 1;
        }
    }
    return 0;
}

/* Another final consonant, as a finger would miss it. */
static void misspell_hangul(unsigned char *p, struct rng *rng)
{
    int c = (p[0] & 0x0f) << 12 | (p[1] & 0x3f) << 6 | (p[2] & 0x3f);
    const int final = (c - 0xac00) % 28;
    c += (final + 1 + (int)rng_below(rng, 27)) % 28 - final;
    p[0] = (unsigned char)(0xe0 | c >> 12);
    p[1] = (unsigned char)(0x80 | (c >> 6 & 0x3f));
    p[2] = (unsigned char)(0x80 | (c & 0x3f));
}

static void change_digit(char *p, size_t at, struct rng *rng)
{
    const int leading = at == 0 || p[at - 1] < '0' || p[at - 1] > '9';
    const int old = p[at] - '0';
    int digit = (old + 1 + (int)rng_below(rng, 9)) % 10;
    if (leading && digit == 0)
        digit = old == 9 ? 1 : old + 1;
    p[at] = (char)('0' + digit);
}

static void slip(struct text *t, struct voice *v, enum edit_kind kind)
{
    size_t i, at;
    if (!find_slip(t, &v->rng, kind, &i, &at)) {
        append(t, v);
        return;
    }
    if (kind == EDIT_SPACE) {
        out_grow(&t->bytes, t->list[i].len + 1);
        char *p = own(t, i);
        memmove(p + at + 1, p + at, t->list[i].len - at);
        t->list[i].len++;
        t->bytes.len++;
        return;
    }
    char *p = own(t, i);
    if (kind == EDIT_NUMBER)
        change_digit(p, at, &v->rng);
    else if (is_letter(p[at])) {
        const char c = p[at];
        p[at] = p[at + 1];
        p[at + 1] = c;
    } else
        misspell_hangul((unsigned char *)p + at, &v->rng);
}

static void replace(struct text *t, struct voice *v, size_t at)
{
    say(t, v, t->list[at].gap, PATTERN_SENTENCE);
    text_move(t, t->n - 1, at);
    text_remove(t, at + 1);
}

/* A third of the sentences, and at least one. */
static void rewrite(struct text *t, struct voice *v)
{
    const size_t always = rng_below(&v->rng, (uint32_t)t->n);
    for (size_t i = 0; i < t->n; i++)
        if (i == always || rng_below(&v->rng, 3) == 0)
            replace(t, v, i);
}

/* Two sentences change places; the gaps stay where they are. */
static void swap(struct text *t, struct voice *v)
{
    const size_t a = rng_below(&v->rng, (uint32_t)t->n);
    const size_t b = (a + 1 + rng_below(&v->rng, (uint32_t)t->n - 1)) % t->n;
    const struct sentence s = t->list[a];
    const enum gap gap = t->list[b].gap;
    t->list[a] = t->list[b];
    t->list[a].gap = s.gap;
    t->list[b] = s;
    t->list[b].gap = gap;
}

static void byline(struct text *t, struct voice *v)
{
    static const char *const ends[] = { " newsroom@example.com", " desk@example.com" };
    text_begin(t, GAP_LINE);
    if (rng_below(&v->rng, 3) == 0) {
        t->list[t->n - 1].gap = GAP_NONE;
        out_str(&t->bytes, ends[rng_below(&v->rng, 2)]);
    } else if (v->english) {
        out_str(&t->bytes, "Reporting by ");
        voice_person(v, &t->bytes, rng_below(&v->rng, CAST_PEOPLE));
    } else {
        out_char(&t->bytes, '/');
        voice_person(v, &t->bytes, rng_below(&v->rng, CAST_PEOPLE));
        out_str(&t->bytes, " 기자");
    }
    text_end(t);
}

void text_edit(struct text *t, struct voice *v, enum edit_kind kind)
{
    if (t->n == 0)
        return;
    if ((kind == EDIT_DELETE && t->n < 2) || (kind == EDIT_MOVE && t->n < 3))
        kind = EDIT_APPEND;
    switch ((int)kind) {
    case EDIT_TYPO:
    case EDIT_NUMBER:
    case EDIT_SPACE:
        slip(t, v, kind);
        break;
    case EDIT_APPEND:
        append(t, v);
        break;
    case EDIT_INSERT:
        append(t, v);
        text_move(t, t->n - 1, rng_below(&v->rng, (uint32_t)t->n));
        break;
    case EDIT_DELETE:
        text_remove(t, rng_below(&v->rng, (uint32_t)t->n));
        break;
    case EDIT_REWRITE:
        rewrite(t, v);
        break;
    case EDIT_BYLINE:
        byline(t, v);
        break;
    case EDIT_MOVE:
        swap(t, v);
        break;
    case EDIT_EMPTIED:
        t->n = 0;
        break;
    case EDIT_CORRECTION:
        say(t, v, GAP_PARAGRAPH, PATTERN_CORRECTION);
        break;
    default:
        break;
    }
}
