/*
 * The examples in the public headers do what they say: with what they ask for, and where
 * it is not there, which is what the first run of a program meets.
 */
#include <sillok.h>

#include "support.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static int seen; /* how often the example came to its "..." */

#include "examples.inc"

static const struct {
    const char *name;
    int (*run)(struct sillok_store *store);
    int missing; /* what it fails with in an empty store; 0: it finds nothing */
} examples[] = {
    { "find", example_find, 0 },
    { "blame", example_blame, SILLOK_ENOTFOUND },
    { "near", example_near, SILLOK_ENOTFOUND },
    { "ingest", example_ingest, SILLOK_ENOTFOUND },
};

static void write_file(const char *folder, const char *oid, const char *aid,
                       const char *name)
{
    CLEANUP(buf_release) struct buf text = BUF_INIT;
    const struct support_file f = {
        oid,
        aid,
        "2026-01-05 09:00:00",
        "항만 예산",
        "시의회는 항만 예산을 다시 살폈다. "
        "새 부두는 내년 봄에 문을 연다. 배는 하루에 열 번 다닌다.",
        0,
        NULL
    };
    char *path = support_path(folder, name);
    support_crawl_file(&text, &f);
    support_write(path, text.ptr, text.len);
    free(path);
}

static void examples_do_what_they_say(void **state)
{
    struct support_fixture *f = *state;
    (void)sillok_version();
    assert_int_equal(chdir(f->folder), 0);
    for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
        const int r = examples[i].run(f->store);
        if (r != examples[i].missing || seen)
            fail_msg("%s, empty: %d, %d seen, %s", examples[i].name, r, seen,
                     sillok_error_message());
    }
    char *crawl = support_path(f->folder, "crawl-0.tar.gz"); /* a folder does as well */
    assert_int_equal(mkdir(crawl, 0700), 0);
    write_file(crawl, "001", "0015812889", "a.md");
    write_file(crawl, "002", "0000000001", "b.md");
    for (size_t i = sizeof(examples) / sizeof(examples[0]); i > 0; i--) {
        seen = 0;
        const int r = examples[i - 1].run(f->store);
        if (r != 0 || !seen)
            fail_msg("%s: %d, %d seen, %s", examples[i - 1].name, r, seen,
                     sillok_error_message());
    }
    assert_int_equal(chdir("/"), 0);
    free(crawl);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(
        examples_do_what_they_say, support_set_up, support_tear_down) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
