/*
 * Searching what stands and what stood (docs/find.md): the question, for the page and for
 * the JSON API, and the page. The server writes nothing: the index is asked as it is, and
 * what is not in it is read.
 */
#include "web/search.h"

#include "report/pages.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* --- words --- */

static int is_blank(const char *p, size_t *n)
{
    static const char wide[] =
        "\xE3\x80\x80"; /* U+3000, of Korean and Japanese keyboards */
    *n = strncmp(p, wide, sizeof(wide) - 1) == 0 ? sizeof(wide) - 1 : 1;
    return *n > 1 || (*p && strchr(" \t\r\n", *p));
}

/* The marks that begin and end a piece: "..." or “...”, which some keyboards make of it. */
static int is_quote(const char *p, size_t *n)
{
    static const char *const marks[] = { "\"", "\xE2\x80\x9C", "\xE2\x80\x9D" };
    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
        *n = strlen(marks[i]);
        if (strncmp(p, marks[i], *n) == 0)
            return 1;
    }
    return 0;
}

static int add_word(struct web_search *s, const char *from, const char *to)
{
    if (from == to)
        return 0;
    if (s->n_words == SILLOK_FIND_WORDS_MAX)
        return fail(SILLOK_EINVALID, "more than %d words to find", SILLOK_FIND_WORDS_MAX);
    s->starts[s->n_words++] = s->text.len;
    const int r = buf_add(&s->text, from, (size_t)(to - from));
    return r < 0 ? r : buf_add_char(&s->text, '\0');
}

/* Words between blanks; what stands between quotation marks is one, blanks and all. */
static int split(struct web_search *s, const char *q)
{
    const char *from = q, *p = q;
    int quoted = 0, r = 0;
    while (*p && r == 0) {
        size_t n;
        const int quote = is_quote(p, &n);
        if (!quote && (quoted || !is_blank(p, &n))) {
            p++;
            continue;
        }
        r = add_word(s, from, p);
        quoted ^= quote;
        from = p += n;
    }
    return r < 0 ? r : add_word(s, from, p);
}

/* --- the question --- */

/* A form sends what was not filled in as an empty value. */
static const char *filled(const struct web_request *q, const char *name)
{
    const char *value = web_param(q, name);
    return value && *value ? value : NULL;
}

static int read_time(const struct web_request *q, const char *name, int zone_min,
                     int64_t *out)
{
    const char *value = filled(q, name);
    if (!value || sillok_time_parse(out, value, strlen(value), time(NULL), zone_min) == 0)
        return 0;
    return fail_context(SILLOK_EINVALID, "%s", name);
}

static int read_options(const struct web_request *q, int zone_min,
                        struct sillok_find_options *o)
{
    int r = web_params_known(q, "q removed added any_blanks oid from to limit");
    if (r == 0)
        r = web_param_flag(q, "removed", &o->removed);
    if (r == 0)
        r = web_param_flag(q, "added", &o->added);
    if (r == 0)
        r = web_param_flag(q, "any_blanks", &o->any_blanks);
    if (r == 0)
        r = web_param_number(q, "limit", 1, WEB_LIMIT_MAX, WEB_LIMIT, &o->limit);
    if (r == 0)
        r = read_time(q, "from", zone_min, &o->from_s);
    if (r == 0)
        r = read_time(q, "to", zone_min, &o->to_s);
    o->oid = filled(q, "oid");
    o->stop = web_is_late;
    o->stop_arg = (void *)(uintptr_t)q;
    return r;
}

/* Out of time: what would help, where that is the index. */
static int in_time(const struct web_search *s, int r)
{
    enum { MANY = 1000 }; /* fewer are read in no time */
    const uint64_t behind = r == SILLOK_ESTOPPED ? sillok_find_behind(s->find) : 0;
    if (behind < MANY)
        return r;
    return fail(SILLOK_EBUSY,
                "that takes longer than %d seconds, for %llu texts are not in the index: "
                "'sillok find' with any word brings it up to date",
                WEB_QUERY_MS / 1000, (unsigned long long)behind);
}

