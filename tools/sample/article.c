#include "article.h"

#include "words.h"

#include <math.h>

/* --- publishers --- */

enum dateline {
    DATELINE_NONE,
    DATELINE_WIRE, /* (place=publisher) name 기자 =  */
    DATELINE_BOX   /* [publisher name 기자]  */
};

static const struct publisher {
    const char *oid, *name;
    enum dateline dateline;
} korean[] = {
    { "701", "미르통신", DATELINE_WIRE }, { "702", "새람뉴스와이어", DATELINE_WIRE },
    { "703", "온누리원", DATELINE_WIRE }, { "704", "가온일보", DATELINE_NONE },
    { "705", "라온경제", DATELINE_BOX },  { "706", "한결온신문", DATELINE_NONE },
    { "707", "솔빛방송", DATELINE_BOX },  { "708", "해찬타임스", DATELINE_NONE },
    { "709", "다솜투데이", DATELINE_BOX }, { "710", "참빛매일", DATELINE_NONE },
    { "711", "여울경제TV", DATELINE_BOX }, { "712", "나래스포츠", DATELINE_NONE },
    { "713", "도란데일리", DATELINE_NONE }, { "714", "윤슬비즈", DATELINE_BOX },
    { "715", "벼리저널", DATELINE_NONE }, { "716", "토담향토신문", DATELINE_NONE },
    { "717", "바론IT", DATELINE_BOX },    { "718", "하람의학신문", DATELINE_NONE },
    { "719", "이든방송", DATELINE_NONE }, { "720", "두리주간", DATELINE_NONE },
    { "721", "산들농어민", DATELINE_NONE }, { "722", "별하문화", DATELINE_NONE },
    { "723", "흰여울신문", DATELINE_WIRE }, { "724", "무지벗뉴스", DATELINE_BOX },
}, english[] = {
    { "751", "The Halden Courier", DATELINE_NONE }, { "752", "Corven Wire", DATELINE_WIRE },
    { "753", "Northgate Business Daily", DATELINE_NONE },
    { "754", "The Seolgok Times", DATELINE_NONE }, { "755", "Mir Photo", DATELINE_WIRE },
    { "756", "Larkfield & Sons Review", DATELINE_NONE },
};
enum {
    N_KOREAN = sizeof(korean) / sizeof(korean[0]),
    N_ENGLISH = sizeof(english) / sizeof(english[0])
};

/* --- what an article is like --- */

enum copy {
    COPY_NONE,
    COPY_WIRE,  /* another publisher's text, slightly edited */
    COPY_EXACT, /* the very same body */
    COPY_SPACED /* the same but for white space */
};

struct traits {
    uint64_t source; /* whose text it is: its own number, or that of the copied article */
    uint64_t frame;  /* whose dateline and closing line stand around it */
    enum copy copy;
    int english;
    const struct publisher *publisher;
    struct rng rng; /* for all that is left to choose */
};

static enum copy copy_of(const struct corpus *c, uint64_t number, uint64_t *source)
{
    struct rng rng = rng_of(c->seed, number, 0, USE_ARTICLE);
    const double dice = rng_unit(&rng);
    const uint64_t back = 1 + rng_below(&rng, 300);
    *source = number;
    if (dice >= 0.032 || back > number)
        return COPY_NONE;
    *source = number - back;
    return dice < 0.001 ? COPY_EXACT : dice < 0.002 ? COPY_SPACED : COPY_WIRE;
}

static struct traits traits_of(const struct corpus *c, uint64_t number)
{
    struct traits t = { .source = number, .frame = number };
    uint64_t other;
    t.copy = copy_of(c, number, &t.source);
    if (t.copy != COPY_NONE && copy_of(c, t.source, &other) != COPY_NONE) {
        t.copy = COPY_NONE; /* no copies of copies */
        t.source = number;
    }
    if (t.copy == COPY_EXACT || t.copy == COPY_SPACED)
        t.frame = t.source;
    struct rng content = rng_of(c->seed, t.source, 0, USE_PLAN);
    t.english = rng_chance(&content, c->english);
    t.rng = rng_of(c->seed, number, 1, USE_ARTICLE);
    t.publisher = t.english ? &english[rng_below(&t.rng, N_ENGLISH)]
                            : &korean[rng_skewed(&t.rng, N_KOREAN)];
    return t;
}

