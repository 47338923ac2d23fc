/*
 * Where sentences of Korean and English news end.
 *
 * Half of the articles have no newline and two thirds have sentences glued together
 * ("했다.이어"), so UAX #29 does not do. The cutter walks over the text once; at a mark
 * (. ! ? ...) it takes all marks and closing quotes that follow and asks ends_here().
 */
#include "diff/sentence.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_MARKS = 32 };  /* of "?!?!..." and of what closes after it */
enum { MAX_ORDINAL = 2 }; /* digits of what numbers the points of a list, or is a day */
/* What is shorter goes on to its end, whatever its content. */
enum { CUT_FROM_BYTES = SENTENCE_MAX_BYTES / 4 };

struct cutter {
    struct sillok_text t;
    size_t start, at;
    uint32_t before;  /* the character before the current one; 0 at the start */
    size_t word;      /* where the run of letters before `at` began */
    uint32_t rolling; /* of the last eight characters: where to cut what has no end */
    uint64_t hash;    /* of what is not blank since `start`, and how much that is */
    uint32_t chars;
};

static uint32_t peek(const struct cutter *c, size_t at, size_t *used)
{
    uint32_t cp = 0;
    *used = 0;
    if (at < c->t.len)
        *used = char_decode(c->t.ptr + at, c->t.len - at, &cp);
    return cp;
}

static int is_mark(uint32_t cp)
{
    return cp == '.' || cp == '!' || cp == '?' || cp == 0x2026 || cp == 0x3002 ||
           cp == 0xFF01 || cp == 0xFF0E || cp == 0xFF1F;
}

/* Syllables that end a Korean sentence; only these may be glued to the next one. */
static int is_korean_ending(uint32_t cp)
{
    switch (cp) {
    case 0xB2E4: /* 다 */
    case 0xC694: /* 요 */
    case 0xAE4C: /* 까 */
    case 0xC8E0: /* 죠 */
    case 0xC74C: /* 음 */
    case 0xD568: /* 함 */
    case 0xC784: /* 임 */
    case 0xB77C: /* 라 */
    case 0xC790: /* 자 */
    case 0xB2C8: /* 니 */
    case 0xC9C0: /* 지 */
    case 0xB124: /* 네 */
    case 0xAD70: /* 군 */
    case 0xC5B4: /* 어 */
    case 0xC57C: /* 야 */
        return 1;
    default:
        return 0;
    }
}

/* "Mr." and its like: the letters before the full stop. */
static int is_abbreviation(struct sillok_text word)
{
    static const char *const known[] = {
        "Mr",  "Mrs", "Ms",  "Dr",  "Prof", "St",   "Sen", "Rep",  "Gov", "Gen", "Col",
        "Lt",  "Sgt", "Jr",  "Sr",  "Inc",  "Corp", "Ltd", "Co",   "vs",  "No",  "Jan",
        "Feb", "Mar", "Apr", "Jun", "Jul",  "Aug",  "Sep", "Sept", "Oct", "Nov", "Dec",
        "Mt",  "Ft",  "Rev", "Hon", "Capt", "Cmdr", "Maj", "Adm",  "Fig", "al",  "cf",
    };
    if (word.len == 1 && char_is_upper((uint8_t)word.ptr[0]))
        return 1;
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (text_is(word, known[i]))
            return 1;
    return 0;
}

/* All about one place where a sentence may end: "before" marks closers "next". */
struct place {
    uint32_t before; /* last character before the marks */
    uint32_t mark;   /* the last of them */
    size_t n_marks;
    int closed, quoted; /* closing brackets or quotes that follow; one is a quote */
    int blank, newline; /* then white space; with a newline in it */
    uint32_t next;      /* then this; 0 at the end of the text */
    uint32_t after_next;
    struct sillok_text word; /* the letters before the marks */
    size_t n_digits;         /* those before the marks, none counted past MAX_ORDINAL */
    int begins; /* with them, or one letter before them, the sentence begins */
};

/* 2. of a list, a day: "1. 신청", "Q3. 언제인가", "2026. 1. 2. 서울에서". Hardly a sentence of
 * news ends in a number, and before Hangul none in such a short one. */
static int is_ordinal(const struct place *p)
{
    return p->mark == '.' && p->n_marks == 1 && !p->closed && p->n_digits > 0 &&
           p->n_digits <= MAX_ORDINAL &&
           (p->begins || char_class_of(p->next) == CHAR_HANGUL);
}

