/* The overview: what was looked at, how much changed, when, where and of which kind. */
#include "report/pages.h"

#include "report/svg.h"

#include <stdlib.h>
#include <string.h>

enum { PUBLISHERS_SHOWN = 15 };

/* --- figures ---------------------------------------------------------------------------
 */

static void add_tile(struct page *page, uint64_t n, const char *label)
{
    html_raw(&page->b, "<div><dt>");
    html_str(&page->b, label);
    html_raw(&page->b, "</dt><dd>");
    html_number(&page->b, n);
    html_raw(&page->b, "</dd></div>\n");
}

static void add_tiles(struct page *page)
{
    const struct site *site = page->site;
    html_raw(&page->b, "<dl class=\"tiles\">\n");
    add_tile(page, site->tally.changes, "changes");
    add_tile(page, site->tally.articles, "changed articles");
    add_tile(page, site->tally.n_publishers, "publishers with changes");
    add_tile(page, site->stats.articles, "articles in the store");
    add_tile(page, site->stats.observations, "visits");
    add_tile(page, site->stats.crawls, "crawls");
    html_raw(&page->b, "</dl>\n");
}

static void add_kinds_asked(struct buf *b, uint32_t kinds)
{
    int n = 0;
    html_raw(b, "; kinds: ");
    for (int k = 0; k < SILLOK_N_KINDS; k++) {
        if (!(kinds >> k & 1))
            continue;
        html_str(b, n++ ? ", " : "");
        html_str(b, sillok_kind_name((enum sillok_kind)k));
    }
}

static void add_reason(struct page *page, uint64_t n, const char *what)
{
    if (!n)
        return;
    html_str(&page->b, "; ");
    page_plural(page, n, "change", "changes");
    html_raw(&page->b, " ");
    html_str(&page->b, what);
}

void page_left_out(struct page *page)
{
    const struct sillok_report_counts *n = &page->site->counts;
    if (!n->hidden && !n->unconfirmed && !n->folded)
        return;
    html_raw(&page->b, "Left out");
    const size_t start = page->b.len;
    add_reason(page, n->hidden, "that only touched layout, byline or metadata");
    add_reason(page, n->unconfirmed,
               "that emptied an article, waiting for a second crawl");
    add_reason(page, n->folded, "that the crawler or the site made, not an editor");
    if (!page->b.failed)
        page->b.ptr[start] = ':';
    html_raw(&page->b, ".");
}

/* What is left out of others is among these: nobody can see that from the changes. */
static void add_let_in(struct buf *b, const struct sillok_changes_options *o)
{
    if (o->all && !o->kinds)
        html_raw(b, "Those of layout, byline and metadata are among them, and articles "
                    "emptied once. ");
    if (o->unfold)
        html_raw(b, "Those that the crawler or the site made, not an editor, are among "
                    "them. ");
}

/* What the report was narrowed to. */
static void add_question(struct page *page)
{
    const struct sillok_changes_options *o = &page->site->options->changes;
    struct buf *b = &page->b;
    const int whole = !o->from_s && !o->to_s && !o->crawl_a && !o->oid && !o->kinds;
    html_raw(b, "<p class=\"question\">This report has ");
    html_str(b, o->limit && page->site->tally.changes == o->limit ? "the newest changes"
                                                                  : "the changes");
    if (whole)
        html_raw(b, " of the whole store");
    if (o->from_s) {
        html_raw(b, ", first seen at or after ");
        page_time(page, o->from_s);
    }
    if (o->to_s) {
        html_raw(b, ", first seen before ");
        page_time(page, o->to_s);
    }
    if (o->crawl_a && o->crawl_b) {
        html_raw(b, " from crawl ");
        html_cut(b, text_of(o->crawl_a), 60);
        html_raw(b, " to crawl ");
        html_cut(b, text_of(o->crawl_b), 60);
        html_str(b, o->every ? ", each step between them" : "");
    }
    if (o->oid) {
        html_raw(b, " of publisher ");
        html_cut(b, text_of(o->oid), 70);
    }
    if (o->kinds)
        add_kinds_asked(b, o->kinds);
    html_raw(b, ". ");
    add_let_in(b, o);
    page_left_out(page);
    html_raw(b, "</p>\n");
}

/* --- plots -----------------------------------------------------------------------------
 */

