#include "report/site.h"

#include "base/file.h"
#include "base/utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- files -----------------------------------------------------------------------------
 */

/* All folders of @p path below the site; the one above is there. */
static int make_folders(const struct site *site, char *path)
{
    for (char *slash = path + strlen(site->dir) + 1; (slash = strchr(slash, '/'));
         slash++) {
        *slash = '\0';
        if (mkdir(path, 0777) < 0 && errno != EEXIST)
            return fail_errno("cannot make the folder '%s'", path);
        *slash = '/';
    }
    return 0;
}

/* The folders of a page are mostly there: they are made when it turns out that not. */
static int create(const struct site *site, char *path, int *fd)
{
    const int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
    *fd = open(path, flags, 0666);
    if (*fd < 0 && errno == ENOENT) {
        const int r = make_folders(site, path);
        if (r < 0)
            return r;
        *fd = open(path, flags, 0666);
    }
    return *fd < 0 ? fail_errno("cannot create '%s'", path) : 0;
}

int site_write(struct site *site, const char *name, const void *ptr, size_t len)
{
    int fd = -1;
    if (site->sink)
        return site->sink(site->sink_arg, name, ptr, len);
    char *path = file_in(site->dir, name);
    if (!path)
        return fail_memory();
    int r = create(site, path, &fd);
    if (r == 0) {
        r = file_write_all(fd, ptr, len);
        if (r < 0)
            (void)fail_context(r, "'%s'", path);
        if (close(fd) < 0 && r == 0)
            r = fail_errno("cannot close '%s'", path);
        if (r < 0) /* an empty page is not known as ours any more, and would stay */
            (void)unlink(path);
    }
    free(path);
    site->counts.bytes += len;
    return r;
}

int site_is_live(const struct site *site)
{
    return site->sink != NULL;
}

int site_has(const struct site *site, const char *name)
{
    if (site_is_live(site))
        return 1;
    char *path = file_in(site->dir, name);
    const int there = path && access(path, F_OK) == 0;
    free(path);
    return there;
}

/* --- names -----------------------------------------------------------------------------
 */

/* Ids are letters, digits, '-' and '_'; a store that says otherwise is damaged, and must
 * not lead out of the folder. */
