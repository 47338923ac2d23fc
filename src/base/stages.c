#include "base/stages.h"

#include "base/clock.h"

#include <stddef.h>

_Thread_local struct stages *stages_here;

void stages_start(struct stages *s)
{
    stages_here = s;
    if (!s)
        return;
    s->now = STAGE_OTHER;
    s->wall_at = clock_ns(CLOCK_MONOTONIC);
    s->cpu_at = clock_ns(CLOCK_THREAD_CPUTIME_ID);
}

/* Its thread's alone to change, but others may read it meanwhile. */
static void add(int64_t *ns, int64_t more)
{
    __atomic_store_n(ns, *ns + more, __ATOMIC_RELAXED);
}

/* Since it began, or since this was asked last: to the stage that it is in. */
static void account(struct stages *s)
{
    const int64_t wall = clock_ns(CLOCK_MONOTONIC);
    const int64_t cpu = clock_ns(CLOCK_THREAD_CPUTIME_ID);
    add(&s->wall_ns[s->now], wall - s->wall_at);
    add(&s->cpu_ns[s->now], cpu - s->cpu_at);
    s->wall_at = wall;
    s->cpu_at = cpu;
}

void stages_stop(void)
{
    if (stages_here)
        account(stages_here);
    stages_here = NULL;
}

int stages_switch(int stage)
{
    struct stages *s = stages_here;
    const int before = s->now;
    if (stage == before)
        return before;
    account(s);
    s->now = stage;
    return before;
}

void stages_add(struct stages *to, const struct stages *s)
{
    for (int i = 0; i < N_STAGES; i++) {
        add(&to->wall_ns[i], __atomic_load_n(&s->wall_ns[i], __ATOMIC_RELAXED));
        add(&to->cpu_ns[i], __atomic_load_n(&s->cpu_ns[i], __ATOMIC_RELAXED));
    }
}

const char *stage_name(int stage)
{
    static const char *const names[N_STAGES] = {
        "other",    "scan",  "read",   "parse", "hash", "look_up",
        "compress", "write", "commit", "seal",  "wait",
    };
    return names[stage];
}
