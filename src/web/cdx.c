/*
 * CDX queries of one URL, as the Wayback Machine's server answers them (/cdx/search/cdx)
 * and as JSON lines (/cdx). A row is a revision.
 *
 * Known: url (as in web/memento.c), output=json, fl=FIELD,..., from and to (1 to 14 digits,
 * inclusive), collapse=digest (rows next to each other), limit=N (negative: the last ones;
 * else all), fastLatest (the last 500), and what clients say though it is so anyway:
 * matchType=exact, gzip=false. Digests are SHA-256 of the text, in hex.
 */
#include "web/site.h"

#include "base/quote.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

/* Clients take what comes for all there is, and ask with limits of a million: it is the
 * time and the size of an answer that bound it. */
enum { N_FIELDS = 7, STAMP_LEN = WEB_STAMP_LEN - 1, ROWS_MAX = 100000000 };

/* As the Wayback Machine calls them, and as JSON lines do. */
static const char *const fields[N_FIELDS] = { "urlkey",   "timestamp",  "original",
                                              "mimetype", "statuscode", "digest",
                                              "length" };
static const char *const names[N_FIELDS] = { "urlkey", "timestamp", "url",   "mime",
                                             "status", "digest",    "length" };

struct row {
    char stamp[STAMP_LEN + 1];
    char digest[SILLOK_ID_HEX_LEN + 8];
    uint64_t bytes;
};

struct query {
    const char *url;
    char from[STAMP_LEN + 1], to[STAMP_LEN + 1];
    int order[N_FIELDS], n_order;
    int json, lines, collapse;
    int64_t limit;
    struct buf
        its; /* the address as the article has it, without a fragment, with a zero */
    struct buf rows; /* struct row */
    size_t n;
};

/* --- what is asked --- */

/* 1 to 14 digits, filled up with @p fill. */
static int take_stamp(const char *value, char fill, char out[STAMP_LEN + 1])
{
    const size_t n = value ? strlen(value) : 0;
    memset(out, fill, STAMP_LEN);
    out[STAMP_LEN] = '\0';
    if (!value)
        return 0;
    if (n < 1 || n > STAMP_LEN || strspn(value, "0123456789") != n)
        return fail(SILLOK_EINVALID, "a time is 1 to 14 digits, YYYYMMDDhhmmss");
    memcpy(out, value, n);
    return 0;
}

static int take_fields(struct query *c, const char *value)
{
    for (int i = 0; !value && i < N_FIELDS; i++)
        c->order[c->n_order++] = i;
    while (value && *value) {
        const size_t n = strcspn(value, ",");
        int i = 0;
        while (i < N_FIELDS && !text_is(text_make(value, n), fields[i]) &&
               !text_is(text_make(value, n), names[i]))
            i++;
        if (i == N_FIELDS || c->n_order == N_FIELDS)
            return fail(SILLOK_EINVALID,
                        "fl is a list of up to 7 of urlkey, timestamp, original (url), "
                        "mimetype (mime), statuscode (status), digest, length");
        c->order[c->n_order++] = i;
        value += n + (value[n] == ',');
    }
    return 0;
}

static int take_limit(struct query *c, const struct web_request *q)
{
    const char *value = web_param(q, "limit");
    const int last = value && *value == '-';
    const char *latest = web_param(q, "fastLatest");
    const int newest = latest && strcmp(latest, "true") == 0 && !value;
    uint64_t n = newest ? WEB_LIMIT_MAX : ROWS_MAX;
    if (value && (text_number(text_of(value + last), ROWS_MAX, &n) < 0 || n == 0))
        return fail(SILLOK_EINVALID,
                    "limit is a number from 1 to %d, or that with a minus", ROWS_MAX);
    if (latest && strcmp(latest, "true") != 0 && strcmp(latest, "false") != 0)
        return fail(SILLOK_EINVALID, "fastLatest is true or false");
    c->limit = last || newest ? -(int64_t)n : (int64_t)n;
    return 0;
}

