/*
 * The archive protocol Memento, RFC 7089, with the revisions of an article as mementos:
 *
 *   /timegate/URL             302 to the one that stood at Accept-Datetime
 *   /timemap/link/URL         all of them, application/link-format
 *   /memento/STAMP/URL        one as a page; STAMP is YYYYMMDDhhmmss, UTC, when it was
 *                             first seen, and rN behind it where two have one time
 *
 * URL is the article's own, as its newest revision says or as an older one did, with its
 * query string and without its fragment. It has to end in /OID/AID, which is how it is
 * found. What is linked is under the address that was asked for.
 */
#include "web/site.h"

#include "base/quote.h"
#include "report/pages.h"
#include "report/sides.h"

#include <stdio.h>
#include <stdlib.h>

enum { STAMP_LEN = WEB_STAMP_LEN - 1, STAMP_ROOM = 32, URL_MAX = 2000 };

/* --- the article of a URL --- */

int web_article_of(struct sillok_ref *out, const char *path, const char *suffix)
{
    const size_t n = strlen(path), k = strlen(suffix);
    char name[2 * SILLOK_KEY_MAX_BYTES + 2];
    if (n <= k || n - k >= sizeof(name) || strcmp(path + n - k, suffix) != 0)
        return fail(SILLOK_ENOTFOUND, "that names no article");
    memcpy(name, path, n - k);
    name[n - k] = '\0';
    if (sillok_ref_parse(out, name, 0, 0) < 0 || out->kind != SILLOK_REF_NEWEST)
        return fail(SILLOK_ENOTFOUND, "that names no article");
    return 0;
}

/* Proxies make one slash of several, before the query (nginx where it takes a folder off the
 * address, unless told merge_slashes off). */
static int is_as_merged(struct sillok_text its, const char *asked)
{
    CLEANUP(buf_release) struct buf merged = BUF_INIT;
    const size_t end = strcspn(asked, "?#");
    for (size_t i = 0; i < its.len; i++)
        if (its.ptr[i] != '/' || !merged.len || merged.len >= end ||
            merged.ptr[merged.len - 1] != '/')
            (void)buf_add_char(&merged, its.ptr[i]);
    return text_is(buf_text(&merged), asked);
}

/* What can be asked for: a fragment stays with the client (RFC 9110 7.1), so the address of
 * the original resource has none. */
static struct sillok_text without_fragment(struct sillok_text url)
{
    const char *mark = url.len ? memchr(url.ptr, '#', url.len) : NULL;
    return mark ? text_make(url.ptr, (size_t)(mark - url.ptr)) : url;
}

/* Asked for as it stands in links, which is how it came, or as the article says. */
static int is_asked_for(struct sillok_text its, const char *raw, const char *decoded)
{
    CLEANUP(buf_release) struct buf emitted = BUF_INIT;
    quote_url(&emitted, its);
    return text_is(buf_text(&emitted), raw) || text_is(its, decoded) ||
           is_as_merged(buf_text(&emitted), raw) || is_as_merged(its, decoded);
}

static int no_article(void)
{
    return fail(SILLOK_ENOTFOUND, "no article has that address");
}

/* 1 with the address that was asked for, as @p article has it; 0: it has another. */
static int take_address(struct buf *url, const struct sillok_article *article,
                        const struct web_address *asked)
{
    const struct sillok_text its = article->fields[SILLOK_URL];
    const struct sillok_text page = without_fragment(its);
    if (!is_asked_for(page, asked->raw, asked->decoded) &&
        !is_asked_for(its, asked->raw, asked->decoded))
        return 0;
    const int r = buf_add_text(url, page);
    return r < 0 ? r : 1;
}

/* The last two parts of its path. */
static int name_article(struct sillok_ref *out, const char *address)
{
    const size_t end = strcspn(address, "?#");
    size_t at = end;
    for (int parts = 0; at > 0 && parts < 2;)
        parts += address[--at] == '/';
    char name[2 * SILLOK_KEY_MAX_BYTES + 2];
    if (at + 1 >= end || end - at - 1 >= sizeof(name))
        return no_article();
    memcpy(name, address + at + 1, end - at - 1);
    name[end - at - 1] = '\0';
    return web_article_of(out, name, "");
}

int web_article_at(struct web_site *s, struct sillok_ref *out,
                   const struct web_address *asked, struct buf *url)
{
    struct sillok_snapshot *snapshot = NULL;
    int r = name_article(out, asked->decoded);
    if (r == 0)
        r = sillok_snapshot_open(&snapshot, s->store, out);
    if (r == 0)
        r = take_address(url, &sillok_snapshot_revision(snapshot)->article, asked);
    sillok_snapshot_close(snapshot);
    return r == 0 || r == SILLOK_ENOTFOUND ? no_article() : r < 0 ? r : 0;
}

