/*
 * What is synced before what. A power cut keeps what was synced and any part of the rest,
 * so a name may not last before what it names, nor a commit in a file whose name does not.
 * The test is linked with --wrap for the calls below: what comes by is noted in order.
 */
#include "base/file.h"
#include "store/lmdb.h"

#include "support.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- calls --- */

static struct {
    struct buf log; /* "sync PATH", "rename PATH", a line each; paths below the folder */
    const char *folder;
    char real[PATH_MAX]; /* the folder as the system names it */
    const char *fails;   /* a line: that call fails */
} calls = { .log = BUF_INIT };

/* Note a line: 1 where it is to fail. */
static int note(const char *what, const char *path)
{
    char line[4200];
    if (!calls.folder)
        return 0;
    size_t n = strlen(calls.folder);
    if (strncmp(path, calls.folder, n) != 0) {
        n = strlen(calls.real);
        if (strncmp(path, calls.real, n) != 0)
            return 0;
    }
    /* The random part of a name tells nothing. */
    snprintf(line, sizeof(line), "%s %s", what, path[n] ? path + n + 1 : ".");
    for (char *aside = line; (aside = strstr(aside, ".new.")) != NULL; aside += 4) {
        const char *rest = strchr(aside, '/');
        memmove(aside + 4, rest ? rest : "", rest ? strlen(rest) + 1 : 1);
    }
    assert_ok(buf_printf(&calls.log, "%s\n", line));
    return calls.fails && strcmp(calls.fails, line) == 0;
}

/* The linker takes shared libraries that call one to refer to it; they never come here. */
#pragma GCC visibility push(default)

int __real_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to)
{
    if (note("rename to", to)) {
        errno = EIO;
        return -1;
    }
    return __real_rename(from, to);
}

static int sync_file(int fd)
{
    char link[64], path[4096];
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    const ssize_t n = readlink(link, path, sizeof(path) - 1);
    assert_true(n > 0);
    path[n] = '\0';
    if (!note("sync", path))
        return 0;
    errno = EIO;
    return -1;
}

int __wrap_fsync(int fd);
int __wrap_fsync(int fd)
{
    return sync_file(fd);
}

int __wrap_fdatasync(int fd);
int __wrap_fdatasync(int fd)
{
    return sync_file(fd);
}

#pragma GCC visibility pop

static void begin(const char *folder, const char *fails)
{
    buf_clear(&calls.log);
    assert_non_null(realpath(folder, calls.real));
    calls.folder = folder;
    calls.fails = fails;
}

static const char *end(void)
{
    calls.folder = calls.fails = NULL;
    assert_ok(buf_add_char(&calls.log, '\0'));
    return calls.log.ptr;
}

static int tear_down(void **state)
{
    calls.folder = calls.fails = NULL;
    buf_release(&calls.log);
    return support_tear_down(state);
}

/* @p lines, each of them, in this order; others may stand between them. */
static void are_in_order(const char *log, const char *const *lines, size_t n)
{
    const char *at = log;
    for (size_t i = 0; i < n; i++) {
        char line[200];
        snprintf(line, sizeof(line), "%s\n", lines[i]);
        const char *hit = strstr(at, line);
        while (hit && hit != log && hit[-1] != '\n')
            hit = strstr(hit + 1, line);
        if (!hit) {
            fail_msg("'%s' is not where it should be:\n%s", lines[i], log);
            return;
        }
        at = hit + strlen(line);
    }
}

/* --- a new store --- */

static void a_new_store_is_whole_before_it_has_its_name(void **state)
{
    static const char *const order[] = { "sync new.new/format.new",
                                         "rename to new.new/format", "sync new.new",
                                         "rename to new", "sync ." };
    const struct support_fixture *f = *state;
    char *path = support_path(f->folder, "new"),
         *aside = support_path(f->folder, "new.new.a1b2c3"),
         *other = support_path(f->folder, "other");
    begin(f->folder, NULL);
    assert_ok(sillok_store_create(path));
    are_in_order(end(), order, 5);
    /* The folder last, whatever was synced of it before. */
    assert_int_equal(mkdir(aside, 0700), 0);
    begin(f->folder, NULL);
    assert_ok(lmdb_aside_place(aside, other));
    assert_string_equal(end(), "sync new.new\nrename to other\nsync .\n");
    assert_int_equal(rename(other, aside), 0);
    begin(f->folder, "sync new.new");
    assert_int_equal(lmdb_aside_place(aside, other), SILLOK_EIO);
    assert_string_equal(end(), "sync new.new\n");
    assert_int_equal(access(other, F_OK), -1);
    assert_int_equal(access(aside, F_OK), 0);
    free(path);
    free(aside);
    free(other);
}

