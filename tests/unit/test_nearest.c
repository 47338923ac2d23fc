/* The nearest word: distances, and when a guess is better kept to oneself. */
#include "support.h"

#include "base/nearest.h"

#include <string.h>

static void test_distance(void **state)
{
    static const struct {
        const char *a, *b;
        size_t distance;
    } cases[] = {
        { "", "", 0 },       { "a", "", 1 },
        { "", "abc", 3 },    { "log", "log", 0 },
        { "lgo", "log", 1 }, /* neighbours swapped: one */
        { "lig", "log", 1 }, { "logg", "log", 1 },
        { "lo", "log", 1 },  { "kitten", "sitting", 3 },
        { "ca", "abc", 3 }, /* no edit inside a swap */
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const size_t d = nearest_distance(cases[i].a, cases[i].b);
        if (d != cases[i].distance || nearest_distance(cases[i].b, cases[i].a) != d)
            fail_msg("%s, %s: %zu", cases[i].a, cases[i].b, d);
    }
}

static void test_long_words(void **state)
{
    char a[201], b[65];
    (void)state;
    memset(a, 'a', sizeof(a) - 1);
    a[200] = '\0';
    memset(b, 'a', sizeof(b) - 1);
    b[64] = '\0';
    assert_int_equal(nearest_distance(a, b), 200); /* too long to be a typo */
    b[63] = '\0';
    assert_int_equal(nearest_distance(b, b), 0);
    assert_int_equal(nearest_distance(b, ""), 63);
}

static void test_offer(void **state)
{
    static const char *const known[] = { "init", "ingest",  "log",
                                         "show", "changes", "crawls" };
    static const struct {
        const char *word, *best;
    } cases[] = {
        { "lgo", "log" },      { "ingset", "ingest" }, { "chnges", "changes" },
        { "chan", "changes" }, /* a beginning */
        { "zzz", NULL },       { "x", NULL },          { "remove", NULL },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct nearest n = { .word = cases[i].word };
        for (size_t k = 0; k < sizeof(known) / sizeof(known[0]); k++)
            nearest_offer(&n, known[k]);
        const char *best = n.best ? n.best : "";
        if (strcmp(best, cases[i].best ? cases[i].best : "") != 0)
            fail_msg("%s: '%s'", cases[i].word, best);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_distance),
        cmocka_unit_test(test_long_words),
        cmocka_unit_test(test_offer),
    };
    return cmocka_run_group_tests_name("base/nearest", tests, NULL, NULL);
}
