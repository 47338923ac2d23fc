#include "web/request.h"

#include "base/clock.h"
#include "base/quote.h"
#include "report/site.h"

#include <stdio.h>
#include <stdlib.h>

int64_t web_clock_ms(void)
{
    return clock_ns(CLOCK_MONOTONIC) / 1000000;
}

int web_in_time(const struct web_request *q)
{
    return web_clock_ms() <= q->deadline_ms
               ? 0
               : fail(SILLOK_EBUSY, "that takes longer than %d seconds: ask for less",
                      WEB_QUERY_MS / 1000);
}

int web_is_late(void *arg)
{
    return web_in_time(arg) < 0;
}

int web_is_half_late(void *arg)
{
    const struct web_request *q = arg;
    return web_clock_ms() > q->deadline_ms - WEB_QUERY_MS / 2;
}

/* --- taking apart --- */

static int bad(const char *why)
{
    return fail(SILLOK_EINVALID, "%s", why);
}

/* Decode [from, to) behind what is there, with a zero after it; 0 bytes are refused. */
static int decode(struct buf *out, const char *from, const char *to, int plus_is_blank)
{
    int r = 0;
    for (const char *p = from; p < to && r == 0; p++) {
        uint8_t byte = (uint8_t)*p;
        if (*p == '%') {
            if (to - p < 3 || get_hex(&byte, p + 1, 1) < 0)
                return bad("the address has a % without two hex digits");
            p += 2;
        } else if (*p == '+' && plus_is_blank) {
            byte = ' ';
        }
        if (byte == 0)
            return bad("the address has a zero byte");
        r = buf_add_char(out, (char)byte);
    }
    return r < 0 ? r : buf_add_char(out, '\0');
}

/* Parts of a path: none is empty, "." or "..", in whatever way it is written. The last may
 * be empty. */
static int judge_path(const char *path)
{
    for (const char *p = path; *p; p++) {
        if ((unsigned char)*p < ' ' || *p == 0x7f || *p == '\\')
            return bad("the address has a character that no path here has");
        if (*p != '/')
            continue;
        const size_t n = strcspn(p + 1, "/");
        if ((n == 0 && p[1]) || (n == 1 && p[1] == '.') ||
            (n == 2 && p[1] == '.' && p[2] == '.'))
            return bad("the address has an empty or dotted part");
    }
    return 0;
}

static int add_param(struct web_request *q, const char *from, const char *to)
{
    const char *equals = memchr(from, '=', (size_t)(to - from));
    const size_t name = q->text.len;
    if (from == to)
        return 0;
    if (q->n_params == WEB_PARAMS_MAX)
        return bad("the address has too many parameters");
    int r = decode(&q->text, from, equals ? equals : to, 1);
    const size_t value = q->text.len;
    if (r == 0)
        r = decode(&q->text, equals ? equals + 1 : to, to, 1);
    if (r < 0)
        return r;
    q->params[q->n_params++] =
        (struct web_param){ q->text.ptr + name, q->text.ptr + value };
    for (int i = 0; i < q->n_params - 1; i++)
        if (strcmp(q->params[i].name, q->text.ptr + name) == 0)
            return fail(SILLOK_EINVALID, "parameter '%.40s' is there twice",
                        q->text.ptr + name);
    return 0;
}

static int parse_params(struct web_request *q, const char *query)
{
    int r = 0;
    while (*query && r == 0) {
        const size_t n = strcspn(query, "&");
        r = add_param(q, query, query + n);
        query += n + (query[n] == '&');
    }
    return r;
}

/* The memento routes carry a whole URL, with its own query, behind their own part. */
static int is_verbatim(const char *target)
{
    return strncmp(target, "/timegate/", 10) == 0 ||
           strncmp(target, "/timemap/", 9) == 0 || strncmp(target, "/memento/", 9) == 0;
}

int web_request_parse(struct web_request *q, const char *target)
{
    const size_t len = strlen(target);
    const int verbatim = is_verbatim(target);
    const char *end = verbatim ? target + len : target + strcspn(target, "?");
    memset(q, 0, sizeof(*q));
    buf_init(&q->text, (size_t)4 * WEB_TARGET_MAX);
    q->target = target;
    q->deadline_ms = web_clock_ms() + WEB_QUERY_MS;
    if (len > WEB_TARGET_MAX)
        return bad("the address is too long");
    if (*target != '/')
        return bad("the address does not begin with a slash");
    /* Room for all of it at once, so that what points into it stays. */
    int r = buf_reserve(&q->text, len + (size_t)2 * WEB_PARAMS_MAX + 8);
    if (r == 0)
        r = decode(&q->text, target, end, 0);
    q->path = q->text.ptr;
    if (r == 0 && !verbatim)
        r = judge_path(q->path);
    if (r == 0 && *end == '?')
        r = parse_params(q, end + 1);
    return r;
}

