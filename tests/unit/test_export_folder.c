/* An export into a folder: what stands in its way, and names that a disk cannot have. */
#include "export_box.h"

#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static void assert_file(const struct fixture *f, const char *name, const char *in_it)
{
    char *path = support_path(f->to, name);
    FILE *file = fopen(path, "rb");
    char bytes[4096];
    if (!file)
        fail_msg("'%s' is not there", name);
    const size_t n = fread(bytes, 1, sizeof(bytes), file);
    fclose(file);
    if (!memmem(bytes, n, in_it, strlen(in_it)))
        fail_msg("'%s' is %.*s", name, (int)n, bytes);
    free(path);
}

static void write_at(const struct fixture *f, const char *name, const char *text)
{
    char *path = support_path(f->to, name);
    support_write(path, text, strlen(text));
    free(path);
}

static void what_exists_stays(void **state)
{
    struct fixture *f = *state;
    uint64_t n;
    box_put(f, "c", "001", "1", 100, "하나", text_of("1.md"));
    box_put(f, "c", "001", "2", 100, "둘", text_of("a/2.md"));
    assert_ok(sillok_export_folder(f->store, NULL, f->to, 0, &n));
    assert_int_equal(n, 2);
    assert_file(f, "c/1.md", "하나");
    assert_file(f, "c/a/2.md", "둘");
    assert_ok(sillok_export_folder(f->store, NULL, f->to, 0, &n));
    assert_int_equal(n, 2); /* the same bytes are no obstacle */
    write_at(f, "c/1.md", "x");
    char *same = support_path(f->to, "c/a/2.md"); /* as long, and other bytes */
    const int fd = open(same, O_WRONLY);
    assert_int_equal(pwrite(fd, "x", 1, 0), 1);
    close(fd);
    free(same);
    box_put(f, "c", "001", "3", 100, "셋", text_of("3.md"));
    assert_int_equal(sillok_export_folder(f->store, NULL, f->to, 0, &n), SILLOK_EEXISTS);
    assert_int_equal(n, 1);
    assert_non_null(strstr(sillok_error_message(), "2 files were not written"));
    assert_non_null(strstr(sillok_error_message(), "1.md"));
    assert_non_null(strstr(sillok_error_message(), "; c/a/2.md")); /* one by one */
    assert_null(strstr(sillok_error_message(), "..."));
    assert_file(f, "c/3.md", "셋"); /* the others are there */
    assert_file(f, "c/1.md", "x");
    assert_ok(sillok_export_folder(f->store, NULL, f->to, 1, &n));
    assert_int_equal(n, 3);
    assert_file(f, "c/1.md", "하나");
    assert_file(f, "c/a/2.md", "---\n");
    /* One is told as one; of many some are named. */
    write_at(f, "c/1.md", "x");
    assert_int_equal(sillok_export_folder(f->store, NULL, f->to, 0, &n), SILLOK_EEXISTS);
    assert_non_null(strstr(sillok_error_message(), "1 file was not written"));
    write_at(f, "c/3.md", "x");
    for (int i = 4; i < 8; i++) {
        char name[8], aid[8];
        snprintf(name, sizeof(name), "%d.md", i);
        snprintf(aid, sizeof(aid), "%d", i);
        box_put(f, "c", "001", aid, 100, "글", text_of(name));
        snprintf(name, sizeof(name), "c/%d.md", i);
        write_at(f, name, "x");
    }
    assert_int_equal(sillok_export_folder(f->store, NULL, f->to, 0, &n), SILLOK_EEXISTS);
    assert_non_null(strstr(sillok_error_message(), "6 files were not written"));
    assert_non_null(strstr(sillok_error_message(), "c/3.md: '3.md' exists with"));
    assert_non_null(strstr(sillok_error_message(), "4.md"));
    assert_null(strstr(sillok_error_message(), "5.md"));
    assert_non_null(strstr(sillok_error_message(), "; ..."));
}

