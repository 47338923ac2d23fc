/*
 * Not edits: the same difference in many articles of one publisher, or of small ones
 * together, in one crawl.
 *
 * They are read together with the changes and told on the page of the crawls, so their
 * rows wait in memory: as many as are shown.
 */
#include "report/pages.h"

enum { EVENTS_SHOWN = 200, ARTICLES_SHOWN = 30 };

static void add_article(struct page *page, struct sillok_text oid, struct sillok_text aid)
{
    char file[SITE_NAME_MAX];
    const int linked =
        site_article_name(file, oid, aid, 1) == 0 && site_has(page->site, file);
    if (linked) {
        html_raw(&page->b, "<a");
        page_href(page, file, 0);
        html_raw(&page->b, ">");
    }
    html_text(&page->b, oid);
    html_raw(&page->b, "/");
    html_text(&page->b, aid);
    if (linked)
        html_raw(&page->b, "</a>");
}

/* The publisher's id must outlive the sample, whose texts end with the first article. */
static int add_articles(struct page *page, struct sillok_changes *it,
                        const struct sillok_event *e)
{
    char oid[SILLOK_KEY_MAX_BYTES];
    const size_t n_oid = e->oid.len < sizeof(oid) ? e->oid.len : sizeof(oid);
    const uint64_t total = e->n_articles;
    struct sillok_text aid;
    uint64_t n = 0;
    memcpy(oid, e->oid.ptr, n_oid);
    html_raw(&page->b, "<details><summary>The articles</summary>\n<p>");
    int r;
    while ((r = sillok_changes_next_article(it, &aid)) > 0) {
        if (n++ >= ARTICLES_SHOWN)
            continue;
        html_str(&page->b, n > 1 ? ", " : "");
        add_article(page, text_make(oid, n_oid), aid);
    }
    if (total > ARTICLES_SHOWN) {
        html_raw(&page->b, " and ");
        html_number(&page->b, total - ARTICLES_SHOWN);
        html_raw(&page->b, " more");
    }
    html_raw(&page->b, "</p></details>\n");
    return r;
}

static int add_event(struct page *page, struct sillok_changes *it,
                     const struct sillok_event *e)
{
    const struct sillok_change *sample = e->sample;
    const struct sillok_text publisher = sample->to.article.fields[SILLOK_PUBLISHER];
    struct buf *b = &page->b;
    html_raw(b, "<tr><th scope=\"row\"");
    html_lang(b, publisher);
    html_raw(b, ">");
    html_cut(b, publisher.len ? publisher : e->oid, 60);
    html_raw(b, "</th><td>");
    html_cut(b, text_of(e->crawl), 60);
    html_raw(b, "</td>");
    html_figure(b, e->n_articles);
    html_raw(b, "<td>");
    page_kinds(page, sample->what.kind, sample->what.kinds, 0);
    html_raw(b, " <span class=\"quiet\">");
    html_why(b, text_of(sample->what.why));
    html_raw(b, "</span>\n");
    const int r = add_articles(page, it, e);
    html_raw(b, "</td></tr>\n");
    return r;
}

int page_read_events(struct site *site, struct sillok_changes *it)
{
    struct page part = { .site = site, .b = site->events, .depth = 0 };
    struct sillok_event event;
    int r;
    while ((r = sillok_changes_next_event(it, &event)) > 0) {
        site->counts.folded += event.n_changes;
        if (site->n_events++ >= EVENTS_SHOWN)
            continue;
        r = add_event(&part, it, &event);
        if (r < 0)
            break;
    }
    site->events = part.b;
    return r;
}

void page_events(struct page *page)
{
    const struct site *site = page->site;
    struct buf *b = &page->b;
    if (site->n_events == 0)
        return;
    html_raw(
        b,
        "<h2>Not edits</h2>\n<p class=\"quiet\">The same difference in many "
        "articles of one publisher, or of small ones together, in one crawl: the "
        "crawler or the site changed. These are not among the changes of this report.</p>\n"
        "<div class=\"scroll\" role=\"region\" aria-label=\"Not edits\" "
        "tabindex=\"0\">\n");
    html_table(b, "figures", "What the crawler or the site did",
               "Publisher|Crawl|#Articles|Difference");
    (void)buf_add(b, site->events.ptr, site->events.len);
    b->failed |= site->events.failed;
    html_table_end(b);
    html_raw(b, "</div>\n");
    if (site->n_events > EVENTS_SHOWN) {
        html_raw(b, "<p>And ");
        html_number(b, site->n_events - EVENTS_SHOWN);
        html_raw(b, " more; <code>sillok changes --events</code> lists them all.</p>\n");
    }
}