int web_search_open(struct web_search *s, struct sillok_store *store,
                    const struct web_request *q, int zone_min)
{
    const char *words[SILLOK_FIND_WORDS_MAX];
    const char *asked = filled(q, "q");
    int r = read_options(q, zone_min, &s->options);
    if (r < 0 || !asked)
        return r;
    r = split(s, asked);
    if (r == 0 && s->n_words == 0)
        return fail(SILLOK_EINVALID, "there is no word in what to find");
    for (size_t i = 0; i < s->n_words; i++)
        words[i] = s->text.ptr + s->starts[i];
    if (r == 0)
        r = sillok_find_open(&s->find, store, SILLOK_FIND_NO_UPDATE);
    if (r == 0)
        r = in_time(s,
                    sillok_find_ask(&s->rows, s->find, words, s->n_words, &s->options));
    return r < 0 ? r : 1;
}

int web_search_next(struct web_search *s, struct sillok_find_row *row)
{
    return in_time(s, sillok_find_next(s->rows, row));
}

void web_search_release(struct web_search *s)
{
    sillok_find_rows_close(s->rows);
    sillok_find_close(s->find);
    buf_release(&s->text);
}

/* --- the form --- */

static void check_box(struct buf *b, const char *name, int checked, const char *label)
{
    html_raw(b, "<label><input type=\"checkbox\" value=\"1\"");
    html_attr(b, "name", text_of(name));
    if (checked)
        html_raw(b, " checked");
    html_raw(b, "> ");
    html_str(b, label);
    html_raw(b, "</label>\n");
}

static void field(struct buf *b, const struct web_request *q, const char *name,
                  const char *type, const char *label)
{
    const char *value = web_param(q, name);
    html_raw(b, "<label>");
    html_str(b, label);
    html_raw(b, " <input");
    html_attr(b, "type", text_of(type));
    html_attr(b, "name", text_of(name));
    html_attr(b, "value", text_of(value ? value : ""));
    html_raw(b, "></label>\n");
}

/* A browser shows a time that is no plain day as nothing, and asks without it the next
 * time. */
static void day_field(struct buf *b, const struct web_request *q, const char *name,
                      const char *label)
{
    const char *value = filled(q, name);
    const int is_day = !value || (strlen(value) == strlen("2026-01-02") &&
                                  strspn(value, "0123456789-") == strlen(value));
    field(b, q, name, is_day ? "date" : "text", label);
}

static void form(struct page *page, const struct web_request *q,
                 const struct sillok_find_options *o)
{
    struct buf *b = &page->b;
    html_raw(b, "<form class=\"search\" method=\"get\" role=\"search\">\n"
                "<p class=\"words\">\n");
    field(b, q, "q", "search", "Words");
    html_raw(b, "<button>Search</button></p>\n<p>\n");
    check_box(b, "removed", o->removed, "no longer there");
    check_box(b, "added", o->added, "added later");
    check_box(b, "any_blanks", o->any_blanks, "with any blanks");
    day_field(b, q, "from", "From");
    day_field(b, q, "to", "Before");
    field(b, q, "oid", "text", "Publisher id");
    html_raw(b, "</p>\n</form>\n");
}

/* --- what was found --- */

/* "removed between A and B", or what else there is to say about when; the word leads to the
 * step that did it. */
static void add_when(struct page *page, const struct sillok_article *a,
                     const struct sillok_blame_sentence *s)
{
    struct buf *b = &page->b;
    char file[SITE_NAME_MAX];
    const struct sillok_blame_span *last = &s->spans[s->n_spans - 1];
    const struct sillok_blame_window *w = s->gone ? &last->went : &last->came;
    const char *fate = sillok_blame_fate(s);
    if (!fate) {
        html_raw(b, "seen ");
        page_span(page, last->first_seen_s, last->last_seen_s);
        return;
    }
    const uint32_t to = s->gone ? last->last_revision + 1 : last->first_revision;
    b->failed |= site_article_name(file, a->oid, a->aid, page_of_revision(to)) < 0;
    html_raw(b, "<a");
    page_href(page, file, to);
    html_raw(b, "><span");
    html_attr(b, "class", text_of(s->gone ? "went" : "came"));
    html_raw(b, ">");
    html_str(b, fate);
    html_raw(b, "</span></a> between ");
    page_time(page, w->after_s);
    html_raw(b, " and ");
    page_time(page, w->before_s);
}

