/* Where there is no sandbox: everything stays allowed, and nothing is said to be got. */
#include "base/sandbox.h"

void sandbox_release(struct sandbox *s)
{
    buf_release(&s->rules);
}

int sandbox_allow(struct sandbox *s, const char *path, int rights)
{
    (void)s;
    (void)path;
    (void)rights;
    return 0;
}

int sandbox_enter(const struct sandbox *s, int *got)
{
    (void)s;
    *got = 0;
    return 0;
}
