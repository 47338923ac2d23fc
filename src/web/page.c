/*
 * Pages for people: those of a report (docs/report.md), made when they are asked for. The
 * addresses are the same, so links from one lead to the other; lists go on by "after".
 */
#include "web/site.h"

#include "report/pages.h"
#include "web/search.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct making {
    struct web_site *site;
    struct web_response *a;
    const char *want; /* the file of the report that is the answer */
    int found;
};

/* --- the pages of a report --- */

static int take_page(void *arg, const char *name, const void *ptr, size_t len)
{
    struct making *m = arg;
    if (strcmp(name, m->want) != 0)
        return 0; /* of an article with several pages another one */
    m->found = 1;
    return buf_add(&m->a->body, ptr, len);
}

static int begin(struct site *site, struct web_site *s, struct making *m)
{
    memset(site, 0, sizeof(*site));
    site->store = s->store;
    site->options = &s->options->pages;
    site->title = s->options->pages.title ? s->options->pages.title : "What changed";
    site->sink = take_page;
    site->sink_arg = m;
    buf_init(&site->events, WEB_ANSWER_BYTES);
    site_name_zone(site);
    return sillok_store_stats(s->store, &site->stats);
}

static int style(const struct web_request *q, struct web_response *a)
{
    const int r = web_params_known(q, "");
    if (r < 0)
        return r;
    a->type = "text/css; charset=utf-8";
    for (size_t i = 0; style_lines[i]; i++) {
        (void)buf_add_str(&a->body, style_lines[i]);
        (void)buf_add_char(&a->body, '\n');
    }
    return 1;
}

/* --- lists of changes --- */

/* What a list is asked for besides its address. */
static int read_list(const struct site *site, const struct web_request *q,
                     struct sillok_changes_options *o)
{
    uint64_t limit = WEB_LIMIT;
    int r = web_params_known(q, "after to limit all unfold");
    if (r == 0)
        r = web_param_number(q, "limit", 1, WEB_LIMIT_MAX, WEB_LIMIT, &limit);
    if (r == 0)
        r = web_param_flag(q, "all", &o->all);
    if (r == 0)
        r = web_param_flag(q, "unfold", &o->unfold);
    if (r == 0)
        r = web_param_to(q, site->options->zone_min, &o->to_s);
    if (r < 0)
        return r;
    o->limit = limit;
    o->after = web_param(q, "after");
    o->no_bodies = 1;
    o->stop = web_is_late;
    o->stop_arg = (void *)(uintptr_t)q;
    return 0;
}

static void older(struct page *page, const struct sillok_changes_options *o,
                  const char *from, const char *at)
{
    struct buf *b = &page->b;
    html_raw(b, "<nav class=\"pager\" aria-label=\"Pages of the list\"><ul>\n<li><a "
                "rel=\"next\" href=\"?");
    html_str(b, from);
    html_raw(b, "=");
    html_url_part(b, text_of(at));
    html_printf(b, "&limit=%llu", (unsigned long long)o->limit);
    if (o->all)
        html_raw(b, "&amp;all=1");
    if (o->unfold)
        html_raw(b, "&amp;unfold=1");
    html_raw(b, "\">Older →</a></li>\n</ul></nav>\n");
}

static int add_changes(struct page *page, struct sillok_changes *it,
                       const struct web_request *q, uint64_t *n, struct buf *key)
{
    struct sillok_change c;
    int r = 0;
    changes_begin(page, "Changes, newest first");
    while (r == 0 && (r = sillok_changes_next(it, &c)) > 0) {
        struct record record;
        record_of_change(&record, &c, page->site->options->published_zone_min);
        changes_row(page, &record);
        ++*n;
        buf_clear(key);
        r = buf_add(key, c.key, strlen(c.key) + 1);
        if (r == 0)
            r = web_in_time(q);
    }
    html_table_end(&page->b);
    return r;
}

static void add_hidden(struct page *page, const struct sillok_changes *it,
                       const struct sillok_changes_options *o)
{
    const uint64_t hidden = sillok_changes_hidden(it) + sillok_changes_unconfirmed(it);
    if (!hidden || o->all)
        return;
    html_raw(&page->b, "<p class=\"meta\">");
    page_plural(page, hidden, "change is", "changes are");
    html_raw(&page->b,
             " left out here: layout, bylines, metadata, or emptied articles that "
             "wait for a second crawl. <a href=\"?all=1");
    if (o->unfold)
        html_raw(&page->b, "&amp;unfold=1");
    html_raw(&page->b, "\">All of them</a></p>\n");
}