static void what_stands_in_the_way(void **state)
{
    struct fixture *f = *state;
    const struct sillok_export_options o = { .crawl = "c" };
    char command[8300];
    uint64_t n;
    box_put(f, "c", "001", "1", 100, "하나", text_of("folder"));
    box_put(f, "c", "001", "2", 100, "둘", text_of("file/2.md"));
    box_put(f, "c", "001", "3", 100, "셋", text_of("link/3.md"));
    box_put(f, "c", "001", "4", 100, "넷", text_of("pipe.md"));
    box_put(f, "c", "001", "5", 100, "다섯", text_of("link.md"));
    box_put(f, "c", "001", "6", 100, "여섯", text_of("good.md"));
    snprintf(command, sizeof(command),
             "mkdir -p '%s/folder' '%s/outside' && cd '%s' && echo x >file && "
             "ln -s ../outside link && mkfifo pipe.md && ln -s ../outside/5 link.md && "
             "echo half >.sillok.new.%d",
             f->to, f->folder, f->to, (int)getpid());
    assert_int_equal(system(command), 0);
    assert_int_equal(sillok_export_folder(f->store, &o, f->to, 0, &n), SILLOK_EEXISTS);
    assert_int_equal(n, 3);
    assert_non_null(strstr(sillok_error_message(), "3 files were not written"));
    assert_non_null(strstr(sillok_error_message(), "'link' is a symbolic link"));
    assert_non_null(
        strstr(sillok_error_message(), "'pipe.md' exists and is not a regular file"));
    assert_file(f, "good.md", "여섯");
    assert_file(f, "file", "x");
    snprintf(command, sizeof(command),
             "cd '%s' && test -p pipe.md && test -d folder && test -h link.md && "
             "test \"$(ls _unsafe | wc -l)\" = 2 && test ! -e .sillok.new.%d && "
             "grep -q 하나 _unsafe/*_folder && grep -q 둘 _unsafe/*_file_2.md && "
             "test -z \"$(ls -A ../outside)\"",
             f->to, (int)getpid());
    assert_int_equal(system(command), 0);
    /* Whoever insists gets files for pipes and links, but nothing outside. */
    assert_int_equal(sillok_export_folder(f->store, &o, f->to, 1, &n), SILLOK_EEXISTS);
    assert_int_equal(n, 5);
    snprintf(command, sizeof(command),
             "cd '%s' && test -f pipe.md && test ! -h link.md && grep -q 다섯 link.md && "
             "test -h link && test -z \"$(ls -A ../outside)\"",
             f->to);
    assert_int_equal(system(command), 0);
    /* Below a file there is no place for anything. */
    char *below = support_path(f->to, "file/to");
    assert_true(sillok_export_folder(f->store, &o, below, 1, &n) < 0);
    assert_non_null(strstr(sillok_error_message(), "file/to"));
    free(below);
    char *file = support_path(f->to, "file");
    assert_true(sillok_export_folder(f->store, &o, file, 1, &n) < 0);
    assert_int_equal(n, 0);
    free(file);
}

static void names_that_are_too_long(void **state)
{
    struct fixture *f = *state;
    static char part[300];
    const struct sillok_export_options o = { .crawl = "c" };
    char path[700], command[8300];
    uint64_t n;
    memset(part, 'x', sizeof(part) - 1);
    snprintf(path, sizeof(path), "%.255s", part);
    box_put(f, "c", "001", "1", 100, "하나", text_of(path));
    path[0] = 'y';
    snprintf(path + 1, sizeof(path) - 1, "%.254s/%.255s", part, part);
    box_put(f, "c", "001", "2", 100, "둘", text_of(path));
    snprintf(path, sizeof(path), "%.256s", part);
    box_put(f, "c", "001", "3", 100, "셋", text_of(path));
    snprintf(path, sizeof(path), "%.256s/a/4.md", part);
    box_put(f, "c", "001", "4", 100, "넷", text_of(path));
    /* Long only in all is not too long. */
    snprintf(path, sizeof(path), "z%.200s/z%.200s/z/5.md", part, part);
    box_put(f, "c", "001", "5", 100, "다섯", text_of(path));
    assert_ok(sillok_export_folder(f->store, &o, f->to, 0, &n));
    assert_int_equal(n, 5);
    snprintf(
        command, sizeof(command),
        "cd '%s' && test \"$(ls | wc -l)\" = 4 && test -f z*/z*/z/5.md && "
        "test \"$(ls _unsafe | wc -l)\" = 2 && grep -q 둘 y*/x* && grep -q 셋 _unsafe/*_xx* && "
        "test \"$(cd _unsafe; ls *_a_4.md | wc -c)\" = $((16 + 1 + 100 + 1))",
        f->to);
    assert_int_equal(system(command), 0);
}

/* What is in the way is told with its beginning, however long its name is; and a file of
 * this process's own temporary name that cannot be removed is told as what it is. */
static void long_names_are_told_in_part(void **state)
{
    struct fixture *f = *state;
    static char part[300];
    char path[700], command[8300];
    uint64_t n;
    memset(part, 'x', sizeof(part) - 1);
    for (int i = 0; i < 4; i++) {
        char aid[8];
        snprintf(aid, sizeof(aid), "%d", i);
        snprintf(path, sizeof(path), "%d%.200s/%.200s", i, part, part);
        box_put(f, "c", "001", aid, 100, "글", text_of(path));
    }
    assert_ok(sillok_export_folder(f->store, NULL, f->to, 0, &n));
    assert_int_equal(n, 4);
    snprintf(command, sizeof(command), "for f in '%s'/c/*/*; do echo > $f; done", f->to);
    assert_int_equal(system(command), 0);
    assert_int_equal(sillok_export_folder(f->store, NULL, f->to, 0, &n), SILLOK_EEXISTS);
    assert_int_equal(n, 0);
    assert_non_null(strstr(sillok_error_message(), "4 files were not written: c/0xxx"));
    assert_non_null(strstr(sillok_error_message(), "; ..."));
    assert_true(strlen(sillok_error_message()) < 800);
    snprintf(command, sizeof(command), "cd '%s'/c/3* && mkdir .sillok.new.%d", f->to,
             (int)getpid());
    assert_int_equal(system(command), 0);
    assert_int_equal(sillok_export_folder(f->store, NULL, f->to, 1, &n), SILLOK_EIO);
    assert_non_null(strstr(sillok_error_message(), "cannot create a file in the folder"));
    assert_int_equal(n, 3);
}

