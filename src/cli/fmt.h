/*
 * Numbers, times and names as people read them. All append; a failed append sticks in the
 * buffer and is asked by put().
 */
#ifndef CLI_FMT_H
#define CLI_FMT_H

#include "base/buf.h"

/** 40,140 */
void fmt_count(struct buf *b, uint64_t n);
/** 11.4 MB; powers of 1000 */
void fmt_size(struct buf *b, uint64_t bytes);
/** 0.4 s, 12 s, 3 min 20 s, 2 h 5 min, 3 d 4 h */
void fmt_duration(struct buf *b, double seconds);
/** 2026-01-02 03:15:33Z, 2026-01-02 12:15:33+09:00; "-" for none (INT64_MIN) */
void fmt_time(struct buf *b, int64_t time_s, int zone_min);
/** The same to the minute: 2026-01-02 03:15Z. FMT_MINUTE: its length without the zone. */
enum { FMT_MINUTE = 16 };
void fmt_minute(struct buf *b, int64_t time_s, int zone_min);
#define FMT_NO_TIME INT64_MIN

/** A file name: as it is, or $'..' as bash reads it where it has control characters,
 *  bidirectional marks or bytes that are not UTF-8. */
void fmt_name(struct buf *b, struct sillok_text name);

/** "1 file", "2 files" with the count as fmt_count(). */
void fmt_plural(struct buf *b, uint64_t n, const char *one, const char *many);

#endif
