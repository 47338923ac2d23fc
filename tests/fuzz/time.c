/*
 * Times and zones. Oracle: what was read, written in any zone, reads as the same time;
 * the calendar's two ways agree; a time of a crawl file is one that people can write too.
 */
#include "fuzz.h"

#include "base/time.h"

#include <stdio.h>

static const int64_t now_s = 1767323733; /* 2026-01-02T03:15:33Z */

/* In a zone a time near either end would lie outside the calendar: there it is left out.
 */
static void write_and_read(int64_t time_s)
{
    static const int zones[] = { 0, 540, -210, 14 * 60, -12 * 60, 1, 23 * 60 + 59 };
    struct time_civil civil;
    char text[SILLOK_TIME_LEN];
    int64_t again;
    time_to_civil(&civil, time_s);
    fuzz_expect(civil.year >= 1 && civil.year <= 9999 && civil.day >= 1 &&
                    civil.day <= time_month_days(civil.year, civil.month) &&
                    civil.hour >= 0 && civil.hour < 24 && civil.minute >= 0 &&
                    civil.minute < 60 && civil.second >= 0 && civil.second < 60,
                "a date of the calendar");
    fuzz_expect(time_from_civil(&civil) == time_s, "the calendar's two ways agree");
    for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++) {
        if (time_s + zones[i] * 60 < TIME_MIN_S || time_s + zones[i] * 60 > TIME_MAX_S)
            continue;
        sillok_time_format(time_s, zones[i], text);
        fuzz_done(sillok_time_parse(&again, text, strlen(text), 0, 77),
                  "our own writing");
        fuzz_equal(text_make((const char *)&again, sizeof(again)),
                   text_make((const char *)&time_s, sizeof(time_s)), "the same time");
    }
}

static void read_zone(struct sillok_text t)
{
    CLEANUP(buf_release) struct buf text = BUF_INIT;
    char written[16];
    int zone_min, again;
    fuzz_done(buf_add_text(&text, t), "memory");
    fuzz_done(buf_add_char(&text, '\0'), "memory");
    if (fuzz_failed(time_parse_zone(&zone_min, text.ptr), SILLOK_EINVALID))
        return;
    fuzz_expect(zone_min > -24 * 60 && zone_min < 24 * 60, "a zone is less than a day");
    const int minutes = zone_min < 0 ? -zone_min : zone_min;
    snprintf(written, sizeof(written), "%c%02d:%02d", zone_min < 0 ? '-' : '+',
             minutes / 60, minutes % 60);
    fuzz_done(time_parse_zone(&again, written), "a zone of our own");
    fuzz_expect(again == zone_min, "the same zone");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct sillok_text t = { size ? (const char *)data : "", size };
    int64_t time_s, other;
    if (!fuzz_failed(sillok_time_parse(&time_s, t.ptr, t.len, now_s, 540),
                     SILLOK_EINVALID)) {
        fuzz_expect(time_s >= TIME_MIN_S && time_s <= TIME_MAX_S,
                    "a time of the calendar");
        write_and_read(time_s);
    }
    if (!fuzz_failed(time_parse_crawl(&time_s, t.ptr, t.len, 540), SILLOK_EINVALID)) {
        fuzz_expect(time_s >= TIME_MIN_S && time_s <= TIME_MAX_S,
                    "a time of the calendar");
        write_and_read(time_s);
        if (sillok_time_parse(&other, t.ptr, t.len, now_s, 540) == 0)
            fuzz_expect(other == time_s, "both readers say the same");
    }
    read_zone(t);
    return 0;
}
