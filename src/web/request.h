/*
 * What a client asks for, taken apart and judged, and what it gets.
 *
 * Invariants
 *  1. A path is decoded once and then judged; what could be read in two ways is refused: a
 *     zero byte, a backslash, an empty or dotted part, an escape that is none. It names a
 *     route and never a file.
 *  2. Every parameter is one that the route knows, at most once, and in its bounds.
 */
#ifndef WEB_REQUEST_H
#define WEB_REQUEST_H

#include "base/buf.h"

enum {
    WEB_TARGET_MAX = 8192,
    WEB_PARAMS_MAX = 32,
    WEB_LIMIT_MAX = 500, /* rows of a list */
    WEB_LIMIT = 100,
    WEB_QUERY_MS = 2000,
    WEB_ANSWER_BYTES = 64 << 20
};

struct web_param {
    const char *name, *value; /* decoded */
};

struct web_request {
    const char *target; /* as it came */
    char *path;         /* decoded, zero-terminated, begins with '/' */
    struct web_param params[WEB_PARAMS_MAX];
    int n_params;
    const char *accept_datetime; /* NULL: none; borrowed */
    int64_t deadline_ms;         /* on web_clock_ms() */
    struct buf text;             /* that path and parameters stand in */
};

/** Milliseconds of a clock that never goes back. */
int64_t web_clock_ms(void);
/** SILLOK_EBUSY when the time for an answer is over. */
int web_in_time(const struct web_request *q);
/** The same as sillok_changes_options wants it; @p arg is the request. */
int web_is_late(void *arg);
/** The same of half of that time. */
int web_is_half_late(void *arg);

/**
 * Take a target apart: "/a/b?c=d".
 * @return 0;  SILLOK_EINVALID, the message says what is wrong with it (400)
 */
int web_request_parse(struct web_request *q, const char *target);
void web_request_release(struct web_request *q);

/** The value of a parameter, or NULL. */
const char *web_param(const struct web_request *q, const char *name);
/** @p names is a list of those that are known, "a b c". SILLOK_EINVALID names another. */
int web_params_known(const struct web_request *q, const char *names);
/** A number in [min, max]; @p fallback where there is none. */
int web_param_number(const struct web_request *q, const char *name, uint64_t min,
                     uint64_t max, uint64_t fallback, uint64_t *out);
/** "1" or "0"; 0 where there is none. */
int web_param_flag(const struct web_request *q, const char *name, int *out);

struct web_response {
    int status;       /* 200 at first */
    const char *type; /* static */
    struct buf body;
    struct buf headers; /* NAME 00 VALUE 00 ... */
};
void web_response_init(struct web_response *a);
void web_response_release(struct web_response *a);
/** Add a header; a value with a line break or another control character is refused. */
int web_header(struct web_response *a, const char *name, const char *value);
/** Fill it in: a page for people that says what is wrong, or an object where the API was
 *  asked. @p target as it came. */
int web_error(struct web_response *a, int status, const char *message,
              const char *target);

/** Append the way from the address @p target to the top of the server, "../../": behind a
 *  proxy that need not be "/". */
void web_add_top(struct buf *b, const char *target);
/** Is @p path within @p folder, "/api/"? */
int web_is_below(const char *path, const char *folder);

/** "Mon, 23 Nov 2026 05:10:00 GMT", RFC 9110 5.6.7, and back. -1: it is something else. */
enum { WEB_DATE_LEN = 30 };
void web_date(int64_t time_s, char out[WEB_DATE_LEN]);
int web_date_parse(const char *text, int64_t *out_s);

/** "20261123051000", UTC, the form of Memento and CDX. */
enum { WEB_STAMP_LEN = 15 };
void web_stamp(int64_t time_s, char out[WEB_STAMP_LEN]);

/** Append a value of Content-Disposition for a file of this name (RFC 6266, RFC 8187). */
int web_disposition(struct buf *b, struct sillok_text name);

#endif
