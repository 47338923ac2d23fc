/* The stopwatch of a thread: every moment between start and stop is of one stage. */
#include "support.h"

#include "base/stages.h"

#include "base/clock.h"

/* Until the clock has moved, however coarse it is. */
static void a_while(void)
{
    const int64_t began = clock_ns(CLOCK_MONOTONIC);
    while (clock_ns(CLOCK_MONOTONIC) == began)
        ;
}

static int64_t sum(const struct stages *s)
{
    int64_t all = 0;
    for (int i = 0; i < N_STAGES; i++)
        all += s->wall_ns[i];
    return all;
}

/* In whatever stage it stops: that one has the time since it was entered. */
static void the_last_stage_is_counted(void **state)
{
    static const enum stage last[] = { STAGE_OTHER, STAGE_READ };
    (void)state;
    for (size_t i = 0; i < sizeof(last) / sizeof(last[0]); i++) {
        struct stages s = { 0 };
        stages_start(&s);
        (void)stage_enter(last[i]);
        const int64_t before = s.wall_ns[last[i]], entered = s.wall_at;
        a_while();
        stages_stop();
        assert_true(s.wall_ns[last[i]] > before);
        assert_int_equal(s.wall_ns[last[i]] - before, s.wall_at - entered);
    }
}

static void no_time_is_lost_between_stages(void **state)
{
    struct stages s = { 0 };
    (void)state;
    stages_start(&s);
    const int64_t began = s.wall_at;
    a_while();
    const int outer = stage_enter(STAGE_PARSE);
    a_while();
    const int inner = stage_enter(STAGE_HASH);
    a_while();
    stage_leave(inner);
    stage_leave(outer);
    a_while();
    const int64_t ended = clock_ns(CLOCK_MONOTONIC);
    stages_stop();
    assert_true(s.wall_at >= ended);
    assert_int_equal(sum(&s), s.wall_at - began);
    assert_true(s.wall_ns[STAGE_OTHER] > 0 && s.wall_ns[STAGE_PARSE] > 0 &&
                s.wall_ns[STAGE_HASH] > 0);
}

static void a_thread_without_one_goes_on(void **state)
{
    (void)state;
    stages_start(NULL);
    stage_leave(stage_enter(STAGE_READ));
    stages_stop();
    assert_null(stages_here);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_stage_is_counted),
        cmocka_unit_test(no_time_is_lost_between_stages),
        cmocka_unit_test(a_thread_without_one_goes_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