/* How long, in bytes: the spread of a real crawl. Between the points of the table the
 * logarithm is interpolated. */
static size_t choose_length(struct rng *rng, int english_text)
{
    static const struct {
        double share, chars;
    } spread[] = { { 0, 12 },     { .01, 54 },   { .05, 139 },   { .1, 229 },
                   { .25, 525 },  { .5, 891 },   { .75, 1325 },  { .9, 1897 },
                   { .95, 2368 }, { .99, 4176 }, { .999, 9988 }, { .9999, 20000 },
                   { 1, 30000 } };
    const double u = rng_unit(rng);
    int i = 1;
    while (u > spread[i].share)
        i++;
    const double part =
        (u - spread[i - 1].share) / (spread[i].share - spread[i - 1].share);
    const double chars =
        spread[i - 1].chars * pow(spread[i].chars / spread[i - 1].chars, part);
    return (size_t)(chars * (english_text ? 1.5 : 2.1));
}

/* --- the body --- */

void article_mail(struct rng *rng, const char *oid, struct out *out)
{
    static const char syllables[] = "hayejisominadulebatosuri";
    for (int i = 0; i < 3; i++)
        out_add(out, syllables + 2 * (size_t)rng_below(rng, 12), 2);
    if (rng_below(rng, 2))
        out_number(out, rng_below(rng, 100), 2);
    out_str(out, "@p");
    out_str(out, oid);
    out_str(out, ".example");
}

static void dateline(struct maker *m, const struct publisher *p, struct rng *rng)
{
    struct out *o = &m->text.bytes;
    if (p->dateline == DATELINE_WIRE) {
        out_char(o, '(');
        voice_place(&m->voice, o, 0);
        out_str(o, m->voice.english ? ", " : "=");
        out_str(o, p->name);
        out_str(o, m->voice.english ? ") - " : ") ");
    } else if (p->dateline == DATELINE_BOX) {
        out_char(o, '[');
        out_str(o, p->name);
        out_char(o, ' ');
    }
    if (!m->voice.english && p->dateline != DATELINE_NONE) {
        out_str(o, ko_surnames.list[rng_skewed(rng, ko_surnames.n)]);
        out_str(o, ko_given.list[rng_below(rng, ko_given.n)]);
        out_str(o, ko_given.list[rng_below(rng, ko_given.n)]);
        out_str(o, p->dateline == DATELINE_WIRE ? " 기자 = " : " 기자] ");
    }
}

static void closing(struct maker *m, const struct publisher *p, struct rng *rng,
                    enum gap gap)
{
    const uint32_t form = rng_below(rng, 10);
    if (form >= 6)
        return;
    text_begin(&m->text, form == 0 ? GAP_PARAGRAPH : gap);
    struct out *o = &m->text.bytes;
    if (form < 4) {
        article_mail(rng, p->oid, o);
    } else {
        out_str(o, m->voice.english ? "<Copyright (c) " : "<저작권자 (c) ");
        out_str(o, p->name);
        out_str(o,
                m->voice.english ? ", all rights reserved>" : ", 무단 전재-재배포 금지>");
    }
    text_end(&m->text);
}

struct layout {
    size_t length;
    int one_line;
    enum gap inner;     /* between sentences of a paragraph */
    unsigned paragraph; /* sentences in it */
    unsigned leads;
    int rule; /* a --- line between two paragraphs */
};

static struct layout choose_layout(struct rng *rng, int english_text)
{
    struct layout l;
    l.length = choose_length(rng, english_text);
    l.one_line = rng_chance(rng, 0.51);
    l.inner = rng_chance(rng, 0.55) ? GAP_NONE : GAP_SPACE;
    l.paragraph = 1 + rng_below(rng, 4);
    l.leads = rng_chance(rng, 0.3) && l.length > 400 ? 1 + rng_below(rng, 3) : 0;
    l.rule = rng_chance(rng, 0.0015) && l.length > 800;
    return l;
}

