/* Which signals stop long work, and which end the process. */
#include "support.h"

#include "cli/stop.h"

#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void wait_ms(long ms)
{
    const struct timespec t = { .tv_sec = 0, .tv_nsec = ms * 1000000 };
    nanosleep(&t, NULL);
}

static long clock_ms(void)
{
    struct timespec t = { 0 };
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/** How a child ends that gets @p first, @p second after @p gap_ms, and then says with what
 *  it was stopped. */
static int end_of(int first, long gap_ms, int second)
{
    fflush(NULL);
    const long began_ms = clock_ms();
    const pid_t child = fork();
    assert_int_not_equal(child, -1);
    if (child == 0) {
        stop_catch();
        raise(first);
        if (gap_ms)
            wait_ms(gap_ms);
        raise(second);
        _exit(stopped_by == first ? 0 : 99);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    if (gap_ms == 0 && clock_ms() - began_ms >= 200) /* a busy machine: there was a gap */
        return end_of(first, gap_ms, second);
    return WEXITSTATUS(status);
}

static void test_one_signal_given_twice_is_one(void **state)
{
    (void)state;
    assert_int_equal(end_of(SIGTERM, 0, SIGTERM), 0);
    assert_int_equal(end_of(SIGINT, 0, SIGTERM), 0);
    assert_int_equal(end_of(SIGHUP, 0, SIGHUP), 0);
}

static void test_a_second_signal_ends_the_process(void **state)
{
    (void)state;
    assert_int_equal(end_of(SIGTERM, 250, SIGTERM), 128 + SIGTERM);
    assert_int_equal(end_of(SIGTERM, 250, SIGINT), 128 + SIGINT);
}

static void test_what_was_ignored_stays_so(void **state)
{
    (void)state;
    struct sigaction old, now = { .sa_handler = SIG_IGN };
    sigemptyset(&now.sa_mask);
    assert_int_equal(sigaction(SIGHUP, &now, &old), 0);
    assert_int_equal(end_of(SIGTERM, 250, SIGHUP), 0);
    assert_int_equal(sigaction(SIGHUP, &old, NULL), 0);
}

/* Whoever runs the tests (nohup) may have them ignored, and what is ignored stays so. */
static int set_up(void **state)
{
    static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
    const struct sigaction plain = { .sa_handler = SIG_DFL };
    (void)state;
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        if (sigaction(numbers[i], &plain, NULL) < 0)
            return -1;
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_signal_given_twice_is_one),
        cmocka_unit_test(test_a_second_signal_ends_the_process),
        cmocka_unit_test(test_what_was_ignored_stays_so),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
