#include "cli/fmt.h"

#include "base/utf8.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void fmt_count(struct buf *b, uint64_t n)
{
    (void)buf_add_grouped(b, n);
}

void fmt_size(struct buf *b, uint64_t bytes)
{
    static const char *const units[] = { "kB", "MB", "GB", "TB", "PB", "EB" };
    if (bytes < 1000) {
        (void)buf_printf(b, "%" PRIu64 " B", bytes);
        return;
    }
    double v = (double)bytes / 1000;
    size_t unit = 0;
    while (v >= 999.95 && unit + 1 < sizeof(units) / sizeof(units[0])) {
        v /= 1000;
        unit++;
    }
    (void)buf_printf(b, "%.1f %s", v, units[unit]);
}

void fmt_duration(struct buf *b, double seconds)
{
    if (!(seconds >= 0))
        seconds = 0;
    const uint64_t s = seconds < 1e15 ? (uint64_t)(seconds + 0.5) : 0;
    if (seconds < 9.95)
        (void)buf_printf(b, "%.1f s", seconds);
    else if (s < 60)
        (void)buf_printf(b, "%" PRIu64 " s", s);
    else if (s < 3600)
        (void)buf_printf(b, "%" PRIu64 " min %" PRIu64 " s", s / 60, s % 60);
    else if (s < 86400)
        (void)buf_printf(b, "%" PRIu64 " h %" PRIu64 " min", s / 3600, s / 60 % 60);
    else
        (void)buf_printf(b, "%" PRIu64 " d %" PRIu64 " h", s / 86400, s / 3600 % 24);
}

void fmt_time(struct buf *b, int64_t time_s, int zone_min)
{
    char text[SILLOK_TIME_LEN];
    if (time_s == FMT_NO_TIME) {
        (void)buf_add_char(b, '-');
        return;
    }
    sillok_time_format(time_s, zone_min, text);
    text[10] = ' ';
    (void)buf_add_str(b, text);
}

void fmt_minute(struct buf *b, int64_t time_s, int zone_min)
{
    char text[SILLOK_TIME_LEN];
    sillok_time_format(time_s, zone_min, text);
    text[10] = ' ';
    (void)buf_add(b, text, FMT_MINUTE);
    (void)buf_add_str(b, text + FMT_MINUTE + 3); /* less the seconds */
}

static int needs_quotes(struct sillok_text name)
{
    size_t n;
    for (size_t i = 0; i < name.len; i += n) {
        uint32_t cp;
        n = utf8_decode(name.ptr + i, name.len - i, &cp);
        if (utf8_is_live(cp) || (cp == UTF8_REPLACEMENT && n == 1))
            return 1;
    }
    return name.len == 0;
}

/* One code point, or one invalid byte, inside $'..'. */
static void add_quoted(struct buf *b, const char *ptr, size_t n, uint32_t cp)
{
    if (cp == '\n')
        (void)buf_add_str(b, "\\n");
    else if (cp == '\t')
        (void)buf_add_str(b, "\\t");
    else if (cp == '\'' || cp == '\\')
        (void)buf_printf(b, "\\%c", (char)cp);
    else if ((cp == UTF8_REPLACEMENT && n == 1) || (utf8_is_live(cp) && n == 1))
        (void)buf_printf(b, "\\x%02x", (unsigned)(unsigned char)*ptr);
    else if (utf8_is_live(cp))
        (void)buf_printf(b, "\\u%04x", (unsigned)cp);
    else
        (void)buf_add(b, ptr, n);
}

void fmt_name(struct buf *b, struct sillok_text name)
{
    if (!needs_quotes(name)) {
        (void)buf_add_text(b, name);
        return;
    }
    (void)buf_add_str(b, "$'");
    size_t n;
    for (size_t i = 0; i < name.len; i += n) {
        uint32_t cp;
        n = utf8_decode(name.ptr + i, name.len - i, &cp);
        add_quoted(b, name.ptr + i, n, cp);
    }
    (void)buf_add_char(b, '\'');
}

void fmt_plural(struct buf *b, uint64_t n, const char *one, const char *many)
{
    fmt_count(b, n);
    (void)buf_printf(b, " %s", n == 1 ? one : many);
}