int web_article_once_at(struct web_site *s, const struct web_request *q,
                        struct sillok_ref *out, const struct web_address *asked,
                        struct buf *url)
{
    struct sillok_log *log = NULL;
    struct sillok_revision rev;
    int taken = 0;
    int r = name_article(out, asked->decoded);
    if (r == 0)
        r = sillok_log_open(&log, s->store, out->oid, out->aid);
    while (r == 0 && !taken && (r = sillok_log_next(log, &rev)) > 0) {
        taken = take_address(url, &rev.article, asked);
        r = taken < 0 ? taken : web_in_time(q);
    }
    sillok_log_close(log);
    return r == SILLOK_ENOTFOUND || (r == 0 && !taken) ? no_article() : r;
}

/* --- its mementos --- */

struct memento {
    int64_t time_s;
    uint32_t revision;
    int is_later; /* than another one of the same second: has rN in its stamp */
};

struct map {
    struct web_site *site;
    const struct web_request *q;
    struct sillok_text url; /* that was asked for, without a fragment */
    struct sillok_ref ref;
    struct buf list; /* struct memento, oldest first */
    size_t n;
};

static const struct memento *memento_at(const struct map *m, size_t i)
{
    return (const struct memento *)(const void *)m->list.ptr + i;
}

static int load(struct map *m)
{
    struct sillok_log *log = NULL;
    struct sillok_revision rev;
    int r = sillok_log_open(&log, m->site->store, m->ref.oid, m->ref.aid);
    while (r == 0 && (r = sillok_log_next(log, &rev)) > 0) {
        struct memento one = { .time_s = rev.first_seen_s, .revision = rev.number };
        one.is_later = m->n && memento_at(m, m->n - 1)->time_s == one.time_s;
        r = web_in_time(m->q);
        if (r == 0)
            r = buf_add(&m->list, &one, sizeof(one));
        m->n++;
    }
    sillok_log_close(log);
    return r;
}

static void stamp(const struct memento *one, char out[STAMP_ROOM])
{
    web_stamp(one->time_s, out);
    if (one->is_later)
        snprintf(out + STAMP_LEN, STAMP_ROOM - STAMP_LEN, "r%u", one->revision);
}

/* --- links --- */

/* The top of the site. Where a proxy has merged slashes a browser counts more parts than
 * came here, so that only the whole address leads there. */
static void add_top(struct buf *b, const struct map *m)
{
    const char *scheme = strstr(m->q->target, ":/");
    if (!scheme || strncmp(scheme, "://", 3) == 0) {
        web_add_top(b, m->q->target);
        return;
    }
    html_str(b, m->site->url);
    html_raw(b, "/");
}

static void add_original(struct buf *b, const struct map *m)
{
    (void)buf_add_char(b, '<');
    quote_url(b, m->url);
    (void)buf_add_str(b, ">; rel=\"original\"");
}

static void add_map_link(struct buf *b, const struct map *m, const char *rel)
{
    char from[WEB_DATE_LEN], until[WEB_DATE_LEN];
    web_date(memento_at(m, 0)->time_s, from);
    web_date(memento_at(m, m->n - 1)->time_s, until);
    (void)buf_printf(b, "<%s/timemap/link/", m->site->url);
    quote_url(b, m->url);
    (void)buf_printf(b,
                     ">; rel=\"%s\"; type=\"application/link-format\"; from=\"%s\"; "
                     "until=\"%s\"",
                     rel, from, until);
}

static void add_gate_link(struct buf *b, const struct map *m)
{
    (void)buf_printf(b, "<%s/timegate/", m->site->url);
    quote_url(b, m->url);
    (void)buf_add_str(b, ">; rel=\"timegate\"");
}

static void add_memento_address(struct buf *b, const struct map *m, size_t i)
{
    char at[STAMP_ROOM];
    stamp(memento_at(m, i), at);
    (void)buf_printf(b, "%s/memento/%s/", m->site->url, at);
    quote_url(b, m->url);
}

static void add_memento_link(struct buf *b, const struct map *m, size_t i,
                             const char *also)
{
    char date[WEB_DATE_LEN];
    web_date(memento_at(m, i)->time_s, date);
    (void)buf_add_char(b, '<');
    add_memento_address(b, m, i);
    (void)buf_printf(b, ">; rel=\"%s%s%smemento\"; datetime=\"%s\"",
                     i == 0 ? "first " : "", i == m->n - 1 ? "last " : "", also, date);
}

static int set_header(struct web_response *a, const char *name, struct buf *value)
{
    const int r = buf_add_char(value, '\0');
    return r < 0 ? r : web_header(a, name, value->ptr);
}

/* --- the three --- */

/* The newest that stood at a time; before the first, the first. */
static size_t standing_at(const struct map *m, int64_t time_s)
{
    size_t i = m->n - 1;
    while (i > 0 && memento_at(m, i)->time_s > time_s)
        i--;
    return i;
}

