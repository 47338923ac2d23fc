#include "grammar.h"

#include "words.h"

/* One step of a pattern: text as it stands, a slot, or a particle. */
enum step_kind { STEP_TEXT, STEP_SLOT, STEP_PARTICLE };

struct step {
    const char *ptr;
    uint32_t len;
    enum step_kind kind;
    int arg; /* the slot's character, or which particle */
};

struct pattern {
    struct step *steps;
    uint32_t n;
};

struct pattern_list {
    struct pattern *list;
    uint32_t n;
};

static struct pattern_list patterns[2][N_PATTERN_SETS];

/* Particles: the form after a final consonant, and after a vowel. */
static const struct {
    const char *closed, *open;
} particles[] = {
    { "은", "는" }, { "이", "가" }, { "을", "를" }, { "과", "와" }, { "으로", "로" }
};
enum { PARTICLE_RO = 4, N_PARTICLES = sizeof(particles) / sizeof(particles[0]) };

static void *need(size_t n, size_t size)
{
    void *p = calloc(n ? n : 1, size);
    if (!p) {
        fputs("sillok-sample: out of memory\n", stderr);
        exit(3);
    }
    return p;
}

static struct step slot_step(const char *ptr, uint32_t len)
{
    if (len == 1)
        return (struct step){ ptr, len, STEP_SLOT, *ptr };
    for (int i = 0; i < N_PARTICLES; i++)
        if (len == strlen(particles[i].closed) &&
            memcmp(ptr, particles[i].closed, len) == 0)
            return (struct step){ ptr, len, STEP_PARTICLE, i };
    return (struct step){ ptr, len, STEP_TEXT, 0 };
}

static struct pattern compile(const char *text)
{
    struct pattern p = { need(strlen(text) + 1, sizeof(struct step)), 0 };
    while (*text) {
        const char *end;
        if (*text == '{' && (end = strchr(text, '}')) != NULL) {
            p.steps[p.n++] = slot_step(text + 1, (uint32_t)(end - text - 1));
            text = end + 1;
            continue;
        }
        const size_t n = strcspn(text, "{");
        p.steps[p.n++] = (struct step){ text, (uint32_t)n, STEP_TEXT, 0 };
        text += n;
    }
    return p;
}

static void make_pieces(struct words *w)
{
    w->pieces = need(w->n, sizeof(struct piece));
    for (uint32_t i = 0; i < w->n; i++) {
        const size_t len = strlen(w->list[i]);
        if (len > sizeof(w->pieces[i].bytes)) {
            fprintf(stderr, "sillok-sample: the word '%s' is too long\n", w->list[i]);
            abort();
        }
        memcpy(w->pieces[i].bytes, w->list[i], len);
        w->pieces[i].len = (uint8_t)len;
    }
}

void grammar_init(void)
{
    static struct words *const vocabulary[] = {
        &ko_stems,       &ko_actions,     &ko_endings,     &ko_links,
        &ko_adverbs,     &ko_openers,     &ko_adjectives,  &ko_surnames,
        &ko_given,       &ko_titles,      &ko_org_heads,   &ko_org_tails,
        &ko_place_heads, &ko_place_tails, &ko_dates,       &ko_counters,
        &ko_comments,    &en_nouns,       &en_adjectives,  &en_verbs,
        &en_past,        &en_adverbs,     &en_openers,     &en_first,
        &en_sur_heads,   &en_sur_tails,   &en_titles,      &en_org_heads,
        &en_org_tails,   &en_place_heads, &en_place_tails, &en_dates,
        &en_counters,
    };
    for (size_t i = 0; i < sizeof(vocabulary) / sizeof(vocabulary[0]); i++)
        make_pieces(vocabulary[i]);
    static const struct words *const sources[2][N_PATTERN_SETS] = {
        { &ko_sentences, &ko_quotes, &ko_headlines, &ko_leads, &ko_corrections, &ko_marks,
          &ko_phrases },
        { &en_sentences, &en_quotes, &en_headlines, &en_leads, &en_corrections, &en_marks,
          &en_phrases },
    };
    for (int english = 0; english < 2; english++)
        for (int set = 0; set < N_PATTERN_SETS; set++) {
            const struct words *w = sources[english][set];
            struct pattern_list *l = &patterns[english][set];
            *l = (struct pattern_list){ need(w->n, sizeof(struct pattern)), w->n };
            for (uint32_t i = 0; i < w->n; i++)
                l->list[i] = compile(w->list[i]);
        }
}

