/*
 * Calendar arithmetic after Howard Hinnant, "chrono-Compatible Low-Level Date
 * Algorithms": years begin in March, so that the leap day is the last of its year, and
 * 400 years are one era of 146,097 days.
 */
#include "base/time.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* --- the calendar --- */

enum { ERA_DAYS = 146097, DAYS_TO_1970 = 719468 };

static int64_t days_from_civil(int year, int month, int day)
{
    const int y = year - (month <= 2); /* at least 0: years begin at 1 */
    const int era = y / 400, year_of_era = y % 400;
    const int day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    const int day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return (int64_t)era * ERA_DAYS + day_of_era - DAYS_TO_1970;
}

static int is_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int time_month_days(int year, int month)
{
    static const int days[] = { 0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    if (month < 1 || month > 12)
        return 0;
    return days[month] + (month == 2 && is_leap(year));
}

void time_to_civil(struct time_civil *out, int64_t time_s)
{
    if (time_s < TIME_MIN_S)
        time_s = TIME_MIN_S;
    if (time_s > TIME_MAX_S)
        time_s = TIME_MAX_S;
    /* Counted from 0000-03-01 nothing is negative, so `/` and `%` round the right way. */
    const int64_t from_march_0 = time_s + (int64_t)DAYS_TO_1970 * TIME_DAY_S;
    const int64_t days = from_march_0 / TIME_DAY_S;
    const int second_of_day = (int)(from_march_0 % TIME_DAY_S);
    const int era = (int)(days / ERA_DAYS), day_of_era = (int)(days % ERA_DAYS);
    const int year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    const int day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const int month_from_march = (5 * day_of_year + 2) / 153;
    out->day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    out->month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    out->year = year_of_era + era * 400 + (out->month <= 2);
    out->hour = second_of_day / 3600;
    out->minute = second_of_day / 60 % 60;
    out->second = second_of_day % 60;
}

int64_t time_from_civil(const struct time_civil *in)
{
    return days_from_civil(in->year, in->month, in->day) * TIME_DAY_S +
           (int64_t)in->hour * 3600 + (int64_t)in->minute * 60 + in->second;
}

/* By hand: every file that is rendered holds a time twice, and snprintf() is slow. */
static char *put_digits(char *out, int v, int n)
{
    for (int i = n - 1; i >= 0; i--, v /= 10)
        out[i] = (char)('0' + v % 10);
    return out + n;
}

/* A separator and two digits. */
static char *put_part(char *out, char separator, int v)
{
    *out = separator;
    return put_digits(out + 1, v, 2);
}

static int64_t within(int64_t v, int64_t least, int64_t most)
{
    return v < least ? least : v > most ? most : v;
}

void sillok_time_format(int64_t time_s, int zone_min, char out[SILLOK_TIME_LEN])
{
    struct time_civil c;
    /* Brought into range first, so that adding the zone cannot overflow. */
    time_s = within(time_s, TIME_MIN_S, TIME_MAX_S);
    zone_min = (int)within(zone_min, -TIME_ZONE_MAX_MIN, TIME_ZONE_MAX_MIN);
    time_to_civil(&c, time_s + (int64_t)zone_min * 60);
    char *p = put_digits(out, c.year, 4);
    p = put_part(p, '-', c.month);
    p = put_part(p, '-', c.day);
    p = put_part(p, 'T', c.hour);
    p = put_part(p, ':', c.minute);
    p = put_part(p, ':', c.second);
    if (zone_min == 0) {
        *p++ = 'Z';
    } else {
        const int east = zone_min < 0 ? -zone_min : zone_min;
        p = put_part(p, zone_min < 0 ? '-' : '+', east / 60);
        p = put_part(p, ':', east % 60);
    }
    *p = '\0';
}

/* --- reading --- */

/* What is left to read. Every step returns 1 and moves on, or 0 and the text is refused.
 */
struct reader {
    const char *ptr, *end;
};

static int at_digit(const struct reader *r)
{
    return r->ptr < r->end && *r->ptr >= '0' && *r->ptr <= '9';
}

static int take_char(struct reader *r, const char *set)
{
    if (r->ptr == r->end || *r->ptr == '\0' || !strchr(set, *r->ptr))
        return 0;
    r->ptr++;
    return 1;
}

/* Exactly @p n digits with a value in [min, max]. */
static int take_number(struct reader *r, int n, int min, int max, int *out)
{
    int v = 0;
    for (int i = 0; i < n; i++) {
        if (!at_digit(r))
            return 0;
        v = v * 10 + (*r->ptr++ - '0');
    }
    *out = v;
    return v >= min && v <= max;
}

static int take_date(struct reader *r, struct time_civil *c)
{
    return take_number(r, 4, 1, 9999, &c->year) && take_char(r, "-") &&
           take_number(r, 2, 1, 12, &c->month) && take_char(r, "-") &&
           take_number(r, 2, 1, time_month_days(c->year, c->month), &c->day);
}

static int take_fraction(struct reader *r)
{
    if (!take_char(r, "."))
        return 1;
    if (!at_digit(r))
        return 0;
    while (at_digit(r))
        r->ptr++;
    return 1;
}

/* "HH:MM" and, unless they may be missing, ":SS" with a fraction. */
static int take_clock(struct reader *r, struct time_civil *c, int need_seconds)
{
    if (!take_number(r, 2, 0, 23, &c->hour) || !take_char(r, ":") ||
        !take_number(r, 2, 0, 59, &c->minute))
        return 0;
    c->second = 0;
    if (!take_char(r, ":"))
        return !need_seconds;
    return take_number(r, 2, 0, 59, &c->second) && take_fraction(r);
}

/* A word of letters, of any case, equal to @p word. */
static int take_word(struct reader *r, const char *word)
{
    const size_t n = strlen(word);
    if ((size_t)(r->end - r->ptr) < n || strncasecmp(r->ptr, word, n) != 0)
        return 0;
    const char *after = r->ptr + n;
    if (after < r->end && ((*after | 0x20) >= 'a' && (*after | 0x20) <= 'z'))
        return 0;
    r->ptr = after;
    return 1;
}

/* Zones that have no summer time, by names of one meaning; the first of them are the words
 * that stand behind a time. */
static const struct {
    const char *name;
    int zone_min;
} zones[] = {
    { "Z", 0 },     { "UTC", 0 },          { "GMT", 0 },
    { "KST", 540 }, { "JST", 540 },        { "Etc/UTC", 0 },
    { "ROK", 540 }, { "Asia/Seoul", 540 }, { "Asia/Tokyo", 540 },
};
enum { N_ZONES = sizeof(zones) / sizeof(zones[0]), N_ZONE_WORDS = 5 };

/* "Z", "+09:00", "+0900", "UTC", or nothing, which leaves @p zone_min as it was. */
static int take_zone(struct reader *r, int *zone_min)
{
    if (r->ptr == r->end)
        return 1;
    for (int i = 0; i < N_ZONE_WORDS; i++)
        if (take_word(r, zones[i].name))
            return *zone_min = zones[i].zone_min, 1;
    const int sign = *r->ptr == '-' ? -1 : 1;
    int hours, minutes;
    if (!take_char(r, "+-") || !take_number(r, 2, 0, 23, &hours))
        return 0;
    (void)take_char(r, ":");
    if (!take_number(r, 2, 0, 59, &minutes))
        return 0;
    *zone_min = sign * (hours * 60 + minutes);
    return 1;
}

static int in_range(int64_t time_s)
{
    return time_s >= TIME_MIN_S && time_s <= TIME_MAX_S;
}

static int take_time(struct reader *r, int64_t *out_s, int zone_min, int people)
{
    struct time_civil c = { 0 };
    if (!take_date(r, &c))
        return 0;
    if (!(people && r->ptr == r->end)) { /* a bare date is its first second */
        if (!take_char(r, people ? " Tt" : " T") || !take_clock(r, &c, !people))
            return 0;
        const int blank = take_char(r, " ");
        if ((blank && r->ptr == r->end) || !take_zone(r, &zone_min))
            return 0;
    }
    *out_s = time_from_civil(&c) - (int64_t)zone_min * 60;
    return r->ptr == r->end && in_range(*out_s);
}

int time_parse_crawl(int64_t *out_s, const char *ptr, size_t len, int zone_min)
{
    struct reader r = { ptr, len ? ptr + len : ptr };
    int64_t time_s;
    if (!take_time(&r, &time_s, zone_min, 0))
        return fail(SILLOK_EINVALID, "not a time like 2026-01-02 03:15:33");
    *out_s = time_s;
    return 0;
}

/* --- times as people say them --- */

static void skip_blanks(struct reader *r)
{
    while (r->ptr < r->end && (*r->ptr == ' ' || *r->ptr == '\t'))
        r->ptr++;
}

/* Up to 9 digits, which no product below can overflow with. */
static int take_count(struct reader *r, int64_t *out)
{
    int64_t v = 0;
    int n = 0;
    for (; at_digit(r) && n < 10; n++)
        v = v * 10 + (*r->ptr++ - '0');
    *out = v;
    return n > 0 && n < 10;
}

/* Whole months back; the day is cut to the month's last: 31 March less one is 28
 * February. */
static int64_t months_before(int64_t now_s, int64_t months, int zone_min)
{
    struct time_civil c;
    time_to_civil(&c, now_s + (int64_t)zone_min * 60);
    const int64_t month = (int64_t)c.year * 12 + c.month - 1 - months;
    if (month < 12)
        return TIME_MIN_S - 1;
    c.year = (int)(month / 12);
    c.month = (int)(month % 12) + 1;
    if (c.day > time_month_days(c.year, c.month))
        c.day = time_month_days(c.year, c.month);
    return time_from_civil(&c) - (int64_t)zone_min * 60;
}

/* "3 days ago", "3d", "2w ago". A lone "m" could be minutes or months: not accepted. */
static int take_ago(struct reader *r, int64_t *out_s, int64_t now_s, int zone_min)
{
    static const struct {
        const char *one, *many, *brief;
        int64_t seconds, months;
    } units[] = {
        { "second", "seconds", "s", 1, 0 },
        { "minute", "minutes", "min", 60, 0 },
        { "hour", "hours", "h", 3600, 0 },
        { "day", "days", "d", TIME_DAY_S, 0 },
        { "week", "weeks", "w", 7 * (int64_t)TIME_DAY_S, 0 },
        { "month", "months", NULL, 0, 1 },
        { "year", "years", "y", 0, 12 },
    };
    int64_t n;
    if (!take_count(r, &n))
        return 0;
    skip_blanks(r);
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        const int brief = units[i].brief && take_word(r, units[i].brief);
        if (!brief && !take_word(r, units[i].one) && !take_word(r, units[i].many))
            continue;
        skip_blanks(r);
        if (!take_word(r, "ago") && !brief)
            return 0;
        *out_s = units[i].months ? months_before(now_s, n * units[i].months, zone_min)
                                 : now_s - n * units[i].seconds;
        return r->ptr == r->end && in_range(*out_s);
    }
    return 0;
}