static int add_id(struct buf *b, struct sillok_text id)
{
    if (id.len == 0 || id.len > SILLOK_KEY_MAX_BYTES)
        return fail(SILLOK_ECORRUPT, "an id of %zu bytes", id.len);
    for (size_t i = 0; i < id.len; i++) {
        const char c = id.ptr[i];
        const int upper = c >= 'A' && c <= 'Z';
        const int plain =
            (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
        if (!upper && !plain)
            return fail(SILLOK_ECORRUPT, "an id that is none");
        if (upper)
            (void)buf_add_char(b, '~');
        (void)buf_add_char(b, upper ? "abcdefghijklmnopqrstuvwxyz"[c - 'A'] : c);
    }
    return 0;
}

static int finish_name(char out[SITE_NAME_MAX], struct buf *b, uint64_t page, int r)
{
    if (page > 1)
        (void)buf_printf(b, ".%llu", (unsigned long long)page);
    (void)buf_printf(b, ".html");
    if (r == 0 && (b->failed || b->len >= SITE_NAME_MAX))
        r = fail_memory();
    if (r == 0)
        memcpy(out, b->ptr, b->len);
    out[r == 0 ? b->len : 0] = '\0';
    return r;
}

int site_list_name(char out[SITE_NAME_MAX], const char *folder, struct sillok_text name,
                   uint64_t page)
{
    CLEANUP(buf_release) struct buf b = BUF_INIT;
    (void)buf_printf(&b, "%s/", folder);
    const int r = add_id(&b, name);
    return finish_name(out, &b, page, r);
}

int site_article_name(char out[SITE_NAME_MAX], struct sillok_text oid,
                      struct sillok_text aid, uint64_t page)
{
    CLEANUP(buf_release) struct buf b = BUF_INIT;
    (void)buf_add_str(&b, "article/");
    int r = add_id(&b, oid);
    (void)buf_add_char(&b, '/');
    if (r == 0)
        r = add_id(&b, aid);
    return finish_name(out, &b, page, r);
}

void site_name_zone(struct site *site)
{
    const int zone = site->options->zone_min, abs = zone < 0 ? -zone : zone;
    if (zone == 0)
        snprintf(site->zone, sizeof(site->zone), "UTC");
    else
        snprintf(site->zone, sizeof(site->zone), "UTC%c%02d:%02d", zone < 0 ? '-' : '+',
                 abs / 60 % 100, abs % 60);
}

/* --- links and times -------------------------------------------------------------------
 */

/* From the page to the top of the site. */
static void add_up(struct page *page)
{
    for (int i = 0; i < page->depth; i++)
        html_raw(&page->b, "../");
}

void page_href(struct page *page, const char *name, uint32_t revision)
{
    html_raw(&page->b, " href=\"");
    add_up(page);
    for (const char *part = name; *part;) {
        const size_t n = strcspn(part, "/");
        html_url_part(&page->b, text_make(part, n));
        part += n;
        if (*part) {
            html_raw(&page->b, "/");
            part++;
        }
    }
    if (revision)
        html_printf(&page->b, "#r%u", revision);
    html_raw(&page->b, "\"");
}

void page_href_feed(struct page *page)
{
    html_raw(&page->b, " href=\"");
    add_up(page);
    html_str(&page->b, page->site->feed); /* it may have a query */
    html_raw(&page->b, "\"");
}

void page_file_link(struct page *page, struct sillok_text oid, struct sillok_text aid,
                    uint32_t revision)
{
    struct buf *b = &page->b;
    html_raw(b, "<a href=\"");
    add_up(page);
    html_raw(b, "file/");
    html_text(b, oid);
    html_raw(b, "/");
    html_text(b, aid);
    html_printf(b, "@%u", revision);
    html_raw(b, "\" download>original file</a>");
}

enum { TO_MINUTE = 16, TO_SECOND = 19 };

/* "2026-01-02 03:15", or ":07" with it */
static void local_time(char out[SILLOK_TIME_LEN], const struct site *site, int64_t time_s,
                       size_t len)
{
    sillok_time_format(time_s, site->options->zone_min, out);
    out[10] = ' ';
    out[len] = '\0';
}

static void add_time(struct page *page, int64_t time_s, size_t skip, size_t len)
{
    char text[SILLOK_TIME_LEN];
    html_raw(&page->b, "<time");
    sillok_time_format(time_s, 0, text);
    html_attr(&page->b, "datetime", text_of(text));
    html_raw(&page->b, ">");
    local_time(text, page->site, time_s, len);
    html_str(&page->b, text + skip);
    html_raw(&page->b, "</time>");
}

void page_time(struct page *page, int64_t time_s)
{
    add_time(page, time_s, 0, TO_MINUTE);
}

void page_span(struct page *page, int64_t from_s, int64_t to_s)
{
    enum { DAY = 11 };
    char a[SILLOK_TIME_LEN], b[SILLOK_TIME_LEN];
    local_time(a, page->site, from_s, TO_MINUTE);
    local_time(b, page->site, to_s, TO_MINUTE);
    /* within a minute it would be no span */
    const size_t len = strcmp(a, b) == 0 && from_s != to_s ? TO_SECOND : TO_MINUTE;
    add_time(page, from_s, 0, len);
    if (from_s == to_s)
        return;
    html_raw(&page->b, "&nbsp;– "); /* no line begins with the dash */
    add_time(page, to_s, memcmp(a, b, DAY) == 0 ? DAY : 0, len);
}

void page_plural(struct page *page, uint64_t n, const char *one, const char *many)
{
    html_number(&page->b, n);
    html_raw(&page->b, " ");
    html_str(&page->b, n == 1 ? one : many);
}

static void add_badge(struct page *page, const char *style, int kind,
                      uint32_t reverted_to)
{
    html_raw(&page->b, "<span class=\"");
    html_str(&page->b, style);
    html_raw(&page->b, "\">");
    html_str(&page->b, sillok_kind_name((enum sillok_kind)kind));
    if (kind == SILLOK_KIND_REVERTED && reverted_to)
        html_printf(&page->b, " to %u", reverted_to);
    html_raw(&page->b, "</span>");
}

void page_kinds(struct page *page, uint32_t kind, uint32_t kinds, uint32_t reverted_to)
{
    add_badge(page, "kind", (int)kind, reverted_to);
    for (int k = 0; k < SILLOK_N_KINDS; k++) {
        if (!(kinds >> k & 1) || k == (int)kind)
            continue;
        html_raw(&page->b, " ");
        add_badge(page, "also", k, reverted_to);
    }
}

void page_flags(struct page *page, uint32_t flags)
{
    int n = 0;
    for (int f = 0; f < SILLOK_N_FLAGS; f++) {
        if (!(flags >> f & 1))
            continue;
        html_str(&page->b, n++ ? ", " : "");
        for (const char *c = sillok_flag_name(f); *c; c++)
            html_text(&page->b, text_make(*c == '_' ? " " : c, 1));
    }
}

/* --- head and foot ---------------------------------------------------------------------
 */

static const struct {
    const char *name, *label;
} navigation[] = {
    { "index.html", "Overview" },        { "changes/all.html", "Changes" },
    { "publishers.html", "Publishers" }, { "kinds.html", "Kinds" },
    { "crawls.html", "Crawls" },         { "find.html", "Search" },
};
enum { N_NAV = sizeof(navigation) / sizeof(navigation[0]) };

static void add_navigation(struct page *page, enum nav nav)
{
    struct buf *b = &page->b;
    html_raw(b, "<a class=\"skip\" href=\"#main\">Skip to content</a>\n"
                "<header class=\"top\"><div class=\"wrap\"><p class=\"name\"><a");
    page_href(page, "index.html", 0);
    html_raw(b, ">");
    html_cut(b, text_of(page->site->title), 120);
    html_raw(b, "</a></p>\n<nav aria-label=\"Pages\"><ul>\n");
    for (size_t i = 0; i < N_NAV; i++) {
        if (i == NAV_SEARCH && !site_is_live(page->site))
            continue;
        html_raw(b, "<li><a");
        page_href(page, navigation[i].name, 0);
        if (i == nav)
            html_raw(b, " aria-current=\"page\"");
        html_raw(b, ">");
        html_str(b, navigation[i].label);
        html_raw(b, "</a></li>\n");
    }
    html_raw(b, "</ul></nav></div></header>\n<main id=\"main\" class=\"wrap\">\n");
}

void page_begin(struct page *page, struct site *site, int depth, struct sillok_text title,
                enum nav nav)
{
    *page = (struct page){ .site = site, .b = BUF_INIT, .depth = depth };
    struct buf *b = &page->b;
    html_raw(b, SITE_PAGE_HEAD SITE_PAGE_META "<title>");
    html_cut(b, title, 120);
    if (nav != NAV_OVERVIEW) {
        html_raw(b, " – ");
        html_cut(b, text_of(site->title), 80);
    }
    html_raw(b, "</title>\n<link rel=\"stylesheet\"");
    page_href(page, "style.css", 0);
    html_raw(b, ">\n");
    if (site->feed) {
        html_raw(b,
                 "<link rel=\"alternate\" type=\"application/atom+xml\" title=\"Feed\"");
        page_href_feed(page);
        html_raw(b, ">\n");
    }
    html_raw(b, "</head>\n<body>\n");
    add_navigation(page, nav);
}

void page_title(struct buf *out, struct sillok_text title, uint64_t at, uint64_t n_pages)
{
    enum { ROOM = 90 }; /* of what a title may have, so that the number is not cut off */
    (void)utf8_add_fit(out, title, ROOM, 0);
    if (!out->len)
        (void)buf_add_str(out, HTML_NO_HEADLINE);
    if (n_pages > 1)
        (void)buf_printf(out, ", page %llu of %llu", (unsigned long long)at,
                         (unsigned long long)n_pages);
}

static void add_foot(struct page *page)
{
    struct buf *b = &page->b;
    const struct sillok_stats *stats = &page->site->stats;
    html_raw(b, "</main>\n<footer class=\"wrap\"><p>");
    if (stats->observations) {
        html_raw(b, "Crawled ");
        page_span(page, stats->first_s, stats->last_s);
        html_raw(b, ". ");
    }
    html_raw(b, "Times are in ");
    html_str(b, page->site->zone);
    html_raw(b, ". ");
    if (page->site->options->made_s) {
        html_raw(b, "Made ");
        page_time(page, page->site->options->made_s);
        html_raw(b, " ");
    } else
        html_raw(b, "Made ");
    html_raw(b, "by sillok ");
    html_str(b, sillok_version());
    html_printf(b, ", rules of kinds %d", SILLOK_RULES_VERSION);
    html_raw(b, ".</p></footer>\n</body>\n</html>\n");
}

int page_end(struct page *page, const char *name)
{
    add_foot(page);
    int r = page->b.failed ? fail_memory() : 0;
    if (r == 0)
        r = site_write(page->site, name, page->b.ptr, page->b.len);
    page->site->counts.pages++;
    buf_release(&page->b);
    return r;
}

/* --- the pages of a list ---------------------------------------------------------------
 */

static void pager_link(struct page *page, const char *folder, struct sillok_text name,
                       uint64_t to, const char *rel)
{
    char file[SITE_NAME_MAX];
    if (site_list_name(file, folder, name, to) < 0) {
        page->b.failed = 1;
        return;
    }
    html_raw(&page->b, "<li><a");
    page_href(page, file, 0);
    if (rel)
        html_attr(&page->b, "rel", text_of(rel));
    html_raw(&page->b, ">");
    if (rel)
        html_str(&page->b, strcmp(rel, "prev") == 0 ? "← Newer" : "Older →");
    else
        html_number(&page->b, to);
    html_raw(&page->b, "</a></li>\n");
}

void page_pager(struct page *page, const char *folder, struct sillok_text name,
                uint64_t at, uint64_t n_pages)
{
    enum { NEAR = 2 };
    uint64_t last = 0;
    if (n_pages < 2)
        return;
    html_raw(&page->b, "<nav class=\"pager\" aria-label=\"Pages of the list\"><ul>\n");
    if (at > 1)
        pager_link(page, folder, name, at - 1, "prev");
    for (uint64_t i = 1; i <= n_pages; i++) {
        const int near = i + NEAR >= at && i <= at + NEAR;
        if (!near && i != 1 && i != n_pages) {
            i = i < at ? at - NEAR - 1 : n_pages - 1;
            continue;
        }
        if (last && i != last + 1)
            html_raw(&page->b, "<li class=\"gap\">…</li>\n");
        last = i;
        if (i != at) {
            pager_link(page, folder, name, i, NULL);
            continue;
        }
        html_raw(&page->b, "<li aria-current=\"page\">");
        html_number(&page->b, i);
        html_raw(&page->b, "</li>\n");
    }
    if (at < n_pages)
        pager_link(page, folder, name, at + 1, "next");
    html_raw(&page->b, "</ul></nav>\n");
}
