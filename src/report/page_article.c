/*
 * An article: its timeline with every revision, and side by side what each step changed.
 *
 * Oldest first, fifty revisions a page: the address of a revision, AID.html#r3, stays
 * what it is when more of them come.
 */
#include "report/pages.h"

#include "report/sides.h"

uint64_t page_of_revision(uint32_t n)
{
    return n ? (n - 1) / PAGE_REVISIONS + 1 : 1;
}

/* The content of the revision before, which the chain lends only until its next one. */
struct before {
    struct buf fields[SILLOK_N_FIELDS], body;
    int64_t last_seen_s;
    uint64_t observations;
};

static void before_init(struct before *o)
{
    *o = (struct before){ .last_seen_s = 0 };
    for (int f = 0; f < SILLOK_N_FIELDS; f++)
        buf_init(&o->fields[f], BUF_CEILING);
    buf_init(&o->body, BUF_CEILING);
}

static void before_release(struct before *o)
{
    for (int f = 0; f < SILLOK_N_FIELDS; f++)
        buf_release(&o->fields[f]);
    buf_release(&o->body);
}

static int before_set(struct before *o, const struct sillok_revision *rev)
{
    int r = 0;
    for (int f = 0; f < SILLOK_N_FIELDS && r == 0; f++) {
        buf_clear(&o->fields[f]);
        r = buf_add_text(&o->fields[f], rev->article.fields[f]);
    }
    buf_clear(&o->body);
    if (r == 0)
        r = buf_add_text(&o->body, rev->article.body);
    o->last_seen_s = rev->last_seen_s;
    o->observations = rev->observations;
    return r;
}

static struct sillok_text text_of_buf(const struct buf *b)
{
    return text_make(b->ptr ? b->ptr : "", b->len);
}

/* --- one page being made ---------------------------------------------------------------
 */

struct work {
    struct site *site;
    const struct record *record;
    struct before before;
    struct buf timeline, steps; /* of the page; the head needs neither */
    uint64_t n_pages;
    uint32_t n_revisions;
    const struct sillok_article *newest; /* of several pages; else it comes last anyway */
};

/* --- timeline --------------------------------------------------------------------------
 */

/* Pages share their depth and site, so parts are made in pages of their own. */
static struct page part_of(struct work *w, struct buf *into)
{
    struct page part = { .site = w->site, .b = *into, .depth = 2 };
    *into = (struct buf)BUF_INIT;
    return part;
}

static void add_to_timeline(struct work *w, const struct sillok_revision *rev)
{
    struct page part = part_of(w, &w->timeline);
    struct buf *b = &part.b;
    html_raw(b, "<li><p class=\"point\"><a href=\"#r");
    html_printf(b, "%u", rev->number);
    html_raw(b, "\">Revision ");
    html_printf(b, "%u", rev->number);
    html_raw(b, "</a> ");
    if (rev->number > 1)
        page_kinds(&part, rev->change.kind, rev->change.kinds, rev->same_as);
    else
        html_raw(b, "<span class=\"also\">first seen</span>");
    html_raw(b, "</p><p class=\"meta\">");
    if (rev->number > 1) {
        html_raw(b, "changed between ");
        page_span(&part, w->before.last_seen_s, rev->first_seen_s);
        html_raw(b, " · ");
    }
    html_raw(b, "stood ");
    page_span(&part, rev->first_seen_s, rev->last_seen_s);
    html_raw(b, " · ");
    page_plural(&part, rev->observations, "visit", "visits");
    if (rev->conflict)
        html_raw(b, " · <strong class=\"alarm\">other content at the same time</strong>");
    if (rev->hash_mismatch)
        html_raw(b, " · <strong class=\"alarm\">its files declare another "
                    "content_hash</strong>");
    if (site_is_live(w->site)) {
        html_raw(b, " · ");
        page_file_link(&part, w->record->oid, w->record->aid, rev->number);
    }
    html_raw(b, "</p></li>\n");
    w->timeline = part.b;
}

/* --- steps -----------------------------------------------------------------------------
 */

static void add_whole_text(struct buf *b, const struct sillok_article *article,
                           const char *summary)
{
    html_raw(b, "<details><summary>");
    html_str(b, summary);
    html_raw(b, "</summary>\n");
    if (article->fields[SILLOK_TITLE].len) {
        html_raw(b, "<p class=\"first-title\"");
        html_lang(b, article->fields[SILLOK_TITLE]);
        html_raw(b, ">");
        html_text(b, article->fields[SILLOK_TITLE]);
        html_raw(b, "</p>\n");
    }
    sides_add_text(b, article->body);
    html_raw(b, "</details>");
}

