/* Sources: a read that waits for input ends when it is to stop, however that is said; and
 * the order in which a folder gives its files. */
#include "support.h"

#include "ingest/source.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static volatile int asked;
static const struct source_stop stop = { .asked = &asked };

static void set_stop(int number)
{
    (void)number;
    asked = 1;
}

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* The read of a pipe that gives nothing: given up within a second. A read that is not
 * would hang, so the alarm ends the test. */
static void assert_given_up(int fd)
{
    const struct source s = { .stop = &stop };
    char byte;
    const double began = now_s();
    alarm(10);
    errno = 0;
    assert_int_equal(source_read(&s, fd, &byte, 1), -1);
    alarm(0);
    assert_int_equal(errno, ECANCELED);
    assert_true(now_s() - began < 5);
}

/* A signal between two reads interrupts none of them. */
static void test_stop_before_the_read(void **state)
{
    int ends[2];
    (void)state;
    assert_int_equal(pipe(ends), 0);
    asked = 1;
    assert_given_up(ends[0]);
    /* Nor does what is still in the pipe make it go on. */
    assert_int_equal(write(ends[1], "x", 1), 1);
    assert_given_up(ends[0]);
    close(ends[0]);
    close(ends[1]);
}

static void *stop_later(void *arg)
{
    const struct timespec moment = { 0, 50 * 1000 * 1000 };
    (void)arg;
    nanosleep(&moment, NULL);
    __atomic_store_n(&asked, 1, __ATOMIC_RELAXED);
    return NULL;
}

/* No call is interrupted at all: another thread says it. */
static void test_stop_without_a_signal(void **state)
{
    int ends[2];
    pthread_t thread;
    (void)state;
    asked = 0;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(pthread_create(&thread, NULL, stop_later, NULL), 0);
    assert_given_up(ends[0]);
    pthread_join(thread, NULL);
    close(ends[0]);
    close(ends[1]);
}

static void *signal_later(void *arg)
{
    const struct timespec moment = { 0, 50 * 1000 * 1000 };
    nanosleep(&moment, NULL);
    pthread_kill(*(pthread_t *)arg, SIGUSR1);
    return NULL;
}

static void test_stop_by_a_signal_in_the_read(void **state)
{
    int ends[2];
    pthread_t thread, self = pthread_self();
    struct sigaction now = { .sa_handler = set_stop };
    (void)state;
    asked = 0;
    sigemptyset(&now.sa_mask);
    sigaction(SIGUSR1, &now, NULL);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(pthread_create(&thread, NULL, signal_later, &self), 0);
    assert_given_up(ends[0]);
    pthread_join(thread, NULL);
    close(ends[0]);
    close(ends[1]);
}

/* Data, the end, and a descriptor that is none are what read() makes of them. */
static void test_read(void **state)
{
    int ends[2];
    char bytes[8];
    const struct source s = { .stop = &stop }, without = { .stop = NULL };
    (void)state;
    asked = 0;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "abc", 3), 3);
    assert_int_equal(source_read(&s, ends[0], bytes, 2), 2);
    assert_int_equal(source_read(&without, ends[0], bytes, 8), 1);
    close(ends[1]);
    assert_int_equal(source_read(&s, ends[0], bytes, 8), 0);
    close(ends[0]);
    assert_int_equal(source_read(&s, ends[0], bytes, 8), -1);
    assert_int_equal(errno, EBADF);
}

static int all_known(void *ctx, struct sillok_text path)
{
    int *asked_for = ctx;
    *asked_for += text_starts(path, "f") && path.len == 8;
    return 1;
}

static int none_known(void *ctx, struct sillok_text path)
{
    int *asked_for = ctx;
    *asked_for += path.len > 0;
    return 0;
}

/* For what is read the order of names is worth a listing of the whole folder; what is
 * known comes while the rest is listed, in shorter runs, each of which is asked for once, and
 * as it is listed. */