static int ends_before_space(const struct place *p)
{
    if (p->quoted)
        return !char_is_lower(p->next);
    const enum char_class c = char_class_of(p->before);
    if (c == CHAR_DIGIT)
        return char_class_of(p->next) != CHAR_DIGIT && !char_is_lower(p->next) &&
               !is_ordinal(p);
    if (c == CHAR_LETTER) {
        if (char_is_lower(p->next))
            return 0;
        return p->mark != '.' || !is_abbreviation(p->word);
    }
    return c == CHAR_HANGUL || c == CHAR_SINGLE || p->before == '%' || p->before == ')' ||
           char_is_closing(p->before) || p->mark != '.';
}

/* What begins a question of an interview, or a point of a list. */
static int is_dash(uint32_t cp)
{
    enum { MIDDLE_DOT = 0xB7 };
    cp = char_alike(cp);
    return cp == '-' || cp == MIDDLE_DOT;
}

static int ends_glued(const struct place *p)
{
    const enum char_class next = char_class_of(p->next);
    if (p->mark == 0x3002 || p->mark == 0xFF01 || p->mark == 0xFF1F)
        return 1;
    if (is_korean_ending(p->before)) {
        if (next == CHAR_HANGUL) /* after a quote a particle follows: 했다."고 */
            return !p->quoted;
        return next == CHAR_DIGIT || next == CHAR_SINGLE || char_is_upper(p->next) ||
               char_is_opening(p->next) || is_dash(p->next);
    }
    return p->mark == '.' && !p->closed && char_is_lower(p->before) &&
           char_is_upper(p->next) && char_is_lower(p->after_next);
}

static int ends_here(const struct place *p)
{
    if (p->next == 0 || p->newline)
        return 1;
    const int ellipsis = p->mark == 0x2026 || (p->mark == '.' && p->n_marks > 1);
    if (ellipsis && !p->quoted)
        return 0;
    return p->blank ? ends_before_space(p) : ends_glued(p);
}

/* Skips blanks from @p at on; tells whether a newline was among them. */
static size_t skip_blanks(const struct cutter *c, size_t at, int *newline)
{
    size_t used;
    *newline = 0;
    for (;;) {
        const uint32_t cp = peek(c, at, &used);
        if (!used || char_class_of(cp) != CHAR_BLANK)
            return at;
        *newline |= char_is_newline(cp);
        at += used;
    }
}

/* The digits before the marks, and whether the sentence begins with them. */
static void read_digits(const struct cutter *c, struct place *p)
{
    size_t from = c->at;
    while (from > c->start && p->n_digits <= MAX_ORDINAL &&
           char_class_of((uint8_t)c->t.ptr[from - 1]) == CHAR_DIGIT) {
        p->n_digits++;
        from--;
    }
    from -= from > c->start && char_is_upper((uint8_t)c->t.ptr[from - 1]);
    p->begins = from == c->start;
}

/* At a mark: reads the place. Returns where the closers end; *end is past the blanks. */
static size_t read_place(const struct cutter *c, struct place *p, size_t *end)
{
    size_t used, at = c->at;
    *p = (struct place){ .before = c->before };
    p->word = text_make(c->t.ptr + c->word, c->at - c->word);
    read_digits(c, p);
    uint32_t cp = peek(c, at, &used);
    while (used && is_mark(cp) && p->n_marks < MAX_MARKS) {
        p->mark = cp;
        p->n_marks++;
        at += used;
        cp = peek(c, at, &used);
    }
    /* A straight quote right before a letter rather opens the next sentence. */
    while (used && char_is_closing(cp) && p->closed < MAX_MARKS) {
        size_t more;
        const uint32_t then = peek(c, at + used, &more);
        if ((cp == '"' || cp == '\'') && p->closed == 0 && more &&
            char_is_word(char_class_of(then)) && char_class_of(then) != CHAR_HANGUL)
            break;
        p->closed++;
        p->quoted |= char_is_quote(cp);
        at += used;
        cp = peek(c, at, &used);
    }
    *end = skip_blanks(c, at, &p->newline);
    p->blank = *end > at;
    p->next = peek(c, *end, &used);
    p->after_next = peek(c, *end + used, &used);
    return at;
}