static void add_figures(struct page *page, const char *what, const char *caption,
                        const struct svg_bar *bars, size_t n)
{
    struct buf *b = &page->b;
    html_raw(b, "<details><summary>The figures</summary>\n<table class=\"figures\">"
                "\n<caption>");
    html_str(b, caption);
    html_raw(b, "</caption>\n<thead><tr><th scope=\"col\">");
    html_str(b, what);
    html_raw(b, "</th><th scope=\"col\" class=\"number\">Changes</th></tr></thead>\n"
                "<tbody>\n");
    for (size_t i = 0; i < n; i++) {
        html_raw(b, "<tr><th scope=\"row\"");
        html_lang(b, bars[i].label);
        html_raw(b, ">");
        html_text(b, bars[i].label);
        html_raw(b, "</th>");
        html_figure(b, bars[i].value);
        html_raw(b, "</tr>\n");
    }
    html_raw(b, "</tbody>\n</table></details>\n</section>\n");
}

static void add_time_plot(struct page *page)
{
    const struct tally *t = &page->site->tally;
    const int hours = t->bin_step_s < 86400;
    const int years = (int64_t)t->n_bins * t->bin_step_s > (int64_t)365 * 86400;
    static const struct svg_head head = { "time",
                                          "Changes over time, by when the new text "
                                          "was first seen" };
    char labels[TALLY_BINS][SILLOK_TIME_LEN], days[TALLY_BINS][SILLOK_TIME_LEN];
    struct svg_bar bars[TALLY_BINS];
    for (size_t i = 0; i < t->n_bins; i++) {
        sillok_time_format(t->bin_start_s + (int64_t)i * t->bin_step_s,
                           page->site->options->zone_min, labels[i]);
        labels[i][10] = ' ';
        labels[i][hours ? 16 : 10] = '\0';
        memcpy(days[i], labels[i], sizeof(days[i]));
        if (years)
            days[i][7] = '\0'; /* "2026-03": a day without its year would be any */
        bars[i] = (struct svg_bar){ text_of(days[i] + (years ? 0 : 5)), t->bins[i] };
    }
    html_raw(&page->b,
             "<section class=\"plot-wide\"><h2>Changes over time</h2>\n<p "
             "class=\"quiet\">Number of changes, by when the new text was first "
             "seen; from <time>");
    html_str(&page->b, t->n_bins ? labels[0] : "");
    html_raw(&page->b, "</time> to <time>");
    html_str(&page->b, t->n_bins ? labels[t->n_bins - 1] : "");
    html_raw(&page->b, "</time>");
    html_raw(&page->b, "; each column is ");
    if (hours)
        page_plural(page, (uint64_t)t->bin_step_s / 3600, "hour", "hours");
    else
        page_plural(page, (uint64_t)t->bin_step_s / 86400, "day", "days");
    html_raw(&page->b, ".</p>\n");
    svg_columns(&page->b, &head, bars, t->n_bins);
    for (size_t i = 0; i < t->n_bins; i++)
        bars[i].label = text_of(labels[i]);
    add_figures(page, "From", head.title, bars, t->n_bins);
}

static int by_changes(const void *a, const void *b)
{
    const struct tally_publisher *const *x = a, *const *y = b;
    if ((*x)->changes != (*y)->changes)
        return (*x)->changes > (*y)->changes ? -1 : 1;
    return strcmp((*x)->oid, (*y)->oid);
}

static int add_publisher_plot(struct page *page)
{
    const struct tally *t = &page->site->tally;
    static const struct svg_head head = { "publishers", "Changes by publisher" };
    struct svg_bar bars[PUBLISHERS_SHOWN];
    const struct tally_publisher **list = calloc(t->n_publishers + 1, sizeof(*list));
    if (!list)
        return fail_memory();
    for (size_t i = 0; i < t->n_publishers; i++)
        list[i] = &t->publishers[i];
    qsort(list, t->n_publishers, sizeof(*list), by_changes);
    size_t n = 0;
    uint64_t rest = 0;
    for (size_t i = 0; i < t->n_publishers; i++) {
        if (i < PUBLISHERS_SHOWN)
            bars[n++] = (struct svg_bar){ text_of(list[i]->name), list[i]->changes };
        else
            rest += list[i]->changes;
    }
    free(list);
    html_raw(&page->b, "<section><h2>By publisher</h2>\n<p class=\"quiet\">Number of "
                       "changes at ");
    page_plural(page, t->n_publishers, "publisher", "publishers");
    if (rest) {
        html_raw(&page->b, "; those below the first ");
        html_printf(&page->b, "%d", PUBLISHERS_SHOWN);
        html_raw(&page->b, " have ");
        page_plural(page, rest, "change", "changes");
        html_raw(&page->b, " between them");
    }
    html_raw(&page->b, ". <a");
    page_href(page, "publishers.html", 0);
    html_raw(&page->b, ">All publishers</a></p>\n");
    svg_bars(&page->b, &head, bars, n);
    add_figures(page, "Publisher", head.title, bars, n);
    return 0;
}