/* The text that the article and all copies of it share. */
static void compose(struct maker *m, const struct layout *l, const struct publisher *p,
                    struct rng *frame)
{
    struct text *t = &m->text;
    struct voice *v = &m->voice;
    for (unsigned i = 0; i < l->leads; i++) {
        text_begin(t, GAP_NONE);
        voice_speak(v, &t->bytes, PATTERN_LEAD);
        text_end(t);
    }
    const size_t start = t->bytes.len;
    const enum pattern_set set = l->length < 120 ? PATTERN_LEAD : PATTERN_SENTENCE;
    for (unsigned i = 0; i == 0 || t->bytes.len - start < l->length; i++) {
        enum gap gap = l->inner;
        if (i == 0)
            gap = l->one_line ? GAP_NONE : GAP_PARAGRAPH;
        else if (l->rule && i == 2)
            gap = GAP_RULE;
        else if (!l->one_line && i % l->paragraph == 0)
            gap = GAP_PARAGRAPH;
        text_begin(t, gap);
        if (i == 0)
            dateline(m, p, frame);
        voice_speak(v, &t->bytes, set);
        text_end(t);
    }
    closing(m, p, frame, l->inner == GAP_NONE ? GAP_SPACE : l->inner);
}

/* How a wire copy differs from its source: a sentence less, a sentence replaced, or not.
 */
static void adapt_copy(struct maker *m, struct traits *traits)
{
    struct text *t = &m->text;
    if (traits->copy == COPY_SPACED)
        for (size_t i = 1; i < t->n; i++)
            t->list[i].gap = t->list[i].gap == GAP_NONE ? GAP_SPACE : GAP_NONE;
    if (traits->copy != COPY_WIRE || t->n < 6)
        return;
    m->voice.rng = traits->rng;
    const uint32_t form = rng_below(&traits->rng, 3);
    if (form == 0)
        text_remove(t, t->n - 2);
    else if (form == 1)
        text_edit(t, &m->voice, EDIT_INSERT);
}

static const int64_t hour_s = 3600;

/* --- fields --- */

/* The first @p len characters of "2026-03-02 01:02:03". Days to dates: Hinnant,
 * "chrono-Compatible Low-Level Date Algorithms", civil_from_days. */
static void write_time(int64_t time_s, size_t len, char out[20])
{
    const unsigned second = (unsigned)(time_s % 86400);
    const unsigned days = (unsigned)(time_s / 86400) + 719468;
    const unsigned era = days / 146097, day_of_era = days % 146097;
    const unsigned year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    const unsigned day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const unsigned month = (5 * day_of_year + 2) / 153;
    const unsigned parts[] = { 400 * era + year_of_era + (month >= 10),
                               month < 10 ? month + 3 : month - 9,
                               day_of_year - (153 * month + 2) / 5 + 1,
                               second / 3600,
                               second / 60 % 60,
                               second % 60 };
    static const unsigned char at[] = { 3, 6, 9, 12, 15, 18 };
    memcpy(out, "0000-00-00 00:00:00", 20);
    for (int i = 0; i < 6; i++)
        for (unsigned n = parts[i], k = at[i]; n; n /= 10, k--)
            out[k] = (char)('0' + n % 10);
    out[len] = '\0';
}

/* Local time of the publisher, nine hours east. Most carry the day only; that day may
 * have begun there before the crawl that read it. */
static void choose_published(struct rng *rng, int64_t crawled_s, char out[20])
{
    const int64_t local = crawled_s + 9 * hour_s;
    const double dice = rng_unit(rng);
    if (dice < 0.002)
        out[0] = '\0';
    else if (dice < 0.01) /* the next day's print edition */
        write_time((local / 86400 + 1) * 86400 + 5 * hour_s, 16, out);
    else if (dice < 0.8)
        write_time(local / 86400 * 86400, 16, out);
    else
        write_time(local - 9 * hour_s - 60 - rng_below(rng, 20000), 16, out);
}