static int take(struct query *c, const struct web_request *q)
{
    const char *output = web_param(q, "output"), *collapse = web_param(q, "collapse");
    const char *match = web_param(q, "matchType"), *gzip = web_param(q, "gzip");
    int r = web_params_known(q, "url output fl from to collapse limit fastLatest "
                                "matchType gzip");
    c->url = web_param(q, "url");
    c->lines = strcmp(q->path, "/cdx") == 0;
    if (r == 0 && (!c->url || !*c->url))
        r = fail(SILLOK_EINVALID, "say which address: url=");
    if (r == 0 && output && strcmp(output, "json") != 0)
        r = fail(SILLOK_EINVALID, "output is json, or not given");
    if (r == 0 && collapse && strcmp(collapse, "digest") != 0)
        r = fail(SILLOK_EINVALID, "collapse is digest, or not given");
    if (r == 0 && match && strcmp(match, "exact") != 0)
        r = fail(SILLOK_EINVALID,
                 "one address at a time: matchType is exact, or not given");
    if (r == 0 && gzip && strcmp(gzip, "false") != 0)
        r = fail(SILLOK_EINVALID, "nothing is compressed: gzip is false, or not given");
    c->json = output != NULL;
    c->collapse = collapse != NULL;
    if (r == 0)
        r = take_stamp(web_param(q, "from"), '0', c->from);
    if (r == 0)
        r = take_stamp(web_param(q, "to"), '9', c->to);
    if (r == 0 && strcmp(c->from, c->to) > 0)
        r = fail(SILLOK_EINVALID, "from is later than to");
    if (r == 0)
        r = take_fields(c, web_param(q, "fl"));
    return r < 0 ? r : take_limit(c, q);
}

/* --- rows --- */

static int add_row(struct query *c, const struct sillok_revision *rev)
{
    struct row row;
    memset(&row, 0, sizeof(row));
    web_stamp(rev->first_seen_s, row.stamp);
    char hex[SILLOK_ID_HEX_LEN + 1];
    sillok_id_format(&rev->article.content_hash, hex);
    snprintf(row.digest, sizeof(row.digest), "sha256:%s", hex);
    row.bytes = rev->article.body.len;
    if (strcmp(row.stamp, c->from) < 0 || strcmp(row.stamp, c->to) > 0)
        return 0;
    const struct row *last =
        c->n ? (const struct row *)(const void *)c->rows.ptr + c->n - 1 : NULL;
    if (c->collapse && last && strcmp(last->digest, row.digest) == 0)
        return 0;
    c->n++;
    return buf_add(&c->rows, &row, sizeof(row));
}

/* The key of an address has no fragment, scheme and "www.", so clients leave them out, or
 * have another one than the crawler. As it was asked for comes first, and last as one that the
 * article had once. */
static int find(struct query *c, struct web_site *s, const struct web_request *q,
                struct sillok_ref *ref)
{
    static const char *const starts[] = { "https://", "http://", "https://www.",
                                          "http://www." };
    CLEANUP(buf_release) struct buf url = BUF_INIT;
    CLEANUP(buf_release) struct buf other = BUF_INIT;
    if (buf_printf(&url, "%.*s", (int)strcspn(c->url, "#"), c->url) < 0)
        return fail_memory();
    const struct web_address asked = { url.ptr, url.ptr };
    const char *bare = url.ptr;
    for (size_t i = 0; i < 2; i++)
        if (web_is_below(url.ptr, starts[i]))
            bare = url.ptr + strlen(starts[i]);
    if (web_is_below(bare, "www."))
        bare += 4;
    int r = web_article_at(s, ref, &asked, &c->its);
    for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]) && r == SILLOK_ENOTFOUND;
         i++) {
        buf_clear(&other);
        if (buf_printf(&other, "%s%s", starts[i], bare) < 0)
            return fail_memory();
        r = web_article_at(s, ref, &(struct web_address){ other.ptr, other.ptr },
                           &c->its);
    }
    if (r == SILLOK_ENOTFOUND)
        r = web_article_once_at(s, q, ref, &asked, &c->its);
    return r < 0 ? r : buf_add_char(&c->its, '\0');
}