static int add_folded(struct page *page, struct sillok_changes *it,
                      const struct sillok_changes_options *o)
{
    const int r = web_has_folded(it);
    if (r <= 0)
        return r;
    html_raw(
        &page->b,
        "<p class=\"meta\">What many articles of one publisher, or of small ones together, "
        "have the same in one crawl is no edit and left out here. <a href=\"?unfold=1");
    if (o->all)
        html_raw(&page->b, "&amp;all=1");
    html_raw(&page->b, "\">With that</a></p>\n");
    return 0;
}

/* Time was short: what is here may be few, or none, and older ones there may be. */
static void add_since(struct page *page, const struct sillok_changes_options *o,
                      int64_t since_s)
{
    char at[SILLOK_TIME_LEN];
    sillok_time_format(since_s, 0, at);
    html_raw(&page->b, "<p class=\"meta\">Looked back to ");
    page_time(page, since_s);
    html_raw(&page->b, ", for more takes too long at a time.</p>\n");
    older(page, o, "to", at);
}

/* Nothing to list is something else than nobody to list it of. */
static int check_publisher(struct site *site, const char *oid)
{
    const int r = sillok_store_has_publisher(site->store, oid);
    return r == 0 ? fail(SILLOK_ENOTFOUND, "there is no publisher '%.64s' in this store",
                         oid)
                  : r;
}

static int changes_page(struct site *site, const struct web_request *q,
                        struct sillok_changes_options *o, int depth,
                        struct sillok_text title, enum nav nav, const char *feed)
{
    CLEANUP(buf_release) struct buf key = BUF_INIT;
    struct sillok_changes *it = NULL;
    struct page page;
    struct making *m = site->sink_arg;
    struct web_window w = { .stop = web_is_half_late, .arg = o->stop_arg };
    uint64_t n = 0;
    site->feed = feed;
    int r = o->oid ? check_publisher(site, o->oid) : 0;
    if (r >= 0)
        r = web_narrow(site->store, o, &w);
    if (r == 0)
        r = sillok_changes_open(&it, site->store, o);
    if (r < 0)
        return r;
    page_begin(&page, site, depth, title, nav);
    html_raw(&page.b, "<h1");
    html_lang(&page.b, title);
    html_raw(&page.b, ">");
    html_text(&page.b, title);
    html_raw(&page.b, "</h1>\n<p class=\"meta\"><a");
    page_href_feed(&page);
    html_raw(&page.b, ">Feed</a></p>\n");
    r = add_changes(&page, it, q, &n, &key);
    if (r == 0 && n == 0)
        html_raw(&page.b, "<p>No changes.</p>\n");
    if (r == 0 && n == o->limit)
        older(&page, o, "after", key.ptr);
    else if (r == 0 && w.since_s)
        add_since(&page, o, w.since_s);
    if (r == 0)
        add_hidden(&page, it, o);
    if (r == 0)
        r = add_folded(&page, it, o);
    sillok_changes_close(it);
    if (r < 0) {
        buf_release(&page.b);
        return r;
    }
    return page_end(&page, m->want);
}

/* --- publishers and kinds --- */

static int publishers_page(struct site *site)
{
    struct sillok_publisher_stats *list = NULL;
    struct page page;
    struct buf *b = &page.b;
    size_t n = 0;
    int r = sillok_store_publishers(site->store, &list, &n);
    if (r < 0)
        return r;
    page_begin(&page, site, 0, text_of("Publishers"), NAV_PUBLISHERS);
    html_raw(b, "<h1>Publishers</h1>\n");
    html_table(b, "figures", "Publishers, in the order of their ids",
               "Publisher|#Changes, hidden ones too|#Changed articles|#Articles");
    for (size_t i = 0; i < n && r == 0; i++) {
        r = page_publisher_head(&page, text_of(list[i].publisher), list[i].oid);
        html_figure(b, list[i].changes);
        html_figure(b, list[i].changed_articles);
        html_figure(b, list[i].articles);
        html_raw(b, "</tr>\n");
    }
    html_table_end(b);
    sillok_publishers_free(list, n);
    if (r < 0) {
        buf_release(b);
        return r;
    }
    return page_end(&page, "publishers.html");
}