static void add_first_text(struct work *w, const struct sillok_revision *rev)
{
    struct buf *b = &w->steps;
    html_raw(b, "<section class=\"step\" id=\"r1\"><h3>Revision 1</h3>\n");
    add_whole_text(b, &rev->article, "The text as it was first seen");
    html_raw(b, "</section>\n");
}

/* Steps leave out what stays. In a folder it would make each page half as large again. */
static void add_last_text(struct work *w, const struct sillok_revision *rev)
{
    if (rev->number == 1 || rev->number < w->n_revisions || !site_is_live(w->site))
        return;
    html_raw(&w->steps, "<section class=\"step\">\n");
    add_whole_text(&w->steps, &rev->article, "The whole text as it was last seen");
    html_raw(&w->steps, "</section>\n");
}

/* 50.1, whatever the locale writes for a decimal point. */
static void add_tenths(struct buf *b, double v)
{
    const int tenths = (int)(v * 10 + 0.5);
    html_printf(b, tenths % 10 ? "%d.%d" : "%d", tenths / 10, tenths % 10);
}

/* "Significance 50.1 = 40 kind number + ..." */
static void add_significance(struct buf *b, const struct sillok_change_class *what)
{
    struct sillok_significance_part parts[SILLOK_MAX_PARTS];
    const int n = sillok_change_parts(what, parts, SILLOK_MAX_PARTS);
    html_raw(b, "</p>\n<p class=\"meta\">Significance ");
    add_tenths(b, what->significance);
    for (int i = 0; i < n; i++) {
        html_str(b, i ? " + " : " = ");
        add_tenths(b, parts[i].points);
        html_raw(b, " ");
        html_str(b, parts[i].what);
    }
}

static void add_step_head(struct work *w, const struct sillok_revision *rev)
{
    const struct sillok_change_class *what = &rev->change;
    struct page part = part_of(w, &w->steps);
    struct buf *b = &part.b;
    html_raw(b, "<section class=\"step\" id=\"r");
    html_printf(b, "%u", rev->number);
    html_raw(b, "\"><h3>Revision ");
    html_printf(b, "%u → %u", rev->number - 1, rev->number);
    html_raw(b, "</h3>\n<p class=\"point\">");
    page_kinds(&part, what->kind, what->kinds, rev->same_as);
    html_raw(b, "</p>\n<p>Changed between ");
    page_span(&part, w->before.last_seen_s, rev->first_seen_s);
    html_raw(b, ", after ");
    page_plural(&part, w->before.observations, "visit", "visits");
    html_raw(b, " that saw the old text.</p>\n<p class=\"meta\">+");
    html_number(b, what->added_chars);
    html_raw(b, " −");
    html_number(b, what->removed_chars);
    html_raw(b, " characters · similarity ");
    (void)buf_add_share(b, what->similarity, 2);
    if (what->flags) {
        html_raw(b, " · ");
        page_flags(&part, what->flags);
    }
    if (what->why[0]) {
        html_raw(b, "</p>\n<p class=\"meta\">Why: ");
        html_why(b, text_of(what->why));
    }
    add_significance(b, what);
    html_raw(b, "</p>\n");
    w->steps = part.b;
}

static const char *caption_of(int field)
{
    static const char *const names[SILLOK_N_FIELDS] = {
        [SILLOK_TITLE] = "Headline",
        [SILLOK_CATEGORY] = "Category",
        [SILLOK_PUBLISHER] = "Publisher",
        [SILLOK_AUTHOR] = "Author",
        [SILLOK_PUBLISHED_AT] = "Published",
        [SILLOK_MODIFIED_AT] = "Modified",
        [SILLOK_URL] = "Address",
    };
    return names[field];
}

static int add_step(struct work *w, const struct sillok_revision *rev)
{
    struct sides sides = { .from = rev->number - 1, .to = rev->number };
    int r = 0;
    add_step_head(w, rev);
    for (int f = 0; f < SILLOK_N_FIELDS && r == 0; f++) {
        sides.caption = caption_of(f);
        r = sides_add(&w->steps, &sides, text_of_buf(&w->before.fields[f]),
                      rev->article.fields[f]);
    }
    sides.caption = "Text";
    if (r == 0)
        r = sides_add(&w->steps, &sides, text_of_buf(&w->before.body), rev->article.body);
    html_raw(&w->steps, "</section>\n");
    return r;
}

/* --- head ------------------------------------------------------------------------------
 */