static void add_kind_plot(struct page *page)
{
    const struct tally *t = &page->site->tally;
    static const struct svg_head head = { "kinds", "Changes by kind" };
    struct svg_bar bars[SILLOK_N_KINDS];
    size_t n = 0;
    for (int k = 0; k < SILLOK_N_KINDS; k++) {
        if (!t->first_kinds[k])
            continue;
        const struct svg_bar bar = { text_of(sillok_kind_name((enum sillok_kind)k)),
                                     t->first_kinds[k] };
        size_t i = n++;
        for (; i && bars[i - 1].value < bar.value; i--)
            bars[i] = bars[i - 1];
        bars[i] = bar;
    }
    html_raw(&page->b,
             "<section><h2>By kind</h2>\n<p class=\"quiet\">Each under its first "
             "kind, number of changes; <a");
    page_href(page, "kinds.html", 0);
    html_raw(&page->b, ">what they mean</a>.</p>\n");
    svg_bars(&page->b, &head, bars, n);
    add_figures(page, "Kind", head.title, bars, n);
}

static void add_age_plot(struct page *page)
{
    static const struct svg_head head = { "ages",
                                          "Changes by the time since publication" };
    struct svg_bar bars[TALLY_AGES];
    for (size_t i = 0; i < TALLY_AGES; i++)
        bars[i] =
            (struct svg_bar){ text_of(tally_age_names[i]), page->site->tally.ages[i] };
    html_raw(
        &page->b,
        "<section><h2>After publication</h2>\n<p class=\"quiet\">Number of "
        "changes, by the time from publication to the first sight of the new text. The change "
        "itself was made earlier, within its window.</p>\n");
    const struct tally *t = &page->site->tally;
    if (t->days * 2 > t->changes)
        html_raw(&page->b,
                 "<p class=\"quiet\">Of most of these the day of publication is "
                 "known and not the hour: the bars of hours are those since its "
                 "midnight.</p>\n");
    svg_bars(&page->b, &head, bars, TALLY_AGES);
    add_figures(page, "After", head.title, bars, TALLY_AGES);
}

static int add_top(struct page *page)
{
    struct site *site = page->site;
    int r = 0;
    html_raw(&page->b, "<section><h2>To look at first</h2>\n<p class=\"quiet\">The most "
                       "significant changes; <a");
    page_href(page, "changes/all.html", 0);
    html_raw(&page->b, ">all of them</a>, newest first.</p>\n");
    changes_begin(page, "The most significant changes");
    for (size_t i = 0; i < site->tally.n_top && r >= 0; i++) {
        struct record record;
        r = spool_read(&site->spool, site->tally.top[i].at, &record);
        if (r >= 0)
            changes_row(page, &record);
    }
    html_table_end(&page->b);
    html_raw(&page->b, "</section>\n");
    return r < 0 ? r : 0;
}

static int add_plots(struct page *page)
{
    add_time_plot(page);
    html_raw(&page->b, "<div class=\"columns\">\n");
    const int r = add_publisher_plot(page);
    html_raw(&page->b, "<div>\n");
    add_kind_plot(page);
    add_age_plot(page);
    html_raw(&page->b, "</div>\n</div>\n");
    return r;
}

int page_index(struct site *site)
{
    struct page page;
    struct buf *b = &page.b;
    const struct tally *t = &site->tally;
    int r = spool_rewind(&site->spool);
    if (r < 0)
        return r;
    page_begin(&page, site, 0, text_of(site->title), NAV_OVERVIEW);
    html_raw(b, "<h1");
    html_lang(b, text_of(site->title));
    html_raw(b, ">");
    html_str(b, site->title);
    html_raw(b, "</h1>\n<p class=\"lead\">");
    if (t->changes) {
        html_raw(b, "New text first seen ");
        page_span(&page, t->first_s, t->last_s);
        html_raw(b, ".");
    } else
        html_raw(b, "Nothing changed.");
    html_raw(b, "</p>\n");
    add_question(&page);
    add_tiles(&page);
    if (t->changes) {
        r = add_plots(&page);
        if (r == 0)
            r = add_top(&page);
    }
    if (r < 0) {
        buf_release(b);
        return r;
    }
    return page_end(&page, "index.html");
}