void web_request_release(struct web_request *q)
{
    buf_release(&q->text);
}

/* --- parameters --- */

const char *web_param(const struct web_request *q, const char *name)
{
    for (int i = 0; i < q->n_params; i++)
        if (strcmp(q->params[i].name, name) == 0)
            return q->params[i].value;
    return NULL;
}

static int is_listed(const char *names, const char *name)
{
    const size_t n = strlen(name);
    for (const char *p = names; n && (p = strstr(p, name)) != NULL; p += n)
        if ((p == names || p[-1] == ' ') && (p[n] == '\0' || p[n] == ' '))
            return 1;
    return 0;
}

int web_params_known(const struct web_request *q, const char *names)
{
    for (int i = 0; i < q->n_params; i++)
        if (!is_listed(names, q->params[i].name))
            return fail(SILLOK_EINVALID, "there is no parameter '%.40s' here%s%s",
                        q->params[i].name, *names ? ", but: " : "", names);
    return 0;
}

int web_param_number(const struct web_request *q, const char *name, uint64_t min,
                     uint64_t max, uint64_t fallback, uint64_t *out)
{
    const char *value = web_param(q, name);
    *out = fallback;
    if (!value)
        return 0;
    return text_number(text_of(value), max, out) < 0 || *out < min
               ? fail(SILLOK_EINVALID, "%s is a number from %llu to %llu, not '%.40s'",
                      name, (unsigned long long)min, (unsigned long long)max, value)
               : 0;
}

int web_param_flag(const struct web_request *q, const char *name, int *out)
{
    uint64_t v;
    const int r = web_param_number(q, name, 0, 1, 0, &v);
    *out = r == 0 && v;
    return r;
}

/* --- answers --- */

void web_response_init(struct web_response *a)
{
    memset(a, 0, sizeof(*a));
    a->status = 200;
    a->type = "text/html; charset=utf-8";
    buf_init(&a->body, WEB_ANSWER_BYTES);
    buf_init(&a->headers, (size_t)16 * WEB_TARGET_MAX);
}

void web_response_release(struct web_response *a)
{
    buf_release(&a->body);
    buf_release(&a->headers);
}

int web_header(struct web_response *a, const char *name, const char *value)
{
    for (const char *p = value; *p; p++)
        if ((unsigned char)*p < ' ' || *p == 0x7f)
            return fail(SILLOK_ERR, "a header '%s' with a control character", name);
    int r = buf_add(&a->headers, name, strlen(name) + 1);
    return r < 0 ? r : buf_add(&a->headers, value, strlen(value) + 1);
}

/* "Bad Request" and the like. */
static const char *reason_of(int status)
{
    static const struct {
        int status;
        const char *reason;
    } reasons[] = {
        { 200, "OK" },
        { 302, "Found" },
        { 304, "Not Modified" },
        { 400, "Bad Request" },
        { 401, "Unauthorized" },
        { 404, "Not Found" },
        { 405, "Method Not Allowed" },
        { 413, "Content Too Large" },
        { 414, "URI Too Long" },
        { 421, "Misdirected Request" },
        { 431, "Request Header Fields Too Large" },
        { 500, "Internal Server Error" },
        { 503, "Service Unavailable" },
    };
    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
        if (reasons[i].status == status)
            return reasons[i].reason;
    return "Error";
}

int web_is_below(const char *path, const char *folder)
{
    return strncmp(path, folder, strlen(folder)) == 0;
}

/* A browser counts the parts as they came, the empty ones too. */
void web_add_top(struct buf *b, const char *target)
{
    if (*target != '/') {
        (void)buf_add_char(b, '/');
        return;
    }
    (void)buf_add_str(b, "./");
    for (const char *p = target + 1; *p && *p != '?'; p++)
        if (*p == '/')
            (void)buf_add_str(b, "../");
}

