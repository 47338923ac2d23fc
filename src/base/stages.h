/*
 * Where the time of an ingest goes: a stopwatch for each thread, always in one stage.
 *
 * Off, it costs a test of a pointer where a stage begins or ends. On, each change of the
 * stage asks two clocks. The stopwatch of a thread hangs on the thread, not on a handle,
 * because a stage begins deep down (a commit, a hash) in functions that many others call;
 * whoever runs threads starts and stops it there.
 *
 *   stages_start(&mine);  ...  const int before = stage_enter(STAGE_HASH);
 *                              ...  stage_leave(before);          ...  stages_stop();
 */
#ifndef BASE_STAGES_H
#define BASE_STAGES_H

#include <stdint.h>

enum stage {
    STAGE_OTHER,
    STAGE_SCAN,
    STAGE_READ,
    STAGE_PARSE,
    STAGE_HASH,
    STAGE_LOOK_UP,
    STAGE_COMPRESS,
    STAGE_WRITE,
    STAGE_COMMIT,
    STAGE_SEAL,
    STAGE_WAIT,
    N_STAGES
};

struct stages {
    int64_t wall_ns[N_STAGES], cpu_ns[N_STAGES];
    int now;
    int64_t wall_at, cpu_at; /* when it began */
};

extern _Thread_local struct stages *stages_here;

/** This thread's time is counted in @p s, STAGE_OTHER first. NULL: it is not. */
void stages_start(struct stages *s);
void stages_stop(void);
/** Go to a stage, whatever was before. @return what it was */
int stages_switch(int stage);
void stages_add(struct stages *to, const struct stages *s);
/** "read", "look_up", ...: a stable word. */
const char *stage_name(int stage);

static inline int stage_enter(enum stage stage)
{
    return stages_here ? stages_switch(stage) : 0;
}

static inline void stage_leave(int before)
{
    if (stages_here)
        (void)stages_switch(before);
}

#endif
