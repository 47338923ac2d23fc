/*
 * Lists of changes, newest first, a hundred on a page.
 *
 * The records are read again for each group of lists, so that only the pages of a group
 * are in memory at a time, however many publishers there are. Many publishers with few
 * changes each are one group, or the records would be read as often as there are publishers.
 */
#include "report/pages.h"

#include <stdlib.h>

enum {
    GROUP_ROWS = 64 * PAGE_CHANGES, /* in memory, of all lists of a group */
    HEAD_ROWS = 4                   /* what a page is besides takes as much */
};

/* --- a table of changes ----------------------------------------------------------------
 */

void changes_begin(struct page *page, const char *caption)
{
    html_table(&page->b, "changes", caption, "Changed between|Kind|Headline|#Characters");
}

static void add_headline(struct page *page, const struct record *r)
{
    enum { TITLE_COLUMNS = 200 };
    struct buf *b = &page->b;
    char file[SITE_NAME_MAX];
    if (site_article_name(file, r->oid, r->aid, page_of_revision(r->to)) < 0)
        b->failed = 1;
    html_raw(b, "<td class=\"headline\"><a");
    page_href(page, file, r->to);
    html_lang(b, r->title);
    html_raw(b, ">");
    html_headline(b, r->title, TITLE_COLUMNS);
    html_raw(b, "</a>");
    if (r->old_title.ptr && r->old_title.len) {
        html_raw(b, "<p class=\"was\">was: <del");
        html_lang(b, r->old_title);
        html_raw(b, ">");
        html_cut(b, r->old_title, TITLE_COLUMNS);
        html_raw(b, "</del></p>");
    }
    html_raw(b, "<p class=\"meta\"><span");
    html_lang(b, r->publisher);
    html_raw(b, ">");
    html_cut(b, r->publisher.len ? r->publisher : r->oid, 60);
    html_raw(b, "</span> · revision ");
    html_printf(b, "%u → %u", r->from, r->to);
    if (r->flags) {
        html_raw(b, " · ");
        page_flags(page, r->flags);
    }
    html_raw(b, "</p></td>");
}

void changes_row(struct page *page, const struct record *r)
{
    struct buf *b = &page->b;
    html_raw(b, "<tr><td class=\"when\">");
    page_span(page, r->after_s, r->before_s);
    html_raw(b, "</td><td class=\"what\">");
    page_kinds(page, r->kind, r->kinds, r->reverted_to);
    html_raw(b, "</td>");
    add_headline(page, r);
    html_raw(b, "<td class=\"number size\"><span class=\"came\">+");
    html_number(b, r->added_chars);
    html_raw(b, "</span> <span class=\"went\">−");
    html_number(b, r->removed_chars);
    html_raw(b, "</span></td></tr>\n");
}

/* --- lists -----------------------------------------------------------------------------
 */

enum list_what { LIST_ALL, LIST_PUBLISHER, LIST_KIND };

struct list {
    enum list_what what;
    int kind;
    const struct tally_publisher *publisher;
    uint64_t total, told;
    struct page page;
    int open;
};

static const char *folder_of(const struct list *l)
{
    static const char *const folders[] = { "changes", "publisher", "kind" };
    return folders[l->what];
}

static struct sillok_text name_of(const struct list *l)
{
    if (l->what == LIST_PUBLISHER)
        return text_of(l->publisher->oid);
    return text_of(l->what == LIST_KIND ? sillok_kind_name((enum sillok_kind)l->kind)
                                        : "all");
}

/* Is it in the list, which is not one of a publisher? */
static int has(const struct list *l, const struct record *r)
{
    return l->what == LIST_ALL || (((r->kinds | 1u << r->kind) >> l->kind) & 1) != 0;
}

/* The list of the publisher, of lists in the order of their ids; NULL: it is not there. */
static struct list *find_publisher(struct list *lists, size_t n, struct sillok_text oid)
{
    size_t low = 0, high = n;
    while (low < high) {
        const size_t mid = low + (high - low) / 2;
        const int c = text_compare(text_of(lists[mid].publisher->oid), oid);
        if (c == 0)
            return &lists[mid];
        *(c < 0 ? &low : &high) = c < 0 ? mid + 1 : mid;
    }
    return NULL;
}

static void title_of(struct buf *title, const struct list *l)
{
    if (l->what == LIST_ALL)
        (void)buf_add_str(title, "All changes");
    else if (l->what == LIST_PUBLISHER)
        (void)buf_add_str(title, l->publisher->name);
    else
        (void)buf_printf(title, "Changes of kind “%s”",
                         sillok_kind_name((enum sillok_kind)l->kind));
}

static uint64_t n_pages(const struct list *l)
{
    return l->total ? (l->total + PAGE_CHANGES - 1) / PAGE_CHANGES : 1;
}