static int collect(struct query *c, struct web_site *s, const struct web_request *q)
{
    struct sillok_log *log = NULL;
    struct sillok_revision rev;
    struct sillok_ref ref;
    int r = find(c, s, q, &ref);
    if (r == SILLOK_ENOTFOUND)
        return 0; /* nothing is known of it: no rows */
    if (r == 0)
        r = sillok_log_open(&log, s->store, ref.oid, ref.aid);
    while (r == 0 && (r = sillok_log_next(log, &rev)) > 0) {
        r = add_row(c, &rev);
        if (r == 0)
            r = web_in_time(q);
    }
    sillok_log_close(log);
    return r;
}

/* "n.news.example" as "example,news,n". */
static void add_turned(struct buf *b, struct sillok_text host)
{
    for (size_t end = host.len, at = end; end > 0; at--) {
        if (at > 0 && host.ptr[at - 1] != '.')
            continue;
        for (size_t i = at; i < end; i++)
            (void)buf_add_char(b, (char)tolower((unsigned char)host.ptr[i]));
        if (at == 0)
            break;
        (void)buf_add_char(b, ',');
        end = at - 1;
    }
}

/* By name, then by value; one without a value first. */
static int by_name(const void *a, const void *b)
{
    const struct sillok_text *x = a, *y = b;
    const char *ex = memchr(x->ptr, '=', x->len), *ey = memchr(y->ptr, '=', y->len);
    const size_t nx = ex ? (size_t)(ex - x->ptr) : x->len;
    const size_t ny = ey ? (size_t)(ey - y->ptr) : y->len;
    const int c = text_compare(text_make(x->ptr, nx), text_make(y->ptr, ny));
    return c ? c : text_compare(text_from(*x, nx), text_from(*y, ny));
}

/* Its parts sorted, as whoever makes such keys does it, so that the order in which a page
 * wrote them is none of the key; nothing of an empty one. */
static void add_sorted(struct buf *b, struct sillok_text query)
{
    CLEANUP(buf_release) struct buf list = BUF_INIT;
    size_t n = 0;
    for (size_t from = 0; query.len && from <= query.len; n++) {
        const char *end = memchr(query.ptr + from, '&', query.len - from);
        const size_t len = (end ? (size_t)(end - query.ptr) : query.len) - from;
        const struct sillok_text part = text_make(query.ptr + from, len);
        (void)buf_add(&list, &part, sizeof(part));
        from += len + 1;
    }
    b->failed |= list.failed;
    if (list.failed)
        return;
    struct sillok_text *parts = (struct sillok_text *)(void *)list.ptr;
    if (n)
        qsort(parts, n, sizeof(*parts), by_name);
    for (size_t i = 0; i < n; i++) {
        (void)buf_add_char(b, i ? '&' : '?');
        (void)buf_add_text(b, parts[i]);
    }
}

/* How much of a host "www." is, or "www2." and the like. */
static size_t www_len(struct sillok_text host)
{
    size_t n = 3;
    if (host.len <= n || strncasecmp(host.ptr, "www", n) != 0)
        return 0;
    while (n < host.len && isdigit((unsigned char)host.ptr[n]))
        n++;
    return n < host.len && host.ptr[n] == '.' ? n + 1 : 0;
}

/* Without that and without the port that its scheme has. */
static void add_host(struct buf *b, struct sillok_text host, const char *usual_port)
{
    const char *at = host.len ? memrchr(host.ptr, '@', host.len) : NULL;
    if (at)
        host = text_from(host, (size_t)(at - host.ptr) + 1);
    host = text_from(host, www_len(host));
    const char *colon = host.len ? memchr(host.ptr, ':', host.len) : NULL;
    const size_t n = colon ? (size_t)(colon - host.ptr) : host.len;
    const struct sillok_text port = text_from(host, n);
    add_turned(b, text_make(host.ptr, n));
    if (port.len > 1 && !text_is(port, usual_port))
        (void)buf_add_text(b, port);
}

/* SURT, as the libraries of web archives make it: the host turned round, then path and query
 * in lower case; and escaped, for an address may have blanks and ends of lines in any part,
 * which would make rows of their own. */