/* To memento @p i. */
static int lead_to(struct map *m, size_t i, struct web_response *a)
{
    CLEANUP(buf_release) struct buf location = BUF_INIT;
    CLEANUP(buf_release) struct buf link = BUF_INIT;
    add_memento_address(&location, m, i);
    add_original(&link, m);
    (void)buf_add_str(&link, ", ");
    add_map_link(&link, m, "timemap");
    (void)buf_add_str(&link, ", ");
    add_memento_link(&link, m, i, "");
    a->status = 302;
    const int r = set_header(a, "Location", &location);
    return r < 0 ? r : set_header(a, "Link", &link);
}

static int time_gate(struct map *m, const struct web_request *q, struct web_response *a)
{
    int64_t time_s = INT64_MAX;
    if (q->accept_datetime && web_date_parse(q->accept_datetime, &time_s) < 0)
        return fail(SILLOK_EINVALID, "Accept-Datetime is like 'Mon, 23 Nov 2026 05:10:00 "
                                     "GMT'");
    const int r = web_header(a, "Vary", "accept-datetime");
    return r < 0 ? r : lead_to(m, standing_at(m, time_s), a);
}

static int time_map(struct map *m, struct web_response *a)
{
    struct buf *b = &a->body;
    a->type = "application/link-format";
    add_original(b, m);
    (void)buf_add_str(b, ",\n");
    add_map_link(b, m, "self");
    (void)buf_add_str(b, ",\n");
    add_gate_link(b, m);
    for (size_t i = 0; i < m->n; i++) {
        (void)buf_add_str(b, ",\n");
        add_memento_link(b, m, i, "");
    }
    (void)buf_add_char(b, '\n');
    return 0;
}

static void add_time(struct buf *b, const struct map *m, int64_t time_s)
{
    char text[SILLOK_TIME_LEN];
    sillok_time_format(time_s, 0, text);
    html_raw(b, "<time");
    html_attr(b, "datetime", text_of(text));
    html_raw(b, ">");
    sillok_time_format(time_s, m->site->options->pages.zone_min, text);
    html_str(b, text);
    html_raw(b, "</time>");
}

/* "Seen from A to B, revision 1 of 2." Whoever comes from elsewhere has to see that this is
 * no page of today, and find the others. */
static void add_where(struct buf *b, const struct map *m,
                      const struct sillok_revision *rev)
{
    char file[SITE_NAME_MAX];
    b->failed |= site_article_name(file, rev->article.oid, rev->article.aid,
                                   page_of_revision(rev->number)) < 0;
    html_raw(b, "<p class=\"meta\">Seen ");
    if (rev->last_seen_s != rev->first_seen_s)
        html_raw(b, "from ");
    add_time(b, m, rev->first_seen_s);
    if (rev->last_seen_s != rev->first_seen_s) {
        html_raw(b, " to ");
        add_time(b, m, rev->last_seen_s);
    }
    html_printf(b, ", revision %u of %zu. ", rev->number, m->n);
    html_raw(b, "<a href=\"");
    add_top(b, m);
    html_str(b, file);
    html_printf(b, "#r%u", rev->number);
    html_raw(b, "\">What changed</a></p>\n");
}

/* Who wrote it and when, as far as the crawler knew. */
static void add_origin(struct buf *b, const struct sillok_article *article)
{
    static const enum sillok_field order[] = { SILLOK_PUBLISHER, SILLOK_AUTHOR,
                                               SILLOK_PUBLISHED_AT };
    int n = 0;
    for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
        const struct sillok_text value = article->fields[order[i]];
        if (!value.len)
            continue;
        if (n++)
            html_raw(b, " · ");
        html_raw(b, "<span");
        html_lang(b, value);
        html_raw(b, ">");
        html_text(b, value);
        html_raw(b, "</span>");
    }
}

static void add_page(struct buf *b, const struct map *m,
                     const struct sillok_revision *rev)
{
    const struct sillok_article *article = &rev->article;
    const struct sillok_text title = article->fields[SILLOK_TITLE];
    html_raw(b, SITE_PAGE_HEAD SITE_PAGE_META "<title>");
    html_headline(b, title, 120);
    html_raw(b, "</title>\n<link rel=\"stylesheet\" href=\"");
    add_top(b, m);
    html_raw(b, "style.css\">\n</head>\n<body><main class=\"wrap\"><article>\n");
    add_where(b, m, rev);
    html_raw(b, "<h1");
    html_lang(b, title);
    html_raw(b, ">");
    html_headline(b, title, SIZE_MAX);
    html_raw(b, "</h1>\n<p class=\"meta\">");
    add_origin(b, article);
    html_raw(b, "</p>\n");
    sides_add_text(b, article->body);
    html_raw(b, "</article></main></body></html>\n");
}