static void add_term(struct buf *b, const char *name, struct sillok_text value,
                     const char *more)
{
    if (!value.len)
        return;
    html_raw(b, "<div><dt>");
    html_str(b, name);
    html_raw(b, "</dt><dd");
    html_lang(b, value);
    html_raw(b, ">");
    html_text(b, value);
    if (*more) {
        html_raw(b, "<span class=\"also\">");
        html_str(b, more);
        html_raw(b, "</span>");
    }
    html_raw(b, "</dd></div>\n");
}

static void add_head(struct page *page, const struct record *record,
                     const struct sillok_article *a)
{
    struct buf *b = &page->b;
    const struct sillok_text title = a->fields[SILLOK_TITLE];
    const struct sillok_text url = a->fields[SILLOK_URL];
    char file[SITE_NAME_MAX];
    html_raw(b, "<article>\n<p class=\"kicker\"><a");
    if (site_list_name(file, "publisher", record->oid, 1) < 0)
        b->failed = 1;
    page_href(page, file, 0);
    html_lang(b, record->publisher);
    html_raw(b, ">");
    if (record->publisher.len)
        html_cut(b, record->publisher, 60);
    else
        html_text(b, record->oid);
    html_raw(b, "</a></p>\n<h1");
    html_lang(b, title);
    html_raw(b, ">");
    html_headline(b, title, SIZE_MAX);
    html_raw(b, "</h1>\n<dl class=\"terms\">\n");
    add_term(b, "Author", a->fields[SILLOK_AUTHOR], "");
    add_term(b, "Category", a->fields[SILLOK_CATEGORY], "");
    add_term(b, "Published", a->fields[SILLOK_PUBLISHED_AT],
             " (the publisher's own time)");
    html_raw(b, "<div><dt>Article</dt><dd>");
    html_text(b, record->oid);
    html_raw(b, "/");
    html_text(b, record->aid);
    html_raw(b, "</dd></div>\n");
    if (url.len) {
        html_raw(b, "<div class=\"line\"><dt>Address</dt><dd>");
        html_link(b, url, url);
        html_raw(b, "</dd></div>\n");
    }
    html_raw(b, "</dl>\n");
    if (page->site->feed) {
        html_raw(b, "<p class=\"meta\"><a");
        page_href_feed(page);
        html_raw(b, ">Feed</a></p>\n");
    }
}

/* The pages of an article with very many revisions. */
static int add_article_pager(struct page *page, const struct work *w, uint64_t at)
{
    struct buf *b = &page->b;
    char file[SITE_NAME_MAX];
    int r = 0;
    if (w->n_pages < 2)
        return 0;
    html_raw(b, "<nav class=\"pager\" aria-label=\"Pages of the article\"><ul>\n");
    for (uint64_t i = 1; i <= w->n_pages && r == 0; i++) {
        r = site_article_name(file, w->record->oid, w->record->aid, i);
        html_raw(b, "<li");
        if (i == at)
            html_raw(b, " aria-current=\"page\"");
        html_raw(b, ">");
        if (i != at) {
            html_raw(b, "<a");
            page_href(page, file, 0);
            html_raw(b, ">");
        }
        html_number(b, i);
        if (i != at)
            html_raw(b, "</a>");
        html_raw(b, "</li>\n");
    }
    html_raw(b, "</ul></nav>\n");
    return r;
}

/* --- a page ----------------------------------------------------------------------------
 */

/* Each page has the head of the newest revision, and so it has to say which ones it is of,
 * and the way to that one: the numbers of the pages are far below. */
static void add_part(struct page *page, const struct work *w,
                     const struct sillok_revision *last, uint64_t at)
{
    struct buf *b = &page->b;
    if (w->n_pages < 2)
        return;
    html_raw(b, "<p class=\"meta\">Revisions ");
    html_number(b, (at - 1) * PAGE_REVISIONS + 1);
    html_raw(b, " to ");
    html_number(b, last->number);
    html_raw(b, " of ");
    html_number(b, w->n_revisions);
    html_raw(b, ", oldest first");
    if (at < w->n_pages) {
        char file[SITE_NAME_MAX];
        b->failed |=
            site_article_name(file, w->record->oid, w->record->aid, w->n_pages) < 0;
        html_raw(b, "; <a");
        page_href(page, file, w->n_revisions);
        html_raw(b, ">the newest</a>");
    }
    html_raw(b, "</p>\n");
}

/* A reader takes the end of the timeline for the article's own, or for that of the crawls. */
static int add_last_crawl(struct page *page, struct sillok_log *log)
{
    struct buf *b = &page->b;
    struct sillok_last_crawl last;
    const int r = sillok_log_last_crawl(log, &last);
    if (r == SILLOK_ECORRUPT) /* its texts can be read all the same */
        return 0;
    if (r < 0 || !last.later)
        return r;
    html_raw(b, "<p class=\"meta\">Last seen in crawl ");
    html_str(b, last.name);
    html_raw(b, "; ");
    page_plural(page, last.later, "later crawl has", "later crawls have");
    html_raw(b, " no visit of it.</p>\n");
    return 0;
}

