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

int fail(int code, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(message, sizeof(message), fmt, ap);
    va_end(ap);
    return code;
}

int fail_errno(const char *fmt, ...)
{
    const int err = errno;
    char what[MESSAGE_MAX / 2];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(what, sizeof(what), fmt, ap);
    va_end(ap);
    if (err == ENOSPC || err == EDQUOT)
        snprintf(message, sizeof(message), "%s: disk full", what);
    else
        snprintf(message, sizeof(message), "%s: %s", what, strerror(err));
    return err == ENOMEM ? SILLOK_ENOMEM : SILLOK_EIO;
}

int fail_context(int code, const char *fmt, ...)
{
    char old[MESSAGE_MAX];
    char what[MESSAGE_MAX / 2];
    memcpy(old, message, sizeof(old));
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(what, sizeof(what), fmt, ap);
    va_end(ap);
    snprintf(message, sizeof(message), "%s: %.480s", what, old);
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