static void a_folder_of_known_files_comes_in_runs(void **state)
{
    enum { FILES = 5000 }; /* two runs of 2,048, and a shorter one */
    static const struct {
        source_knows_fn *knows;
        int sorted, asked;
    } cases[] = { { NULL, 1, 0 }, { none_known, 1, 1 }, { all_known, 0, 3 } };
    char *folder = support_folder();
    struct sillok_limits limits;
    (void)state;
    sillok_limits_default(&limits);
    for (int i = 0; i < FILES; i++) {
        char name[16];
        snprintf(name, sizeof(name), "f%04d.md", i);
        char *path = support_path(folder, name);
        support_write(path, "x", 1);
        free(path);
    }
    for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
        struct source *s;
        struct entry e;
        char before[16] = "";
        char *seen = calloc(FILES, 1);
        int n = 0, sorted = 1, n_asked = 0, r;
        assert_ok(source_open(&s, folder, 0, &limits, NULL));
        if (cases[c].knows)
            source_set_knows(s, cases[c].knows, &n_asked);
        entry_init(&e);
        while ((r = source_next(s, &e)) > 0) {
            assert_int_equal(e.kind, ENTRY_FILE);
            const int i = atoi(e.name + 1);
            assert_in_range(i, 0, FILES - 1);
            assert_int_equal(seen[i]++, 0);
            sorted &= strcmp(e.name, before) > 0;
            snprintf(before, sizeof(before), "%s", e.name);
            folder_drop(e.folder);
            n++;
        }
        assert_ok(r);
        assert_int_equal(n, FILES);
        assert_true(sorted || !cases[c].sorted);
        assert_int_equal(n_asked, cases[c].asked);
        free(seen);
        entry_release(&e);
        source_close(s);
    }
    support_remove(folder);
}

/* Put @p bytes into standard input, as a pipe, which holds all of them; gives what was there
 * before. */
static int pipe_in(struct sillok_text bytes)
{
    int ends[2];
    const int saved = dup(STDIN_FILENO);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], bytes.ptr, bytes.len), bytes.len);
    close(ends[1]);
    assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
    close(ends[0]);
    return saved;
}

static void put_back(int saved)
{
    dup2(saved, STDIN_FILENO);
    close(saved);
}

/* What stands in standard input, then. */
static int kind_of_stdin(const char *mark, int blanks, const char *rest)
{
    CLEANUP(buf_release) struct buf bytes = BUF_INIT;
    struct sillok_limits limits;
    struct source *s;
    struct entry e;
    sillok_limits_default(&limits);
    assert_ok(buf_add_str(&bytes, mark));
    for (int i = 0; i < blanks; i++)
        assert_ok(buf_add_char(&bytes, " \n\t\r"[i % 4]));
    assert_ok(buf_add_str(&bytes, rest));
    const int saved = pipe_in(buf_text(&bytes));
    if (source_open(&s, "-", 0, &limits, NULL) < 0) {
        put_back(saved);
        return ENTRY_FAILED;
    }
    entry_init(&e);
    const int r = source_next(s, &e);
    const int kind = r > 0 ? (int)e.kind : r;
    if (kind == ENTRY_LINE) /* nothing of it was lost on the way */
        assert_true(text_equal(buf_text(&e.data), buf_text(&bytes)));
    entry_release(&e);
    source_close(s);
    put_back(saved);
    return kind;
}

/* What comes first and is not blank says what it is, wherever it stands. */
static void lines_are_told_from_an_archive(void **state)
{
    static const struct {
        const char *mark;
        int blanks;
        const char *rest;
        int kind;
    } cases[] = {
        { "", 0, "{}", ENTRY_LINE },
        { "", 1, "{}", ENTRY_LINE },
        { "", 64, "{}", ENTRY_LINE }, /* as many as were looked at once */
        { "", 500, "{}", ENTRY_LINE },
        { "", 1023, "{}", ENTRY_LINE },
        { "", 1024, "{}", ENTRY_LINE },
        { "", 5000, "{}", ENTRY_LINE },
        { "\xef\xbb\xbf", 0, "{}", ENTRY_LINE },
        { "\xef\xbb\xbf", 700, "{}", ENTRY_LINE },
        { "", 0, "[]", ENTRY_FAILED },
        { "", 700, "[]", ENTRY_FAILED },
        { "\xef\xbb\xbf", 70, "[]", ENTRY_FAILED },
        { "", 0, "", 0 },
        { "", 70, "", 0 },
        { "\xef\xbb\xbf", 0, "", 0 },
        { "\xef\xbb\xbf", 70, "", 0 },
    };
    (void)state;
    asked = 0;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const int kind = kind_of_stdin(cases[i].mark, cases[i].blanks, cases[i].rest);
        if (kind != cases[i].kind)
            fail_msg("case %zu: %d", i, kind);
    }
}

static const char *opened_stdin(struct sillok_text bytes)
{
    static char told[300];
    struct sillok_limits limits;
    struct source *s;
    struct entry e;
    sillok_limits_default(&limits);
    const int saved = pipe_in(bytes);
    int r = source_open(&s, "-", 0, &limits, NULL);
    snprintf(told, sizeof(told), "%s", r < 0 ? sillok_error_message() : "");
    if (r == 0) {
        entry_init(&e);
        if (source_next(s, &e) > 0)
            snprintf(told, sizeof(told), "%s", e.message);
        entry_release(&e);
        source_close(s);
    }
    put_back(saved);
    return told;
}