static void begin(struct list *l, struct site *site)
{
    static const enum nav navs[] = { NAV_CHANGES, NAV_PUBLISHERS, NAV_KINDS };
    CLEANUP(buf_release) struct buf title = BUF_INIT;
    CLEANUP(buf_release) struct buf head = BUF_INIT;
    struct buf *b = &l->page.b;
    title_of(&title, l);
    const struct sillok_text t = text_make(title.ptr, title.len);
    page_title(&head, t, l->told / PAGE_CHANGES + 1, n_pages(l));
    page_begin(&l->page, site, 1, text_make(head.ptr, head.len), navs[l->what]);
    b->failed |= title.failed | head.failed;
    html_raw(b, "<h1");
    html_lang(b, t);
    html_raw(b, ">");
    html_text(b, t);
    html_raw(b, "</h1>\n<p class=\"lead\">");
    page_plural(&l->page, l->total, "change", "changes");
    if (l->what == LIST_PUBLISHER) {
        html_raw(b, " in ");
        page_plural(&l->page, l->publisher->articles, "article", "articles");
        html_raw(b, ", publisher ");
        html_str(b, l->publisher->oid);
    }
    html_raw(b, ", newest first");
    if (n_pages(l) > 1) {
        html_raw(b, "; page ");
        html_number(b, l->told / PAGE_CHANGES + 1);
        html_raw(b, " of ");
        html_number(b, n_pages(l));
    }
    html_raw(b, ". ");
    if (l->what == LIST_KIND)
        html_str(b, kind_meaning(l->kind));
    html_raw(b, "</p>\n");
    changes_begin(&l->page, "Changes, newest first");
    l->open = 1;
}

static int end(struct list *l)
{
    char file[SITE_NAME_MAX];
    const uint64_t at = l->told ? (l->told - 1) / PAGE_CHANGES + 1 : 1;
    html_table_end(&l->page.b);
    page_pager(&l->page, folder_of(l), name_of(l), at, n_pages(l));
    l->open = 0;
    const int r = site_list_name(file, folder_of(l), name_of(l), at);
    if (r < 0) {
        buf_release(&l->page.b);
        return r;
    }
    return page_end(&l->page, file);
}

static int add(struct list *l, struct site *site, const struct record *r)
{
    if (!l->open)
        begin(l, site);
    changes_row(&l->page, r);
    l->told++;
    return l->told % PAGE_CHANGES == 0 || l->told == l->total ? end(l) : 0;
}

static int add_to_group(struct site *site, struct list *lists, size_t n,
                        const struct record *record)
{
    int r = 0;
    if (lists[0].what == LIST_PUBLISHER) {
        struct list *l = find_publisher(lists, n, record->oid);
        return l ? add(l, site, record) : 0;
    }
    for (size_t i = 0; i < n && r == 0; i++)
        if (has(&lists[i], record))
            r = add(&lists[i], site, record);
    return r;
}

static int write_group(struct site *site, struct list *lists, size_t n)
{
    struct record record;
    int r = spool_rewind(&site->spool);
    while (r == 0 && (r = spool_next(&site->spool, &record)) > 0)
        r = add_to_group(site, lists, n, &record);
    for (size_t i = 0; i < n; i++)
        if (lists[i].open)
            buf_release(&lists[i].page.b);
    return r;
}

static int write_empty(struct site *site)
{
    struct list all = { .what = LIST_ALL };
    begin(&all, site);
    return end(&all);
}

/* How many of the lists, of one sort, are read for at once. */
static size_t size_of_group(const struct list *lists, size_t n)
{
    size_t i = 0, rows = 0;
    do {
        rows += HEAD_ROWS;
        rows += lists[i].total < PAGE_CHANGES ? (size_t)lists[i].total : PAGE_CHANGES;
        i++;
    } while (i < n && rows < GROUP_ROWS &&
             (lists[i].what == LIST_PUBLISHER) == (lists[0].what == LIST_PUBLISHER));
    return i;
}

int page_lists(struct site *site)
{
    const struct tally *t = &site->tally;
    const size_t n = 1 + SILLOK_N_KINDS + t->n_publishers;
    if (t->changes == 0)
        return write_empty(site);
    struct list *lists = calloc(n, sizeof(*lists));
    if (!lists)
        return fail_memory();
    size_t k = 0;
    lists[k++] = (struct list){ .what = LIST_ALL, .total = t->changes };
    for (int i = 0; i < SILLOK_N_KINDS; i++)
        if (t->with_kinds[i])
            lists[k++] =
                (struct list){ .what = LIST_KIND, .kind = i, .total = t->with_kinds[i] };
    for (size_t i = 0; i < t->n_publishers; i++)
        lists[k++] = (struct list){ .what = LIST_PUBLISHER,
                                    .publisher = &t->publishers[i],
                                    .total = t->publishers[i].changes };
    int r = 0;
    for (size_t i = 0, n_group; i < k && r == 0; i += n_group) {
        n_group = size_of_group(&lists[i], k - i);
        r = write_group(site, &lists[i], n_group);
    }
    free(lists);
    return r;
}
