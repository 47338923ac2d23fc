/*
 * Failures: a code and a sentence.
 *
 * Every function that can fail returns 0 or a negative enum sillok_err and leaves one
 * sentence for this thread. The first failure writes it: lower case, no full stop, what
 * failed, on what, why. Callers that know more put it in front with fail_context().
 */
#ifndef BASE_FAIL_H
#define BASE_FAIL_H

#include "sillok/base.h"

#include <stdarg.h>

#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))

/** Set this thread's message; returns @p code so that a line can both say and return. */
int fail(int code, const char *fmt, ...) PRINTF_LIKE(2, 3);

/** As fail(), for a failed system call: ": strerror(errno)" follows, or ": disk full" for
 *  ENOSPC and EDQUOT. Returns SILLOK_EIO (SILLOK_ENOMEM for ENOMEM). */
int fail_errno(const char *fmt, ...) PRINTF_LIKE(1, 2);

/** Put "context: " before this thread's message; returns @p code unchanged. */
int fail_context(int code, const char *fmt, ...) PRINTF_LIKE(2, 3);

/** Take out of a sentence the beginnings of characters that a format with a width ('%.60s') has
 *  cut: such stand before a quotation mark, or, where @p is_cut, at the end. Names are UTF-8 as
 *  a rule; of others the last byte may go with them. The functions above do so. */
void fail_tidy(char *text, int is_cut);

enum { FAIL_MESSAGE_BYTES = 1024 };
/** A failure for later: behind what may fail too, or in another thread, for messages are the
 *  thread's own. */
struct failure {
    int code;
    char message[FAIL_MESSAGE_BYTES];
};
/** Keep @p code and this thread's message. */
void failure_keep(struct failure *f, int code);
/** Make its message this thread's; returns its code. */
int failure_tell(const struct failure *f);

/** Has memory run out at any time in this process, whoever dealt with it? What prints may
 *  then have printed less than it should, and its end is the place to say so. */
int fail_memory_seen(void);
/** Let the above be so: for what runs out in a library that only returns nothing. */
void fail_memory_note(void);

/** "out of memory", SILLOK_ENOMEM. Inline, so that it is seen when compiling that the
 *  result is not 0. */
static inline int fail_memory(void)
{
    fail_memory_note();
    (void)fail(SILLOK_ENOMEM, "out of memory");
    return SILLOK_ENOMEM;
}

#endif