/* --- words --- */

/* Words are the most of all that is written: a copy of fixed size, then the true length.
 */
static void add_piece(struct out *out, const struct piece *p)
{
    out_grow(out, sizeof(*p));
    memcpy(out->ptr + out->len, p, sizeof(*p));
    out->len += p->len;
}

static void add_word(struct rng *rng, struct out *out, const struct words *w)
{
    add_piece(out, &w->pieces[rng_below(rng, w->n)]);
}

static void add_common_word(struct rng *rng, struct out *out, const struct words *w)
{
    add_piece(out, &w->pieces[rng_skewed(rng, w->n)]);
}

/* Korean nouns are put together from stems, English ones get an adjective. */
static void add_noun_phrase(struct voice *v, struct out *out)
{
    const uint32_t form = rng_below(&v->rng, 8);
    if (v->english) {
        if (form < 5) {
            add_word(&v->rng, out, &en_adjectives);
            out_char(out, ' ');
        }
        add_word(&v->rng, out, &en_nouns);
        return;
    }
    if (form >= 2) {
        add_word(&v->rng, out, &ko_stems);
        if (form == 7)
            out_char(out, ' ');
    }
    add_word(&v->rng, out, &ko_stems);
}

static void add_thousands(struct out *out, uint32_t n)
{
    if (n >= 1000) {
        out_number(out, n / 1000, 1);
        out_char(out, ',');
    }
    out_number(out, n % 1000, n >= 1000 ? 3 : 1);
}

static void add_money(struct voice *v, struct out *out)
{
    static const char *const units[] = { "억원", "억 원", "만원", "만 달러", "억 달러" };
    struct rng *r = &v->rng;
    if (v->english) {
        const uint32_t form = rng_below(r, 3);
        if (form)
            out_char(out, '$');
        out_number(out, 1 + rng_below(r, 99), 1);
        out_char(out, '.');
        out_number(out, rng_below(r, 10), 1);
        out_str(out, form == 2 ? " million" : form ? " billion" : " billion won");
        return;
    }
    if (rng_below(r, 4) == 0) {
        out_number(out, 1 + rng_below(r, 40), 1);
        out_str(out, "조");
        out_number(out, 1 + rng_below(r, 9), 1);
        out_str(out, "천억원");
        return;
    }
    add_thousands(out, 1 + rng_below(r, rng_below(r, 2) ? 90 : 9000));
    out_str(out, units[rng_below(r, 5)]);
}

static void add_count(struct voice *v, struct out *out)
{
    add_thousands(out, 1 + rng_below(&v->rng, rng_below(&v->rng, 2) ? 60 : 30000));
    if (v->english)
        out_char(out, ' ');
    add_word(&v->rng, out, v->english ? &en_counters : &ko_counters);
}

static void add_date(struct voice *v, struct out *out)
{
    struct rng *r = &v->rng;
    if (v->english || rng_below(r, 2)) {
        add_word(r, out, v->english ? &en_dates : &ko_dates);
        return;
    }
    if (rng_below(r, 2)) {
        out_number(out, 1 + rng_below(r, 12), 1);
        out_str(out, "월 ");
    }
    out_number(out, 1 + rng_below(r, 28), 1);
    out_str(out, "일");
}

static void add_percent(struct voice *v, struct out *out)
{
    out_number(out, rng_below(&v->rng, rng_below(&v->rng, 3) ? 20 : 100), 1);
    out_char(out, '.');
    out_number(out, 1 + rng_below(&v->rng, 9), 1);
    if (!v->english)
        out_char(out, '%');
}

/* --- the cast --- */

static void add_name(const struct voice *v, struct out *out, struct name n)
{
    out_add(out, v->names.ptr + n.at, n.len);
}

/* End a name that was begun at @p at. */
static struct name name_of(const struct voice *v, size_t at)
{
    return (struct name){ (uint32_t)at, (uint32_t)(v->names.len - at) };
}

