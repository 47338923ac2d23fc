#include "report/html.h"

#include "base/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <strings.h>

void html_literal(struct buf *b, const char *ptr, size_t len)
{
    (void)buf_add(b, ptr, len); /* a failure sticks */
}

static void add_live(struct buf *b, uint32_t cp)
{
    if (cp == '\n' || cp == '\t' || cp == '\r')
        (void)buf_add_char(b, ' ');
    else if (cp < 0x80)
        (void)buf_printf(b, "\\x%02x", (unsigned)cp);
    else
        (void)buf_printf(b, "&lt;U+%04X&gt;", (unsigned)cp);
}

void html_text(struct buf *b, struct sillok_text t)
{
    size_t n;
    for (size_t i = 0; i < t.len; i += n) {
        uint32_t cp;
        n = utf8_decode(t.ptr + i, t.len - i, &cp);
        const char *entity = utf8_entity(cp);
        if (entity)
            (void)buf_add_str(b, entity);
        else if (utf8_is_live(cp))
            add_live(b, cp);
        else if (cp == UTF8_REPLACEMENT)
            (void)buf_add_str(b, "\xEF\xBF\xBD");
        else
            (void)buf_add(b, t.ptr + i, n);
    }
}

void html_str(struct buf *b, const char *str)
{
    html_text(b, text_of(str));
}

void html_printf(struct buf *b, const char *fmt, ...)
{
    char text[512];
    va_list args;
    va_start(args, fmt);
    const int n = vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    if (n > 0)
        html_str(b, text);
}

void html_number(struct buf *b, uint64_t n)
{
    (void)buf_add_grouped(b, n);
}

void html_cut(struct buf *b, struct sillok_text t, size_t columns)
{
    CLEANUP(buf_release) struct buf line = BUF_INIT;
    (void)utf8_add_fit(&line, t, columns, 0);
    html_text(b, text_make(line.ptr, line.len));
    b->failed |= line.failed;
}

void html_headline(struct buf *b, struct sillok_text t, size_t columns)
{
    const size_t start = b->len;
    html_cut(b, t, columns);
    if (b->len == start)
        html_raw(b, HTML_NO_HEADLINE);
}

void html_attr(struct buf *b, const char *name, struct sillok_text value)
{
    (void)buf_printf(b, " %s=\"", name);
    html_text(b, value);
    (void)buf_add_char(b, '"');
}

static int is_hangul(uint32_t cp)
{
    return (cp >= 0xAC00 && cp <= 0xD7A3) || (cp >= 0x1100 && cp <= 0x11FF) ||
           (cp >= 0x3130 && cp <= 0x318F);
}

static int is_kana(uint32_t cp)
{
    return cp >= 0x3041 && cp <= 0x30FF && cp != 0x30FB; /* the dot is Korean as well */
}

/* Blocks of Hebrew, Arabic and the scripts beside them, Unicode's class R and AL. */
static int runs_left(uint32_t cp)
{
    return (cp >= 0x590 && cp <= 0x8FF) || (cp >= 0xFB1D && cp <= 0xFDFF) ||
           (cp >= 0xFE70 && cp <= 0xFEFC) || (cp >= 0x10800 && cp <= 0x10FFF) ||
           (cp >= 0x1E800 && cp <= 0x1EFFF);
}

void html_lang(struct buf *b, struct sillok_text t)
{
    int kana = 0, left = 0;
    size_t n;
    for (size_t i = 0; i < t.len; i += n) {
        uint32_t cp;
        n = utf8_decode(t.ptr + i, t.len - i, &cp);
        if (runs_left(cp) && !left++)
            html_raw(b, " dir=\"auto\"");
        if (is_hangul(cp)) {
            html_raw(b, " lang=\"ko\"");
            return;
        }
        kana |= is_kana(cp);
    }
    if (kana)
        html_raw(b, " lang=\"ja\"");
}

/* Where the text of a sample ends that begins at the start of @p t: before its mark, behind
 * which nothing comes, or the other text. What was cut off for length has no mark. */
