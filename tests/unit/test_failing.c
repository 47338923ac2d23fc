/*
 * Each call that may fail does, once, wherever it is made: of memory, of the system, of
 * the libraries below (faults/calls.h). What a user is promised then:
 *
 *  1. The answer is the one that it is without the fault, or an error with a sentence of
 *     its own. The error never blames the store or the question: a disk that fails for
 *     once is not a damaged store, and no memory is not "no such article".
 *  2. Nothing is left behind: no open file, no memory (LeakSanitizer), and of what is
 *     made aside and renamed nothing in the folder.
 *  3. The store is whole, and the same done again, on what the failure left, gives what
 *     it would have given.
 *
 * A sample of the places by default, and all of them with SILLOK_FAILING=all.
 */
#include "support.h"

#include "faults/calls.h"
#include "scenarios.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SAMPLE = 28 };

static struct world world;

static int n_open_files(void)
{
    DIR *d = opendir("/proc/self/fd");
    int n = 0;
    while (d && readdir(d))
        n++;
    if (d)
        closedir(d);
    return n;
}

static void check_failure(const struct scenario *sc, const struct world *w, size_t i,
                          int r)
{
    const char *said = sillok_error_message();
    int fits =
        r == SILLOK_EIO || r == SILLOK_ENOMEM || r == SILLOK_ERR || r == SILLOK_EBUSY;
    if (calls_kind(i) == CALLS_MEMORY || calls_kind(i) == CALLS_ROOM)
        fits = r == SILLOK_ENOMEM;
    if (!fits || !*said || strcmp(said, "nothing failed yet") == 0)
        fail_msg("%s: %s fails (place %zu): %d: %s", sc->name, calls_name(i), i, r, said);
    if (sc->what & MAKES && access(w->to, F_OK) == 0)
        fail_msg("%s: %s fails (place %zu), but there is a store", sc->name,
                 calls_name(i), i);
}

/* A place is known by the calls that led to it, so those must be the same when places are
 * found and when they fail, whoever of this file runs the scenario. */
static __attribute__((noinline)) int run(const struct scenario *sc, const struct world *w,
                                         struct buf *out, int frames)
{
    const int r = frames ? run(sc, w, out, frames - 1) : scenario_run(sc, w, out);
    __asm__ volatile("" : : : "memory"); /* no jump in place of the call */
    return r;
}

static size_t min_size(size_t a, size_t b)
{
    return a < b ? a : b;
}

static void try_place(const struct scenario *sc, const struct world *w, size_t i,
                      enum calls_times times, const struct buf *want,
                      const struct buf *before)
{
    CLEANUP(buf_release) struct buf got = BUF_INIT, after = BUF_INIT;
    const int files = n_open_files();
    scenario_begin(w, sc);
    (void)(fail)(SILLOK_ERR, "nothing failed yet");
    calls_fail(i, times);
    const int r = run(sc, w, &got, CALLS_DEPTH);
    const int failed = calls_stop();
    if (r < 0 && !failed)
        fail_msg("%s: nothing was made to fail, but %d: %s", sc->name, r,
                 sillok_error_message());
    if (n_open_files() != files)
        fail_msg("%s: %s fails (place %zu), and a file stays open", sc->name,
                 calls_name(i), i);
    if (r < 0) {
        check_failure(sc, w, i, r);
        if (sc->what & MAKES && strcmp(calls_name(i), "unlink") != 0)
            scenario_list(&after, w->folder, 0);
        if (after.len && !text_equal(text_make(after.ptr, after.len),
                                     text_make(before->ptr, before->len)))
            fail_msg("%s: %s fails (place %zu), and leaves %.*s", sc->name, calls_name(i),
                     i, (int)after.len, after.ptr);
        if (scenario_run(sc, w, &got) < 0)
            fail_msg("%s: %s failed (place %zu), and now %s", sc->name, calls_name(i), i,
                     sillok_error_message());
    }
    scenario_state(sc, w, &got);
    if (sc->what & BRINGS && calls_kind(i) == CALLS_SYSTEM)
        return;
    size_t at = 0;
    while (at < got.len && at < want->len && got.ptr[at] == want->ptr[at])
        at++;
    if (at < got.len || at < want->len)
        fail_msg("%s: %s fails (place %zu): '%.*s', not '%.*s'", sc->name, calls_name(i),
                 i, (int)min_size(got.len - at, 300), got.ptr + at,
                 (int)min_size(want->len - at, 300), want->ptr + at);
}

/* Run without a fault: the places, the answer, what there is in the folder. */
static void find_places(const struct scenario *sc, const struct world *w,
                        struct buf *want, struct buf *before)
{
    scenario_begin(w, sc);
    scenario_list(before, w->folder, 0);
    calls_find();
    assert_ok(run(sc, w, want, CALLS_DEPTH));
    (void)calls_stop();
    scenario_state(sc, w, want);
}

static void try_scenario(void **state)
{
    const struct scenario *sc = *state;
    const char *all = getenv("SILLOK_FAILING");
    const struct world *w = &world;
    CLEANUP(buf_release) struct buf want = BUF_INIT, before = BUF_INIT;
    find_places(sc, w, &want, &before);
    assert_true(want.len > 0 || sc->what & SILENT);
    const size_t n = calls_found();
    const size_t step = all || n <= SAMPLE ? 1 : n / SAMPLE;
    print_message("# %s: %zu places\n", sc->name, n);
    assert_true(n > 30);
    for (size_t i = 0; i < n; i += step)
        try_place(sc, w, i, i % 4 == 3 ? CALLS_ON : CALLS_ONCE, &want, &before);
}

/* From some moment on no file can be opened. Behind the rename that makes the new file
 * the store's, the marker cannot be read either: that file must stay. */
static void try_no_more_files(void **state)
{
    const struct world *w = &world;
    size_t n = 0;
    (void)state;
    for (size_t k = 0; k < N_SCENARIOS; k++) {
        CLEANUP(buf_release) struct buf want = BUF_INIT, before = BUF_INIT;
        if (strcmp(scenarios[k].name, "compact") != 0)
            continue;
        find_places(&scenarios[k], w, &want, &before);
        for (size_t i = 0; i < calls_found(); i++)
            if (strcmp(calls_name(i), "open") == 0) {
                try_place(&scenarios[k], w, i, CALLS_ON, &want, &before);
                n++;
            }
    }
    assert_true(n > 5);
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

int main(int argc, char **argv)
{
    struct CMUnitTest tests[N_SCENARIOS + 1];
    for (size_t i = 0; i < N_SCENARIOS; i++)
        tests[i] = (struct CMUnitTest){ scenarios[i].name, try_scenario, NULL, NULL,
                                        (void *)(uintptr_t)&scenarios[i] };
    tests[N_SCENARIOS] = (struct CMUnitTest)cmocka_unit_test(try_no_more_files);
    if (argc > 1) /* only those */
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