static void cast_person(struct voice *v, unsigned i)
{
    struct out *o = &v->names;
    size_t at = o->len;
    if (v->english) {
        add_word(&v->rng, o, &en_first);
        out_char(o, ' ');
        const size_t surname = o->len;
        add_word(&v->rng, o, &en_sur_heads);
        add_word(&v->rng, o, &en_sur_tails);
        v->surname_len[i] = (uint32_t)(o->len - surname);
    } else {
        add_common_word(&v->rng, o, &ko_surnames);
        v->surname_len[i] = (uint32_t)(o->len - at);
        add_word(&v->rng, o, &ko_given);
        add_word(&v->rng, o, &ko_given);
    }
    v->people[i] = name_of(v, at);
    at = o->len;
    add_word(&v->rng, o, v->english ? &en_titles : &ko_titles);
    v->titles[i] = name_of(v, at);
}

void voice_begin(struct voice *v, struct rng rng, int english)
{
    struct out *o = &v->names;
    v->rng = rng;
    v->english = english;
    v->curly = (int)rng_below(&v->rng, 2);
    v->introduced = 0;
    v->last_org = CAST_ORGS;
    o->len = 0;
    for (unsigned i = 0; i < CAST_ORGS; i++) {
        const size_t at = o->len;
        add_word(&v->rng, o, english ? &en_org_heads : &ko_org_heads);
        if (english)
            out_char(o, ' ');
        add_word(&v->rng, o, english ? &en_org_tails : &ko_org_tails);
        v->orgs[i] = name_of(v, at);
    }
    for (unsigned i = 0; i < CAST_PEOPLE; i++)
        cast_person(v, i);
    for (unsigned i = 0; i < CAST_PLACES; i++) {
        const size_t at = o->len;
        add_word(&v->rng, o, english ? &en_place_heads : &ko_place_heads);
        add_word(&v->rng, o, english ? &en_place_tails : &ko_place_tails);
        v->places[i] = name_of(v, at);
    }
    for (unsigned i = 0; i < CAST_TOPICS; i++) {
        const size_t at = o->len;
        add_noun_phrase(v, o);
        v->topics[i] = name_of(v, at);
    }
}

void voice_release(struct voice *v)
{
    out_free(&v->names);
}

void voice_person(const struct voice *v, struct out *out, unsigned i)
{
    add_name(v, out, v->people[i]);
}

void voice_place(const struct voice *v, struct out *out, unsigned i)
{
    add_name(v, out, v->places[i]);
}

/* A person is named in full the first time, by the surname after that. */
static void add_person(struct voice *v, struct out *out)
{
    const unsigned i = rng_skewed(&v->rng, CAST_PEOPLE);
    const struct name n = v->people[i];
    const int first = !(v->introduced & 1u << i);
    v->introduced |= 1u << i;
    if (v->english && first) {
        add_name(v, out, n);
        out_str(out, ", ");
        add_name(v, out, v->titles[i]);
        out_str(out, " of ");
        add_name(v, out, v->orgs[i]);
        out_char(out, ',');
    } else if (v->english) {
        out_add(out, v->names.ptr + n.at + n.len - v->surname_len[i], v->surname_len[i]);
    } else {
        if (first) {
            add_name(v, out, n);
            out_char(out, ' ');
            add_name(v, out, v->orgs[i]);
        } else
            out_add(out, v->names.ptr + n.at, v->surname_len[i]);
        out_char(out, ' ');
        add_name(v, out, v->titles[i]);
    }
}

/* Never the one that was named last, so no organisation meets itself. */
static void add_org(struct voice *v, struct out *out)
{
    unsigned i = rng_skewed(&v->rng, CAST_ORGS);
    if (i == v->last_org)
        i = (i + 1) % CAST_ORGS;
    v->last_org = i;
    add_name(v, out, v->orgs[i]);
}

/* --- patterns --- */

/* Final consonant of the last character: 0 none, 8 is ㄹ. Unicode 3.12, Hangul syllables.
 */
static int last_final(const struct out *o)
{
    static const unsigned char of_digit[] = { 21, 8, 0, 16, 0, 0, 1, 8, 8, 0 };
    size_t len = o->len;
    while (len && (o->ptr[len - 1] == '\'' || o->ptr[len - 1] == ')'))
        len--;
    if (len == 0)
        return 0;
    const unsigned char *p = (const unsigned char *)o->ptr + len;
    if (p[-1] >= '0' && p[-1] <= '9')
        return of_digit[p[-1] - '0'];
    if (len < 3 || p[-3] < 0xea || p[-3] > 0xed)
        return 0;
    const int c = (p[-3] & 0x0f) << 12 | (p[-2] & 0x3f) << 6 | (p[-1] & 0x3f);
    return c >= 0xac00 && c <= 0xd7a3 ? (c - 0xac00) % 28 : 0;
}