static size_t sample_end(struct sillok_text t, const char *mark, const char *next)
{
    const size_t n = strlen(mark), k = strlen(next);
    for (size_t i = 0; i + n <= t.len; i++) {
        const size_t rest = t.len - i - n;
        if (memcmp(t.ptr + i, mark, n) == 0 &&
            (!rest || (k && rest >= k && memcmp(t.ptr + i + n, next, k) == 0)))
            return i;
    }
    return t.len;
}

/* Up to the first mark that begins a text; all of it, where there is none. */
static size_t sample_start(struct sillok_text t, size_t *is_new)
{
    for (size_t i = 0; i + 1 < t.len; i++)
        for (*is_new = 0; *is_new < 2; ++*is_new)
            if (memcmp(t.ptr + i, *is_new ? "{+" : "[-", 2) == 0)
                return i + 2;
    return t.len;
}

void html_why(struct buf *b, struct sillok_text why)
{
    static const char *const marks[2][2] = { { "-]", "{+" }, { "+}", "" } };
    size_t is_new = 0, n;
    while (why.len) {
        n = sample_start(why, &is_new);
        html_text(b, text_make(why.ptr, n));
        why = text_make(why.ptr + n, why.len - n);
        if (!why.len)
            break;
        n = sample_end(why, marks[is_new][0], marks[is_new][1]);
        html_raw(b, "<bdi>");
        html_text(b, text_make(why.ptr, n));
        html_raw(b, "</bdi>");
        why = text_make(why.ptr + n, why.len - n);
    }
}

static size_t scheme_len(struct sillok_text url)
{
    static const char *const schemes[] = { "http://", "https://" };
    for (size_t i = 0; i < 2; i++) {
        const size_t n = strlen(schemes[i]);
        if (url.len > n && strncasecmp(url.ptr, schemes[i], n) == 0)
            return n;
    }
    return 0;
}

int html_is_link(struct sillok_text url)
{
    const size_t start = scheme_len(url);
    if (!start || strchr("/\\?#@:", url.ptr[start]))
        return 0;
    size_t n;
    for (size_t i = 0; i < url.len; i += n) {
        uint32_t cp;
        n = utf8_decode(url.ptr + i, url.len - i, &cp);
        if (cp <= ' ' || cp == UTF8_REPLACEMENT || utf8_is_live(cp))
            return 0;
    }
    return 1;
}

void html_link(struct buf *b, struct sillok_text url, struct sillok_text label)
{
    const int link = html_is_link(url);
    if (link) {
        html_raw(b, "<a rel=\"noopener noreferrer\"");
        html_attr(b, "href", url);
        html_raw(b, ">");
    }
    html_text(b, label);
    if (link)
        html_raw(b, "</a>");
}

void html_url_part(struct buf *b, struct sillok_text t)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                "0123456789-._~";
    for (size_t i = 0; i < t.len; i++) {
        if (t.ptr[i] && strchr(plain, t.ptr[i]))
            (void)buf_add_char(b, t.ptr[i]);
        else
            (void)buf_printf(b, "%%%02X", (unsigned)(unsigned char)t.ptr[i]);
    }
}

/* --- tables --- */

void html_table(struct buf *b, const char *style, const char *caption, const char *heads)
{
    html_raw(b, "<table");
    html_attr(b, "class", text_of(style));
    html_raw(b, ">\n<caption class=\"hidden\">");
    html_str(b, caption);
    html_raw(b, "</caption>\n<thead><tr>");
    while (*heads) {
        const size_t n = strcspn(heads, "|");
        const int is_figures = *heads == '#';
        html_raw(b, "<th scope=\"col\"");
        if (is_figures)
            html_attr(b, "class", text_of("number"));
        html_raw(b, ">");
        html_text(b, text_make(heads + is_figures, n - (size_t)is_figures));
        html_raw(b, "</th>");
        heads += n + (heads[n] == '|');
    }
    html_raw(b, "</tr></thead>\n<tbody>\n");
}

void html_table_end(struct buf *b)
{
    html_raw(b, "</tbody>\n</table>\n");
}

void html_figure(struct buf *b, uint64_t n)
{
    html_raw(b, "<td class=\"number\">");
    html_number(b, n);
    html_raw(b, "</td>");
}
