/* What each crawl brought, and what went wrong: the page for whoever audits the crawl. */
#include "report/pages.h"

enum { REFUSED_SHOWN = 200 };

/* A figure that should be 0. */
static void add_alarm(struct buf *b, uint64_t n)
{
    if (!n) {
        html_figure(b, n);
        return;
    }
    html_raw(b, "<td class=\"number\"><strong class=\"alarm\">");
    html_number(b, n);
    html_raw(b, "</strong></td>");
}

/* 3 d 4 h, 2 h 5 min, 20 min */
static void add_gap(struct buf *b, int64_t gap_s)
{
    const long long minutes = (long long)(gap_s / 60);
    if (gap_s <= 0)
        html_raw(b, "–");
    else if (minutes < 60)
        html_printf(b, "%lld min", minutes);
    else if (minutes < 2880 && minutes % 60 == 0)
        html_printf(b, "%lld h", minutes / 60);
    else if (minutes < 2880)
        html_printf(b, "%lld h %lld min", minutes / 60, minutes % 60);
    else
        html_printf(b, "%lld d %lld h", minutes / 1440, minutes / 60 % 24);
}

static void add_crawl(struct page *page, const struct sillok_crawl *c)
{
    struct buf *b = &page->b;
    html_raw(b, "<tr><th scope=\"row\"");
    html_lang(b, text_of(c->name));
    html_raw(b, ">");
    html_cut(b, text_of(c->name), 60);
    html_raw(b, "</th><td>");
    if (c->observations)
        page_span(page, c->first_s, c->last_s);
    html_raw(b, "</td>");
    html_figure(b, c->files);
    html_figure(b, c->new_articles);
    html_figure(b, c->changed);
    html_figure(b, c->unchanged);
    add_alarm(b, c->missing);
    add_alarm(b, c->refused);
    add_alarm(b, c->hash_mismatch);
    add_alarm(b, c->conflicts);
    html_raw(b, "<td class=\"number\">");
    add_gap(b, c->gap_s);
    html_raw(b, "</td></tr>\n");
}

static int add_crawls(struct page *page)
{
    struct sillok_crawls *it = NULL;
    struct sillok_crawl crawl;
    struct buf *b = &page->b;
    html_raw(b, "<div class=\"scroll\" role=\"region\" aria-label=\"Crawls\" "
                "tabindex=\"0\">\n");
    html_table(
        b, "figures wide", "Crawls in the order of their last visit",
        "Crawl|Visits|#Files|#New|#Changed|#Unchanged|#Missing|#Refused|#Mismatches|"
        "#Conflicts|#Gap before");
    int r = sillok_crawls_open(&it, page->site->store);
    while (r == 0 && (r = sillok_crawls_next(it, &crawl)) > 0) {
        add_crawl(page, &crawl);
        r = 0;
    }
    sillok_crawls_close(it);
    html_table_end(b);
    html_raw(b, "</div>\n");
    return r;
}

static void add_refusal(struct buf *b, const struct sillok_refusal *f)
{
    html_raw(b, "<tr><td");
    html_lang(b, f->name);
    html_raw(b, ">");
    html_text(b, f->name);
    html_raw(b, "</td><td>");
    html_str(b, f->crawl);
    html_raw(b, "</td><td>");
    html_str(b, f->reason);
    html_raw(b, " <span class=\"also\">");
    html_str(b, f->code);
    if (f->taken_in)
        html_raw(b, ", taken in too");
    html_raw(b, "</span></td>");
    html_figure(b, f->size_bytes);
    html_raw(b, "</tr>\n");
}

static int add_refused(struct page *page)
{
    struct sillok_refused *it = NULL;
    struct sillok_refusal refusal;
    struct buf *b = &page->b;
    uint64_t n = 0;
    int r = sillok_refused_open(&it, page->site->store);
    html_raw(b, "<h2>Refused files</h2>\n");
    while (r == 0 && (r = sillok_refused_next(it, &refusal)) > 0) {
        r = 0;
        if (n++ == 0) {
            html_raw(b, "<div class=\"scroll\" role=\"region\" aria-label=\"Refused "
                        "files\" tabindex=\"0\">\n");
            html_table(b, "figures wide", "Files that could not be understood",
                       "File|Crawl|Reason|#Bytes");
        }
        if (n <= REFUSED_SHOWN)
            add_refusal(b, &refusal);
    }
    sillok_refused_close(it);
    if (n == 0) {
        html_raw(b, "<p>None: every file was understood.</p>\n");
    } else {
        html_table_end(b);
        html_raw(b, "</div>\n");
    }
    if (n > REFUSED_SHOWN) {
        html_raw(b, "<p>And ");
        page_plural(page, n - REFUSED_SHOWN, "more", "more");
        html_raw(b, "; <code>sillok refused</code> lists them all.</p>\n");
    }
    return r;
}

int page_crawls(struct site *site)
{
    struct page page;
    struct buf *b = &page.b;
    page_begin(&page, site, 0, text_of("Crawls"), NAV_CRAWLS);
    html_raw(b, "<h1>Crawls</h1>\n<p class=\"lead\">What the crawler brought");
    if (!site_is_live(site))
        html_raw(b, ", whatever this report was narrowed to");
    html_raw(b, ": how far the record can be trusted.</p>\n");
    int r = add_crawls(&page);
    html_raw(b,
             "<dl class=\"terms\"><div><dt>Missing</dt><dd>Articles that the crawl "
             "before saw and this one did not; <code>sillok crawls --missing</code> "
             "lists them.</dd></div>"
             "<div><dt>Refused</dt><dd>Files that could not be understood; they are "
             "kept.</dd></div>"
             "<div><dt>Mismatches</dt><dd>Texts that do not have the hash that their "
             "file declares.</dd></div>"
             "<div><dt>Conflicts</dt><dd>Two contents of one article at one time; both "
             "are kept.</dd></div>"
             "<div><dt>Gap before</dt><dd>From the last visit of the crawl before to "
             "the first of this one.</dd></div></dl>\n");
    page_events(&page);
    if (r == 0)
        r = add_refused(&page);
    if (r < 0) {
        buf_release(b);
        return r;
    }
    return page_end(&page, "crawls.html");
}
