/*
 * The archive protocol Memento, RFC 7089, with the revisions of an article as mementos:
 *
 *   /timegate/URL             302 to the one that stood at Accept-Datetime
 *   /timemap/link/URL         all of them, application/link-format
 *   /memento/STAMP/URL        one as a page; STAMP is YYYYMMDDhhmmss, UTC, when it was
 *                             first seen, and rN behind it where two have one time
 *
 * URL is the article's own, as its newest revision says, with its query string. It has to
 * end in /OID/AID, which is how it is found.
 */
#include "web/site.h"

#include "report/html.h"
#include "report/sides.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { STAMP_LEN = 14, STAMP_ROOM = 32, MEMENTOS_MAX = 10000 };

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

int web_article_at(struct web_site *s, struct sillok_ref *out, const char *url)
{
    struct sillok_snapshot *snapshot = NULL;
    const size_t end = strcspn(url, "?#");
    size_t at = end;
    for (int parts = 0; at > 0 && parts < 2;)
        parts += url[--at] == '/';
    char name[2 * SILLOK_KEY_MAX_BYTES + 2];
    if (at + 1 >= end || end - at - 1 >= sizeof(name))
        return fail(SILLOK_ENOTFOUND, "no article has that address");
    memcpy(name, url + at + 1, end - at - 1);
    name[end - at - 1] = '\0';
    int r = web_article_of(out, name, "");
    if (r == 0)
        r = sillok_snapshot_open(&snapshot, s->store, out);
    if (r < 0)
        return r == SILLOK_ENOTFOUND ? fail(r, "no article has that address") : r;
    const struct sillok_text its =
        sillok_snapshot_revision(snapshot)->article.fields[SILLOK_URL];
    if (its.len != strlen(url) || memcmp(its.ptr, url, its.len) != 0)
        r = fail(SILLOK_ENOTFOUND, "no article has that address");
    sillok_snapshot_close(snapshot);
    return r;
}

/* --- its mementos --- */

struct memento {
    int64_t time_s;
    uint32_t revision;
    int shares_time;
};

struct map {
    struct web_site *site;
    const char *url;
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
    while (r == 0 && m->n < MEMENTOS_MAX && (r = sillok_log_next(log, &rev)) > 0) {
        struct memento one = { .time_s = rev.first_seen_s, .revision = rev.number };
        struct memento *last =
            m->n ? (struct memento *)(void *)m->list.ptr + m->n - 1 : NULL;
        if (last && last->time_s == one.time_s)
            last->shares_time = one.shares_time = 1;
        r = buf_add(&m->list, &one, sizeof(one));
        m->n++;
    }
    sillok_log_close(log);
    return r;
}