/* An older crawl that came later moves the time of a revision and its number. So a stamp that
 * is none, or none any more, leads to what stood then, as in other archives. */
static int lead_to_time(struct map *m, const char *at, struct web_response *a)
{
    char text[32];
    int64_t time_s;
    snprintf(text, sizeof(text), "%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ", at, at + 4, at + 6,
             at + 8, at + 10, at + 12);
    if (strspn(at, "0123456789") < STAMP_LEN ||
        sillok_time_parse(&time_s, text, strlen(text), 0, 0) < 0)
        return fail(SILLOK_ENOTFOUND, "there is no memento of that time");
    return lead_to(m, standing_at(m, time_s), a);
}

static int one(struct map *m, const char *at, struct web_response *a)
{
    CLEANUP(buf_release) struct buf link = BUF_INIT;
    struct sillok_snapshot *snapshot = NULL;
    char is[STAMP_ROOM], date[WEB_DATE_LEN];
    size_t i = m->n;
    while (i-- > 0) {
        stamp(memento_at(m, i), is);
        if (strcmp(is, at) == 0)
            break;
    }
    if (i >= m->n)
        return lead_to_time(m, at, a);
    m->ref.kind = SILLOK_REF_NUMBER;
    m->ref.number = memento_at(m, i)->revision;
    int r = sillok_snapshot_open(&snapshot, m->site->store, &m->ref);
    if (r == 0)
        add_page(&a->body, m, sillok_snapshot_revision(snapshot));
    sillok_snapshot_close(snapshot);
    web_date(memento_at(m, i)->time_s, date);
    if (r == 0)
        r = web_header(a, "Memento-Datetime", date);
    add_original(&link, m);
    (void)buf_add_str(&link, ", ");
    add_gate_link(&link, m);
    (void)buf_add_str(&link, ", ");
    add_map_link(&link, m, "timemap");
    /* first, prev, itself, next, last; each once */
    for (size_t k = 0; k < m->n; k++)
        if (k == 0 || k + 1 == m->n || (k + 1 >= i && k <= i + 1)) {
            (void)buf_add_str(&link, ", ");
            add_memento_link(&link, m, k,
                             k + 1 == i   ? "prev "
                             : k == i + 1 ? "next "
                                          : "");
        }
    return r < 0 ? r : set_header(a, "Link", &link);
}

/* "STAMP/URL", as it came; @p rest is behind "/memento/". */
static int split_stamp(const char *rest, char at[STAMP_ROOM], size_t *used)
{
    const char *slash = strchr(rest, '/');
    const size_t n = slash ? (size_t)(slash - rest) : 0;
    if (n < STAMP_LEN || n >= STAMP_ROOM)
        return fail(SILLOK_ENOTFOUND, "there is no memento of that time");
    memcpy(at, rest, n);
    at[n] = '\0';
    *used += n + 1;
    return 0;
}

/* How long the route's own part is, the same before and after decoding; 0: no such route. */
static size_t own_part(const char *target)
{
    static const char *const parts[] = { "/timegate/", "/timemap/link/", "/memento/" };
    for (size_t i = 0; i < 3; i++)
        if (strncmp(target, parts[i], strlen(parts[i])) == 0)
            return strlen(parts[i]);
    return 0;
}

static int answer(struct map *m, struct web_response *a)
{
    CLEANUP(buf_release) struct buf url = BUF_INIT;
    char at[STAMP_ROOM] = "";
    const char *target = m->q->target;
    size_t used = own_part(target);
    int r = target[1] == 'm' ? split_stamp(target + used, at, &used) : 0;
    if (r == 0 &&
        strlen(target) - used > URL_MAX) /* links repeat it, and have little room */
        r = fail(SILLOK_EINVALID, "the address is longer than %d bytes", URL_MAX);
    if (r == 0 && strncmp(m->q->path, target, used) != 0)
        r = no_article();
    if (r == 0) {
        const struct web_address asked = { target + used, m->q->path + used };
        r = web_article_at(m->site, &m->ref, &asked, &url);
        if (r == SILLOK_ENOTFOUND)
            r = web_article_once_at(m->site, m->q, &m->ref, &asked, &url);
    }
    m->url = buf_text(&url);
    if (r == 0)
        r = load(m);
    if (r < 0)
        return r;
    return target[1] == 'm'   ? one(m, at, a)
           : target[5] == 'g' ? time_gate(m, m->q, a)
                              : time_map(m, a);
}

int web_memento(struct web_site *s, const struct web_request *q, struct web_response *a)
{
    struct map m = { .site = s, .q = q, .list = BUF_INIT };
    const int r = own_part(q->target) ? answer(&m, a) : 0;
    buf_release(&m.list);
    return r < 0 ? r : own_part(q->target) > 0;
}