/* Cuts what goes on for kilobytes without an end, at a place its content chooses. */
static int cut_long(const struct cutter *c, int at_blank)
{
    const size_t len = c->at - c->start;
    if (len < CUT_FROM_BYTES)
        return 0;
    const uint32_t h = c->rolling * UINT32_C(2654435761);
    if (at_blank)
        return h >> 30 == 0;
    return len >= SENTENCE_MAX_BYTES || (len >= SENTENCE_MAX_BYTES / 2 && h >> 24 == 0);
}

static uint64_t mix(uint64_t h, uint64_t v)
{
    h = (h ^ v) * UINT64_C(0x9E3779B97F4A7C15);
    return h ^ h >> 29;
}

static void count(struct cutter *c, uint32_t cp)
{
    c->hash = mix(c->hash, cp);
    c->chars++;
}

/* A character that is neither blank nor a mark where a sentence may end. */
static void pass(struct cutter *c, uint32_t cp, enum char_class class, size_t used)
{
    c->at += used;
    if (class != CHAR_LETTER)
        c->word = c->at;
    c->before = cp;
    c->rolling = (c->rolling << 4) + cp * UINT32_C(0x9E3779B1);
    count(c, cp);
}

/* Can it follow a blank in plain text? ASCII, Hanja and Hangul: no blank begins so. */
static int is_visible_start(uint8_t b)
{
    return (b > ' ' && b < 0x7F) || (b >= 0xE4 && b <= 0xED);
}

/* Takes what most of a text is, Hangul and ASCII with single spaces between, up to where a
 * closer look is needed: what next_end() would do with it, in half of the time. */
static void pass_plain(struct cutter *c)
{
    struct cutter to = *c;
    const size_t room = to.t.len - to.start;
    const size_t end = to.start + (room < CUT_FROM_BYTES ? room : CUT_FROM_BYTES);
    while (to.at + 4 <= end) {
        const char *p = to.t.ptr + to.at;
        const uint8_t b = (uint8_t)*p;
        if (b >= 0x80) {
            const uint32_t four = char_four_bytes(p);
            if (!char_is_triple(four, 0xEAB080, 0xED9EA3)) /* U+AC00..U+D7A3 */
                break;
            pass(&to, char_of_triple(four), CHAR_HANGUL, 3);
        } else if (b == ' ' && is_visible_start((uint8_t)p[1])) {
            to.before = ' ';
            to.word = ++to.at;
        } else {
            const enum char_class class = (enum char_class)char_ascii_class[b];
            if (class == CHAR_BLANK || is_mark(b))
                break;
            pass(&to, b, class, 1);
        }
    }
    *c = to;
}

/* Marks and what closes after them; none is blank. */
static void count_up_to(struct cutter *c, size_t end)
{
    uint32_t cp;
    for (size_t at = c->at; at < end; count(c, cp))
        at += char_decode(c->t.ptr + at, end - at, &cp);
}

/* Moves to the end of the sentence that begins at c->start. */
static void next_end(struct cutter *c)
{
    c->before = c->rolling = 0;
    c->word = c->at = c->start;
    c->hash = UINT64_C(0x243F6A8885A308D3);
    c->chars = 0;
    for (;;) {
        pass_plain(c);
        if (c->at >= c->t.len)
            return;
        uint32_t cp;
        const size_t used = char_decode(c->t.ptr + c->at, c->t.len - c->at, &cp);
        const enum char_class class = char_class_of(cp);
        if (class == CHAR_BLANK) {
            int newline;
            c->at = skip_blanks(c, c->at, &newline);
            if (newline && c->before)
                return;
            if (cut_long(c, 1))
                return;
            c->before = ' ';
            c->word = c->at;
            continue;
        }
        if (cut_long(c, 0))
            return;
        if (class == CHAR_SIGN && is_mark(cp) && c->before) {
            struct place p;
            size_t end;
            const size_t past = read_place(c, &p, &end);
            count_up_to(c, past);
            if (ends_here(&p)) {
                c->at = end;
                return;
            }
            c->word = c->at = past;
            c->before = p.closed ? ')' : p.mark;
            continue;
        }
        pass(c, cp, class, used);
    }
}

/* Adds the sentence to the unit before it while that is too short to stand alone. The
 * unit ends at a sentence chosen by its own content, so that it ends there in the other
 * text. */
