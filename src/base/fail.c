#include "base/fail.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

static _Thread_local char message[FAIL_MESSAGE_BYTES];

const char *sillok_error_message(void)
{
    return message;
}

/* Bytes at @p p that are one character, or the beginning of one that is torn: then *torn. */
static size_t take_character(const char *p, int *torn)
{
    const uint8_t lead = (uint8_t)*p;
    const size_t wanted = lead < 0xC0 ? 0 : lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
    size_t tails = 0;
    while (tails < wanted && ((uint8_t)p[1 + tails] & 0xC0) == 0x80)
        tails++;
    *torn = tails < wanted;
    return 1 + tails;
}

void fail_tidy(char *text, int is_cut)
{
    char *to = text;
    for (const char *p = text; *p;) {
        int torn;
        const size_t n = take_character(p, &torn);
        if (!torn || (p[n] != '\'' && (p[n] || !is_cut))) {
            memmove(to, p, n);
            to += n;
        }
        p += n;
    }
    *to = '\0';
}

static void print(char *out, size_t room, const char *fmt, va_list ap) PRINTF_LIKE(3, 0);

static void print(char *out, size_t room, const char *fmt, va_list ap)
{
    const int n = vsnprintf(out, room, fmt, ap);
    if (n >= 0)
        fail_tidy(out, (size_t)n >= room);
}

int fail(int code, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    print(message, sizeof(message), fmt, ap);
    va_end(ap);
    return code;
}

int fail_errno(const char *fmt, ...)
{
    const int err = errno;
    char what[FAIL_MESSAGE_BYTES / 2];
    va_list ap;
    va_start(ap, fmt);
    print(what, sizeof(what), fmt, ap);
    va_end(ap);
    if (err == ENOSPC || err == EDQUOT)
        snprintf(message, sizeof(message), "%s: disk full", what);
    else
        snprintf(message, sizeof(message), "%s: %s", what, strerror(err));
    return err == ENOMEM ? SILLOK_ENOMEM : SILLOK_EIO;
}

int fail_context(int code, const char *fmt, ...)
{
    char old[FAIL_MESSAGE_BYTES / 2 - sizeof(": ")];
    char what[FAIL_MESSAGE_BYTES / 2];
    va_list ap;
    if (snprintf(old, sizeof(old), "%s", message) >= (int)sizeof(old))
        fail_tidy(old, 1);
    va_start(ap, fmt);
    print(what, sizeof(what), fmt, ap);
    va_end(ap);
    snprintf(message, sizeof(message), "%s: %s", what, old);
    return code;
}

void failure_keep(struct failure *f, int code)
{
    f->code = code;
    memcpy(f->message, message, sizeof(message));
}

int failure_tell(const struct failure *f)
{
    memcpy(message, f->message, sizeof(message));
    return f->code;
}

static atomic_int memory_seen;

int fail_memory_seen(void)
{
    return atomic_load(&memory_seen);
}

void fail_memory_note(void)
{
    atomic_store(&memory_seen, 1);
}