static void add_marked(struct buf *b, const struct sillok_find_row *row)
{
    const struct sillok_text t = row->sentence.text;
    size_t at = 0;
    for (size_t i = 0; i < row->n_marks; i++) {
        const struct sillok_span m = row->marks[i];
        html_text(b, text_make(t.ptr + at, m.start - at));
        html_raw(b, "<mark>");
        html_text(b, text_make(t.ptr + m.start, m.end - m.start));
        html_raw(b, "</mark>");
        at = m.end;
    }
    html_text(b, text_make(t.ptr + at, t.len - at));
}

static void add_headline_of(struct page *page, const struct sillok_article *a)
{
    enum { TITLE_COLUMNS = 200 };
    struct buf *b = &page->b;
    char file[SITE_NAME_MAX];
    const struct sillok_text title = a->fields[SILLOK_TITLE];
    b->failed |= site_article_name(file, a->oid, a->aid, 1) < 0;
    html_raw(b, "<p class=\"headline\"><a");
    page_href(page, file, 0);
    html_lang(b, title);
    html_raw(b, ">");
    html_headline(b, title, TITLE_COLUMNS);
    html_raw(b, "</a> <span class=\"also\"");
    html_lang(b, a->fields[SILLOK_PUBLISHER]);
    html_raw(b, ">");
    html_cut(b, a->fields[SILLOK_PUBLISHER], 60);
    html_raw(b, "</span></p>\n");
}

/* The sentences below it may be of several revisions: the headline is that of the newest,
 * as on the page that it leads to. */
static int add_headline(struct page *page, const struct sillok_article *found)
{
    struct sillok_snapshot *newest = NULL;
    struct sillok_ref ref = { .kind = SILLOK_REF_NEWEST };
    snprintf(ref.oid, sizeof(ref.oid), "%.*s", (int)found->oid.len, found->oid.ptr);
    snprintf(ref.aid, sizeof(ref.aid), "%.*s", (int)found->aid.len, found->aid.ptr);
    const int r = sillok_snapshot_open(&newest, page->site->store, &ref);
    if (r == 0)
        add_headline_of(page, &sillok_snapshot_revision(newest)->article);
    sillok_snapshot_close(newest);
    return r;
}

static void add_sentence(struct page *page, const struct sillok_find_row *row)
{
    struct buf *b = &page->b;
    const struct sillok_article *a = &row->article;
    const struct sillok_blame_sentence *s = &row->sentence;
    char file[SITE_NAME_MAX];
    b->failed |=
        site_article_name(file, a->oid, a->aid, page_of_revision(s->revision)) < 0;
    html_raw(b, "<p class=\"sentence\"");
    html_lang(b, s->text);
    html_raw(b, ">");
    add_marked(b, row);
    html_raw(b, "</p>\n<p class=\"meta\"><a");
    page_href(page, file, s->revision);
    html_raw(b, ">");
    html_printf(b, "revision %u", s->revision);
    html_raw(b, "</a>");
    html_str(b, s->where == SILLOK_BLAME_TITLE ? ", its headline · " : " · ");
    add_when(page, a, s);
    html_raw(b, "</p>\n");
}

struct found_tally {
    uint64_t sentences, articles;
};

static int add_rows(struct page *page, struct web_search *s, struct found_tally *sum)
{
    CLEANUP(buf_release) struct buf last = BUF_INIT;
    struct sillok_find_row row;
    struct buf *b = &page->b;
    int r;
    while ((r = web_search_next(s, &row)) > 0) {
        CLEANUP(buf_release) struct buf name = BUF_INIT;
        r = buf_add_text(&name, row.article.oid);
        if (r == 0)
            r = buf_add_char(&name, '/');
        if (r == 0)
            r = buf_add_text(&name, row.article.aid);
        if (r < 0)
            return r;
        if (!text_equal(buf_text(&name), buf_text(&last))) {
            const struct buf swap = last;
            last = name;
            name = swap;
            html_literal(b, "</li>\n", sum->articles ? 6 : 0);
            html_raw(b, "<li>");
            r = add_headline(page, &row.article);
            if (r < 0)
                return r;
            sum->articles++;
        }
        add_sentence(page, &row);
        sum->sentences++;
    }
    if (sum->articles)
        html_raw(b, "</li>\n");
    return r;
}