enum { MANY = 700, LARGE_BYTES = 30000 };

/* So many that they are written batch by batch; the last one is large. */
static void put_many(struct fixture *f)
{
    static char large[LARGE_BYTES + 1];
    memset(large, 'g', LARGE_BYTES);
    assert_ok(f->store->ops->begin(f->store, "c"));
    for (int i = 0; i < MANY; i++) {
        char aid[8], body[16], path[16];
        snprintf(aid, sizeof(aid), "%04d", i);
        snprintf(body, sizeof(body), "글 %d번.", i);
        snprintf(path, sizeof(path), "%04d.md", i);
        box_add(f, "001", aid, 100 + i, i < MANY - 1 ? body : large, text_of(path));
    }
    assert_ok(f->store->ops->commit(f->store));
}

static void many_files_are_all_there(void **state)
{
    struct fixture *f = *state;
    uint64_t n;
    put_many(f);
    assert_ok(sillok_export_folder(f->store, NULL, f->to, 0, &n));
    assert_int_equal(n, MANY);
    for (int i = 0; i < MANY - 1; i++) {
        char name[32], body[32];
        snprintf(name, sizeof(name), "c/%04d.md", i);
        snprintf(body, sizeof(body), "\n\n글 %d번.\n\n", i);
        assert_file(f, name, body);
    }
}

/* What fails while others are read is told as where nothing is done meanwhile; what was
 * written before it is there. */
static void a_failure_of_writing_is_told(void **state)
{
    const struct rlimit small = { 10000, RLIM_INFINITY };
    struct fixture *f = *state;
    struct rlimit before;
    char command[8300];
    uint64_t n;
    put_many(f);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    void (*const handler)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    const int r = sillok_export_folder(f->store, NULL, f->to, 0, &n);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    (void)signal(SIGXFSZ, handler);
    assert_int_equal(r, SILLOK_EIO);
    assert_non_null(strstr(sillok_error_message(), "c/0699.md"));
    assert_non_null(strstr(sillok_error_message(), "File too large"));
    assert_int_equal(n, MANY - 1);
    snprintf(command, sizeof(command), "test \"$(ls -A '%s/c' | wc -l)\" = %d", f->to,
             MANY - 1);
    assert_int_equal(system(command), 0);
}

/* Nothing to export: a folder, and no file in it. */
static void a_store_without_crawls(void **state)
{
    struct fixture *f = *state;
    char command[8300];
    uint64_t n = 7;
    assert_names(f, NULL, "");
    const mode_t mask = umask(027);
    assert_ok(sillok_export_folder(f->store, NULL, f->to, 0, &n));
    (void)umask(mask);
    assert_int_equal(n, 0);
    snprintf(command, sizeof(command), "test -z \"$(ls -A '%s')\"", f->to);
    assert_int_equal(system(command), 0);
    struct stat st; /* whoever the umask lets may look into it */
    assert_int_equal(stat(f->to, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0750);
}

/* A crawl may be called anything, and no two are put together. */
static void folders_of_crawls(void **state)
{
    static const char *const crawls[] = { "mon", "a/b", "a_b", "..", ".", "", "a/" };
    struct fixture *f = *state;
    char command[8300];
    uint64_t n;
    for (size_t i = 0; i < sizeof(crawls) / sizeof(crawls[0]); i++)
        box_put(f, crawls[i], "001", crawls[i][0] ? "1" : "2", 100 + (int64_t)i, "글",
                text_of("x.md"));
    assert_ok(sillok_export_folder(f->store, NULL, f->to, 0, &n));
    assert_int_equal(n, sizeof(crawls) / sizeof(crawls[0]));
    snprintf(command, sizeof(command),
             "cd '%s' && test -f mon/x.md && test -f a_b/x.md && test -f a_b~*/x.md && "
             "test -f a_~*/x.md && test -f ..~*/x.md && test -f .~*/x.md && "
             "test -f ~*/x.md && test \"$(ls -A | wc -l)\" = 7",
             f->to);
    assert_int_equal(system(command), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(fn) cmocka_unit_test_setup_teardown(fn, box_set_up, box_tear_down)
        T(what_exists_stays),        T(what_stands_in_the_way),
        T(names_that_are_too_long),  T(long_names_are_told_in_part),
        T(many_files_are_all_there), T(a_failure_of_writing_is_told),
        T(a_store_without_crawls),   T(folders_of_crawls),
    };
    if (!setlocale(LC_ALL, "C.UTF-8"))
        return 99;
    const int failed = cmocka_run_group_tests_name("export_folder", tests, NULL, NULL);
    box_end();
    return failed;
}
