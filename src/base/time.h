/*
 * Times: seconds since 1970-01-01T00:00:00Z, in and out of text.
 *
 * The calendar is the proleptic Gregorian one, by our own arithmetic: no libc function
 * that looks at TZ or the locale, so results are the same everywhere. Years 1 to 9999;
 * there are no leap seconds, no 24:00, no 30 February. The public pair
 * sillok_time_format() and sillok_time_parse() is declared in sillok/base.h.
 */
#ifndef BASE_TIME_H
#define BASE_TIME_H

#include "base/fail.h"

#define TIME_DAY_S 86400

/** The first and the last second of years 1 to 9999. */
#define TIME_MIN_S (-62135596800)
#define TIME_MAX_S 253402300799
/** No zone is a day off UTC or more. */
enum { TIME_ZONE_MAX_MIN = 24 * 60 - 1 };

/** A point in time as a calendar shows it. */
struct time_civil {
    int year;       /* 1 .. 9999 */
    int month, day; /* from 1 */
    int hour, minute, second;
};

/** Days of a month; 0 for a month that is none. */
int time_month_days(int year, int month);

/** Take @p time_s apart; what lies outside years 1 to 9999 becomes the nearest end. */
void time_to_civil(struct time_civil *out, int64_t time_s);

/** Put a valid date together. */
int64_t time_from_civil(const struct time_civil *in);

/**
 * Read crawled_at: exactly "YYYY-MM-DD HH:MM:SS", or with 'T', a fraction (dropped), and
 * behind it "Z", "+09:00", "+0900", UTC, GMT, KST or JST, with a blank between or without.
 * Seconds are required, blanks around are not accepted.
 *
 * @param zone_min  minutes east of UTC for what has no zone
 * @return SILLOK_OK;  SILLOK_EINVALID anything else
 */
int time_parse_crawl(int64_t *out_s, const char *ptr, size_t len, int zone_min);

/**
 * Read a display zone: "UTC", "Z", "KST", "JST", "Asia/Seoul", "Asia/Tokyo", which have no
 * summer time, "+09:00", "+0900", "+9", "-03:30".
 * @return SILLOK_OK;  SILLOK_EINVALID with what is accepted
 */
int time_parse_zone(int *zone_min, const char *text);

#endif