static void add_particle(struct out *out, int which)
{
    const int final = last_final(out);
    const int closed = final != 0 && !(which == PARTICLE_RO && final == 8);
    out_str(out, closed ? particles[which].closed : particles[which].open);
}

static void add_quotation(struct voice *v, struct out *out)
{
    out_str(out, v->curly ? "“" : "\"");
    voice_speak(v, out, PATTERN_QUOTE);
    out_str(out, v->curly ? "”" : "\"");
}

static void add_verb(struct voice *v, struct out *out)
{
    if (v->english) {
        add_word(&v->rng, out, &en_past);
        return;
    }
    add_word(&v->rng, out, &ko_actions);
    add_common_word(&v->rng, out, &ko_endings);
}

static void add_slot(struct voice *v, struct out *out, int slot)
{
    struct rng *r = &v->rng;
    const int en = v->english;
    switch (slot) {
    case 'O':
        add_org(v, out);
        break;
    case 'P':
        add_person(v, out);
        break;
    case 'L':
        add_name(v, out, v->places[rng_skewed(r, CAST_PLACES)]);
        break;
    case 'K':
        add_name(v, out, v->topics[rng_skewed(r, CAST_TOPICS)]);
        break;
    case 'N':
        add_noun_phrase(v, out);
        break;
    case 'S':
        add_word(r, out, en ? &en_nouns : &ko_stems);
        break;
    case 'W':
        add_word(r, out, en ? &en_verbs : &ko_actions);
        break;
    case 'I':
        add_word(r, out, &en_verbs);
        break;
    case 'V':
        add_verb(v, out);
        break;
    case 'E':
        add_word(r, out, &ko_links);
        break;
    case 'J':
        add_word(r, out, en ? &en_adjectives : &ko_adjectives);
        break;
    case 'A':
        add_word(r, out, en ? &en_adverbs : &ko_adverbs);
        break;
    case 'B':
        if (rng_below(r, 2))
            add_word(r, out, en ? &en_openers : &ko_openers);
        break;
    case 'X':
        if (rng_below(r, 5) < 3)
            voice_speak(v, out, PATTERN_PHRASE);
        break;
    case 'M':
        add_money(v, out);
        break;
    case 'C':
        add_count(v, out);
        break;
    case '%':
        add_percent(v, out);
        break;
    case 'T':
        out_number(out, en ? 1950 + rng_below(r, 75) : 1 + rng_below(r, 30), 1);
        break;
    case 't':
        out_number(out, 1 + rng_below(r, 30), 1);
        break;
    case 'D':
        add_date(v, out);
        break;
    case 'Q':
        add_quotation(v, out);
        break;
    default: /* 'q' */
        voice_speak(v, out, PATTERN_QUOTE);
        break;
    }
}

/* English sentences and headlines begin with a capital, after a quotation mark too. */
static void capitalize(struct out *out, size_t at)
{
    while (at < out->len && (out->ptr[at] == '"' || (unsigned char)out->ptr[at] >= 0x80))
        at++;
    if (at < out->len && out->ptr[at] >= 'a' && out->ptr[at] <= 'z')
        out->ptr[at] = (char)(out->ptr[at] - 'a' + 'A');
}

void voice_speak(struct voice *v, struct out *out, enum pattern_set set)
{
    const struct pattern_list *l = &patterns[v->english != 0][set];
    const struct pattern *p = &l->list[rng_below(&v->rng, l->n)];
    const size_t at = out->len;
    for (uint32_t i = 0; i < p->n; i++) {
        const struct step *s = &p->steps[i];
        if (s->kind == STEP_TEXT)
            out_add(out, s->ptr, s->len);
        else if (s->kind == STEP_PARTICLE)
            add_particle(out, s->arg);
        else
            add_slot(v, out, s->arg);
    }
    if (v->english &&
        (set == PATTERN_SENTENCE || set == PATTERN_HEADLINE || set == PATTERN_LEAD))
        capitalize(out, at);
}

void voice_comment(struct rng *rng, struct out *out)
{
    add_word(rng, out, &ko_comments);
    if (rng_below(rng, 3) == 0) {
        out_str(out, " ");
        add_word(rng, out, &ko_comments);
    }
    if (rng_below(rng, 4) == 0)
        out_str(out, rng_below(rng, 2) ? " ㅋㅋ" : "...");
}
