/*
 * What every other header stands on: error codes, content ids, borrowed text, limits.
 *
 * Conventions of the whole library
 *  - Functions return 0 or a negative enum sillok_err; iterators 1 item, 0 end, negative
 *    error. sillok_error_message() then has one sentence for the calling thread. Behind its
 *    end an iterator says 0 again. One that has failed is closed: if it is asked again all
 *    the same, what takes in, copies, salvages or derives says the same code and does nothing
 *    more, a list may go on behind what it could not read.
 *  - A pointer returned directly is borrowed; one returned through a pointer to pointer
 *    is the caller's, to be given back to the matching _free or _close. It is set only
 *    where the function succeeds, and _free and _close take NULL: begin with NULL.
 *  - Options may be NULL: the defaults. They and their strings are borrowed for the call.
 *    No other pointer may be NULL, but where that is said.
 *    A const char * ends in a NUL, unless its length goes with it.
 *  - What was opened from something is closed before it: iterators, indexes, the store.
 *  - Times are seconds since 1970-01-01T00:00:00Z (`_s`), sizes are bytes (`_bytes`).
 *  - Text is bytes with a length, UTF-8 as a rule, never assumed valid.
 *  - A handle is used by one thread at a time; different handles do not share state.
 *  - A child that was forked while another thread was inside the library can only exec, as
 *    with most libraries: what that thread had locked nobody unlocks in the child.
 */
#ifndef SILLOK_BASE_H
#define SILLOK_BASE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SILLOK_API   __attribute__((visibility("default")))
#define SILLOK_CHECK __attribute__((warn_unused_result))

/* All fields zero: how most structs of options begin (SILLOK_..._OPTIONS_INIT). C++ warns
 * of the fields that {0} leaves out, and C has no {} before C23. */
#ifdef __cplusplus
#define SILLOK_ZEROS                                                                     \
    {                                                                                    \
    }
#else
#define SILLOK_ZEROS                                                                     \
    {                                                                                    \
        0                                                                                \
    }
#endif

#define SILLOK_VERSION "0.1.0"

/** Error codes. The numbers are part of the ABI. */
enum sillok_err {
    SILLOK_OK = 0,
    SILLOK_ERR = -1,        /* none of the below */
    SILLOK_ENOMEM = -2,     /* no memory */
    SILLOK_EINVALID = -3,   /* the caller's input is not what it must be */
    SILLOK_ENOTFOUND = -4,  /* no such article, revision, body, crawl, store */
    SILLOK_EEXISTS = -5,    /* it is there already */
    SILLOK_EAMBIGUOUS = -6, /* a prefix fits more than one */
    SILLOK_ECORRUPT = -7,   /* the store is damaged */
    SILLOK_EBUSY = -8,      /* another process writes; this one has it open already */
    SILLOK_EIO = -9,        /* the system failed: disk, permission, device */
    SILLOK_ECONFLICT = -10, /* a compare-and-swap found another value */
    SILLOK_ESTOPPED = -11   /* the caller asked for it */
};

/** The sentence of this thread's last failure; valid until its next one. Never NULL. At most
 *  1023 bytes, UTF-8 where the names and texts in it are, and those are in it as they are:
 *  control characters too. What the system says why is in the language of LC_MESSAGES. */
SILLOK_API const char *sillok_error_message(void);

/** Give back memory that a function of this library handed out. NULL is fine. */
SILLOK_API void sillok_free(void *ptr);

/** Version of the library at run time, "MAJOR.MINOR.PATCH". */
SILLOK_API const char *sillok_version(void);

/** Borrowed bytes. @c ptr may be NULL where @c len is 0; there is no terminating zero. */
struct sillok_text {
    const char *ptr;
    size_t len;
};

/** A content id: SHA-256 (FIPS 180-4). */
struct sillok_id {
    uint8_t bytes[32];
};

#define SILLOK_ID_HEX_LEN 64

/** Write 64 lower-case hex digits and a terminating zero into @p hex. */
SILLOK_API void sillok_id_format(const struct sillok_id *id,
                                 char hex[SILLOK_ID_HEX_LEN + 1]);

/** Read exactly 64 hex digits of either case. SILLOK_EINVALID when @p hex is not that. */
SILLOK_API SILLOK_CHECK int sillok_id_parse(struct sillok_id *id, const char *hex,
                                            size_t len);

/** 1 when equal. */
SILLOK_API int sillok_id_equal(const struct sillok_id *a, const struct sillok_id *b);

/** What input may be at most; one place for all of them. sillok_limits_default() fills
 *  it. None may be more than the setting of that name, sillok/config.h, takes. */
struct sillok_limits {
    uint64_t file_bytes; /* one crawl file, archive member or NDJSON line: 16 MiB */
    uint64_t front_matter_bytes; /* from `---` to `---`: 1 MiB */
    uint64_t field_bytes;        /* one front matter value: 64 KiB */
    uint32_t front_matter_keys;  /* 256 */
    uint64_t archive_bytes; /* all members of one compressed archive, unpacked: 4 GiB */
    uint32_t archive_ratio; /* unpacked : packed, asked after the first 64 MiB: 200 */
    uint32_t folder_depth;  /* nested folders: 64 */
    uint64_t map_bytes;     /* address space of the store, grown by doubling: 1 TiB */
};
SILLOK_API void sillok_limits_default(struct sillok_limits *out);

/**
 * Write @p time_s as RFC 3339 UTC, "2026-01-02T03:15:33Z", and a terminating zero. A time
 * before the year 1 or after 9999 is written as the nearest in them.
 * @param zone_min  minutes east of UTC to print in; 0 prints "Z", others "+09:00". Here and
 *                  wherever a zone is given, from -1439 to 1439; the nearest of these else
 */
#define SILLOK_TIME_LEN 32
SILLOK_API void sillok_time_format(int64_t time_s, int zone_min,
                                   char out[SILLOK_TIME_LEN]);

/**
 * Read a time as people write it: RFC 3339 ("2026-01-02T03:15:33Z", "+09:00"), the same
 * with a space, without seconds, a bare date, "now", "today", "yesterday", "N minutes|
 * hours|days|weeks|months ago" ("3d", "2w" also), or "@SECONDS". What has no zone is in
 * @p zone_min.
 *
 * @param now_s     what "now" means
 * @param zone_min  minutes east of UTC for what has no zone
 * @return SILLOK_OK;  SILLOK_EINVALID not a time, the message says what is accepted
 */
SILLOK_API SILLOK_CHECK int sillok_time_parse(int64_t *out_s, const char *text,
                                              size_t len, int64_t now_s, int zone_min);

#ifdef __cplusplus
}
#endif
#endif
