/*
 * Who asks again and again needs no more memory for it: what a question or a making takes
 * is given back when its handle is closed. LeakSanitizer tells the same of a build with
 * it; this is asked of every build.
 *
 * Each scenario is run until all that is made once is there (tables of libraries, caches
 * of threads), and then some times more, over which the bytes in use may not grow each
 * time.
 */
#include "support.h"

#include "scenarios.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WARM = 2, TIMES = 4 };

static struct world world;

/* Bytes that are in use: given out by malloc() in all arenas, and mapped by it. */
static size_t in_use(void)
{
    const struct mallinfo2 m = mallinfo2();
    return m.uordblks + m.hblkhd;
}

static void ask_again(void **state)
{
    const struct scenario *sc = *state;
    struct buf out = BUF_INIT;
    size_t before = 0;
    unsigned grown = 0;
    for (int i = 0; i < WARM + TIMES; i++) {
        scenario_begin(&world, sc);
        assert_ok(scenario_run(sc, &world, &out));
        buf_release(&out);
        const size_t now = in_use();
        grown += i >= WARM && now > before;
        before = now;
    }
    /* Once or twice may be a thread that took another arena. */
    if (grown == TIMES)
        fail_msg("%s: %zu bytes are in use, more after each time", sc->name, before);
}

static int set_up(void **state)
{
    (void)state;
    world_make(&world);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    world_remove(&world);
    return 0;
}

/* What malloc() keeps at hand for itself would count as in use. */
static void without_caches(char **argv)
{
    static const char name[] = "GLIBC_TUNABLES", value[] = "glibc.malloc.tcache_count=0";
    const char *has = getenv(name);
    (void)mallopt(M_MXFAST, 0);
    if (has && strcmp(has, value) == 0)
        return;
    if (setenv(name, value, 1) == 0)
        (void)execv("/proc/self/exe", argv); /* if not, it is less exact */
}

int main(int argc, char **argv)
{
    (void)argc;
    without_caches(argv);
    struct CMUnitTest tests[N_SCENARIOS];
    for (size_t i = 0; i < N_SCENARIOS; i++)
        tests[i] = (struct CMUnitTest){ scenarios[i].name, ask_again, NULL, NULL,
                                        (void *)(uintptr_t)&scenarios[i] };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