static void stamp(const struct memento *one, char out[STAMP_ROOM])
{
    struct tm tm;
    const time_t t = (time_t)one->time_s;
    memset(&tm, 0, sizeof(tm));
    (void)gmtime_r(&t, &tm);
    const int n =
        snprintf(out, STAMP_ROOM, "%04d%02d%02d%02d%02d%02d", (tm.tm_year + 1900) % 10000,
                 tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
    if (one->shares_time && n == STAMP_LEN)
        snprintf(out + n, STAMP_ROOM - (size_t)n, "r%u", one->revision);
}

/* --- links --- */

/* A URL as part of a header or of link-format: only what RFC 3986 lets stand. */
static void add_url(struct buf *b, const char *url)
{
    for (const char *p = url; *p; p++) {
        const unsigned char c = (unsigned char)*p;
        if (c <= ' ' || c >= 0x7f || strchr("<>\"\\^`{|}", c))
            (void)buf_printf(b, "%%%02X", c);
        else
            (void)buf_add_char(b, *p);
    }
}

static void add_original(struct buf *b, const struct map *m)
{
    (void)buf_add_char(b, '<');
    add_url(b, m->url);
    (void)buf_add_str(b, ">; rel=\"original\"");
}

static void add_map_link(struct buf *b, const struct map *m, const char *rel)
{
    char from[WEB_DATE_LEN], until[WEB_DATE_LEN];
    web_date(memento_at(m, 0)->time_s, from);
    web_date(memento_at(m, m->n - 1)->time_s, until);
    (void)buf_printf(b, "<%s/timemap/link/", m->site->url);
    add_url(b, m->url);
    (void)buf_printf(b,
                     ">; rel=\"%s\"; type=\"application/link-format\"; from=\"%s\"; "
                     "until=\"%s\"",
                     rel, from, until);
}

static void add_gate_link(struct buf *b, const struct map *m)
{
    (void)buf_printf(b, "<%s/timegate/", m->site->url);
    add_url(b, m->url);
    (void)buf_add_str(b, ">; rel=\"timegate\"");
}

static void add_memento_address(struct buf *b, const struct map *m, size_t i)
{
    char at[STAMP_ROOM];
    stamp(memento_at(m, i), at);
    (void)buf_printf(b, "%s/memento/%s/", m->site->url, at);
    add_url(b, m->url);
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

static int time_gate(struct map *m, const struct web_request *q, struct web_response *a)
{
    CLEANUP(buf_release) struct buf location = BUF_INIT;
    CLEANUP(buf_release) struct buf link = BUF_INIT;
    int64_t time_s = INT64_MAX;
    if (q->accept_datetime && web_date_parse(q->accept_datetime, &time_s) < 0)
        return fail(SILLOK_EINVALID, "Accept-Datetime is like 'Mon, 23 Nov 2026 05:10:00 "
                                     "GMT'");
    const size_t i = standing_at(m, time_s);
    add_memento_address(&location, m, i);
    add_original(&link, m);
    (void)buf_add_str(&link, ", ");
    add_map_link(&link, m, "timemap");
    (void)buf_add_str(&link, ", ");
    add_memento_link(&link, m, i, "");
    a->status = 302;
    int r = web_header(a, "Vary", "accept-datetime");
    if (r == 0)
        r = set_header(a, "Location", &location);
    return r < 0 ? r : set_header(a, "Link", &link);
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

static void add_page(struct buf *b, const struct sillok_article *article)
{
    const struct sillok_text title = article->fields[SILLOK_TITLE];
    html_raw(b, "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><title>");
    html_cut(b, title, 120);
    html_raw(
        b, "</title>\n<link rel=\"stylesheet\" href=\"/style.css\"></head>\n<body><main "
           "class=\"wrap\"><article><h1");
    html_lang(b, title);
    html_raw(b, ">");
    html_text(b, title);
    html_raw(b, "</h1>\n<p class=\"meta\">");
    html_text(b, article->fields[SILLOK_PUBLISHER]);
    html_raw(b, " · ");
    html_text(b, article->fields[SILLOK_AUTHOR]);
    html_raw(b, " · ");
    html_text(b, article->fields[SILLOK_PUBLISHED_AT]);
    html_raw(b, "</p>\n");
    sides_add_text(b, article->body);
    html_raw(b, "</article></main></body></html>\n");
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
        return fail(SILLOK_ENOTFOUND, "there is no memento of that time");
    m->ref.kind = SILLOK_REF_NUMBER;
    m->ref.number = memento_at(m, i)->revision;
    int r = sillok_snapshot_open(&snapshot, m->site->store, &m->ref);
    if (r == 0)
        add_page(&a->body, &sillok_snapshot_revision(snapshot)->article);
    sillok_snapshot_close(snapshot);
    web_date(memento_at(m, i)->time_s, date);
    if (r == 0)
        r = web_header(a, "Memento-Datetime", date);
    add_original(&link, m);
    (void)buf_add_str(&link, ", ");
    add_gate_link(&link, m);
    (void)buf_add_str(&link, ", ");
    add_map_link(&link, m, "timemap");
    const size_t around[] = { 0, i ? i - 1 : m->n, i + 1, m->n - 1 };
    static const char *const also[] = { "", "prev ", "next ", "" };
    for (int k = 0; k < 4; k++)
        if (around[k] < m->n &&
            (k == 1 || k == 2 ||
             (around[k] + 1 < i || around[k] > i + 1 || around[k] == i))) {
            (void)buf_add_str(&link, ", ");
            add_memento_link(&link, m, around[k], also[k]);
        }
    return r < 0 ? r : set_header(a, "Link", &link);
}

/* "STAMP/URL" */
static int split_stamp(const char *rest, char at[STAMP_ROOM], const char **url)
{
    const char *slash = strchr(rest, '/');
    const size_t n = slash ? (size_t)(slash - rest) : 0;
    if (n < STAMP_LEN || n >= STAMP_ROOM)
        return fail(SILLOK_ENOTFOUND, "there is no memento of that time");
    memcpy(at, rest, n);
    at[n] = '\0';
    *url = slash + 1;
    return 0;
}

int web_memento(struct web_site *s, const struct web_request *q, struct web_response *a)
{
    struct map m = { .site = s, .url = "", .list = BUF_INIT };
    char at[STAMP_ROOM] = "";
    const char *path = q->path;
    int r = 0;
    if (strncmp(path, "/timegate/", 10) == 0)
        m.url = path + 10;
    else if (strncmp(path, "/timemap/link/", 14) == 0)
        m.url = path + 14;
    else if (strncmp(path, "/memento/", 9) == 0)
        r = split_stamp(path + 9, at, &m.url);
    else
        return 0;
    if (r == 0)
        r = web_article_at(s, &m.ref, m.url);
    if (r == 0)
        r = load(&m);
    if (r == 0)
        r = path[1] == 'm'   ? one(&m, at, a)
            : path[5] == 'g' ? time_gate(&m, q, a)
                             : time_map(&m, a);
    buf_release(&m.list);
    return r < 0 ? r : 1;
}