static int kinds_page(struct site *site)
{
    struct page page;
    struct buf *b = &page.b;
    page_begin(&page, site, 0, text_of("Kinds"), NAV_KINDS);
    html_raw(b, "<h1>Kinds of change</h1>\n");
    html_table(b, "figures", "Kinds of change", "Kind|What it is");
    for (int k = 0; k < SILLOK_N_KINDS; k++) {
        const char *name = sillok_kind_name((enum sillok_kind)k);
        char file[SITE_NAME_MAX];
        b->failed |= site_list_name(file, "kind", text_of(name), 1) < 0;
        html_raw(b, "<tr><th scope=\"row\"><a");
        page_href(&page, file, 0);
        html_raw(b, ">");
        html_str(b, name);
        html_raw(b, "</a></th><td>");
        html_str(b, kind_meaning(k));
        html_raw(b, "</td></tr>\n");
    }
    html_table_end(b);
    page_flag_table(&page);
    return page_end(&page, "kinds.html");
}

/* --- names of files, read back --- */

/* "~ab.html" is Ab: an id as site_list_name() writes it. -1: it is none. */
static int read_id(char out[SILLOK_KEY_MAX_BYTES + 1], const char *from, size_t len)
{
    size_t n = 0;
    for (size_t i = 0; i < len; i++) {
        char c = from[i];
        const int upper = c == '~';
        if (upper && ++i == len)
            return -1;
        c = from[i];
        const int lower = c >= 'a' && c <= 'z';
        if (!(lower || (!upper && ((c >= '0' && c <= '9') || c == '-' || c == '_'))) ||
            n == SILLOK_KEY_MAX_BYTES)
            return -1;
        if (upper)
            c = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[c - 'a'];
        out[n++] = c;
    }
    out[n] = '\0';
    return n ? 0 : -1;
}

/* "NAME.html" or "NAME.2.html" into the name and the page. */
static int read_file(char out[SILLOK_KEY_MAX_BYTES + 1], const char *file, uint64_t *page)
{
    const char *dot = strchr(file, '.');
    *page = 1;
    if (!dot || strchr(file, '/'))
        return -1;
    if (strcmp(dot, ".html") != 0) {
        const char *end = strchr(dot + 1, '.');
        if (!end || strcmp(end, ".html") != 0 ||
            text_number(text_make(dot + 1, (size_t)(end - dot - 1)), 1000000, page) < 0 ||
            *page < 2)
            return -1;
    }
    return read_id(out, file, (size_t)(dot - file));
}

static int no_page(void)
{
    return fail(SILLOK_ENOTFOUND, "there is no page of that address");
}

static int publisher_list(struct site *site, const struct web_request *q,
                          const char *file)
{
    struct sillok_changes_options o = SILLOK_CHANGES_OPTIONS_INIT;
    char oid[SILLOK_KEY_MAX_BYTES + 1], title[128], feed[128];
    uint64_t page;
    if (read_file(oid, file, &page) < 0 || page > 1)
        return no_page();
    int r = read_list(site, q, &o);
    o.oid = oid;
    snprintf(title, sizeof(title), "Changes of publisher %s", oid);
    snprintf(feed, sizeof(feed), "feed/oid/%s.atom", oid);
    return r < 0 ? r : changes_page(site, q, &o, 1, text_of(title), NAV_PUBLISHERS, feed);
}

static int kind_list(struct site *site, const struct web_request *q, const char *file)
{
    struct sillok_changes_options o = SILLOK_CHANGES_OPTIONS_INIT;
    char name[SILLOK_KEY_MAX_BYTES + 1], title[128], feed[128];
    uint64_t page;
    if (read_file(name, file, &page) < 0 || page > 1)
        return no_page();
    const int kind = sillok_kind_parse(name, strlen(name));
    if (kind < 0)
        return no_page();
    int r = read_list(site, q, &o);
    o.kinds = 1u << kind;
    snprintf(title, sizeof(title), "Changes of kind %s", name);
    snprintf(feed, sizeof(feed), "feed.atom?kind=%s", name);
    return r < 0 ? r : changes_page(site, q, &o, 1, text_of(title), NAV_KINDS, feed);
}

static int all_list(struct site *site, const struct web_request *q, int depth)
{
    struct sillok_changes_options o = SILLOK_CHANGES_OPTIONS_INIT;
    const int r = read_list(site, q, &o);
    return r < 0 ? r
                 : changes_page(site, q, &o, depth,
                                text_of(depth ? "Changes" : site->title),
                                depth ? NAV_CHANGES : NAV_OVERVIEW, "feed.atom");
}