static void choose_author(struct maker *m, struct traits *t, struct out *out)
{
    struct rng *rng = &t->rng;
    const uint32_t form = rng_below(rng, 25);
    if (form == 0)
        return;
    out_str(out, "\n\t\t\n");
    for (uint32_t i = 0; i < (form == 1 ? 2u : 1u); i++) {
        out_str(out, "\t\t\t");
        voice_person(&m->voice, out, i);
        if (!t->english)
            out_str(out, form < 12 ? " 기자" : "");
        out_str(out, form % 2 ? "(" : " (");
        article_mail(rng, t->publisher->oid, out);
        out_str(out, ")\n");
    }
    out_str(out, "\t\t\n\t");
}

static void choose_title(struct maker *m, struct rng *rng, struct out *out)
{
    voice_speak(&m->voice, out, PATTERN_HEADLINE);
    if (rng_below(rng, 400) == 0)
        out_str(out, " \\1호\\");
}

static void edit_title(struct maker *m, struct out *title)
{
    const size_t old = title->len;
    if (rng_below(&m->voice.rng, 3) == 0)
        title->len = 0;
    voice_speak(&m->voice, title, title->len ? PATTERN_MARK : PATTERN_HEADLINE);
    if (title->len == old) /* a new headline of just the same length could be the same */
        out_str(title, "…");
}

static void choose_fields(struct maker *m, struct traits *t, struct article *a)
{
    static const char *const categories[] = { "sports",  "card", "politics",
                                              "economy", "사회", "생활/문화",
                                              "IT/과학" };
    a->publisher = t->publisher->name;
    memcpy(a->oid, t->publisher->oid, sizeof(a->oid));
    snprintf(a->aid, sizeof(a->aid), "%010llu",
             (unsigned long long)(a->number + 1000) % 10000000000u);
    a->category = rng_chance(&t->rng, 0.06) ? categories[rng_below(&t->rng, 7)] : "";
    const unsigned birth = corpus_birth(m->corpus, a->number);
    choose_published(&t->rng, corpus_time(m->corpus, a->number, birth, 0),
                     a->published_at);
    const double form = rng_unit(&t->rng);
    const int modern = form < 0.05; /* a few were always written by the newer crawler */
    a->escaped = a->crawl < 2 && !modern;
    struct rng rng = rng_of(m->corpus->seed, a->number, a->crawl, USE_COMMENT);
    a->comments = form < 0.98 ? -1 : (int)rng_below(&rng, 4 + 3 * a->crawl);
}

/* --- all of it --- */

void maker_init(struct maker *m, const struct corpus *corpus)
{
    *m = (struct maker){ .corpus = corpus };
}

void maker_release(struct maker *m)
{
    voice_release(&m->voice);
    text_release(&m->text);
}

void article_make(struct maker *m, uint64_t number, unsigned crawl,
                  const struct visit *visit, struct article *a)
{
    const struct corpus *c = m->corpus;
    struct traits t = traits_of(c, number);
    struct rng content = rng_of(c->seed, t.source, 0, USE_CONTENT);
    a->number = number;
    a->crawl = crawl;
    a->title.len = a->author.len = a->body.len = 0;

    const struct layout layout = choose_layout(&content, t.english);
    voice_begin(&m->voice, content, t.english);
    choose_title(m, &content, &a->title);
    text_clear(&m->text);
    struct rng frame = rng_of(c->seed, t.frame, 2, USE_ARTICLE);
    const struct traits framed = traits_of(c, t.frame);
    compose(m, &layout, framed.publisher, &frame);
    if (t.copy != COPY_NONE)
        adapt_copy(m, &t);
    choose_fields(m, &t, a);
    choose_author(m, &t, &a->author);
    a->crawled_at_s = corpus_time(c, number, crawl, visit->late);
    write_time(a->crawled_at_s, 19, a->crawled_at);

    for (unsigned i = 0; i < visit->n; i++) {
        m->voice.rng = rng_of(c->seed, number, visit->edits[i].crawl, USE_EDIT);
        if (visit->edits[i].kind == EDIT_TITLE)
            edit_title(m, &a->title);
        else
            text_edit(&m->text, &m->voice, visit->edits[i].kind);
    }
    text_flatten(&m->text, &a->body);
}

void article_release(struct article *a)
{
    out_free(&a->title);
    out_free(&a->author);
    out_free(&a->body);
}