/* What is neither tar nor NDJSON is called by its name, and not a damaged archive. A tar
 * begins with the name of its first member, which may look like something else. */
static void what_is_piped_in_is_told(void **state)
{
    static const struct {
        const char *bytes, *words;
    } cases[] = {
        { "PK\3\4 and more", "it is a zip archive, which is read from a file only" },
        { "BZh91AY", "put bzip2 -dc before" },
        { " [{}]", "put jq -c '.[]' before" },
        { "---\noid: 1\n", "it is one crawl file" },
        { "글이다.", "neither tar, tar.gz, tar.zst nor NDJSON" },
        { "", "" },
    };
    static const char *const names[] = { "[단독] 기사.md", "BZh.md", "{}.md",
                                         "PK\3\4.md" };
    char tar[1536] = { 0 };
    (void)state;
    asked = 0;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *told = opened_stdin(text_of(cases[i].bytes));
        if (cases[i].words[0] ? !strstr(told, cases[i].words) : told[0])
            fail_msg("case %zu: %s", i, told);
    }
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        snprintf(tar, 100, "%s", names[i]);
        memcpy(tar + 257, "ustar\00000", 8);
        const char *told = opened_stdin(text_make(tar, sizeof(tar)));
        if (!strstr(told,
                    "archive damaged")) /* its header has no sum: as a tar it is read */
            fail_msg("%s: %s", names[i], told);
    }
}

/* Where no more files can be opened, no folder is to blame: told as refused, all that is in
 * it would be lost. */
static void a_machine_at_its_end_refuses_no_folder(void **state)
{
    struct rlimit usual, none;
    struct sillok_limits limits;
    struct source *s;
    struct entry e;
    char *folder = support_folder(), *inner = support_path(folder, "in");
    (void)state;
    sillok_limits_default(&limits);
    assert_int_equal(mkdir(inner, 0700), 0);
    assert_ok(source_open(&s, folder, 0, &limits, NULL));
    entry_init(&e);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &usual), 0);
    none = usual;
    none.rlim_cur = 0;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    const int within = source_next(s, &e);
    source_close(s);
    const int outermost = source_open(&s, folder, 0, &limits, NULL);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &usual), 0);
    assert_int_equal(within, SILLOK_ENOMEM);
    assert_int_equal(outermost, SILLOK_ENOMEM);
    assert_non_null(strstr(sillok_error_message(), strerror(EMFILE)));
    entry_release(&e);
    free(inner);
    support_remove(folder);
}

/* A refusal would stay in the store, and nothing that comes later would clear it. */
static void what_is_gone_by_its_turn_is_skipped(void **state)
{
    struct sillok_limits limits;
    struct source *s;
    struct entry e;
    char *folder = support_folder(), *first = support_path(folder, "a.md"),
         *inner = support_path(folder, "b"), *link = support_path(folder, "c.md");
    (void)state;
    sillok_limits_default(&limits);
    support_write(first, "x", 1);
    assert_int_equal(mkdir(inner, 0700), 0);
    assert_int_equal(symlink(first, link), 0);
    assert_ok(source_open(&s, folder, 0, &limits, NULL));
    entry_init(&e);
    assert_int_equal(source_next(s, &e), 1);
    assert_int_equal(e.kind, ENTRY_FILE);
    folder_drop(STEAL(e.folder)); /* who reads the file has it */
    assert_int_equal(rmdir(inner), 0);
    assert_int_equal(unlink(link), 0);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(source_next(s, &e), 1);
        assert_int_equal(e.kind, ENTRY_SKIP);
        assert_string_equal(e.message, "gone before it was read");
    }
    assert_int_equal(source_next(s, &e), 0);
    source_close(s);
    entry_release(&e);
    free(first);
    free(inner);
    free(link);
    support_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stop_before_the_read),
        cmocka_unit_test(test_stop_without_a_signal),
        cmocka_unit_test(test_stop_by_a_signal_in_the_read),
        cmocka_unit_test(test_read),
        cmocka_unit_test(a_folder_of_known_files_comes_in_runs),
        cmocka_unit_test(lines_are_told_from_an_archive),
        cmocka_unit_test(what_is_piped_in_is_told),
        cmocka_unit_test(a_machine_at_its_end_refuses_no_folder),
        cmocka_unit_test(what_is_gone_by_its_turn_is_skipped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