/* "now", "today", "yesterday", "@SECONDS"; 0 when it is none of them. */
static int take_named(struct reader *r, int64_t *out_s, int64_t now_s, int zone_min)
{
    const int64_t zone_s = (int64_t)zone_min * 60;
    const int64_t since_midnight =
        (((now_s + zone_s) % TIME_DAY_S) + TIME_DAY_S) % TIME_DAY_S;
    if (take_word(r, "now")) {
        *out_s = now_s;
    } else if (take_word(r, "today")) {
        *out_s = now_s - since_midnight;
    } else if (take_word(r, "yesterday")) {
        *out_s = now_s - since_midnight - TIME_DAY_S;
    } else if (take_char(r, "@")) {
        const int negative = take_char(r, "-");
        int64_t v = 0;
        const char *first = r->ptr;
        while (at_digit(r) && v <= TIME_MAX_S)
            v = v * 10 + (*r->ptr++ - '0');
        if (r->ptr == first)
            return 0;
        *out_s = negative ? -v : v;
    } else {
        return 0;
    }
    return r->ptr == r->end && in_range(*out_s);
}

int sillok_time_parse(int64_t *out_s, const char *text, size_t len, int64_t now_s,
                      int zone_min)
{
    struct reader all = { text, len ? text + len : text };
    skip_blanks(&all);
    while (all.end > all.ptr && (all.end[-1] == ' ' || all.end[-1] == '\t'))
        all.end--;
    now_s = within(now_s, TIME_MIN_S, TIME_MAX_S);
    zone_min = (int)within(zone_min, -TIME_ZONE_MAX_MIN, TIME_ZONE_MAX_MIN);
    int64_t time_s;
    struct reader r = all;
    int ok = take_time(&r, &time_s, zone_min, 1);
    if (!ok)
        ok = take_named((r = all, &r), &time_s, now_s, zone_min);
    if (!ok)
        ok = take_ago((r = all, &r), &time_s, now_s, zone_min);
    if (!ok)
        return fail(
            SILLOK_EINVALID,
            "not a time: write 2026-01-02, 2026-01-02T03:15:33Z or with +09:00, now, "
            "today, yesterday, '3 days ago', 2w, or @SECONDS");
    *out_s = time_s;
    return 0;
}

int time_parse_zone(int *zone_min, const char *text)
{
    for (int i = 0; i < N_ZONES; i++)
        if (strcasecmp(text, zones[i].name) == 0)
            return *zone_min = zones[i].zone_min, 0;
    struct reader r = { text, text + strlen(text) };
    const int sign = *text == '-' ? -1 : 1;
    int hours = 0, minutes = 0;
    struct reader brief = r; /* "+9" */
    if (take_char(&brief, "+-") && take_number(&brief, 1, 0, 9, &hours) &&
        brief.ptr == brief.end) {
        *zone_min = sign * hours * 60;
        return 0;
    }
    int ok = take_char(&r, "+-") && take_number(&r, 2, 0, 23, &hours);
    if (ok && r.ptr < r.end) {
        (void)take_char(&r, ":");
        ok = take_number(&r, 2, 0, 59, &minutes);
    }
    if (!ok || r.ptr != r.end)
        return fail(
            SILLOK_EINVALID,
            "'%.40s' is not a zone: write UTC, KST, Asia/Seoul or the hours east of "
            "UTC, +09:00",
            text);
    *zone_min = sign * (hours * 60 + minutes);
    return 0;
}