/* Whoever is told that it failed finds nothing there. */
static void a_store_that_could_not_be_placed_is_not_there(void **state)
{
    static const char *const fails[] = { "sync new.new/format.new",
                                         "rename to new.new/format", "sync new.new",
                                         "rename to new", "sync ." };
    const struct support_fixture *f = *state;
    char *path = support_path(f->folder, "new");
    for (size_t i = 0; i < sizeof(fails) / sizeof(fails[0]); i++) {
        begin(f->folder, fails[i]);
        const int r = sillok_store_create(path);
        const char *log = end();
        if (r != SILLOK_EIO || access(path, F_OK) == 0)
            fail_msg("'%s': %d\n%s", fails[i], r, log);
    }
    assert_ok(sillok_store_create(path));
    free(path);
}

static void a_backup_is_whole_before_it_has_its_name(void **state)
{
    const struct support_fixture *f = *state;
    struct sillok_copy *it;
    struct sillok_copy_event event;
    char *to = support_path(f->folder, "backup");
    int r;
    begin(f->folder, NULL);
    assert_ok(sillok_backup_open(&it, f->store, to));
    while ((r = sillok_copy_next(it, &event)) > 0)
        ;
    assert_ok(r);
    const char *log = end(), *placed = strstr(log, "rename to backup\n");
    assert_non_null(placed);
    assert_true(placed - log >= 16);
    assert_memory_equal(placed - 16, "sync backup.new\n", 16);
    assert_string_equal(placed, "rename to backup\nsync .\n");
    sillok_copy_close(it);
    free(to);
}

/* --- the next file of a store --- */

/* Before the marker names a file, its name lasts; after it, that of the marker. */
static void the_next_file_lasts_before_the_marker(void **state)
{
    const struct support_fixture *f = *state;
    begin(f->folder, NULL);
    assert_int_equal(support_compact(f->store, 3), 0);
    const char *log = end(), *marker = strstr(log, "rename to store/format\n");
    static const char before[] = "sync store\nsync store/format.new\n";
    assert_non_null(marker);
    assert_null(strstr(marker + 1, "rename to"));
    assert_true((size_t)(marker - log) >= sizeof(before) - 1);
    assert_memory_equal(marker - (sizeof(before) - 1), before, sizeof(before) - 1);
    static const char *const order[] = { "sync store/data-1.mdb-seal", "sync store",
                                         "sync store/format.new",
                                         "rename to store/format", "sync store" };
    are_in_order(log, order, 5);
}

/* Who compacted it may have been killed between the rename of the marker and its sync. */
static void the_marker_lasts_before_a_commit(void **state)
{
    struct support_fixture *f = *state;
    static const char first[] = "sync store\n";
    for (int generation = 0; generation < 3; generation++) {
        support_open_again(f);
        begin(f->folder, NULL);
        assert_ok(f->store->ops->begin(f->store, "월요일"));
        const char *log = end();
        assert_string_equal(log, generation ? first : "");
        lmdb_of(f->store)->dirty = 1;
        assert_ok(f->store->ops->commit(f->store));
        assert_int_equal(support_compact(f->store, 3), 0);
    }
    support_open_again(f);
    begin(f->folder, "sync store");
    assert_int_equal(f->store->ops->begin(f->store, "월요일"), SILLOK_EIO);
    (void)end();
    assert_int_equal(lmdb_of(f->store)->lock_fd, -1);
    assert_ok(f->store->ops->begin(f->store, "월요일"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(fn) cmocka_unit_test_setup_teardown(fn, support_set_up, tear_down)
        T(a_new_store_is_whole_before_it_has_its_name),
        T(a_store_that_could_not_be_placed_is_not_there),
        T(a_backup_is_whole_before_it_has_its_name),
        T(the_next_file_lasts_before_the_marker),
        T(the_marker_lasts_before_a_commit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