static int merge(struct sentences *s, const struct sentence *one, size_t min_bytes)
{
    if (!min_bytes || !s->n)
        return 0;
    struct sentence *last = &s->v[s->n - 1];
    const size_t len = last->end - last->start;
    if (len >= 4 * min_bytes || (len >= min_bytes && last->last_hash % 4 == 0))
        return 0;
    last->end = one->end;
    last->chars += one->chars;
    last->hash = mix(last->hash, one->hash);
    last->last_hash = one->last_hash;
    s->merged = 1;
    return 1;
}

static struct sentence take(struct cutter *c)
{
    next_end(c);
    const uint64_t hash = mix(c->hash, c->chars);
    const struct sentence one = { .start = (uint32_t)c->start,
                                  .end = (uint32_t)c->at,
                                  .hash = hash,
                                  .last_hash = (uint32_t)(hash >> 32),
                                  .chars = c->chars };
    c->start = c->at;
    return one;
}

static int add(struct sentences *out, const struct sentence *one, size_t min_bytes)
{
    if (merge(out, one, min_bytes))
        return 0;
    const int r = array_room(&out->v, out->n, &out->cap, sizeof(*out->v));
    if (r == 0)
        out->v[out->n++] = *one;
    else
        sentences_release(out);
    return r;
}

int sentences_split(struct sentences *out, struct sillok_text t)
{
    *out = (struct sentences){ 0 };
    const size_t min_bytes = t.len / SENTENCES_MAX;
    struct cutter c = { .t = t };
    int r = 0;
    while (c.start < t.len && r == 0) {
        const struct sentence one = take(&c);
        r = add(out, &one, min_bytes);
    }
    return r;
}

/* The sentences of the other text from the i-th on, which stand here so much further on. */
static int add_rest(struct sentences *out, const struct sentences *known, size_t i,
                    uint32_t further)
{
    int r = 0;
    for (; i < known->n && r == 0; i++) {
        struct sentence one = known->v[i];
        one.start += further; /* modulo 2^32: or so much less far */
        one.end += further;
        r = add(out, &one, 0);
    }
    return r;
}

/* A sentence whose end, and the two characters behind it that it depends on, both texts have
 * in common ends there in both; so does what follows on the start of a sentence. */
int sentences_split_like(struct sentences *out, struct sillok_text t,
                         const struct sentences *known, struct sillok_text other)
{
    enum { LOOKED_AT = 8 };
    if (t.len >= SENTENCES_MAX || other.len >= SENTENCES_MAX) /* they may be merged */
        return sentences_split(out, t);
    *out = (struct sentences){ 0 };
    const size_t less = t.len < other.len ? t.len : other.len;
    const size_t begin = text_common_start(t, other);
    const size_t end = text_common_end(text_from(t, t.len - less + begin),
                                       text_from(other, other.len - less + begin));
    struct cutter c = { .t = t };
    size_t i = 0;
    int r = 0;
    for (; i < known->n && known->v[i].end + LOOKED_AT <= begin && r == 0; i++) {
        c.start = known->v[i].end;
        r = add(out, &known->v[i], 0);
    }
    while (c.start < t.len && r == 0) {
        const size_t left = t.len - c.start;
        while (left <= end && i < known->n && known->v[i].start < other.len - left)
            i++;
        if (left <= end && i < known->n && known->v[i].start == other.len - left)
            return add_rest(out, known, i, (uint32_t)(t.len - other.len));
        const struct sentence one = take(&c);
        r = add(out, &one, 0);
    }
    return r;
}

void sentences_release(struct sentences *s)
{
    free(s->v);
    *s = (struct sentences){ 0 };
}

/* The next character that is not blank; 0 at the end. */
static int next_visible(struct sillok_text t, size_t *at, uint32_t *cp)
{
    while (*at < t.len) {
        const size_t used = char_decode(t.ptr + *at, t.len - *at, cp);
        const int invalid = used == 1 && *cp == UTF8_REPLACEMENT;
        if (invalid) /* told apart from each other and from a real U+FFFD */
            *cp = 0x80000000u | (uint8_t)t.ptr[*at];
        *at += used;
        if (invalid || char_class_of(*cp) != CHAR_BLANK)
            return 1;
    }
    return 0;
}

int sentence_same(struct sillok_text a, struct sillok_text b)
{
    if (text_equal(a, b))
        return 1;
    size_t i = 0, j = 0;
    for (;;) {
        uint32_t x = 0, y = 0;
        const int more_a = next_visible(a, &i, &x), more_b = next_visible(b, &j, &y);
        if (!more_a || !more_b)
            return more_a == more_b;
        if (x != y)
            return 0;
    }
}