static int write_page(struct work *w, struct sillok_log *log,
                      const struct sillok_revision *last, uint64_t at)
{
    const struct sillok_article *newest = w->newest ? w->newest : &last->article;
    CLEANUP(buf_release) struct buf title = BUF_INIT;
    struct page page;
    char file[SITE_NAME_MAX];
    int r = site_article_name(file, w->record->oid, w->record->aid, at);
    if (r < 0)
        return r;
    page_title(&title, newest->fields[SILLOK_TITLE], at, w->n_pages);
    page_begin(&page, w->site, 2, text_of_buf(&title), NAV_NONE);
    struct buf *b = &page.b;
    b->failed |= title.failed;
    add_head(&page, w->record, newest);
    html_raw(b, "<h2>Timeline</h2>\n");
    add_part(&page, w, last, at);
    html_raw(b, "<ol class=\"timeline\">\n");
    (void)buf_add(b, w->timeline.ptr, w->timeline.len);
    html_raw(b, "</ol>\n");
    if (at == w->n_pages)
        r = add_last_crawl(&page, log);
    html_raw(b, "<h2>What changed</h2>\n");
    (void)buf_add(b, w->steps.ptr, w->steps.len);
    html_raw(b, "</article>\n");
    r = r < 0 ? r : add_article_pager(&page, w, at);
    b->failed |= w->timeline.failed | w->steps.failed;
    buf_clear(&w->timeline);
    buf_clear(&w->steps);
    if (r < 0) {
        buf_release(b);
        return r;
    }
    return page_end(&page, file);
}

static int write_pages(struct work *w, struct sillok_log *log)
{
    struct sillok_revision rev;
    const uint32_t n = sillok_log_count(log);
    int r = 0;
    w->n_pages = page_of_revision(n);
    w->n_revisions = n;
    while (r == 0 && (r = sillok_log_next(log, &rev)) > 0) {
        r = 0;
        const uint64_t at = page_of_revision(rev.number);
        if (w->site->only_page && at != w->site->only_page) {
            if (at > w->site->only_page)
                break;
            if (page_of_revision(rev.number + 1) == w->site->only_page)
                r = before_set(&w->before, &rev); /* the first step there is from it */
            continue;
        }
        add_to_timeline(w, &rev);
        if (rev.number == 1)
            add_first_text(w, &rev);
        else
            r = add_step(w, &rev);
        add_last_text(w, &rev);
        if (r == 0 && (rev.number % PAGE_REVISIONS == 0 || rev.number == n))
            r = write_page(w, log, &rev, page_of_revision(rev.number));
        if (r == 0)
            r = before_set(&w->before, &rev);
    }
    return r;
}

int page_article(struct site *site, const struct record *record)
{
    struct sillok_log *log = NULL;
    char oid[SILLOK_KEY_MAX_BYTES + 1] = "", aid[SILLOK_KEY_MAX_BYTES + 1] = "";
    if (record->oid.len > SILLOK_KEY_MAX_BYTES || record->aid.len > SILLOK_KEY_MAX_BYTES)
        return fail(SILLOK_ECORRUPT, "an article's id is too long");
    memcpy(oid, record->oid.ptr, record->oid.len);
    memcpy(aid, record->aid.ptr, record->aid.len);
    int r = sillok_log_open(&log, site->store, oid, aid);
    if (r < 0)
        return r;
    struct sillok_snapshot *newest = NULL;
    struct work w = { .site = site, .record = record };
    before_init(&w.before);
    buf_init(&w.timeline, BUF_CEILING);
    buf_init(&w.steps, BUF_CEILING);
    if (sillok_log_count(log) > PAGE_REVISIONS) {
        struct sillok_ref ref = { .kind = SILLOK_REF_NEWEST };
        memcpy(ref.oid, oid, sizeof(oid));
        memcpy(ref.aid, aid, sizeof(aid));
        r = sillok_snapshot_open(&newest, site->store, &ref);
        w.newest = r == 0 ? &sillok_snapshot_revision(newest)->article : NULL;
    }
    if (r == 0)
        r = write_pages(&w, log);
    sillok_snapshot_close(newest);
    before_release(&w.before);
    buf_release(&w.timeline);
    buf_release(&w.steps);
    sillok_log_close(log);
    return r;
}