/* What was asked for besides the words: the form above may show something else, where a
 * reader has gone back to this page, or on paper. */
static void add_narrowed(struct page *page, const struct sillok_find_options *o)
{
    struct buf *b = &page->b;
    const int both = o->removed && o->added;
    if (o->oid) {
        html_raw(b, " of publisher ");
        html_cut(b, text_of(o->oid), 70);
    }
    html_str(b, o->any_blanks ? "; blanks make no difference" : "");
    if (o->removed || o->added || o->from_s || o->to_s)
        html_raw(b, "; only what ");
    html_str(b, o->removed ? "is no longer there" : "");
    html_str(b, both ? " or " : "");
    html_str(b, o->added ? "was added later" : "");
    if (!o->from_s && !o->to_s)
        return;
    html_str(b, o->removed || o->added ? ", first " : "was first ");
    html_str(b, o->removed == o->added ? "seen or first missed"
                : o->added             ? "seen"
                                       : "missed");
    if (o->from_s) {
        html_raw(b, " at ");
        page_time(page, o->from_s);
        html_raw(b, " or later");
    }
    html_str(b, o->from_s && o->to_s ? " and" : "");
    if (o->to_s) {
        html_raw(b, " before ");
        page_time(page, o->to_s);
    }
}

/* Of a name, say, where an id is asked for: nothing of it would ever be found. */
static int add_nobody(struct page *page, const char *oid)
{
    struct buf *b = &page->b;
    const int r = oid ? sillok_store_has_publisher(page->site->store, oid) : 1;
    if (r != 0)
        return r < 0 ? r : 0;
    html_raw(b, "<p class=\"meta\">There is no publisher ");
    html_cut(b, text_of(oid), 70);
    html_raw(b, " in this store: <a");
    page_href(page, "publishers.html", 0);
    html_raw(b, ">their ids</a>.</p>\n");
    return 0;
}

static void add_sum(struct page *page, const struct web_search *s,
                    const struct found_tally *sum)
{
    struct buf *b = &page->b;
    const uint64_t behind = sillok_find_behind(s->find);
    html_raw(b, "<p class=\"meta\">");
    page_plural(page, sum->sentences, "sentence", "sentences");
    html_raw(b, " in ");
    page_plural(page, sum->articles, "article", "articles");
    add_narrowed(page, &s->options);
    if (sum->sentences == s->options.limit)
        html_raw(b, "; there may be more: ask for more words, or a span of time");
    html_raw(b, ".");
    if (behind) {
        html_raw(b, " ");
        page_plural(page, behind, "text is not in the index and was read",
                    "texts are not in the index and were read");
        html_raw(b, "; <code>sillok find</code> brings it up to date.");
    }
    html_raw(b, "</p>\n");
}

int web_search_page(struct site *site, const struct web_request *q, const char *file)
{
    CLEANUP(web_search_release) struct web_search s = WEB_SEARCH_INIT;
    CLEANUP(buf_release) struct buf list = BUF_INIT;
    struct found_tally sum = { 0, 0 };
    struct page page;
    const int asked = web_search_open(&s, site->store, q, site->options->zone_min);
    if (asked < 0)
        return asked;
    page_begin(&page, site, 0, text_of("Search"), NAV_SEARCH);
    html_raw(&page.b, "<h1>Search</h1>\n");
    form(&page, q, &s.options);
    if (!asked) {
        html_raw(
            &page.b,
            "<p class=\"quiet\">Sentences and headlines of all revisions, those that "
            "are gone too. All words have to be in one sentence; “several words” "
            "in quotation marks are one piece.</p>\n");
        return page_end(&page, file);
    }
    /* The sum stands before the list, and is known behind it. */
    const struct buf head = page.b;
    page.b = list;
    int r = add_rows(&page, &s, &sum);
    list = page.b;
    page.b = head;
    add_sum(&page, &s, &sum);
    if (r == 0)
        r = add_nobody(&page, s.options.oid);
    if (r < 0) {
        buf_release(&page.b);
        return r;
    }
    html_raw(&page.b, "<ol class=\"found\">\n");
    page.b.failed |= list.failed || buf_add_text(&page.b, buf_text(&list)) < 0;
    html_raw(&page.b, "</ol>\n");
    return page_end(&page, file);
}