int web_error(struct web_response *a, int status, const char *message, const char *target)
{
    struct buf *b = &a->body;
    buf_clear(b);
    b->failed = 0;
    a->status = status;
    if (web_is_below(target, "/api/")) {
        a->type = "application/json; charset=utf-8";
        (void)buf_printf(b, "{\"status\":%d,\"error\":", status);
        (void)quote_json_bytes(b, text_of(message));
        (void)buf_add_str(b, "}\n");
    } else {
        a->type = "text/html; charset=utf-8";
        html_raw(b, SITE_PAGE_HEAD SITE_PAGE_META "<title>");
        html_printf(b, "%d %s", status, reason_of(status));
        html_raw(b, "</title>\n<link rel=\"stylesheet\" href=\"");
        web_add_top(b, target);
        html_raw(b, "style.css\"></head>\n<body><main class=\"wrap\"><h1>");
        html_printf(b, "%d %s", status, reason_of(status));
        html_raw(b, "</h1>\n<p>");
        html_text(b, text_of(message));
        html_raw(b, "</p>\n<p><a href=\"");
        web_add_top(b, target);
        html_raw(b, "\">All changes</a></p></main></body></html>\n");
    }
    return b->failed ? fail_memory() : 0;
}

/* --- dates: always English, always GMT, whatever the locale --- */

static const char days[] = "SunMonTueWedThuFriSat";
static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

void web_date(int64_t time_s, char out[WEB_DATE_LEN])
{
    struct tm tm;
    const time_t t = (time_t)time_s;
    memset(&tm, 0, sizeof(tm));
    (void)gmtime_r(&t, &tm);
    snprintf(out, WEB_DATE_LEN, "%.3s, %02u %.3s %04u %02u:%02u:%02u GMT",
             days + (size_t)(tm.tm_wday % 7) * 3, (unsigned)tm.tm_mday % 100,
             months + (size_t)(tm.tm_mon % 12) * 3, (unsigned)(tm.tm_year + 1900) % 10000,
             (unsigned)tm.tm_hour % 100, (unsigned)tm.tm_min % 100,
             (unsigned)tm.tm_sec % 100);
}

void web_stamp(int64_t time_s, char out[WEB_STAMP_LEN])
{
    struct tm tm;
    const time_t t = (time_t)time_s;
    char text[64]; /* room for years that no article has */
    memset(&tm, 0, sizeof(tm));
    (void)gmtime_r(&t, &tm);
    snprintf(text, sizeof(text), "%04d%02d%02d%02d%02d%02d", (tm.tm_year + 1900) % 10000,
             tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
    snprintf(out, WEB_STAMP_LEN, "%.14s", text);
}

/* Every part has its place; what is read is written again and compared. */
int web_date_parse(const char *text, int64_t *out_s)
{
    static const struct {
        uint8_t at, len;
    } places[] = { { 5, 2 }, { 12, 4 }, { 17, 2 }, { 20, 2 }, { 23, 2 } };
    uint64_t part[5];
    char again[WEB_DATE_LEN], month[4] = "";
    struct tm tm;
    if (strlen(text) != WEB_DATE_LEN - 1)
        return -1;
    for (int i = 0; i < 5; i++)
        if (text_number(text_make(text + places[i].at, places[i].len), 9999, &part[i]) <
            0)
            return -1;
    memcpy(month, text + 8, 3);
    const char *at = strstr(months, month);
    if (!at || (at - months) % 3)
        return -1;
    memset(&tm, 0, sizeof(tm));
    tm.tm_mday = (int)part[0];
    tm.tm_mon = (int)(at - months) / 3;
    tm.tm_year = (int)part[1] - 1900;
    tm.tm_hour = (int)part[2];
    tm.tm_min = (int)part[3];
    tm.tm_sec = (int)part[4];
    *out_s = (int64_t)timegm(&tm);
    web_date(*out_s, again);
    return strcmp(again, text) == 0 ? 0 : -1;
}

/* --- names of files --- */

/* In quotes ASCII letters, digits and a few signs; all of it percent-encoded behind. */
int web_disposition(struct buf *b, struct sillok_text name)
{
    (void)buf_add_str(b, "attachment; filename=\"");
    for (size_t i = 0; i < name.len; i++) {
        const char c = name.ptr[i];
        const int plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
        if (plain)
            (void)buf_add_char(b, c);
        else
            (void)buf_add_char(b, '_');
    }
    (void)buf_add_str(b, "\"; filename*=UTF-8''");
    html_url_part(b, name);
    return b->failed ? fail_memory() : 0;
}