/* --- articles --- */

static int article_page(struct site *site, const char *rest)
{
    char oid[SILLOK_KEY_MAX_BYTES + 1], aid[SILLOK_KEY_MAX_BYTES + 1];
    char feed[2 * SILLOK_KEY_MAX_BYTES + 32];
    const char *slash = strchr(rest, '/');
    struct sillok_snapshot *snapshot = NULL;
    struct sillok_ref ref;
    memset(&ref, 0, sizeof(ref));
    if (!slash || read_id(oid, rest, (size_t)(slash - rest)) < 0 ||
        read_file(aid, slash + 1, &site->only_page) < 0)
        return no_page();
    snprintf(ref.oid, sizeof(ref.oid), "%s", oid);
    snprintf(ref.aid, sizeof(ref.aid), "%s", aid);
    int r = sillok_snapshot_open(&snapshot, site->store, &ref);
    if (r < 0)
        return r;
    const struct record record = {
        .oid = text_of(oid),
        .aid = text_of(aid),
        .publisher = sillok_snapshot_revision(snapshot)->article.fields[SILLOK_PUBLISHER],
    };
    snprintf(feed, sizeof(feed), "feed/article/%s/%s.atom", oid, aid);
    site->feed = feed;
    r = page_article(site, &record);
    site->feed = NULL;
    sillok_snapshot_close(snapshot);
    return r;
}

/* "/file/OID/AID[@R]": the original, to be kept and not shown. */
static int original(struct web_site *s, const struct web_request *q,
                    struct web_response *a)
{
    CLEANUP(buf_release) struct buf value = BUF_INIT;
    struct sillok_snapshot *snapshot = NULL;
    struct sillok_text data, name;
    struct sillok_ref ref;
    int r = web_params_known(q, "");
    if (r == 0)
        r = sillok_ref_parse(&ref, q->path + strlen("/file/"), time(NULL),
                             s->options->pages.zone_min);
    if (r == 0)
        r = sillok_snapshot_open(&snapshot, s->store, &ref);
    if (r == 0)
        r = sillok_snapshot_file(snapshot, &data, &name);
    if (r == 0)
        r = web_disposition(&value, text_last_part(name));
    if (r == 0)
        r = buf_add_char(&value, '\0');
    if (r == 0)
        r = web_header(a, "Content-Disposition", value.ptr);
    if (r == 0)
        r = buf_add_text(&a->body, data);
    const int is_line = r >= 0 && data.len && *data.ptr == '{'; /* of NDJSON */
    a->type =
        is_line ? "application/json; charset=utf-8" : "text/markdown; charset=utf-8";
    sillok_snapshot_close(snapshot);
    return r < 0 ? r : 1;
}

/* --- the route --- */

static int make(struct site *site, struct making *m, const struct web_request *q)
{
    const char *file = m->want;
    if (!*file || strcmp(file, "index.html") == 0)
        return all_list(site, q, 0);
    if (strcmp(file, "changes/all.html") == 0)
        return all_list(site, q, 1);
    if (strncmp(file, "publisher/", 10) == 0)
        return publisher_list(site, q, file + 10);
    if (strncmp(file, "kind/", 5) == 0)
        return kind_list(site, q, file + 5);
    if (strcmp(file, "find.html") == 0)
        return web_search_page(site, q, file);
    int r = web_params_known(q, "");
    if (r < 0)
        return r;
    if (strcmp(file, "publishers.html") == 0)
        return publishers_page(site);
    if (strcmp(file, "kinds.html") == 0)
        return kinds_page(site);
    if (strcmp(file, "crawls.html") == 0)
        return page_crawls(site);
    if (strncmp(file, "article/", 8) == 0)
        return article_page(site, file + 8);
    return no_page();
}

int web_page(struct web_site *s, const struct web_request *q, struct web_response *a)
{
    struct making m = { .site = s, .a = a, .want = q->path + 1 };
    struct site site;
    if (strcmp(q->path, "/style.css") == 0)
        return style(q, a);
    if (strncmp(q->path, "/file/", 6) == 0)
        return original(s, q, a);
    int r = begin(&site, s, &m);
    if (r == 0)
        r = make(&site, &m, q);
    buf_release(&site.events);
    return r < 0 ? r : m.found ? 1 : no_page();
}