static void add_surt(struct buf *b, const char *url)
{
    CLEANUP(buf_release) struct buf name = BUF_INIT, rest = BUF_INIT;
    const char *scheme_end = strstr(url, "://");
    const char *host = scheme_end ? scheme_end + 3 : url;
    const size_t n = strcspn(host, "/?");
    quote_url(&name, text_make(host, n));
    add_host(b, buf_text(&name), strncasecmp(url, "https:", 6) ? ":80" : ":443");
    (void)buf_add_char(b, ')');
    quote_url(&rest, text_of(host + n));
    for (size_t i = 0; i < rest.len; i++)
        rest.ptr[i] = (char)tolower((unsigned char)rest.ptr[i]);
    b->failed |= name.failed | rest.failed;
    const struct sillok_text path = buf_text(&rest);
    const char *mark = path.len ? memchr(path.ptr, '?', path.len) : NULL;
    const size_t len = mark ? (size_t)(mark - path.ptr) : path.len;
    (void)buf_add_text(b, text_make(path.ptr, len));
    if (mark)
        add_sorted(b, text_from(path, len + 1));
}

static void add_value(struct buf *b, const struct query *c, const struct row *row,
                      int field)
{
    if (field == 0)
        add_surt(b, c->its.ptr);
    else if (field == 2)
        quote_url(b, text_of(c->its.ptr));
    else if (field == 6)
        (void)buf_printf(b, "%llu", (unsigned long long)row->bytes);
    else
        (void)buf_add_str(b, field == 1   ? row->stamp
                             : field == 3 ? "text/markdown"
                             : field == 4 ? "200"
                                          : row->digest);
}

static void add_quoted(struct buf *b, const struct query *c, const struct row *row,
                       int field)
{
    CLEANUP(buf_release) struct buf value = BUF_INIT;
    add_value(&value, c, row, field);
    (void)quote_json_bytes(b, text_make(value.ptr ? value.ptr : "", value.len));
    b->failed |= value.failed;
}

static void add_line(struct buf *b, const struct query *c, const struct row *row,
                     int first)
{
    if (c->json && !c->lines)
        (void)buf_add_str(b, first ? "[" : ",\n[");
    else if (c->lines)
        (void)buf_add_char(b, '{');
    for (int i = 0; i < c->n_order; i++) {
        const int field = c->order[i];
        if (i)
            (void)buf_add_str(b, c->json || c->lines ? ", " : " ");
        if (c->lines)
            (void)buf_printf(b, "\"%s\": ", names[field]);
        if (!c->json && !c->lines)
            add_value(b, c, row, field);
        else if (row)
            add_quoted(b, c, row, field);
        else
            (void)buf_printf(b, "\"%s\"", fields[field]);
    }
    (void)buf_add_str(b, c->lines ? "}\n" : c->json ? "]" : "\n");
}

int web_cdx(struct web_site *s, const struct web_request *q, struct web_response *a)
{
    struct query c = { .its = BUF_INIT, .rows = BUF_INIT };
    if (strcmp(q->path, "/cdx") != 0 && strcmp(q->path, "/cdx/search/cdx") != 0)
        return 0;
    int r = take(&c, q);
    if (r == 0)
        r = collect(&c, s, q);
    if (r < 0) {
        buf_release(&c.its);
        buf_release(&c.rows);
        return r;
    }
    const size_t most = (size_t)(c.limit < 0 ? -c.limit : c.limit);
    const size_t n = c.n < most ? c.n : most, from = c.limit < 0 ? c.n - n : 0;
    const int array = c.json && !c.lines;
    a->type = c.lines  ? "application/x-ndjson; charset=utf-8"
              : c.json ? "application/json; charset=utf-8"
                       : "text/plain; charset=utf-8";
    if (array) {
        (void)buf_add_char(&a->body, '[');
        if (n)
            add_line(&a->body, &c, NULL, 1);
    }
    for (size_t i = 0; i < n; i++)
        add_line(&a->body, &c, (const struct row *)(const void *)c.rows.ptr + from + i,
                 0);
    if (array)
        (void)buf_add_str(&a->body, "]\n");
    buf_release(&c.its);
    buf_release(&c.rows);
    return 1;
}
