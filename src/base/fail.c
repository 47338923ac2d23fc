#include "base/fail.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

enum { MESSAGE_MAX = 1024 };

static _Thread_local char message[MESSAGE_MAX];

const char *sillok_error_message(void)
{
    return message;
}

/* What was cut ends with a whole character: names are UTF-8 as a rule, and so is the
 * message then. */
static void trim(char *text)
{
    size_t n = strlen(text), tails = 0;
    while (tails < 3 && tails < n && ((uint8_t)text[n - 1 - tails] & 0xC0) == 0x80)
        tails++;
    if (tails == n)
        return;
    const uint8_t lead = (uint8_t)text[n - 1 - tails];
    const size_t wanted = lead < 0xC0 ? 0 : lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
    if (tails < wanted)
        text[n - 1 - tails] = '\0';
}

static void print(char *out, size_t room, const char *fmt, va_list ap) PRINTF_LIKE(3, 0);

static void print(char *out, size_t room, const char *fmt, va_list ap)
{
    const int n = vsnprintf(out, room, fmt, ap);
    if (n >= 0 && (size_t)n >= room)
        trim(out);
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
    char what[MESSAGE_MAX / 2];
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
    char old[MESSAGE_MAX / 2 - sizeof(": ")];
    char what[MESSAGE_MAX / 2];
    va_list ap;
    if (snprintf(old, sizeof(old), "%s", message) >= (int)sizeof(old))
        trim(old);
    va_start(ap, fmt);
    print(what, sizeof(what), fmt, ap);
    va_end(ap);
    snprintf(message, sizeof(message), "%s: %s", what, old);
    return code;
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
